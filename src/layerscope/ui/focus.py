"""Where the keyboard goes on when what had the focus is gone: an answered question makes room for its verdict."""

import streamlit as st

# Only where nothing else has the focus, and not on touch screens, where a focused field opens the keyboard.
_FOLLOW = """
// A link to a place on the page leads there, and leaves the address as it is: that holds the page's own words.
const lead = (event) => {
  const link = event.target.closest?.(".leads-on");
  const place = link && document.getElementById(link.getAttribute("href").slice(1));
  if (!place) return;
  event.preventDefault();
  place.scrollIntoView({ block: "start" });
};
export default function ({ data }) {
  document.removeEventListener("click", window.layerscopeLead);
  document.addEventListener("click", (window.layerscopeLead = lead));
  const { page, turn, to } = data;
  const before = window.layerscopeTurn;
  window.layerscopeTurn = { page, turn };
  if (before?.page !== page || before.turn === turn || !matchMedia("(hover: hover)").matches) return;
  // What had the focus may go later, and the next one come later, where browser or server are busy; whoever presses a
  // key or a button meanwhile has chosen a place.
  const chosen = new AbortController();
  for (const kind of ["keydown", "pointerdown"]) {
    addEventListener(kind, () => chosen.abort(), { capture: true, signal: chosen.signal });
  }
  let looks = 50;
  const look = () => {
    if (chosen.signal.aborted) return;
    const isNowhere = !document.activeElement || document.activeElement === document.body;
    const next = isNowhere ? document.querySelector(to) : null;
    next?.focus();
    if (next || (looks -= 1) === 0) chosen.abort();
    else setTimeout(look, 60);
  };
  setTimeout(look, 120);
}
"""
_component = st.components.v2.component("layerscope.focus", js=_FOLLOW, isolate_styles=False)


def follow(page: str, turn: object, to: str) -> None:
    """Focus the first node that the CSS selector `to` finds, each time that `turn` has changed on the page."""
    _component(key=f"focus-{page}", data={"page": page, "turn": str(turn), "to": to})
