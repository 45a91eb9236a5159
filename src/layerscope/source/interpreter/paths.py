"""What the rows of a network that branches are called: modules by their paths, all else by where it was called."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from layerscope.inputs import NetworkError, check_name
from layerscope.source.attributes import layer_name
from layerscope.source.interpreter.machine import Use
from layerscope.source.interpreter.made import Group, Instance, Learned, Made
from layerscope.source.naming import names_given
from layerscope.source.writing.variables import row_name


def paths(uses: Sequence[Use], top: Any) -> list[str]:
    """A name for each use, in order. `top` is the network's own object."""
    known = dict(_paths(top))
    given: dict[int, str] = {}
    taken: set[str] = set()
    whole = _only_rows(uses, known)
    for place, use in enumerate(uses):
        name = known.get(id(use.made), "") or whole.get(place, "")
        if name and name not in taken and _is_fit(name):
            given[place] = name
            taken.add(name)
    for place, use in enumerate(uses):
        label = row_name(use.label) if place not in given and use.label else ""
        name = _joined(known.get(id(use.inside), ""), label)
        if label and name not in taken and _is_fit(name):
            given[place] = name
            taken.add(name)
    nameless: dict[str, list[int]] = defaultdict(list)
    for place, use in enumerate(uses):
        if place not in given:
            nameless[known.get(id(use.inside), "")].append(place)
    for path, places in nameless.items():
        start = f"{path}." if path else ""
        others = {
            name[len(start) :].partition(".")[0] for name in (*taken, *nameless) if name and name.startswith(start)
        }
        for place, name in zip(places, names_given([_stem(uses[place]) for place in places], others), strict=True):
            given[place] = _joined(path, name)
            taken.add(given[place])
    return [given[place] if _is_fit(given[place]) else f"row{place + 1}" for place in range(len(uses))]


def _stem(use: Use) -> str:
    return use.made.layer.stem if use.made.layer is not None else "layer"


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else name


def _paths(top: Any) -> Iterator[tuple[int, str]]:
    """The id of everything that has a path, with its path: the first one counts, as in torch's named_modules()."""
    seen: set[int] = set()
    waiting = [(top, "")]
    while waiting:
        value, path = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        yield id(value.row if isinstance(value, Learned) and value.row is not None else value), path
        below = [(child, _joined(path, layer_name(str(name)))) for name, child in _children(value)]
        waiting.extend(reversed(below))


def _children(value: Any) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    if isinstance(value, Instance):
        found = [*value.attributes.items(), *(value.children.children.items() if value.children else ())]
    elif isinstance(value, Group):
        found = list(value.children.items())
    return [(name, child) for name, child in found if isinstance(child, Made | Group | Instance | Learned)]


def _only_rows(uses: Sequence[Use], known: dict[int, str]) -> dict[int, str]:
    """The rows that are all that an object of the paste does, such as a class Permute: they have the object's path."""
    inside: dict[int, list[int]] = defaultdict(list)
    for place, use in enumerate(uses):
        if use.inside is not None:
            inside[id(use.inside)].append(place)
    return {
        places[0]: known[id(uses[places[0]].inside)]
        for places in inside.values()
        if len(places) == 1
        and known.get(id(uses[places[0]].inside))
        and id(uses[places[0]].made) not in known
        and not row_name(uses[places[0]].label)
        and not _children(uses[places[0]].inside)
    }


def _is_fit(name: str) -> bool:
    try:
        check_name(name)
    except NetworkError:
        return False
    return True
