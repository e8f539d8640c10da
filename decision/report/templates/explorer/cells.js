// The page's cells: what each shows, and whether it has moved from the base.

function branchOf(answer, option) {
  return answer.branches.find((branch) => branch.option === option && branch.worth !== null) || null;
}

function gapOf(answer, option, reference) {
  const one = branchOf(answer, option), other = branchOf(answer, reference);
  return one && other ? one.worth - other.worth : null;
}

/** The number of a cell, or null where the option is closed. */
function cellOf(explorer, answer, [kind, option, name, state]) {
  if (kind === "difference") return gapOf(answer, option, explorer.reference);
  const branch = branchOf(answer, option);
  if (!branch) return null;
  if (kind === "worth") return branch.worth;
  if (kind === "expected") return branch.expected;
  if (kind === "value") return branch.values.get(name);
  return branch.chances.get(name)[explorer.model.nodes.get(name).states.indexOf(state)];
}

/** The page's cells, each with what it shows and its base: read once. */
function cellsOfPage(explorer) {
  return [...explorer.root.querySelectorAll("[data-cell]")].map((element) => {
    const parts = element.dataset.cell.split(" ");
    return { element, parts, shown: element.textContent };
  });
}

/** How numbers of a kind are written: as many decimals as the branches need to be told apart. */
function writersOf({ now, data: { places } }) {
  const gaps = (key) => placesFor(now.branches.map((branch) => branch[key]).filter(Number.isFinite), 0);
  const worth = gaps("worth"), expected = gaps("expected");
  const least = { worth: Math.max(worth, places.total), difference: Math.max(worth, places.difference),
    expected: Math.max(expected, places.expected) };
  return ([kind, , name]) => {
    if (kind === "chance") return percentage;
    const shown = kind === "value" ? places[`value ${name}`] : least[kind];
    return (number) => written(number, shown, kind === "difference");
  };
}

function showCells(explorer) {
  const writerFor = writersOf(explorer);
  for (const cell of explorer.cells) {
    const { element, parts } = cell, write = writerFor(parts);
    const number = cellOf(explorer, explorer.now, parts);
    const text = write(number), was = write(cellOf(explorer, explorer.base, parts));
    element.dataset.value = number === null ? "" : String(number);
    const moved = text !== was, shown = moved ? `${text} was ${was}` : text;
    if (cell.shown === shown) continue;
    cell.shown = shown;
    element.classList.toggle("explorer-moved", moved);
    element.replaceChildren(text, ...(moved ? [made("small", {}, `was ${was}`)] : []));
  }
  for (const row of explorer.root.querySelectorAll(".explorer-totals tbody tr")) {
    const option = row.querySelector("[data-cell]").dataset.cell.split(" ")[1];
    row.classList.toggle("explorer-first", explorer.now.best.some((branch) => branch.option === option));
  }
  worded(explorer.part("reference"), spoken(explorer.reference));
}

/** Which option comes first, by how much, and whether that is other than in the base. */
function sentence({ now, base, data, texts }) {
  const { best, most, branches } = now;
  if (!best.length) return "No option can be had.";
  const rest = branches.filter((branch) => branch.worth !== null && !best.includes(branch));
  const second = rest.reduce((one, other) => (!one || other.worth > one.worth ? other : one), null);
  const lead = second ? `, ${written(most - second.worth, placesOf(most - second.worth))} ${data.unit} ahead of ${spoken(second.option)}` : "";
  const places = placesFor(branches.map((branch) => branch.worth).filter(Number.isFinite), data.places.total);
  const worthWas = base.free && texts().length ? written(base.free.worth, places) : "";
  const was = worthWas && worthWas !== written(now.free.worth, places) ? ` (base: ${worthWas})` : "";
  const first = now.free ? `Deciding by what is known by then is worth ${written(now.free.worth, places)} ${data.unit}${was}. Of options taken whatever is known, first` : "First";
  const said = `${first} ${best.length > 1 ? "come" : "comes"} ${listed(best.map((branch) => branch.option))}${lead}.`;
  if (!texts().length) return said;
  const names = (answer) => answer.best.map((branch) => branch.option);
  if (names(now).join() === names(base).join()) return `${said} The advice stays as in the base.`;
  const kept = names(now).some((name) => names(base).includes(name));
  return `${said} The advice ${kept ? "changes" : "flips"}: in the base ${names(base).length > 1 ? "they are" : "it is"} ${listed(names(base))}.`;
}

/** Decimals for two figures of one number. */
function placesOf(number) {
  return number ? Math.max(-9, Math.min(6, 1 - Math.floor(Math.log10(settled(Math.abs(number)))))) : 0;
}
