"""Names that are not there: attributes, arguments; the nearest that is."""

import inspect
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any

import torch
from torch import nn, optim
from torch.utils.data import DataLoader

from layerscope.catalogue import CATALOGUE
from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.attributes import of_class, of_value
from layerscope.decoder.messages import Found
from layerscope.network import Network

MODULES: dict[str, Any] = {"torch": torch, "torch.nn": nn, "torch.nn.functional": nn.functional, "torch.optim": optim}
SHORT = {"torch.nn": "nn", "torch.nn.functional": "F", "torch.optim": "optim"}
OTHER_WORDS = {
    "kernel": "kernel_size", "filter_size": "kernel_size", "ksize": "kernel_size", "filters": "out_channels",
    "learning_rate": "lr", "eta": "lr", "prob": "p", "rate": "p", "dropout": "p", "axis": "dim",
    "units": "out_features", "start": "start_dim", "end": "end_dim",
}  # fmt: skip
"""What other libraries call torch's arguments."""
CLOSE = 0.6
LAST_RESORT = 40
"""The most parameters that a sentence can list is far below; longer lists are cut."""


def explain_attribute(found: Found, network: Network | None) -> Explanation:
    """'Net' object has no attribute 'fc3'; module 'torch.nn' has no attribute 'Conv2D'."""
    owner, name = found.groups[:2]
    meanings = ((f"'{owner}'", "what was asked"), (f"'{name}'", "the name that it does not have"))
    if owner in MODULES or found.message.startswith("module"):
        causes = list(_of_module(owner, name))
    elif owner == "Tensor":
        causes = list(_of_tensor(name))
    elif owner in _builtin_values():
        causes = list(of_value(owner))
    else:
        causes = list(of_class(owner, name, network, nearest(name, network.names) if network else None))
    return Explanation(f"{owner} has nothing that is called {name}.", meanings, in_order(causes))


def _builtin_values() -> frozenset[str]:
    return frozenset(("list", "tuple", "dict", "str", "int", "float", "ndarray", "numpy.ndarray", "function", "Image"))


def _of_module(owner: str, name: str) -> Iterator[Cause]:
    module = MODULES.get(owner)
    near = nearest(name, _public(owner)) if module else None
    short = SHORT.get(owner, owner)
    if near:
        why = f"Capitals and digits count: {owner} has {near}."
        yield Cause(f"It is spelled {near}", why, f"Write {short}.{near}.")
    for other, where in MODULES.items():
        if other != owner and hasattr(where, name):
            why = f"{name} is in {other}."
            yield Cause(f"It is in {other}", why, f"Write {SHORT.get(other, other)}.{name}.")
    yield Cause(
        "Another version of torch",
        "The name may have come later, or gone.",
        "Print torch.__version__ and compare it with the tutorial's.",
    )


def _of_tensor(name: str) -> Iterator[Cause]:
    for module in ("torch.nn.functional", "torch"):
        if hasattr(MODULES[module], name):
            call = f"{SHORT.get(module, module)}.{name}(x)"
            yield Cause(f"{name} is a function", "A tensor has no method of that name.", f"Write {call}.")
            break
    near = nearest(name, _public("Tensor"))
    if near:
        yield Cause(f"It is spelled {near}", f"A tensor has {near}.", f"Write x.{near}.")
    yield Cause(
        "A tensor in the place of a layer or an array",
        "The name may belong to NumPy or to a layer.",
        "Print type(x) before the line.",
    )


@cache
def _public(owner: str) -> tuple[str, ...]:
    return tuple(name for name in dir(MODULES.get(owner, torch.Tensor)) if not name.startswith("_"))


def explain_unexpected(found: Found, network: Network | None) -> Explanation:
    """Conv2d.__init__() got an unexpected keyword argument 'kernal_size'."""
    owner, wrong = found.groups[:2]
    shown, known = _parameters(owner)
    meanings = ((owner, "what was called"), (f"'{wrong}'", "the argument that it does not have"))
    near = nearest(wrong, known)
    causes = []
    if near:
        takes = f"{shown} takes {_listed(known)}." if shown else f"Torch's layers have {near}."
        causes.append(Cause(f"It is called {near}", takes, f"Write {near} in the place of {wrong}."))
    elif known and shown:
        why = f"It takes {_listed(known)}."
        causes.append(Cause(f"{shown} has no {wrong}", why, f"Leave {wrong} out."))
    if not shown:
        causes.append(
            Cause(
                "Your own __init__ or function has no such parameter",
                "Python hands over names as they are written.",
                f"Add {wrong} to the parameters in the def line, or leave it out of the call.",
            )
        )
    causes.append(
        Cause(
            "Another version of torch",
            "Some arguments came with later versions.",
            "Print torch.__version__ and compare it with the tutorial's.",
        )
    )
    return Explanation(f"There is no argument {wrong} there.", meanings, tuple(causes))


