"""A chain of layers as code: a class whose forward calls one layer after the other, or one nn.Sequential."""

from dataclasses import dataclass

from layerscope.explain import written_count
from layerscope.formatting import joined
from layerscope.layers.base import Shape
from layerscope.layers.opaque import Measured, unflattened
from layerscope.network import Network
from layerscope.source.attributes import attribute
from layerscope.source.calling import function_call, functional
from layerscope.source.constructing import Construction, constructions
from layerscope.source.spelling import STEP, Argument, call
from layerscope.source.writing.page import Page, Style
from layerscope.steps import Trace
from layerscope.tracing import trace


@dataclass(frozen=True)
class Row:
    """All that is written of one layer."""

    name: str
    construction: Construction
    function: tuple[str, tuple[Argument, ...]] | None
    trouble: str
    shape: str

    @property
    def attribute(self) -> str:
        return attribute(self.name)


def lay_out(page: Page, network: Network, style: Style, hints: bool, shapes: bool, class_name: str) -> None:
    """Write a chain."""
    rows = _rows(network, style, shapes)
    if style is Style.SEQUENTIAL:
        _sequential(page, network, rows, hints)
    else:
        _class(page, network, rows, hints, class_name)


def _rows(network: Network, style: Style, shapes: bool) -> list[Row]:
    story = trace(network)
    nameless = functional(network.resolved) if style is Style.COURSE else frozenset()
    return [
        Row(
            layer.name,
            construction,
            function_call(layer) if layer.name in nameless else None,
            trouble(story, layer.name),
            shape_after(story, layer.name) if shapes else "",
        )
        for layer, construction in zip(network.resolved, constructions(story), strict=True)
    ]


def trouble(story: Trace, name: str) -> str:
    """Why a layer does not run; "" where it does."""
    layer = story.network[name]
    if isinstance(layer, Measured):
        return _unknown(layer)
    step = story.by_name.get(name)
    return f"{name} does not run: {step.error.message}" if step is not None and step.error is not None else ""


def _unknown(layer: Measured) -> str:
    """Which call of a live model a row stands for, and what belongs in its place."""
    sizes = [_sized(shape) for shape in unflattened(layer.gives)]
    read = [_sized(shape) for shape in unflattened(layer.chosen.get("reads", ()))]
    takes = f"reads {joined(read)} and " if read else ""
    holds = f" It holds {written_count(layer.weights, 'parameter')}." if layer.weights else ""
    return (
        f"{layer.name} stands for the measured model's own {layer.called}, which {takes}gives {joined(sizes)}.{holds} "
        "What it computes is not known here: put the model's call in its place."
    )


def _sized(shape: Shape) -> str:
    return f"({', '.join(['N', *map(str, shape)])})"


def shape_after(story: Trace, name: str) -> str:
    """The shape of a layer's first output, N being the batch."""
    step = story.by_name.get(name)
    return f"(N, {', '.join(map(str, step.output_shape))})" if step is not None and step.output_shape else ""


def docstring(network: Network) -> str:
    """What the code alone does not say of a network with one input."""
    sizes = f"({', '.join(map(str, network.input_shape))}{',' if len(network.input_shape) == 1 else ''})"
    return f'"""Input {sizes}{"" if network.classes is None else f", {network.classes} classes"}."""'


def _sequential(page: Page, network: Network, rows: list[Row], hints: bool) -> None:
    page.add(docstring(network), "")
    named = f"network{': nn.Sequential' if hints else ''}"
    if not rows:
        page.add("from torch import nn", "", f"{named} = nn.Sequential()")
        return
    page.add("from collections import OrderedDict", "", "from torch import nn", "")
    page.add(f"{named} = nn.Sequential(", f"{STEP}OrderedDict(")
    for row in rows:
        indent = STEP * 2
        page.remark((row.trouble, row.construction.note), indent)
        made = row.construction
        page.add(*call(f"{row.attribute}=", made.function, made.arguments, ",", row.shape, indent), layers=(row.name,))
    page.add(f"{STEP})", ")")


def _class(page: Page, network: Network, rows: list[Row], hints: bool, class_name: str) -> None:
    page.add(*_imports(rows, hints), "", "", f"class {class_name}(nn.Module):", f"{STEP}{docstring(network)}", "")
    page.add(f"{STEP}def __init__(self){' -> None' if hints else ''}:", f"{STEP * 2}super().__init__()")
    indent = STEP * 2
    for row in rows:
        if row.function is None:
            made = row.construction
            page.remark((made.note,), indent)
            lines = call(f"self.{row.attribute} = ", made.function, made.arguments, indent=indent)
            page.add(*lines, layers=(row.name,))
    tensor = ": torch.Tensor) -> torch.Tensor" if hints else ")"
    page.add("", f"{STEP}def forward(self, t{tensor}:")
    for row in rows:
        function, arguments = row.function or (f"self.{row.attribute}", ())
        page.remark((row.trouble,), indent)
        page.add(*call("t = ", function, (Argument("t"), *arguments), "", row.shape, indent), layers=(row.name,))
    page.add(f"{indent}return t")


def _imports(rows: list[Row], hints: bool) -> list[str]:
    used = {row.function[0].split(".")[0] for row in rows if row.function is not None}
    wanted = {"torch": "torch" in used or hints, "torch.nn.functional as F": "F" in used}
    return [*(f"import {name}" for name, is_used in wanted.items() if is_used), "from torch import nn"]
