// What is drawn under the editor's own text: the same lines in color, those that are pointed out marked, and beside
// them their numbers. The text area above is see-through; where lines are too many, it shows its text itself.

import { element, text } from "./dom.js";
import { colored } from "./coloring.js";

const SIGNS = { error: "×", warning: "!" };

export class Mirror {
  constructor() {
    this.lines = element("div", "stage-editor-lines", { "aria-hidden": "true" });
    this.gutter = element("div", "stage-editor-gutter", { "aria-hidden": "true" });
    this.rows = [];
    this.marks = [];
    this.numbered = "";
  }

  /** Draws `source`; a line keeps its mark while it stays the same, wherever it moves. */
  draw(source) {
    const rows = colored(source).map((pieces) => ({ pieces, said: JSON.stringify(pieces) }));
    const [head, tail] = same(this.rows, rows);
    const [before, after] = [this.rows.length - tail, rows.length - tail];
    const added = rows.slice(head, after).map(({ pieces }) =>
      element("div", "stage-editor-line", {}, ...pieces.map(([kind, words]) => element("span", `stage-code-${kind}`, {}, words)), "\n"),
    );
    const old = [...this.lines.children].slice(head, before);
    const next = this.lines.children[before] ?? null;
    for (const node of old) node.remove();
    for (const node of added) this.lines.insertBefore(node, next);
    this.marks.splice(head, before - head, ...added.map(() => ({})));
    this.rows = rows;
    added.forEach((node, place) => show(node, this.marks[head + place]));
    this.number();
  }

  clear() {
    [this.rows, this.marks, this.numbered] = [[], [], ""];
    this.lines.replaceChildren();
    this.gutter.replaceChildren();
  }

  /** `lit` and the tones by line number, counted from 1. */
  mark(lit, tones) {
    this.marks = this.rows.map((_, place) => ({ lit: lit.has(place + 1), tone: text(tones.get(place + 1)) }));
    this.marks.forEach((mark, place) => show(this.lines.children[place], mark));
    this.number();
  }

  /** The numbers are one text, but for the lines that are pointed out. */
  number() {
    const said = `${this.marks.length}|${this.marks.map((mark, n) => (mark.tone || mark.lit ? `${n}${mark.tone}` : "")).join("")}`;
    if (said === this.numbered) return;
    this.numbered = said;
    const parts = [];
    let plain = "";
    this.marks.forEach((mark, place) => {
      const sign = SIGNS[mark.tone];
      if (!sign && !mark.lit) {
        plain += `${place + 1}\n`;
        return;
      }
      const number = element("span", "stage-editor-number", {}, `${sign ? `${sign} ` : ""}${place + 1}`);
      show(number, mark);
      parts.push(plain, number, "\n");
      plain = "";
    });
    this.gutter.replaceChildren(...parts, plain);
  }

  /** The first line that is wrong, or lit. */
  get pointedOut() {
    const find = (test) => this.marks.findIndex(test) + 1;
    return find((mark) => mark.tone === "error") || find((mark) => mark.tone) || find((mark) => mark.lit);
  }
}

/** How many lines at the beginning, and at the end, are the same. */
function same(before, after) {
  const least = Math.min(before.length, after.length);
  let head = 0;
  while (head < least && before[head].said === after[head].said) head += 1;
  let tail = 0;
  while (tail < least - head && before.at(-1 - tail).said === after.at(-1 - tail).said) tail += 1;
  return [head, tail];
}

function show(node, mark) {
  node.classList.toggle("stage-is-lit", mark.lit === true);
  if (mark.tone) node.dataset.tone = mark.tone;
  else delete node.dataset.tone;
}
