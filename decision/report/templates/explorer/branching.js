// The tree as nested lists that unfold: native disclosure, so that keys and screen readers know it.

class Branching {
  constructor(explorer, place) {
    this.explorer = explorer;
    this.items = [];
    if (!explorer.model.plans.tree) {
      if (explorer.data.noTree) place.replaceChildren(made("p", { class: "explorer-note" }, explorer.data.noTree));
      return;
    }
    const risk = explorer.model.risk === null ? "expected total" : "certain equivalent";
    this.list = made("div", { class: "explorer-tree" });
    this.details = made("details", { ontoggle: () => this.show() }, made("summary", {}, "The tree, branch by branch"),
      made("p", { class: "explorer-note" }, `Each line: how likely it is from where it branches off, and its ${risk} in ${explorer.data.unit}. ► is chosen.`),
      this.list);
    place.replaceChildren(this.details);
  }

  /** Roll back anew and write every line that has been unfolded. */
  show() {
    if (!this.details || !this.details.open) return;
    const { model, now, base } = this.explorer;
    this.now = unrolled(model, now);
    this.base ||= unrolled(model, base);
    if (!this.items.length) this.list.append(this.level(0, 0));
    for (const item of this.items) this.write(item);
  }

  /** The list of what can come at a level of a path. */
  level(k, path) {
    const { model } = this.explorer, node = model.nodes.get(model.levels[k]);
    const kind = node.kind === "decision" ? "decide" : "then";
    const items = node.states.map((state, j) => this.item(k + 1, path * node.states.length + j, node, state, j));
    return made("div", {}, made("span", { class: "explorer-kind" }, `${kind}: ${node.caption}`),
      made("ul", {}, ...items));
  }

  item(k, path, node, state, j) {
    const item = { k, path, node, state, j, text: made("span"), moved: made("small") };
    const last = k === this.explorer.model.levels.length;
    if (last) {
      item.element = made("li", {}, item.text, item.moved);
    } else {
      const details = made("details", {
        ontoggle: () => {
          if (!details.open || details.children.length > 1) return;
          const from = this.items.length;
          details.append(this.level(k, path));
          for (const one of this.items.slice(from)) this.write(one);
        },
      }, made("summary", {}, item.text, item.moved));
      item.element = made("li", {}, details);
    }
    this.items.push(item);
    return item.element;
  }

  write(item) {
    const { k, path, node, state, j } = item, size = node.states.length, parent = Math.floor(path / size);
    const likely = this.now.likely(k, path);
    const level = this.now.levels[k - 1];
    const open = node.kind !== "decision" || level.open(parent, j);
    item.element.hidden = !(likely > 0) || !open;
    if (item.element.hidden) return;
    const worth = this.now.worthAt(k, path), was = this.base.worthAt(k, path);
    const chosen = node.kind === "decision" && level.chosen[parent] === j;
    const before = node.kind === "decision" ? chosen ? "► " : "" : `${percentage(likely / this.now.likely(k - 1, parent))} `;
    const places = Math.max(this.explorer.data.places.total, 1);
    item.element.classList.toggle("explorer-first", chosen);
    item.element.dataset.worth = String(worth);
    worded(item.text, `${before}${spoken(state)}: ${written(worth, places)}${chosen ? " (chosen)" : ""}`);
    const gap = worth - was;
    worded(item.moved, !Number.isFinite(was) ? " could not happen in the base"
      : /[1-9]/.test(written(gap, places)) ? ` ${written(gap, places, true)} from the base` : "");
  }
}
