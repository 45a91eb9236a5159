// The totals strip and the message: short texts in reserved room, so that nothing jumps.

import {
  element, freshId, list, reconcile, record, setAttributes, setNames, setText, setTone, showText, text,
} from "./dom.js";
import { drawChoices } from "./choices.js";
import { drawCures, setSentence } from "./cures.js";
import { helpButton } from "./help.js";
import { drawActions } from "./panel.js";

// A part of what is spoken, ended as a sentence is.
const ended = (words) => (/[.?!:…]$/.test(words) ? words : `${words}.`);

/** Figures with their units; the quiet ones can be folded where there is little room. */
export class Totals {
  constructor(outbox) {
    this.list = element("dl", "stage-totals", { id: freshId() });
    this.button = element("button", "stage-quiet stage-unfold", {
      type: "button", "aria-expanded": "false", "aria-controls": this.list.id,
    }, "More figures");
    this.button.addEventListener("click", () => {
      const isOpen = this.button.getAttribute("aria-expanded") !== "true";
      setAttributes(this.button, { "aria-expanded": String(isOpen) });
      setText(this.button, isOpen ? "Fewer figures" : "More figures");
    });
    this.outbox = outbox;
    this.against = element("div", "stage-against"); // what the figures "were"; on a phone, where its other place has no room
    this.node = element("div", "stage-sums", {}, this.list, this.against, this.button);
  }

  draw(totals, against) {
    this.node.hidden = totals.length === 0;
    drawChoices(this.against, against ? [against] : [], this.outbox);
    this.button.hidden = !totals.some((total) => total.quiet === true);
    reconcile(this.list, totals, makeTotal, (tile, total) => tile.update(total));
  }
}

function makeTotal() {
  const label = element("span", "stage-total-label");
  const value = element("span", "stage-total-value");
  const change = element("span", "stage-total-change");
  const help = helpButton();
  const name = element("dt", "stage-total-name", {}, label, help.holder);
  const tile = element("div", "stage-total", {}, name, element("dd", "", {}, value, change));
  tile.update = (total) => {
    setText(label, total.label ?? total.key);
    help.fill(total.spoken ?? total.label ?? total.key, total.help, total.more_help);
    setText(value, total.value);
    setText(change, total.change);
    setAttributes(change, { title: text(total.change) || null });
    tile.classList.toggle("stage-is-lit", total.is_marked ?? Boolean(text(total.change)));
    tile.classList.toggle("stage-is-quiet", total.quiet === true);
  };
  return tile;
}

export class Message {
  constructor(outbox) {
    this.outbox = outbox;
    this.mark = element("span", "stage-mark", { "aria-hidden": "true" });
    this.word = element("span", "stage-message-word");
    this.title = element("span", "stage-message-title");
    this.sentence = element("p", "stage-message-text");
    this.quote = element("p", "stage-quote", { hidden: "" }, "PyTorch says ");
    this.quoted = element("code");
    this.quote.append(this.quoted);
    this.changes = element("ul", "stage-chips");
    this.cures = element("ul", "stage-cures", { "aria-label": "Corrections" });
    this.items = element("ul", "stage-message-items", { hidden: "" });
    this.actions = element("div", "stage-message-actions");
    this.restCount = element("span");
    this.restActions = element("div", "stage-message-actions");
    const summary = element("summary", "stage-summary", {}, this.restCount);
    this.rest = element("details", "stage-message-rest", { hidden: "" }, summary, this.restActions);
    this.ask = new Question(outbox);
    this.note = element("p", "stage-message-note", { hidden: "" });
    this.lead = new Lead(outbox);
    this.taskMark = element("span", "stage-mark", { "aria-hidden": "true" });
    this.taskText = element("span");
    this.task = element("p", "stage-task", { hidden: "" }, this.taskMark, this.taskText);
    this.head = element("p", "stage-message-head", {}, this.mark, this.word, this.title);
    const words = element("div", "stage-message-words", {}, this.lead.node, this.head, this.sentence);
    words.append(this.quote, this.items, this.cures);
    const side = element("div", "stage-message-side", {}, this.task, this.ask.node, this.note, this.actions, this.rest, this.changes);
    this.node = element("section", "stage-message", { "aria-label": "What happened" });
    // It scrolls when a message is long: the keyboard must reach it.
    setAttributes(this.node, { tabindex: "0" });
    // Kept, as asking the browser for it, or setting it, lays the page out at once.
    this.node.addEventListener("scroll", () => (this.isScrolled = this.node.scrollTop > 0));
    this.node.append(words, side);
    this.spoken = element("div", "stage-unseen", { role: "status", "aria-live": "polite" });
  }

