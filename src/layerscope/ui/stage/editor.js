// One box for code: a text area, so that undo, selection, touch and screen readers work as in any other, and under it
// its lines in color with numbers and marks.
//
// data: title, text, origin, revision, hint, placeholder, most, too_long, file, too_large, drawn, selected, lit, tones,
// places; see editing.py. What the hand typed is never replaced by what Python says of an earlier text: Python's own
// text counts only with a newer `revision`. Those count from 0 in each session of Python's, which `origin` names.

import { afterPaint, element, freshId, record, setAttributes, setText, showText, text } from "./dom.js";
import { desk } from "./desk.js";
import { Mirror } from "./mirror.js";
import { WHOLE } from "./outbox.js";
import { Pause } from "./pause.js";
import { become, takeKey } from "./typing.js";

const PAUSE_MS = 900; // after this pause the text is read
const CARET_MS = 250;
const LEAVING_MS = 4000;
const MOVES = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"]);

// The text outlasts the visit of another page, also what was not sent yet.
const kept = { origin: "", revision: 0, text: "" };

export class Editor {
  constructor(outbox) {
    this.outbox = outbox;
    this.pause = new Pause(outbox, () => this.send());
    this.data = {};
    this.origin = kept.origin;
    this.revision = kept.revision;
    this.sent = "";
    this.corrections = [];
    this.mirror = new Mirror();
    const id = freshId();
    this.title = element("label", "stage-figure-title", { for: id });
    this.note = element("p", "stage-editor-note", { role: "status", hidden: "" });
    this.hint = element("p", "stage-editor-hint", { id: freshId() });
    this.area = element("textarea", "stage-editor-area", {
      id, wrap: "off", spellcheck: "false", autocomplete: "off", autocorrect: "off", autocapitalize: "off",
      "aria-describedby": this.hint.id,
    });
    const check = this.button("Check my code", "stage-button", () => this.check());
    this.back = this.button("Undo the correction", "stage-button", () => this.takeBack());
    this.empty = this.button("Clear", "stage-quiet", () => this.clear());
    const actions = element("div", "stage-editor-actions", {}, check, this.back, this.empty);
    const bar = element("div", "stage-bar", {}, this.title, actions);
    const sheet = element("div", "stage-editor-sheet", {}, this.mirror.gutter, this.mirror.lines, this.area);
    this.scroller = element("div", "stage-editor-scroll", {}, sheet);
    this.node = element("section", "stage-card stage-editor", { "aria-label": "Editor" });
    this.node.append(bar, this.note, this.scroller, this.hint);
    this.listen();
  }

  button(label, kind, work) {
    const node = element("button", kind, { type: "button" }, label);
    node.addEventListener("click", work);
    return node;
  }

