// What later decisions do under one branch, and how likely each state is there.

const MOST_ROWS = 400;

/** The situations of a decision that can happen: what is chosen, how likely. */
function situationsOf(model, branch, decision) {
  const { names, table, scope } = branch.situations.find((one) => one.decision === decision);
  const likely = spread(table, scope, names.map((name) => model.axes.indexOf(name)), model.cards);
  const rule = branch.rules.get(decision), size = model.nodes.get(decision).states.length;
  return Array.from(likely, (p, row) => ({
    row, p, choose: rule.subarray(row * size, (row + 1) * size).indexOf(1),
  }));
}

/** The states of a situation by its number. */
function statesOf(model, names, row) {
  const found = [];
  for (const name of [...names].reverse()) {
    const { states } = model.nodes.get(name);
    found.unshift(states[row % states.length]);
    row = Math.floor(row / states.length);
  }
  return found;
}

/** What a branch is called. */
function calledOf(branch) {
  return branch.option === null ? "the best strategy" : spoken(branch.option);
}

/** The same branch in the base. */
function beforeOf(explorer, branch) {
  return branch.option === null ? explorer.base.free : branchOf(explorer.base, branch.option);
}

/** Fill the table of each decision that stands open. */
function showRules(explorer) {
  const { model, root } = explorer, branch = explorer.shown();
  for (const details of root.querySelectorAll("[data-rules]")) {
    const decision = details.dataset.rules, { caption } = model.nodes.get(decision);
    const found = branch && branch.situations.find((one) => one.decision === decision);
    worded(details.querySelector("summary"), !branch ? `${caption}: the option cannot be had`
      : found ? `${caption}: what to do under ${calledOf(branch)}` : `${caption}: ${calledOf(branch)}, whatever is known`);
    details.querySelector("table").hidden = !found;
    if (details.open && found) fillRules(explorer, details, branch, found);
  }
}

function fillRules(explorer, details, branch, { decision, names }) {
  const { model } = explorer, before = beforeOf(explorer, branch);
  const was = before ? situationsOf(model, before, decision) : [];
  const options = model.nodes.get(decision).states;
  const seen = names.map((name, i) => [name, i]).filter(([name]) => branch.option === null || name !== model.by);
  const rows = situationsOf(model, branch, decision).filter((one) => one.p > 0);
  for (const one of rows) {
    const old = was[one.row];
    one.note = !old || old.p > 0 ? "" : "could not happen in the base";
    if (old && old.p > 0 && old.choose !== one.choose) one.note = `was ${spoken(options[old.choose])}`;
  }
  rows.sort((a, b) => (b.note !== "") - (a.note !== "") || a.row - b.row);
  const head = [...seen.map(([name]) => model.nodes.get(name).caption), "choose", "probability"];
  const table = details.querySelector("table");
  table.tHead.replaceChildren(made("tr", {}, ...head.map((text) => made("th", { scope: "col" }, text))));
  const lines = rows.slice(0, MOST_ROWS).map((one) => {
    const states = statesOf(model, names, one.row);
    return lineOf(explorer, `${decision} ${branch.option} ${one.row}`, seen.map(([, i]) => spoken(states[i])),
      spoken(options[one.choose]), one);
  });
  const left = rows.length - MOST_ROWS;
  if (left > 0) lines.push(made("tr", {}, made("td", { colspan: head.length }, `and ${left} more situations`)));
  const body = table.tBodies[0];
  if (lines.length !== body.rows.length || lines.some((line, i) => line !== body.rows[i])) body.replaceChildren(...lines);
}

/** A row of a strategy table: made once, then only written anew, which spares a layout. */
function lineOf(explorer, key, states, choose, { note, p }) {
  let line = explorer.lines.get(key);
  if (!line) {
    line = { choose: made("span"), note: made("small"), p: made("td") };
    line.row = made("tr", {}, ...states.map((state) => made("td", {}, state)), made("td", {}, line.choose, line.note), line.p);
    explorer.lines.set(key, line);
  }
  line.row.classList.toggle("explorer-moved", note !== "");
  line.note.hidden = note === "";
  worded(line.choose, choose);
  worded(line.note, note);
  worded(line.p, percentage(p));
  return line.row;
}

/** Bars of every node's probabilities under the branch shown, with the base's tick. */
function showBars(explorer) {
  const details = explorer.part("chances"), place = explorer.part("bars");
  if (!details || !details.open) return;
  const branch = explorer.shown();
  if (!branch) return place.replaceChildren();
  const before = beforeOf(explorer, branch);
  place.replaceChildren(
    made("p", { class: "explorer-note" }, `Under ${calledOf(branch)}; the tick is the base.`),
    made("div", { class: "explorer-bars" }, ...explorer.model.marginals.map((name) => {
      const node = explorer.model.nodes.get(name), chances = branch.chances.get(name);
      return made("div", { class: "explorer-node" }, made("strong", {}, node.caption), ...node.states.map((state, i) => {
        const bar = placed(made("span", { class: "explorer-fill" }), 0, chances[i]);
        const track = made("span", { class: "explorer-bar" }, bar);
        if (before) track.append(placed(made("span", { class: "explorer-tick" }), before.chances.get(name)[i]));
        return made("div", { class: "explorer-state" }, made("span", {}, spoken(state)), track,
          made("span", { class: "explorer-number" }, percentage(chances[i])));
      }));
    })));
}
