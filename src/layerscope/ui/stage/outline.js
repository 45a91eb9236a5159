// The list of items in order: a listbox whose selection follows the arrow keys. Where items fold, it is a tree: the right
// and left arrow open and close, as Enter does, and hidden items come into sight when they are looked for.

import { afterPaint, element, freshId, list, reconcile, record, setAttributes, setText, setTone, showFormer, text } from "./dom.js";
import { drawActions } from "./panel.js";
import { drawRail } from "./rails.js";

export class Outline {
  constructor(outbox) {
    this.outbox = outbox;
    this.called = element("span");
    this.former = element("span", "stage-former", { hidden: "" });
    this.heading = element("h2", "stage-outline-title", { id: freshId() }, this.called, this.former);
    this.list = element("div", "stage-options", {
      role: "listbox", tabindex: "0", "aria-labelledby": this.heading.id,
      "aria-description": "Enter goes to the controls, Escape comes back",
    });
    this.steps = element("div", "stage-outline-steps", { role: "group" });
    this.at = -1;
    this.enter = null; // what Enter does on an item that does not fold
    this.moves = []; // what the buttons of `steps` say, and by how many items each goes on
    this.walker = { push: (key) => this.takes(key) };
    this.spoken = element("div", "stage-unseen", { role: "status", "aria-live": "polite" });
    this.find = element("input", "stage-text stage-find", { type: "search", autocomplete: "off", hidden: "" });
    this.none = element("p", "stage-find-none", { hidden: "" });
    this.actions = element("div", "stage-outline-actions", { role: "group" });
    const head = element("div", "stage-outline-head", {}, this.heading, this.steps);
    this.node = element("section", "stage-card stage-outline", {}, head, this.find, this.none, this.list, this.actions);
    this.node.append(this.spoken);
    this.find.addEventListener("input", () => this.sift());
    this.find.addEventListener("keydown", (event) => this.onFindKey(event));
    this.list.addEventListener("keydown", (event) => this.step(event));
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest?.(".stage-option");
      if (option && event.target.closest(".stage-fold")) this.fold(option);
      else if (option) this.choose(option);
    });
  }

  draw(outline, former) {
    this.node.hidden = !outline;
    if (!outline) return;
    setText(this.called, outline.label ?? "Items");
    showFormer(this.former, former?.word, former?.told);
    this.moves = list(outline.steps);
    drawActions(this.actions, list(outline.actions), this.outbox);
    const items = list(outline.items);
    const isTree = items.some((item) => record(item.fold));
    setAttributes(this.list, { role: isTree ? "tree" : "listbox" });
    this.node.parentElement?.classList.toggle("stage-has-tree", isTree);
    reconcile(this.list, items, makeOption, (node, item) => node.update(item, isTree ? "treeitem" : "option"));
    this.find.hidden = !outline.find;
    setAttributes(this.find, { "aria-label": outline.find?.label, placeholder: outline.find?.label });
    setText(this.none, outline.find?.none);
    this.sift();
    this.mark(this.outbox.owes("select") ? this.marked : text(outline.selected));
  }

  get shown() {
    return [...this.list.children].filter((option) => !option.hidden);
  }

  /** What a walk goes through: the items in sight, or all where a search finds none. */
  get walked() {
    const { shown } = this;
    return shown.length ? shown : [...this.list.children].filter((option) => !option.folded);
  }

  /** Goes on by the step of that key, at once: Python hears of the last item of a quick walk. Tells if it is a step. */
  takes(key) {
    const move = this.moves.find((one) => one.key === key);
    const options = this.walked;
    const goal = move && options[this.placeIn(options) + move.step];
    if (goal) this.choose(goal);
    return Boolean(move);
  }

  /** Where the marked item is, or was: a list that was drawn for an earlier choice may not have it. */
  placeIn(options) {
    const at = options.findIndex((option) => option.key === this.marked);
    if (at >= 0) this.at = at;
    return Math.min(this.at, options.length - 1);
  }

  /** Keeps only the items in sight that hold each of the typed words. */
  sift() {
    const words = this.find.hidden ? [] : this.find.value.toLowerCase().replaceAll("×", "x").split(/\s+/).filter(Boolean);
    let seen = 0;
    for (const option of this.list.children) {
      const holds = words.length ? words.every((word) => option.sought.includes(word)) : !option.folded;
      if (option.hidden === holds) option.hidden = !holds;
      option.call(words.length > 0);
      seen += holds;
    }
    this.none.hidden = seen > 0 || words.length === 0;
  }

  onFindKey(event) {
    const [first] = this.shown;
    if (event.key === "Enter" && first) this.choose(first);
    else if (event.key === "ArrowDown" && first) {
      event.preventDefault();
      this.choose(first);
      this.list.focus();
    } else if (event.key === "Escape") {
      this.find.value = "";
      this.sift();
    }
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
    // A list that was never painted has not its size yet.
    if (chosen && this.marked === undefined) afterPaint(() => this.reveal(chosen));
    if (chosen && ![undefined, key].includes(this.marked)) this.speak(chosen);
    this.marked = key;
    const options = this.walked;
    const at = this.placeIn(options);
    const steps = this.moves.map((move) => ({ ...move, disabled: !options[at + move.step] }));
    drawActions(this.steps, steps, this.walker);
  }

  /** A screen reader hears where a walk from elsewhere on the page has come; the list itself tells of its own. */
  speak(option) {
    clearTimeout(this.timer);
    const tell = () => setText(this.spoken, option.words());
    if (document.activeElement !== this.list) this.timer = setTimeout(tell, 150);
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

  fold(option) {
    if (option.toggle.key) this.outbox.push(option.toggle.key, null);
  }

  /** Right opens a block, or goes to its first item; left closes it, or goes to what holds the item. */
  turn(option, key) {
    const { toggle } = option;
    if (toggle?.key && toggle.open === (key === "ArrowLeft")) return this.fold(option);
    const options = this.shown;
    const at = options.indexOf(option);
    if (key === "ArrowRight" && toggle) return this.choose(options[at + 1] ?? option);
    const holder = options.slice(0, at).findLast((one) => one.level < option.level && one.toggle);
    if (key === "ArrowLeft" && holder) this.choose(holder);
  }

  step(event) {
    if (event.target.closest(".stage-fold")) return;
    const options = this.shown;
    const at = this.placeIn(options);
    const goals = {
      ArrowDown: at + 1, ArrowRight: at + 1,
      ArrowUp: Math.max(0, at - 1), ArrowLeft: Math.max(0, at - 1),
      Home: 0, End: options.length - 1,
    };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.key === "Enter" || event.key === " ") && options[at]?.toggle) {
      event.preventDefault();
      return this.fold(options[at]);
    }
    if (event.key === "Enter" && options[at]) {
      event.preventDefault();
      return this.enter?.();
    }
    if (!Object.hasOwn(goals, event.key)) return;
    event.preventDefault();
    const isTree = this.list.getAttribute("role") === "tree";
    if (isTree && at >= 0 && /Right|Left/.test(event.key)) return this.turn(options[at], event.key);
    const goal = options[Math.min(goals[event.key], options.length - 1)];
    if (goal) this.choose(goal);
  }
}

