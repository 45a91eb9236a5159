"""How a layer is constructed in code: torch's class, and the arguments that have to be written."""

from dataclasses import MISSING, dataclass, replace
from typing import Any

from layerscope.layers.base import Layer
from layerscope.source.spelling import Argument, argument
from layerscope.steps import Step, Trace

NEVER_LAZY = frozenset({"GroupNorm"})
"""Types that are decided by what arrives and of which torch has no class that waits for it."""

LONGEST_PRODUCT = 60
"""Characters; a longer product would have to be broken over lines."""


@dataclass(frozen=True)
class Construction:
    """`nn.Conv2d(in_channels=1, ...)` in parts. `note` says in words what is not known."""

    function: str
    arguments: tuple[Argument, ...]
    note: str = ""


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
    return Construction(f"nn.{layer.type}", tuple(arguments))


def _decided(name: str, value: Any, step: Step, trace: Trace) -> Argument:
    """A value that the arriving shape decides: as the product of the sizes that were flattened, if that is whence."""
    counts_all = name == "in_features" or len(step.input_shape) == 1
    sizes = _flattened(step, name, trace) if name in step.layer.decides and counts_all else ()
    product = Argument(f"{name}={' * '.join(map(str, sizes))}")
    return product if len(sizes) > 1 and len(product.text) < LONGEST_PRODUCT else argument(name, value)


def _flattened(step: Step, name: str, trace: Trace) -> tuple[int, ...]:
    """The sizes that a Flatten merged into the last axis of what arrives; () where none did."""
    source = trace.by_name.get(step.decisions[name].by)
    if source is None or source.type != "Flatten" or source.output_shape is None:
        return ()
    kept = len(source.output_shape) - 1
    return source.input_shape[kept:] if source.output_shape[:kept] == source.input_shape[:kept] else ()


def _not_reached(layer: Layer, last: str) -> Construction:
    """A layer behind one that does not run: nobody knows what arrives, so torch is left to find out where it can."""
    arguments = [argument(name, value) for name, value in written_arguments(layer).items()]
    if layer.decides and layer.type not in NEVER_LAZY:
        note = (
            f"{layer.decides[0]} is not known because {last} does not run; a Lazy layer takes it from the first batch."
        )
        return Construction(f"nn.Lazy{layer.type}", tuple(arguments), note)
    unknown = ""
    if layer.type in NEVER_LAZY:
        groups, unknown = layer.chosen["num_groups"], "num_channels"
        one_each = groups if type(groups) is int and groups > 0 else 1  # torch takes no fewer channels than groups
        arguments.insert(1, argument(unknown, one_each))
    elif layer.chosen.get("normalized_shape", 0) is None:
        unknown = "normalized_shape"
        arguments.insert(0, argument(unknown, ()))
    note = f"{unknown} is not known because {last} does not run." if unknown else ""
    return Construction(f"nn.{layer.type}", tuple(arguments), note)
