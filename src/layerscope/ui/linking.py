"""Two buttons that only the browser can do: copy the page's address, and unfold the toolbar on a phone."""

from collections.abc import Iterable

import streamlit as st

from layerscope.ui import unlinked
from layerscope.ui.clipboard import COPIED, SETTLED

_COPY = (
    COPIED
    + SETTLED
    + """
const LABEL = "Copy link";
export default function ({ parentElement, data }) {
  const button = parentElement.querySelector("button");
  const told = parentElement.querySelector("[role=status]");
  let timer = 0;
  button.onclick = async () => {
    await settled(); // the address follows the network at the end of a run
    const field = Object.assign(document.createElement("textarea"), { value: location.href, readOnly: true });
    Object.assign(field.style, { position: "fixed", insetInlineStart: "-9999px" });
    document.body.append(field);
    const isDone = await copied(field);
    field.remove();
    button.focus();
    const done = isDone ? "Link copied" : "Copy it from the address bar";
    const said = data.without ? `${done}, ${data.without}` : done;
    button.lastChild.textContent = told.textContent = said;
    clearTimeout(timer);
    timer = setTimeout(() => (button.lastChild.textContent = LABEL), data.without ? 6000 : 2000);
  };
  return () => {
    clearTimeout(timer);
    button.lastChild.textContent = LABEL;
  };
}
"""
)
_UNFOLD = """
export default function ({ parentElement }) {
  const button = parentElement.querySelector("button");
  const isOpen = () => button.getAttribute("aria-expanded") === "true";
  const open = (wanted) => button.setAttribute("aria-expanded", String(wanted));
  button.onclick = () => open(!isOpen());
  // What it unfolded closes with Escape, as all that opens does; a menu or a popover that is open there comes first.
  const INNER = '[data-testid="stPopoverBody"], [role="listbox"], [role="dialog"]';
  let hasInner = false;
  const hanging = () => [...document.querySelectorAll(`body > :not(#root) :is(${INNER})`)];
  const look = () => (hasInner = hanging().some((one) => one.checkVisibility())); // one that closed may still fade
  const close = (event) => {
    if (event.key !== "Escape" || hasInner || !isOpen() || !button.checkVisibility()) return;
    const toolbar = button.closest(".st-key-toolbar");
    const at = document.activeElement;
    if (at !== document.body && !toolbar?.contains(at)) return;
    open(false);
    button.focus();
  };
  document.addEventListener("keydown", look, true); // before whatever is open has closed itself
  document.addEventListener("keydown", close);
  return () => {
    document.removeEventListener("keydown", look, true);
    document.removeEventListener("keydown", close);
  };
}
"""
_CHAIN = (
    "<svg width='16' height='16' viewBox='0 0 24 24' fill='none' stroke='currentColor' stroke-width='2' "
    "stroke-linecap='round' aria-hidden='true'><path d='M10 14a5 5 0 0 0 7 0l3-3a5 5 0 0 0-7-7l-1 1M14 10a5 5 0 0 0-7 "
    "0l-3 3a5 5 0 0 0 7 7l1-1'/></svg>"
)
_copy = st.components.v2.component(
    "layerscope.copy_link",
    html=f"<button type='button' class='toolbar-button' data-waits>{_CHAIN}<span>Copy link</span></button>"
    "<span role='status' class='toolbar-told'></span>",
    js=_COPY,
    isolate_styles=False,
)
_unfold = st.components.v2.component(
    "layerscope.unfold",
    html="<button type='button' class='toolbar-button toolbar-unfold' aria-expanded='false'>Tools</button>",
    js=_UNFOLD,
    isolate_styles=False,
)


def copy_link(missing: Iterable[str] = ()) -> None:
    """A button that copies the address of what is on the screen. `missing`: what of it the address does not hold."""
    _copy(key="copy-link", width="content", data={"without": unlinked.said(missing)})


def unfold() -> None:
    """A button that is seen on a phone only: it shows what else the toolbar holds (see the style in `chrome.py`)."""
    _unfold(key="unfold", width="content")
