// Decisions that forget: rules are chosen together, not one after another.
//
// Where the combinations are few they are all followed; of those that tie the first in the order
// of decisions, situations and options is taken, as decision/solve/limited.py does.

/** Branches of a model with limited memory. */
function branchesThatForget(model, numbers, worths) {
  if (model.way === "follow") return branchesAsBefore(model, numbers, worths);
  return model.options.map((option, i) => {
    const best = bestRules(model, numbers, worths, oneHot(model.options.length, i));
    return { option, ...best };
  });
}

function worthOf(model, numbers, worths, rules) {
  const { plan } = model.plans.worth;
  return run(model.plans.worth, given(model, plan, numbers, worths, rules))[plan.outputs[0]][0];
}

/** The rules of the base, followed with other numbers. */
function branchesAsBefore(model, numbers, worths) {
  return model.options.map((option, i) => {
    const policy = model.policies[i];
    if (!policy) return { option, worth: null };
    const rules = new Map(Object.entries(policy).map(([name, rule]) => [name, Float64Array.from(rule)]));
    return { option, rules, worth: worthOf(model, numbers, worths, rules) };
  });
}

/** The best rules of the other decisions with the option of one set. */
function bestRules(model, numbers, worths, set) {
  const others = model.list.filter((node) => node.kind === "decision" && node.name !== model.by);
  const situations = others.flatMap((node) => {
    const number = cellsOf(node.given.map((name) => model.axes.indexOf(name)), model.cards);
    return Array.from({ length: number }, (_, row) => ({ node, row, chosen: 0 }));
  });
  const rules = new Map(others.map((node) => [node.name, new Float64Array(
    node.states.length * situations.filter((one) => one.node === node).length)]));
  rules.set(model.by, set);
  for (const one of situations) mark(rules, one, 1);
  const scale = scaleOf(model, worths), tried = [];
  do {
    tried.push({ worth: worthOf(model, numbers, worths, rules), chosen: situations.map((one) => one.chosen) });
  } while (advance(rules, situations));
  const most = tried.reduce((top, one) => Math.max(top, one.worth), -Infinity);
  const found = tried.find((one) => tied(one.worth, most, scale));
  situations.forEach((one, i) => {
    mark(rules, one, 0);
    one.chosen = found.chosen[i];
    mark(rules, one, 1);
  });
  return { worth: found.worth, rules };
}

function mark(rules, { node, row, chosen }, number) {
  rules.get(node.name)[row * node.states.length + chosen] = number;
}

/** The next combination, the last situation fastest; false after the last. */
function advance(rules, situations) {
  for (let i = situations.length - 1; i >= 0; i--) {
    const one = situations[i];
    mark(rules, one, 0);
    one.chosen = (one.chosen + 1) % one.node.states.length;
    mark(rules, one, 1);
    if (one.chosen) return true;
  }
  return false;
}
