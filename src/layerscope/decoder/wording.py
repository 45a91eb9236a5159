"""A change of a network in words, both ways: as what the learner's code may be, and as what would mend it."""

from typing import NamedTuple

from layerscope.decoder.search.changed_networks import Change
from layerscope.explain import value_text
from layerscope.formatting import joined, shape_text
from layerscope.layers.base import Shape
from layerscope.network import Network


class Words(NamedTuple):
    """`title` names the state of the changed network, `undo` is how to get back from it to the given one, `do` how
    to get there."""

    title: str
    undo: str
    do: str


def of_change(network: Network, change: Change) -> Words:
    """What is different in `change.network`."""
    names, several = listed(change.layers), len(change.layers) > 1
    if change.what == "remove":
        kinds = "pooling" if all(network[name].stem == "pool" for name in change.layers) else names
        if kinds == "pooling" and several and len(change.layers) == _pools(network):
            title = "No pooling"
        else:
            title = f"{names} {'are' if several else 'is'} missing"
        return Words(title, f"Call {names} in forward.", f"Remove {names} from forward.")
    if change.what == "insert":
        where = f"after each of {names}" if several else f"after {names}"
        return Words(f"A pooling {where}", f"Remove the pooling {where}.", f"Add a max pooling of 2 {where}.")
    old, new = value_text(network[change.layers[0]].chosen[change.what]), value_text(change.value)
    if several:
        return Words(
            f"{change.what}={new} in {names}",
            f"Write {change.what} as it is here: {_each(network, change)}.",
            f"Write {change.what}={new} in {names}.",
        )
    return Words(
        f"{change.what}={new} in {names}",
        f"Write {change.what}={old} in {names}.",
        f"Write {change.what}={new} in {names}.",
    )


def of_image(network: Network, changed: Network, low: int, high: int) -> Words:
    """Another input: other sizes, other channels, or both."""
    old, new = network.input_shape, changed.input_shape
    others = f" (sizes from {low} to {high} give the same)" if low < high else ""
    if len(old) == 2:
        return Words(
            f"Sequences of length {new[1]} instead of {old[1]}{others}",
            f"Cut or pad the sequences to length {old[1]}.",
            f"Cut or pad the sequences to length {new[1]}.",
        )
    if new[0] != old[0]:
        colours = f"{new[0]} channels instead of {old[0]}"
        sizes = "" if new[1:] == old[1:] else f" and of {pixels(new)} instead of {pixels(old)}"
        return Words(f"Images with {colours}{sizes}", _channels_remedy(old), _channels_remedy(new))
    return Words(f"Images of {pixels(new)} instead of {pixels(old)}{others}", _resize(old), _resize(new))


def pixels(shape: Shape) -> str:
    """The spatial sizes of an input: 32×32."""
    return shape_text(shape[1:])


def listed(names: tuple[str, ...], most: int = 4) -> str:
    """pool1 and pool2; conv1, conv2, conv3 and 10 more."""
    if len(names) > most:
        names = (*names[: most - 1], f"{len(names) - most + 1} more")
    return joined(names)


def _pools(network: Network) -> int:
    return sum(layer.stem == "pool" for layer in network.layers)


def _each(network: Network, change: Change) -> str:
    values = (f"{value_text(network[name].chosen[change.what])} in {name}" for name in change.layers[:4])
    return ", ".join(values) + (", and so on" if len(change.layers) > 4 else "")


def _resize(shape: Shape) -> str:
    if len(shape) != 3:
        return f"Resize the input to {pixels(shape)}."
    return f"Resize the images to {pixels(shape)}: transforms.Resize({shape[1:]}) before ToTensor."


def _channels_remedy(shape: Shape) -> str:
    if shape[0] == 1:
        return f"Make the images grayscale, 1 channel of {pixels(shape)}: transforms.Grayscale()."
    return f'Load the images with {shape[0]} channels of {pixels(shape)}; for 3, write image.convert("RGB").'
