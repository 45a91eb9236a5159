// Which earlier items the selected one reads: a menu for each input, and buttons. Menus are filled when they are opened:
// there may be hundreds of items to choose from.

import { element, freshId, list, reconcile, setAttributes, setText, text } from "./dom.js";
import { drawActions } from "./panel.js";

const FITS = "Fits";
const OTHERS = "Does not fit as it is";

export class Wiring {
  constructor(outbox) {
    this.outbox = outbox;
    this.label = element("span");
    this.inputs = element("div", "stage-controls");
    this.actions = element("div", "stage-wiring-actions", { role: "group" });
    const summary = element("summary", "stage-summary", {}, this.label);
    this.reads = element("details", "stage-more", {}, summary, this.inputs);
    this.node = element("div", "stage-wiring", { hidden: "" }, this.reads, this.actions);
  }

  draw(wiring, owner) {
    this.node.hidden = !wiring;
    if (!wiring) return;
    setText(this.label, wiring.label);
    // What the hand opened or closed stays so for the same item.
    if (this.owner !== owner) this.reads.open = wiring.open === true;
    this.owner = owner;
    this.sources = list(wiring.sources);
    const inputs = list(wiring.inputs);
    const rows = wiring.more ? [...inputs, { ...wiring.more, isMore: true }] : inputs;
    reconcile(
      this.inputs,
      rows,
      (input) => (input.isMore ? makeMore(this.outbox) : makeInput(this)),
      (node, input) => node.update(input),
      (input) => `${text(input.key)}${input.isMore ? "+" : ""}`,
    );
    this.reads.hidden = rows.length === 0;
    drawActions(this.actions, list(wiring.actions), this.outbox);
  }
}

function makeInput(wiring) {
  const id = freshId();
  const label = element("label", "stage-label", { for: id });
  const menu = element("select", "stage-select", { id });
  const remove = element("button", "stage-button stage-icon-button", { type: "button" }, "✕");
  const node = element("div", "stage-wiring-input", {}, label, menu, remove);
  let input = {};
  const fill = () => {
    const fits = Array.isArray(input.fits) ? input.fits : [];
    const groups = [FITS, OTHERS].map((title) => element("optgroup", "", { label: title }));
    for (const source of wiring.sources) {
      const option = element("option", "", { value: text(source.value) }, text(source.label));
      groups[fits.includes(source.group) ? 0 : 1].append(option);
    }
    menu.replaceChildren(...groups.filter((group) => group.children.length));
    menu.value = text(input.value);
  };
  for (const kind of ["pointerdown", "focus"]) menu.addEventListener(kind, fill);
  menu.addEventListener("change", () => wiring.outbox.push(input.key, menu.value));
  remove.addEventListener("click", () => wiring.outbox.push(input.remove, null));
  node.update = (now) => {
    input = now;
    setText(label, text(now.mark) || now.label);
    setAttributes(menu, { "aria-label": text(now.mark) ? text(now.label) : null });
    remove.hidden = !text(now.remove);
    const words = `Remove ${text(now.label)}`;
    setAttributes(remove, { "aria-label": words, title: words });
    if (wiring.outbox.owes(now.key) || document.activeElement === menu) return;
    const shown = text(now.shown) || text(now.value);
    if (menu.shown === shown) return;
    menu.shown = shown;
    menu.replaceChildren(element("option", "", { value: text(now.value) }, shown));
  };
  menu.addEventListener("blur", () => {
    menu.shown = null;
    node.update(input);
  });
  return node;
}

function makeMore(outbox) {
  const button = element("button", "stage-button", { type: "button" });
  const node = element("div", "stage-wiring-more", {}, button);
  let more = {};
  button.addEventListener("click", () => outbox.push(more.key, more.value));
  node.update = (now) => {
    more = now;
    setText(button, now.label);
  };
  return node;
}
