"""A network, and the view of it, as short text for an address.

One token per part, parts joined by "~": the input with the classes first ("1x28x28-10"), then a layer each:
"Conv2d.6.5.padding-2" is torch's type, the values of the parameters without default in torch's order, and the others
by name where they differ from torch's default. "as-out" names a layer that is not named by its place (conv1, conv2),
"in-conv1,relu1" says what it reads where that is not the layer above, "of-conv1" whose module it calls again, and
"tied-encoder--weight" which tensors of others it holds. In names a dot is "-" and ":" is "--". Inputs of another kind
or name are rows ("Input.32.as-text.kind-indices"), and so are the outputs ("Output.fc1,fc2"). Long codes are
compressed: "z" and base64 of the same text. The code is read with bounds on everything.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, dataclass, fields
from math import isfinite
from typing import Any

from layerscope import limits
from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer, Shape
from layerscope.network import Input, Network, NetworkError
from layerscope.once import recent
from layerscope.packing import pack, unpack

LONGEST_LINK = limits.LINK.most
LONGEST_CODE = limits.LINK_TEXT.most
COMPRESSED_FROM = 400
DAMAGED = "This link is damaged or too large"
NO_PLACE = "This network holds a value that does not fit in a link."

_INTEGER = re.compile(r"-?\d{1,19}")
_NUMBER = re.compile(r"-?\d{1,19}(,\d{1,20})?(e[-+]?\d{1,3})?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")
_PATH = re.compile(r"[A-Za-z_]\w*(-\w+)*", re.ASCII)
_LOOKED = re.compile(r"([a-z]{1,16}(?:-[a-z]{1,16})?)(?:-(\d{1,5}))?((?:,\d{1,5}){4}(?:(?:,\d{1,5}){2,3})?)", re.ASCII)
_HAND = re.compile(r"[A-Za-z_]\w*(-\w+)*~\d{1,5}~(all|\d{1,5})(-\d{1,5})?(~\w+(-\w+)*)+", re.ASCII)


class LinkError(ValueError):
    """A link that gives no network; the message is a sentence for the user."""


@recent(64, lambda network: network.exact)
def encode(network: Network) -> str:
    """The network as text made of letters, digits and "-._~" (and "," in fractions)."""
    classes = "" if network.classes is None else f"-{network.classes}"
    parts = ["x".join(map(str, network.input_shape)) + classes]
    if not network.has_usual_input:
        parts += [".".join(_input_tokens(given)) for given in network.inputs]
    count: Counter[str] = Counter()
    for layer in network.layers:
        count[layer.stem] += 1
        parts.append(".".join(_layer_tokens(layer, f"{layer.stem}{count[layer.stem]}")))
    if network.outputs:
        parts.append(f"Output.{_references(network.outputs)}")
    code = "~".join(parts)
    if len(code) < COMPRESSED_FROM:
        return code
    return "z" + pack(code)


def decode(link: str) -> Network:
    """The network of `encode`'s text. Raises LinkError."""
    if len(link) > LONGEST_LINK or not link.isascii():
        raise LinkError(f"{DAMAGED}.")
    code = _inflated(link[1:]) if link.startswith("z") else link
    head, *rows = code.split("~")
    shape, _, classes = head.partition("-")
    if len(rows) > limits.LAYERS.most:
        raise LinkError(f"{DAMAGED}: {limits.LAYERS.sentence(found=len(rows))}")
    try:
        input_shape = _shape(shape)
        inputs = tuple(_input(row) for row in rows if row.startswith("Input."))
        outputs = tuple(name for row in rows if row.startswith("Output.") for name in _names(row[len("Output.") :]))
        layers = tuple(_layers([row for row in rows if not row.startswith(("Input.", "Output."))]))
        return Network(input_shape, layers, int(_match(_INTEGER, classes)) if classes else None, inputs, outputs)
    except NetworkError as error:
        raise LinkError(f"{DAMAGED}: {error}") from error


def _shape(text: str) -> Shape:
    return tuple(int(_match(_INTEGER, size)) for size in text.split("x"))


