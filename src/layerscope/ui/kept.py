"""Texts that outlast a reload: the browser keeps them for this tab, as Streamlit forgets them with its session."""

from collections.abc import Callable, Mapping

import streamlit as st

from layerscope.text import is_whole
from layerscope.ui import remembered

# Only the first run after a page was loaded may bring something back: later, an empty box was emptied by hand.
_KEEP = """
export default function ({ data, setTriggerValue }) {
  const { name, texts } = data;
  const isFirst = !window.layerscopeKept?.[name];
  window.layerscopeKept = { ...window.layerscopeKept, [name]: true };
  try {
    const saved = isFirst ? JSON.parse(sessionStorage.getItem(name) ?? "null") : null;
    const isEmpty = !Object.values(texts).some(Boolean);
    if (isEmpty && saved) setTriggerValue("restored", saved);
    else sessionStorage.setItem(name, JSON.stringify(texts));
  } catch {
    // The browser stores nothing: a reload forgets, as everywhere.
  }
}
"""
_component = st.components.v2.component("layerscope.kept", js=_KEEP, isolate_styles=False)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and is_whole(value)


def keep(name: str, texts: Mapping[str, str], restore: Callable[[dict[str, str]], object]) -> None:
    """Keep `texts`; after a reload that left all of them empty, `restore` gets those of before, before the next run."""

    def take() -> None:
        sent = remembered.widget_value(name)
        saved = sent.get("restored") if isinstance(sent, Mapping) else None
        if isinstance(saved, Mapping):
            restore({key: text for key, text in saved.items() if key in texts and _is_text(text)})

    _component(key=name, data={"name": name, "texts": dict(texts)}, on_restored_change=take)
