"""The signatures that torch lists below a message, and what a call lacks to fit the nearest of them."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from layerscope.decoder.answer import Cause

MOST_SIGNATURES = 24
_SIGNATURE = re.compile(r"\* \(([^()]{0,600})\)")
_ALIKE = {
    "int": ("int", "SymInt", "Number", "float", "Scalar"), "float": ("float", "Number", "Scalar"),
    "bool": ("bool", "int", "Number"), "tuple": ("tuple of ints", "tuple of Tensors", "tuple of floats"),
    "list": ("tuple of ints", "tuple of Tensors", "tuple of floats"), "torch.Size": ("tuple of ints",),
    "str": ("str", "name", "tuple of names"), "Tensor": ("Tensor", "Number"), "Parameter": ("Tensor",),
}  # fmt: skip
"""By the type of a value: the types of parameters that take it."""


class Parameter(NamedTuple):
    """A parameter as torch writes it: tuple of ints size, bool keepdim = False."""

    kind: str
    name: str
    is_optional: bool
    is_named: bool
    """Whether it may only be given by name."""


@dataclass(frozen=True)
class Difference:
    """What keeps a call from fitting a signature. The lower the `weight`, the nearer the signature."""

    weight: float
    says: str
    cause: Cause


def difference(function: str, given: str, listed: str) -> Difference | None:
    """What the call with these types (int, dim=str) lacks to fit the nearest of the signatures that are listed; None
    where none is listed."""
    values = [part.strip() for part in given.split(",") if part.strip()]
    signatures = [_parameters(text) for text in _SIGNATURE.findall(listed[:8_000])[:MOST_SIGNATURES]]
    found = [_compared(function, values, signature) for signature in signatures]
    return min((each for each in found if each is not None), key=lambda each: each.weight, default=None)


def _parameters(text: str) -> list[Parameter]:
    found, is_named = list[Parameter](), False
    for part in (part.strip() for part in text.split(",")):
        if part == "*":
            is_named = True
            continue
        plain, sign, _ = part.partition("=")
        kind, _, name = plain.strip().rpartition(" ")
        if kind:
            found.append(Parameter(kind, name, bool(sign), is_named))
    return found


def _fits(kind: str, parameter: Parameter) -> bool:
    return parameter.kind == kind or parameter.kind in _ALIKE.get(kind, (kind,)) or (
        kind == "NoneType" and parameter.is_optional
    )  # fmt: skip


def _compared(function: str, values: list[str], parameters: list[Parameter]) -> Difference | None:
    plain = [value for value in values if "=" not in value]
    named = dict(value.split("=", 1) for value in values if "=" in value)
    by_place = [parameter for parameter in parameters if not parameter.is_named]
    sizes = next((n for n, each in enumerate(by_place) if each.kind == "tuple of ints"), None)
    needed = [each for each in by_place if not each.is_optional] or parameters
    written = ", ".join(f"{each.kind} {each.name}" for each in needed) or "nothing"
    says = f"{function} takes {written}, but gets {', '.join(values).replace('=', ' of type ')}."
    if sizes is not None and sizes == len(by_place) - 1 and len(plain) > len(by_place):  # sizes one by one
        plain = [*plain[:sizes], next((kind for kind in plain[sizes:] if kind != "int"), "tuple")]
    unknown = [name for name in named if name not in {each.name for each in parameters}]
    if unknown:
        names = ", ".join(each.name for each in parameters)
        return Difference(
            3 + len(unknown) - len(parameters) / 100, says,
            Cause("A name that the function does not have", f"{function} has no argument {unknown[0]}.",
                  f"Its arguments are: {names}." if names else "This form of it has no arguments."),
        )  # fmt: skip
    if len(plain) > len(by_place):
        return Difference(
            4 + len(plain) - len(by_place), says,
            Cause("A value too many", f"{function} takes {len(by_place)} values here, and gets {len(plain)}.",
                  "Leave the others out, or put numbers that belong together into one tuple or list."),
        )  # fmt: skip
    wrong = [(n, kind) for n, (kind, each) in enumerate(zip(plain, by_place, strict=False)) if not _fits(kind, each)]
    wrong_names = [(each, named[each.name]) for each in parameters if each.name in named and not _fits(
        named[each.name].strip(), each)]  # fmt: skip
    missing = [each for each in by_place[len(plain) :] if not each.is_optional and each.name not in named]
    weight = 2.0 * (len(wrong) + len(wrong_names)) + 1.5 * len(missing)
    if wrong or wrong_names:
        each, kind = (by_place[wrong[0][0]], wrong[0][1]) if wrong else wrong_names[0]
        remedy = f"Look at what stands there, and give {each.name} a value of type {each.kind}."
        if (each.kind, kind) == ("tuple of ints", "int"):
            remedy = "Write it as a tuple, with a comma: (n,) for one size."
        why = f"{each.name} must be {each.kind}, but it is {kind}."
        return Difference(weight, says, Cause(f"{each.name} has the wrong type", why, remedy))
    if missing:
        names = " and ".join(each.name for each in missing)
        kinds = " and ".join(f"{each.name} ({each.kind})" for each in missing)
        title = f"{names} {'is' if len(missing) == 1 else 'are'} missing"
        remedy = f"Give {names} too, after the values that are there or by name."
        return Difference(weight, says, Cause(title, f"{function} also needs {kinds}.", remedy))
    return None
