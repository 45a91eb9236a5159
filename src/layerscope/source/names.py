"""What the rows are called.

In a chain: their attributes' names, or the first free name of their type's stem. In a network that branches: modules by
their paths, all else by where it was called.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from layerscope.inputs import NetworkError, check_name
from layerscope.network import LONGEST_NAME
from layerscope.source.attributes import layer_name
from layerscope.source.naming import names_given
from layerscope.source.record import Row
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import LayerModule, Module
from layerscope.source.writing.variables import row_name


def names_of(rows: Sequence[Row], top: Any, is_chain: bool) -> list[str]:
    """A name for each row, in order. `top` is the network's own object."""
    return _in_chain(rows, top) if is_chain else _in_graph(rows, top)


# A chain


def _in_chain(rows: Sequence[Row], top: Any) -> list[str]:
    attributes = top.children() if isinstance(top, Module) else {}
    own = {id(value): layer_name(name) for name, value in [*attributes.items()][::-1] if isinstance(value, LayerModule)}
    own = {key: name for key, name in own.items() if _is_fit_in_chain(name)}
    given: dict[int, str] = {}
    seen: set[int] = set()
    wishes: list[tuple[int, str]] = []
    for place, row in enumerate(rows):
        module = row.module
        if module is None or id(module) in seen:
            continue
        seen.add(id(module))
        if id(module) in own:
            given[place] = own[id(module)]
        elif module.name is not None:
            wishes += [(place, wish) for wish in _wishes(module, top)]
    taken = set(own.values())
    for place, wish in wishes:
        if place not in given and wish not in taken and _is_fit_in_chain(wish):
            given[place] = wish
            taken.add(wish)
    nameless = [place for place in range(len(rows)) if place not in given]
    given |= dict(zip(nameless, names_given([rows[place].layer.stem for place in nameless], taken), strict=True))
    return [given[place] for place in range(len(rows))]


def _wishes(module: Module, top: Any) -> Iterator[str]:
    """Names for a layer inside groups and blocks: its own inside groups, the block's in front inside blocks."""
    name = layer_name(str(module.name))
    parts, owner, inside_block = [name], module.owner, False
    for _ in range(LONGEST_NAME):
        if owner is None or owner is top:
            break
        inside_block = inside_block or isinstance(owner, ModuleObject)
        if owner.name is None:
            parts = parts if not inside_block else []
        elif parts:
            parts.insert(0, owner.name)
        owner = owner.owner
    if not inside_block:
        yield name
    if len(parts) > 1:
        yield "_".join(parts)


def _is_fit_in_chain(name: str) -> bool:
    return name.isidentifier() and _is_fit(name)  # a place in a list says nothing in a chain


# A network that branches


def _in_graph(rows: Sequence[Row], top: Any) -> list[str]:
    known = dict(_paths(top))
    given: dict[int, str] = {}
    taken: set[str] = set()
    alone = _only_rows(rows, known)
    for place, row in enumerate(rows):
        name = (known.get(id(row.module), "") if row.module is not None else "") or alone.get(place, "")
        if name and name not in taken and _is_fit(name):
            given[place] = name
            taken.add(name)
    for place, row in enumerate(rows):
        label = row_name(row.label) if place not in given and row.label else ""
        name = _joined(_around(known.get(id(row.inside), ""), taken), label)
        if label and name not in taken and _is_fit(name):
            given[place] = name
            taken.add(name)
    nameless: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        if place not in given:
            nameless[_around(known.get(id(row.inside), ""), taken)].append(place)
    below: dict[str, set[str]] = defaultdict(set)
    for name in (*taken, *nameless):
        _put_below(name, below)
    for path, places in nameless.items():
        stems = [rows[place].layer.stem for place in places]
        for place, name in zip(places, names_given(stems, {*below[path]}), strict=True):
            given[place] = _joined(path, name)
            _put_below(given[place], below)
    return [given[place] if _is_fit(given[place]) else f"row{place + 1}" for place in range(len(rows))]


def _around(path: str, taken: set[str]) -> str:
    """The path of an object, under which its rows have their names; of a class built on a layer, whose row has that
    path itself, the path of the object around it."""
    return path.rpartition(".")[0] if path in taken else path


def _put_below(name: str, below: dict[str, set[str]]) -> None:
    """Remember, for each path that a name begins with, the part that comes next."""
    path = ""
    for part in name.split(".") if name else ():
        below[path].add(part)
        path = _joined(path, part)


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
        yield id(value), path
        children = value.children() if isinstance(value, Module) else {}
        below = [
            (child, _joined(path, layer_name(str(name))))
            for name, child in children.items()
            if isinstance(child, Module)
        ]
        waiting.extend(reversed(below))
        if isinstance(value, ModuleObject) and isinstance(value.group, LayerModule):
            yield id(value.group), path


def _only_rows(rows: Sequence[Row], known: dict[int, str]) -> dict[int, str]:
    """The rows that are all that an object of the paste does, such as a class Permute: they have the object's path."""
    inside: dict[int, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        if row.inside is not None:
            inside[id(row.inside)].append(place)
    return {
        places[0]: known[id(rows[places[0]].inside)]
        for places in inside.values()
        if len(places) == 1
        and known.get(id(rows[places[0]].inside))
        and (rows[places[0]].module is None or id(rows[places[0]].module) not in known)
        and not row_name(rows[places[0]].label)
        and not rows[places[0]].inside.children()
    }


def _is_fit(name: str) -> bool:
    try:
        check_name(name)
    except NetworkError:
        return False
    return True
