"""Receptive fields where a network branches, beside autograd on random small modules that split and join."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from layerscope import limits
from layerscope.receptive import NOTHING, SAME, WHOLE, Reach, ReceptiveField, Varying, Window

Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Map:
    """One map of a network under test: what torch computed, and our receptive field of it."""

    values: Tensor
    seen: ReceptiveField

    @property
    def sizes(self) -> Sizes:
        return tuple(self.values.shape[2:])


def known(seen: ReceptiveField | None) -> ReceptiveField:
    assert seen is not None
    return seen


def image(*sizes: int) -> Map:
    """An input of one channel."""
    return Map(torch.ones(1, 1, *sizes, dtype=torch.double, requires_grad=True), ReceptiveField.of_input(sizes))


def after(before: Map, values: Tensor, reach: Reach) -> Map:
    return Map(values, known(before.seen.after(reach, before.sizes, tuple(values.shape[2:]))))


def conv(before: Map, kernel: Any, stride: Any = 1, pad: Any = 0, step: Any = 1) -> Map:
    """A convolution with positive weights, so that nothing that is read cancels out."""
    dims = len(before.sizes)
    kernels, strides, pads, steps = ((n,) * dims if isinstance(n, int) else n for n in (kernel, stride, pad, step))
    kind: Any = (nn.Conv1d, nn.Conv2d)[dims - 1]
    module = kind(1, 1, kernels, strides, pads, steps, bias=False).double()
    nn.init.uniform_(module.weight, 0.5, 1.5)
    windows = (Window(d * (k - 1) + 1, s, p, d) for k, s, p, d in zip(kernels, strides, pads, steps, strict=True))
    return after(before, module(before.values), tuple(windows))


def pooled(before: Map, axes: tuple[int, ...]) -> Map:
    """The mean over some axes, which stay as axes of one cell."""
    reach = tuple(Window(n, n, 0) if axis in axes else SAME for axis, n in enumerate(before.sizes))
    return after(before, before.values.mean([axis + 2 for axis in axes], keepdim=True), reach)


def enlarged(before: Map, factor: int) -> Map:
    reach = Varying(lambda u: (u // factor, u // factor), Fraction(1, factor))
    values = interpolate(before.values, scale_factor=factor, mode="nearest")
    return after(before, values, (reach,) * len(before.sizes))


def cut(before: Map, starts: Sizes, sizes: Sizes) -> Map:
    """The map cut to a size, as by a negative padding."""
    values = before.values
    for axis, (start, size) in enumerate(zip(starts, sizes, strict=True)):
        values = values.narrow(axis + 2, start, size)
    return after(before, values, tuple(Window(1, 1, -start) for start in starts))


def merged(before: Map) -> Map:
    """A fully connected layer on all that is there."""
    return Map(before.values.sum(), known(before.seen.after(WHOLE, (), ())))


def added(*maps: Map) -> Map:
    values = maps[0].values
    for one in maps[1:]:
        values = values + one.values
    return Map(values, known(ReceptiveField.union([one.seen for one in maps])))


def in_a_row(axis: int, *maps: Map) -> Map:
    seen = ReceptiveField.union([one.seen for one in maps], along=axis)
    return Map(torch.cat([one.values for one in maps], axis + 2), known(seen))


def really_seen(source: Map, value: Tensor) -> Tensor:
    """Which cells of the input have a gradient."""
    if not value.requires_grad:
        return torch.zeros(source.sizes, dtype=torch.bool)
    (gradient,) = torch.autograd.grad(value, source.values, retain_graph=True, allow_unused=True)
    return torch.zeros(source.sizes, dtype=torch.bool) if gradient is None else gradient[0, 0] > 0


def check(source: Map, made: Map) -> int:
    """Compare each row, column, ... of a map; the number of those whose view differs from the rule."""
    bent = 0
    assert tuple(axis.cells for axis in made.seen.axes) == made.sizes
    for number, axis in enumerate(made.seen.axes):
        for u in range(axis.cells):
            touched = really_seen(source, made.values.select(number + 2, u).sum())
            cells = touched.nonzero()[:, number].tolist()
            assert axis.span(u) == ((min(cells), max(cells)) if cells else NOTHING)
            view = axis.view(u)
            if not cells:
                continue
            assert view[0] <= min(cells)
            assert max(cells) <= view[1]
            assert axis.size >= max(cells) - min(cells) + 1
            bent += view != (min(cells), max(cells))
    if made.seen.whole:
        assert all(really_seen(source, value).all() for value in made.values.flatten())
    everything = merged(made)
    touched = really_seen(source, everything.values)
    assert everything.seen.whole is bool(touched.all())
    views = [axis.view(0) for axis in everything.seen.axes]
    assert not touched.any() or views == [(int(axis.min()), int(axis.max())) for axis in touched.nonzero().T]
    return bent


# --- networks that people build -----------------------------------------------------------------------------------


def test_a_skip_connection_keeps_the_step_and_takes_the_wider_view():
    source = image(12)
    block = added(source, conv(conv(source, 3, pad=1), 3, pad=1))
    check(source, block)
    assert (block.seen.size, block.seen.jump, block.seen.start) == ((5,), (1,), (-2,))
    assert block.seen.axes[0].views is None, "a rule, whatever the number of cells"


def test_a_skip_connection_may_be_narrower_on_one_side():
    source = image(20)
    left = conv(source, 5, stride=2, pad=4)
    right = conv(source, 5, stride=2, pad=0)
    joined = added(cut(left, (0,), right.sizes), right)
    check(source, joined)
    assert (joined.seen.size, joined.seen.jump, joined.seen.start) == ((9,), (2,), (-4,))


def test_a_gate_lets_every_value_see_all_that_the_gate_sees():
    """Squeeze and excite: a mean over the map, and the map times it."""
    source = image(8, 8)
    for maps in (conv(source, 3, pad=1), conv(source, 3, stride=2, pad=1)):
        gate = conv(pooled(maps, (0, 1)), 1)
        assert not gate.seen.whole
        gated = Map(maps.values * gate.values, known(ReceptiveField.union([maps.seen, gate.seen])))
        check(source, gated)
        assert (gated.seen.size, gated.seen.jump, gated.seen.whole) == ((8, 8), (0, 0), True)
        wider = conv(gated, 3, pad=1)
        check(source, wider)
        assert (wider.seen.size, wider.seen.whole) == ((8, 8), True)


def test_a_gate_on_a_map_that_leaves_cells_out_says_so():
    source = image(9)
    maps = conv(source, 2, stride=2)
    gated = added(maps, pooled(maps, (0,)))
    check(source, gated)
    assert (gated.seen.size, gated.seen.whole) == ((8,), False)
    beside = added(conv(maps, 1), pooled(maps, (0,)), conv(source, 3, stride=2))
    check(source, beside)
    assert (beside.seen.size, beside.seen.jump) == ((9,), (None,)), "only the last value sees cell 8"


def test_strips_see_a_cross_and_not_all():
    """A mean over the rows and one over the columns: each value sees its row and its column."""
    source = image(5, 6)
    cross = added(pooled(source, (0,)), pooled(source, (1,)))
    check(source, cross)
    assert (cross.seen.size, cross.seen.whole) == ((5, 6), False)
    rows, columns = conv(source, 1, stride=(1, 2)), conv(source, 1, stride=(2, 1))
    both = added(pooled(rows, (0, 1)), pooled(columns, (0, 1)))
    check(source, both)  # every row and every column is read by one of the two, and yet some cells are not
    assert not merged(both).seen.whole


def test_paths_that_move_by_different_steps():
    source = image(16)
    slow, fast = conv(source, 3), conv(source, 3, stride=2)
    joined = added(cut(slow, (3,), fast.sizes), fast)
    check(source, joined)
    assert joined.seen.jump == (None,)
    assert conv(joined, 3).seen.jump == (None,)
    check(source, conv(joined, 3, stride=2, pad=1))


def test_maps_in_a_row():
    source = image(7, 6)
    joined = in_a_row(0, conv(source, 3, pad=1), conv(source, 1), conv(source, (3, 1), stride=(2, 1)))
    check(source, joined)
    check(source, conv(joined, 3, pad=1))
    check(source, in_a_row(1, joined, joined))


def test_a_value_that_no_input_decides_adds_nothing():
    source = image(6, 6)
    none = ReceptiveField.of_nothing((6, 6))
    maps = conv(source, 3)
    for order in ([none, maps.seen], [maps.seen, none]):
        joined = known(ReceptiveField.union(order))
        assert (joined.size, joined.jump, joined.start) == (maps.seen.size, maps.seen.jump, maps.seen.start)
        assert [axis.span(0) for axis in joined.axes] == [(0, 2), (0, 2)]
    alone = ReceptiveField.union([none, ReceptiveField.of_nothing((6, 6))])
    assert alone is not None
    assert (alone.size, alone.whole, alone.axes[0].span(0)) == ((0, 0), False, NOTHING)
    token = Map(torch.zeros(1, 1, 1, 4, dtype=torch.double), none.after((SAME, SAME), (1, 1), (1, 4)) or none)
    assert ReceptiveField.union([token.seen, maps.seen], along=0) is not None


def test_what_is_not_known_is_not_known_after_a_join():
    one = ReceptiveField.of_input((6,))
    assert ReceptiveField.union([one, None]) is None
    assert ReceptiveField.union([one, ReceptiveField.of_input((7,))]) is None, "inputs of different sizes"
    assert ReceptiveField.union([one, one]) is one


def test_maps_that_do_not_lie_on_each_other_lose_their_places():
    source = image(9, 9)
    flat = ReceptiveField.union([conv(source, 3).seen, conv(source, 3, stride=2).seen])
    assert flat is not None
    assert (flat.size, flat.everywhere, flat.whole) == ((9, 9), True, True)


# --- at random ----------------------------------------------------------------------------------------------------


def random_branches(rng: Random, source: Map, joins: int) -> list[Map]:
    """Maps made from each other; the last one is a join."""
    made = [source]
    for _ in range(joins):
        before = rng.choice(made[-3:])
        branches = [random_path(rng, before) for _ in range(rng.randint(2, 3))]
        gate = pooled(before, rng.choice(((0,), (len(before.sizes) - 1,), tuple(range(len(before.sizes))))))
        branches += [gate] if rng.random() < 0.3 else []
        small = tuple(min(sizes) for sizes in zip(*(one.sizes for one in branches if one is not gate), strict=True))
        fitting = [one if one is gate else cut(one, somewhere(rng, one.sizes, small), small) for one in branches]
        shapes = {one.sizes for one in fitting}
        if len(shapes) == 1 and rng.random() < 0.2:
            made.append(in_a_row(rng.randrange(len(small)), *fitting))
        else:
            ok = all(a in (1, b) for one in fitting for a, b in zip(one.sizes, small, strict=True))
            made.append(added(*(fitting if ok else fitting[:-1])))
        if max(made[-1].sizes) > 14:
            made[-1] = conv(made[-1], 2, stride=2)
    return made


def somewhere(rng: Random, sizes: Sizes, wanted: Sizes) -> Sizes:
    """Where a part of a map may begin."""
    return tuple(rng.randint(0, size - part) for size, part in zip(sizes, wanted, strict=True))


def random_path(rng: Random, before: Map) -> Map:
    for _ in range(rng.randint(0, 2)):
        kernel, step, pad = rng.randint(1, 3), rng.randint(1, 2), rng.randint(0, 3)
        if min(before.sizes) + 2 * pad > step * (kernel - 1) and max(before.sizes) < 20:
            before = conv(before, kernel, rng.choice((1, 1, 2, 3)), pad, step)
        if rng.random() < 0.2 and max(before.sizes) < 8:
            before = enlarged(before, 2)
    return before


@pytest.mark.parametrize(("dims", "networks"), [(1, 150), (2, 40)])
def test_random_branches_see_what_autograd_says(dims, networks, thorough):
    bent = whole = mixed = 0
    for number in range(networks * (20 if thorough else 1)):
        rng = Random(number)
        source = image(*(rng.randint(3, 12 if dims == 1 else 7) for _ in range(dims)))
        made = random_branches(rng, source, rng.randint(1, 4))[-1]
        bent += check(source, made)
        whole += made.seen.whole
        mixed += None in made.seen.jump
    assert bent > networks
    assert whole > networks / 20
    assert mixed > networks / 20


# --- bounds -------------------------------------------------------------------------------------------------------


def deep(sizes: Sizes, blocks: int) -> ReceptiveField:
    seen = ReceptiveField.of_input(sizes)
    for number in range(blocks):
        reach = tuple(Window(3 + 2 * (number % 3), 1, 1 + number % 3, 1) for _ in sizes)
        other = tuple(Window(5, 1, 4, 2) for _ in sizes)
        branches = [seen.after(reach, sizes, sizes), seen.after(other, sizes, sizes)]
        joined = ReceptiveField.union([seen, *branches])
        assert joined is not None
        seen = joined
    return seen


def test_a_deep_network_of_many_paths_is_looked_through_once():
    """Three ways through each of 300 blocks are 3**300 paths."""
    seen = deep((224, 224), 300)
    assert seen.jump == (1, 1)
    flat = seen.after(WHOLE, (), ())
    assert flat is not None
    assert flat.whole


def test_many_boxes_become_one_and_all_is_not_claimed():
    """Means over every rows and columns; none of them alone sees all."""
    sizes = (limits.BOXES.most + 8, limits.BOXES.most + 8)
    source = ReceptiveField.of_input(sizes)
    strips = []
    for number in range(limits.BOXES.most + 8):
        row = source.after((Window(1, 1, -number), WHOLE), sizes, (1, sizes[1]))
        assert row is not None
        strips.append(row)
    some = ReceptiveField.union(strips[: limits.BOXES.most])
    every = ReceptiveField.union(strips)
    assert some is not None
    assert every is not None
    assert some.trail.seen.exact
    assert not every.trail.seen.exact
    assert every.axes[0].span(0) == (0, sizes[0] - 1)
    merged_field = every.after(WHOLE, (), ())
    assert merged_field is not None
    assert not merged_field.whole


def test_joins_that_must_be_followed_cell_by_cell_are_bounded():
    cells = limits.READS.most // 4
    for size, is_known in ((cells, True), (limits.READS.most, False)):
        source = ReceptiveField.of_input((size,))
        gate = source.after((Window(size - 1, size - 1, 0),), (size,), (1,))
        joined = ReceptiveField.union([source, gate])
        assert (joined is not None) is is_known
