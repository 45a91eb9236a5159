"""A text with a button that copies it.

A press with the cursor still in a field of the page sets off the run that makes the text of what was typed: the copy
waits for that run. The box has one height for every text, so that no button moves away from under such a press.
"""

import streamlit as st

from layerscope.ui.clipboard import COPIED, SETTLED

_JS = (
    COPIED
    + SETTLED
    + """
export default function ({ data, parentElement }) {
  const box = parentElement.querySelector("textarea");
  const button = parentElement.querySelector("button");
  const told = parentElement.querySelector("[role=status]");
  if (box.value !== data.text) {
    box.value = data.text;
    told.textContent = "";
  }
  box.setAttribute("aria-label", data.label);
  button.textContent = data.button;
  button.onclick = async () => {
    told.textContent = "";
    if (!(await settled())) {
      told.textContent = "The link is still being made: press again";
      return;
    }
    const text = box.value;
    const done = await copied(box);
    if (box.value === text) told.textContent = done ? "Copied" : "Press Ctrl+C to copy";
  };
}
"""
)
_HTML = """<div class="copying"><textarea readonly rows="1" spellcheck="false"></textarea>
<button type="button" data-waits></button><span role="status"></span></div>"""
_CSS = """
.copying { display: flex; flex-wrap: wrap; align-items: center; gap: 0.6rem; }
.copying textarea {
  flex: 1 1 100%; box-sizing: border-box; resize: none; overflow: auto; height: 5.5rem; padding: 0.5rem 0.7rem;
  border: 1px solid var(--st-border-color, #8886); border-radius: 6px; color: inherit;
  background: var(--st-secondary-background-color); overflow-wrap: anywhere;
  font: 13px/1.4 var(--st-code-font, monospace);
}
@media (max-width: 640px) { .copying textarea { font-size: 16px; } }
.copying button {
  min-height: 2.5rem; padding: 0 1.1rem; border: 0; border-radius: var(--st-button-radius, 0.5rem); cursor: pointer;
  background: #0072b2; color: #fff; font: inherit; font-size: 0.93rem; font-weight: 600;
}
.copying textarea:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
"""
_component = st.components.v2.component("layerscope.copying", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


def draw(text: str, label: str, button: str, key: str) -> None:
    """Draw the text, which nobody can change, and the button. `label` is what a screen reader calls the text."""
    _component(key=key, data={"text": text, "label": label, "button": button})
