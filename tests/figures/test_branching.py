"""A network that branches: its picture says what torch says, nothing covers anything, each edge is drawn once."""

from itertools import combinations
from random import Random

import pytest

from layerscope.figures import branching
from layerscope.figures.flow import description, flow
from layerscope.figures.gathering import folded, gather, parts_of
from layerscope.figures.gauge import Form
from layerscope.figures.labels import Box
from layerscope.figures.painting import painted, slices_of
from layerscope.figures.routes import routes
from layerscope.figures.scene import Room
from layerscope.figures.standing import stand
from layerscope.figures.theme import TEXT
from layerscope.inputs import Input
from layerscope.layers.activation import ReLU, Sigmoid
from layerscope.layers.convolution import Conv2d
from layerscope.layers.joining import Add, Multiply
from layerscope.layers.linear import Linear
from layerscope.layers.normalization import BatchNorm2d
from layerscope.layers.pooling import MaxPool2d
from layerscope.layers.reshape import Flatten
from layerscope.layers.stacking import Concat
from layerscope.network import Network
from layerscope.tracing import trace
from tests.figures.test_flow import hovers, is_sound, plain, texts
from tests.figures.test_lanes import random_wires

ROOM = Room(6, 634, 44, 196)


def conv(name, channels, *inputs, kernel_size=3, **more):
    more.setdefault("padding", kernel_size // 2)
    return Conv2d(name=name, out_channels=channels, kernel_size=kernel_size, inputs=inputs, **more)


RESIDUAL = Network(
    (3, 32, 32),
    (
        conv("stem", 8), BatchNorm2d(name="norm"), ReLU(name="relu"),
        conv("block.conv1", 8), ReLU(name="block.relu"), conv("block.conv2", 8),
        Add(name="block.add", inputs=("block.conv2", "relu")), ReLU(name="out"),
        MaxPool2d(name="pool", kernel_size=2), Flatten(name="flatten"), Linear(name="fc", out_features=10),
    ),
)  # fmt: skip
JOINED = Network(
    (3, 32, 32),
    (
        conv("one", 8), conv("left", 16, "one"), MaxPool2d(name="right.pool", kernel_size=3, stride=1, padding=1,
        inputs=("one",)), conv("right.conv", 24), Concat(name="cat", inputs=("left", "right.conv")), conv("last", 4),
    ),
)  # fmt: skip


def staged(network, selected=None, width=640.0, **more):
    """The bodies, with their places in a picture of that width."""
    room = Room(6, width - 6, ROOM.bottom, ROOM.top)
    shown = folded(gather(trace(network)), branching.most_for(width), selected=selected, **more)
    return shown, stand(shown, shown.lanes, room), room


def random_graph(seed):
    """Rows that read any rows before them; not all of them run."""
    rng = Random(seed)
    wires = random_wires(rng, rng.randrange(3, 60))
    inputs = tuple(Input(f"in{i}", (4, 8, 8)) for i in range(1, 1 + rng.choice([1, 1, 2])))
    names = [inputs[0].name] + [
        ".".join([*rng.choices("abc", k=rng.randrange(3)), f"r{i}"]) for i in range(1, len(wires))
    ]
    rows = []
    for place, read in list(enumerate(wires))[1:]:
        reads = tuple(names[one] for one in read) or (rng.choice(inputs).name,)
        if len(reads) > 1:
            rows.append(rng.choice([Add, Add, Concat, Multiply])(name=names[place], inputs=reads))
        else:
            rows.append(rng.choice([conv(names[place], 4, *reads), ReLU(name=names[place], inputs=reads)]))
    loose = [row.name for row in rows if all(row.name not in other.inputs for other in rows)]
    return Network((4, 8, 8), tuple(rows), inputs=inputs, outputs=tuple(loose))


def test_layers_that_keep_the_shape_share_a_body():
    found = gather(trace(RESIDUAL))
    assert [stop.names for stop in found.stops] == [
        (), ("stem", "norm", "relu"), ("block.conv1", "block.relu"), ("block.conv2",), ("block.add", "out"),
        ("pool",), ("flatten",), ("fc",),
    ]  # fmt: skip
    assert found.wires == ((), (0,), (1,), (2,), (3, 1), (4,), (5,), (6,))


def test_a_gate_is_a_body_of_its_own():
    gated = Network((3, 8, 8), (conv("a", 4), Sigmoid(name="gate"), Multiply(name="times", inputs=("a", "gate"))))
    found = gather(trace(gated))
    assert [stop.name for stop in found.stops] == ["input", "a", "gate", "times"]
    assert found.wires[-1] == (1, 2)


def test_joins_are_circles_with_their_sign():
    figure = flow(trace(RESIDUAL))
    (circles,) = (item for item in figure["data"] if item.get("mode") == "markers")
    assert len(circles["x"]) == 1
    assert "+" in map(plain, texts(figure))


def test_a_concatenation_is_sliced_by_its_channels():
    shown, stage, _ = staged(JOINED)
    place = next(i for i, stop in enumerate(shown.stops) if stop.name == "cat")
    parts = parts_of(shown.stops[place], shown.sources(place))
    assert parts == [("Convolution", 16), ("Convolution", 24)]
    block = stage.blocks[place]
    (_, one), (_, two) = painted(block, Form.MAP, slices_of(parts))
    assert max(x for x, _ in one[:3]) - one[0][0] == pytest.approx(block.thickness * 16 / 40)
    assert two[1][0] - two[0][0] == pytest.approx(block.thickness * 24 / 40)


def test_hovering_a_join_says_where_its_inputs_come_from():
    said = dict(hovers(flow(trace(RESIDUAL))))["block.add"]
    assert "block.conv2 8×32×32 and relu 8×32×32 → 8×32×32" in said


def test_what_is_selected_is_lit_with_both_ends():
    figure = flow(trace(RESIDUAL), "stem")
    lit = [s for s in figure["layout"]["shapes"] if s["line"] == {"color": TEXT, "width": 2.5}]
    assert sum(shape["path"].count("M") for shape in lit) == 3, "from the input, to conv1, and the arc to the add"
    ends = [s for s in figure["layout"]["shapes"] if s["line"]["color"] == TEXT and s["line"]["width"] == 1.5]
    assert sum(shape["path"].count("M") for shape in ends) == 2, "the input and conv1; the add is a circle"


@pytest.mark.parametrize("seed", range(60))
def test_random_networks_are_sound(seed):
    network = random_graph(seed)
    rng = Random(seed)
    whole = trace(network)
    selected = rng.choice([None, *network.names])
    figure = flow(whole, selected, frozenset(rng.sample(network.names, 1)), width=rng.choice([340, 640]))
    is_sound(figure)
    assert description(whole)
    shown, stage, _ = staged(network, selected)
    drawn = sorted(way.edge for way in routes(stage))
    assert drawn == sorted((source, target) for target, row in enumerate(shown.wires) for source in row)
    solid = [Box(b.x, b.x + b.thickness + b.face, b.y, b.top) for b in stage.blocks]
    for one, two in combinations(solid, 2):
        assert not one.overlaps(two)
    assert {name for stop in shown.stops for name in stop.names} == {*network.names}


def test_a_selected_open_block_has_its_bracket_and_its_whole_name():
    inside = [conv(f"a.b.conv{i}", 8 + i) for i in range(3)]
    inner = Network((3, 32, 32), (*inside, conv("last", 4), Add(name="add", inputs=("last", "last"))))
    for selected in ("a", "a.b"):
        figure = flow(trace(inner), selected, opened=frozenset({"a", "a.b"}))
        assert f"<b>{selected}</b>" in texts(figure)
        lines = [shape for shape in figure["layout"]["shapes"] if shape["line"] == {"color": TEXT, "width": 3}]
        assert len(lines) == 1
    assert "<b>a</b>" not in texts(flow(trace(inner), "last", opened=frozenset({"a", "a.b"})))


def test_names_of_bodies_side_by_side_stand_in_their_order():
    upper = [Linear(name="first", out_features=8), Linear(name="second", out_features=9)]
    rows = (
        *upper, Linear(name="third", out_features=7), Linear(name="one", out_features=4, inputs=("late",)),
        Concat(name="cat", inputs=("third", "one")),
    )  # fmt: skip
    network = Network((6,), rows, inputs=(Input("in1", (6,)), Input("late", (5,))))
    figure = flow(trace(network))
    height = {text["text"]: text["y"] for text in figure["layout"]["annotations"]}
    assert height["second"] > height["late"]
    assert height["third"] > height["one"]


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("join", [Add, Concat])
def test_shapes_stand_under_an_arc_and_beside_its_feet(join, large):
    network = Network((6, 12, 12), (conv("conv1", 12), conv("conv2", 8), join(name="both", inputs=("conv2", "input"))))
    said = {plain(text) for text in texts(flow(trace(network), large=large))}
    assert {"6×12×12", "12×12×12", "8×12×12"} <= said
