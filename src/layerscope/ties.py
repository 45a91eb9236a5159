"""Tied tensors: one weight or bias that several rows hold, as torch's `decoder.weight = encoder.weight` makes it.

A tie names the tensor of another row, "encoder:weight": the tensor of the same name is that row's, and counts once, at
the first row that holds it. All functions are pure and take rows in the order of the network.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from layerscope.inputs import NetworkError
from layerscope.layers.base import Layer
from layerscope.layers.learned import Parameter
from layerscope.parameter import written
from layerscope.wiring import parts

TENSORS = ("weight", "bias")
"""What rows can have in common, by torch's names."""

Tie = str
"""A row and one of its tensors: "encoder:weight"."""


def united(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """The rows with their ties written in one way: each names the first row that holds the tensor.

    Whichever of two rows names the other, and whether directly or through a third, says the same. A row that calls
    another row's module again has that module's tensors. Raises NetworkError for a tie to what there is not.
    """
    places = {layer.name: place for place, layer in enumerate(layers)}
    first: dict[tuple[int, str], tuple[int, str]] = {}

    def holder(node: tuple[int, str]) -> tuple[int, str]:
        while (above := first.get(node, node)) != node:
            node = above
        return node

    for place, layer in enumerate(layers):
        for tie in () if layer.of else layer.tied:
            name, tensor = _checked(layer, tie, layers, places)
            one, other = sorted((holder((place, tensor)), holder((places[name], tensor))))
            first[other] = one
    return tuple(_with(layer, place, layers, holder) for place, layer in enumerate(layers))


def _with(
    layer: Layer, place: int, layers: Sequence[Layer], holder: Callable[[tuple[int, str]], tuple[int, str]]
) -> Layer:
    found = ((holder((place, tensor))[0], tensor) for tensor in TENSORS)
    tied = tuple(f"{layers[other].name}:{tensor}" for other, tensor in found if other != place and not layer.of)
    return layer if tied == layer.tied else replace(layer, tied=tied)


def _checked(layer: Layer, tie: Tie, layers: Sequence[Layer], places: dict[str, int]) -> tuple[str, str]:
    """The row whose module holds the tensor, and the tensor."""
    name, tensor = parts(tie) if isinstance(tie, str) else ("", "")
    if tensor not in TENSORS:
        raise NetworkError(f"{layer.name} is tied to {written(tie)}; conv1:weight or conv1:bias would work.")
    if name not in places:
        raise NetworkError(f"{layer.name} is tied to {written(tie)}, but there is no layer of that name.")
    owner = layers[places[name]].of or name
    for row in (layer, layers[places[owner]]):
        if isinstance(row, Parameter):
            raise NetworkError(
                f"{layer.name} is tied to {tie}, but {row.name} is a tensor alone, which no layer holds."
            )
    return owner, tensor


def named(layer: Layer) -> Iterator[tuple[str, str]]:
    """The tensors of a row that another row holds too, each with that row's name."""
    for tie in layer.tied:
        name, tensor = parts(tie)
        yield tensor, name


def owners(layer: Layer) -> tuple[str, ...]:
    """The rows before whose weights a row uses: the one that it calls again, and those that hold its tensors too."""
    return tuple(dict.fromkeys((*filter(None, [layer.of]), *(name for _, name in named(layer)))))


def shared(layers: Iterable[Layer], name: str) -> tuple[Tie, ...]:
    """All tensors of other rows that are one with a tensor of row `name`, in the order of the rows."""
    groups: dict[Tie, list[Tie]] = {}
    for layer in layers:
        for tie in layer.tied:
            groups.setdefault(tie, [tie]).append(following(tie, {parts(tie)[0]: layer.name}))
    mine = {f"{name}:{tensor}" for tensor in TENSORS}
    return tuple(tie for group in groups.values() if mine & {*group} for tie in group if tie not in mine)


def renamed(layers: Iterable[Layer], old: str, new: str) -> tuple[Layer, ...]:
    """The rows with ties to the row `old` leading to `new`."""
    return tuple(
        replace(layer, tied=tuple(following(tie, {old: new}) for tie in layer.tied))
        if any(name == old for _, name in named(layer))
        else layer
        for layer in layers
    )


def following(tie: Tie, names: Mapping[str, str]) -> Tie:
    """A tie where rows have other names now."""
    name, tensor = parts(tie)
    return f"{names.get(name, name)}:{tensor}"


def without(layers: Sequence[Layer], gone: str) -> tuple[Layer, ...]:
    """The rows without ties to one that goes: what it held is held by the first that is left, and still counts once."""
    heirs: dict[str, str] = {}
    rows: list[Layer] = []
    for layer in layers:
        kept = []
        for tensor, name in named(layer):
            heir = heirs.setdefault(tensor, layer.name) if name == gone else name
            if heir != layer.name:
                kept.append(f"{heir}:{tensor}")
        rows.append(layer if tuple(kept) == layer.tied else replace(layer, tied=tuple(kept)))
    return tuple(rows)
