"""Blocks fold until what is left has room, and open again where somebody looks."""

from random import Random

import pytest

from layerscope.figures.block_tree import Row
from layerscope.figures.folding import fold
from layerscope.figures.wires import readers, wires
from tests.figures.test_lanes import random_wires


def network(*rows):
    """Rows as (name, type, what it reads); the row above where nothing is said."""
    named, pairs, above = [], [], None
    kinds: dict[str, int] = {}
    for name, kind, *read in rows:
        named.append(Row(name, kinds.setdefault(kind, len(kinds)), kind.split()[0], 0.5 if kind == "Add" else 1.0))
        pairs.append((name, tuple(read) or ((above,) if above else ())))
        above = name
    return tuple(named), wires(pairs)


def residual(stages, width=1):
    """A network like a ResNet's, with so many blocks in each stage."""
    rows: list[tuple[str, ...]] = [("input", "Input"), ("conv1", "Conv2d 64"), ("maxpool", "MaxPool2d")]
    last = "maxpool"
    for stage, blocks in enumerate(stages, start=1):
        for block in range(blocks):
            path = f"layer{stage}.{block}"
            for n in range(1, width + 2):
                rows.append((f"{path}.conv{n}", f"Conv2d {stage}", *([last] if n == 1 else [])))
            short = last
            if block == 0 and stage > 1:
                rows.append((f"{path}.downsample.0", f"Conv2d {stage} down", last))
                short = f"{path}.downsample.0"
            rows.append((f"{path}.add", "Add", f"{path}.conv{width + 1}", short))
            last = f"{path}.add"
    return network(*rows, ("avgpool", "AvgPool2d"), ("flatten", "Flatten"), ("fc", "Linear"))


def titles(folding):
    return [f"{body.name} × {body.times}" if body.times > 1 else body.name for body in folding.bodies]


def test_what_has_room_stays_open():
    rows, read = residual((2, 2, 2, 2))
    folding = fold(rows, read, 27)
    assert titles(folding) == [row.name for row in rows]
    assert folding.wires == read
    assert not any(body.folded for body in folding.bodies)


def test_equal_neighbours_are_one_body():
    folding = fold(*residual((3, 4, 23, 3), width=4), 13)
    assert titles(folding) == [
        "input", "conv1", "maxpool", "layer1 × 3", "layer2.0", "layer2.1 × 3", "layer3.0", "layer3.1 × 22",
        "layer4.0", "layer4.1 × 2", "avgpool", "flatten", "fc",
    ]  # fmt: skip
    assert folding.wires == ((), *((place,) for place in range(12)))


def test_the_first_of_each_kind_opens_before_the_others():
    folding = fold(*residual((3, 4, 23, 3), width=2), 20)
    open_blocks = {opened.name for opened in folding.opened}
    assert {"layer1.0", "layer2.0"} <= open_blocks
    assert {"layer3.0", "layer4.0", "layer2.1"}.isdisjoint(open_blocks)


def test_a_hundred_layers_fold_to_what_has_room():
    rows, read = residual((3, 4, 23, 3), width=2)
    assert len(rows) > 130
    assert len(fold(rows, read, 27).bodies) <= 36


def test_selecting_a_row_opens_what_holds_it_and_nothing_else():
    rows, read = residual((3, 4, 23, 3), width=4)
    place = next(i for i, row in enumerate(rows) if row.name == "layer3.7.conv2")
    before, after = fold(rows, read, 13), fold(rows, read, 13, shown=place)
    assert "layer3.7.conv2" in titles(after)
    assert {"layer3.1 × 6", "layer3.8 × 15"} <= set(titles(after))
    opened = {block.name for block in after.opened} - {block.name for block in before.opened}
    assert opened == {"layer3.7"}


def test_the_viewer_opens_and_closes_blocks():
    rows, read = residual((2, 2, 2, 2))
    assert "layer2.1.conv1" in titles(fold(rows, read, 5, opened=frozenset({"layer2.1"})))
    shut = fold(rows, read, 27, closed=frozenset({"layer2.1", "layer3"}))
    assert {"layer2.1", "layer3"} <= set(titles(shut))
    inside = next(i for i, row in enumerate(rows) if row.name == "layer3.1.add")
    assert "layer3.1.add" in titles(fold(rows, read, 27, closed=frozenset({"layer3"}), shown=inside))


def test_a_block_that_several_tensors_leave_is_open():
    rows, read = network(
        ("input", "Input"), ("encoder.a", "Conv2d"), ("encoder.b", "Conv2d"), ("decoder.a", "Conv2d"),
        ("decoder.cat", "Concat", "decoder.a", "encoder.a"), ("decoder.b", "Conv2d"),
    )  # fmt: skip
    assert titles(fold(rows, read, 1)) == ["input", "encoder.a", "encoder.b", "decoder"]


def test_a_name_that_comes_again_later_is_a_block_of_its_own():
    rows, read = network(("in", "Input"), ("a.x", "C"), ("a.y", "C"), ("b", "D"), ("a.z", "C"), ("a.w", "C"))
    assert titles(fold(rows, read, 1)) == ["in", "a", "b", "a"]


def test_blocks_of_other_sizes_or_wirings_are_not_equal():
    rows, read = network(
        ("in", "Input"), ("m.0.a", "C"), ("m.0.b", "D"), ("m.1.a", "C"), ("m.1.b", "D"), ("m.2.a", "C wide"),
        ("m.2.b", "D"), ("m.3.a", "C"), ("m.3.b", "D", "m.2.b"), ("m.3.c", "Add", "m.3.b", "m.3.a"),
    )  # fmt: skip
    assert titles(fold(rows, read, 1, opened=frozenset({"m"}))) == ["in", "m.0 × 2", "m.2", "m.3"]


def test_many_rows_without_blocks_fold_between_the_places_that_one_tensor_passes():
    rows: list[tuple[str, ...]] = [("input", "Input"), ("stem", "Conv2d")]
    last = "stem"
    for n in range(60):
        rows += [
            (f"conv{2 * n + 1}", "Conv2d", last),
            (f"conv{2 * n + 2}", "Conv2d"),
            (f"add{n}", "Add", f"conv{2 * n + 2}", last),
        ]
        last = f"add{n}"
    assert titles(fold(*network(*rows, ("fc", "Linear")), 27)) == [
        "input", "stem", "conv1", "conv2", "add0", "conv3…add1 × 59", "fc",
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(200))
def test_random_networks_fold_without_losing_anything(seed):
    rng = Random(seed)
    size = rng.randrange(2, 80)
    read = random_wires(rng, size)
    names = [".".join([*(str(rng.randrange(2)) for _ in range(rng.randrange(3))), f"r{i}"]) for i in range(size)]
    rows = tuple(Row(name, kind := rng.randrange(2), str(kind)) for name in names)
    shown = rng.choice([None, rng.randrange(size)])
    folding = fold(rows, read, rng.choice([3.0, 10.0, 30.0]), shown=shown)
    assert [place for body in folding.bodies for place in body.rows] == list(range(size))
    owner = [place for place, body in enumerate(folding.bodies) for _ in body.rows]
    for place, body in enumerate(folding.bodies):
        edges = {owner[one] for row in body.rows for one in read[row]} - {place}
        assert set(folding.wires[place]) == edges
        assert all(one < place for one in edges)
        leaving = [row for row in body.rows if not readers(read)[row] or any(r > body.last for r in readers(read)[row])]
        assert len(leaving) == 1
    if shown is not None:
        assert not folding.bodies[owner[shown]].folded