def _references(names: Iterable[str]) -> str:
    return ",".join(name.replace(".", "-").replace(":", "--") for name in names)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.replace("--", ":").replace("-", ".") for name in text.split(","))


def _input_tokens(given: Input) -> Iterator[str]:
    yield from ("Input", "x".join(map(str, given.shape)), f"as-{_references([given.name])}")
    if given.kind != "values":
        yield f"kind-{given.kind}"
    if given.high is not None:
        yield f"high-{given.high}"


def _input(row: str) -> Input:
    _, shape, *tokens = [*row.split("."), "", ""][: row.count(".") + 1]
    values: dict[str, Any] = {}
    for token in tokens:
        key, _, value = token.partition("-")
        if key not in ("as", "kind", "high"):
            raise LinkError(f"{DAMAGED}.")
        values[{"as": "name"}.get(key, key)] = int(_match(_INTEGER, value)) if key == "high" else _names(value)[0]
    return Input(**{"name": "input", "shape": _shape(shape)} | values)


def _layer_tokens(layer: Layer, usual_name: str) -> Iterator[str]:
    yield layer.type
    defaults = _defaults(type(layer))
    for name, value in layer.chosen.items() if not layer.of else ():
        if isinstance(value, str) and not layer.parameters()[name].knows(value):
            raise LinkError(NO_PLACE)
        if defaults[name] is MISSING:
            yield _written(value)
        elif value != defaults[name] or type(value) is not type(defaults[name]):
            yield f"{name}-{_written(value)}"
    if layer.of:
        yield f"of-{_references([layer.of])}"
    if layer.tied:
        yield f"tied-{_references(layer.tied)}"
    if layer.inputs:
        yield f"in-{_references(layer.inputs)}"
    if layer.name != usual_name:
        yield f"as-{_references([layer.name])}"


def _layers(rows: list[str]) -> Iterator[Layer]:
    count: Counter[str] = Counter()
    made: dict[str, Layer] = {}
    for row in rows:
        kind, *tokens = row.split(".")
        if kind not in CATALOGUE:
            raise LinkError(f"{DAMAGED}: it names a layer type that does not exist.")
        layer_type = CATALOGUE[kind]
        count[layer_type.stem] += 1
        name = f"{layer_type.stem}{count[layer_type.stem]}"
        required = [key for key, default in _defaults(layer_type).items() if default is MISSING]
        values, wires = dict[str, Any](), dict[str, Any]()
        owner = made.get(_names(tokens[0][len("of-") :])[0]) if tokens and tokens[0].startswith("of-") else None
        if owner is not None:
            required, values = [], owner.chosen if type(owner) is layer_type else {}
        for key, token in zip(required, tokens, strict=False):
            values[key] = _read(token)
        for token in tokens[len(required) :]:
            key, dash, value = token.partition("-")
            if key == "as":
                name = _names(value)[0]
            elif key in ("in", "tied"):
                wires["inputs" if key == "in" else "tied"] = _names(value)
            elif key == "of":
                wires["of"] = _names(value)[0]
            elif dash and key in layer_type.parameters():
                values[key] = _read(value)
            else:
                raise LinkError(f"{DAMAGED}: {kind} has no parameter of that name.")
        if not values.keys() >= set(required):
            raise LinkError(f"{DAMAGED}: {kind} lacks a value.")
        for key, value in values.items():
            if isinstance(value, str) and not layer_type.parameters()[key].knows(value):
                raise LinkError(f"{DAMAGED}: {kind} has no such {key}.")
        made[name] = layer_type(name=name, **wires, **values)
        yield made[name]


def _defaults(layer_type: type[Layer]) -> dict[str, Any]:
    declared = {field.name: field.default for field in fields(layer_type)}
    return {name: declared[name] for name in layer_type.parameters()}


def _written(value: Any) -> str:
    if isinstance(value, tuple) and value:
        return "x".join(_written(part) for part in value) + ("x" if len(value) == 1 else "")
    if value is None or isinstance(value, bool):
        return {None: "n", True: "t", False: "f"}[value]
    pattern = {int: _INTEGER, float: _NUMBER, str: _WORD}.get(type(value))
    is_long = isinstance(value, int) and value.bit_length() > 60
    text = "" if pattern is None or is_long else str(value).replace(".", ",")
    if pattern is None or not pattern.fullmatch(text):
        raise LinkError(NO_PLACE)
    return text


