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
