"""Each function of torch that a paste may call, beside torch itself on batches of nothing and of real samples."""

import re
import warnings
from functools import cache
from random import Random
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from layerscope import building
from layerscope.layers.base import Shape
from layerscope.layers.opaque import complaint_about_running
from layerscope.network import Network
from layerscope.source.reader import read_all
from layerscope.source.torch import allowed
from layerscope.tracing import trace
from tests.source.allowed_calls import INPUTS, MADE, SHOWN, START, calls, inputs, source

SPACES = pytest.mark.parametrize("space", allowed.OF)
BATCHES = (3, 11)
"""Of real samples: no sample has an axis as long as the larger one, and few as the smaller."""


@SPACES
def test_each_function_has_arguments_to_be_tried_with(space: str) -> None:
    """Whoever adds a function to the allow-list adds a line to `allowed_calls`."""
    assert not allowed.OF[space] - {name for name, _ in calls(space)}


def given(call: str, batch: int) -> dict[str, Tensor]:
    """Random inputs for a call, and what is made of them."""
    torch.manual_seed(0)
    names: dict[str, Any] = {"torch": torch, "F": functional, "nn": nn}
    names |= {name: torch.rand(batch, *INPUTS[name]) * 0.8 + 0.1 for name in inputs(call)}
    names |= {"ids": torch.randint(0, 4, (batch, *INPUTS["ids"]))}
    for name, made in MADE.items():
        if re.search(rf"\b{name}\b", call):
            names[name] = eval(made, names)
    return names


@cache
def real(call: str, batch: int) -> list[Tensor] | None:
    """What torch gives; None where it refuses."""
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = eval(call, given(call, batch))
        except Exception:
            return None
    return [part for part in (result if isinstance(result, tuple | list) else [result]) if isinstance(part, Tensor)]


@cache
def kept(call: str) -> list[Shape] | None:
    """The sizes of one sample of each result by torch alone; None where it refuses, or keeps no samples apart."""
    runs = [real(call, batch) for batch in BATCHES]
    if any(run is None for run in runs) or len({len(run or ()) for run in runs}) > 1:
        return None
    shapes = [sample(tuple(few.shape), tuple(many.shape)) for few, many in zip(*filter(None, runs), strict=True)]
    return None if None in shapes or not shapes else [shape for shape in shapes if shape is not None]


def sample(few: Shape, many: Shape) -> Shape | None:
    """The sizes of one sample, from those of both batches."""
    axes = [axis for axis, sizes in enumerate(zip(few, many, strict=False)) if len(set(sizes)) > 1]
    if len(few) != len(many) or len(axes) != 1 or few[axes[0]] * BATCHES[1] != many[axes[0]] * BATCHES[0]:
        return None
    times = few[axes[0]] // BATCHES[0]
    return (*([times] if times > 1 else []), *few[: axes[0]], *few[axes[0] + 1 :])


@cache
def ours(call: str) -> Network | None:
    """The network of the call, None where Layerscope refuses it or shows it as failing."""
    reading = read_all(source(call))
    network = reading.network if reading.refusal is None else None
    return None if network is None or trace(network).error is not None else network


NOT_SHOWN = re.compile(r"\bargmax\(")
"""A class picked at the end is not shown."""


def differences(call: str) -> str | None:
    """What we say otherwise than torch does."""
    network, shapes = ours(call), kept(call)
    if network is None or shapes is None:
        return (
            None
            if network is None and shapes is None
            else f"torch {shapes}, ours {network and trace(network).output_shapes}"
        )
    given = [*trace(network).output_shapes]
    return None if given == shapes or NOT_SHOWN.search(call) else f"torch {shapes}, ours {given}"


@SPACES
def test_verdict_and_sizes_are_torchs(space: str) -> None:
    wrong = {call: found for _, call in calls(space) if (found := differences(call)) and not NOT_SHOWN.search(call)}
    assert not wrong


NUMBER = re.compile(r"(?<![\w.\"])-?\d+(?![\w.])")
OTHERS = ("0", "-1", "2", "97")
MOST_TRIED = 40
OWN = re.compile(
    r"torch\.(?:\w*stack|cat|concat\w*)\(|% 0|one_hot\(|"  # samples as one batch; made of nothing
    r"(?:view|reshape|flatten|vsplit|split|unbind|unsqueeze|moveaxis|movedim|swapaxes|swapdims|transpose|rot90)\b|"
    r"dim=\(-1, 2\)|dim=\(2, -1\)|\.T\b|\.t\(|\bt\(|randint_like"
)
"""What is not compared with other numbers: calls that may name the batch's axis, views that mean a flatten, and numbers
on which nothing depends."""


def with_other_numbers(space: str) -> list[str]:
    """The calls with one number changed, which torch refuses as often as not."""
    plain = [call for _, call in calls(space) if not call.startswith(START)]
    changed = [
        call[: found.start()] + other + call[found.end() :]
        for call in plain for found in NUMBER.finditer(call) for other in OTHERS if other != found[0]
    ]  # fmt: skip
    return [call for call in changed if not OWN.search(call)]


