"""Questions about single arguments: which value is passed, and who decides it."""

from collections.abc import Iterator
from random import Random
from typing import Any

from layerscope.explain import reason, value_text, with_reason
from layerscope.parameter import Role
from layerscope.steps import Step
from layerscope.study.quiz.drafting import Draft, draft, shuffled
from layerscope.study.quiz.subject import Subject, call

POSITIONS = {"Linear": ("in_features", "out_features")}
OF_CONVOLUTIONS = ("in_channels", "out_channels", "kernel_size")

ANSWERS = {
    Role.YOU: "You choose it",
    Role.DATA: "The data decides it",
    Role.LAYER: "The layer before decides it",
}


def argument(subject: Subject, rng: Random) -> Iterator[Draft]:
    """Which argument is passed for a parameter, in a call that names none."""
    pairs = [(step, name) for step in subject.weighted for name in _positions(step)]
    for step, name in shuffled(rng, pairs):
        values = {each: _plain(step, each) for each in _positions(step)}
        mistakes = [
            (value, f"That is the argument for {other}: the order is {', '.join(values)}.")
            for other, value in values.items()
            if other != name
        ]
        mistakes.insert(
            0, (name, "That is the parameter, a name in the signature; the argument is the value that is passed.")
        )
        mistakes.append((step.name, "That is the layer's name in the network, not what is passed to its constructor."))
        text = f"In {step.name} = {call(step, _positions(step))}, which argument is passed for {name}?"
        explanation = f"Positional arguments go in order. nn.{step.type} takes {', '.join(values)}, then the rest, so "
        explanation += f"the argument for {name} is {value_text(values[name])}."
        yield draft(step.name, text, values[name], mistakes, explanation, _written)


def _positions(step: Step) -> tuple[str, ...]:
    return POSITIONS.get(step.type, OF_CONVOLUTIONS)


def _plain(step: Step, name: str) -> Any:
    """The value, a single number where all axes have the same."""
    value = step.arguments[name]
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def _written(value: Any) -> str:
    return value if isinstance(value, str) else value_text(value)


def who_decides(subject: Subject, rng: Random) -> Iterator[Draft]:
    """Whether a value is chosen, or decided by the data or by the layer before."""
    pairs = [(step, name) for step in subject.weighted for name in _askable(subject, step)]
    roles = shuffled(rng, ANSWERS)
    # One of each answer in turn: most arguments are chosen, and a quiz that always says so teaches little.
    rows = {role: shuffled(rng, [p for p in pairs if p[0].decisions[p[1]].role is role]) for role in roles}
    for place in range(max(map(len, rows.values()))):
        for role in roles:
            if place < len(rows[role]):
                yield _decided(subject, *rows[role][place], role)


def _askable(subject: Subject, step: Step) -> Iterator[str]:
    """The arguments of which it is beyond doubt who decides them."""
    for name in ("in_channels", "in_features", "kernel_size", "out_channels", "out_features"):
        if name not in step.decisions:
            continue
        first = step is subject.weighted[0]
        last = step is subject.weighted[-1] or step.name in subject.network.output_names
        if name.startswith("in_"):
            # Something in front of the first weights, such as a pooling, hands on what the data decide.
            clear = step is subject.steps[0] and name == "in_channels" if first else _by_layer(step, name)
        else:
            # How many values the last layer outputs is up to the task, whether as classes or otherwise.
            # Where outputs are added, one width decides the other.
            free = step.name == subject.network.head or (not last and subject.is_free(step))
            clear = not name.startswith("out_") or free
        if clear:
            yield name


def _by_layer(step: Step, name: str) -> bool:
    return step.decisions[name].role is Role.LAYER


def _decided(subject: Subject, step: Step, name: str, role: Role) -> Draft:
    label = f"{step.name}.{name}"
    because = reason(subject.trace, step, name)
    value = value_text(step.arguments[name])
    mistakes = [(other, _wrong(step, name, role, other)) for other in ANSWERS if other is not role]
    text = f"In {step.name} = {call(step, ())}, who decides the value of {name}?"
    if role is Role.YOU:
        because = because.removesuffix(": you choose it").replace(": you choose it (", " (")
    told = with_reason(subject.trace, because.removesuffix(f": {value}"))
    explanation = f"{ANSWERS[role]}: {label} is {value}{told}."
    return draft(step.name, text, role, mistakes, explanation, lambda each: ANSWERS[each])


def _wrong(step: Step, name: str, role: Role, other: Role) -> str:
    if role is Role.YOU:
        if other is Role.DATA:
            return "That is true of the first in_channels and the last out_features; the data does not decide this one."
        return f"That is true of in_channels and in_features; the input of {step.name} does not decide this one."
    if other is Role.YOU:
        return f"That value is not yours to choose: {_if_it_were(step, name)}."
    if role is Role.LAYER:
        return f"That is true of the first in_channels and the last out_features; {step.name} has a layer before it."
    if name.startswith("out_"):
        return f"That decides the number of inputs of {step.name}, not the number of its outputs."
    return f"That is true of later layers; {step.name} has none before it."


def _if_it_were(step: Step, name: str) -> str:
    if name.startswith("out_"):
        return "there must be one output per class"
    return f"with any other value, {step.name} raises an error"


TEMPLATES = {"argument": argument, "who-decides": who_decides}
