// Corrections as before and after: the line as it is, struck; the line as it would be; and a button that does it.

import { element, list, reconcile, setAttributes, setText, text, withBreaks } from "./dom.js";
import { desk } from "./desk.js";

export function drawCures(node, cures, outbox) {
  node.hidden = cures.length === 0;
  reconcile(node, cures, () => makeCure(outbox), (item, cure) => item.update(cure));
}

function makeCure(outbox) {
  const button = element("button", "stage-button", { type: "button" });
  const rows = element("div", "stage-cure-rows");
  const more = element("span", "stage-figure-note");
  const item = element("li", "stage-cure", {}, rows, more, button);
  button.addEventListener("click", () => {
    if (desk.editor) desk.editor.correct(item.edits, item.length);
    else outbox.push(item.key, null);
  });
  item.update = (cure) => {
    [item.key, item.edits, item.length] = [cure.key, list(cure.edits), cure.length];
    setText(button, cure.label);
    setText(more, cure.more);
    more.hidden = !text(cure.more);
    rows.hidden = list(cure.rows).length === 0;
    reconcile(
      rows,
      list(cure.rows),
      makeRow,
      (row, told) => row.update(told),
      (told) => `${told.line} ${told.kind}`,
    );
  };
  return item;
}

const SAYS = { old: ["−", "Before: "], new: ["+", "After: "] };

function makeRow() {
  const number = element("button", "stage-line-link stage-cure-line", { type: "button" });
  const sign = element("span", "stage-cure-sign", { "aria-hidden": "true" });
  const says = element("span", "stage-unseen");
  const code = element("code");
  const row = element("div", "stage-cure-row", {}, number, sign, says, code);
  number.addEventListener("click", () => desk.editor?.go(row.line));
  row.update = ({ line, kind, pieces }) => {
    row.line = line;
    row.dataset.kind = text(kind);
    setText(number, line);
    setAttributes(number, { "aria-label": `Go to line ${line}` });
    setText(sign, SAYS[kind][0]);
    setText(says, SAYS[kind][1]);
    const said = JSON.stringify(pieces);
    if (row.said === said) return;
    row.said = said;
    code.replaceChildren(...list(pieces).map(([isOther, words]) => (isOther ? element("mark", "", {}, words) : words)));
  };
  return row;
}

// Not the second in "line 17 (In[3]: line 5)": that is the line of the notebook's cell.
const LINES = /(\b(?<!\]: )[Ll]ines? \d+)/;

/** A sentence in which each "line 12" leads there, where an editor is on the page. */
export function setSentence(node, words, isLinked) {
  const wanted = text(words);
  const said = `${isLinked} ${wanted}`;
  if (node.said === said) return;
  node.said = said;
  const parts = isLinked ? wanted.split(LINES) : [wanted];
  node.replaceChildren(...parts.flatMap((part, place) => (place % 2 ? [lineLink(part)] : withBreaks(part))));
}

function lineLink(words) {
  const link = element("button", "stage-line-link", { type: "button" }, words);
  const line = Number(/\d+/.exec(words)[0]);
  link.addEventListener("click", () => desk.editor?.go(line));
  return link;
}
