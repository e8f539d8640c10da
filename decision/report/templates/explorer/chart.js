// Totals by branch as differences from a reference: hollow is the base, filled is now.

/** A line of the chart is built once; a change only moves its marks. */
class Chart {
  constructor(explorer, place) {
    this.explorer = explorer;
    this.lines = explorer.model.options.map((option) => {
      const line = {
        option, name: made("span", { class: "explorer-option" }, spoken(option)),
        stem: made("span", { class: "explorer-stem" }), was: made("span", { class: "explorer-was" }),
        is: made("span", { class: "explorer-is" }), zero: made("span", { class: "explorer-zero" }),
        number: made("span", { class: "explorer-number" }),
      };
      line.row = made("div", { class: "explorer-line" }, line.name,
        made("span", { class: "explorer-track" }, line.zero, line.stem, line.was, line.is), line.number);
      return line;
    });
    this.note = made("p", { class: "explorer-note" });
    this.picture = made("div", { role: "img" }, ...this.lines.map((line) => line.row));
    place.replaceChildren(this.picture, this.note);
  }

  show() {
    const { now, base, reference, data } = this.explorer;
    const gaps = this.lines.map(({ option }) => [gapOf(base, option, reference), gapOf(now, option, reference)]);
    const all = gaps.flat().filter((gap) => gap !== null);
    const low = Math.min(0, ...all), span = Math.max(0, ...all) - low || 1;
    const places = placesFor(gaps.map(([, is]) => is).filter((gap) => gap !== null), data.places.difference);
    const at = (gap) => (gap - low) / span;
    this.lines.forEach((line, i) => {
      const [was, is] = gaps[i];
      const first = now.best.some((branch) => branch.option === line.option);
      line.row.classList.toggle("explorer-first", first);
      worded(line.name, spoken(line.option) + (first ? " ◂" : ""));
      placed(line.zero, at(0));
      line.was.hidden = was === null;
      line.is.hidden = line.stem.hidden = is === null;
      if (was !== null) placed(line.was, at(was));
      if (is !== null) {
        placed(line.is, at(is));
        placed(line.stem, at(Math.min(is, 0)), Math.abs(is) / span);
      }
      worded(line.number, is === null ? "closed" : written(is, places, true));
    });
    const said = this.lines.map((line) => `${spoken(line.option)} ${line.number.textContent}`).join(", ");
    this.picture.setAttribute("aria-label", `Differences from ${spoken(reference)} in ${data.unit}: ${said}`);
    worded(this.note, `Difference from ${spoken(reference)}, in ${data.unit}. Filled: now; hollow: the base; ◂ comes first.`);
  }
}
