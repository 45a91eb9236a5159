"""On a phone the menu covers the page; Streamlit leaves it open when a page was chosen."""

import streamlit as st

# One listener for the whole visit. The menu lies over the page as long as the window is this narrow.
_CLOSE = """
export default function () {
  if (window.layerscopeMenu) return;
  window.layerscopeMenu = true;
  document.addEventListener("click", (event) => {
    if (innerWidth > 768 || !event.target.closest?.('[data-testid="stSidebarNavLink"]')) return;
    setTimeout(() => document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click(), 150);
  });
}
"""
_component = st.components.v2.component("layerscope.menu", js=_CLOSE, isolate_styles=False)


def closing() -> None:
    """Close the menu once a page was chosen in it."""
    _component(key="menu")
