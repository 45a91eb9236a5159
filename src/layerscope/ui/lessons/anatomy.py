"""Lesson 1: parameter and argument, by position and by name, on a layer of the network."""

import inspect
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from layerscope.figures import calling
from layerscope.figures.calling import Given
from layerscope.network import Network
from layerscope.source.spelling import argument, call, value_text
from layerscope.steps import Step, Trace
from layerscope.tracing import trace
from layerscope.ui.coding import code_part
from layerscope.ui.lessons.frame import Page

Part = dict[str, Any]
REQUIRED = inspect.Parameter.empty
SAME, OTHER, ERROR = "the same layer", "another layer", "none, an error"


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


def needs(network: Network) -> str:
    """What a network must have."""
    return "" if _calls(trace(network)) else "it has no convolution and no linear layer"


def body(page: Page) -> None:
    """One call: what fills what; the same by name, in another order; a parameter filled twice; a default."""
    page.say(
        "A **parameter** is a name in a signature, a place that waits for a value. An **argument** is the value that a "
        "call puts there. Arguments go in **by position** or **by name**; Python calls the latter keyword arguments."
    )
    shown = _chosen(page.trace)
    page.tell(f"The network's {shown.step.name} is built by {shown.by_position}.")
    reached = _asked(page, shown)
    linked, turned, wrong, defaults = (reached > place for place in (1, 2, 3, 4))
    figures = [_code(shown, turned), _picture(shown, linked, defaults)]
    if turned:
        named = [Given(argument(n, v).text, n, by_name=True) for n, v in reversed(shown.values.items())]
        figures.append(_small(shown, "turned", "By name, in another order", named))
    if wrong:
        figures.append(_small(shown, "twice", "Two values for one parameter", _given_twice(shown)))
    page.figures("call", figures)
    if defaults:
        page.say(
            "Most parameters of a layer have a default, so that a short call is enough; it is not true that a "
            "convolution has only three. And beware of the word: an `nn.Parameter` is something else, a tensor of "
            "numbers that training changes. A *hyperparameter* is a setting that you choose."
        )


def _asked(page: Page, shown: Call) -> int:
    """Ask one after the other; how many were answered."""
    names, values = list(shown.values), list(shown.values.values())
    first = names[-1] if len(names) > 2 else names[0]
    order = ", ".join(names)
    why = f"{first} is number {names.index(first) + 1} in the signature: {order}."
    question = f"{shown.by_position}: what is the argument of {first}?"
    if not page.predict("value", question, value_text(shown.values[first]), why):
        return 0
    question = f"In the same call: which parameter does the second argument, {value_text(values[1])}, fill?"
    options = [name for name in shown.signature if name not in shown.more][: max(len(names), 3)]
    why = f"Positional arguments fill the parameters from left to right: {order}."
    if not page.predict("second", question, names[1], why, options):
        return 1
    turned = dict(reversed(shown.values.items()))
    question = f"By name, in another order: which layer does {shown.written([], turned | shown.more)} build?"
    why = "A name says where its value goes, so the order of named arguments means nothing."
    answer = SAME if _bound(shown, [], turned) == _bound(shown, values, {}) else OTHER
    if not page.predict("order", question, answer, why, [SAME, OTHER, ERROR]):
        return 2
    positional, doubled = shown.twice
    question = f"Which layer does {_twice_written(shown)} build?"
    why = f"{value_text(positional[0])} fills {names[0]} by position, and a name fills it again. {_refusal(shown)}."
    options = [f"{names[0]} is {value_text(value)}" for value in (positional[0], doubled[names[0]])]
    if not page.predict("twice", question, ERROR, why, [*dict.fromkeys(options), ERROR]):
        return 3
    name, default = _unpassed(shown)
    question = f"The call of {shown.step.name} passes nothing for {name}. Which value does {name} have?"
    why = f"The signature says {argument(name, default).text}: a default holds wherever a call passes nothing."
    words = shown.step.layer.parameters()[name].words if name in shown.step.layer.parameters() else ()
    options = ["True", "False"] if isinstance(default, bool) else list(words) if isinstance(default, str) else []
    return 5 if page.predict("default", question, str(default), why, options) else 4


def _bound(shown: Call, values: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    """Which parameter gets what, as Python says."""
    signature = inspect.signature(shown.step.layer.torch_class)
    return dict(signature.bind(*values, **named, **shown.more).arguments)


def _unpassed(shown: Call) -> tuple[str, Any]:
    """The first parameter that the call leaves to its default; one whose default is a value."""
    free = {name: value for name, value in shown.signature.items() if name not in (*shown.values, *shown.more)}
    return next((item for item in free.items() if item[1] is not None), next(iter(free.items())))


def _calls(seen: Trace) -> list[Call]:
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


def _chosen(seen: Trace) -> Call:
    """A call whose values differ, so that none can be taken for another; a convolution's, and a short one."""
    calls = _calls(seen)
    differ = [shown for shown in calls if len(set(map(value_text, shown.values.values()))) == len(shown.values)]
    return min(
        differ or calls,
        key=lambda shown: ("in_channels" not in shown.values, shown.step.input_shape[0] == 1, len(shown.more)),
    )


def _twice_written(shown: Call) -> str:
    positional, doubled = shown.twice
    return shown.written([value_text(value) for value in positional], doubled)


def _refusal(shown: Call) -> str:
    """What Python says of the mistake: it refuses before anything is built."""
    positional, doubled = shown.twice
    try:
        shown.step.layer.torch_class(*positional, **doubled)
    except TypeError as error:
        return f"Python says TypeError: {error}"
    return ""


def _code(shown: Call, named: bool) -> Part:
    target = f"self.{shown.step.name} = "
    every = [argument(name, value) for name, value in (shown.values | shown.more).items()]
    lines = ["# by position", target + shown.by_position]
    if named:
        lines += ["# by name", *call(target, shown.function, every)]
    return {"key": "code", "title": "The call", "height": 48 + 19 * len(lines), **code_part("\n".join(lines))}


def _picture(shown: Call, linked: bool, defaults: bool) -> Part:
    parameters = _parameters(shown, defaults)
    return {
        "key": "call", "title": "What fills what", "height": calling.height(parameters),
        "note": calling.legend(shown.given) if linked else "",
        "description": calling.description(parameters, shown.given, linked),
        **calling.calling(parameters, shown.given, linked),
    }  # fmt: skip


def _parameters(shown: Call, defaults: bool) -> list[tuple[str, str]]:
    told = {name: "" if value is REQUIRED else value_text(value) for name, value in shown.signature.items()}
    return [(name, text if defaults else "") for name, text in told.items()]


def _given_twice(shown: Call) -> list[Given]:
    positional, doubled = shown.twice
    given = [Given(value_text(value), n, by_name=False) for n, value in zip(shown.values, positional, strict=False)]
    return given + [Given(argument(name, value).text, name, by_name=True) for name, value in doubled.items()]


def _small(shown: Call, key: str, title: str, given: list[Given]) -> Part:
    """The picture of another call, of the parameters only that torch demands."""
    parameters = [(name, "") for name in shown.values]
    return {
        "key": key, "title": title, "height": calling.height(parameters), "note": calling.legend(given),
        "description": calling.description(parameters, given), **calling.calling(parameters, given),
    }  # fmt: skip
