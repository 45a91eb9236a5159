"""Which of the causes with fixed words a message of the training loop points at."""

from collections.abc import Callable

Points = Callable[[str, str, list[str]], bool]
"""Whether a cause, by its title, is what the message with these groups points at."""


def _types(title: str, _message: str, groups: list[str]) -> bool:
    return (title == "Numbers from NumPy") == ("Double" in groups)


def _between(title: str, _message: str, groups: list[str]) -> bool:
    return (title == "Labels that are no probabilities") == (groups[0] == "target")


def _spatial(title: str, _message: str, groups: list[str]) -> bool:
    axes = groups[0] if groups else ""
    return not axes or title.startswith("Masks") == (int(axes) > 3)


def _in_place(title: str, message: str, groups: list[str]) -> bool:
    if "leaf" in message:
        return title == "A weight changed by hand"
    of_weights = groups[0].startswith(("AsStrided", "TBackward"))  # a Linear layer's weight, turned
    return title == ("The weights changed before backward" if of_weights else "A value that was changed in place")


def _numpy(title: str, message: str, _groups: list[str]) -> bool:
    return (title == "The tensor is on the graphics card") == ("can't convert" in message)


def _parameters(title: str, _message: str, groups: list[str]) -> bool:
    given = groups[0]
    of_names, of_list = given in ("str", "tuple"), given in ("Module.parameters", "generator", "list")
    signs = {
        "Names in the place of weights": of_names,
        "A list around net.parameters()": of_list,
        "A single tensor": given.endswith("Tensor"),
    }
    return signs.get(title, not any(signs.values()))


POINTS: dict[str, Points] = {
    "loss-type": _types,
    "between": _between,
    "spatial": _spatial,
    "in-place": _in_place,
    "numpy": _numpy,
    "parameters": _parameters,
}
