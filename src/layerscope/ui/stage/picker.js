// One of many choices, found by typing. What matches best comes first and is chosen; Enter also takes it.

import { element, freshId, list, reconcile, setAttributes, setText, text } from "./dom.js";
import { ranked } from "./ranking.js";

export class Picker {
  constructor(outbox) {
    this.outbox = outbox;
    this.label = element("label", "stage-picker-label", { for: freshId() });
    this.list = element("div", "stage-picker-list", { role: "listbox", tabindex: "-1", id: freshId() });
    this.field = element("input", "stage-text", {
      type: "text", role: "combobox", id: this.label.htmlFor, autocomplete: "off", spellcheck: "false",
      "aria-autocomplete": "list", "aria-expanded": "true", "aria-controls": this.list.id,
    });
    this.field.dataset.sent = ""; // while nothing is typed, the page's undo is meant (shortcuts.js)
    this.none = element("p", "stage-picker-none", { role: "status" });
    this.node = element("div", "stage-picker", {}, this.label, this.field, this.list, this.none);
    this.field.addEventListener("input", () => this.sift());
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest?.("[role=option]");
      if (option) this.choose(option.key);
    });
  }

  draw(picker) {
    this.choices = list(picker?.choices);
    this.key = text(picker?.key);
    setText(this.label, picker?.label);
    setText(this.none, picker?.none);
    setAttributes(this.list, { "aria-label": text(picker?.label) });
    setAttributes(this.field, { placeholder: text(picker?.placeholder) });
    if (!this.outbox.owes(this.key)) this.chosen = text(picker?.value);
    this.show();
  }

  /** The best match of what is typed becomes the choice. */
  sift() {
    this.list.scrollTop = 0;
    const [best] = this.show();
    if (best) this.choose(text(best.key));
  }

  show() {
    const found = ranked(this.choices, this.field.value);
    reconcile(this.list, found, makeChoice, (node, choice) => node.update(choice));
    this.none.hidden = found.length > 0;
    this.mark();
    return found;
  }

  mark() {
    let marked = null;
    for (const option of this.list.children) {
      const isChosen = option.key === this.chosen;
      setAttributes(option, { "aria-selected": String(isChosen) });
      if (isChosen) marked = option;
    }
    setAttributes(this.field, { "aria-activedescendant": marked?.id ?? null });
    if (!marked) return;
    const top = marked.offsetTop - this.list.offsetTop;
    const bottom = top + marked.offsetHeight - this.list.clientHeight;
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    if (bottom > this.list.scrollTop) this.list.scrollTop = bottom;
  }

  choose(key) {
    if (key === this.chosen) return;
    this.chosen = key;
    this.mark();
    this.outbox.push(this.key, key, "commit", true);
  }

  onKey(event) {
    const options = [...this.list.children];
    const at = options.findIndex((option) => option.key === this.chosen);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !event.altKey) {
      event.preventDefault();
      const goal = options[Math.min(Math.max(at + step, 0), options.length - 1)];
      if (goal) this.choose(goal.key);
    } else if (event.key === "Enter" && options.length) {
      event.preventDefault();
      this.field.dataset.sent = this.field.value;
      this.outbox.push(`${this.key}.take`, this.chosen);
    }
  }
}

function makeChoice() {
  const [title, group] = [element("span"), element("span", "stage-picker-group")];
  const node = element("div", "stage-picker-option", { role: "option", id: freshId() }, title, " ", group);
  node.update = (choice) => {
    node.key = text(choice.key);
    setText(title, choice.title);
    setText(group, choice.group);
  };
  return node;
}
