"""Receptive fields: which cells of the network's input one cell of a feature map sees, per spatial axis.

Method: A. Araujo, W. Norris, J. Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019.
Away from the border, cell u of a map sees the input cells u*jump + start .. u*jump + start + size - 1: these are the
published numbers, as if padding were input. What a cell really sees (`AxisField.span`) ends at the borders of every map
on the way, and is what has a gradient; it is followed back along the map's `Trail` when somebody asks.

Layers whose windows differ from cell to cell (transposed convolutions, adaptive pooling, upsampling) have no rule, so
the views of their cells are worked out one by one, and `size` is that of the largest.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from layerscope import limits
from layerscope.axis_field import AxisField, in_a_row, on_each_other
from layerscope.cells import NOTHING
from layerscope.reach import (
    MOVED,
    SAME,
    WHOLE,
    AxisReach,
    Moved,
    OneAfterAnother,
    Reach,
    Same,
    Varying,
    Whole,
    Window,
)
from layerscope.trail import Seen, Trail

__all__ = [
    "MOVED",
    "NOTHING",
    "SAME",
    "WHOLE",
    "AxisReach",
    "Moved",
    "OneAfterAnother",
    "Reach",
    "ReceptiveField",
    "Same",
    "Varying",
    "Whole",
    "Window",
]


@dataclass(frozen=True)
class ReceptiveField:
    """The receptive field of one layer's output: one value for each spatial axis of the network's input.

    `everywhere` holds where each value sees all that any value sees, as after a Linear on flattened maps. `lost` holds
    where only that is known which all values see together, as after a Permute.
    """

    axes: tuple[AxisField, ...]
    trail: Trail = field(repr=False, compare=False)
    everywhere: bool = False
    lost: bool = False

    @property
    def size(self) -> tuple[int, ...]:
        """How many input cells one output cell sees, from the first to the last; away from the border, by the rule."""
        return tuple(axis.size for axis in self.axes)

    @property
    def jump(self) -> tuple[Fraction | int | None, ...]:
        """How far the view moves in the input from one output cell to the next; None where paths differ."""
        return tuple(
            int(axis.jump) if axis.jump is not None and axis.jump.denominator == 1 else axis.jump for axis in self.axes
        )

    @property
    def start(self) -> tuple[int, ...]:
        """The first input cell that output cell 0 sees by the rule; negative where it begins in the padding."""
        return tuple(axis.start for axis in self.axes)

    @cached_property
    def whole(self) -> bool:
        """Whether every value sees the whole input, without a gap."""
        return self.everywhere and self.trail.sees_everything

    @classmethod
    def of_input(cls, spatial: tuple[int, ...], lost: bool = False) -> "ReceptiveField":
        """Where the walk begins: every cell sees itself. `lost`: what the shape holds are not places."""
        trail = Trail(spatial, spatial)
        axes = tuple(AxisField(1, 1, 0, size, trail, axis) for axis, size in enumerate(spatial))
        return cls(axes, trail, lost=lost)

    @classmethod
    def of_nothing(cls, extent: tuple[int, ...], cells: tuple[int, ...] = ()) -> "ReceptiveField":
        """Values that no input decides, such as those of a Parameter, in a network with an input of that extent."""
        return cls._constant(extent, cells, Seen())

    @classmethod
    def _constant(
        cls, extent: tuple[int, ...], cells: tuple[int, ...], seen: Seen, lost: bool = False
    ) -> "ReceptiveField":
        if len(cells) != len(extent):  # the axes of the map are not those of the input any more
            cells = (1,) * len(extent)
        trail = Trail(extent, cells, view=seen)
        axes = (AxisField.constant(trail, axis, seen.along(axis)) for axis in range(len(extent)))
        return cls(tuple(axes), trail, everywhere=not lost, lost=lost)

    def after(self, reach: Reach, arriving: tuple[int, ...], leaving: tuple[int, ...]) -> "ReceptiveField | None":
        """The field after a layer, from the spatial axes of its input and of its output.

        Where the axes were merged or split before, places mean nothing any more: the whole input is seen. None is
        "not known".
        """
        if not isinstance(reach, tuple):
            if isinstance(reach, Same | OneAfterAnother):
                return self
            if isinstance(reach, Whole) or self.everywhere:
                return self._all_that_arrives(leaving)
            return self._constant(self.trail.extent, (), self.trail.seen, lost=True)
        if self.lost or not (self.axes or self.everywhere):
            return self._constant(self.trail.extent, (), self.trail.seen, lost=True)
        if self.trail.cells != arriving or not len(reach) == len(arriving) == len(leaving):
            return self._all_that_arrives(leaving)
        trail = Trail.after(self.trail, reach, leaving)
        axes = [before.after(axis, trail) for before, axis in zip(self.axes, reach, strict=True)]
        return self._of(axes, trail, self.everywhere and not _is_blind(reach, arriving, leaving))

    def _all_that_arrives(self, leaving: tuple[int, ...]) -> "ReceptiveField":
        """Each value sees all that any value sees here."""
        cells = leaving if len(leaving) == len(self.axes) else (1,) * len(self.axes)
        if self.everywhere and cells == self.trail.cells:
            return self
        return self._constant(self.trail.extent, cells, self.trail.seen)

    @classmethod
    def _of(cls, axes: "Sequence[AxisField | None]", trail: Trail, everywhere: bool = False) -> "ReceptiveField | None":
        """The field of these axes; None where one of them is not known."""
        return None if None in axes else cls(tuple(axes), trail, everywhere)  # type: ignore[arg-type]

    @classmethod
    def union(cls, maps: "Sequence[ReceptiveField | None]", along: int | None = None) -> "ReceptiveField | None":
        """What a value sees that is made from one value of each of several maps, as in a sum.

        For each cell: the first of all first cells, the last of all last ones. A map with one cell along an axis is
        stretched along it, as torch does; maps of other sizes lose their places, and then all is seen. With `along`, a
        spatial axis, the maps stand one after the other there, as in a Concat. None where a field is not known, or
        where the maps come from inputs of different sizes.
        """
        known = [one for one in maps if one is not None]
        extents = {one.trail.extent for one in known if not one.sees_nothing} or {one.trail.extent for one in known}
        if len(known) < len(maps) or len(extents) != 1:
            return None
        (extent,) = extents
        known = [one if one.trail.extent == extent else cls.of_nothing(extent, one.trail.cells) for one in known]
        if along is None:
            known = list({id(one.trail): one for one in known}.values())  # a map joined with itself
        return known[0] if len(known) == 1 else cls._joined(known, along)

    @classmethod
    def _joined(cls, maps: "Sequence[ReceptiveField]", along: int | None) -> "ReceptiveField | None":
        extent, sizes = maps[0].trail.extent, [one.trail.cells for one in maps]
        if any(one.lost for one in maps):
            return cls._constant(extent, (), _all_seen(maps), lost=True)
        cells = tuple(sum(each) if axis == along else max(each) for axis, each in enumerate(zip(*sizes, strict=True)))
        if any(size not in (1, cells[axis]) for each in sizes for axis, size in enumerate(each) if axis != along):
            return cls._constant(extent, (), _all_seen(maps))
        if all(one.sees_nothing for one in maps):
            return cls.of_nothing(extent, cells)
        if along is None and (seen := _seen_everywhere(maps, cells)) is not None:
            return cls._constant(extent, cells, seen)
        trail = Trail.of(extent, cells, tuple(_sources(maps, cells, along)))
        seeing = [one for one in maps if not one.sees_nothing]
        return cls._of(
            [
                in_a_row([one.axes[axis] for one in maps], trail)
                if axis == along
                else on_each_other([one.axes[axis].stretched(size) for one in seeing], trail)
                for axis, size in enumerate(cells)
            ],
            trail,
        )

    @property
    def sees_nothing(self) -> bool:
        """Whether no input decides these values."""
        return self.trail.view is not None and not self.trail.view.boxes


def _is_blind(reach: tuple[AxisReach, ...], arriving: tuple[int, ...], leaving: tuple[int, ...]) -> bool:
    """Whether some cell of a map sees nothing of the map before it; also where there are too many to look."""
    if max(leaving, default=0) > limits.READS.most:
        return True
    return any(axis.is_blind(cells, size) for axis, cells, size in zip(reach, leaving, arriving, strict=True))


def _all_seen(maps: Iterable[ReceptiveField]) -> Seen:
    seen = Seen()
    for one in maps:
        seen = seen.and_also(one.trail.seen)
    return seen


def _seen_everywhere(maps: Sequence[ReceptiveField], cells: tuple[int, ...]) -> Seen | None:
    """What every value of the joined maps sees, if the values of one of them, the same everywhere, see all of it."""
    constant = [one for one in maps if one.everywhere or set(one.trail.cells) == {1} != set(cells)]
    seen = _all_seen(constant)
    return seen if constant and all(one in constant or seen.covers(one.trail.seen) for one in maps) else None


def _sources(
    maps: Sequence[ReceptiveField], cells: tuple[int, ...], along: int | None
) -> Iterator[tuple[Trail, tuple[AxisReach, ...]]]:
    """Each map, with what a cell of the joined maps reads of it."""
    before = 0
    for one in maps:
        sizes = zip(one.trail.cells, cells, strict=True)
        yield (
            one.trail,
            tuple(
                Window(1, 1, before) if axis == along else SAME if size == joined else WHOLE
                for axis, (size, joined) in enumerate(sizes)
            ),
        )
        before += one.trail.cells[along] if along is not None else 0
