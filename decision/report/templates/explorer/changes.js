// What changes make of the numbers: decision/model/changes.py once more.
//
// The other states of a row keep their proportions; those that were all 0 share equally. All
// changes are made or none is.

const CLIP = 1e-12, BEYOND = 1e300;

/** The node a change is about, if it is of the right kind. */
function nodeOf(model, change, kind) {
  const node = model.nodes.get(change.node), wanted = kind === "chance" ? "a chance node" : "a value node";
  if (node && node.kind === kind) return node;
  if (node && node.kind === "decision" && kind === "chance") {
    throw new Refusal(`${quoted(change.node)} is a decision: it is chosen, not changed`, "change a chance node");
  }
  if (node && kind === "chance") {
    throw new Refusal(`${quoted(change.node)} is a value node and has no probability`,
      `change V(${change.node} | …) or weight(${change.node})`);
  }
  const known = model.list.filter((one) => one.kind === kind).map((one) => one.name);
  throw new Refusal(`${quoted(change.node)} is not the name of ${wanted}`, `there are ${known.join(", ")}`);
}

/** Which rows of a node's table some conditions match, by number. */
function selected(model, node, conditions) {
  const wanted = new Map();
  for (const { name, states } of conditions) {
    if (!node.given.includes(name)) {
      const parents = node.given.length ? `its parents are ${node.given.join(", ")}` : `${node.name} has no parents`;
      throw new Refusal(`${quoted(name)} is no parent of ${node.name}`, parents);
    }
    if (wanted.has(name)) {
      throw new Refusal(`${quoted(name)} is named twice`, "name it once; write a|b for either state");
    }
    const known = model.nodes.get(name).states;
    wanted.set(name, [...new Set(states.map((state) => stateOf(name, known, state)))]);
  }
  let rows = [0];
  for (const parent of node.given) {
    const size = model.nodes.get(parent).states.length;
    const picked = wanted.get(parent) || [...Array(size).keys()];
    rows = rows.flatMap((row) => picked.map((state) => row * size + state));
  }
  return rows;
}

function stateOf(name, known, state) {
  const place = known.indexOf(state);
  if (place < 0) throw new Refusal(`${name} has no state ${quoted(state)}`, `its states are ${known.join(", ")}`);
  return place;
}

function operated({ operator, kind, number }, before) {
  if (operator === "=") return number;
  if (kind === "odds") return before * number / (1 - before + before * number);
  if (operator === "*=") return before * number;
  return operator === "+=" ? before + number : before - number;
}

/** A row of probabilities with one state set, the others in proportion. */
function covaried(row, state, after) {
  let total = 0;
  row.forEach((p, i) => { if (i !== state) total += p; });
  const share = total ? (p) => p / total : () => 1 / (row.length - 1);
  return row.map((p, i) => (i === state ? after : share(p) * (1 - after)));
}

function changeProbability(model, change, numbers) {
  const node = nodeOf(model, change, "chance"), size = node.states.length;
  const state = stateOf(node.name, node.states, change.state);
  if (size === 1) throw new Refusal(`${node.name} has a single state, whose probability is 1`, "leave it out");
  if (change.kind === "odds" && !(change.number > 0)) {
    throw new Refusal(`${quoted(change.text)} multiplies odds by ${change.number}`, "use a number above 0");
  }
  const before = numbers.tables.get(node.name), table = Float64Array.from(before);
  for (const row of selected(model, node, change.conditions)) {
    const cells = Array.from(table.subarray(row * size, (row + 1) * size));
    let after = operated(change, cells[state]);
    if (!(after >= -CLIP && after <= 1 + CLIP)) {
      throw new Refusal(`${quoted(change.text)} makes a probability ${figures(after)}, outside 0 to 1`,
        "use a number that stays inside, or odds(…) *= k, which always does");
    }
    after = Math.min(Math.max(after, 0), 1);
    if (after !== cells[state]) table.set(covaried(cells, state, after), row * size);
  }
  if (model.guarded && table.some((p, i) => p > 0 && !(model.tables.get(node.name)[i] > 0))) {
    throw new Refusal(`${quoted(change.text)} makes possible what the base holds impossible, where perhaps no option is open`,
      "keep what is impossible at 0 here, or ask with decision solve --set, which looks");
  }
  numbers.tables.set(node.name, table);
}

/** Whether weighted amounts are too large for their total to be a number. */
function refuseOverflow(node, table, weight, change) {
  let largest = table.reduce((most, amount) => Math.max(most, Math.abs(amount)), 0);
  if (node.worst !== null && node.best !== null) {
    largest = 100 * (largest + Math.abs(node.worst)) / Math.abs(node.best - node.worst);
  }
  if (!(Math.max(largest, largest * weight) < BEYOND) || table.some(Number.isNaN)) {
    throw new Refusal(`${quoted(change.text)} makes amounts of ${node.name} beyond 1e300`, "use a smaller number");
  }
}

function changeValue(model, change, numbers) {
  const node = nodeOf(model, change, "value");
  const table = Float64Array.from(numbers.tables.get(node.name));
  for (const row of selected(model, node, change.conditions)) table[row] = operated(change, table[row]);
  refuseOverflow(node, table, numbers.weights.get(node.name), change);
  numbers.tables.set(node.name, table);
}

function changeWeight(model, change, numbers) {
  const node = nodeOf(model, change, "value");
  const weight = operated(change, numbers.weights.get(node.name));
  if (!(weight >= 0 && Number.isFinite(weight))) {
    throw new Refusal(`${quoted(change.text)} makes the weight of ${node.name} ${figures(weight)}`,
      "keep it at 0 or above and finite");
  }
  refuseOverflow(node, numbers.tables.get(node.name), weight, change);
  numbers.weights.set(node.name, weight);
  if (model.weights === "normalised" && ![...numbers.weights.values()].some((other) => other > 0)) {
    throw new Refusal(`${quoted(change.text)} makes all weights 0`, "keep one above 0");
  }
}

/** The numbers of a model with changes made in order; all of them, or a Refusal is thrown. */
function changed(model, texts) {
  const numbers = { tables: new Map(model.tables), weights: new Map(model.weightOf) };
  for (const text of texts) {
    const change = parsed(text);
    if (change.kind === "weight") changeWeight(model, change, numbers);
    else if (change.kind === "V") changeValue(model, change, numbers);
    else changeProbability(model, change, numbers);
  }
  return numbers;
}
