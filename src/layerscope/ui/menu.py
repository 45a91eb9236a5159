"""On a phone the menu covers the page; Streamlit leaves it open when a page was chosen, and calls it a list, which with
its groups it is not. The group of the open page is marked, a page that is gone to opens at its top, and the page's own
area, which the keyboard scrolls from any control in it, is left out by the Tab key. A page that a button goes to is one
entry of the browser's history (`going.py`).
"""

import streamlit as st

from layerscope.ui import going

# One listener for the whole visit. The menu lies over the page as long as the window is this narrow.
_CLOSE = """
const LIST = '[data-testid="stSidebarNavItems"]';
const tend = () => {
  for (const node of document.querySelectorAll(`${LIST}, ${LIST} li`)) node.setAttribute("role", "none");
};
const within = new MutationObserver(tend);
const NAMES = { stExpandSidebarButton: "Menu", stSidebarCollapseButton: "Close the menu" };
let group = "";
// The bar is made anew with the window's width, and the entries for which there is no room go.
const name = () => {
  for (const [holder, label] of Object.entries(NAMES)) {
    const found = document.querySelector(`[data-testid="${holder}"]`);
    (found?.querySelector("button") ?? found)?.setAttribute("aria-label", label);
  }
  for (const entry of document.querySelectorAll('[data-testid="stTopNavSection"]')) {
    if (group && entry.textContent === group) entry.setAttribute("aria-current", "true");
    else entry.removeAttribute("aria-current");
  }
  document.querySelector(".stMain")?.setAttribute("tabindex", "-1");
};
const above = new MutationObserver(name);
// The menu comes and goes with the window's width. Only its holder is watched, not all that moves on the page.
const watch = () => {
  const menu = document.querySelector('[data-testid="stSidebar"]');
  if (menu) within.observe(menu, { childList: true, subtree: true });
  tend();
  const bar = document.querySelector('[data-testid="stHeader"]');
  if (bar) above.observe(bar, { childList: true, subtree: true });
  name();
};
// Streamlit leaves the next page scrolled as the last one was. Back and forward, which add no entry to the history,
// keep the browser's own place; so does an entry of the same page, as for another question.
// An address that ends with the mark has the words of the page that is gone to (going.py): it is not an entry of
// this page, nor is the same without the mark, which may come before that page.
const MARK = /[?&]MARK=1$/;
let coming = null;
const pushOnce = () => {
  const push = history.pushState;
  history.pushState = function (state, title, url) {
    const before = location.pathname;
    const given = String(url ?? location.href);
    const bare = given.replace(MARK, "");
    const isHere = new URL(bare, location.href).pathname === before;
    if (isHere && (bare !== given || bare === coming)) {
      coming = bare;
      return;
    }
    coming = null;
    push.call(this, state, title, bare);
    if (location.pathname !== before) document.querySelector(".stMain")?.scrollTo({ top: 0, behavior: "instant" });
  };
};
export default function ({ data }) {
  group = data.group;
  watch();
  if (window.layerscopeMenu) return;
  window.layerscopeMenu = true;
  pushOnce();
  const holder = document.querySelector('[data-testid="stAppViewContainer"]');
  if (holder) new MutationObserver(watch).observe(holder, { childList: true });
  document.addEventListener("click", (event) => {
    if (innerWidth > 768 || !event.target.closest?.('[data-testid="stSidebarNavLink"]')) return;
    setTimeout(() => document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click(), 150);
  });
}
"""
_SCRIPT = _CLOSE.replace("MARK=1", f"{going.MARK}=1")
_component = st.components.v2.component("layerscope.menu", js=_SCRIPT, isolate_styles=False)


def closing(group: str) -> None:
    """Close the menu once a page was chosen in it, and open that page at its top; `group`: the one that it is in."""
    _component(key="menu", data={"group": group})
