"""A network as PyTorch code that runs and that the reader reads back.

What is written is a class in the style of the course, a class of modules throughout, or one nn.Sequential. The
docstring says the input and the number of classes, which code alone does not. A network that does not run is written
too: the layer that fails has the reason above it, and those behind it are torch's lazy classes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from layerscope.network import Network, NetworkError, check_name
from layerscope.source.attributes import attribute
from layerscope.source.calling import function_call, functional
from layerscope.source.constructing import Construction, constructions
from layerscope.source.spelling import STEP, Argument, call, remark
from layerscope.steps import Trace
from layerscope.tracing import trace

IMPORTED = ("nn", "F", "torch", "OrderedDict", "super")
"""Names that the class needs for other things."""


class Style(Enum):
    """How the code is laid out; the values are words for an address."""

    COURSE = "course"
    """Attributes for what has weights, functions for the rest."""
    MODULES = "modules"
    """An attribute for each layer."""
    SEQUENTIAL = "sequential"
    """`network = nn.Sequential(...)` with the layers' names."""


@dataclass(frozen=True)
class Written:
    """Code, and on which of its lines (counted from 1) each layer is constructed and called."""

    text: str
    lines: Mapping[str, tuple[int, ...]]


def write(
    network: Network,
    style: Style = Style.COURSE,
    *,
    hints: bool = False,
    shapes: bool = False,
    class_name: str = "Network",
) -> str:
    """The network as code. `hints` adds types, `shapes` the shape behind each layer as a comment, N being the batch.

    Raises NetworkError for a class name that Python does not take. nn.Sequential has no class and no hints.
    """
    return written(network, style, hints=hints, shapes=shapes, class_name=class_name).text


def written(
    network: Network,
    style: Style = Style.COURSE,
    *,
    hints: bool = False,
    shapes: bool = False,
    class_name: str = "Network",
) -> Written:
    """The same code with the lines of each layer, so that a page can light those of the selected one."""
    check_name(class_name)
    if class_name in IMPORTED or class_name.startswith("__"):
        raise NetworkError(f"{class_name} has another meaning in the code; a class name such as Network would work.")
    rows = _rows(network, style, shapes)
    page = _Page()
    if style is Style.SEQUENTIAL:
        _sequential(page, network, rows, hints)
    else:
        _class(page, network, rows, hints, class_name)
    return Written("\n".join(page.rows) + "\n", {name: tuple(lines) for name, lines in page.lines.items()})


@dataclass(frozen=True)
class _Row:
    """All that is written of one layer."""

    name: str
    construction: Construction
    function: tuple[str, tuple[Argument, ...]] | None
    trouble: str
    shape: str

    @property
    def attribute(self) -> str:
        return attribute(self.name)


@dataclass
class _Page:
    """Lines so far, and whose they are."""

    rows: list[str] = field(default_factory=list)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def add(self, *rows: str, layer: str | None = None) -> None:
        if layer is not None:
            first = len(self.rows) + 1
            self.lines.setdefault(layer, []).extend(range(first, first + len(rows)))
        self.rows.extend(rows)


def _rows(network: Network, style: Style, shapes: bool) -> list[_Row]:
    story = trace(network)
    nameless = functional(network.resolved) if style is Style.COURSE else frozenset()
    return [
        _Row(
            layer.name,
            construction,
            function_call(layer) if layer.name in nameless else None,
            _trouble(story, layer.name),
            _shape_after(story, layer.name) if shapes else "",
        )
        for layer, construction in zip(network.resolved, constructions(story), strict=True)
    ]


def _trouble(story: Trace, name: str) -> str:
    step = story.by_name.get(name)
    return f"{name} does not run: {step.error.message}" if step is not None and step.error is not None else ""


def _shape_after(story: Trace, name: str) -> str:
    step = story.by_name.get(name)
    return f"(N, {', '.join(map(str, step.output_shape))})" if step is not None and step.output_shape else ""


def _docstring(network: Network) -> str:
    sizes = f"({', '.join(map(str, network.input_shape))}{',' if len(network.input_shape) == 1 else ''})"
    return f'"""Input {sizes}{"" if network.classes is None else f", {network.classes} classes"}."""'


def _sequential(page: _Page, network: Network, rows: list[_Row], hints: bool) -> None:
    page.add(_docstring(network), "")
    named = f"network{': nn.Sequential' if hints else ''}"
    if not rows:
        page.add("from torch import nn", "", f"{named} = nn.Sequential()")
        return
    page.add("from collections import OrderedDict", "", "from torch import nn", "")
    page.add(f"{named} = nn.Sequential(", f"{STEP}OrderedDict(")
    for row in rows:
        indent = STEP * 2
        _add_remarks(page, (row.trouble, row.construction.note), indent)
        made = row.construction
        page.add(*call(f"{row.attribute}=", made.function, made.arguments, ",", row.shape, indent), layer=row.name)
    page.add(f"{STEP})", ")")


def _class(page: _Page, network: Network, rows: list[_Row], hints: bool, class_name: str) -> None:
    page.add(*_imports(rows, hints), "", "", f"class {class_name}(nn.Module):", f"{STEP}{_docstring(network)}", "")
    page.add(f"{STEP}def __init__(self){' -> None' if hints else ''}:", f"{STEP * 2}super().__init__()")
    indent = STEP * 2
    for row in rows:
        if row.function is None:
            made = row.construction
            _add_remarks(page, (made.note,), indent)
            lines = call(f"self.{row.attribute} = ", made.function, made.arguments, indent=indent)
            page.add(*lines, layer=row.name)
    tensor = ": torch.Tensor) -> torch.Tensor" if hints else ")"
    page.add("", f"{STEP}def forward(self, t{tensor}:")
    for row in rows:
        function, arguments = row.function or (f"self.{row.attribute}", ())
        _add_remarks(page, (row.trouble,), indent)
        page.add(*call("t = ", function, (Argument("t"), *arguments), "", row.shape, indent), layer=row.name)
    page.add(f"{indent}return t")


def _imports(rows: list[_Row], hints: bool) -> list[str]:
    used = {row.function[0].split(".")[0] for row in rows if row.function is not None}
    wanted = {"torch": "torch" in used or hints, "torch.nn.functional as F": "F" in used}
    return [*(f"import {name}" for name, is_used in wanted.items() if is_used), "from torch import nn"]


def _add_remarks(page: _Page, texts: Iterable[str], indent: str) -> None:
    page.add(*(line for text in texts for line in remark(text, indent)))
