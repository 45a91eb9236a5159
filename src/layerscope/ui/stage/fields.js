// What Streamlit's own fields lack.

// Fields that take digits only open a phone's keyboard of digits. It must be told before the field has the
// focus; a field that is not there yet cannot be.

const DIGITS = '[class*="st-key-digits-"] input[type="text"]';

for (const field of document.querySelectorAll(DIGITS)) field.inputMode = "numeric"; // those that came before this file
for (const kind of ["pointerdown", "focusin"]) {
  document.addEventListener(kind, ({ target }) => {
    if (target instanceof HTMLInputElement && target.matches(DIGITS)) target.inputMode = "numeric";
  }, { capture: true });
}

// What is pasted into a box that only takes pasted texts is sent at once, as with Ctrl+Enter; the paste itself comes first.
const PASTED = '[class*="st-key-pasted-"] textarea';

document.addEventListener("paste", ({ target }) => {
  if (!(target instanceof HTMLTextAreaElement && target.matches(PASTED))) return;
  setTimeout(() => target.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true })));
});
