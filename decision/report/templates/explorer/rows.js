// The changes made, a row each: a slider with the base and the break-evens on its track, a number
// field, and a button that takes the change back. A row stays where it is while its number moves,
// so that focus and a drag survive.

class Rows {
  constructor(explorer) {
    this.explorer = explorer;
    this.element = made("ul", { class: "explorer-rows", "aria-label": "Changes made" });
    this.rows = [];
    this.signature = "";
  }

  show() {
    const changes = this.explorer.state.changes.map(parsed);
    const signature = JSON.stringify(changes.map(({ left, operator }) => [left, operator]));
    if (signature !== this.signature) {
      this.signature = signature;
      this.rows = changes.map((change, index) => this.row(change, index));
      this.element.replaceChildren(...this.rows.map((row) => row.element));
    }
    changes.forEach((change, index) => this.rows[index].write(change.number));
  }

  row(change, index) {
    const { left, operator } = change, { explorer } = this;
    const input = operator === "=" ? explorer.inputs.get(left) : undefined;
    const base = operator === "=" ? explorer.numberAt(left, explorer.base.numbers) : null;
    const field = made("input", {
      type: "number", step: "any", "aria-label": `${left} ${operator}`,
      onchange: () => this.move(index, field.value, field),
      onkeydown: (event) => {
        if (event.key === "Enter") { // in a cell of JupyterLab no change follows it by itself
          event.preventDefault();
          this.move(index, field.value, field);
        }
      },
    });
    const slider = input || operator === "=" ? this.slider(change, base, input, index) : null;
    const back = button("×", () => this.drop(index), { "aria-label": `Take back ${left}`, title: "Take back" });
    const notes = [];
    if (base !== null) notes.push(`base ${figures(base, 6)}`);
    if (input && input.kinds.length) notes.push(input.kinds.join(", "));
    if (input && input.breaks.length) notes.push(`alone it turns the advice at ${input.breaks.map((x) => figures(x, 4)).join(", ")}`);
    const element = made("li", {}, made("code", {}, left), slider ? slider.track : made("span", {}, operator),
      field, back, made("small", {}, notes.join(" · ")));
    const write = (number) => {
      if (document.activeElement !== field || Number(field.value) !== number) field.value = typed(number);
      if (slider) slider.write(number);
    };
    return { element, write, back };
  }

  /** A slider over the input's range, its marks with it. */
  slider(change, base, input, index) {
    const [low, high] = rangeOf(this.explorer.model, change, base, input);
    const at = (x) => (high > low ? (x - low) / (high - low) : 0);
    let moving = false;
    const digits = Math.max(0, Math.min(12, 3 - Math.floor(Math.log10(high - low || 1))));
    const slider = made("input", {
      type: "range", min: low, max: high, step: "any",
      "aria-label": `${change.left}, from ${figures(low)} to ${figures(high)}`,
      oninput: () => {
        const number = Math.min(Math.max(Number(Number(slider.value).toFixed(digits)), low), high);
        if (this.explorer.move(index, number, !moving)) moving = true;
      },
      onchange: () => { moving = false; },
      onkeydown: (event) => this.step(event, index, low, high),
    });
    const track = made("span", { class: "explorer-slider" }, slider);
    const mark = (x, kind, title) => {
      if (x >= low && x <= high) track.append(placed(made("span", { class: `explorer-mark ${kind}`, title }), at(x)));
    };
    if (base !== null) mark(base, "explorer-base", `base: ${figures(base, 6)}`);
    for (const x of input ? input.breaks : []) mark(x, "explorer-break", `alone it turns the advice at ${figures(x, 4)}`);
    const write = (number) => {
      slider.value = String(number);
      const told = base === null ? "" : `; base ${figures(base, 4)}`;
      const turns = input && input.breaks.length ? `; turns the advice at ${input.breaks.map((x) => figures(x)).join(", ")}` : "";
      slider.setAttribute("aria-valuetext", `${figures(number, 4)}${told}${turns}`);
    };
    return { track, write };
  }

  /** Arrow keys go a hundredth of the range, with the page keys a tenth. */
  step(event, index, low, high) {
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (!steps) return;
    event.preventDefault();
    const { number } = parsed(this.explorer.state.changes[index]);
    const next = Math.min(Math.max(number + steps * (high - low) / 100, low), high);
    this.explorer.move(index, Number(next.toPrecision(8)));
  }

  move(index, text, field) {
    const number = text === "" ? NaN : Number(text);
    const { number: before } = parsed(this.explorer.state.changes[index]);
    if (number === before) return;
    if (!Number.isFinite(number)) {
      this.explorer.refuse("that is no number; write one like 0.25.");
    } else if (this.explorer.move(index, number)) {
      return;
    }
    field.value = typed(before);
  }

  drop(index) {
    const { explorer } = this;
    explorer.take({ ...explorer.state, changes: explorer.state.changes.filter((_, i) => i !== index) });
    const next = this.rows[Math.min(index, this.rows.length - 1)];
    if (next) next.back.focus();
    else explorer.search.field.focus();
  }
}

/** From where to where an input's slider goes: its range, or what is sensible without one. */
function rangeOf(model, change, base, input) {
  const own = [base ?? change.number, change.number];
  const node = model.nodes.get(change.node);
  let ends;
  if (input && input.low !== null && input.high !== null) ends = [input.low, input.high];
  else if (change.kind === "P") ends = [0, 1];
  else if (change.kind === "V" && node.worst !== null && node.best !== null) ends = [node.worst, node.best];
  else ends = [0, 2 * (own[0] || 1)];
  const low = Math.min(...ends, ...own), high = Math.max(...ends, ...own);
  return low < high ? [low, high] : [low, low + 1];
}
