"""A network that branches as code: each block that can be called is a class, equal blocks are one."""

from collections.abc import Iterable, Sequence

from layerscope.network import Network
from layerscope.source.constructing import constructions
from layerscope.source.spelling import LONGEST_LINE, STEP
from layerscope.source.writing.chain import shape_after, trouble
from layerscope.source.writing.constructors import Constructor, Text
from layerscope.source.writing.documented import docstring, parameter_names
from layerscope.source.writing.helpers import HELPERS, helper, helpers_of
from layerscope.source.writing.outlines import Line
from layerscope.source.writing.outlining import Outlining
from layerscope.source.writing.page import Page, Style
from layerscope.source.writing.part_tree import STACKS, is_module
from layerscope.source.writing.structure import Kind, Structure
from layerscope.source.writing.templates import Template, templates
from layerscope.tracing import trace

MOST_TYPES = 4
"""Tensors that a forward returns and whose types are written one by one."""


def is_plain(network: Network) -> bool:
    """Whether a network is a chain of torch's modules whose names have no dots."""
    (first, *others) = network.inputs
    usual = not others and first.name == "input" and first.kind == "values"
    plain = all(
        is_module(layer)
        and not (layer.ports or layer.of or layer.type in (*STACKS, *HELPERS))
        and layer.batch_axis == 0
        and layer.wants != "indices"
        for layer in network.layers
    )
    return usual and plain and network.is_chain and all(layer.name.isidentifier() for layer in network.layers)


def lay_out(page: Page, network: Network, style: Style, hints: bool, shapes: bool, class_name: str) -> None:
    """Write a network that branches, or whose names are paths."""
    _Graph(page, network, style, hints, shapes, class_name).write()


