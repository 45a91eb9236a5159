"""What asking torch would cost, by the closed formulas, before anything is asked.

A batch of zero computes nothing, but torch reserves the weights and fills some tables for it; one real sample, which is
run for torch's own words about a layer that is refused, computes everything. Both are bounded here, also for arguments
that make no sense: where no bound can be told, the answer is no.
"""

from math import prod
from typing import Any

from layerscope import limits
from layerscope.layers.base import Layer, Shape
from layerscope.parameter import MOST_REPEATS, Kind
from layerscope.receptive import Varying, Window

_UNTOLD = (TypeError, ValueError, ArithmeticError, IndexError, KeyError, AttributeError)
"""What closed formulas raise for arguments that make no sense."""


def is_light_when_empty(layer: Layer, arguments: dict[str, Any], *shapes: Shape) -> bool:
    """Whether the module can be built with these arguments, sound or not, and run on a batch of zero."""
    try:
        _check_numbers(layer)
        return (
            _weights(layer, arguments, shapes) <= limits.REAL_WEIGHT.most
            and layer.tables(*shapes) <= limits.TABLES.most
        )
    except _UNTOLD:
        return False


def is_light_for_one(layer: Layer, *shapes: Shape) -> bool:
    """Whether one real sample stays small, whatever torch makes of it."""
    try:
        _check_numbers(layer)
        # Where an axis is missing, torch takes the batch for the channels.
        taken = tuple([(1, *shape) if layer.dims and len(shape) == layer.dims else shape for shape in shapes])
        if layer.dims and any(len(shape) != layer.dims + 1 for shape in taken):
            return False
        outputs = [tuple(formula.value for formula in port) for port in layer.port_formulas(*taken)]
        cells = max(sum(map(prod, taken)), sum(map(prod, outputs)), layer.scratch(*taken))
        macs = layer.mac_formula(taken[0], outputs[0], *taken[1:]) if taken else None
        operations = max(prod(outputs[0]) * reads(layer, taken, outputs[0]), macs.value if macs else 0)
        return min(map(min, outputs)) > 0 and cells <= limits.SAMPLE.most and operations <= limits.OPERATIONS.most
    except _UNTOLD:
        return False


def _weights(layer: Layer, arguments: dict[str, Any], shapes: tuple[Shape, ...]) -> int:
    """At most so many weights, with `arguments` in place of those that the shape decides."""
    numbers = [abs(int(n)) for n in _parts(arguments.values()) if type(n) in (int, float)]
    most = prod(max(n, 1) for n in numbers)  # no layer has more than the product of all it is given
    try:
        _check_numbers(layer)
        formula = layer.parameter_formula(*shapes)
        told = abs(formula.value) if formula else 0
        return min(most, told) if _is_as_decided(layer, arguments, shapes) else most
    except _UNTOLD:
        return most


def _is_as_decided(layer: Layer, arguments: dict[str, Any], shapes: tuple[Shape, ...]) -> bool:
    return all(arguments.get(name) == value for name, value in layer.decided(*shapes).items())


def _check_numbers(layer: Layer) -> None:
    """Raise TypeError where a text or a row stands for a number: to Python "x" * 10**9 is a text of that length."""
    for name, parameter in layer.parameters().items():
        value = getattr(layer, name)
        is_row = isinstance(value, tuple) and not parameter.per_axis and parameter.kind is not Kind.SHAPE
        if parameter.kind in (Kind.INTEGER, Kind.NUMBER, Kind.SHAPE) and (
            is_row or any(isinstance(part, str) and part not in parameter.words for part in _parts([value]))
        ):
            raise TypeError(f"{name} is not a number")
        if parameter.high == MOST_REPEATS and (type(value) is not int or value > MOST_REPEATS):
            raise TypeError(f"{name} would be built one by one")


def _parts(values: Any) -> list[Any]:
    return [part for value in values for part in (value if isinstance(value, tuple) else (value,))]


def reads(layer: Layer, shapes: tuple[Shape, ...], output: Shape) -> int:
    """Input cells that one output cell is made from, at most."""
    reach = layer.reach(*shapes)
    if not isinstance(reach, tuple):
        return 1  # cell by cell; those that see everything count multiply-accumulates, or sums done once
    cells = 1
    for axis in reach:
        if isinstance(axis, Window):
            cells *= (axis.extent - 1) // axis.step + 1
        elif isinstance(axis, Varying):
            cells *= int(axis.stride) + 4
    return cells