function makeOption() {
  const mark = element("span", "stage-mark", { "aria-hidden": "true" });
  const word = element("span", "stage-unseen");
  const called = element("bdi");
  const name = element("span", "stage-option-name", {}, called);
  const detail = element("span", "stage-option-detail");
  const type = element("span", "stage-option-type");
  const note = element("span", "stage-option-note");
  const node = element("div", "stage-option", { id: freshId() });
  const fold = element("span", "stage-fold", { "aria-hidden": "true", hidden: "" });
  const yours = element("span", "stage-yours", { "aria-hidden": "true", hidden: "" }, "✎");
  const head = element("span", "stage-option-head", {}, fold, mark, name, yours);
  node.append(head, detail, type, note, word);
  node.words = () => [called, type, detail, word].map((part) => part.textContent).filter(Boolean).join(", ");
  node.update = (item, role) => {
    // A move changes few of two hundred items: asking each for what it says takes longer than comparing.
    const said = JSON.stringify(item) + role;
    if (node.said === said) return;
    node.said = said;
    node.key = text(item.key);
    node.toggle = record(item.fold);
    node.level = Number(item.level) || 0;
    node.folded = item.hidden === true;
    const tone = setTone(node, item.tone);
    setText(mark, tone.mark);
    const words = [item.tone === "ok" ? "" : tone.word, item.lit ? "changed" : "", text(item.yours)];
    yours.hidden = !text(item.yours);
    setAttributes(yours, { title: text(item.yours) || null });
    setText(word, words.filter(Boolean).join(", "));
    setText(detail, item.detail);
    setText(type, item.type);
    setText(note, item.note);
    const isOpen = node.toggle ? node.toggle.open === true : null;
    const frame = `${role} ${node.level} ${isOpen} ${!node.toggle?.key} ${role === "treeitem" ? node.key : ""}`;
    if (node.frame !== frame) setFrame(node, fold, role, isOpen);
    node.frame = frame;
    // Below its block's heading a short name will do; not among what was found.
    node.call = (found) => {
      setText(called, (found && item.sought) || (item.name ?? item.key));
      node.classList.toggle("stage-is-found", found);
    };
    drawRail(node, record(item.rail));
    node.sought = [item.sought ?? item.name ?? item.key, item.type, item.detail]
      .map(text).join(" ").toLowerCase().replaceAll("×", "x");
    node.classList.toggle("stage-is-lit", item.lit === true);
  };
  return node;
}

/** What an item is, rather than what it says: it changes when blocks open or close. */
function setFrame(node, fold, role, isOpen) {
  const isInTree = role === "treeitem";
  setText(fold, isOpen === null ? "" : isOpen ? "▾" : "▸");
  fold.hidden = !node.toggle?.key;
  setAttributes(node, {
    role,
    "aria-expanded": isOpen === null ? null : String(isOpen),
    "aria-level": isInTree ? node.level + 1 : null,
    title: isInTree ? node.key : null,
  });
  node.classList.toggle("stage-is-heading", isOpen === true);
  node.style.setProperty("--level", node.level ? `${node.level}` : "");
}
