"""Two pictures with one scale."""

import json

import pytest

from layerscope.contrast import Contrast
from layerscope.figures import branching, flow
from layerscope.figures.beside import beside, differing, one_scale
from layerscope.figures.captions import Focus
from layerscope.figures.gathering import folded, gather, in_a_row
from layerscope.figures.gauge import Form, Gauge
from layerscope.figures.placing import placed
from layerscope.figures.scene import Stand, stops
from layerscope.presets import DEFAULT, PRESETS
from layerscope.steps import Trace
from layerscope.tracing import trace

SEED = PRESETS[DEFAULT]
PAIRS = [("lenet5", "resnet18"), ("resnet18", "resnet34"), ("vgg11", "unet"), ("googlenet", "fashion-mnist-cnn")]
HEIGHT, WIDTH = flow.HEIGHT, flow.WIDTH


def drawn(one: Trace, scale: Gauge) -> list[tuple[tuple[int, ...], tuple[float, ...], float]]:
    """Of each body that is a map: rows, columns and planes; height, face and thickness; and how high it stands."""
    if in_a_row(one.network):
        stage = placed(stops(one), flow.room_for(height=HEIGHT, width=WIDTH, large=False), given=scale)
        blocks, forms = tuple(stage.blocks), tuple(body.form for body in stage.bodies)
    else:
        shown = folded(gather(one), branching.most_for(flow.WIDTH))
        view = branching.View(shown, (), Focus(None, frozenset(), {}))
        standing = branching.staged(view, height=HEIGHT, width=WIDTH, large=False, given=scale)
        blocks, forms = standing.blocks, standing.forms
    assert stage_gauge(one, scale) == scale
    return [
        ((block.rows, block.columns, block.planes), (block.height, block.face, block.thickness), block.top)
        for block, form in zip(blocks, forms, strict=True)
        if form is Form.MAP and block.stop.stand is Stand.RUNS
    ]


def stage_gauge(one: Trace, scale: Gauge) -> Gauge:
    if in_a_row(one.network):
        return placed(stops(one), flow.room_for(height=HEIGHT, width=WIDTH, large=False), given=scale).gauge
    view = branching.View(folded(gather(one), branching.most_for(flow.WIDTH)), (), Focus(None, frozenset(), {}))
    return branching.staged(view, height=HEIGHT, width=WIDTH, large=False, given=scale).gauge


@pytest.mark.parametrize("names", PAIRS)
def test_a_cell_takes_as_many_pixels_in_both_pictures(names):
    traces = [trace(PRESETS[name]) for name in names]
    scale = one_scale(traces, height=HEIGHT, width=WIDTH)
    for one in traces:
        for (rows, columns, _), (height, face, _), top in drawn(one, scale):
            assert height == pytest.approx(max(scale.cell(rows), 5.0))
            assert face >= scale.cell(columns) * scale.slant - 1e-6
            assert top <= flow.HEIGHT + 1


def test_equal_maps_are_drawn_equally_large():
    traces = [trace(PRESETS["resnet18"]), trace(PRESETS["resnet34"])]
    scale = one_scale(traces, height=HEIGHT, width=WIDTH)
    first, second = ({shape[:2]: size[:1] for shape, size, _ in drawn(one, scale)} for one in traces)
    assert {*first} & {*second}
    assert all(first[shape] == pytest.approx(second[shape]) for shape in {*first} & {*second})


def test_what_differs_has_a_sign_in_both_pictures():
    contrast = Contrast.of(trace(SEED), trace(SEED.with_argument("conv2", "kernel_size", 3)))
    for side in (0, 1):
        assert differing(contrast, side) == {"conv2", "relu2", "pool2", "flatten", "fc1"}
    for picture in beside(contrast, "conv2"):
        json.dumps(picture.figure, allow_nan=False)
        assert "◆ differs" in picture.legend
        assert picture.description.startswith("Tensor flow through 12 layers")


def test_far_networks_are_marked_where_the_other_has_no_such_layer():
    contrast = Contrast.of(trace(PRESETS["lenet5"]), trace(PRESETS["resnet18"]))
    assert differing(contrast, 0) == {"pool2", "relu3", "fc2", "relu4", "out"}
    assert "conv1" not in differing(contrast, 1)


def test_a_network_beside_itself_is_two_equal_pictures_without_a_sign():
    for name in ("fashion-mnist-cnn", "resnet18"):
        one = trace(PRESETS[name])
        first, second = beside(Contrast.of(one, one))
        assert first == second
        assert "differs" not in first.legend


def test_networks_that_do_not_run_or_have_no_layers_can_be_drawn():
    broken = SEED.with_argument("conv2", "kernel_size", 33)
    empty = SEED.first(0)
    for a, b in ((SEED, broken), (broken, SEED), (empty, PRESETS["resnet18"]), (SEED, empty)):
        for picture in beside(Contrast.of(trace(a), trace(b))):
            assert picture.figure["layout"]["shapes"]
