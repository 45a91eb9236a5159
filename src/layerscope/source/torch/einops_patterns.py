"""The patterns of einops: "b c (h p) w -> b (h w) (p c)" taken apart, and the sizes of its axes worked out.

An axis is its name; a number that stands in place of one is "2#5", the size and a number of its own. Shapes hold the
batch, as everywhere in this room. Every sentence that is raised says what of the pattern does not fit.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from math import prod

from layerscope import limits
from layerscope.formatting import joined, shape_text
from layerscope.layers.base import Shape

Group = tuple[str, ...]
"""The axes that are one axis of the tensor; those in brackets, or a single one."""
REST = "..."
_TOKEN = re.compile(r"\s*(\.\.\.|…|[A-Za-z_]\w*|\d{1,9}(?!\w)|[()*])")


class PatternError(ValueError):
    """A sentence without its end: "the axis d stands on one side only"."""


@dataclass(frozen=True)
class Pattern:
    """What stands left and right of the arrow."""

    left: tuple[Group, ...]
    right: tuple[Group, ...]


@dataclass(frozen=True)
class Steps:
    """A pattern as torch's own steps: reshape to `split`, reduce over the axes `gone`, permute to `order`, reshape to
    `spread`, expand to `filled`, reshape to `final`. A step that changes nothing is None or empty."""

    split: Shape
    gone: tuple[int, ...]
    order: tuple[int, ...]
    spread: Shape
    filled: Shape
    final: Shape


@lru_cache(maxsize=256)
def parsed(text: str) -> Pattern:
    """Both sides of a pattern. Raises PatternError."""
    sides = text.split("->")
    if len(sides) != 2:
        raise PatternError("a pattern needs exactly one arrow, ->")
    left, right = (groups(side, number * len(text)) for number, side in enumerate(sides))
    for side in (left, right):
        names = named(side)
        if len(set(names)) < len(names):
            double = next(name for name in names if names.count(name) > 1)
            raise PatternError(f"the axis {double} appears twice on one side")
    return Pattern(left, right)


def groups(side: str, first: int = 0) -> tuple[Group, ...]:
    """The groups of one side, in order; numbers count on from `first`. Raises PatternError."""
    found: list[Group] = []
    inside: list[str] | None = None
    end = 0
    for number, match in enumerate(_TOKEN.finditer(side)):
        token = match[1].replace("…", REST)
        if match.start() != end:
            break
        end = match.end()
        if token == "(":
            if inside is not None:
                raise PatternError("brackets cannot be nested")
            inside = []
        elif token == ")":
            if inside is None:
                raise PatternError("a closing bracket has no opening one")
            # Dots in brackets are one axis, and those without are several: an axis of size 1 tells them apart.
            found.append((*inside, f"1#{first + number}") if inside == [REST] else tuple(inside))
            inside = None
        else:
            axis = f"{token}#{first + number}" if token.isdigit() else token
            if inside is None:
                found.append((axis,))
            else:
                inside.append(axis)
    if side[end:].strip():
        raise PatternError(f"{side[end:].strip()[:20]} is not allowed there")
    if inside is not None:
        raise PatternError("a bracket is never closed")
    return tuple(found)


def named(side: Iterable[Group]) -> list[str]:
    """The axes of one side that have a name."""
    return [axis for axis in chain.from_iterable(side) if "#" not in axis]


def steps(operation: str, pattern: Pattern, shape: Shape, given: Mapping[str, int]) -> Steps:
    """What the pattern does to a tensor of that shape; `operation` is rearrange, repeat or reduce.

    Raises PatternError.
    """
    pattern = _without_rest(pattern, len(shape))
    _check(operation, pattern, given)
    sizes = _sizes(pattern.left, shape, given)
    sizes |= {axis: given[axis] for axis in named(pattern.right) if axis not in sizes}
    sizes |= {axis: int(axis.partition("#")[0]) for axis in chain.from_iterable(pattern.right) if "#" in axis}
    before = [axis for axis in chain.from_iterable(pattern.left) if "#" not in axis or sizes[axis] != 1]
    after = list(chain.from_iterable(pattern.right))
    kept = [axis for axis in before if axis in after]
    order = [axis for axis in after if axis in kept]
    if max(len(before), len(after)) > limits.RANK.most:
        raise PatternError(f"it has {max(len(before), len(after))} axes; the limit is {limits.RANK.most}")
    return Steps(
        tuple(sizes[axis] for axis in before),
        tuple(place for place, axis in enumerate(before) if axis not in kept),
        tuple(kept.index(axis) for axis in order) if order != kept else (),
        tuple(sizes[axis] if axis in kept else 1 for axis in after),
        tuple(sizes[axis] for axis in after),
        tuple(prod(sizes[axis] for axis in group) for group in pattern.right),
    )  # fmt: skip


def is_straight(pattern: Pattern, shape: Shape) -> bool:
    """Whether repeat only widens axes of size 1, or puts new ones in front, as expand does: "1 1 d -> b 1 d"."""
    left, right = pattern.left, pattern.right[len(pattern.right) - len(pattern.left) :]
    if len(left) > len(pattern.right) or len(left) != len(shape) or any(len(group) > 1 for group in pattern.right):
        return False
    own = {*chain.from_iterable(left)}
    new = not own & {*chain.from_iterable(pattern.right[: len(pattern.right) - len(left)])}
    pairs = zip(left, right, shape, strict=True)
    return new and all(one == other or (size == 1 and not own & {*other}) for one, other, size in pairs)


def _without_rest(pattern: Pattern, rank: int) -> Pattern:
    """The pattern with the axes that three dots stand for."""
    if any(REST in group and len(group) > 1 for group in pattern.left):
        raise PatternError("dots in brackets are only allowed on the right side")
    count = rank - (len(pattern.left) - ((REST,) in pattern.left))
    names = [f"{REST}{n}" for n in range(max(count, 0))]
    if (REST,) not in pattern.left and len(pattern.left) != rank:
        axes = "axis" if len(pattern.left) == 1 else "axes"
        raise PatternError(f"it names {len(pattern.left)} {axes}, but the tensor has {rank}")
    if count < 0:
        raise PatternError(f"it names at least {len(pattern.left) - 1} axes, but the tensor has {rank}")

    def spread(side: tuple[Group, ...]) -> tuple[Group, ...]:
        found: list[Group] = []
        for group in side:
            if group == (REST,):
                found += [(name,) for name in names]
            else:
                found.append(tuple(chain.from_iterable(names if axis == REST else [axis] for axis in group)))
        return tuple(found)

    return Pattern(spread(pattern.left), spread(pattern.right))


def _check(operation: str, pattern: Pattern, given: Mapping[str, int]) -> None:
    """Raise PatternError where an axis stands on one side only and may not."""
    left, right = set(named(pattern.left)), set(named(pattern.right))
    lost = left - right if operation != "reduce" else set()
    new = right - left - (given.keys() if operation == "repeat" else set())
    if lost or new:
        names = sorted(lost or new)
        verb = "is" if len(names) == 1 else "are"
        where = f"{verb} only on the {'left' if lost else 'right'} side"
        why = f"; give {'it a size' if len(names) == 1 else 'them sizes'}" if new and operation == "repeat" else ""
        raise PatternError(f"{joined(names)} {where}{why}")


def _sizes(left: Sequence[Group], shape: Shape, given: Mapping[str, int]) -> dict[str, int]:
    """The size of each axis on the left side."""
    sizes: dict[str, int] = {}
    for group, size in zip(left, shape, strict=True):
        known = {axis: int(axis.partition("#")[0]) if "#" in axis else given.get(axis, 0) for axis in group}
        open_axes = [axis for axis, number in known.items() if not number]
        product = prod(number for number in known.values() if number)
        text = f"({' '.join(axis.partition('#')[0] for axis in group)})"
        if len(open_axes) > 1:
            raise PatternError(f"the sizes in {text} are unknown; give all but one of them")
        if size % product or (not open_axes and product != size):
            told = " and ".join(f"{axis.partition('#')[0]} = {number:,}" for axis, number in known.items() if number)
            verb = "does not divide" if open_axes else "is not"
            raise PatternError(f"{told or '()'} {verb} the {shape_text((size,))} of {text}")
        sizes |= known | dict.fromkeys(open_axes, size // product)
    return sizes
