"""Layers that forward never uses, and layers that torch does not find."""

import ast
import re
from collections.abc import Container, Iterable, Iterator, Sequence

from layerscope.source.expressing import Told
from layerscope.source.labels import label_of
from layerscope.source.python.values import Unknown
from layerscope.source.reading import Idle, Note, Span
from layerscope.source.remarks.case import Case
from layerscope.source.text.paste import short
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import LayerModule, Module, walked
from layerscope.source.torch.parts import Part

MOST_NAMES = 20
MOST_REMOVED = 3
"""Layers that a button takes away; of more it may be a part of forward that is missing."""


def remark(case: Case) -> Iterator[Note]:
    """Remarks about what forward never uses, and about layers that torch does not find."""
    run, network, called = case.run, case.followed.instance, case.followed.called
    if not isinstance(network, ModuleObject) or case.followed.fault is not None:
        return
    for name, value in network.attributes.items():
        row = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list | tuple) else []
        if any(isinstance(part, LayerModule) and id(part) in called and part.owner is None for part in row):
            run.watch.plain_list(run, network, name)
    idle = dict(_idle(network, called))
    others = [
        name for name, value in network.attributes.items() if isinstance(value, Unknown) and "nn." in value.reason
    ]
    if idle:
        layers = [layer for found in idle.values() for layer in found]
        count = still_counted(layers)
        torch_counts = f"; PyTorch still counts their {count:,} parameters" if count else ""
        more = f" and {len(idle) - MOST_NAMES} more" if len(idle) > MOST_NAMES else ""
        is_one_way = case.followed.is_one_way or any(_is_read(case, name) for name in idle)
        words = "forward does not use when it runs as shown" if is_one_way else "forward never uses"
        sentence = f"Layers that {words}: {', '.join([*idle][:MOST_NAMES])}{more}{torch_counts}."
        told = [] if is_one_way else _without(case, network, [*idle])
        ways = tuple((label_of([each]), (each[0],)) for each in told)
        every = tuple(edit for edit, _ in told)
        yield Idle(None, short(sentence), label_of(told), every, ways) if told else case.note(sentence)
    if others:
        yield case.note(f"Not shown, because forward never uses it: {', '.join(others[:MOST_NAMES])}.")


def _without(case: Case, network: ModuleObject, names: Sequence[str]) -> list[Told]:
    """What takes the lines away that make these layers; [] where one of them is more than a line of its own, or they
    are many."""
    told: list[Told] = []
    made = {id(node.value): node for node in case.code.nodes if isinstance(node, ast.Assign)}
    for name in names if len(names) <= MOST_REMOVED else ():
        node = made.get(id(getattr(network.attributes.get(name), "node", None)))
        if node is None or case.paste.text.count(f"self.{name}") != 1 or ast.unparse(node.targets[0]) != f"self.{name}":
            return []
        span, lines = case.paste.span(node), case.paste.lines
        row = lines[span.line - 1]
        alone = not row[: span.column - 1].strip() and not row[span.end_column - 1 :].partition("#")[0].strip()
        if span.line != span.end_line or span.line >= len(lines) or not alone:
            return []
        told.append(((Span(span.line, 1, span.end_line + 1, 1), ""), f"remove self.{name}"))
    return told


def _is_read(case: Case, name: str) -> bool:
    """Whether the code reads that attribute somewhere: in an if that does not hold, or a method that nothing calls."""
    return re.search(rf"\bself\.{re.escape(name)}\b(?!\s{{0,9}}[=.])", case.paste.text) is not None


def _idle(top: ModuleObject, called: Container[int]) -> Iterator[tuple[str, list[LayerModule]]]:
    """The path of each module of which no layer is ever used, the outermost ones, with its layers.

    What only shapes or activates is named in the network itself, not in its blocks.
    """
    found = walked(top)
    if all(id(each) in called for _, each in found if isinstance(each, LayerModule)):
        return
    layers: dict[int, list[LayerModule]] = {}
    inside: set[int] = set()
    for _, each in found[::-1]:
        own = [each] if isinstance(each, LayerModule) else []
        layers[id(each)] = [*own, *(layer for child in _children(each) for layer in layers.get(id(child), ()))]
    for path, each in found:
        if id(each) in inside or (path and isinstance(each, Part)):
            inside |= {id(child) for child in _children(each)}
        elif path and layers[id(each)] and not any(id(layer) in called for layer in layers[id(each)]):
            inside |= {id(child) for child in _children(each)}
            if "." not in path or any(parameters_of(layer) != 0 for layer in layers[id(each)]):
                yield path, layers[id(each)]


def _children(module: Module) -> list[Module]:
    return [child for child in module.children().values() if isinstance(child, Module)]


def still_counted(layers: Iterable[LayerModule]) -> int:
    """The learnable values of layers that are not shown; 0 where that is not known of each of them."""
    counts = [parameters_of(layer) for layer in layers]
    return sum(each for each in counts if each is not None) if None not in counts else 0


def parameters_of(made: LayerModule) -> int | None:
    """The learnable values of a layer; None where its own words do not say them."""
    if made.layer is None or any(type(each.value) is not int for each in made.in_values):
        return None
    widths = [each.value for each in made.in_values[:1]]
    try:
        formula = made.layer.parameter_formula((*(widths or [1]), *(1,) * (made.layer.dims or 0)))
        return max(int(formula.value), 0) if formula is not None else 0
    except (TypeError, ValueError, ArithmeticError, LookupError):  # the layer could not even be built
        return None
