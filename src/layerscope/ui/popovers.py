"""The popovers: the keyboard goes into one that it opens, and out again, and sends a box of code. Those of the toolbar
close once something else than their own buttons changed what they cover.
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from layerscope.network import Network
from layerscope.ui import remembered

_OPEN, _OVER, _CLOSED = "popovers.open", "popovers.over", "popovers.closed"
"""The keys of those that were open when the toolbar was drawn last, the network that was on the screen then; how many
were closed, and the key of the last one."""
_NONE = (0, "")
# Streamlit hangs a popover's body at the end of the page, where the Tab key finds it last, and leaves the focus on the
# button. A click that no pointer made (detail 0) is a key's or a screen reader's; after a mouse's one can type into a
# body that begins with a line of text; a hand on a touch screen gets no keyboard opened. The body is drawn again by the
# run that follows, so what had the focus in it may be gone once more.
# While the focus is outside, Streamlit's library keeps each stop's own tabindex in data-tabindex.
_INTO = """
const BUTTON = '[data-testid="stPopoverButton"]', BODY = '[data-testid="stPopoverBody"]';
const STOPS = 'a[href], button, input, select, textarea, summary, [tabindex="0"], [data-tabindex="0"]';
const isStop = (one) => one.tabIndex >= 0 || (one.dataset.tabindex ?? "-1") !== "-1";
const stops = (body) => [...body.querySelectorAll(STOPS)].filter((one) =>
  !one.disabled && isStop(one) && one.getClientRects().length && getComputedStyle(one).visibility === "visible");
const bodyOf = (button) => button?.isConnected && button.getAttribute("aria-expanded") === "true"
  && [...document.querySelectorAll(BODY)].at(-1);
let opener = null;
let waits = 0; // until when the body may still be drawn; a key or a press ends that, as somebody goes on
let pointer = ""; // what was pressed with last
let early = ""; // letters for a field that is still to come
const enter = (button, isKey) => {
  const look = () => {
    const body = bodyOf(button), at = document.activeElement;
    if (opener !== button || performance.now() > waits) return;
    if (body && (at === button || at === document.body || body.contains(at))) {
      const [first] = stops(body);
      const isWanted = first && (isKey || first.matches('input[type="text"]'));
      if (isWanted && first !== at) first.focus();
      if (isWanted && early) document.execCommand("insertText", false, early);
      if (isWanted) early = "";
    }
    setTimeout(look, 60);
  };
  opener = button;
  early = "";
  waits = performance.now() + 2000;
  look();
};
const tab = (event) => {
  const body = bodyOf(opener), at = document.activeElement;
  if (!body) return;
  const within = stops(body);
  if (at === opener && !event.shiftKey && within.length) {
    within[0].focus();
  } else if (body.contains(at) && at === (event.shiftKey ? within[0] : within.at(-1))) {
    opener.focus();
    if (!event.shiftKey) return; // and on from there, as the browser does
  } else return;
  event.preventDefault();
};
const escape = () => {
  const button = opener, body = bodyOf(button);
  const at = document.activeElement;
  if (!body || !(body.contains(at) || at === button)) return;
  // Streamlit hears no Escape from a field of the stage's, and none at all in the first moment of its body.
  const isUnheard = at.matches("button") || at.closest(".stage, .stage-picker");
  setTimeout(() => {
    const now = document.activeElement; // by then somebody may have gone on elsewhere
    const isLost = now === document.body || body.contains(now);
    if (isLost && (!bodyOf(button) || isUnheard)) button.focus();
    if (bodyOf(button) && isUnheard) button.click();
  }, 150);
};
// Streamlit sends the box's text with that key, and nothing more; what waits for it is the button below the box. It is
// pressed once Streamlit has taken the text.
const send = (event) => {
  const button = event.target.matches?.(`${BODY} textarea`)
    && event.target.closest(BODY).querySelector('[class*="st-key-"][class*="-go "] button');
  if (button) setTimeout(() => button.click());
};
export default function () {
  if (window.layerscopePopovers) return;
  window.layerscopePopovers = true;
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(BUTTON);
    const isKey = event.detail === 0;
    if (!button || button.getAttribute("aria-expanded") === "true") return;
    if (isKey || pointer === "mouse") enter(button, isKey);
  }, true);
  document.addEventListener("pointerdown", (event) => {
    waits = 0;
    pointer = event.pointerType;
  }, true);
  document.addEventListener("keydown", (event) => {
    const isLetter = event.key.length === 1 && event.key !== " " && !event.altKey && !event.ctrlKey && !event.metaKey;
    if (!isLetter) waits = 0;
    if (isLetter && performance.now() < waits && document.activeElement === opener) {
      early += event.key;
      event.preventDefault();
    }
    if (event.key === "Tab" && !event.altKey && !event.ctrlKey && !event.metaKey) tab(event);
    if (event.key === "Escape") escape();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(event);
  }, true);
}
"""
_component = st.components.v2.component("layerscope.popovers", js=_INTO, isolate_styles=False)
_KEYS = {label: f"popover.{label.lower().replace(' ', '-')}" for label in ("Input", "Add a layer", "Export")}


def popover(label: str, help_text: str) -> DeltaGenerator:
    """One of them; the page runs anew when it is opened or closed, so that it shows what is there then."""
    return st.popover(label, help=help_text, key=_KEYS[label], on_change="rerun")


def by_keyboard() -> None:
    """On every page: a popover that a key opens takes the focus, Tab passes through it, Escape gives it back."""
    _component(key="popovers")


def are_open() -> bool:
    """Whether one is open."""
    return any(remembered.widget_value(key) for key in _KEYS.values())


def close_where_covering(network: Network) -> None:
    """Close those that were open already while another network was on the screen. Before they are drawn."""
    was_open: tuple[str, ...] = remembered.kept(_OPEN, ())
    for key in was_open if remembered.widget_value(_OVER) != network else ():
        remembered.remember(key, False)
        remembered.remember(_CLOSED, (remembered.kept(_CLOSED, _NONE)[0] + 1, key))
    remembered.remember(_OPEN, tuple(key for key in _KEYS.values() if remembered.widget_value(key)))
    remembered.remember(_OVER, network)


def closed() -> tuple[int, str]:
    """How many were closed, and where the last one's button is, which gets the focus that was in it."""
    count, key = remembered.kept(_CLOSED, _NONE)
    return count, f".st-key-{key.replace('.', '-')} button"


def keep_open(network: Network) -> None:
    """They may stay open over this network: what they did themselves goes on."""
    remembered.remember(_OVER, network)


def close() -> None:
    """Close them with the next run."""
    remembered.remember(_OVER, None)
