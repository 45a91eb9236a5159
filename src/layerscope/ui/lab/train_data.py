"""Which images the Train page trains on: the digits, a known set that may have to be fetched, or a visitor's own."""

import secrets
from collections import OrderedDict
from dataclasses import replace
from threading import Lock
from typing import Any

import streamlit as st

from layerscope import limits
from layerscope.study.data import Data, load
from layerscope.study.own_images import HOW, read_zip
from layerscope.study.sets import DataError
from layerscope.text import in_streamlit
from layerscope.ui import remembered
from layerscope.ui.guard import uploads
from layerscope.ui.lab import arriving, train_form
from layerscope.ui.lab.train_view import OWN, SETS, View, read

CHOSEN, FILE, TOKEN, PROBLEM = "train.data", "train.zip", "train.own", "train.own-problem"
STAYS = "The images that you chose before are still used."
MEGABYTES = limits.OWN_FILE.most // 2**20

_kept: OrderedDict[str, Data] = OrderedDict()
"""Visitors' own sets by a name that nobody can guess, the newest last."""
_lock = Lock()


def chosen(view: View) -> Data | None:
    """Draw the question, and give the images; None while there are none, which is said."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="train-data"):
        remembered.shown(
            st.selectbox, "Images", view.data, key=CHOSEN, options=[*SETS], format_func=arriving.titled,
            on_change=_choose, width=280,
        )  # fmt: skip
        if view.data == OWN:
            return _own()
    if not arriving.is_here(view.data):
        return None
    try:
        return load(view.data)
    except DataError as error:
        st.error(in_streamlit(str(error)))
        return None


def _choose() -> None:
    name = remembered.widget_value(CHOSEN)
    if isinstance(name, str) and name in SETS:
        train_form.write(replace(read(train_form.words()), data=name))


def _own() -> Data | None:
    with st.popover("Choose a ZIP"):
        uploads.show(limits.OWN_FILE.most)
        st.file_uploader(
            f"A ZIP of up to {MEGABYTES} MB", type=["zip"], key=FILE, on_change=_dropped, max_upload_size=MEGABYTES,
            help=in_streamlit(HOW),
        )  # fmt: skip
    token = remembered.kept(TOKEN, "")
    with _lock:
        data = _kept.get(token)
    if problem := remembered.kept(PROBLEM, ""):
        st.error(in_streamlit(f"{problem} {STAYS}" if data is not None else problem))
    if data is None:
        gone = "The server no longer has your images; choose the ZIP again. " if token else ""
        st.info(in_streamlit(f"{gone}{HOW} The server keeps the images in its memory until newer ones need the space."))
    return data


def _dropped() -> None:
    """Read a ZIP as soon as it is here."""
    file: Any = remembered.widget_value(FILE)
    if not hasattr(file, "getvalue"):
        return
    try:
        data = read_zip(file.getvalue())
    except DataError as error:
        remembered.remember(PROBLEM, str(error))
    else:
        remembered.remember(PROBLEM, "")
        token = secrets.token_urlsafe(16)
        with _lock:
            _kept.pop(remembered.kept(TOKEN, ""), None)
            _kept[token] = data
            while len(_kept) > limits.OWN_KEPT.most:
                _kept.popitem(last=False)
        remembered.remember(TOKEN, token)
    finally:
        uploads.let_go(file)