def is_empty(call: str) -> bool:
    """Whether torch gives a result without a cell, of which Layerscope has no row."""
    return any(0 in shape for shape in kept(call) or ())


@SPACES
def test_verdict_and_sizes_are_torchs_for_other_numbers_too(space: str, thorough: bool) -> None:
    tried = with_other_numbers(space)
    tried = tried if thorough else Random(1).sample(tried, min(MOST_TRIED, len(tried)))
    found = {call: differences(call) for call in tried}
    wrong = {call: words for call, words in found.items() if words and not NOT_SHOWN.search(call)}
    assert not {call: words for call, words in wrong.items() if not is_empty(call)}


DRAWN = re.compile(r"dropout|rrelu|rand|normal|bernoulli|gumbel|empty")
"""What is different each time."""
LEFT_OUT = re.compile(r"not shown|has no row|last layer is shown")
"""Notes that a call has no row, as it changes no shape."""


@SPACES
def test_the_rows_give_what_torch_gives_for_no_samples_and_for_three(space: str) -> None:
    wrong = {}
    for _, call in calls(space):
        reading = read_all(source(call))
        network = ours(call)
        if network is None or complaint_about_running(network.layers) or NOT_SHOWN.search(call):
            continue
        built = building.module(network).eval()
        shapes = trace(network).output_shapes
        for batch in (0, SHOWN):
            found = built(*(given(call, batch)[name] for name in inputs(call)))
            made = found if isinstance(found, tuple) else (found,)
            if [tuple(part.shape) for part in made] != [(batch, *shape) for shape in shapes]:
                wrong[call] = f"{[part.shape for part in made]}, not {shapes}"
        is_whole = not any(LEFT_OUT.search(note.sentence) for note in reading.notes)
        if is_whole and not (DRAWN.search(call) or trace(network).parameters):  # rows have weights of their own
            results = [
                part.reshape(SHOWN, *shape).float() for part, shape in zip(real(call, SHOWN) or (), shapes, strict=True)
            ]
            if not all(torch.allclose(*pair, equal_nan=True) for pair in zip(made, results, strict=True)):
                wrong[call] = f"{made}, not {results}"
    assert not wrong


@pytest.mark.parametrize(("call", "words"), [
    ("x.index_select(2, torch.tensor([0, 6]))", "index 6 is out of range for an axis of 6"),
    ("x.index_copy(1, torch.tensor([-1, 2]), y[:, :2])", "index -1 is out of range for an axis of 4"),
    ("x.narrow(2, 1, 6)", "exceeds dimension size"),
    ("x.sort(dim=3)", "Dimension out of range"),
    ("F.softmin(x, dim=3)", "dim is 3"),
    ("F.conv1d(x, torch.ones(8, 4, 3), torch.ones(7))", "expected bias to be 1-dimensional with 8 elements"),
    ("F.conv2d(image, torch.ones(8, 4, 3, 3), None, 1, 0, 0)", "dilation should be greater than zero"),
    ("F.conv_transpose2d(image, torch.ones(5, 8, 3, 3))", "expected input"),
    ("F.conv_transpose2d(image, torch.ones(4, 8, 3, 3), None, 2, 1, 2)", "output padding must be smaller"),
    ("x.aminmax()", "does not give one result per sample"),
    ("torch.unfold(x, 1, 2, 1)", "Layerscope does not know torch.unfold"),
    ("torch.vector_norm(x, dim=1)", "Layerscope does not know torch.vector_norm"),
])  # fmt: skip
def test_what_torch_refuses_is_refused_in_its_words(call: str, words: str) -> None:
    reading = read_all(source(call))
    error = trace(reading.network).error if reading.network is not None else None
    assert kept(call) is None
    assert words in f"{reading.refusal} {error and error.message}"


def test_the_largest_value_is_no_smallest_one() -> None:
    network = ours("x.clamp_max(0.2)")
    assert network is not None
    assert (network.layers[-1].chosen["min"], network.layers[-1].chosen["max"]) == (None, 0.2)


@pytest.mark.parametrize(("result", "told"), [
    ("torch.arange(6)", "torch.arange(6), which does not depend on the input"),
    ("(x, x.mean())", "x.mean() does not give one result per sample: it mixes samples or picks one. It is not shown."),
])  # fmt: skip
def test_what_forward_returns_beside_the_outputs_is_told(result: str, told: str) -> None:
    notes = read_all(source("x.abs()").replace("return x.abs()", f"return {result}")).notes
    assert any(told in note.sentence for note in notes)


@pytest.mark.parametrize("call", ["F.avg_pool2d(x, (x.shape[1], 1)).squeeze(1)", "F.max_pool2d(x, (1, x.size(2)))"])
def test_pooling_of_samples_without_channels_is_read(call: str) -> None:
    """Torch takes the samples for the channels of one; FastText in a well-known tutorial."""
    assert differences(call) is None
    assert ours(call) is not None