def _read(token: str) -> Any:
    parts = token.removesuffix("x").split("x")
    if "x" in token and all(part == "n" or _NUMBER.fullmatch(part) for part in parts):
        return tuple(_read(part) for part in parts)
    if token in ("n", "t", "f"):
        return {"n": None, "t": True, "f": False}[token]
    if _INTEGER.fullmatch(token):
        return int(token)
    if _NUMBER.fullmatch(token) and isfinite(number := float(token.replace(",", "."))):
        return number
    return _match(_WORD, token)


def _match(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise LinkError(f"{DAMAGED}.")
    return text


def _inflated(packed: str) -> str:
    try:
        text = unpack(packed, LONGEST_CODE)
    except ValueError as error:
        raise LinkError(f"{DAMAGED}.") from error
    if not text.isascii():
        raise LinkError(f"{DAMAGED}.")
    return text


@dataclass(frozen=True)
class View:
    """How the network is looked at; shared in the address beside it. Words are checked against `CHOICES`.

    `selected` is a row, or a block such as layer1.0.
    """

    selected: str = ""
    chart: str = "weights"
    scale: str = "linear"
    details: str = "reasons"
    type_size: str = "normal"
    predict: str = "off"
    code: str = "course"
    extras: str = "plain"
    against: str = "step"
    """What changes are told against: the network before the last step, or the one that was opened at the start."""
    opened: tuple[str, ...] = ()
    """Blocks that were opened by hand, of those that are closed by themselves."""
    closed: tuple[str, ...] = ()
    """Blocks that were closed by hand."""
    lens: str = "window"
    """What is looked at inside the network."""
    looked: tuple[str, ...] = ()
    """With which image, and the numbers of seed, filter, channel and class: ("digits.17", "3", "0", "0", "0"); then row
    and column of the cell that was chosen, where one was, of a volume's map with the slice before them."""
    hands: tuple[str, ...] = ()
    """The kernels that are set by hand, a word each (`ui/handed.py`)."""


CHOICES: dict[str, tuple[str, ...]] = {
    "chart": ("weights", "macs", "memory", "receptive_field", "code", "inside"),
    "lens": ("window", "weights", "maps", "excites", "class"),
    "scale": ("linear", "log"),
    "details": ("reasons", "summary", "formulas"),
    "type_size": ("normal", "large"),
    "predict": ("off", "on"),
    "code": ("course", "modules", "sequential"),
    "extras": ("plain", "shapes", "hints", "both"),
    "against": ("step", "start"),
}


def encode_view(view: View) -> str:
    """The view's fields that differ from the default, such as "selected-conv1.scale-log"."""
    usual = View()
    values = {field.name: getattr(view, field.name) for field in fields(View)}
    changed = {name: value for name, value in values.items() if value != getattr(usual, name)}
    tuples = {name: value if isinstance(value, tuple) else (value,) for name, value in changed.items()}
    return ".".join(f"{name}-{_references(value)}" for name, value in tuples.items())


def decode_view(code: str) -> View:
    """The view of `encode_view`'s text. What it does not know it leaves at the default: a view is never an error."""
    values: dict[str, Any] = {}
    for token in code[:LONGEST_LINK].split("."):
        name, _, value = token.partition("-")
        if value in CHOICES.get(name, ()):
            values[name] = value
        if name == "selected" and _PATH.fullmatch(value):
            values[name] = _names(value)[0]
        if name in ("opened", "closed") and all(map(_PATH.fullmatch, value.split(","))):
            values[name] = _names(value)[: limits.FOLDS.most]
        if name == "looked" and (found := _LOOKED.fullmatch(value)):
            image, place, numbers = found.groups()
            values[name] = (f"{image}.{place}" if place else image, *numbers[1:].split(","))
        if name == "hands" and all(map(_HAND.fullmatch, value.split(","))):
            values[name] = _names(value)[: limits.INSIDE_HANDS.most]
    return View(**values)
