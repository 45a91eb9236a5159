"""Causes of attributes that a network, a layer or a value of Python does not have."""

from collections.abc import Iterator

import torch
from torch import nn

from layerscope.decoder.answer import Cause
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


def of_value(owner: str) -> Iterator[Cause]:
    """A list, an array and so on where a tensor is wanted."""
    remedies = {
        "tuple": "Take its first part: x, _ = layer(x).",
        "function": "Call it: put parentheses behind its name.",
        "Image": "Use transforms.ToTensor().",
    }
    number = "Write torch.as_tensor(x, dtype=torch.float32)."
    yield Cause(
        f"A {owner.rpartition('.')[2]} in the place of a tensor",
        "Only tensors have torch's methods." if owner != "tuple" else "Some layers return a tuple, such as LSTM.",
        remedies.get(owner, number),
    )
    if owner in ("list", "dict"):
        yield Cause(
            "Layers in a plain Python list or dict",
            "A list cannot be called or moved like a layer.",
            "Use nn.Sequential, nn.ModuleList or nn.ModuleDict.",
        )


def of_class(owner: str, name: str, network: Network | None, near: str | None) -> Iterator[Cause]:
    """A network's class, or a layer of torch."""
    if name in REGISTER:
        why = f"nn.Module's own __init__ makes {name}, and it was not called."
        yield Cause("super().__init__() is missing", why, "Write super().__init__() as the first line of __init__.")
    if hasattr(nn, owner):
        if hasattr(torch.Tensor, name):
            why = f"nn.{owner} makes a layer, which is no tensor; only its result has {name}."
            remedy = f"Make the layer in __init__, and call it in forward: self.layer = nn.{owner}, then self.layer(x)."
            yield Cause("A layer was made where it should be called", why, remedy)
        else:
            yield Cause(f"nn.{owner} has no {name}", "The name may belong to another layer.", "Print the layer.")
        return
    if name in REGISTER:
        return
    if network and name in network.names:
        why = f"The network here has {name}; the class that ran does not make it."
        yield Cause(f"{name} is not made in __init__", why, f"Assign self.{name} in __init__.", True, name)
    elif near:
        why = f"The network here has {near}, and no {name}."
        yield Cause(f"It is spelled {near}", why, f"Write self.{near} in forward.", True, near)
    yield Cause(
        f"{name} was never made",
        "A layer used in forward must be assigned in __init__, with self. in front.",
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
