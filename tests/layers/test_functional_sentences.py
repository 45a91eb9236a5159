"""What our rows of torch's functions say where they do not fit, and what torch says then of one real sample."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from layerscope.asking import ask, words_about
from layerscope.catalogue import CATALOGUE
from layerscope.inputs import Input
from layerscope.layers.base import Layer, Shape
from layerscope.layers.learned import Parameter
from layerscope.layers.regularization import StochasticDepth
from layerscope.network import Network
from layerscope.tracing import trace
from tests.rows import really


def new(kind: str, **values: Any) -> Layer:
    return CATALOGUE[kind](name="it", **values)


MAP, SMALLER, VECTOR = (64, 56, 56), (128, 28, 28), (192,)
SAID: list[tuple[Layer, tuple[Shape, ...], str]] = [
    (new("Add"), (MAP, SMALLER), "Add needs equal shapes: input 1 gives 64×56×56, input 2 gives 128×28×28."),
    (new("Add"), (MAP, MAP, SMALLER), "Add needs equal shapes: input 1 gives 64×56×56, input 3 gives 128×28×28."),
    (
        new("Multiply"), ((64,), MAP),
        "Multiply needs inputs with the same number of axes: input 1 gives a flat vector of 64 values, "
        "input 2 gives 64×56×56.",
    ),
    (
        new("Concat"), (MAP, (64, 28, 28)),
        "Concat along the channels needs the other axes to be equal: input 1 gives 64×56×56, input 2 gives 64×28×28.",
    ),
    (
        new("Concat", dim=0), (MAP, MAP),
        "dim=0 is the batch axis: samples would be mixed. The first axis of a sample is 1.",
    ),
    (
        new("MatMul"), ((8, 4), (5, 8)),
        "MatMul needs as many columns in input 1 (4) as rows in input 2 (5): input 1 gives 8×4, input 2 gives 5×8.",
    ),
    (
        new("MatMul"), ((8,), (8, 5)),
        "MatMul needs two inputs with the same number of axes, at least 2 besides the batch: "
        "input 1 gives a flat vector of 8 values, input 2 gives 8×5.",
    ),
    (new("Stack"), ((4,), (5,)), "Stack needs equal shapes: input 1 gives a flat vector of 4 values, input 2 gives "
     "a flat vector of 5 values."),
    (new("Permute", order=(0, 2, 1)), (MAP,),
     "order must name every axis once, the batch too: 0, 1, 2, 3 in any order."),
    (new("Permute", order=(1, 0, 2)), ((4, 5),),
     "The batch is axis 0 and has to stay in front: samples would be mixed. order must begin with 0."),
    (new("Transpose", dim0=1, dim1=4), (MAP,), "dim1 is 4, but with the batch axis there are 4 axes."),
    (new("Reshape", shape=(12, 4, 5)), (VECTOR,), "12 × 4 × 5 does not hold 192 values."),
    (new("Reshape", shape=(-1, 5)), (MAP,), "-1 × 5 does not hold the 200,704 values of 64×56×56."),
    (new("Reshape", shape=(-1, -1)), (MAP,), "Only one size may be -1: it is worked out from the others."),
    (new("Squeeze", dim=(1, -3)), (MAP,), "dim names axis 1 twice; once is enough."),
    (new("Select", dim=1, index=64), (MAP,), "index is 64, but that axis has 64: -64 to 63 would work."),
    (new("Slice", dim=2, start=60), (MAP,), "60: takes nothing of an axis of 56."),
    (new("Chunk", chunks=4), ((5,),), "Parts of ceil(5 / 4) = 2 make 3 of 5, not 4."),
    (new("Split", split_size=(64, 64)), (VECTOR,), "split_size makes 64 + 64 = 128, but that axis has 192."),
    (new("Expand", shape=(4,)), ((3,),), "Only an axis of 1 can be repeated: axis 1 has 3 cells and cannot have 4."),
    (new("Expand", shape=(4, -1)), ((3,),), "shape has 2 values, but its input has 1 axes. Unsqueeze adds an axis."),
    (new("Mean", dim=0), (MAP,), "dim=0 is the batch axis: samples would be mixed. The first axis of a sample is 1."),
    (new("Roll", shifts=(1, 2), dim=2), (MAP,), "shifts has 2 values and dim has 1; each axis needs one shift."),
    (new("Pad", pad=(-30, -30)), (MAP,), "pad removes more than the 56 cells of the width."),
    (new("Pad", pad=(1, 1, 1)), (MAP,), "pad has 3 values; each axis needs two, before and after."),
    (new("Pad", pad=(1, 1, 1, 1)), (VECTOR,), "pad has 4 values, but only 2 fit; the batch cannot be padded."),
    (new("Clamp"), (MAP,), "Give min or max, or both."),
    (
        new("Parameter", shape=(2, 3), ndim=2), (),
        "With ndim=2 the first axis stands for the batch and has to be 1; it is 2.",
    ),
    (new("Parameter", shape=(1, 3), ndim=1), (), "shape has 2 axes, which is more than ndim, 1."),
    (new("Linear", out_features=2), ((),),
     "Linear needs an axis besides the batch but gets one number per sample; Unsqueeze adds an axis."),
    (new("Conv2d", out_channels=2, kernel_size=3), ((),),
     "Conv2d needs an axis besides the batch but gets one number per sample; Unsqueeze adds an axis."),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "shapes", "sentence"), SAID, ids=lambda value: str(value)[:60])
def test_what_is_said(layer, shapes, sentence):
    with torch.no_grad():
        assert ask(layer, *shapes).message == sentence
    assert sentence.endswith(".")


WORDS: list[tuple[Layer, tuple[Shape, ...], str]] = [
    (
        new("Add"), (MAP, SMALLER),
        "The size of tensor a (56) must match the size of tensor b (28) at non-singleton dimension 3",
    ),
    (new("Reshape", shape=(-1, 5)), (VECTOR,), "shape '[1, -1, 5]' is invalid for input of size 192"),
    (new("Reshape", shape=(12, 4, 5)), ((12, 4, 4),), "shape '[1, 12, 4, 5]' is invalid for input of size 192"),
    (new("Reshape", shape=(-1, -1)), (VECTOR,), "only one dimension can be inferred"),
    (new("Linear", out_features=2), ((),), ""),
    (
        new("Concat"), ((4, 5), (4, 6)),
        "Sizes of tensors must match except in dimension 1. Expected size 5 but got size 6 for tensor number 1 in "
        "the list.",
    ),
    (new("Select", dim=1, index=4), ((4,),), "select(): index 4 out of range for tensor of size [1, 4] at dimension 1"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "shapes", "words"), WORDS, ids=lambda value: str(value)[:60])
def test_torchs_words_are_those_about_one_sample(layer, shapes, words):
    assert words_about(layer, layer.arguments(*shapes), *shapes) == words


@pytest.mark.parametrize("kind", sorted(CATALOGUE))
def test_every_layer_answers_one_number_per_sample(kind):
    layer_type = CATALOGUE[kind]
    layer = layer_type.fresh("it")
    shapes = ((),) * min(max(layer_type.takes[0], 1), layer_type.takes[1])
    with torch.no_grad():
        answer = ask(layer, *shapes)
    assert (answer.output_shapes == ()) == (answer.message is not None)
    if answer.message is None and kind not in ("Dropout1d", "Dropout2d", "Dropout3d"):  # those warn
        assert really(layer, shapes).shapes == answer.output_shapes


@pytest.mark.parametrize(
    ("shape", "ndim", "given"),
    [
        ((1, 1, 768), 3, (1, 768)),  # a class token
        ((1, 197, 768), 3, (197, 768)),  # positions
        ((96, 1, 1), None, (96, 1, 1)),  # a layer's scale
        ((96, 1, 1), 4, (96, 1, 1)),
        ((768,), 3, (1, 768)),  # a factor for each feature of tokens
        ((1,), 1, ()),  # a number for all
    ],
)
def test_a_parameter_keeps_its_own_shape_in_a_state_dict(shape, ndim, given):
    layer = Parameter(name="it", shape=shape, ndim=ndim)
    module = layer.torch_class(**layer.arguments())
    assert {key: tuple(value.shape) for key, value in module.state_dict().items()} == {"weight": shape}
    assert tuple(module(5).shape) == (5, *given)
    with torch.no_grad():
        answer = ask(layer)
    assert (answer.output_shapes, answer.weight_shape) == ((given,), shape)
    assert answer.parameters == torch.Size(shape).numel()


def test_a_parameter_too_large_to_reserve_is_still_counted():
    with torch.no_grad():
        answer = ask(Parameter(name="it", shape=(65_536, 65_536)))
    assert (answer.parameters, answer.output_shapes) == (2**32, ((65_536, 65_536),))


def test_stochastic_depth_acts_while_training_only():
    layer = StochasticDepth(name="it", p=0.5)
    module = layer.torch_class(**layer.arguments((3,)))
    torch.manual_seed(0)
    samples = module(torch.ones(200, 3))
    assert {tuple(sample) for sample in samples.tolist()} == {(0.0,) * 3, (2.0,) * 3}
    shared = layer.torch_class(p=0.5, mode="batch")(torch.ones(200, 3))
    assert len({tuple(sample) for sample in shared.tolist()}) == 1
    assert torch.equal(module.eval()(samples), samples)
    assert not layer.torch_class(p=1.0)(samples).any()


def test_products_of_matrices_are_counted_as_torch_counts_them():
    left, right = torch.rand(1, 12, 197, 64), torch.rand(1, 12, 64, 197)
    with FlopCounterMode(display=False) as counter:
        torch.matmul(left, right)
    with torch.no_grad():
        answer = ask(new("MatMul"), (12, 197, 64), (12, 64, 197))
    assert 2 * answer.macs == counter.get_total_flops()


def test_sums_of_sizes_are_written_with_their_parts():
    def filled(*channels: int) -> str:
        with torch.no_grad():
            checks = ask(new("Concat"), *((n, 7, 7) for n in channels)).checks
        return f"{checks[0].torch} = {checks[0].formula.filled}"

    assert filled(28, 20) == "48 = 28 + 20"
    assert filled(64, 32, 32, 32, 32, 8) == "200 = 64 + 4·32 + 8"


def test_indices_stay_indices_where_they_only_move():
    words = Input("words", (2, 6), kind="indices", high=100)
    rows = (
        new("Permute", order=(0, 2, 1)), new("Chunk", chunks=2), new("Concat"), new("Select", dim=2, index=0),
        new("Squeeze", dim=1),
    )  # fmt: skip
    named = tuple(replace(row, name=f"row{i}") for i, row in enumerate(rows))
    joined = replace(named[2], inputs=("row1:0", "row1:1"))
    network = Network((2, 6), (*named[:2], joined, *named[3:]), inputs=(words,))
    traced = trace(network)
    assert traced.error is None
    scale = replace(new("Scale", factor=2.0), name="scale")
    scaled = trace(network.insert(5, scale))
    assert scaled.error is not None
    assert scaled.error.message.startswith("Scale computes with values, but its input holds indices.")
    values = Input("values", (6, 2))
    mixed = replace(named[2], inputs=("row0", "values"))
    network = Network(
        (2, 6), (named[0], mixed, replace(new("Scale", factor=2.0), name="scale")), inputs=(words, values)
    )
    assert trace(network).error is None
    assert torch.cat([torch.zeros(1, 6, 2, dtype=torch.int64), torch.zeros(1, 6, 2)], 1).is_floating_point()


def test_modules_show_their_arguments_as_torchs_own_do():
    assert repr(new("Permute", order=(0, 2, 1)).torch_class(order=(0, 2, 1))) == "Permute(order=(0, 2, 1))"
    assert repr(new("Add").torch_class()) == "Add()"
