// The state in the page's address, so that a link reproduces it: #explore&perspective=…&set=….
//
// An address is a stranger's text: it is read, never run, and refused as a whole if a part of it
// is wrong.

const MARK = "#explore", MOST_CHANGES = 200;

/** The address of a state. */
function fragmentOf(state) {
  const parts = [...state.sets, ...state.changes.map((change) => ["set", change])];
  return `${MARK}${parts.length ? "&" : ""}${new URLSearchParams(parts)}`;
}

/** The state that an address names; null if it is not about the explorer. */
function stateAt(fragment, model) {
  if (fragment !== MARK && !fragment.startsWith(`${MARK}&`)) return null;
  const state = { sets: [], changes: [] };
  for (const [key, value] of new URLSearchParams(fragment.slice(MARK.length))) {
    if (key === "set") state.changes.push(value);
    else if (key !== "perspective" && key !== "scenario") {
      throw new Refusal(`the address has ${quoted(key)}`, "use set=, perspective= or scenario=");
    } else if (model.sets.has(`${key} ${value}`)) state.sets.push([key, value]);
    else throw new Refusal(`there is no ${key} ${quoted(value)}`, "use one that the page offers");
  }
  if (state.changes.length > MOST_CHANGES) {
    throw new Refusal(`the address has ${state.changes.length} changes`, `use at most ${MOST_CHANGES}`);
  }
  return state;
}

/** A state as one types it at the command line. */
function commandOf(state) {
  const quoted = (text) => (/^[\w-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  return [...state.sets.map(([kind, name]) => `--${kind} ${quoted(name)}`),
    ...state.changes.map((change) => `--set ${quoted(change)}`)].join(" ");
}
