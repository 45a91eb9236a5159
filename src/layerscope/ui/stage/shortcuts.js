// Keys that work anywhere on the page, except where somebody types text.

import { record, text } from "./dom.js";

const NO_TEXT = new Set(["range", "checkbox", "radio", "button", "submit", "color", "file"]);

function takesText(target) {
  if (!(target instanceof Element)) return false;
  if (target.closest("textarea, [contenteditable]:not([contenteditable=false])")) return true;
  const input = target.closest("input");
  // In a field whose text was sent already there is nothing of the browser's own to undo.
  return Boolean(input) && !NO_TEXT.has(input.type) && input.dataset.sent !== input.value;
}

/** Listens on the page; gives back what stops it. */
export function listenForShortcuts(shortcuts, outbox) {
  const onKey = (event) => {
    const parts = [
      (event.ctrlKey || event.metaKey) && "mod",
      event.altKey && "alt",
      event.shiftKey && "shift",
      event.key?.toLowerCase(),
    ];
    const known = record(shortcuts()) ?? {};
    const combination = parts.filter(Boolean).join("+");
    if (event.defaultPrevented || !Object.hasOwn(known, combination)) return;
    // Alt with an arrow means nothing in a line of text.
    if (takesText(event.target) && !combination.startsWith("alt+arrow")) return;
    event.preventDefault();
    outbox.push(text(known[combination]), null);
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
