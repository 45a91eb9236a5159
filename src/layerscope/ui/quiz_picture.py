"""The network that a question is about, as the picture of Explore, without the sizes that are asked for."""

import re
from collections.abc import Collection
from typing import Any

from layerscope.figures import flow
from layerscope.formatting import joined, shape_text
from layerscope.network import Network
from layerscope.study.quiz.question import Question
from layerscope.tracing import trace
from layerscope.ui import state
from layerscope.ui.lessons.moving import look
from layerscope.ui.stage.stage import stage
from layerscope.ui.views import is_large

Part = dict[str, Any]
OF_OUTPUTS = frozenset(
    {"size", "full-shape", "flattened-length", "maps", "sum-shape", "joined-channels", "dense-channels"}
)
"""The templates that ask what leaves a layer: a block drawn to scale would tell."""
_SIZE = re.compile(r"^(?:was )?[\d,.]+(?:×[\d,]+)*$|^one number$")
_LEADERS = re.compile(r"(?:M([\d.]+),[\d.]+L\1,[\d.]+)+")
"""Lines straight up, from blocks to the sizes that stand above them."""
MOST_NAMED = 12
PHONE_HEIGHT = 168.0
"""What a phone's card leaves the picture below its title and note: letters keep their size in what is made for it."""


def draw(question: Question, is_answered: bool) -> None:
    """Draw it below the question."""
    here = state.session()
    figure = picture(question, is_answered, here.narrow, is_large(here))
    data = {"figures": [figure], "narrow": here.narrow}
    stage(data, key="quiz-picture", on_event=look)


def picture(question: Question, is_answered: bool, narrow: bool = False, large: bool = False) -> Part:
    """The figure: no size but the input's, and that of the layer in question once it was answered.

    Where the question is what leaves a layer, the picture ends before that layer until then.
    """
    asks_output = question.key in OF_OUTPUTS and question.layer in question.network.names
    network, known, note = question.network, [""], "Sizes are hidden: work them out."
    if asks_output and is_answered:
        known.append(question.layer)
    elif asks_output:
        network = network.first(network.index(question.layer))
        note = f"The picture ends before {question.layer}, because its output is what you are asked for."
    seen = trace(network)
    selected = question.layer if question.layer in network.names else None
    height = PHONE_HEIGHT if narrow else flow.HEIGHT
    drawn = flow.flow(seen, selected, width=flow.width_on(narrow), height=height, large=large)
    return {
        "key": "flow", "title": "The network", "description": _description(network), "height": 250, "marks": True,
        **without_sizes(drawn, known), "note": note,
    }  # fmt: skip


def without_sizes(drawn: Part, known: Collection[str]) -> Part:
    """The same figure without the sizes of layers that are not `known` ("" is the input), and without its tooltips."""
    layout = drawn["layout"]
    kept = [text for text in layout["annotations"] if text.get("name", "") in known or not _is_size(text["text"])]
    quiet = [_silent(each) for each in drawn["data"]]
    shapes = [shape for shape in layout.get("shapes", ()) if not _LEADERS.fullmatch(shape.get("path", ""))]
    return {"data": quiet, "layout": {**layout, "annotations": kept, "shapes": shapes}}


def _is_size(text: str) -> bool:
    return _SIZE.match(re.sub(r"<[^>]*>", "", text)) is not None


def _silent(trace: Part) -> Part:
    """A trace that says nothing to the pointer, and has no size in it."""
    hidden = {"hovertext", "hovertemplate", "text", "customdata"}
    return {key: value for key, value in trace.items() if key not in hidden} | {"hoverinfo": "skip"}


def _description(network: Network) -> str:
    """The picture in words, without sizes."""
    names = list(network.names)
    if len(names) > MOST_NAMED:
        names = [*names[:6], f"{len(names) - 9} more", *names[-3:]]
    given = joined([f"{each.name} {shape_text(each.shape)}" for each in network.inputs])
    return f"The network as a picture: {given}, then {', '.join(names)}." if names else f"Only the input: {given}."
