"""Rows of torch's functions beside the functions themselves, really run on batches of two and of three samples."""

import warnings
from collections import Counter
from random import Random
from typing import Any

import pytest
import torch

from layerscope import asking, closed_form
from layerscope.asking import ask
from layerscope.layers.functional import place, several
from layerscope.parameter import Kind
from tests.rows import ROWS, random_row, really
from tests.test_formula import calculated

EVERY = pytest.mark.parametrize("layer_type", ROWS.values(), ids=ROWS)


def own_refusal(layer: Any, shapes: Any) -> str | None:
    """Why Layerscope refuses a row whatever torch says: the declared differences, all of them."""
    for name, parameter in layer.parameters().items():
        if parameter.complaint(name, getattr(layer, name), 0):
            return "beyond the declared limits, or of another kind"
    if layer.type == "Parameter":
        return "more axes than we take" if layer.complaint() else None
    axes = len(shapes[0]) + 1 + (layer.type in ("Stack", "Unsqueeze"))
    for name in ("dim", "dim0", "dim1"):
        dims = several(layer.chosen.get(name, ()))
        if any(place(dim, axes) == 0 for dim in dims):
            return "the batch axis is named"
        if layer.type == "Roll" and len({place(dim, axes) for dim in dims}) < len(dims):
            return "an axis is named twice, which torch takes for rolling only"
    if layer.type == "Chunk":
        parts = torch.empty(shapes[0][place(layer.dim, axes) - 1]).chunk(layer.chunks)
        return "torch makes fewer chunks than it is asked for" if len(parts) < layer.chunks else None
    if layer.type == "Pad" and len(layer.pad) > 2 * len(shapes[0]):
        return "the batch would be padded"
    return None


@EVERY
def test_verdict_shapes_and_counts_are_torchs(layer_type):
    seen: Counter[bool] = Counter()
    for number in range(250):
        layer, shapes = random_row(Random(number), layer_type)
        real = really(layer, shapes)
        with torch.no_grad():
            answer = ask(layer, *shapes)
        seen[answer.message is None] += 1
        assert (closed_form.output_shapes(layer, *shapes) or ()) == answer.output_shapes
        if answer.message is not None:
            assert real.shapes is None or own_refusal(layer, shapes), (layer, shapes, answer.message)
            continue
        assert own_refusal(layer, shapes) is None, (layer, shapes)
        assert answer.output_shapes == real.shapes, (layer, shapes, real)
        assert (answer.parameters, answer.macs) == (real.parameters, real.macs)
        assert len(answer.output_shapes) == len(layer.ports or ("",))
        assert len(answer.checks) >= sum(map(len, answer.output_shapes))
        for formula, torchs in answer.checks:
            assert calculated(formula.filled) == formula.value == torchs, (layer, shapes, formula)
    assert seen[True] > 25, "enough that run"
    assert seen[False] > 2 or not layer_type.parameters(), "and enough that do not"


@EVERY
def test_an_empty_batch_tells_the_same_as_real_samples(layer_type):
    """What is asked while a slider moves: none of the functions misjudges an empty batch."""
    words = [(key, p.words) for key, p in layer_type.parameters().items() if p.kind is Kind.CHOICE]
    tried: Counter[Any] = Counter()
    for number in range(300):
        layer, shapes = random_row(Random(number), layer_type, bad=0)
        if layer.complaint(*shapes) is not None:
            continue
        module = layer.torch_class(**layer.arguments(*shapes)).eval()
        layer.prepare(module, *shapes)
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("error")
            result = layer.call(module, *(torch.empty(0, *shape) for shape in shapes))
        outputs = tuple(tuple(output.shape) for output in layer.unpack(result))
        assert outputs == tuple((0, *shape) for shape in really(layer, shapes).shapes or ()), (layer, shapes)
        tried.update(layer.chosen[key] for key, _ in words)
    assert all(tried[word] for _, each in words for word in each)


@pytest.fixture
def no_memory():
    """Answers from before and from within the test do not meet."""
    asking.forget()
    closed_form.forget()
    yield
    asking.forget()
    closed_form.forget()


@pytest.mark.usefixtures("no_memory")
def test_a_row_that_is_counted_wrongly_would_be_found(monkeypatch):
    right = ROWS["Add"].output_formulas
    monkeypatch.setattr(ROWS["Add"], "output_formulas", lambda self, *shapes: right(self, *shapes)[:-1])
    with pytest.raises(AssertionError):
        test_verdict_shapes_and_counts_are_torchs(ROWS["Add"])
