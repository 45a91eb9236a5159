"""The arithmetic of layers that reach their input in other ways than a convolution: what is written out adds up to what
a hook on torch's module sees."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from layerscope.building import called, module
from layerscope.layers.adaptive import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
)
from layerscope.layers.base import Layer
from layerscope.layers.linear import Linear
from layerscope.layers.normalization import BatchNorm1d, BatchNorm2d, BatchNorm3d
from layerscope.layers.transposed import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from layerscope.link import decode
from layerscope.network import Network
from layerscope.study.inside import Inside, LookError, look
from layerscope.study.moving import along
from layerscope.tracing import trace


def looked(shape: tuple[int, ...], layer: Layer) -> tuple[Inside, torch.Tensor, torch.Tensor]:
    """What `look` says of one layer, the image, and what a hook sees leave torch's module."""
    network = Network(shape, (layer,))
    assume(trace(network).error is None)
    image = torch.randn(shape, generator=torch.Generator().manual_seed(3))
    made, seen = module(network, 4).eval(), list[torch.Tensor]()
    hook = called(made)[layer.name].register_forward_hook(lambda *about: seen.append(about[2]))
    with torch.no_grad():
        made(image[None])
    hook.remove()
    return look(network, image, seed=4), image, seen[0][0]


def units(made: torch.Tensor) -> list[tuple[int, ...]]:
    """The corners, and some values between them."""
    places = list(np.ndindex(tuple(made.shape)))
    return [places[0], places[-1], *places[:: max(1, len(places) // 12)]]


@st.composite
def transposed(draw: st.DrawFn, dims: int) -> tuple[tuple[int, ...], Layer]:
    def each(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(dims))

    groups = draw(st.integers(1, 3))
    stride, dilation = each(1, 3), each(1, 3)
    extra = tuple(draw(st.integers(0, max(pair) - 1)) for pair in zip(stride, dilation, strict=True))
    values: dict[str, Any] = {
        "out_channels": groups * draw(st.integers(1, 2)), "kernel_size": each(1, 4), "stride": stride,
        "padding": each(0, 4), "output_padding": extra, "dilation": dilation, "groups": groups,
        "bias": draw(st.booleans()),
    }  # fmt: skip
    kind = (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)[dims - 1]
    return (groups * draw(st.integers(1, 2)), *each(1, 6 if dims < 3 else 3)), kind(name="deconv", **values)


@given(st.integers(1, 3).flatmap(transposed))
def test_a_transposed_convolution_adds_up(drawn):
    layer: ConvTranspose2d
    shape, layer = drawn
    seen, image, wanted = looked(shape, layer)
    weight = module(seen.network, 4).get_parameter("deconv.weight").detach()
    assert torch.equal(seen.tensors["deconv"], wanted)
    for unit in units(wanted):
        window = seen.window("deconv", unit)
        assert window.value == float(wanted[unit])
        assert sum(window.sums) + window.bias == pytest.approx(window.value, abs=1e-5)
        assert window.weights is not None
        reached = np.zeros(window.weights.shape[1:], bool)
        for place in np.ndindex(*window.values.shape[1:]):
            at = tuple(cells[index] for cells, index in zip(window.cells, place, strict=True))
            is_there = all(0 <= one < size for one, size in zip(at, shape[1:], strict=True))
            kernel = tuple(size - 1 - one for one, size in zip(place, weight.shape[2:], strict=True))
            for index, channel in enumerate(window.channels):
                cell = window.values[(index, *place)]
                assert cell == float(image[(channel, *at)]) if is_there else np.isnan(cell)
                out = unit[0] % weight.shape[1]
                assert window.weights[(index, *place)] == float(weight[(channel, out, *kernel)])
            reached[place] = is_there
            if is_there:  # torch's own rule: input cell i reaches output cell i·s − p + d·t through kernel cell t
                axes = zip(at, layer.stride, layer.padding, layer.dilation, kernel, strict=True)
                assert tuple(i * s - p + d * t for i, s, p, d, t in axes) == unit[1:]
        pairs = [
            [i * s - p + d * t for i in range(size) for t in range(k)]
            for size, s, p, d, k in zip(
                shape[1:], layer.stride, layer.padding, layer.dilation, layer.kernel_size, strict=True
            )
        ]
        expected = np.prod([found.count(place) for found, place in zip(pairs, unit[1:], strict=True)])
        assert reached.sum() == expected, "every cell that reaches it is there"


@given(st.integers(1, 3).flatmap(transposed))
def test_what_one_channel_adds_to_a_transposed_map(drawn):
    shape, layer = drawn
    seen, _, wanted = looked(shape, layer)
    field = seen.field("deconv")
    for out in (0, len(wanted) - 1):
        bias = 0.0 if field.bias is None else field.bias[out]
        total = sum(field.partial(out, channel) for channel in field.channels(out)) + bias
        torch.testing.assert_close(total, wanted[out], atol=1e-5, rtol=1e-5)


@given(
    st.sampled_from([
        AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d
    ]),
    st.tuples(st.integers(1, 3), st.integers(1, 13), st.integers(1, 13), st.integers(1, 7)),
    st.tuples(st.integers(1, 14), st.integers(1, 14), st.integers(1, 8)),
)  # fmt: skip
def test_adaptive_pooling_reads_its_own_window(kind, shape, size):
    dims = kind.dims
    seen, image, wanted = looked(shape[: dims + 1], kind(name="pool", output_size=size[:dims]))
    for unit in units(wanted):
        window = seen.window("pool", unit)
        where = tuple(slice(cells[0], cells[-1] + 1) for cells in window.cells)
        read = image[unit[0]][where]
        assert np.array_equal(window.values[0], read.numpy())
        if window.divisor is None:
            assert window.values.max() == float(wanted[unit])
        else:
            assert sum(window.sums) / window.divisor == pytest.approx(float(wanted[unit]), abs=1e-5)


@given(
    st.lists(st.integers(1, 4), max_size=2), st.integers(1, 40), st.integers(1, 9), st.booleans(),
)  # fmt: skip
def test_a_linear_is_its_row_of_weights_times_the_input(before, features, outputs, bias):
    shape = (*before, features)
    seen, image, wanted = looked(shape, Linear(name="fc", out_features=outputs, bias=bias))
    weight = seen.weights["fc"]
    for unit in units(wanted):
        window = seen.window("fc", unit)
        assert window.value == float(wanted[unit])
        assert sum(window.sums) + window.bias == pytest.approx(window.value, abs=1e-5)
        assert np.array_equal(window.values, image[unit[:-1]].numpy())
        assert window.weights is not None
        assert np.array_equal(window.weights, weight[unit[-1]])
        assert (window.bias != 0) is bias or not bias


def test_what_is_written_out_of_nothing_is_said():
    network = decode("1x8x8~Conv2d.2.3~Flatten~Linear.3")
    seen = look(network, torch.ones(1, 8, 8))
    with pytest.raises(LookError, match="flatten1 is a Flatten, which moves no window"):
        seen.window("flatten1", (0,))
    with pytest.raises(LookError, match="conv1 is a Conv2d and not a Linear"):
        seen.rows("conv1")
    with pytest.raises(LookError, match="fc1 outputs 3; it has no value at"):
        seen.window("fc1", (3,))


@pytest.mark.parametrize(
    ("code", "kernel", "size"),
    [
        ("2x7x7~ConvTranspose2d.3.4.stride-2.padding-1", (4, 4), (17, 17)),
        ("2x7x7~AdaptiveAvgPool2d.3x7", (3, 1), (7, 7)),
        ("2x9x9~AvgPool2d.2.ceil_mode-t", (2, 2), (10, 10)),
    ],
)
def test_a_window_is_known_before_anything_runs(code, kernel, size):
    step = trace(decode(code)).steps[0]
    axes = along(step.layer, step.input_shape, step.output_shape or ())
    assert tuple(one.kernel for one in axes) == kernel
    assert tuple(one.size for one in axes) == size


@given(
    st.sampled_from([
        (BatchNorm1d, (3,)), (BatchNorm1d, (3, 5)), (BatchNorm2d, (3, 4, 5)), (BatchNorm3d, (3, 2, 4, 5))
    ]),
    st.floats(1e-6, 1), st.booleans(), st.booleans(),
)  # fmt: skip
def test_a_batch_norm_is_its_formula(kind, eps, affine, tracks):
    layer_type, shape = kind
    network = Network(shape, (layer_type(name="bn", eps=eps, affine=affine, track_running_stats=tracks),))
    assume(trace(network).error is None and (tracks or len(shape) > 1))
    rng = torch.Generator().manual_seed(1)
    image = torch.randn(shape, generator=rng)
    weights = {key: torch.rand(tensor.shape, generator=rng) for key, tensor in module(network).state_dict().items()}
    weights = {key: tensor for key, tensor in weights.items() if tensor.ndim}
    seen = look(network, image, weights=weights)
    built = module(network).eval()
    built.load_state_dict(built.state_dict() | weights)
    with torch.no_grad():
        wanted = built(image[None])[0]
    written = seen.written("bn")
    for unit in units(wanted):
        x, mean, variance, weight, bias = (
            float(torch.as_tensor(written.numbers.get(name, usual)).expand(shape)[unit])
            for name, usual in {"x": 0, "mean": 0, "variance": 0, "weight": 1, "bias": 0}.items()
        )
        assert float(written.made[unit]) == float(wanted[unit])
        value = (x - mean) / (variance + eps) ** 0.5 * weight + bias
        assert value == pytest.approx(float(wanted[unit]), rel=1e-4, abs=1e-4)
