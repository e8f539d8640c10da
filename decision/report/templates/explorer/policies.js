// Decisions that forget: rules are chosen together, not one after another.
//
// Where the combinations are few they are all followed; of those that tie the first in the order
// of decisions, situations and options is taken, as decision/solve/limited.py does.

/** Branches of a model with limited memory. */
function branchesThatForget(model, numbers, worths) {
  return model.options.map((option, i) => {
    const set = oneHot(model.options.length, i);
    if (model.way === "follow") return { option, ...asBefore(model, "worth", model.policies[i], numbers, worths) };
    return { option, ...bestRules(model, "worth", model.rules, new Map([[model.by, set]]), numbers, worths) };
  });
}

/** The best rules with no option set. */
function freeThatForgets(model, numbers, worths) {
  const found = model.way === "follow"
    ? asBefore(model, "worthFree", model.policies.at(-1), numbers, worths)
    : bestRules(model, "worthFree", model.free, new Map(), numbers, worths);
  return { option: null, ...found };
}

function worthOf(model, name, rules, numbers, worths) {
  const { plan } = model.plans[name];
  return run(model.plans[name], given(model, plan, numbers, worths, rules))[plan.outputs[0]][0];
}

/** Rules of the base, followed with other numbers. */
function asBefore(model, name, policy, numbers, worths) {
  if (!policy) return { worth: null };
  const rules = new Map(Object.entries(policy).map(([decision, rule]) => [decision, Float64Array.from(rule)]));
  return { rules, worth: worthOf(model, name, rules, numbers, worths) };
}

/** The best rules of some decisions, options of others set. */
function bestRules(model, name, looks, set, numbers, worths) {
  const rules = new Map(set), situations = [];
  for (const [decision, names] of looks) {
    const node = model.nodes.get(decision);
    const number = cellsOf(names.map((other) => model.axes.indexOf(other)), model.cards);
    rules.set(decision, new Float64Array(number * node.states.length));
    for (let row = 0; row < number; row++) situations.push({ node, row, chosen: 0 });
  }
  for (const one of situations) mark(rules, one, 1);
  const scale = scaleOf(model, worths), tried = [];
  do {
    tried.push({ worth: worthOf(model, name, rules, numbers, worths), chosen: situations.map((one) => one.chosen) });
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
