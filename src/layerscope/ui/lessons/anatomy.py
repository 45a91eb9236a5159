"""Lesson 1: parameter and argument, by position and by name, on a layer of the network."""

from typing import Any

from layerscope.explain import written_count
from layerscope.figures import calling
from layerscope.figures.calling import Given
from layerscope.network import Network
from layerscope.source.spelling import argument, call, value_text
from layerscope.tracing import trace
from layerscope.ui.coding import code_part
from layerscope.ui.lessons.calls import REQUIRED, Call, calls, plainest
from layerscope.ui.lessons.page import Page

Part = dict[str, Any]
SAME, OTHER, ERROR = "the same layer", "a different layer", "none, an error"


def needs(network: Network) -> str:
    """What a network must have."""
    return "" if calls(trace(network)) else "it has neither a convolution nor a linear layer"


def body(page: Page) -> None:
    """One call: what fills what; the same by name, in another order; a parameter filled twice; a default."""
    page.say(
        "A **parameter** is a name in a **signature**: a place for a value. An **argument** is the value that you pass "
        "for it. You pass arguments by position (**positional arguments**) or by name (**keyword arguments**). The "
        "class's **constructor**, `__init__`, takes them and builds the layer."
    )
    shown = plainest(page.trace)
    page.tell(f"This call builds {shown.step.name} of the network: {shown.by_position}.")
    filled = _passed(page, shown)
    page.figures("call", [_code("code", "The call", "by position", [f"{_target(shown)}{shown.by_position}"]),
                          _picture("call", shown, filled, defaults=False)])  # fmt: skip
    if filled and _turned(page, shown) and _twice(page, shown):
        _left_out(page, shown)


def _passed(page: Page, shown: Call) -> bool:
    """Which argument goes where; whether both questions were answered."""
    names, values = list(shown.values), list(shown.values.values())
    first = names[-1] if len(names) > 2 else names[0]
    order = ", ".join(names)
    why = f"{first} is parameter number {names.index(first) + 1} in the signature: {order}."
    question = f"In {shown.by_position}, which argument is passed for {first}?"
    also = argument(first, shown.values[first]).text
    if not page.predict("value", question, value_text(shown.values[first]), why, also=also):
        return False
    question = f"In the same call, which parameter gets the second argument, {value_text(values[1])}?"
    options = [name for name in shown.signature if name not in shown.more][: max(len(names), 3)]
    why = f"Positional arguments are assigned from left to right: {order}."
    return page.predict("second", question, names[1], why, options)


def _turned(page: Page, shown: Call) -> bool:
    """The same arguments by name, in another order."""
    page.next_row()
    turned = dict(reversed(shown.values.items()))
    written = shown.written([], turned | shown.more)
    question = f"The same arguments by name, in another order: which layer does {written} build?"
    why = "Each name says where its value goes, so the order of keyword arguments does not matter."
    answer = SAME if shown.bound([], turned) == shown.bound(list(shown.values.values()), {}) else OTHER
    if not page.predict("order", question, answer, why, [SAME, OTHER, ERROR]):
        return False
    every = [argument(name, value) for name, value in (turned | shown.more).items()]
    named = [Given(each.text, name, by_name=True) for each, name in zip(every, turned | shown.more, strict=True)]
    code = _code("named", "The call by name", "by name", call(_target(shown), shown.function, every))
    page.figures("turned", [code, _small(shown, "turned", "By name, in another order", named)])
    return True


def _twice(page: Page, shown: Call) -> bool:
    """Two values for one parameter."""
    page.next_row()
    name = next(iter(shown.values))
    positional, doubled = shown.twice
    question = f"Which layer does {shown.twice_written} build?"
    first = value_text(positional[0])
    why = f"{first} is passed for {name} by position, and then {name} is passed again by name. {shown.refusal}."
    options = [f"{name} is {value_text(value)}" for value in (positional[0], doubled[name])]
    if not page.predict("twice", question, ERROR, why, [*dict.fromkeys(options), ERROR]):
        return False
    page.figures("twice", [_small(shown, "twice", "Two values for one parameter", _given_twice(shown))])
    return True


def _left_out(page: Page, shown: Call) -> None:
    """What holds where a call passes nothing."""
    page.next_row()
    name, default = shown.unpassed
    question = f"A call of {shown.function} passes nothing for {name}. What is {name} then?"
    why = "A parameter keeps its default when the call passes nothing for it, and the signature says "
    why += f"{argument(name, default).text}."
    words = shown.step.layer.parameters()[name].words if name in shown.step.layer.parameters() else ()
    options = list(words) if len(words) > 1 and isinstance(default, str) else []
    options = ["True", "False"] if isinstance(default, bool) else options
    if page.predict("default", question, str(default), why, options):
        page.figures("default", [_picture("default", shown, filled=True, defaults=True)])
        page.tell(_how_many(shown))
        page.say(
            "Do not confuse this with an `nn.Parameter`: that is a tensor of numbers that training changes, a "
            "**learnable parameter**. A **hyperparameter** is a setting that you choose before training."
        )


def _how_many(shown: Call) -> str:
    """How many parameters the layer has, and how many of them have a default."""
    required = [name for name, value in shown.signature.items() if value is REQUIRED]
    usual = len(shown.signature) - len(required)
    return (
        f"{shown.function} has {len(shown.signature)} parameters in its signature, and {usual} of them have a default. "
        f"So a call needs only {written_count(len(required), 'argument')}: {', '.join(required)}."
    )


def _target(shown: Call) -> str:
    return f"self.{shown.step.name} = "


def _code(key: str, title: str, comment: str, lines: list[str]) -> Part:
    text = "\n".join([f"# {comment}", *lines])
    return {"key": key, "title": title, "height": 67 + 19 * len(lines), **code_part(text)}


def _picture(key: str, shown: Call, filled: bool, defaults: bool) -> Part:
    """The whole signature; what the call passes stands beside it once that is known."""
    parameters, given = _parameters(shown, defaults), shown.given if filled else []
    return {
        "key": key, "title": "Which argument goes where" if filled else f"The signature of {shown.function}",
        "height": calling.height(parameters), "note": calling.legend(given),
        "description": calling.description(parameters, given), **calling.calling(parameters, given),
    }  # fmt: skip


def _parameters(shown: Call, defaults: bool) -> list[tuple[str, str]]:
    told = {name: "" if value is REQUIRED else value_text(value) for name, value in shown.signature.items()}
    return [(name, text if defaults else "") for name, text in told.items()]


def _given_twice(shown: Call) -> list[Given]:
    positional, doubled = shown.twice
    given = [Given(value_text(value), n, by_name=False) for n, value in zip(shown.values, positional, strict=False)]
    return given + [Given(argument(name, value).text, name, by_name=True) for name, value in doubled.items()]


def _small(shown: Call, key: str, title: str, given: list[Given]) -> Part:
    """The picture of another call, with only those parameters that it passes or that torch demands."""
    passed = {*shown.values, *(each.parameter for each in given)}
    parameters = [(name, "") for name in shown.signature if name in passed]
    return {
        "key": key, "title": title, "height": calling.height(parameters), "note": calling.legend(given),
        "description": calling.description(parameters, given), **calling.calling(parameters, given),
    }  # fmt: skip
