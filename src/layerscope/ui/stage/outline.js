// The list of items in order: a listbox whose selection follows the arrow keys.

import { element, freshId, list, reconcile, setAttributes, setText, setTone, text } from "./dom.js";
import { drawActions } from "./panel.js";

export class Outline {
  constructor(outbox) {
    this.outbox = outbox;
    this.heading = element("h2", "stage-outline-title", { id: freshId() });
    this.list = element("div", "stage-options", {
      role: "listbox", tabindex: "0", "aria-labelledby": this.heading.id,
    });
    this.actions = element("div", "stage-outline-actions", { role: "group" });
    this.node = element("section", "stage-card stage-outline", {}, this.heading, this.list, this.actions);
    this.list.addEventListener("keydown", (event) => this.step(event));
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest?.("[role=option]");
      if (option) this.choose(option);
    });
  }

  draw(outline) {
    this.node.hidden = !outline;
    if (!outline) return;
    setText(this.heading, outline.label ?? "Items");
    drawActions(this.actions, list(outline.actions), this.outbox);
    reconcile(this.list, list(outline.items), makeOption, (node, item) => node.update(item));
    if (!this.outbox.owes("select")) this.mark(text(outline.selected));
  }

  mark(key) {
    let chosen = null;
    for (const option of this.list.children) {
      const selected = option.key === key;
      setAttributes(option, { "aria-selected": String(selected) });
      if (selected) chosen = option;
    }
    setAttributes(this.list, { "aria-activedescendant": chosen?.id ?? null });
    if (chosen && this.marked !== key) this.reveal(chosen);
    this.marked = key;
  }

  /** Scrolls the list, never the page. */
  reveal(option) {
    const { list: box } = this;
    const top = option.offsetTop - box.offsetTop;
    const left = option.offsetLeft - box.offsetLeft;
    if (top < box.scrollTop) box.scrollTop = top - 4;
    const bottom = top + option.offsetHeight - box.clientHeight;
    if (bottom > box.scrollTop) box.scrollTop = bottom + 4;
    if (left < box.scrollLeft) box.scrollLeft = left - 4;
    const right = left + option.offsetWidth - box.clientWidth;
    if (right > box.scrollLeft) box.scrollLeft = right + 4;
  }

  choose(option) {
    if (option.key === this.marked) return;
    this.mark(option.key);
    this.outbox.push("select", option.key, "commit", true);
  }

  step(event) {
    const options = [...this.list.children];
    const at = options.findIndex((option) => option.key === this.marked);
    const goals = {
      ArrowDown: at + 1, ArrowRight: at + 1,
      ArrowUp: Math.max(0, at - 1), ArrowLeft: Math.max(0, at - 1),
      Home: 0, End: options.length - 1,
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(goals, event.key)) return;
    event.preventDefault();
    const goal = options[Math.min(goals[event.key], options.length - 1)];
    if (goal) this.choose(goal);
  }
}

function makeOption() {
  const mark = element("span", "stage-mark", { "aria-hidden": "true" });
  const word = element("span", "stage-unseen");
  const name = element("span", "stage-option-name");
  const detail = element("span", "stage-option-detail");
  const type = element("span", "stage-option-type");
  const note = element("span", "stage-option-note");
  const node = element("div", "stage-option", { role: "option", id: freshId() });
  const head = element("span", "stage-option-head", {}, mark, name);
  node.append(head, detail, type, note, word);
  node.update = (item) => {
    node.key = text(item.key);
    const tone = setTone(node, item.tone);
    setText(mark, tone.mark);
    const words = [item.tone === "ok" ? "" : tone.word, item.lit ? "changed" : ""];
    setText(word, words.filter(Boolean).join(", "));
    setText(name, item.name ?? item.key);
    setText(detail, item.detail);
    setText(type, item.type);
    setText(note, item.note);
    node.classList.toggle("stage-is-lit", item.lit === true);
  };
  return node;
}
