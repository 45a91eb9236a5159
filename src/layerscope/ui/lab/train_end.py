"""What came of a training: how good it is, what it mistakes for what, its first kernels, and all of it as files."""

from functools import partial
from typing import Any

import streamlit as st
import torch

from layerscope import limits
from layerscope.figures import training as pictures
from layerscope.study.data import Data
from layerscope.study.moving import WITH_WINDOWS
from layerscope.study.outcome import Run
from layerscope.study.picturing import MOST, sheet
from layerscope.study.train_notebook import notebook
from layerscope.study.train_script import script
from layerscope.text import in_streamlit
from layerscope.ui import going, remembered, state
from layerscope.ui.inside import with_weights
from layerscope.ui.lab import train_said, train_tables
from layerscope.ui.lab.runner import Seen
from layerscope.ui.lab.saying import say
from layerscope.ui.looking import words
from layerscope.ui.session import Session
from layerscope.ui.stage.stage import Event, stage
from layerscope.ui.takeaway import Offer, offer, table_files
from layerscope.ui.weightfiles import TRAINED

CELL, LABEL, PREDICTED = "train.cell", "train.cell-label", "train.cell-predicted"
EXPLORE = "pages/explore.py"
HEIGHT, LOW_HEIGHT = 420, 200
WORST = 12


def forget() -> None:
    """Another training begins: no cell of the last one is open."""
    remembered.remember(CELL, "")


def tell(seen: Seen, run: Run | None) -> None:
    """Say above the curves how it ended."""
    if seen.said:
        st.error(in_streamlit(seen.said)) if run is None else st.warning(in_streamlit(seen.said))
    if run is None:
        return
    if run.exploded:
        st.error(in_streamlit(run.exploded))
    else:
        say(train_said.ended(run, seen.data), "train-end")


def draw(seen: Seen, run: Run | None) -> None:
    """Draw the result, below the curves."""
    if run is None:
        return
    _take_away(run)
    cell = _cell(run)
    figures = [_confusion(run, cell)]
    if (kernels := run.kernels) is not None:
        figures.append(_kernels(*kernels))
    stage({"figures": figures, "narrow": state.session().narrow}, key="train-end", on_event=_on_event)
    _open_cell(run, seen.data, cell)
    _worst(run, seen.data)


def _cell(run: Run) -> tuple[int, int]:
    """The open cell of the confusion matrix; at first the mistake that is made most often."""
    label, _, predicted = remembered.kept(CELL, "").partition(".")
    size = len(run.classes)
    if label.isdecimal() and predicted.isdecimal() and int(label) < size and int(predicted) < size:
        return int(label), int(predicted)
    wrong = run.confusion - torch.diag(run.confusion.diag())
    return divmod(int(wrong.argmax()), size)


def _confusion(run: Run, cell: tuple[int, int]) -> dict[str, Any]:
    narrow = state.session().narrow
    figure = pictures.confusion(run.confusion.tolist(), run.classes, cell, narrow)
    return {
        "key": "train-confusion", "title": "Confusion matrix", "height": HEIGHT,
        "note": f"{'tap' if narrow else 'click'} a cell to see its images", "description": run.sentence, **figure,
    }  # fmt: skip


def _kernels(name: str, before: torch.Tensor, after: torch.Tensor) -> dict[str, Any]:
    """The kernels of the first input channel: a row before, a row after."""
    count = min(len(after), MOST // 2)
    both = torch.cat([before[:count, 0], after[:count, 0]])
    return {
        "key": "train-kernels", "title": f"Kernels of {name} before (top) and after training",
        "height": LOW_HEIGHT if state.session().narrow else HEIGHT,
        "note": f"of the first input channel{train_said.first(count, len(after), 'filters')}",
        "description": f"{count} kernels on one scale around zero",
        **pictures.tiles(sheet(both, count), around_zero=True),
    }  # fmt: skip


def _open_cell(run: Run, data: Data, cell: tuple[int, int]) -> None:
    """The images of a cell, which two lists choose as well as a click."""
    names = range(len(run.classes))

    def take() -> None:
        remembered.remember(CELL, f"{remembered.widget_value(LABEL)}.{remembered.widget_value(PREDICTED)}")

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="train-cell"):
        for key, title, now in zip((LABEL, PREDICTED), ("Images of class", "predicted as"), cell, strict=True):
            remembered.shown(
                st.selectbox, title, now, key=key, options=names, format_func=run.classes.__getitem__, on_change=take,
                width=200,
            )  # fmt: skip
    places, captions = train_said.cell(run, *cell)
    label, predicted = (run.classes[place] for place in cell)
    title = f"{len(places):,} {'image' if len(places) == 1 else 'images'} of class {label}, predicted as {predicted}"
    say(f"{title}{train_said.first(min(len(places), limits.TRAIN_SHOWN.most), len(places), 'are shown')}.")
    st.html(train_said.gallery(data, places, captions, title))


def _worst(run: Run, data: Data) -> None:
    worst = run.mistakes.head(WORST)
    if not len(worst):
        return
    st.subheader("Worst mistakes", anchor=False)
    if len(worst) < len(run.mistakes):
        say(f"The {len(worst):,} of {len(run.mistakes):,} that the network was surest about.", role="")
    captions = [f"{row.label}, predicted as {row.predicted} ({row.confidence:.0%})" for row in worst.itertuples()]
    st.html(train_said.gallery(data, worst["place"].tolist(), captions, "Worst mistakes"))


def _take_away(run: Run) -> None:
    files: dict[str, tuple[str, Any, str, str]] = {
        "weights": ("Weights (safetensors)", run.weights_file, "weights.safetensors", "application/octet-stream"),
        "script": ("PyTorch script", partial(script, run), "train.py", "text/x-python"),
        "notebook": ("Notebook", partial(notebook, run), "train.ipynb", "application/x-ipynb+json"),
    }
    with st.container(horizontal=True, gap="small", key="train-files"):
        if st.button("Look inside with these weights", key="train.look", help=_HELP["look"]):
            _look_inside(run)
        for key, (title, make, name, mime) in files.items():
            st.download_button(title, make, name, mime, key=f"train.take.{key}", on_click="ignore", help=_HELP[key])
        table_files(
            Offer("Learning curve", "curve", partial(train_tables.curve_file, run)),
            offer("Confusion matrix", "confusion", partial(train_tables.confusion, run)),
            Offer("Mistakes", "mistakes", partial(train_tables.mistakes_file, run)),
            label="Tables", hint="The tables as files; pictures have their own buttons",
        )  # fmt: skip


def _look_inside(run: Run) -> None:
    """Open the network in Explore, with a look inside it as it was trained."""

    def look(here: Session) -> None:
        here.looking = with_weights(run.network, here.looking, run.weights_file(), TRAINED)
        first = next((row.name for row in run.network.layers if isinstance(row, WITH_WINDOWS)), here.selected)
        here.with_view(chart="inside", selected=first, looked=words(here.looking))

    going.to(EXPLORE, state.commit_elsewhere(run.network, run.network, look=look))


_HELP = {
    "look": "The trained weights in Explore: its filters, its feature maps, and what it looks at.",
    "weights": "The trained weights; the exported code loads them.",
    "script": "Plain PyTorch that repeats this training run and gets the same numbers.",
    "notebook": "The script as a Jupyter notebook.",
}


def _on_event(event: Event) -> None:
    if event["key"] == "select":
        remembered.remember(CELL, str(event["value"]))
    elif event["key"] == "narrow":
        state.session().narrow = event["value"] is True
