// The decision tree by numbers: one table over all that the last decision knows, rolled back.
//
// The plan gives for every path how likely it is and what it is worth in all, with every option
// open to the path (rules of ones). From the last level to the first, chance adds up and a
// decision takes its best open option. With an attitude to risk tables hold logarithms.

/** The tree of some numbers: for each level probability and worth of every path up to it. */
function unrolled(model, { numbers, worths, scale }) {
  const { plan } = model.plans.tree, log = plan.logarithmic;
  const ones = new Map(model.list.filter((node) => node.kind === "decision")
    .map((node) => [node.name, new Float64Array(node.states.length).fill(1)]));
  const tables = run(model.plans.tree, given(model, plan, numbers, worths, ones));
  const layout = model.levels.map((name) => model.axes.indexOf(name));
  const [p, t] = plan.outputs.map((output) => spread(tables[output], plan.scopes[output], layout, model.cards));
  const levels = [{ p, t }];
  for (let k = model.levels.length - 1; k >= 0; k--) {
    const node = model.nodes.get(model.levels[k]);
    const back = node.kind === "decision" ? decided(model, node, k, levels[0], scale, log)
      : averaged(node.states.length, levels[0], log);
    levels.unshift(back);
  }
  const worthAt = (k, i) => worthOnPath(model, levels[k], i, log);
  const likely = (k, i) => (log ? Math.exp(levels[k].p[i]) : levels[k].p[i]);
  return { levels, worthAt, likely };
}

function spread(table, scope, layout, cards) {
  return Float64Array.from(operands(scope, layout, cards), (place) => table[place]);
}

function worthOnPath(model, { p, t }, i, log) {
  if (log) return -model.risk * (t[i] - p[i]);
  return t[i] / p[i];
}

function averaged(size, after, log) {
  const cells = after.p.length / size, p = new Float64Array(cells), t = new Float64Array(cells);
  for (let i = 0; i < cells; i++) {
    if (log) {
      p[i] = added(after.p.subarray(i * size, (i + 1) * size));
      t[i] = added(after.t.subarray(i * size, (i + 1) * size));
      continue;
    }
    for (let j = i * size; j < (i + 1) * size; j++) {
      p[i] += after.p[j];
      t[i] += after.t[j];
    }
  }
  return { p, t };
}

/** A decision's level: of open options the best, the first of those that tie. */
function decided(model, node, k, after, scale, log) {
  const size = node.states.length, cells = after.p.length / size;
  const p = new Float64Array(cells), t = new Float64Array(cells), chosen = new Int32Array(cells).fill(-1);
  const open = openness(model, node, k);
  for (let i = 0; i < cells; i++) {
    const worths = node.states.map((_, j) => (open(i, j) && (log ? after.p[i * size + j] > -Infinity : after.p[i * size + j] > 0)
      ? worthOnPath(model, after, i * size + j, log) : -Infinity));
    const most = Math.max(...worths);
    p[i] = after.p[i * size];
    t[i] = after.t[i * size];
    if (most === -Infinity) continue; // the path cannot happen
    const j = worths.findIndex((worth) => worth > -Infinity && tied(worth, most, scale));
    chosen[i] = j;
    p[i] = after.p[i * size + j];
    t[i] = after.t[i * size + j];
  }
  return { p, t, chosen, open };
}

/** Whether an option is open on a path: what its guard looks at has come before. */
function openness(model, node, k) {
  if (!node.open) return () => true;
  const scope = node.guard.map((name) => model.axes.indexOf(name));
  const layout = model.levels.slice(0, k).map((name) => model.axes.indexOf(name));
  const places = operands(scope, layout, model.cards), size = node.states.length;
  return (i, j) => node.open[places[i] * size + j] > 0;
}
