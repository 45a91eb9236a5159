"""The page for pasted code and pasted errors: boxes on the left, what they mean on the right."""

from typing import Any

import streamlit as st

from layerscope import limits
from layerscope.network import Network
from layerscope.text import in_streamlit
from layerscope.ui import (
    code_stage,
    correcting,
    explained,
    going,
    remembered,
    sheethead,
    state,
    typed_shapes,
    understanding,
)
from layerscope.ui.editing import MEGABYTE
from layerscope.ui.guard import uploads
from layerscope.ui.kept import keep
from layerscope.ui.misplaced import is_code
from layerscope.ui.pasted import EXAMPLE, MODES, Pasted
from layerscope.ui.stage.stage import Event, stage
from layerscope.ui.understood import Understood

SHAPE, CLASS, ERROR, FILE = "paste.shape", "paste.class", "paste.error", "paste.file"
ABOUT, MODE = "paste.about", "paste.mode"
TYPED = ("text", "error", "shape", "class_name")
EXPLORE = "pages/explore.py"
LONG = {"text": limits.EDITED.most, "file": limits.FILE.most * MEGABYTE}
"""Events of the editor whose text is longer than others', and how long it may be."""
CODE, NONE, EXPLORER = "your code", "another network", "the network in Explore"


def draw() -> None:
    """Draw the page."""
    state.arrive("code")
    here = state.pasted()
    if here.leaving:
        _leave(here)
    sheethead.draw("Code", None)
    _boxes_and_picture(here)
    keep("layerscope.paste", {name: getattr(here, name) for name in TYPED}, _restored)


def _boxes_and_picture(here: Pasted) -> None:
    remembered.shown(
        st.radio, "What do you have?", here.mode, key=MODE, options=MODES, horizontal=True, on_change=_typed,
        args=("mode", MODE), label_visibility="collapsed",
    )  # fmt: skip
    boxes, picture = st.columns(2, gap="medium")
    if here.mode == MODES[1]:
        with boxes:
            _error_box(here)
            about = _about(here, understanding.understood(here))
        with picture:
            if is_code(here.error):
                st.markdown("This is code, without an error message.")
                st.button("Check this code", on_click=_to_code)
            elif here.error.strip():
                explained.draw(here.error, about)
                _cures(here, about)
        return
    with boxes:
        _code_box(here)
        _questions(here, understanding.understood(here))
    with picture:
        stage(_as_allowed(code_stage.stage_data(here)), key="code-stage", on_event=_on_event)
        _error_below(understanding.understood(here))


def _cures(here: Pasted, about: explained.About) -> None:
    """The changes that the Code page offers for the same code, where the error is explained for it."""
    cures = code_stage.cures_data(here) if about.name == CODE else None
    if cures is not None:
        stage(cures, key="code-cures", on_event=_on_event)


def _as_allowed(data: dict[str, Any]) -> dict[str, Any]:
    """The stage without what a teacher's link locks: no other network can be opened in Explore then."""
    if state.session().fixes_layers and data.get("message"):
        actions = [action for action in data["message"]["actions"] if action["key"] != "open"]
        data["message"] = {**data["message"], "actions": actions}
    return data


def _error_below(seen: Understood | None) -> None:
    """The error that was pasted below the code, explained for the network of that code."""
    reading = seen.reading if seen is not None else None
    if seen is not None and reading is not None and reading.error:
        explained.draw(reading.error, explained.About(seen.network, CODE, reading.written or None, seen.runs_on))


def _code_box(here: Pasted) -> None:
    stage(code_stage.editor_data(here), key="code-editor", on_event=_on_event, long=LONG)
    with st.popover("Open a file"):
        uploads.show(limits.FILE.most * MEGABYTE)
        st.file_uploader(
            "A .py file, a notebook (.ipynb), or a network saved as .json", type=["py", "ipynb", "txt", "json"],
            key=FILE, on_change=_dropped, max_upload_size=limits.FILE.most,
        )  # fmt: skip


def _questions(here: Pasted, seen: Understood | None) -> None:
    """What only the reader can know: which class is meant, and the input's shape where the code does not tell it."""
    if seen is None:
        return
    if len(seen.class_names) > 1:
        current = seen.reading.class_name if seen.reading is not None else None
        remembered.shown(
            st.selectbox, "Class", current, key=CLASS, options=seen.class_names, on_change=_typed,
            args=("class_name", CLASS),
        )  # fmt: skip
    if seen.asks_shape or here.shape:
        _shape_boxes(here, seen)


