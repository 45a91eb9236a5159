"""Rows that read sequences and pairs beside torch's own modules, really run: verdict, shapes, parameters, MACs."""

from collections import Counter
from random import Random

import pytest
import torch

from layerscope.asking import ask
from layerscope.unfilled import build
from tests.layers.sequences import ROWS, counted, kinds_of, random_row, really

pytestmark = [
    pytest.mark.filterwarnings("ignore:LSTM with projections"),
    pytest.mark.filterwarnings("ignore:dropout option adds dropout"),
]
EVERY = pytest.mark.parametrize("name", ROWS)
MANY, MOST = 25, 60
"""Random rows of a type; more where hardly any was refused."""
ALWAYS = ("Embedding", "EmbeddingBag")
"""They run with any indices."""


@EVERY
def test_random_rows_are_judged_as_torch_judges_them(name, thorough):
    verdicts: Counter[bool] = Counter()
    for number in range(1_200 if thorough else MOST):
        if number >= MANY and (verdicts[False] >= 2 or name in ALWAYS) and not thorough:
            break
        layer, shapes = random_row(Random(f"{name}{number}"), ROWS[name])
        with torch.no_grad():
            answer = ask(layer, *shapes, kinds=kinds_of(layer, shapes))
        real = really(layer, shapes)
        case = f"{layer!r} on {shapes}: {answer.message} / {real.words}"
        verdicts[answer.message is None] += 1
        if answer.message is not None:
            assert not answer.message.startswith("PyTorch does not run it"), f"no sentence of ours: {case}"
            assert not real.shapes or _is_our_own(layer, shapes), case
            continue
        assert answer.output_shapes == real.shapes, case
        assert len(answer.output_shapes) == len(layer.ports or ("",))
        assert answer.parameters == real.parameters, case
        assert all(check.agrees for check in answer.checks), (case, answer.checks)
        if name != "Bilinear":
            assert answer.macs == counted(layer, shapes), case
        assert (answer.macs > 0) == layer.multiplies
    assert verdicts[True] >= 0.4 * verdicts.total()
    assert verdicts[False] >= 2 or name in ALWAYS


def _is_our_own(layer, shapes):
    """What we refuse although torch runs it: each of them a trap."""
    if layer.type == "ScaledDotProductAttention" and len(shapes) == 3:
        return shapes[1][-2] != shapes[2][-2]  # torch 2.13 reads beyond the end of the shorter one
    return False


@EVERY
def test_a_batch_of_zero_tells_what_real_samples_tell(name, thorough):
    """Without `prepare`, too, torch must not say otherwise than with samples, or `prepare` must mend it."""
    ran = 0
    for number in range(400 if thorough else 20):
        layer, shapes = random_row(Random(f"zero {name}{number}"), ROWS[name])
        if layer.complaint(*shapes) is not None:
            continue
        module = build(layer, layer.asked(layer.arguments(*shapes)))
        layer.prepare(module, *shapes)
        kinds = kinds_of(layer, shapes)
        empty = [torch.empty(0, *s, dtype=torch.int64 if k else None) for s, k in zip(shapes, kinds, strict=True)]
        with torch.no_grad():
            left = layer.unpack(layer.call(module, *empty))
        assert tuple(tuple(tensor.shape) for tensor in left) == tuple((0, *s) for s in really(layer, shapes).shapes)
        ran += 1
    assert ran >= 6
