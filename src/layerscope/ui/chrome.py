"""What surrounds every page: its name, its icon, and less empty space than Streamlit leaves."""

from pathlib import Path

import streamlit as st

from layerscope.ui import number_field, printing

ICON = str(Path(__file__).with_name("icon.svg"))
WORDMARK = str(Path(__file__).with_name("wordmark.svg"))
_STYLE = """
<style>
.stMainBlockContainer { padding: 4rem 2rem 1rem; max-width: 120rem; }
.stAppHeader { height: 3.25rem; }
/* What has the focus shows it alike everywhere, Streamlit's links, radios and the page's own area too: a line in the
   color of the page's text, as the letters of a filled button may have that of the page. */
:is(.stApp, [data-testid="stPopoverBody"]) :is(a, summary, [role="tab"], button:not([kind="primary"])):focus-visible,
:is(.stApp, [data-testid="stPopoverBody"]) label:has(:is([type="radio"], [type="checkbox"]):focus-visible) {
  outline: 2px solid var(--st-text-color, currentColor); outline-offset: 2px; border-radius: 4px;
}
/* The group of the page that is open, as Streamlit marks a page that stands in the bar itself (see menu.py), and
   no wider for that. */
.stAppHeader [data-testid="stTopNavSection"][aria-current] {
  background: color-mix(in srgb, currentColor 10%, transparent);
}
.stAppHeader [data-testid="stTopNavSection"][aria-current] p { -webkit-text-stroke: 0.45px currentColor; }
[data-testid="stExpandSidebarButton"]::after { content: "Menu"; font-size: 1rem; }
[data-testid="stExpandSidebarButton"] { padding-inline: 0.4rem !important; }
.stApp button[data-testid="stLogoLink"] { color: inherit; }
.stMain.stMain:focus-visible { outline: 2px solid currentColor; outline-offset: -3px; }
/* The bar lies over the top of the page: what the Tab key reaches stops below it. Where the stage has its strip on top,
   it says so itself. */
@media (min-width: 641px) { .stMain { scroll-padding-top: 4rem; } }
.stElementContainer.st-key-widget-type_size {
  position: fixed; inset: 12px auto auto calc(100% - 140px); z-index: 999991; width: auto !important;
}
.st-key-widget-type_size :is(.stCheckbox, label) { align-items: center; margin: 0; min-height: 24px; }
/* Its entries stand at one place on every page: what one presses stays there. A wide screen may be a projector's, and
   is read from afar; where one is said to be there, the entries grow too. */
@media (min-width: 1600px) {
  .stAppHeader :is(a, button, p, span:not([data-testid="stIconMaterial"])) { font-size: 1.1rem; }
}
.stApp:has(.st-key-widget-type_size) .stAppHeader { padding-inline-end: 140px; }
.st-key-toolbar [class*="st-key-widget-"].stElementContainer:has(.stCheckbox) { align-self: flex-end; }
[class*="st-key-paste-"] textarea {
  font-family: var(--st-code-font, monospace); font-size: 0.85rem; line-height: 1.45;
}
/* Of a multiselect: the dark theme's blue is too pale for white letters, and the cross to clear it is small. */
[data-testid="stMultiSelectTagsContainer"] span[data-tag] { background: #0072b2; }
.stMultiSelect button:is([aria-label="Clear all"], [aria-label="Open"], [aria-label^="Remove "]),
.stMain button[aria-label="Clear value"], .stMain button[aria-label^="Help for "] {
  min-width: 24px; min-height: 24px;
}
.stMain button[aria-label^="Help for "] { margin: -4px; } /* what stands beside it stays where it was */
.stMain .stCheckbox label { min-height: 24px; align-items: center; }
/* "Press Enter to apply" lies over what stands in the field. A button beside each field says what to press. */
.stTextInput [data-testid="InputInstructions"] { display: none; }
.st-key-toolbar { gap: 0.45rem; }
.st-key-toolbar input { text-overflow: ellipsis; }
.st-key-toolbar .react-aria-ComboBox > [role="group"]::before {
  flex: none; align-self: center; margin-inline: 0.7rem -0.3rem;
  opacity: 0.72; font-size: 0.85em; content: var(--named);
}
/* A list as wide as its entries, which say more than the field has room for. */
body:has(:is(.st-key-widget-preset, [class*="st-key-lab-preset"], .st-key-compare-a-preset) [aria-expanded="true"])
  [data-testid="stSelectboxVirtualDropdown"] { min-width: min(32rem, calc(100vw - 3rem)); }
.st-key-widget-preset { --named: "Network"; }
.st-key-widget-dataset { --named: "Images"; }
.toolbar-button {
  display: inline-flex; align-items: center; gap: 0.4rem; min-height: 2.5rem; padding: 0.25rem 0.75rem;
  background: var(--st-background-color); color: var(--st-text-color); border: 1px solid var(--st-border-color);
  border-radius: var(--st-button-radius, 0.5rem); font: inherit; font-size: 0.93rem; white-space: nowrap;
  cursor: pointer;
}
.toolbar-button:hover { background: color-mix(in srgb, var(--st-text-color) 8%, var(--st-background-color)); }
.toolbar-button:focus-visible { outline: 2px solid var(--st-text-color); outline-offset: 2px; }
.toolbar-told { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
:is(.st-key-unfold, .st-key-seed-set) { display: none; }
.st-key-copy-link { min-width: 7.1rem; min-height: 2.5rem; } /* there before the button is, so that nothing moves */
.st-key-copy-link .toolbar-button { white-space: normal; text-align: start; } /* what a link lacks may be long */
/* What an open menu's button says on hover would lie over the menu. */
body:has([data-testid="stPopoverButton"][aria-expanded="true"]:hover) div:has(> [data-testid="stTooltipContent"]) {
  visibility: hidden;
}
[data-stale="true"] { opacity: 1 !important; transition: none !important; }
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after {
    animation-duration: 1ms !important; animation-delay: 0s !important; animation-iteration-count: 1 !important;
    transition-duration: 1ms !important; transition-delay: 0s !important; scroll-behavior: auto !important;
  }
}
@media (max-width: 640px) {
  .stMainBlockContainer { padding-inline: 0.75rem; }
  /* One line: the choice of the network; a button unfolds the rest. */
  .st-key-unfold { display: block; min-width: 4.1rem; min-height: 2.5rem; }
  .st-key-seed-set { display: block; }
  .st-key-toolbar { gap: 0.5rem; }
  .st-key-toolbar .st-key-widget-preset { flex: 1 1 calc(100% - 6rem); min-width: 0; width: auto !important; }
  .st-key-toolbar .st-key-unfold { flex: none; }
  .st-key-toolbar .st-key-widget-preset .stSelectbox, .st-key-toolbar .st-key-widget-dataset { width: 100% !important; }
  .st-key-toolbar:has(.toolbar-unfold[aria-expanded="false"]) > :not(.st-key-widget-preset, .st-key-unfold) {
    display: none;
  }
  .st-key-widget-preset { --named: ""; }
  .st-key-widget-type_size { display: none !important; } /* no room for large type, and no back row */
  /* Answers are as far apart as a thumb is wide. */
  .stMain [role="radiogroup"] label { min-height: 2.5rem; align-items: center; }
  /* A smaller field makes a phone zoom in. Streamlit's popovers and dialogs hang outside of .stApp. */
  :is(input, textarea, select) { font-size: max(1rem, 16px) !important; }
}
</style>
"""


def page_frame() -> None:
    """Set the page's name and icon and draw the frame. Must be the first thing that the app draws."""
    st.set_page_config(page_title="Layerscope", page_icon=ICON, layout="wide")
    st.logo(WORDMARK, size="large")
    st.html(_STYLE)
    number_field.style()
    printing.style()
