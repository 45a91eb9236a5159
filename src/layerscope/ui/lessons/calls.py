"""The call that builds a layer of a network: what is passed by position, what by name, and what not at all."""

import inspect
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from layerscope.figures.calling import Given
from layerscope.source.spelling import argument, value_text
from layerscope.steps import Step, Trace

REQUIRED = inspect.Parameter.empty
"""The default of a parameter that has none."""


@dataclass(frozen=True)
class Call:
    """The call that builds a layer. `values` are the arguments that torch demands, `more` those that differ from the
    defaults."""

    step: Step
    values: dict[str, Any]
    more: dict[str, Any]

    @property
    def function(self) -> str:
        return f"nn.{self.step.type}"

    @cached_property
    def signature(self) -> dict[str, Any]:
        """Every parameter of torch's class with its default, in order."""
        parameters = inspect.signature(self.step.layer.torch_class).parameters.values()
        return {parameter.name: parameter.default for parameter in parameters}

    @property
    def by_position(self) -> str:
        return self.written([value_text(value) for value in self.values.values()], self.more)

    def written(self, first: list[str], named: dict[str, Any]) -> str:
        """The call on one line."""
        return f"{self.function}({', '.join([*first, *(argument(name, value).text for name, value in named.items())])})"

    @property
    def given(self) -> list[Given]:
        first = [Given(value_text(value), name, by_name=False) for name, value in self.values.items()]
        return first + [Given(argument(name, value).text, name, by_name=True) for name, value in self.more.items()]

    @property
    def twice(self) -> tuple[list[Any], dict[str, Any]]:
        """The mistake: the last value goes first, and the parameter that it fills is named besides."""
        values = list(self.values.values())
        name = next(iter(self.values))
        return [values[-1], *values[1:-1]], {name: values[0]}

    @property
    def twice_written(self) -> str:
        positional, doubled = self.twice
        return self.written([value_text(value) for value in positional], doubled)

    @property
    def refusal(self) -> str:
        """What Python says of the mistake: it refuses before anything is built."""
        positional, doubled = self.twice
        try:
            self.step.layer.torch_class(*positional, **doubled)
        except TypeError as error:
            return f"Python raises TypeError: {error}"
        return ""

    @property
    def unpassed(self) -> tuple[str, Any]:
        """A parameter with a default that is a value: the first that the call leaves to it, if it leaves one."""
        usual = {name: value for name, value in self.signature.items() if value is not REQUIRED and value is not None}
        return next((item for item in usual.items() if item[0] not in self.more), next(iter(usual.items())))

    def bound(self, values: list[Any], named: dict[str, Any]) -> dict[str, Any]:
        """Which parameter gets what, as Python says."""
        signature = inspect.signature(self.step.layer.torch_class)
        return dict(signature.bind(*values, **named, **self.more).arguments)


def calls(seen: Trace) -> list[Call]:
    """The calls of the layers that torch demands several arguments for."""
    found = []
    for step in seen.steps:
        if "in_channels" in step.arguments or "in_features" in step.arguments:
            signature = inspect.signature(step.layer.torch_class).parameters
            defaults = {name: signature[name].default for name in step.arguments}
            needed = {name: value for name, value in step.arguments.items() if defaults[name] is REQUIRED}
            usual = [(type(defaults[name]), defaults[name]) for name in step.arguments]
            own = [(type(value), value) for value in step.arguments.values()]
            more = [n for n, mine, theirs in zip(step.arguments, own, usual, strict=True) if mine != theirs]
            found.append(Call(step, needed, {n: step.arguments[n] for n in more if n not in needed}))
    return found


def plainest(seen: Trace) -> Call:
    """A call whose values differ, so that none can be taken for another; a convolution's, and a short one."""
    every = calls(seen)
    differ = [shown for shown in every if len(set(map(value_text, shown.values.values()))) == len(shown.values)]
    return min(
        differ or every,
        key=lambda shown: ("in_channels" not in shown.values, shown.step.input_shape[0] == 1, len(shown.more)),
    )
