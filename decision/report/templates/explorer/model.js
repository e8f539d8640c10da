// The model in the page: its numbers, and what follows from them.

/** A model from the data that the page carries, its plans ready to run. */
function opened(data) {
  const nodes = new Map(data.nodes.map((node) => [node.name, node]));
  const withTable = data.nodes.filter((node) => node.table);
  const values = data.nodes.filter((node) => node.kind === "value");
  const cards = data.axes.map((name) => nodes.get(name).states.length);
  return {
    ...data, list: data.nodes, nodes, cards, values: values.map((node) => node.name),
    options: nodes.get(data.by).states,
    tables: new Map(withTable.map((node) => [node.name, Float64Array.from(node.table)])),
    weightOf: new Map(values.map((node) => [node.name, node.weight])),
    plans: Object.fromEntries(Object.entries(data.plans).map(([name, plan]) => [name, prepared(plan, cards)])),
    sets: new Map(data.sets.map(([kind, name, changes]) => [`${kind} ${name}`, changes])),
  };
}

function weightIn(model, weights, name) {
  if (model.weights !== "normalised") return weights.get(name);
  return weights.get(name) / [...weights.values()].reduce((sum, weight) => sum + weight, 0);
}

/** What an amount of a value node adds to the total. */
function points(model, weights, name, amount) {
  const { worst, best } = model.nodes.get(name);
  const scaled = worst === null || best === null ? amount : 100 * (amount - worst) / (best - worst);
  return weightIn(model, weights, name) * scaled;
}

/** Every value node's table in what it adds to the total. */
function utilities(model, { tables, weights }) {
  return new Map(model.values.map((name) => {
    const weight = weightIn(model, weights, name), { worst, best } = model.nodes.get(name);
    const plain = worst === null || best === null;
    return [name, tables.get(name).map((amount) =>
      weight * (plain ? amount : 100 * (amount - worst) / (best - worst)))];
  }));
}

function oneHot(size, chosen) {
  return Float64Array.from({ length: size }, (_, i) => (i === chosen ? 1 : 0));
}

/** The largest |total|, next to which a difference may be nothing (decision/solve/inputs.py). */
function scaleOf(model, worths) {
  let scale = 0.004 * (model.risk || 0);
  for (const table of worths.values()) scale += table.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  return scale;
}

/** Whether two totals tie (decision/solve/ties.py). */
function tied(a, b, scale) {
  return Math.abs(a - b) <= TIE * Math.max(Math.abs(a), Math.abs(b), FLOOR * scale);
}

/** The inputs of a plan, in its order. `set` has rules and options that are set, by decision. */
function given(model, plan, numbers, worths, set = new Map()) {
  return plan.inputs.map(([kind, name]) => {
    const own = numbers.tables.get(name), rule = set.get(name);
    switch (kind) {
      case "chance": return plan.logarithmic ? own.map(Math.log) : own;
      case "value": return plan.logarithmic ? worths.get(name).map((w) => w / -model.risk) : worths.get(name);
      case "amount": return own;
      case "open": return Float64Array.from(model.nodes.get(name).open);
      case "scale": return Float64Array.of(scaleOf(model, worths));
      case "tolerance": return Float64Array.of(model.risk);
      case "plain": return rule || own;
      case "support": return (rule || own).map((p) => (p > 0 ? 1 : 0));
      case "dead": return closedWhere(model.nodes.get(name), rule);
      default: return plan.logarithmic ? rule.map(Math.log) : rule;
    }
  });
}

/** 1 where the option that is set is closed. */
function closedWhere(node, rule) {
  const size = node.states.length;
  return Float64Array.from({ length: node.open.length / size }, (_, row) =>
    rule.reduce((sum, p, i) => sum + (1 - node.open[row * size + i]) * p, 0));
}

