"""Which rows of two networks correspond: by name, then by place.

Three rules, one after the other; the same whichever network comes first.

1. *By name*: rows of the same name and type that stand in the same order in both networks. Rows with weights for their
   input (Conv2d, Linear) count more: where relu2 comes before conv2 in one network and after it in the other, conv2 is
   the landmark. A name in common by chance (the first relu of one, the last of the other) does not part all others.
2. *By place*: between those, rows of the same type, or at least of the same family (two activations, two kinds of
   pooling), as many as possible, and the most similar ones first.
3. Rows that are left and have the same name, by name: they stand elsewhere, or are of another type.

Rules 1 and 2 are one alignment of sequences. The standard library's difflib finds long equal stretches, but not the
best alignment, and another one when its arguments change places; torch does this in one pass over the rows.
"""

from typing import NamedTuple

import torch

from layerscope.layers.base import Layer
from layerscope.network import Network

_NAME, _LANDMARK = 16, 3
"""What a row in common by name is worth, and how many times as much with weights for its input."""
_TYPE, _TAIL, _ARGUMENTS, _FAMILY = 4, 2, 1, 2
"""What a row in common by place is worth: its type, the last part of its name, and its arguments; or its family."""


class Pair(NamedTuple):
    """A row of A and the row of B that corresponds, by name; None where there is none. `by`: "name", "place" or ""."""

    a: str | None
    b: str | None
    by: str


def pairs(a: Network, b: Network) -> tuple[Pair, ...]:
    """Every row of both networks once, in order: of what stands between two pairs, A's rows come before B's."""
    first, second = _kinds(a), _kinds(b)
    if (len(second), second) < (len(first), first):  # one order of work, so that both directions give one answer
        found = [(i, j) for j, i in _aligned(b.layers, a.layers)]
    else:
        found = _aligned(a.layers, b.layers)
    there = dict(found)
    here = {j: i for i, j in found}
    places = {name: place for place, name in enumerate(b.names) if place not in here}
    for i, name in enumerate(a.names):
        if i not in there and name in places:
            there[i] = places[name]
            here[places[name]] = i
    return tuple(_in_order(a.names, b.names, there, here, dict(found)))


def _in_order(
    a: tuple[str, ...], b: tuple[str, ...], there: dict[int, int], here: dict[int, int], aligned: dict[int, int]
) -> list[Pair]:
    """The pairs as they are listed; a row of B that stands elsewhere comes with its row of A."""
    listed, j = list[Pair](), 0
    for i, name in enumerate(a):
        if i in aligned:
            listed += [Pair(None, b[k], "") for k in range(j, aligned[i]) if k not in here]
            j = aligned[i] + 1
        other = b[there[i]] if i in there else None
        listed.append(Pair(name, other, "" if other is None else "name" if other == name else "place"))
    return listed + [Pair(None, b[k], "") for k in range(j, len(b)) if k not in here]


def _kinds(network: Network) -> list[tuple[str, str]]:
    return [(layer.name, layer.type) for layer in network.layers]


def _aligned(a: tuple[Layer, ...], b: tuple[Layer, ...]) -> list[tuple[int, int]]:
    """The places in A and B of rows that correspond by rules 1 and 2, rising in both."""
    start, end = 0, 0
    most = min(len(a), len(b))
    while start < most and _is_same(a[start], b[start]):
        start += 1
    while end < most - start and _is_same(a[-1 - end], b[-1 - end]):
        end += 1
    inner = _best(a[start : len(a) - end], b[start : len(b) - end])
    return [
        *((i, i) for i in range(start)),
        *((i + start, j + start) for i, j in inner),
        *((len(a) - k, len(b) - k) for k in range(end, 0, -1)),
    ]


def _is_same(one: Layer, other: Layer) -> bool:
    return one.name == other.name and type(one) is type(other)


def _best(a: tuple[Layer, ...], b: tuple[Layer, ...]) -> list[tuple[int, int]]:
    """The pairs of places, rising in both, whose worth is greatest; of equal ones those that come first."""
    if not a or not b:
        return []
    worth = _worth(a, b)
    best = torch.zeros(len(a) + 1, len(b) + 1, dtype=torch.int32, device="cpu")
    for i in range(len(a) - 1, -1, -1):  # best[i, j]: of the rows of A from i on and of B from j on
        either = torch.maximum(best[i + 1, :-1], best[i + 1, 1:] + worth[i])
        best[i, :-1] = either.flip(0).cummax(0).values.flip(0)
    found, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        here = int(best[i, j])
        if int(worth[i, j]) and here == int(best[i + 1, j + 1]) + int(worth[i, j]):
            found.append((i, j))
            i, j = i + 1, j + 1
        elif here == int(best[i, j + 1]):
            j += 1
        else:
            i += 1
    return found


def _worth(a: tuple[Layer, ...], b: tuple[Layer, ...]) -> torch.Tensor:
    """What each row of A is worth beside each row of B; 0 where they have nothing in common."""
    same_type = _equal([layer.type for layer in a], [layer.type for layer in b])
    same_name = _equal([layer.name for layer in a], [layer.name for layer in b])
    tails = _equal([_tail(layer) for layer in a], [_tail(layer) for layer in b])
    arguments = _equal([repr(layer.chosen) for layer in a], [repr(layer.chosen) for layer in b])
    family = _equal([type(layer).__module__ for layer in a], [type(layer).__module__ for layer in b])
    worth = same_type * _number(_TYPE) + (tails & same_type) * _number(_TAIL)
    worth += (arguments & same_type) * _number(_ARGUMENTS) + (family & ~same_type) * _number(_FAMILY)
    landmark = torch.tensor([_LANDMARK if layer.decides else 1 for layer in a], dtype=torch.int32, device="cpu")
    return worth.where(~(same_type & same_name), _NAME * landmark[:, None])


def _number(value: int) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.int32, device="cpu")


def _tail(layer: Layer) -> str:
    return layer.name.rpartition(".")[2]


def _equal(a: list[str], b: list[str]) -> torch.Tensor:
    """Which of these words are the same, as a table."""
    numbers = {word: number for number, word in enumerate({**dict.fromkeys(a), **dict.fromkeys(b)})}
    rows, columns = (torch.tensor([numbers[word] for word in words], device="cpu") for words in (a, b))
    return rows[:, None] == columns[None, :]
