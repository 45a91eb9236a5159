"""On a phone the menu covers the page; Streamlit leaves it open when a page was chosen, and calls it a list, which with
its groups it is not. And a page that is gone to opens at its top.
"""

import streamlit as st

# One listener for the whole visit. The menu lies over the page as long as the window is this narrow.
_CLOSE = """
const LIST = '[data-testid="stSidebarNavItems"]';
const tend = () => {
  for (const node of document.querySelectorAll(`${LIST}, ${LIST} li`)) node.setAttribute("role", "none");
};
const within = new MutationObserver(tend);
// The menu comes and goes with the window's width. Only its holder is watched, not all that moves on the page.
const watch = () => {
  const menu = document.querySelector('[data-testid="stSidebar"]');
  if (menu) within.observe(menu, { childList: true, subtree: true });
  tend();
};
// Streamlit leaves the next page scrolled as the last one was. Back and forward, which add no entry to the history,
// keep the browser's own place; so does an entry of the same page, as for another question.
const toTop = () => {
  const push = history.pushState;
  history.pushState = function (...entry) {
    const before = location.pathname;
    push.apply(this, entry);
    if (location.pathname !== before) document.querySelector(".stMain")?.scrollTo({ top: 0, behavior: "instant" });
  };
};
export default function () {
  watch();
  if (window.layerscopeMenu) return;
  window.layerscopeMenu = true;
  toTop();
  const holder = document.querySelector('[data-testid="stAppViewContainer"]');
  if (holder) new MutationObserver(watch).observe(holder, { childList: true });
  document.addEventListener("click", (event) => {
    if (innerWidth > 768 || !event.target.closest?.('[data-testid="stSidebarNavLink"]')) return;
    setTimeout(() => document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click(), 150);
  });
}
"""
_component = st.components.v2.component("layerscope.menu", js=_CLOSE, isolate_styles=False)


def closing() -> None:
    """Close the menu once a page was chosen in it, and open that page at its top."""
    _component(key="menu")
