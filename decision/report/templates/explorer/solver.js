// A plan run in the page: the steps that decision/solve compiled, table by table.
//
// A plan comes as data: axes by number, tables by number, steps in order. Each step's operands
// are listed once, cell by cell; running is then multiplying and adding along those lists. What
// each operation means is said in decision/solve/steps.py; numbers agree with Python's to
// rounding, since only the order of additions may differ.

const TIE = 1e-9, FLOOR = 1e-3; // as in decision/solve/ties.py
const LOGARITHMIC = { product: "logarithms", ratio: "equivalent" };

function cellsOf(axes, cards) {
  return axes.reduce((product, axis) => product * cards[axis], 1);
}

/** Where a table over `scope` is read for every cell of a table over `layout`. */
function operands(scope, layout, cards) {
  const strides = new Map();
  let stride = 1;
  for (let i = scope.length - 1; i >= 0; i--) {
    strides.set(scope[i], stride);
    stride *= cards[scope[i]];
  }
  let found = Uint32Array.of(0);
  for (const axis of layout) {
    const step = strides.get(axis) || 0, number = cards[axis];
    const wider = new Uint32Array(found.length * number);
    for (let i = 0, k = 0; i < found.length; i++) {
      for (let j = 0; j < number; j++) wider[k++] = found[i] + j * step;
    }
    found = wider;
  }
  return found;
}

/** A plan with its operands listed, to be run many times. */
function prepared(plan, cards) {
  const steps = plan.steps.map(([kind, inputs, output, summed, logarithmic]) => {
    const scope = plan.scopes[output];
    // The terms of a sum stand together; the options of a choice, one after another.
    const layout = [...scope, ...summed];
    return {
      kind: logarithmic ? LOGARITHMIC[kind] || kind : kind,
      inputs, output, terms: cellsOf(summed, cards), cells: cellsOf(scope, cards),
      lists: inputs.map((number) => operands(plan.scopes[number], layout, cards)),
    };
  });
  return { plan, steps };
}

function added(terms) { // log of a sum of exponentials
  const top = Math.max(...terms);
  if (!Number.isFinite(top)) return top;
  let sum = 0;
  for (const term of terms) sum += Math.exp(term - top);
  return top + Math.log(sum);
}

const OPERATIONS = {
  product(step, tables, out) {
    const { lists, terms, cells } = step, [a, b] = tables;
    const [x, y] = lists;
    if (tables.length === 1) {
      for (let i = 0, k = 0; i < cells; i++) {
        let sum = 0;
        for (let j = 0; j < terms; j++, k++) sum += a[x[k]];
        out[i] = sum;
      }
    } else if (tables.length === 2) {
      for (let i = 0, k = 0; i < cells; i++) {
        let sum = 0;
        for (let j = 0; j < terms; j++, k++) sum += a[x[k]] * b[y[k]];
        out[i] = sum;
      }
    } else {
      for (let i = 0, k = 0; i < cells; i++) {
        let sum = 0;
        for (let j = 0; j < terms; j++, k++) {
          let product = a[x[k]];
          for (let n = 1; n < tables.length; n++) product *= tables[n][lists[n][k]];
          sum += product;
        }
        out[i] = sum;
      }
    }
  },
  logarithms(step, tables, out) {
    const { lists, terms, cells } = step, parts = new Float64Array(terms);
    for (let i = 0, k = 0; i < cells; i++) {
      for (let j = 0; j < terms; j++, k++) {
        parts[j] = 0;
        for (let n = 0; n < tables.length; n++) parts[j] += tables[n][lists[n][k]];
      }
      out[i] = added(parts);
    }
  },
  total(step, tables, out) {
    for (let i = 0; i < step.cells; i++) {
      let sum = 0;
      for (let n = 0; n < tables.length; n++) sum += tables[n][step.lists[n][i]];
      out[i] = sum;
    }
  },
  ratio(step, [a, b], out) {
    const [x, y] = step.lists;
    for (let i = 0; i < step.cells; i++) {
      const below = b[y[i]];
      out[i] = below === 0 ? 0 : a[x[i]] / below;
    }
  },
  equivalent(step, tables, out) {
    const last = tables.length - 1;
    for (let i = 0; i < step.cells; i++) {
      let above = tables[0][step.lists[0][i]];
      if (last === 2) {
        const chance = tables[1][step.lists[1][i]];
        above = Number.isFinite(chance) ? above - chance : 0;
      }
      out[i] = Number.isFinite(above) ? -tables[last][step.lists[last][i]] * above : 0;
    }
  },
  back(step, [a, b], out) {
    const [x, y] = step.lists;
    for (let i = 0; i < step.cells; i++) out[i] = a[x[i]] / -b[y[i]];
  },
  allowed(step, tables, out) {
    for (let i = 0; i < step.cells; i++) {
      let open = tables[0][step.lists[0][i]] > 0;
      for (let n = 1; n < tables.length; n++) open = open && tables[n][step.lists[n][i]] === 0;
      out[i] = open ? 1 : 0;
    }
  },
  avoiding(step, tables, out) {
    for (let i = 0; i < step.cells; i++) {
      out[i] = tables.every((table, n) => table[step.lists[n][i]] === 0) ? 1 : 0;
    }
  },
  stuck(step, [a], out) {
    const { lists: [x], terms } = step;
    for (let i = 0, k = 0; i < step.cells; i++) {
      let most = 0;
      for (let j = 0; j < terms; j++, k++) most = Math.max(most, a[x[k]]);
      out[i] = 1 - most;
    }
  },
  best(step, [a, open], out) {
    const { lists: [x, z], terms } = step;
    for (let i = 0, k = 0; i < step.cells; i++) {
      let most = -Infinity;
      for (let j = 0; j < terms; j++, k++) {
        if ((!open || open[z[k]] > 0) && a[x[k]] > most) most = a[x[k]];
      }
      out[i] = Number.isFinite(most) ? most : 0;
    }
  },
  choice(step, [a, best, scale, open], out) {
    const { lists: [x, y, , z], terms } = step;
    for (let i = 0, k = 0; i < step.cells; i++) {
      const most = best[y[k]], bound = TIE * Math.max(Math.abs(most), FLOOR * scale[0]);
      let found = 0;
      for (let j = terms - 1; j >= 0; j--) {
        if ((!open || open[z[k + j]] > 0) && most - a[x[k + j]] <= bound) found = j;
      }
      out[i] = found;
      k += terms;
    }
  },
  first(step, [a], out) {
    const { lists: [x], terms } = step;
    for (let i = 0, k = 0; i < step.cells; i++) {
      let found = 0;
      for (let j = terms - 1; j >= 0; j--) if (a[x[k + j]] > 0) found = j;
      out[i] = found;
      k += terms;
    }
  },
  one(step, tables, out) {
    out[0] = 1;
  },
};

/** Every table of a plan, its inputs given in order. */
function run({ steps }, given) {
  const tables = [...given];
  for (const step of steps) {
    const out = new Float64Array(step.cells);
    OPERATIONS[step.kind](step, step.inputs.map((number) => tables[number]), out);
    tables[step.output] = out;
  }
  return tables;
}
