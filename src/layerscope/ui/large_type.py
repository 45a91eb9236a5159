"""Large type for the back row: all of a page grows with its screen."""

import streamlit as st

_MADE_FOR = (1280, 860)
"""The screen, in pixels, on which a page with large type has room; on a larger one, all of it is as much larger.
Were it 800 high, Explore's pictures would be smaller on 1920 by 1080 than without large type: all around them grows."""
_ROOT_PIXELS = 15
"""Of the theme (.streamlit/config.toml)."""
_STEPS = [part / 100 for part in range(105, 301, 5)]
"""How much larger a screen may be. Type grows by steps, as the bar on top shrinks by the same to stay as it is."""
_LARGER_PAGE = 4 / 3
"""How much larger a page's type is on that screen. On Explore it is the stage alone that has larger type there."""

_ENTRIES, _LARGEST_ENTRIES, _LARGEST_SWITCH = 1.2, 1.5, 1.3
"""How large the entries of the bar on top are, in rems without larger type, on that screen and at most: the bar stays
as high as it is, since what is in it is not to move away from under the pointer. The switch has less room."""


def style(page: str) -> None:
    """Draw the style for a page whose type is large; not for a phone, which has no room for it, and no back row."""
    usual = 1.0 if page == "explore" else _LARGER_PAGE
    wide, high = _MADE_FOR
    rules = [_rule("min-width: 661px", usual), _entries("min-width: 900px", _ENTRIES)]
    for s in _STEPS:
        screen = f"min-width: {wide * s:.0f}px) and (min-height: {high * s:.0f}px"
        rules += [_rule(screen, usual * s), _entries(screen, min(_ENTRIES * s, _LARGEST_ENTRIES))]
    st.html(f"<style>{''.join(rules)}</style>")


def _rule(screen: str, times: float) -> str:
    """The bar, and the switch in it, stay where they are on every page and without larger type."""
    return (
        f"@media screen and ({screen}) {{ html {{ font-size: {_ROOT_PIXELS * times:.2f}px; }} "
        f":is(.stAppHeader, .st-key-widget-type_size .stCheckbox) {{ zoom: {1 / times:.4f}; }} "
        ".stMainBlockContainer { padding-top: 60px; } }\n"
    )


def _entries(screen: str, rems: float) -> str:
    """As large on every page, so that each entry stands at one place."""
    words = ":is(a, button, p, span:not([data-testid='stIconMaterial']))"
    switch, size = ".st-key-widget-type_size .stCheckbox p", min(rems, _LARGEST_SWITCH)
    return (
        f"@media screen and ({screen}) {{ .stAppHeader {words} {{ font-size: {rems:.2f}rem; }} "
        f"{switch} {{ font-size: {size:.2f}rem; }} }}\n"
    )
