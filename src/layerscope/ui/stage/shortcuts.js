// Keys that work anywhere on the page, except where somebody types text. Alt with an arrow means nothing in a line of
// text: it works there too, and comes before what a slider, a field or a menu would make of it.

import { record, text } from "./dom.js";

const NO_TEXT = new Set(["range", "checkbox", "radio", "button", "submit", "color", "file"]);

function takesText(target) {
  if (!(target instanceof Element)) return false;
  if (target.closest("textarea, [contenteditable]:not([contenteditable=false])")) return true;
  const input = target.closest("input");
  // In a field whose text was sent already there is nothing of the browser's own to undo.
  return Boolean(input) && !NO_TEXT.has(input.type) && input.dataset.sent !== input.value;
}

const isOverAll = (combination) => combination.startsWith("alt+arrow");

/** Listens on the page and calls `take` with what a key stands for; gives back what stops it. */
export function listenForShortcuts(shortcuts, take) {
  const listen = (isEarly) => (event) => {
    const parts = [
      (event.ctrlKey || event.metaKey) && "mod",
      event.altKey && "alt",
      event.shiftKey && "shift",
      event.key?.toLowerCase(),
    ];
    const known = record(shortcuts()) ?? {};
    const combination = parts.filter(Boolean).join("+");
    if (event.defaultPrevented || !Object.hasOwn(known, combination) || isOverAll(combination) !== isEarly) return;
    if (takesText(event.target) && !isEarly) return;
    event.preventDefault();
    if (isEarly) event.stopImmediatePropagation();
    take(text(known[combination]));
  };
  const listeners = [true, false].map((isEarly) => [listen(isEarly), isEarly]);
  for (const [onKey, isEarly] of listeners) document.addEventListener("keydown", onKey, isEarly);
  return () => {
    for (const [onKey, isEarly] of listeners) document.removeEventListener("keydown", onKey, isEarly);
  };
}
