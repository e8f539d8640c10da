// The controls: sets of changes at a click, the search, the widest inputs, and what is done with
// the whole: undo, reset, copy.

class Controls {
  constructor(explorer, id) {
    this.explorer = explorer;
    this.sets = explorer.data.sets.map(([kind, name]) => ({
      kind, name, element: button(spoken(name), () => explorer.toggle(kind, name), { "aria-pressed": "false" }),
    }));
    const groups = ["perspective", "scenario"].map((kind) => this.group(kind)).filter(Boolean);
    const widest = explorer.data.widest.map((name) => button(name, () => explorer.add(name), { class: "explorer-input" }));
    this.undo = button("Undo", () => explorer.undo());
    this.reset = button("Reset", () => explorer.reset());
    this.copy = button("Copy as --set", () => explorer.copy());
    this.copied = made("output", { class: "explorer-copied" });
    this.reference = this.choice("Compare with", (option) => explorer.compare(option));
    this.branch = this.choice("Show in detail", (option) => explorer.look(option), ["", explorer.model.free.length ? "the best strategy" : "what comes first"]);
    explorer.part("controls").replaceChildren(
      ...groups, explorer.search.element, explorer.search.error,
      ...(widest.length ? [made("details", { class: "explorer-widest" }, made("summary", {}, "Inputs that move the total most"), ...widest)] : []),
      explorer.rows.element,
      made("p", { class: "explorer-buttons" }, this.undo, this.reset, this.copy, this.reference.label, this.branch.label),
      this.copied);
  }

  group(kind) {
    const mine = this.sets.filter((one) => one.kind === kind);
    if (!mine.length) return null;
    const label = kind === "perspective" ? "As seen by" : "Suppose";
    return made("div", { class: "explorer-sets", role: "group", "aria-label": `${kind}s` }, made("span", {}, label),
      ...mine.map((one) => one.element));
  }

  choice(text, onchange, first) {
    const options = this.explorer.model.options.map((option) => made("option", { value: option }, spoken(option)));
    if (first) options.unshift(made("option", { value: first[0] }, first[1]));
    const select = made("select", { onchange: () => onchange(select.value) }, ...options);
    return { label: made("label", {}, `${text} `, select), select };
  }

  show() {
    const { explorer } = this;
    for (const { kind, name, element } of this.sets) {
      const on = explorer.state.sets.some(([k, n]) => k === kind && n === name);
      element.setAttribute("aria-pressed", String(on));
    }
    this.undo.setAttribute("aria-disabled", String(!explorer.past.length));
    this.reset.setAttribute("aria-disabled", String(!explorer.texts().length));
    this.reference.select.value = explorer.reference;
    this.branch.select.value = explorer.view;
    worded(this.copied, "");
  }
}
