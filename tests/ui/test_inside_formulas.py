"""The look at one value as a formula: what the browser gets of each kind of layer, and where a chosen cell leads."""

from base64 import b64decode

import pytest
import torch

from layerscope import limits
from layerscope.layers.axes import Permute
from layerscope.layers.convolution import Conv2d
from layerscope.link import View, decode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.inside import look
from layerscope.study.samples import sample
from layerscope.ui import events
from layerscope.ui.inside import card
from layerscope.ui.insides.calculating import as_maps
from layerscope.ui.looking import Looking
from layerscope.ui.session import Session

SEED = PRESETS[DEFAULT]
ADDS = decode(
    "1x12x12~Conv2d.4.3.padding-1.as-a~ReLU.as-r~Conv2d.4.3.padding-1.as-b~Add.in-b,r.as-plus~Concat.in-plus,r.as-cat"
)


def numbers(text: str) -> torch.Tensor:
    return torch.frombuffer(bytearray(b64decode(text)), dtype=torch.float32)


def scene(network, name, **looked):
    return card(network, name, Looking(**looked))["inside"]


def read_by(read, index: int) -> float:
    """The value that the browser finds for a cell of the output."""
    size = as_maps(tuple(read["shape"]))[2] * as_maps(tuple(read["shape"]))[3]
    if read["at"] is None:
        return float(numbers(read["cells"])[index])
    map_, cell = (int(numbers(part)[index]) for part in read["at"])
    return float("nan") if map_ < 0 else float(numbers(read["cells"])[map_ * size + cell])


def test_an_activation_gets_what_it_reads_and_what_it_makes():
    seen = scene(SEED, "relu1", filter=2)
    maps = look(SEED, sample("digit", SEED.input_shape)).maps
    assert torch.equal(numbers(seen["sums"]).reshape(24, 24), torch.from_numpy(maps["relu1"][2]))
    (read,) = seen["reads"]
    assert (read["name"], read["maps"], read["at"]) == ("conv1", [2], None)
    assert torch.equal(numbers(read["cells"]).reshape(24, 24), torch.from_numpy(maps["conv1"][2]))
    assert seen["formulas"] == [{"text": "max(0, {x})", "said": ""}]
    assert (seen["filters"], seen["labels"], seen["shown"]["words"]) == (
        6,
        ("channel", ""),
        ("channel", "row", "column"),
    )
    assert seen["picture"]["size"] == [28, 28]
    assert seen["sights"]


def test_a_flattened_value_says_which_cell_it_was():
    seen = scene(SEED, "flatten", filter=17)
    (read,) = seen["reads"]
    maps, cells = map(numbers, read["at"])
    assert (read["maps"][int(maps[17])], int(cells[17])) == (1, 1)
    assert (seen["filter"], seen["filters"], seen["labels"]) == (17, 192, ("value", ""))
    sums = numbers(seen["sums"])
    assert [read_by(read, index) for index in range(192)] == sums.tolist()


def test_several_inputs_are_named_and_of_a_concat_the_one_that_the_map_comes_from():
    seen = scene(ADDS, "plus")
    assert [(read["name"], read["letter"]) for read in seen["reads"]] == [("b", "a"), ("r", "b")]
    assert seen["formulas"][0]["text"] == "{a} + {b}"
    first, second = (numbers(read["cells"]) for read in seen["reads"])
    assert torch.equal(first + second, numbers(seen["sums"]))
    for filter_, name, map_ in ((0, "plus", 0), (3, "plus", 3), (4, "r", 0), (7, "r", 3)):
        (read,) = scene(ADDS, "cat", filter=filter_)["reads"]
        assert (read["name"], read["maps"]) == (name, [map_])


@pytest.mark.parametrize(
    ("code", "name", "branches"),
    [
        ("2x6x6~LeakyReLU", "leaky1", 2),
        ("2x6x6~Hardshrink", "shrink1", 2),
        ("2x6x6~PReLU.num_parameters-2", "prelu1", 2),
    ],
)
def test_the_browser_knows_which_formula_holds(code, name, branches):
    seen = scene(decode(code), name, image="edges", filter=1)
    assert len(seen["formulas"]) == branches
    assert set(numbers(seen["which"]["cells"]).tolist()) <= set(range(branches))


def test_statistics_are_those_of_the_cells_that_are_normalized_together():
    network = decode("4x6x6~GroupNorm.2")
    seen = scene(network, "gn1", filter=3)
    given = torch.from_numpy(look(network, sample("digit", network.input_shape)).maps["input"])
    mean = seen["numbers"]["mean"]
    assert mean["sizes"] == [1, 1, 1], "one for a whole map is sent once"
    assert numbers(mean["cells"]).tolist() == pytest.approx([float(given[2:].mean())])
    assert seen["numbers"]["eps"] == 1e-5
    rows = scene(decode("4x6x6~LayerNorm.normalized_shape-6"), "ln1", filter=3)
    assert rows["numbers"]["mean"]["sizes"] == [1, 6, 1]
    assert numbers(rows["numbers"]["mean"]["cells"]).tolist() == pytest.approx(given[3].mean(1).tolist())


def test_what_too_many_maps_are_read_for_is_said_without_drawing_them():
    """Each map of the output reads a row of every map of the input."""
    network = Network(
        (300, 30, 30), (Permute(name="turn", order=(0, 2, 1, 3)), Conv2d(name="conv", out_channels=1, kernel_size=1))
    )
    (read,) = scene(network, "turn")["reads"]
    assert not read["is_few"]
    assert read["cells"] == ""
    assert len(read["maps"]) == 300 > limits.INSIDE_CELLS.most // 900
    assert [int(numbers(part)[31]) for part in read["at"]] == [1, 1]


def test_a_map_whose_cells_lie_apart_in_the_memory_is_sent_too():
    """What is broadcast and turned has strides of its own; torch remarks on that, and a remark is an error here."""
    network = Network((3, 5, 6), (Permute(name="turn", order=(0, 3, 2, 1)),))
    (read,) = scene(network, "turn", filter=2)["reads"]
    assert read["maps"] == [0, 1, 2]
    assert [int(numbers(part)[4]) for part in read["at"]] == [1, 8], "row 1, column 1: channel 1, row 1, column 2"


@pytest.mark.parametrize(("shape", "maps"), [((), 1), ((7,), 1), ((3, 7), 3), ((3, 4, 5), 3), ((2, 3, 4, 5, 6), 24)])
def test_any_shape_is_drawn_as_maps(shape, maps):
    found = as_maps(shape)
    assert (len(found), found[0]) == (4, maps)
    assert torch.Size(found).numel() == torch.Size(shape).numel()


def test_a_chosen_value_and_a_slice_stay_where_they_are():
    session = Session(network=SEED, before=SEED, view=View(selected="flatten", chart="inside"))
    events.apply(session, "inside:filter", 150, "commit")
    assert session.looking.filter == 150
    assert scene(SEED, "flatten", filter=500)["filter"] == 191
    volume = decode("1x8x8x8~Conv3d.2.3~ReLU")
    session = Session(network=volume, before=volume, view=View(selected="relu1", chart="inside", lens="maps"))
    events.apply(session, "inside:channel", 4, "commit")
    assert session.looking.channel == 4, "in the maps of a volume it is the slice"
    words = decode("12~Input.12.as-words.kind-indices.high-9~Embedding.9.300.as-look")
    session = Session(network=words, before=words, view=View(selected="look", chart="inside", lens="maps"))
    events.apply(session, "inside:channel", 290, "commit")
    assert session.looking.channel == 290, "in a table it is the column"
