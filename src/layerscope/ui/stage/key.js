// What the colors of a figure mean, and what can be done with it: a line below the picture and a
// hint beside its title. Where there is no room for it
// a button opens it over the picture.

import { element, freshId, list, reconcile, setAttributes, setText, text } from "./dom.js";

export class Key {
  constructor() {
    this.entries = element("ul", "stage-key-entries", { id: freshId() });
    this.hint = element("p", "stage-hint"); // for the title's line
    this.button = element("button", "stage-quiet stage-key-button", { type: "button", "aria-expanded": "false" });
    this.words = element("div", "stage-key-words", {}, this.entries);
    this.node = element("div", "stage-key", { hidden: "" }, this.button, this.words);
    this.button.addEventListener("click", () => this.open(this.button.getAttribute("aria-expanded") !== "true"));
    this.node.addEventListener("keydown", (event) => event.key === "Escape" && this.open(false));
  }

  open(isOpen) {
    setAttributes(this.button, { "aria-expanded": String(isOpen) });
  }

  draw(guide) {
    this.node.hidden = this.hint.hidden = !guide;
    if (!guide) return;
    const json = JSON.stringify(guide);
    if (json === this.json) return;
    this.json = json;
    setText(this.button, guide.label);
    setAttributes(this.entries, { "aria-label": text(guide.label) });
    setText(this.hint, guide.hint);
    reconcile(this.entries, list(guide.entries), makeEntry, (node, entry) => node.update(entry));
  }
}

function makeEntry() {
  const patch = element("span", "stage-key-patch", { "aria-hidden": "true" });
  const label = element("span");
  const node = element("li", "stage-key-entry", {}, patch, label);
  node.update = (entry) => {
    setText(label, entry.label);
    patch.classList.toggle("stage-key-frame", !text(entry.color));
    patch.style.background = text(entry.color);
  };
  return node;
}
