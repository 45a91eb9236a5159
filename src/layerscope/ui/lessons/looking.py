"""Lesson 10: every number inside a network, with one image in it."""

from functools import lru_cache

import torch

from layerscope.layers.activation import ReLU
from layerscope.layers.convolution import Conv2d
from layerscope.network import Network
from layerscope.steps import Step
from layerscope.study.inside import complaint, cost, look, up_to
from layerscope.study.moving import ADAPTIVE, WITH_WINDOWS
from layerscope.study.sights import sights
from layerscope.tracing import trace
from layerscope.ui.lessons import inside
from layerscope.ui.lessons.page import Page
from layerscope.ui.looking import Looking

QUICK = 2**27
"""Operations of one image up to the layers that the lesson shows: it draws them after each answer."""
BIAS, ZERO, MEAN = "its bias, in every cell", "0, in every cell", "the mean of its weights"
VALUES, COUNT, SIZE = "the values; every shape stays", "how many maps there are", "the size of the maps"
NOTHING, THESE, EDGES = "nothing: its weights are random", "to find these digits", "to find edges"
NEGATIVE = -0.35


def needs(network: Network) -> str:
    """What a network must have for this lesson."""
    traced = trace(network)
    first = _first(network)
    if first is None:
        return "it has no convolution that reads its images"
    if len(network.inputs) > 1 or network.inputs[0].kind != "values":
        return "it does not read one image"
    return "it is too large to be run here" if complaint(trace(up_to(traced.network, first.name))) else ""


def body(page: Page) -> None:
    """The maps of one image, their bias, what ReLU leaves, what a cell sees, a seed, and what excites a map."""
    first = _first(page.network)
    assert first is not None
    page.say(
        "A layer's weights are just numbers, and so are its **feature maps**. With one image in the network, you can "
        "look at all of them. Nothing is trained in this lesson: the weights are random, and a seed decides which ones."
    )
    if not _maps(page, first):
        return
    _show(page, "maps", first.name, "maps")
    if not _blank(page, first):
        return
    relu = _relu(page.network, first.name)
    if relu:
        page.next_row()
        if not _negative(page, first.name, relu):
            return
        _show(page, "relu", relu, "maps")
    page.next_row()
    last = _last(page.network)
    if not _sees(page, last):
        return
    _show(page, "sees", last.name, "maps")
    page.next_row()
    if _seed(page, first.name) and _excites(page, first.name):
        _show(page, "excites", first.name, "excites")


def _first(network: Network) -> Step | None:
    """The first convolution that reads the image itself."""
    image = network.inputs[0].name
    steps = [step for step in trace(network).steps if isinstance(step.layer, Conv2d) and step.output_shape]
    return next((step for step in steps if network.before(step.name) == (image,)), None)


def _last(network: Network) -> Step:
    """The last convolution or pooling layer that one image reaches quickly, or else the first convolution."""
    found = _first(network)
    assert found is not None
    for step in trace(network).steps:
        is_sliding = isinstance(step.layer, WITH_WINDOWS) and not isinstance(step.layer, ADAPTIVE)
        fits = is_sliding and len(step.output_shape or ()) == 3 and sights(step) is not None
        if fits and cost(trace(up_to(network, step.name)))[1] <= QUICK:
            found = step
    return found


def _relu(network: Network, name: str) -> str:
    """The ReLU that reads that row; "" where there is none."""
    reading = [other for other in network.users(name) if isinstance(network[other], ReLU)]
    return reading[0] if reading else ""


def _show(page: Page, key: str, name: str, lens: str) -> None:
    """A view of a layer, to be played with."""
    if page.looks_ahead:
        return
    with page.picture:
        inside.window(f"lesson-{page.lesson.key}-{key}", up_to(page.network, name), name, Looking("digits.0"), lens)


def _maps(page: Page, first: Step) -> bool:
    count, rows, columns = first.output_shape or (0, 0, 0)
    question = (
        f"{first.name} has {count} filters, and one image goes through it. How many feature maps does it produce?"
    )
    why = f"Each filter makes one feature map, so there are {count} maps of {rows}×{columns}, all on one scale."
    return page.predict("maps", question, str(count), why)


def _blank(page: Page, first: Step) -> bool:
    has_bias = first.arguments["bias"]
    question = f"Imagine a black image instead: each of its values is 0. What would map 0 of {first.name} hold?"
    if has_bias:
        value = f"{_bias(up_to(page.network, first.name)):.3g}".replace("-", "−")
        why = f"Each weight is multiplied by 0, so only the bias is left: {value} with seed 0."
    else:
        why = f"Each weight is multiplied by 0, and {first.name} has no bias."
    return page.predict("blank", question, BIAS if has_bias else ZERO, why, [ZERO, BIAS, MEAN])


@lru_cache(maxsize=16)
def _bias(part: Network) -> float:
    """Map 0 of a convolution, the last row, for a black image: torch's value in its middle."""
    made = look(part, torch.zeros(part.input_shape)).maps[part.names[-1]][0]
    return float(made[made.shape[0] // 2, made.shape[1] // 2])


def _negative(page: Page, name: str, relu: str) -> bool:
    negative = f"{NEGATIVE}".replace("-", "−")
    question = f"{relu} reads the maps of {name}. A cell there holds {negative}. What does {relu} output for it?"
    kept = float(torch.relu(torch.tensor(NEGATIVE)))
    why = f"ReLU keeps positive values and outputs 0 for the rest, so nothing blue is left on the sheet of {relu}."
    return page.predict("negative", question, f"{kept:g}", why)


def _sees(page: Page, last: Step) -> bool:
    found = sights(last)
    assert found is not None
    rows = found[0]
    first, end = rows[len(rows) // 2]
    question = (
        f"Take a cell in the middle of {last.name}'s maps, in row {len(rows) // 2}. How many rows of the image does "
        "its value depend on?"
    )
    why = (
        f"It sees rows {first} to {end}: its receptive field. Point at a cell of the maps, or tap it, and the "
        "image shows what it sees."
    )
    return page.predict("sees", question, str(end - first + 1), why)


def _seed(page: Page, name: str) -> bool:
    question = f"Another seed draws other random weights. What changes in {name}'s maps?"
    why = "The layers' arguments decide how many maps there are and how large; the weights decide the values in them."
    return page.predict("seed", question, VALUES, why, [COUNT, VALUES, SIZE])


def _excites(page: Page, name: str) -> bool:
    question = (
        f"Nine handwritten digits give map 0 of {name} its largest values. What has this filter learned, with the "
        "weights as they are?"
    )
    why = (
        "Some images always come first. With random weights that says nothing; after training it hints at what a map "
        "responds to."
    )
    return page.predict("excites", question, NOTHING, why, [THESE, EDGES, NOTHING])
