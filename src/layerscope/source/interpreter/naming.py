"""What the layers of the chain are called: their attributes' names, or the first free name of their type's stem."""

from collections.abc import Iterator, Sequence
from typing import Any

from layerscope.network import LONGEST_NAME, NetworkError, check_name
from layerscope.source.attributes import layer_name
from layerscope.source.interpreter.machine import Use
from layerscope.source.interpreter.made import Group, Instance, Made
from layerscope.source.naming import names_given


def names(uses: Sequence[Use], top: Any) -> list[str]:
    """A name for each use, in order. `top` is the network's own object, whose attributes keep their names."""
    attributes = top.attributes if isinstance(top, Instance) else top.children if isinstance(top, Group) else {}
    own = {id(value): layer_name(name) for name, value in [*attributes.items()][::-1] if isinstance(value, Made)}
    own = {key: name for key, name in own.items() if _is_fit(name)}
    given: dict[int, str] = {}
    seen: set[int] = set()
    wishes: list[tuple[int, str]] = []
    for place, use in enumerate(uses):
        made = use.made
        if id(made) in seen:
            continue
        seen.add(id(made))
        if id(made) in own:
            given[place] = own[id(made)]
        elif made.name is not None:
            wishes += [(place, wish) for wish in _wishes(made, top)]
    taken = set(own.values())
    for place, wish in wishes:
        if place not in given and wish not in taken and _is_fit(wish):
            given[place] = wish
            taken.add(wish)
    nameless = [place for place in range(len(uses)) if place not in given]
    stems = [made.layer.stem if (made := uses[place].made).layer is not None else "layer" for place in nameless]
    given |= dict(zip(nameless, names_given(stems, taken), strict=True))
    return [given[place] for place in range(len(uses))]


def _wishes(made: Made, top: Any) -> Iterator[str]:
    """Names for a layer inside groups and blocks: its own inside groups, the block's in front inside blocks."""
    name = layer_name(str(made.name))
    parts, owner, inside_block = [name], made.owner, False
    for _ in range(LONGEST_NAME):
        if owner is None or owner is top:
            break
        inside_block = inside_block or isinstance(owner, Instance)
        if owner.name is None:
            parts = parts if not inside_block else []
        elif parts:
            parts.insert(0, owner.name)
        owner = owner.owner
    if not inside_block:
        yield name
    if len(parts) > 1:
        yield "_".join(parts)


def _is_fit(name: str) -> bool:
    if not name.isidentifier():  # a place in a list, which says nothing in a chain
        return False
    try:
        check_name(name)
    except NetworkError:
        return False
    return True
