"""Copying from a page, as JavaScript that components of ours share."""

# The clipboard is closed to pages without https, such as a teacher's own machine in a classroom: there the old way.
COPIED = """
const copied = async (field) => {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
};
"""
"""`copied(field)` copies a field's text and says whether that was possible; where it was not, the text is selected."""

SETTLED = """
const MOST_WAIT = 4000; // ms; a browser lets a page copy for five seconds after a press
const MOST_START = 1500; // ms; after that, what was typed sets off no run
const app = document.querySelector("[data-testid=stApp]");
const isRunning = () => app.dataset.testScriptState !== "notRunning";
let typed = false; // whether something was typed since the last run began
const TEXT = "input:not([role=combobox], [type=radio], [type=checkbox]), textarea";
const isText = (field) => field?.matches?.(TEXT) && !field.closest(".stage");
document.addEventListener("input", (event) => isText(event.target) && (typed = true), true);
const state = { attributeFilter: ["data-test-script-state"] };
new MutationObserver(() => isRunning() && (typed = false)).observe(app, state);

const until = async (holds, most) => {
  const start = performance.now();
  while (!holds() && performance.now() - start < most) await new Promise((done) => setTimeout(done, 20));
};
const settled = async () => {
  if (!typed && !isRunning()) return true;
  await until(isRunning, MOST_START);
  typed = false;
  await until(() => !isRunning(), MOST_WAIT - MOST_START);
  await new Promise((done) => setTimeout(done, 60)); // the text is drawn just after its run has ended
  return !isRunning();
};
"""
"""`await settled()` waits for the run that a press, or what was typed before it, set off; whether it has ended. What a
stage's fields tell is waited for before the press is made, where the button has `data-waits` (`stage/presses.js`)."""
