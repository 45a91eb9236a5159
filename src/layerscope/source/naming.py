"""The names that layers get which the code gives none: F.relu, torch.flatten, children of a plain nn.Sequential.

Reader and writer share the rule: a layer is only written as a function where this gives it its very name again.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import count

BARE = frozenset({"flatten", "unflatten"})
"""Stems of which a network has one as a rule: a single one needs no number."""


def names_given(stems: Iterable[str], others: Iterable[str]) -> list[str]:
    """Names for layers without one, in the order of the forward pass: relu1, relu2, ...

    `stems` are what the names begin with, `others` the names that layers with an attribute have. Each gets the first
    number that is free; the only flatten is just `flatten`.
    """
    rows, seen = list(stems), set(others)
    several = Counter(rows)
    numbers = {stem: count(1) for stem in several}
    names = []
    for stem in rows:
        is_bare = stem in BARE and several[stem] == 1 and stem not in seen
        name = stem if is_bare else next(name for n in numbers[stem] if (name := f"{stem}{n}") not in seen)
        seen.add(name)
        names.append(name)
    return names


def misnamed(stems: Iterable[str], names: Iterable[str], others: Iterable[str]) -> list[int]:
    """The places of the rows that would not get these names, each judged with those before it named otherwise.

    How many rows of a bare stem there are decides the names of all of them, so such a row is the last one judged.
    """
    rows, seen = list(stems), set(others)
    several = Counter(rows)
    numbers = dict.fromkeys(several, 1)
    wrong = []
    for place, (stem, name) in enumerate(zip(rows, names, strict=True)):
        while f"{stem}{numbers[stem]}" in seen:
            numbers[stem] += 1
        is_bare = stem in BARE and several[stem] == 1 and stem not in seen
        seen.add(name)
        if name != (stem if is_bare else f"{stem}{numbers[stem]}"):
            wrong.append(place)
            if stem in BARE:
                break
    return wrong