  listen() {
    const { area } = this;
    area.addEventListener("input", (event) => {
      const isPasted = /^insertFrom/.test(event.inputType);
      desk.isAwaited ||= isPasted;
      this.changed(isPasted);
      if (isPasted && !this.isWithinALine) this.showBeginnings();
    });
    area.addEventListener("paste", (event) => this.paste(event));
    area.addEventListener("blur", (event) => this.left(event.relatedTarget));
    area.addEventListener("keydown", (event) => this.key(event));
    area.addEventListener("click", () => this.pick());
    area.addEventListener("keyup", (event) => MOVES.has(event.key) && this.rest());
    area.addEventListener("focus", () => (this.isLeaving = false));
    this.node.addEventListener("dragover", (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
    this.node.addEventListener("drop", (event) => this.drop(event));
  }

  draw(data) {
    if (!data) return;
    desk.editor = this;
    this.data = data;
    setText(this.title, data.title);
    setText(this.hint, data.hint);
    this.area.placeholder = text(data.placeholder);
    const [origin, revision] = [text(data.origin), Number(data.revision) || 0];
    const isOther = origin !== this.origin;
    if (!this.isDrawn) this.begin(origin, revision);
    else if (revision > (isOther ? 0 : this.revision)) this.take(origin, revision);
    else if (isOther && !this.outbox.owes("text")) this.afresh(origin);
    // Marks are about the text that Python has read; what was typed since keeps those of before.
    if (this.area.value === this.sent && !this.outbox.owes("text")) this.mark();
  }

  /** The box is new on the page: what was typed before it went away is newer than what Python has. */
  begin(origin, revision) {
    this.isDrawn = true;
    this.sent = text(this.data.text);
    const isKept = kept.origin && revision <= (kept.origin === origin ? kept.revision : 0);
    this.area.value = isKept ? kept.text : this.sent;
    [this.origin, this.revision] = [origin, revision];
    this.corrections = [];
    this.changed(true);
  }

  /** Python has another text: a file, or one of before a reload. What the hand typed meanwhile stays. */
  take(origin, revision) {
    [this.origin, this.revision] = [origin, revision];
    if (this.area.value !== this.sent) {
      this.send();
      return;
    }
    this.sent = text(this.data.text);
    become(this.area, this.sent);
    this.sent = this.area.value;
    this.changed(false);
    this.showBeginnings();
  }

  /** The caret is at the end of what was put in, perhaps far to the right: code is read from where its lines begin. */
  showBeginnings() {
    const show = () => (this.scroller.scrollLeft = 0);
    show();
    afterPaint(show); // the browser may go to the caret meanwhile
  }

  /** Python has forgotten this visitor, as after a restart. */
  afresh(origin) {
    [this.origin, this.revision] = [origin, 0];
    if (text(this.data.text) !== this.area.value) this.send(true);
  }

  /** The text is another one than before. */
  changed(isWhole) {
    const { value } = this.area;
    this.isLooking ||= isWhole;
    showText(this.note, value.length > this.data.most ? this.tooLong(value.length) : "");
    Object.assign(kept, { origin: this.origin, revision: this.revision, text: value });
    const isDrawn = value.length <= this.data.drawn.characters && lineCount(value) <= this.data.drawn.lines;
    this.node.classList.toggle("stage-editor-plain", !isDrawn);
    if (isDrawn) this.mirror.draw(value);
    else this.mirror.clear();
    this.empty.disabled = !value;
    this.back.hidden = this.corrections.at(-1)?.after !== value;
    this.pause.stop();
    if (value !== this.sent) this.pause.start(isWhole ? 0 : PAUSE_MS);
  }

  tooLong(length) {
    return text(this.data.too_long).replace("{found}", length.toLocaleString("en-US"));
  }

  /** A browser needs seconds for a megabyte in a text area: what is too long to be read is not put there. */
  paste(event) {
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    const { length } = pasted;
    this.isWithinALine = !/[\r\n]/.test(pasted);
    if (length <= this.data.most) return;
    event.preventDefault();
    showText(this.note, this.tooLong(length));
  }

  /** What is sent while another page is asked for would call this one back: then the text waits for the next visit. */
  left(target) {
    if (!target?.closest?.("a[href]")) this.send();
    else if (this.area.value !== this.sent) this.pause.start(LEAVING_MS);
  }

  /** The hand asks what the code means, and waits for the answer. */
  check() {
    desk.isAwaited = true;
    this.send(true);
  }

  /** Tell Python what is in the box. */
  send(anyway = false) {
    this.pause.stop();
    const { value } = this.area;
    if (!this.isDrawn || (value === this.sent && !anyway) || value.length > this.data.most) return;
    this.isLooking ||= anyway;
    this.sent = value;
    this.outbox.push("text", whole(value), "commit", WHOLE);
  }

  mark() {
    const { lit, selected, tones } = this.data;
    const found = new Map(Object.entries(record(tones) ?? {}).map(([line, tone]) => [Number(line), tone]));
    this.mirror.mark(new Set(lit), found);
    const said = JSON.stringify([lit, tones]);
    // While somebody types, the box stays where it is.
    const mayMove = this.isLooking || document.activeElement !== this.area;
    const line = selected !== this.selected && lit?.length ? lit[0] : this.mirror.pointedOut;
    if (said !== this.said && mayMove && line) this.reveal(line);
    [this.said, this.selected, this.isLooking] = [said, selected, false];
    setAttributes(this.area, { "aria-invalid": [...found.values()].includes("error") ? "true" : null });
  }

  key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.check();
    } else if (event.key === "Escape") this.isLeaving = true;
    else if (!(event.key === "Tab" && this.isLeaving)) {
      if (event.key !== "Shift") this.isLeaving = false;
      if (takeKey(this.area, event)) event.preventDefault();
    }
  }

  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.pick(), CARET_MS);
  }

  /** The layer that the caret's line makes or calls. */
  pick() {
    const { selectionStart: at, selectionEnd: end, value } = this.area;
    if (at !== end || value !== this.sent || this.outbox.owes("text")) return;
    const start = value.lastIndexOf("\n", at - 1) + 1;
    const place = [lineCount(value.slice(0, at)), [...value.slice(start, at)].length + 1];
    const layer = layerAt(this.data.places ?? [], place);
    if (layer && layer !== this.data.selected) this.outbox.push("select", layer, "commit", true);
  }

  /** To a line, with the caret. */
  go(line) {
    const start = startOf(this.area.value, line);
    const end = this.area.value.indexOf("\n", start);
    this.reveal(line);
    if (matchMedia("(hover: hover)").matches) this.area.focus({ preventScroll: true });
    this.area.setSelectionRange(start, end < 0 ? this.area.value.length : end);
    if (this.scroller.getBoundingClientRect().bottom < 80 || this.scroller.getBoundingClientRect().top > innerHeight - 80) {
      this.node.scrollIntoView({ block: "nearest" });
    }
  }

  /** Scrolls within the box, so that a line is in its upper third. */
  reveal(line) {
    const node = this.mirror.lines.children[line - 1];
    if (!node) return;
    const { scrollTop, clientHeight } = this.scroller;
    const top = node.offsetTop;
    if (top < scrollTop || top > scrollTop + clientHeight - 2 * node.offsetHeight) this.scroller.scrollTop = top - clientHeight / 3;
    this.scroller.scrollLeft = 0;
  }

  /** Makes a correction, unless the text is no longer what it was made for: then that is read first. */
  correct(edits, length) {
    const before = this.area.value;
    const fits = edits.every(([start, end, , old]) => before.slice(start, end) === old);
    if (!fits || before.length !== length) {
      this.send(true);
      return;
    }
    const after = edits.reduceRight((words, [start, end, other]) => words.slice(0, start) + other + words.slice(end), before);
    this.corrections.push({ before, after });
    become(this.area, after);
    this.changed(true);
    this.reveal(lineCount(after.slice(0, edits[0]?.[0])));
  }

  takeBack() {
    const last = this.corrections.pop();
    become(this.area, last.before);
    this.changed(true);
  }

  clear() {
    become(this.area, "");
    this.changed(true);
    if (matchMedia("(hover: hover)").matches) this.area.focus();
  }

  stop() {
    if (desk.editor === this) desk.editor = null;
    this.pause.stop();
    clearTimeout(this.resting);
  }

  async drop(event) {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    if (file.size > this.data.file) showText(this.note, this.data.too_large);
    else this.outbox.push("file", whole(await file.text()), "commit", WHOLE);
  }
}

const lineCount = (words) => {
  let count = 1;
  for (let at = words.indexOf("\n"); at >= 0; at = words.indexOf("\n", at + 1)) count += 1;
  return count;
};

const startOf = (words, line) => {
  let at = 0;
  for (let n = 1; n < line; n += 1) at = words.indexOf("\n", at) + 1 || words.length;
  return at;
};

/** Half a character cannot be sent: a sign takes its place. */
const whole = (words) => words.toWellFormed?.() ?? words.replace(/\p{Surrogate}/gu, "\ufffd");

/** The layer of the smallest stretch around a place, else the first one in its line. */
function layerAt(places, [line, column]) {
  const isBefore = ([l1, c1], [l2, c2]) => l1 < l2 || (l1 === l2 && c1 <= c2);
  let best = null;
  let first = null;
  for (const [from, start, to, end, layer] of places) {
    if (line < from || line > to) continue;
    first ??= layer;
    const isAround = isBefore([from, start], [line, column]) && isBefore([line, column], [to, end]);
    const size = (to - from) * 1000 + end - start;
    if (isAround && (!best || size < best.size)) best = { size, layer };
  }
  return best?.layer ?? first;
}
