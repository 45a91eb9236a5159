// Changes of a text area's text that the browser's own undo takes back, and the keys that an editor of code has.

const INDENT = "    ";

/** Puts `words` in the place of a stretch, as if they were typed. */
export function replaceStretch(area, start, end, words) {
  area.focus({ preventScroll: true });
  area.setSelectionRange(start, end);
  // Deprecated, but the only way that keeps the browser's undo; without it the text changes all the same.
  const done = words ? document.execCommand("insertText", false, words) : start === end || document.execCommand("delete");
  if (!done) type(area, start, end, words);
}

/** The same without the focus, which on a touch screen would open the keyboard. */
function type(area, start, end, words) {
  area.setRangeText(words, start, end, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

const SLOW = 50_000; // characters: more are put in without the browser's undo, which takes seconds for them

/** Makes `wanted` of the text by changing the one stretch in which they differ. */
export function become(area, wanted) {
  const now = area.value;
  if (now === wanted) return;
  const least = Math.min(now.length, wanted.length);
  let head = 0;
  while (head < least && now[head] === wanted[head]) head += 1;
  let tail = 0;
  while (tail < least - head && now.at(-1 - tail) === wanted.at(-1 - tail)) tail += 1;
  const [end, words] = [now.length - tail, wanted.slice(head, wanted.length - tail)];
  // In an empty box there is nothing to take back, and nobody who types.
  const isQuick = now && words.length < SLOW && end - head < SLOW && matchMedia("(hover: hover)").matches;
  (isQuick ? replaceStretch : type)(area, head, end, words);
}

/** Tab and Shift+Tab move lines, Enter keeps the indentation. Gives back whether the key was taken. */
export function takeKey(area, event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === "Tab") return indent(area, event.shiftKey);
  if (event.key !== "Enter" || event.shiftKey) return false;
  const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const before = area.value.slice(start, area.selectionStart);
  const blanks = /^[ \t]*/.exec(before)[0] + (/:[ \t]*$/.test(before) ? INDENT : "");
  if (!blanks) return false;
  replaceStretch(area, area.selectionStart, area.selectionEnd, `\n${blanks}`);
  return true;
}

function indent(area, isBack) {
  const { value, selectionStart: from, selectionEnd: to } = area;
  const start = value.lastIndexOf("\n", from - 1) + 1;
  if (!isBack && !value.slice(from, to).includes("\n")) {
    replaceStretch(area, from, to, INDENT.slice((from - start) % INDENT.length));
    return true;
  }
  const next = value.indexOf("\n", to > from && value[to - 1] === "\n" ? to - 1 : to);
  const end = next < 0 ? value.length : next;
  const old = value.slice(start, end).split("\n");
  const rows = old.map((row) => (isBack ? row.replace(/^(\t| {1,4})/, "") : row && INDENT + row));
  const words = rows.join("\n");
  if (words !== value.slice(start, end)) replaceStretch(area, start, end, words);
  if (from === to) {
    const place = Math.max(start, from + rows[0].length - old[0].length);
    area.setSelectionRange(place, place);
  } else area.setSelectionRange(start, start + words.length);
  return true;
}
