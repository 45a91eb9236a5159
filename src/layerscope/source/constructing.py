"""How a layer is constructed in code: torch's class, and the arguments that have to be written."""

from dataclasses import MISSING, dataclass, replace
from typing import Any

from layerscope.asking import is_known
from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer
from layerscope.source.spelling import Argument, argument
from layerscope.steps import Step, Trace

NEVER_LAZY = frozenset(name for name, kind in CATALOGUE.items() if kind.decides and not is_known(f"Lazy{name}"))
"""Types that are decided by the input and of which torch has no class that waits for it."""
_OPTIONAL = ("kdim", "vdim")
_DIVIDING = ("num_groups", "num_heads", "nhead")
"""Arguments that have to divide what is not known."""

LONGEST_PRODUCT = 60
"""Characters; a longer product would need several lines."""


@dataclass(frozen=True)
class Construction:
    """`nn.Conv2d(in_channels=1, ...)` in parts. `note` says what is not known, `runs` whether the layer runs."""

    function: str
    arguments: tuple[Argument, ...]
    note: str = ""
    runs: bool = False


def constructions(trace: Trace) -> list[Construction]:
    """One for each layer of the network, those that are not reached included."""
    reached = [_reached(step, trace) for step in trace.steps]
    last = trace.steps[-1].name if trace.steps else ""
    others = [_not_reached(layer, last) for layer in trace.network.resolved[len(reached) :]]
    lazy = [place for place, made in enumerate(others) if made.function.startswith("nn.Lazy")]
    for place in lazy[1:]:  # why it is lazy is told once
        others[place] = replace(others[place], note="")
    return reached + others


def written_arguments(layer: Layer) -> dict[str, Any]:
    """The chosen arguments that torch would not assume by itself, in torch's order."""
    defaults = {name: layer.__dataclass_fields__[name].default for name in layer.parameters()}
    return {name: value for name, value in layer.chosen.items() if not _same(value, defaults[name])}


def _same(value: Any, default: Any) -> bool:
    """Whether torch would take both for the same: to Python True equals 1 and 2.0 equals 2, to torch they do not."""
    return default is not MISSING and type(value) is type(default) and value == default


def _reached(step: Step, trace: Trace) -> Construction:
    layer, written = step.layer, written_arguments(step.layer)
    arguments = []
    for name, value in step.arguments.items():
        if name in layer.decides or (name == "normalized_shape" and layer.chosen[name] is None):
            arguments.append(_decided(name, value, step, trace))
        elif name in written:
            arguments.append(argument(name, value))
    return Construction(f"nn.{layer.type}", tuple(arguments), runs=step.error is None)


def _decided(name: str, value: Any, step: Step, trace: Trace) -> Argument:
    """A value that the input's shape decides: as a product of the flattened sizes, if it comes from a flatten."""
    counts_all = name == "in_features" or len(step.input_shape) == 1
    sizes = _flattened(step, name, trace) if name in step.layer.decides and counts_all else ()
    product = Argument(f"{name}={' * '.join(map(str, sizes))}")
    return product if len(sizes) > 1 and len(product.text) < LONGEST_PRODUCT else argument(name, value)


def _flattened(step: Step, name: str, trace: Trace) -> tuple[int, ...]:
    """The sizes that a Flatten merged into the last axis of the input; () where none did."""
    source = trace.by_name.get(step.decisions[name].by)
    if source is None or source.type != "Flatten" or source.output_shape is None:
        return ()
    kept = len(source.output_shape) - 1
    return source.input_shape[kept:] if source.output_shape[:kept] == source.input_shape[:kept] else ()


def _not_reached(layer: Layer, last: str) -> Construction:
    """A layer after one that does not run: nobody knows its input, so torch is left to find out where it can."""
    arguments = {name: argument(name, value) for name, value in written_arguments(layer).items()}
    if layer.decides and layer.type not in NEVER_LAZY:
        note = f"{layer.decides[0]} is unknown because {last} does not run; a Lazy layer takes it from the first batch."
        return Construction(f"nn.Lazy{layer.type}", tuple(arguments.values()), note)
    unknown = [name for name in layer.decides if name not in _OPTIONAL]
    parts = next((layer.chosen[name] for name in _DIVIDING if name in layer.chosen), 1)
    for name in unknown:  # torch takes no fewer channels than groups, nor features than heads
        arguments[name] = argument(name, parts if type(parts) is int and parts > 0 else 1)
    if not unknown and layer.chosen.get("normalized_shape", 0) is None:
        unknown = ["normalized_shape"]
        arguments["normalized_shape"] = argument("normalized_shape", ())
    ordered = tuple(arguments[name] for name in layer._signature() if name in arguments)
    note = f"{unknown[0]} is unknown because {last} does not run." if unknown else ""
    return Construction(f"nn.{layer.type}", ordered, note)