def _shape_boxes(here: Pasted, seen: Understood) -> None:
    """A box for each input's shape; what is shown meanwhile stands in it in grey."""
    names = seen.reading.inputs if seen.reading is not None else ("input",)
    shown = {given.name: given.shape for given in seen.network.inputs} if seen.network is not None else {}
    typed = typed_shapes.apart(here.shape, len(names))
    told = "Your code does not say it for certain. Without the batch axis: 3, 32, 32 for RGB images."
    for place, name in enumerate(names):
        which = "Input shape" if len(names) == 1 else f"Shape of {in_streamlit(name)}"
        remembered.shown(
            st.text_input, f"{which}, without the batch axis", typed[place], key=f"{SHAPE}.{place}",
            on_change=_shape_typed, args=(len(names),),
            placeholder=", ".join(map(str, shown.get(name, (3, 32, 32)))), help=told,
        )  # fmt: skip
    st.button("Use this size", key=f"{SHAPE}.go")  # leaving the box is what sends it


def _shape_typed(count: int) -> None:
    """What stands in the boxes, as one text."""
    state.pasted().shape = typed_shapes.together(
        [str(remembered.widget_value(f"{SHAPE}.{n}") or "") for n in range(count)]
    )


def _error_box(here: Pasted) -> None:
    with st.container(key="pasted-error"):  # sent once it is pasted, see stage/fields.js
        remembered.shown(
            st.text_area, "A PyTorch error message", here.error, key=ERROR, height=220, on_change=_typed,
            args=("error", ERROR),
            placeholder="RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x300 and 192x120)",
            help="The whole traceback is fine. With your network, the causes that fit it come first.",
        )  # fmt: skip
    st.button("Explain this error", key=f"{ERROR}.go")  # leaving the box is what sends it


def _to_code() -> None:
    """What was pasted as an error is code: it goes to the box for that."""
    here = state.pasted()
    here.type(here.error)
    here.put(here.text)
    here.error, here.mode = "", MODES[0]


def _about(here: Pasted, seen: Understood | None) -> explained.About:
    """The network that an error is explained for: the pasted one; else none, unless the explorer's is said to be it."""
    networks: dict[str, Network | None] = {NONE: None, EXPLORER: state.session().network}
    if seen is not None and seen.network is not None:
        networks = {CODE: seen.network, **networks}
    name = here.about if here.about in networks else next(iter(networks))
    remembered.shown(
        st.radio, "Which network failed?", name, key=ABOUT, options=list(networks), horizontal=True, on_change=_typed,
        args=("about", ABOUT),
    )  # fmt: skip
    if seen is None or seen.reading is None or name != CODE:
        return explained.About(networks[name], name)
    return explained.About(networks[name], name, seen.reading.written, seen.runs_on)


def _typed(field: str, key: str) -> None:
    here = state.pasted()
    setattr(here, field, str(remembered.widget_value(key) or ""))


def _restored(texts: dict[str, str]) -> None:
    """What stood in the boxes before the page was loaded anew."""
    here = state.pasted()
    if here.text:  # typed already, while the page was loading
        return
    for name, text in texts.items():
        setattr(here, name, text)
    here.put(here.text)
    here.mode = MODES[1] if here.error and not here.text else MODES[0]


def _dropped() -> None:
    file = remembered.widget_value(FILE)
    if hasattr(file, "getvalue"):
        _open(file.getvalue().decode("utf-8", errors="replace"))
        uploads.let_go(file)


def _open(text: str) -> None:
    """Put a file's text in the box."""
    here = state.pasted()
    here.type(text)
    here.put(here.text)


def _on_event(event: Event) -> None:
    here = state.pasted()
    verb, _, rest = event["key"].partition(":")
    if verb == "text":
        here.type(str(event["value"] or ""))
    elif verb == "file":
        _open(str(event["value"] or ""))
    elif verb == "select":
        here.selected = str(event["value"])
    elif verb == "correct":
        correcting.correct(here, rest)
        here.mode = MODES[0]  # where the corrected code stands
    elif verb == "size":
        here.shape = rest
    elif verb == "narrow":
        here.narrow = event["value"] is True
    elif verb == "example":
        here.put(EXAMPLE)
    elif verb == "open":
        here.leaving = True


def _leave(here: Pasted) -> None:
    """Open the network in the explorer; undo there brings back what stood in it."""
    here.leaving = False
    seen = understanding.understood(here)
    if seen is not None and seen.network is not None:
        going.to(EXPLORE, state.begin_elsewhere(seen.network))