def explain_missing(found: Found, network: Network | None) -> Explanation:
    """Conv2d.__init__() missing 1 required positional argument: 'kernel_size'."""
    owner, names = found.groups[0], re.findall(r"'(\w+)'", found.groups[1])
    shown, known = _parameters(owner)
    meanings = ((owner, "what was called"), *((f"'{name}'", "an argument without a default") for name in names[:4]))
    missing = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    causes = []
    if shown:
        required = _required(shown)
        causes.append(
            Cause(
                f"{missing} {'is' if len(names) == 1 else 'are'} missing in {shown}",
                f"{shown} cannot do without {_listed(required or tuple(names))}.",
                f"Write {shown}({', '.join(required or names)}), with your numbers.",
            )
        )
    else:
        causes.append(
            Cause(
                "Called with too few values",
                f"The def line names {missing} without a default.",
                f"Hand over {missing}, or give a default in the def line.",
            )
        )
        causes.append(
            Cause(
                "self is missing",
                "The first parameter of a method is the object itself, so all others move by one.",
                "Write self as the first parameter in the def line.",
            )
        )
    return Explanation(f"Too little was handed over: {missing}.", meanings, tuple(causes))


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant: another word for it, the same without capitals and underscores, or close."""
    names = tuple(names)
    if OTHER_WORDS.get(name) in names:
        return OTHER_WORDS[name]
    plain = _plain(name)
    same = next((other for other in names if _plain(other) == plain), None)
    close = same or next(iter(get_close_matches(name, names, 1, CLOSE)), None)
    return close if close != name else None


def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def _listed(names: Iterable[str], most: int = 7) -> str:
    names = tuple(names)
    return ", ".join(names[:most]) + (" and others" if len(names) > most else "")


def _parameters(owner: str) -> tuple[str, tuple[str, ...]]:
    """What is called, as it is written in code, and its arguments; "" and those of all layers where we cannot know."""
    known, called = _callable(owner)
    if called is not None:
        try:
            signature = inspect.signature(called)
        except (TypeError, ValueError):  # written in C
            return known, ()
        return known, tuple(name for name in signature.parameters if name not in ("self", "args", "kwargs"))
    if owner == "__init__":  # Python before 3.10 does not name the class
        return "", tuple(dict.fromkeys(name for layer in CATALOGUE.values() for name in layer.parameters()))
    return "", ()


def _callable(owner: str) -> tuple[str, Any]:
    """A class of nn or optim, or a function of F or torch; _MaxPoolNd stands for MaxPool2d."""
    name = owner.partition(".")[0]
    if owner.endswith("__init__"):
        plain = re.sub(r"^_(\w+)Nd$", r"\g<1>2d", name)
        for plain in (plain, plain.removesuffix("2d")):
            for module in (nn, optim):
                if inspect.isclass(found := getattr(module, plain, None)):
                    return f"{SHORT[module.__name__]}.{plain}", found
        return ("DataLoader", DataLoader) if plain == "DataLoader" else ("", None)
    for short, module in (("F", nn.functional), ("torch", torch)):
        found = getattr(module, name.lstrip("_"), None)
        if "." not in owner and callable(found) and not inspect.isclass(found):
            return f"{short}.{name.lstrip('_')}", found
    return "", None


def _required(shown: str) -> tuple[str, ...]:
    """The arguments without a default."""
    prefix, _, name = shown.rpartition(".")
    module = next((MODULES[long] for long, short in SHORT.items() if short == prefix), torch)
    called = DataLoader if shown == "DataLoader" else getattr(module, name)
    try:
        parameters = inspect.signature(called).parameters.values()
    except (TypeError, ValueError):
        return ()
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)
    return tuple(p.name for p in parameters if p.default is p.empty and p.kind in plain)