class _Graph:
    """Writes one network."""

    def __init__(self, page: Page, network: Network, style: Style, hints: bool, shapes: bool, class_name: str) -> None:
        self._page, self._network, self._hints = page, network, hints
        story = trace(network)
        structure = Structure(network)
        self._root = structure.root
        self._troubles = [trouble(story, name) for name in network.names]
        self._shapes = [shape_after(story, name) if shapes else "" for name in network.names]
        self._outlining = Outlining(structure, constructions(story), style is Style.COURSE)
        self._outlining.of(self._root, parameter_names(network))
        self._helpers = helpers_of(layer.type for layer in network.layers)
        self._templates = templates(self._outlining.all(), class_name, self._helpers)

    def write(self) -> None:
        """The whole file."""
        if self._outlining.structure.kind(self._root) is Kind.SEQUENTIAL:
            self._page.add(docstring(self._network), "")
        self._page.add(*self._imports())
        for name in self._helpers:
            self._page.add("", "", *helper(name, self._hints))
        for template in self._templates.values():
            if template.first.block is not self._root:
                self._page.add("", "")
                self._class(template, f'"""{self._places(template)}"""')
        whole = self._templates[self._outlining.of(self._root).key]
        if self._outlining.structure.kind(self._root) is Kind.SEQUENTIAL:
            self._page.add(*[""] * (1 if len(self._templates) == 1 and not self._helpers else 2))
            constructor = Constructor(self._outlining, self._templates, whole, self._comments(whole))
            self._add(
                whole,
                constructor.container(f"network{self._hint(': nn.Sequential')} = ", self._root, "", "", "network"),
            )
            return
        self._page.add("", "")
        self._class(whole, docstring(self._network))

    def _places(self, template: Template) -> str:
        """Where the blocks of a class stand in the network."""
        first, *others = (outline.block.path for outline in template.blocks)
        return f"{first} and {len(others)} more." if others else f"{first}."

    def _class(self, template: Template, about: str) -> None:
        page, indent = self._page, STEP * 2
        page.add(f"class {template.name}(nn.Module):", f"{STEP}{about}")
        constructor = Constructor(self._outlining, self._templates, template, self._comments(template))
        made = [text for text in constructor.statements(template.first.block, "self", indent) if text.lines]
        made = [] if template.first.key[0] == "wrapper" else made
        if template.first.block is self._root:
            made += [
                Text(_assigned(target, value, indent), (row,))
                for row, target, value in self._outlining.structure.ties()
            ]
        if made:
            hint = self._hint(" -> None")
            page.add("", *_definition("__init__", template.parameters(self._hints), hint))
            page.add(f"{indent}super().__init__()")
            self._add(template, made)
        self._forward(template, indent)

    def _forward(self, template: Template, indent: str) -> None:
        outline = template.first
        hint = self._hint(": torch.Tensor")
        given = [f"{name}{hint}" for name in outline.parameters]
        self._page.add("", *_definition("forward", given, self._hint(f" -> {_type(len(outline.returned))}")))
        for line in outline.lines:
            comment = self._comments(template).get(line.rows[-1], "") if line.target else ""
            self._page.remark(self._reasons(template, line), indent)
            before = f"{line.target} = " if line.target else "return "
            self._add(template, [Text(line.called.lines(before, comment, indent), line.rows)])
        if outline.returned or not outline.lines:
            self._page.add(f"{indent}return {', '.join(outline.returned or outline.parameters[:1])}")

    def _hint(self, text: str) -> str:
        return text if self._hints else ""

    def _comments(self, template: Template) -> dict[int, str]:
        """The shapes after the rows of the first block, where they are the same in all."""
        return {
            rows[0]: self._shapes[rows[0]] for rows in _alike(template) if len({self._shapes[row] for row in rows}) == 1
        }

    def _reasons(self, template: Template, line: Line) -> Iterable[str]:
        """Why a line does not run, in the blocks where it does not."""
        return (self._troubles[row] for rows in _alike(template) if rows[0] in line.rows for row in rows)

    def _add(self, template: Template, texts: Iterable[Text]) -> None:
        alike = {rows[0]: rows for rows in _alike(template)}
        for text in texts:
            names = [self._network.names[row] for first in text.rows for row in alike[first]]
            self._page.add(*text.lines, layers=names)

    def _imports(self) -> list[str]:
        calls = [line.called for outline in self._outlining.all() for line in outline.lines]
        used = {word for called in calls for word in called.words}
        held = bool(self._helpers) or any(layer.type == "Parameter" for layer in self._network.layers)
        wanted = {"torch": "torch" in used or self._hints or held, "torch.nn.functional as F": "F" in used}
        plain = [*(f"import {name}" for name, is_used in wanted.items() if is_used), "from torch import nn"]
        ordered = any(map(self._outlining.structure.is_named, self._outlining.structure.blocks()))
        return ["from collections import OrderedDict", "", *plain] if ordered else plain


def _assigned(target: str, value: str, indent: str) -> list[str]:
    """An assignment, in brackets where one line is too long."""
    line = f"{indent}{target} = {value}"
    if len(line) <= LONGEST_LINE:
        return [line]
    return [f"{indent}{target} = (", f"{indent}{STEP}{value}", f"{indent})"]


def _definition(name: str, parameters: Sequence[str], hint: str) -> list[str]:
    """The head of a method, a parameter a line where one line is too long."""
    given = ("self", *parameters)
    line = f"{STEP}def {name}({', '.join(given)}){hint}:"
    if len(line) <= LONGEST_LINE:
        return [line]
    return [f"{STEP}def {name}(", *(f"{STEP * 2}{each}," for each in given), f"{STEP}){hint}:"]


def _type(count: int) -> str:
    """The type of so many tensors."""
    if count > MOST_TYPES:
        return "tuple[torch.Tensor, ...]"
    return f"tuple[{', '.join(['torch.Tensor'] * count)}]" if count > 1 else "torch.Tensor"


def _alike(template: Template) -> list[tuple[int, ...]]:
    """The rows that stand in the same place of equal blocks."""
    return list(zip(*(outline.block.rows for outline in template.blocks), strict=True))
