"""Causes of names that a module, a tensor, a network or a value of Python does not have."""

import re
from collections.abc import Iterator

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind
from layerscope.decoder.known_names import FUNCTIONS, LAYERS, METHODS, MODULES, OF_TORCH, nearest
from layerscope.network import Network

REGISTER = (
    "_modules",
    "_parameters",
    "_buffers",
    "_backward_hooks",
    "_forward_hooks",
    "_forward_pre_hooks",
    "training",
)
"""What nn.Module's own __init__ makes."""

TO_TENSOR = "Write torch.as_tensor(x, dtype=torch.float32)."
VALUES = {
    "list": TO_TENSOR,
    "tuple": "Take its first part: x, _ = layer(x).",
    "dict": TO_TENSOR,
    "str": TO_TENSOR,
    "int": TO_TENSOR,
    "float": TO_TENSOR,
    "ndarray": TO_TENSOR,
    "numpy.ndarray": TO_TENSOR,
    "function": "Call it: put parentheses behind its name.",
    "Image": "Use transforms.ToTensor().",
}
"""Values that stand where a tensor is wanted, and what makes one of them."""


def explain(found: Found, network: Network | None) -> Explanation:
    """'Net' object has no attribute 'fc3'; module 'torch.nn' has no attribute 'Conv2D'."""
    owner, name = found["owner"] or found["module"], found["name"]
    meanings = ((f"'{owner}'", "what was asked"), (f"'{name}'", "the name that it does not have"))
    if found["module"]:
        causes = of_module(owner, name)
    elif owner == "Tensor":
        causes = of_tensor(name)
    elif owner in VALUES:
        causes = of_value(owner)
    else:
        causes = of_class(owner, name, network)
    return Explanation(f"{owner} has nothing that is called {name}.", meanings, in_order(causes))


def of_module(owner: str, name: str) -> Iterator[Cause]:
    """module 'torch.nn' has no attribute 'Conv2D'."""
    short, names = MODULES.get(owner, (owner, ()))
    for other, (written, there) in MODULES.items():
        if name in there and other != owner:
            yield Cause(f"{name} is in {other}", f"{owner} does not have it.", f"Write {written}.{name}.")
    if near := nearest(name, names):
        why = f"Every letter and capital counts: {owner} has {near}."
        yield Cause(f"It is spelled {near}", why, f"Write {short}.{near}.")
    yield Cause(
        "Another version of torch",
        "The name may have come later, or gone.",
        "Compare torch.__version__ with the tutorial's.",
    )


def of_tensor(name: str) -> Iterator[Cause]:
    """'Tensor' object has no attribute 'rehsape'."""
    written = f"F.{name}(x)" if name in FUNCTIONS else f"torch.{name}(x)" if name in OF_TORCH else ""
    if written:
        yield Cause(f"{name} is a function", "A tensor has no method of that name.", f"Write {written}.")
    if near := nearest(name, METHODS):
        yield Cause(f"It is spelled {near}", f"A tensor has {near}.", f"Write x.{near}.")
    yield Cause(
        "A tensor in the place of a layer or an array",
        "The name may belong to NumPy or to a layer.",
        "Print type(x) before the line.",
    )


def of_value(owner: str) -> Iterator[Cause]:
    """A list, an array and so on where a tensor is wanted."""
    why = "Some layers return a tuple, such as LSTM." if owner == "tuple" else "Only tensors have torch's methods."
    what = owner.rpartition(".")[2]
    article = "An" if what[0] in "aeiouAEIOU" or what == "ndarray" else "A"
    yield Cause(f"{article} {what} in the place of a tensor", why, VALUES[owner])
    if owner in ("list", "dict"):
        yield Cause(
            "Layers in a plain Python list or dict",
            "A list cannot be called or moved like a layer.",
            "Use nn.Sequential, nn.ModuleList or nn.ModuleDict.",
        )


def of_class(owner: str, name: str, network: Network | None) -> Iterator[Cause]:
    """A network's class, or a layer of torch."""
    if name in REGISTER:
        why = f"nn.Module's own __init__ makes {name}, and it was not called."
        yield Cause("super().__init__() is missing", why, "Write super().__init__() as the first line of __init__.")
    elif owner in LAYERS and name in METHODS:
        why = f"nn.{owner} makes a layer; only what the layer gives back has {name}."
        remedy = f"Make it in __init__, self.layer = nn.{owner}(), and call it in forward: self.layer(x)."
        yield Cause("A layer was made where it should be called", why, remedy)
    elif owner in LAYERS:
        yield Cause(f"nn.{owner} has no {name}", "The name may belong to another layer.", "Print the layer.")
    else:
        yield from _of_network(name, network)


def _of_network(name: str, network: Network | None) -> Iterator[Cause]:
    near = nearest(name, network.names) if network else None
    near = None if near and _without_digits(near) == _without_digits(name) else near  # fc3 is no misspelled fc2
    if network and name in network.names:
        why = f"The network here has {name}; the class that ran does not make it."
        yield Cause(f"{name} is not made in __init__", why, f"Assign self.{name} in __init__.", True, name)
    elif near:
        why = f"The network here has {near}, and no {name}."
        yield Cause(f"It may be {near}", why, f"Write self.{near} in forward.", True, near)
    yield Cause(
        f"{name} was never made",
        "A layer used in forward must be assigned in __init__, with self in front.",
        f"Write a line that begins with self.{name} = in __init__.",
    )
    yield Cause(
        f"{name} is spelled otherwise in __init__",
        "Capitals, digits and underscores count.",
        "Compare the names in __init__ and in forward.",
    )
    yield Cause(
        "__init__ is misspelled",
        "With one underscore on each side Python does not call it, and no layer is made.",
        "Write def __init__(self): with two on each side.",
    )


def _without_digits(name: str) -> str:
    return re.sub(r"\d", "", name)


KINDS: dict[str, Kind] = {
    "attribute": kind(
        "A name that is not there",
        "'Net' object has no attribute 'fc3'",
        (
            r"'(?!NoneType')(?P<owner>[\w.]{1,60})' object has no attribute '(?P<name>\w{1,60})'",
            r"module '(?P<module>torch[\w.]{0,40})' has no attribute '(?P<name>\w{1,60})'",
        ),
        explain,
    ),
}