/** Every free decision's rule after a plan: a table of zeros and ones. */
function rulesOf(model, plan, tables) {
  const rules = new Map();
  for (const [decision, names, option] of plan.choices) {
    const size = model.nodes.get(decision).states.length;
    if (option === null) {
      rules.set(decision, oneHot(size, 0));
      continue;
    }
    const layout = names.map((name) => model.axes.indexOf(name));
    const places = operands(plan.scopes[option], layout, model.cards);
    const rule = new Float64Array(places.length * size);
    places.forEach((place, row) => { rule[row * size + tables[option][place]] = 1; });
    rules.set(decision, rule);
  }
  return rules;
}

/** What each branch is worth, and by which rules; worth is null where the option is closed. */
function branchesOf(model, numbers, worths) {
  if (model.way !== "search") return branchesThatForget(model, numbers, worths);
  return model.plans.best ? branchesTogether(model, numbers, worths) : branchesApart(model, numbers, worths);
}

/** All branches of a first decision that sees nothing: one run. */
function branchesTogether(model, numbers, worths) {
  const { plan } = model.plans.best;
  const tables = run(model.plans.best, given(model, plan, numbers, worths));
  const rules = rulesOf(model, plan, tables), value = tables[plan.value][0];
  const [, , , own] = plan.choices.find(([decision]) => decision === model.by);
  const each = own === null || plan.scopes[own].length === 0
    ? model.options.map(() => 0) : Array.from(tables[own]);
  const most = Math.max(...each);
  return model.options.map((option, i) => ({
    option, worth: value + each[i] - most,
    rules: new Map(rules).set(model.by, oneHot(model.options.length, i)),
  }));
}

/** Branches of any decision: a run for each, the option set. */
function branchesApart(model, numbers, worths) {
  const { plan } = model.plans.forced;
  return model.options.map((option, i) => {
    const set = new Map([[model.by, oneHot(model.options.length, i)]]);
    const tables = run(model.plans.forced, given(model, plan, numbers, worths, set));
    const dead = plan.dead.some((number) => tables[number][0] > 0);
    return {
      option, worth: dead ? null : tables[plan.value][0],
      rules: new Map([...rulesOf(model, plan, tables), ...set]),
    };
  });
}

/** The best strategy, where a decision that is set would know something: it is no branch. */
function freeStrategy(model, numbers, worths) {
  if (!model.free.length) return null;
  if (model.way !== "search") return freeThatForgets(model, numbers, worths);
  const { plan } = model.plans.free, tables = run(model.plans.free, given(model, plan, numbers, worths));
  return { option: null, worth: tables[plan.value][0], rules: rulesOf(model, plan, tables) };
}

/** Follow the rules of a branch: its amounts, chances, and how likely each situation is. */
function follow(model, prepared, looks, branch, numbers, worths) {
  const { plan } = prepared, { values, marginals } = model;
  const tables = run(prepared, given(model, plan, numbers, worths, branch.rules));
  const outputs = plan.outputs.map((output) => tables[output]), known = values.length + marginals.length;
  branch.values = new Map(values.map((name, i) => [name, outputs[i][0]]));
  branch.expected = values.reduce(
    (sum, name, i) => sum + points(model, numbers.weights, name, outputs[i][0]), 0);
  branch.chances = new Map(marginals.map((name, i) => [name, outputs[values.length + i]]));
  branch.situations = looks.map(([decision, names], i) => ({
    decision, names, table: outputs[known + i], scope: plan.scopes[plan.outputs[known + i]],
  }));
}

/** What follows from numbers: branches, the best of them, and the best strategy of all. */
function solved(model, numbers) {
  const worths = utilities(model, numbers), scale = scaleOf(model, worths);
  const branches = branchesOf(model, numbers, worths), free = freeStrategy(model, numbers, worths);
  const open = branches.filter((branch) => branch.worth !== null);
  for (const branch of open) follow(model, model.plans.follow, model.rules, branch, numbers, worths);
  if (free) follow(model, model.plans.whole, model.free, free, numbers, worths);
  const most = Math.max(...open.map((branch) => branch.worth));
  return { numbers, worths, scale, branches, free, most, best: open.filter((one) => tied(one.worth, most, scale)) };
}