  draw(message) {
    this.node.hidden = !message;
    if (!message) return;
    this.hold(message.moving === true);
    setAttributes(this.node, { "data-moving": message.moving === true ? "" : null });
    const tone = setTone(this.node, message.tone);
    this.node.classList.toggle("stage-is-told", message.wide === true);
    setText(this.mark, tone.mark);
    const word = text(message.word) ? `${text(message.word)}:` : tone.word;
    showText(this.word, word);
    setNames(this.title, message.title);
    setSentence(this.sentence, message.text, message.linked === true);
    this.sentence.hidden = !text(message.text) || Boolean(record(message.lead));
    setText(this.quoted, message.quote);
    this.quote.hidden = !text(message.quote);
    const lead = record(message.lead);
    this.lead.draw(lead, message);
    this.head.hidden = Boolean(lead);
    const task = record(message.task);
    this.task.hidden = !task;
    this.task.classList.toggle("stage-is-done", task?.done === true);
    setText(this.taskMark, task?.done === true ? "✓" : "");
    setNames(this.taskText, task?.text);
    this.ask.draw(record(message.ask));
    showText(this.note, message.note);
    const items = list(message.items);
    this.items.hidden = items.length === 0;
    reconcile(this.items, items, () => makeItem(message.linked === true), (item, told) => item.update(told));
    const changes = list(message.changes);
    this.changes.hidden = changes.length === 0;
    reconcile(this.changes, changes, makeChip, (chip, change) => chip.update(change));
    const actions = list(message.actions);
    drawCures(this.cures, actions.filter((action) => action.edits), this.outbox);
    const buttons = actions.filter((action) => !action.edits);
    drawActions(this.actions, buttons.filter((action) => action.more !== true), this.outbox);
    const rest = buttons.filter((action) => action.more === true);
    drawActions(this.restActions, rest, this.outbox);
    this.rest.hidden = rest.length === 0;
    if (this.rest.hidden) this.rest.open = false;
    setText(this.restCount, `${rest.length} more`);
    const side = [this.task, this.ask.node, this.note, this.changes, this.actions];
    this.node.classList.toggle("stage-has-side", side.some((part) => !part.hidden));
    this.node.classList.toggle("stage-has-actions", !this.actions.hidden);
    const done = task?.done === true ? task.text : "";
    const told = items.map((item) => item.text);
    const words = [word, message.title, message.note, message.text, ...told, done].map(text).filter(Boolean).map(ended).join(" ");
    if (this.words !== words && this.isScrolled) this.node.scrollTop = 0;
    this.words = words;
    this.speak(words);
  }

  /** While a hand moves a slider the height stays, so that nothing moves under it. */
  hold(isMoving) {
    if (isMoving === Boolean(this.node.style.height)) return;
    this.node.style.height = isMoving ? `${this.node.offsetHeight}px` : "";
  }

  /** A screen reader hears the end of a drag, not each step of it. */
  speak(words) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => setText(this.spoken, words), 500);
  }
}

function makeItem(isLinked) {
  const item = element("li", "stage-message-item");
  item.update = (told) => setSentence(item, told.text, isLinked);
  return item;
}

/** What this is and for whom, with the title and the text, until it is closed. It has nodes of its own for all of that,
    so that nothing moves when the first change takes its place. */
class Lead {
  constructor(outbox) {
    this.what = element("strong", "stage-lead-what");
    this.whom = element("span", "stage-lead-whom");
    this.note = element("span", "stage-lead-note");
    this.close = element("button", "stage-quiet stage-lead-close", {
      type: "button", "aria-label": "Close the introduction", title: "Close",
    }, "✕");
    this.close.addEventListener("click", () => this.key && outbox.push(this.key, null));
    this.title = element("strong", "stage-lead-title");
    this.sentence = element("span", "stage-lead-sentence");
    const words = element("p", "stage-lead-text", {}, this.what, " ", this.whom, " ", this.note);
    const below = element("p", "stage-lead-task", {}, this.title, " ", this.sentence);
    this.node = element("div", "stage-lead", { hidden: "" }, element("div", "", {}, words, below), this.close);
  }

  draw(lead, message) {
    this.node.hidden = !lead;
    this.key = text(lead?.close);
    if (!lead) return;
    setText(this.what, lead.text);
    setText(this.whom, lead.whom);
    setText(this.note, lead.note);
    setNames(this.title, message.title);
    setNames(this.sentence, message.text);
  }
}

/** A line to type into; what it holds stays while the hand moves on, and goes when it was sent. */
class Question {
  constructor(outbox) {
    this.label = element("label", "stage-ask-label", { for: freshId() });
    this.field = element("input", "stage-text", { type: "text", id: this.label.htmlFor, autocomplete: "off" });
    this.button = element("button", "stage-button", { type: "submit" });
    this.node = element("form", "stage-ask", { hidden: "" }, this.label, this.field, this.button);
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = this.field.value.trim();
      if (typed && this.key) outbox.push(this.key, typed);
      else this.field.focus();
    });
  }

  draw(ask) {
    const isOpen = !this.node.hidden;
    if (ask && !isOpen) this.asker = document.activeElement;
    const hadFocus = isOpen && this.node.contains(document.activeElement);
    if (!ask && isOpen) this.field.value = "";
    this.node.hidden = !ask;
    this.key = text(ask?.key);
    if (!ask && hadFocus) this.handOn();
    if (!ask) return;
    setText(this.label, ask.label);
    setText(this.button, ask.button);
    const inputmode = ask.digits === true ? "numeric" : null;
    setAttributes(this.field, { placeholder: text(ask.hint) || null, maxlength: ask.most ?? null, inputmode });
  }

  /** The keyboard goes back to the control whose move was asked about; where that is gone, to the verdict.
      Not on touch screens, where a focused field opens the keyboard. */
  handOn() {
    if (!matchMedia("(hover: hover)").matches) return;
    const stage = this.node.closest(".stage");
    const isThere = this.asker?.isConnected && stage?.contains(this.asker) && this.asker.checkVisibility();
    if (isThere) this.asker.focus();
    if (!isThere || document.activeElement !== this.asker) this.node.closest(".stage-message")?.focus();
  }
}

function makeChip() {
  const label = element("span", "stage-chip-label");
  const before = element("span", "stage-chip-old");
  const after = element("strong", "stage-chip-new");
  const arrow = element("span", "stage-chip-arrow", { "aria-hidden": "true" }, "→");
  const to = element("span", "stage-unseen", {}, " becomes ");
  const chip = element("li", "stage-chip", {}, label, before, arrow, to, after);
  chip.update = (change) => {
    setNames(label, change.label ?? change.key);
    setNames(before, change.old);
    setNames(after, change.new);
    arrow.hidden = to.hidden = !text(change.new);
  };
  return chip;
}
