"""Rows of torch's functions beside the functions themselves, really run on batches of two and of three samples."""

import warnings
from collections import Counter
from random import Random
from typing import Any

import pytest
import torch

from layerscope.layers.base import Layer, Shape
from layerscope.layers.functional import place, several
from layerscope.parameter import Kind
from tests.rows import ROWS, random_row, really
from tests.test_formula import calculated

EVERY = pytest.mark.parametrize("layer_type", ROWS.values(), ids=ROWS)


def own_refusal(layer: Layer, shapes: tuple[Shape, ...]) -> str | None:
    """Why Layerscope refuses a row whatever torch says: the declared differences, all of them."""
    for name, parameter in layer.parameters().items():
        value = getattr(layer, name)
        if parameter.complaint(name, value, 0):
            return "beyond the declared limits, or of another kind"
    if layer.type in ("Chunk", "Split") and len(layer.ports) != len(layer.port_formulas(*shapes)):
        return "more outputs than we count"
    if layer.type == "Parameter":
        return "more axes than we take" if layer.complaint() else None
    axes = len(shapes[0]) + 1 + (layer.type in ("Stack", "Unsqueeze"))
    for name in ("dim", "dim0", "dim1"):
        dims = several(layer.chosen.get(name, ()))
        if any(place(dim, axes) == 0 for dim in dims):
            return "the batch axis is named"
        if layer.type == "Roll" and len({place(dim, axes) for dim in dims}) < len(dims):
            return "an axis is named twice, which torch takes for rolling only"
    if (
        layer.type == "Chunk"
        and len(torch.empty(shapes[0][place(layer.dim, axes) - 1]).chunk(layer.chunks)) < layer.chunks
    ):
        return "torch makes fewer chunks than it is asked for"
    if layer.type == "Pad" and len(layer.pad) > 2 * len(shapes[0]):
        return "the batch would be padded"
    return None


@EVERY
def test_verdict_shapes_and_counts_are_torchs(layer_type):
    seen: Counter[bool] = Counter()
    for number in range(250):
        layer, shapes = random_row(Random(number), layer_type)
        complaint, real = layer.complaint(*shapes), really(layer, shapes)
        if complaint is not None:
            assert real.shapes is None or own_refusal(layer, shapes), (layer, shapes, complaint)
            seen[False] += 1
            continue
        seen[True] += 1
        assert own_refusal(layer, shapes) is None, (layer, shapes)
        formulas = layer.port_formulas(*shapes)
        assert tuple(tuple(size.value for size in port) for port in formulas) == real.shapes, (layer, shapes, real)
        assert len(formulas) == len(layer.ports or ("",))
        count = layer.parameter_formula(*shapes)
        assert (count.value if count else 0) == real.parameters
        macs = layer.mac_formula(shapes[0], real.shapes[0], *shapes[1:]) if shapes else None
        assert (macs.value if macs else 0) == real.macs
        assert layer.multiplies or real.macs == 0
        for formula in (*sum(formulas, ()), *filter(None, (count, macs))):
            assert calculated(formula.filled) == formula.value, formula
    assert seen[True] > 25, "enough that run"
    assert seen[False] > 2 or not layer_type.parameters(), "and enough that do not"


@EVERY
def test_a_batch_of_none_tells_the_same_as_real_samples(layer_type):
    """What is asked while a slider moves: no word of our functions misjudges an empty batch."""
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
            result = layer.call(module, *(torch.empty(0, *shape) for shape in shapes)) if shapes else module(0)
        outputs = tuple(tuple(output.shape) for output in layer.unpack(result))
        assert outputs == tuple((0, *shape) for shape in really(layer, shapes).shapes), (layer, shapes)
        tried.update(layer.chosen[key] for key, _ in words)
    assert all(tried[word] for _, each in words for word in each)
