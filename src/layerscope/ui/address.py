"""An address put right in its place: Streamlit can only add one to the browser's history, and "back" would lead again
to the one that was refused."""

from urllib.parse import urlencode

import streamlit as st

from layerscope.ui import remembered, state

# Only while the refused address still stands there: the page may be drawn again after it has moved on.
_REPLACE = """
export default function ({ data }) {
  if (!data) return;
  const here = new URLSearchParams(location.search);
  if ((here.get("net") ?? "") !== data.refused) return;
  history.replaceState(history.state, "", location.pathname + (data.search ? "?" + data.search : "") + location.hash);
}
"""
# What the address lacks is put in; whatever else stands there stays.
_SAY = """
export default function ({ data }) {
  const words = new URLSearchParams(location.search);
  if (words.has("net")) return;
  for (const [name, word] of Object.entries(data)) words.set(name, word);
  if (String(words) !== String(new URLSearchParams(location.search)))
    history.replaceState(history.state, "", location.pathname + "?" + words + location.hash);
}
"""
_PUT = """
export default function ({ data }) {
  const words = new URLSearchParams(location.search);
  for (const [name, word] of Object.entries(data)) words.set(name, word);
  if (String(words) !== String(new URLSearchParams(location.search)))
    history.replaceState(history.state, "", location.pathname + "?" + words + location.hash);
}
"""
_component = st.components.v2.component("layerscope.address", js=_REPLACE, isolate_styles=False)

_say = st.components.v2.component("layerscope.address_say", js=_SAY, isolate_styles=False)


_put = st.components.v2.component("layerscope.address_put", js=_PUT, isolate_styles=False)


def put_right() -> None:
    """Where the browser's address holds a refused network, let it say what is shown; nothing otherwise."""
    if (shown := state.address_to_show()) is not None:
        _component(key="address", data={"refused": remembered.parameter("net"), "search": urlencode(shown)})


def say(words: dict[str, str]) -> None:
    """Let the browser's address say which network is open, where it names none.

    This is not a step of the browser's history: "back" would only lead to the same page without these words.
    """
    _say(key="address-say", data={} if remembered.parameter("net") else words)


def put(words: dict[str, str]) -> None:
    """Let the browser's address hold these words beside what stands there, without a step of its history."""
    _put(key="address-put", data=words)
