// A press on one of Streamlit's buttons, or on one that copies the address, after something was done in a stage. Python
// hears of the stage's events one after the other, and of the press at once: it would add the layer that was chosen
// before, or undo the move before the last. So the press waits until Python has answered the events, those too that
// waited for the hand to rest.

const STREAMLITS = ["stButton", "stDownloadButton", "stFormSubmitButton"].map((id) => `[data-testid=${id}] button`);
const BUTTONS = [...STREAMLITS, "button[data-waits]"].join();
const PATIENCE = 10_000; // milliseconds, more than a busy server takes; it may be away, and Streamlit says so

const outboxes = new Set();
let held = [];
let isLate = null;

const isAwaited = () => [...outboxes].some((outbox) => outbox.owesAny());

/** Presses wait for this outbox too, until the function given back is called. */
export function waitFor(outbox) {
  if (!outboxes.size) document.addEventListener("click", hold, true);
  outboxes.add(outbox);
  return () => {
    outboxes.delete(outbox);
    if (!outboxes.size) document.removeEventListener("click", hold, true);
    release();
  };
}

function hold(event) {
  const button = event.target?.closest?.(BUTTONS);
  if (!button) return;
  for (const outbox of outboxes) outbox.gather();
  if (!held.length && !isAwaited()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!held.includes(button)) held.push(button);
  isLate ??= setTimeout(letGo, PATIENCE);
}

/** Make the presses that wait, where nothing is owed any more. */
export function release() {
  if (held.length && !isAwaited()) letGo();
}

function letGo() {
  clearTimeout(isLate);
  const waiting = held;
  [held, isLate] = [[], null];
  document.removeEventListener("click", hold, true);
  for (const button of waiting) button.click();
  if (outboxes.size) document.addEventListener("click", hold, true);
}
