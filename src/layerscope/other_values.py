"""Another value for one argument of a row that does not run: a word, none, the default; of numbers the nearest ones.

These are candidates only: `repair` tries each before it is offered.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeVar

from layerscope import closed_form
from layerscope.layers.base import Layer, Shape
from layerscope.network import Network
from layerscope.parameter import Kind, Parameter
from layerscope.rewiring import Candidate
from layerscope.searching import Budget, Failing

FARTHEST = 600
"""How far from the current value another is looked for."""

T = TypeVar("T")


def other_values(failing: Failing, layer: Layer, name: str, budget: Budget) -> Iterator[Candidate]:
    """Another value of one argument: a word, none, the default; of numbers the nearest below and above."""
    network, place, shapes, known = failing
    parameter, current = layer.parameters()[name], getattr(layer, name)

    def suits(value: object) -> bool:
        return layer.with_chosen(name, value).complaint(*shapes) is None

    def changed(value: object) -> Network:
        return network.with_argument(layer.name, name, value)

    def runs(value: object) -> bool:
        later = len(network.layers) - place
        return suits(value) and budget.allows(later) and closed_form.runs(changed(value), known)

    for value in _other_kinds(layer, name, parameter, shapes):
        if suits(value):
            yield f"no {name}" if value is None else f"{name} {value}", changed(value)
    if parameter.kind is not Kind.INTEGER or (current is None and name != "stride"):
        return
    numbers = [n for n in (current if isinstance(current, tuple) else (current,)) if type(n) is int]
    low, high = int(parameter.low), int(parameter.high)
    low = max(low, 0) if min(numbers, default=0) >= 0 else low  # an axis stays counted from the side it was
    most = min(max([*numbers, low]), high + 1)
    least = max(min([*numbers, high]), low - 1)
    if isinstance(current, tuple) and len(current) == len(numbers) == layer.values_per_parameter(*shapes):
        capped = (tuple(min(n, v) for n in numbers) for v in range(most - 1, max(low, most - FARTHEST) - 1, -1))
        raised = (tuple(max(n, v) for n in numbers) for v in range(least + 1, min(high, least + FARTHEST) + 1))
        yield from ((f"{name} {v}", changed(v)) for side in (capped, raised) if (v := _nearest(side, suits, runs)))
        return
    for words, side, end in (
        ("or less", range(most - 1, max(low, most - FARTHEST) - 1, -1), low),
        ("or more", range(least + 1, min(high, least + FARTHEST) + 1), high),
    ):
        number = _nearest(iter(side), suits, runs)
        if number is not None:
            all_beyond = parameter.low >= 0 and _all_beyond(number, end, suits, runs if runs(number) else suits)
            yield f"{name} {number} {words}" if all_beyond else f"{name} {number}", changed(number)


def _other_kinds(layer: Layer, name: str, parameter: Parameter, shapes: tuple[Shape, ...]) -> Iterator[object]:
    """Values of another kind than the current one: words, None, the default where the kind is wrong, an open size."""
    current = getattr(layer, name)
    if parameter.kind is Kind.CHOICE:
        yield from (word for word in parameter.words if word != current)
    if current in parameter.words and parameter.kind is Kind.INTEGER and "kernel_size" in layer.chosen:
        yield _half(layer)
    if parameter.optional and current is not None:
        yield None
    if parameter.complaint(name, current, layer.values_per_parameter(*shapes)) or current is None:
        yield layer.usual(name)
    if parameter.kind is Kind.SHAPE and isinstance(current, tuple) and parameter.low == -1:
        yield from ((*current[:i], -1, *current[i + 1 :]) for i in range(len(current) - 1, -1, -1))


def _half(layer: Layer) -> int | tuple[int, ...]:
    """Half of what a kernel covers beside its middle: the padding in numbers that "same" stands for at stride 1."""
    kernel, dilation = layer.chosen["kernel_size"], layer.chosen.get("dilation", 1)
    each = [kernel] if type(kernel) is int else kernel
    wide = [dilation] * len(each) if type(dilation) is int else dilation
    half = tuple(step * (size - 1) // 2 for size, step in zip(each, wide, strict=False))
    return half[0] if len(set(half)) == 1 else half


def _nearest(values: Iterator[T], suits: Callable[[T], bool], runs: Callable[[T], bool]) -> T | None:
    """The first of `values` with which the whole network runs, else the first that suits the layer."""
    fitting = list(islice(filter(suits, values), 32))
    return next(filter(runs, fitting), fitting[0] if fitting else None)


def _all_beyond(value: int, end: int, suits: Callable[[int], bool], runs: Callable[[int], bool]) -> bool:
    """Whether the values from `value` towards `end` are as good: each suits the layer, and those tried run."""
    step = 1 if end > value else -1
    if value == end or (step < 0 and value - end > 64):
        return False
    beyond = range(value + step, end + step, step)[:64]
    return suits(end) and all(map(suits, beyond)) and all(runs(v) for v in {*beyond[:3], *beyond[7::16], beyond[-1]})
