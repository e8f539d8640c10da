// What later decisions do under one branch, and how likely each state is there.

const MOST_ROWS = 400;

/** The situations of a decision that can happen: what is known, what is chosen, how likely. */
function situationsOf(explorer, branch, number) {
  const { model } = explorer, [decision, names] = model.rules[number];
  const layout = names.map((name) => model.axes.indexOf(name));
  const likely = spread(branch.situations[number], branch.scopes[number], layout, model.cards);
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

/** Fill the table of each later decision that stands open. */
function showRules(explorer) {
  const { model, root } = explorer, branch = explorer.shown();
  model.rules.forEach(([decision, names], number) => {
    const details = [...root.querySelectorAll("[data-rules]")].find((one) => one.dataset.rules === decision);
    if (!details) return;
    const caption = model.nodes.get(decision).caption;
    worded(details.querySelector("summary"), branch
      ? `${caption}: what to do later under ${spoken(branch.option)}` : `${caption}: the option cannot be had`);
    if (details.open && branch) fillRules(explorer, details, branch, decision, names, number);
  });
}

function fillRules(explorer, details, branch, decision, names, number) {
  const { model, base } = explorer, before = branchOf(base, branch.option);
  const was = before ? situationsOf(explorer, before, number) : [];
  const options = model.nodes.get(decision).states;
  const seen = names.map((name, i) => [name, i]).filter(([name]) => name !== model.by);
  const rows = situationsOf(explorer, branch, number).filter((one) => one.p > 0);
  for (const one of rows) {
    const old = was[one.row];
    one.note = !old || old.p > 0 ? "" : "could not happen in the base";
    if (old && old.p > 0 && old.choose !== one.choose) one.note = `was ${spoken(options[old.choose])}`;
  }
  rows.sort((a, b) => (b.note !== "") - (a.note !== "") || a.row - b.row);
  const head = [...seen.map(([name]) => model.nodes.get(name).caption), "choose", "probability"];
  const table = details.querySelector("table");
  table.tHead.replaceChildren(made("tr", {}, ...head.map((text) => made("th", { scope: "col" }, text))));
  table.tBodies[0].replaceChildren(...rows.slice(0, MOST_ROWS).map((one) => {
    const states = statesOf(model, names, one.row);
    const note = one.note ? [made("small", {}, one.note)] : [];
    return made("tr", { class: one.note ? "explorer-moved" : null },
      ...seen.map(([, i]) => made("td", {}, spoken(states[i]))),
      made("td", {}, spoken(options[one.choose]), ...note), made("td", {}, percentage(one.p)));
  }));
  const left = rows.length - MOST_ROWS;
  if (left > 0) {
    table.tBodies[0].append(made("tr", {}, made("td", { colspan: head.length }, `and ${left} more situations`)));
  }
}

/** Bars of every node's probabilities under the branch shown, with the base's tick. */
function showBars(explorer) {
  const details = explorer.part("chances"), place = explorer.part("bars");
  if (!details || !details.open) return;
  const branch = explorer.shown();
  if (!branch) return place.replaceChildren();
  const before = branchOf(explorer.base, branch.option);
  place.replaceChildren(
    made("p", { class: "explorer-note" }, `Under ${spoken(branch.option)}; the tick is the base.`),
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
