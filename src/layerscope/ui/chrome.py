"""What surrounds every page: its name, its icon, and less empty space than Streamlit leaves."""

from pathlib import Path

import streamlit as st

from layerscope.ui import printing

ICON = str(Path(__file__).with_name("icon.svg"))
WORDMARK = str(Path(__file__).with_name("wordmark.svg"))
_STYLE = """
<style>
.stMainBlockContainer { padding: 4rem 2rem 1.5rem; max-width: 120rem; }
.stAppHeader { height: 3.25rem; }
.st-key-toolbar [class*="st-key-widget-"].stElementContainer:has(.stCheckbox) { align-self: flex-end; }
[class*="st-key-paste-"] textarea {
  font-family: var(--st-code-font, monospace); font-size: 0.85rem; line-height: 1.45;
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
  .st-key-toolbar .stSelectbox { width: 100% !important; }
}
</style>
"""


def page_frame() -> None:
    """Set the page's name and icon and draw the frame. Must be the first thing that the app draws."""
    st.set_page_config(page_title="Layerscope", page_icon=ICON, layout="wide")
    st.logo(WORDMARK, size="large")
    st.html(_STYLE)
    printing.style()
