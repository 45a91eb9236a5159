// A number from 0 up to a count, typed or stepped; hidden where there is only one.

import { element, setAttributes, setText } from "./dom.js";

export class Stepper {
  /** @param {(number: number) => void} act */
  constructor(act) {
    this.label = element("span");
    this.input = element("input", "stage-number", { type: "number", inputmode: "numeric", min: 0, step: 1 });
    this.node = element("label", "stage-inside-field", { hidden: "" }, this.label, this.input);
    this.input.addEventListener("input", () => {
      const wanted = Math.round(Number(this.input.value));
      if (this.input.value !== "" && wanted >= 0 && wanted <= Number(this.input.max)) act(wanted);
    });
    this.input.addEventListener("change", () => (this.input.value = this.shown));
  }

  /** @param {boolean} isOwed what the hand did stands until Python answers */
  draw(label, value, count, isOwed = false) {
    this.node.hidden = !(count > 1);
    if (this.node.hidden) return;
    setText(this.label, label);
    setAttributes(this.input, { max: count - 1 });
    this.shown = String(value);
    if (isOwed) return;
    const isTyped = document.activeElement === this.input && (Number(this.input.value) === value || this.input.value === "");
    if (!isTyped) this.input.value = value;
  }
}

/** What a stepper is called that goes through a count. */
export const counted = (label, count) => `${label} (0 to ${count - 1})`;
