// One field for many numbers, below their grid: on a phone no cell has room for a field that can be read and typed into.

import { setButton } from "./controls.js";
import { element, freshId, setText } from "./dom.js";

/** Where the numbers of a grid are typed into one field; the page's own rules take the same width for a phone's. */
export const PHONE = matchMedia("(max-width: 640px)");

export class OneField {
  /** @param {(typed: string) => boolean} take what was typed; whether it is a number */
  constructor(take) {
    this.take = take;
    this.label = element("label", "stage-onefield-label", { for: freshId() });
    this.field = element("input", "stage-number", {
      type: "text", inputmode: "decimal", autocomplete: "off", maxlength: 9, id: this.label.htmlFor,
    });
    // A phone's keyboard of digits may have no minus.
    this.sign = element("button", "stage-button", { type: "button", "aria-label": "Change the sign" }, "±");
    this.set = setButton(() => this.submit());
    this.node = element("div", "stage-onefield", {}, this.label, this.sign, this.field, this.set);
    this.shown = "";
    this.sign.addEventListener("click", () => this.turn());
    this.field.addEventListener("input", () => this.tell());
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.submit();
      if (event.key === "Escape") this.write(this.shown);
    });
    this.field.addEventListener("blur", () => this.submit());
  }

  /** What is being typed for the same place stays. */
  draw(label, value) {
    const isTyping = document.activeElement === this.field && this.field.value !== this.shown;
    if (isTyping && this.label.textContent === label) return;
    setText(this.label, label);
    this.write(value);
  }

  open() {
    this.field.focus();
    this.field.select();
  }

  write(value) {
    this.shown = this.field.value = value;
    this.tell();
  }

  tell() {
    this.set.hidden = this.field.value === this.shown;
  }

  turn() {
    const number = this.field.value.trim();
    this.field.value = /^[-−]/.test(number) ? number.slice(1) : `−${number}`;
    this.tell();
    this.submit();
  }

  submit() {
    const typed = this.field.value;
    if (typed === this.shown) return;
    if (this.take(typed)) this.shown = typed;
    else this.field.value = this.shown;
    this.tell();
  }
}
