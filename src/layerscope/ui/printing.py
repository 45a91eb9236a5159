"""Every page on paper: A4 portrait, black on white, without what only a hand on the screen can use.

The same rules hold for paper and, while the browser prepares the printing, for the page itself: the pictures are drawn
anew for the paper's width and colours then (`stage/printing.js`), as print rules alone cannot change a drawn picture.
"""

import streamlit as st

_RULES = """
.stAppHeader, .st-key-toolbar, .st-key-quiz-settings, .stButton, .stDownloadButton, .stPageLink, .stPopover,
.stFormSubmitButton, .st-key-paste-mode, .st-key-paste-about, [class*="st-key-teach-"],
.stTextInput, .stTextArea, .stNumberInput, .stSelectbox, .stMultiSelect, .stCheckbox, .stSlider, .stFileUploader,
.stCodeCopyButton, [data-testid="stElementToolbar"], [data-testid="stTooltipIcon"], [data-testid="stSidebar"],
.st-key-lesson-anew, .st-key-lesson-ways, .toolbar-button,
.stage-panel, .stage-outline, .stage-tabs, .stage [role="tablist"], .stage-downloads,
.stage-figure-choices, .stage button, .stage-help { display: none !important; }
.stMainBlockContainer { padding: 0 !important; width: 180mm !important; max-width: 180mm !important; }
.stHorizontalBlock { display: block !important; }
.stHorizontalBlock > .stColumn { width: 100% !important; min-width: 0 !important; margin-block-end: 0.6rem; }
[data-testid="stLayoutWrapper"]:has(> [class*="st-key-lesson-picture-"]) { position: static !important; }
.stage .stage-body .stage-main { display: flex !important; height: auto !important; }
.stage .stage-figures { height: auto !important; }
.stage .stage-figure { flex: none !important; height: var(--height, 250px) !important; }
.stage .stage-figure:has(> .stage-code) { height: auto !important; }
.stage .stage-code { overflow: visible !important; height: auto !important; max-height: none !important; }
.stage .stage-code-lines { width: auto !important; white-space: pre-wrap !important; overflow-wrap: anywhere; }
.stage .stage-table :is(th, td) { padding-block: 0.15rem !important; }
.stage .stage-totals { display: flex; flex-wrap: wrap; }
.stage .stage-message { height: auto !important; overflow: visible !important; }
.stage-figure, .stage-message, .stage-card, .lesson-summary, tr, img, pre, [class*="st-key-ask-"], .quiz-review li {
  break-inside: avoid;
}
h1, h2, h3, .lesson-question, .quiz-question { break-after: avoid; }
.on-paper, .stElementContainer:has(.on-paper) { display: block !important; }
.stApp, .stage {
  --st-text-color: #1f2933 !important; --st-background-color: #ffffff !important;
  --st-secondary-background-color: #f2f5f7 !important; --st-border-color: #ccd4da !important;
  --st-primary-color: #0072b2 !important; color-scheme: light !important;
}
.stApp, .stApp *:not(.stage *), .stage h2, .stage h3 { color: #1f2933 !important; }
.stApp, .stApp *:not(.stage *, img) { background-color: #ffffff !important; box-shadow: none !important; }
"""
_STYLE = f"""<style>
.on-paper, .stElementContainer:has(.on-paper) {{ display: none; }}
.on-paper p {{ margin: 0 0 0.3rem; overflow-wrap: anywhere; }}
@page {{ size: A4 portrait; margin: 12mm; }}
@media print {{ html, body, #root {{ background: #ffffff !important; }} html {{ {_RULES} }} }}
html.layerscope-printing {{ {_RULES} }}
</style>"""


def style() -> None:
    """Write the rules into the page."""
    st.html(_STYLE)
