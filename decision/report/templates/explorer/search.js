// Finding an input by typing parts of its name, or writing a change: a box with suggestions.

const SUGGESTED = 8;

class Search {
  constructor(explorer, id) {
    this.explorer = explorer;
    this.at = -1;
    this.found = [];
    this.list = made("ul", { id: `${id}-list`, role: "listbox", "aria-label": "Inputs", hidden: true });
    this.error = made("p", { class: "explorer-error", id: `${id}-error`, role: "alert" });
    this.field = made("input", {
      type: "text", id: `${id}-search`, role: "combobox", autocomplete: "off", spellcheck: "false", autocapitalize: "off",
      "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-autocomplete": "list", "aria-describedby": `${id}-error`,
      placeholder: "part of a name, or odds(node=state) *= 2",
      oninput: () => this.suggest(), onkeydown: (event) => this.key(event), onblur: () => this.close(),
    });
    this.element = made("form", {
      class: "explorer-search",
      onsubmit: (event) => {
        event.preventDefault();
        this.enter();
      },
    }, made("label", { for: `${id}-search` }, "Change a number"),
    made("span", { class: "explorer-box" }, this.field, this.list), made("button", { type: "submit" }, "Add"));
  }

  /** The inputs whose name has every word typed. */
  suggest() {
    const words = this.field.value.toLowerCase().split(/[\s,|()]+/).filter(Boolean);
    this.at = -1;
    const names = words.length ? [...this.explorer.inputs.keys()] : [];
    const every = (name) => words.every((word) => name.toLowerCase().includes(word));
    this.found = names.filter(every).sort((a, b) => a.length - b.length).slice(0, SUGGESTED);
    this.list.replaceChildren(...this.found.map((name, i) => made("li", {
      role: "option", id: `${this.list.id}-${i}`, "aria-selected": "false",
      onmousedown: (event) => {
        event.preventDefault();
        this.explorer.add(name);
      },
    }, name)));
    this.list.hidden = !this.found.length;
    this.field.setAttribute("aria-expanded", String(this.found.length > 0));
    this.field.removeAttribute("aria-activedescendant");
  }

  close() {
    this.list.hidden = true;
    this.at = -1;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") this.close();
    if (event.key === "Enter") {
      event.preventDefault(); // JupyterLab keeps Enter from sending a form that stands in a cell
      this.enter();
    }
    if (!step || !this.found.length) return;
    event.preventDefault();
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.at = (this.at + step + this.found.length) % this.found.length;
    [...this.list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === this.at)));
    this.field.setAttribute("aria-activedescendant", this.list.children[this.at].id);
  }

  /** What was picked or typed; an only suggestion is taken for a text that is no change. */
  enter() {
    const text = this.field.value.trim();
    if (!text) return;
    if (this.at >= 0) this.explorer.add(this.found[this.at]);
    else if (!text.includes("=") || this.explorer.inputs.has(text) || this.found.length !== 1) this.explorer.add(text);
    else this.explorer.add(/[*+-]?=\s*-?[0-9]/.test(text) ? text : this.found[0]);
  }

  accepted() {
    this.field.value = "";
    this.suggest();
  }

  say(text) {
    worded(this.error, text);
    this.field.setAttribute("aria-invalid", String(Boolean(text)));
  }
}
