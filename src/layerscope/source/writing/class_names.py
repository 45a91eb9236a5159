"""Names for the classes of blocks, from the paths where they stand: features.denseblock1.denselayer2 -> DenseLayer."""

import re
from collections.abc import Collection, Iterable
from itertools import takewhile

from layerscope.network import LONGEST_NAME

_USED = frozenset({"nn", "F", "torch", "OrderedDict", "super", "self", "True", "False", "None"})


def class_name(paths: Iterable[str], taken: Collection[str]) -> str:
    """A name for the class of the blocks at these paths that is not taken."""
    stems = [_stem(path) for path in paths]
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*stems, strict=False))
    common = "".join(letters[0] for letters in alike).rstrip("_0123456789") or stems[0]
    words = [word for word in re.split(r"_+", common) if word]
    name = "".join(word[0].upper() + word[1:] for word in words) or "Block"
    name = f"Block{name}" if not name[0].isalpha() else name
    name = name[: LONGEST_NAME - 4]
    number, free = 1, name
    while free in taken or free in _USED:
        number += 1
        free = f"{name}{number}"
    return free


def _stem(path: str) -> str:
    """The last word of a path, without the number at its end; what only has a number is a block of what holds it."""
    *_, last = path.split(".")
    if not last.isdigit():
        return last.rstrip("0123456789").rstrip("_") or last
    holders = [part for part in path.split(".") if not part.isdigit()]
    holder = holders[-1] if holders else ""
    return f"{holder.rstrip('0123456789').rstrip('_')}_block"
