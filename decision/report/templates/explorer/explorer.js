// One explorer of the page: its state, what a reader does to it, and what is shown then.

const NOTHING = { sets: [], changes: [] };

class Explorer {
  constructor(root, number) {
    this.root = root;
    this.data = JSON.parse(root.querySelector("script[type='application/json']").textContent);
    root.dataset.live = this.data.way;
    if (this.data.way === "still") return; // the markup says why
    this.part("asleep").remove();
    this.model = opened(this.data);
    this.inputs = new Map(this.data.inputs.map(([name, low, high, kinds, breaks]) => [name, { low, high, kinds, breaks }]));
    this.reference = this.data.reference;
    this.view = "";
    this.past = [];
    this.state = NOTHING;
    this.texts = (state = this.state) => [
      ...state.sets.flatMap(([kind, name]) => this.model.sets.get(`${kind} ${name}`)), ...state.changes];
    this.base = this.answer(NOTHING);
    this.cells = cellsOfPage(this);
    this.lines = new Map();
    const id = `explorer-${number}`;
    this.search = new Search(this, id);
    this.rows = new Rows(this);
    this.controls = new Controls(this, id);
    this.chart = new Chart(this, this.part("chart"));
    this.tree = new Branching(this, this.part("tree"));
    for (const details of root.querySelectorAll("details[data-rules], details[data-part='chances']")) {
      details.addEventListener("toggle", () => { showRules(this); showBars(this); });
    }
    this.take(this.data.start, false);
    if (this.data.alone && document.querySelectorAll(".explorer").length === 1) {
      this.restore(true);
      this.addressed = true; // from here on the address follows the state
      window.addEventListener("hashchange", () => this.restore(false));
    }
  }

  part(name) {
    return this.root.querySelector(`[data-part="${name}"]`);
  }

  answer(state) {
    return solved(this.model, changed(this.model, this.texts(state)));
  }

  /** What is shown in detail: the branch looked at, else the best strategy. */
  shown() {
    return this.view ? branchOf(this.now, this.view) : this.now.free || this.now.best[0] || null;
  }

  /** Take a new state if it is legal; say why not otherwise, and leave all as it is. */
  take(state, remember = true) {
    let now;
    try {
      now = this.answer(state);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.refuse(`${error.message}.`);
      return false;
    }
    if (remember) this.past.push(this.state);
    this.state = state;
    this.now = now;
    this.search.say("");
    this.show();
    return true;
  }

  refuse(text) {
    this.search.say(`Nothing is changed: ${text}`);
  }

  show() {
    worded(this.part("answer"), sentence(this));
    showCells(this);
    this.rows.show();
    this.controls.show();
    this.chart.show();
    showRules(this);
    showBars(this);
    this.tree.show();
    this.remember();
  }

  // -- what a reader does -----------------------------------------------------------------

  /** Add a change, or an input as it is now, to be moved. */
  add(text) {
    const known = this.inputs.has(text);
    const change = known ? `${text} = ${typed(this.numberAt(text, this.now.numbers))}` : text;
    const others = known ? this.state.changes.filter((other) => {
      const { left, operator } = parsed(other);
      return left !== text || operator !== "=";
    }) : this.state.changes;
    if (!this.take({ ...this.state, changes: [...others, change] })) return;
    this.search.accepted();
    const row = this.rows.rows.at(-1).element;
    (row.querySelector("input[type=range]") || row.querySelector("input")).focus();
  }

  /** A number of the model: that of the first entry that a left side means. */
  numberAt(left, { tables, weights }) {
    const change = parsed(`${left} = 1`), node = this.model.nodes.get(change.node);
    if (change.kind === "weight") return weights.get(change.node);
    const [row] = selected(this.model, node, change.conditions);
    if (change.kind === "V") return tables.get(node.name)[row];
    return tables.get(node.name)[row * node.states.length + node.states.indexOf(change.state)];
  }

  /** Give the number of a change another value. */
  move(index, number, remember = true) {
    const changes = [...this.state.changes], { left, operator } = parsed(changes[index]);
    changes[index] = `${left} ${operator} ${typed(number)}`;
    return this.take({ ...this.state, changes }, remember);
  }

  /** Set a perspective or scenario in place of the last of its kind, or take it back. */
  toggle(kind, name) {
    const on = this.state.sets.some(([k, n]) => k === kind && n === name);
    const others = this.state.sets.filter(([k]) => k !== kind);
    const sets = on ? others : [...others, [kind, name]];
    sets.sort(([a], [b]) => a.localeCompare(b)); // perspectives first, as the command line has it
    this.take({ ...this.state, sets });
  }

  undo() {
    const before = this.past.pop();
    if (before) this.take(before, false);
  }

  reset() {
    if (this.texts().length) this.take(NOTHING);
  }

  copy() {
    const text = commandOf(this.state);
    worded(this.controls.copied, text || "Nothing is changed.");
    if (text && navigator.clipboard) navigator.clipboard.writeText(text).catch(() => {}); // it stands there to be copied
  }

  compare(option) {
    this.reference = option;
    this.show();
  }

  look(option) {
    this.view = option;
    this.show();
  }

  // -- the address ------------------------------------------------------------------------

  restore(first) {
    let state;
    try {
      state = stateAt(location.hash, this.model);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.refuse(`${error.message}.`);
      return;
    }
    if (!state || fragmentOf(state) === fragmentOf(this.state)) return;
    if (this.take(state, !first) && first) this.root.scrollIntoView();
  }

  /** Write the state into the address, a moment later: a browser takes it ill during a drag. */
  remember() {
    if (!this.addressed || this.writing) return;
    this.writing = setTimeout(() => {
      this.writing = 0;
      const ours = location.hash.startsWith(MARK), started = fragmentOf(this.state) === fragmentOf(this.data.start);
      if (started ? !ours : location.hash === fragmentOf(this.state)) return;
      try {
        history.replaceState(null, "", started ? location.pathname + location.search : fragmentOf(this.state));
      } catch { /* a frame without an address of its own */ }
    }, 250);
  }
}

/** A number that no explorer of the page has, though cells of a notebook come and go. */
function freeNumber() {
  let number = 1;
  while (document.getElementById(`explorer-${number}-search`)) number += 1;
  return number;
}

for (const root of document.querySelectorAll(".explorer:not([data-live])")) {
  root.explorer = new Explorer(root, freeNumber());
}
