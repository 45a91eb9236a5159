"""A parameter as a control of the stage, and what a control sends back as a value."""

from dataclasses import fields
from typing import Any

from layerscope.explain import as_sentence, reason, role_text, value_text
from layerscope.glossary import BY_TERM, more
from layerscope.layers.base import AXES, Layer, Shape, per_axis
from layerscope.network import Network
from layerscope.parameter import Kind, Parameter
from layerscope.steps import Step, Trace
from layerscope.tracing import trace
from layerscope.ui.session import Session

Control = dict[str, Any]
MOST_DOUBLINGS = 64
SET_BY_TEACHER = "Set by your teacher"
WORD_FOR_NONE = {"none", "None", "null", ""}


class WrongValueError(ValueError):
    """What was typed is not a value for the parameter; the message is a sentence."""


def parse(parameter: Parameter, name: str, raw: Any, axes: int) -> Any:
    """The value that the user means by `raw`: a number, a word, "(5, 3)" for two axes, or nothing.

    Raises WrongValueError.
    """
    value = _from_text(parameter, raw) if isinstance(raw, str) else raw
    if isinstance(value, float) and parameter.kind is not Kind.NUMBER and value.is_integer():
        value = int(value)
    if parameter.kind is Kind.SHAPE and type(value) is int and not parameter.bare:
        value = (value,)
    if wrong := parameter.complaint(name, value, axes):
        several = f" For one value each axis: ({', '.join(['5', '3', '1', '1'][:axes])})."
        raise WrongValueError(wrong + (several if parameter.per_axis and 1 < axes <= 4 else ""))
    return value


def _from_text(parameter: Parameter, text: str) -> Any:
    text = text.strip().strip("\"'")
    if text in WORD_FOR_NONE and parameter.optional:
        return None
    if text in parameter.words:
        return text
    if parameter.kind is Kind.SWITCH and text in ("True", "False"):
        return text == "True"
    is_several = any(character.isdigit() for character in text) or "None" in text  # "six" has an x, but no number
    if ("," in text or "x" in text) and is_several:
        inner = text.strip("()[] ").replace("x", ",").rstrip(",")
        return tuple(_part(parameter, part.strip(), text) for part in inner.split(","))
    return _number(text, text)


def _part(parameter: Parameter, part: str, whole: str) -> Any:
    return None if parameter.keeps_size and part in WORD_FOR_NONE else _number(part, whole)


def _number(part: str, whole: str) -> Any:
    if len(part) > 40:
        return whole[:80]
    for kind in (int, float):
        try:
            return kind(part)
        except ValueError:
            continue
    return whole


def split(layer: Layer, parameter: str, network: Network) -> tuple[Any, ...]:
    """One value for each axis."""
    value = effective(layer, parameter)
    return per_axis(0 if isinstance(value, str) else value, values_of(layer, network))


def values_of(layer: Layer, network: Network) -> int:
    """How many values an argument of this layer has that is given per axis."""
    if type(layer).values_per_parameter is Layer.values_per_parameter:
        return max(layer.dims, 1)  # whatever arrives
    step = trace(network).by_name.get(layer.name)
    return max(_values_per_parameter(layer, step.input_shapes if step else (), network), 1)


def _values_per_parameter(layer: Layer, shapes: tuple[Shape, ...], network: Network) -> int:
    """As for the network's input where nothing is known of the layer's input."""
    return layer.values_per_parameter(*(shapes or (network.input_shape,)))


def effective(layer: Layer, parameter: str) -> Any:
    """The value, or what None stands for: pooling moves on by its kernel."""
    value = getattr(layer, parameter)
    return layer.chosen["kernel_size"] if value is None and parameter == "stride" else value


def unsplit(value: tuple[Any, ...]) -> Any:
    """One value for all axes: the first that is given."""
    return next((part for part in value if part is not None), 1)


def controls(trace_now: Trace, step: Step, typed: dict[str, tuple[str, str]], lit: dict[str, str]) -> list[Control]:
    """One control for each argument of the step's layer: what is decided first, the everyday ones, then the rest.

    None where nothing is chosen: what such a row holds are measurements, with a sentence of their own.
    """
    if step.layer.origin:
        return []
    everyday = {name for name, parameter in step.layer.parameters().items() if parameter.everyday}
    built = [
        control for name in step.arguments for control in _argument(trace_now, step, name, typed) if control is not None
    ]
    for control in built:
        control["lit"] = lit.get(control["argument"])
        control["more"] = control["argument"] not in everyday and control["kind"] != "readonly"
    return sorted(built, key=lambda control: (control["kind"] != "readonly", control["more"]))


def _argument(trace_now: Trace, step: Step, name: str, typed: dict[str, tuple[str, str]]) -> list[Control]:
    key = f"{step.name}.{name}"
    if step.decisions[name].role.value != "you":
        return [
            {
                "key": key,
                "argument": name,
                "label": name,
                "kind": "readonly",
                "value": value_text(step.arguments[name]),
                "tag": role_text(step, name),
                "why": as_sentence(trace_now, reason(trace_now, step, name)),
                "help": BY_TERM[name].meaning if name in BY_TERM else None,
                "more_help": more(name),
            }
        ]
    parameter = step.layer.parameters()[name]
    value = getattr(step.layer, name)
    base: Control = {"argument": name, "label": name, "help": parameter.help, "more_help": more(name)}
    if parameter.kind is Kind.SWITCH and not parameter.optional:
        return [base | {"key": key, "kind": "switch", "value": value is True}]
    if parameter.kind is Kind.CHOICE:
        return [base | _choice(key, value_text(value).strip("'"), parameter.words)]
    if parameter.kind is Kind.SWITCH:
        return [base | _choice(key, value_text(value), ("None", "True", "False"))]
    if parameter.kind is Kind.SHAPE or isinstance(value, str) or (isinstance(value, tuple) and None in value):
        return [base | _text(key, value, typed) | {"toggles": _toggles(step, name, parameter, value)}]
    return _ranges(step, name, parameter, value, base, typed)


def _choice(key: str, value: str, words: tuple[str, ...]) -> Control:
    """One of the words; a link may hold something else, which is shown as it is."""
    options = [{"value": word, "label": word} for word in dict.fromkeys((*words, value))]
    return {"key": key, "kind": "choice", "value": value, "options": options}


def _text(key: str, value: Any, typed: dict[str, tuple[str, str]]) -> Control:
    shown, error = typed.get(key, (None, None))
    plain = value_text(value).strip("()") if isinstance(value, tuple) else "" if value is None else str(value)
    return {"key": key, "kind": "text", "value": plain, "placeholder": "None", "error": error, "typed": shown}


def _ranges(
    step: Step, name: str, parameter: Parameter, value: Any, base: Control, typed: dict[str, tuple[str, str]]
) -> list[Control]:
    """One slider, or one for each axis where the value is a tuple."""
    key = f"{step.name}.{name}"
    toggles = _toggles(step, name, parameter, value)
    value = effective(step.layer, name)
    if not isinstance(value, tuple):
        return [base | _range(key, parameter, value, typed) | {"toggles": toggles}]
    names = _axis_names(step, value)
    return [
        base
        | _range(f"{key}.{axis}", parameter, part, typed)
        | {"label": f"{name} {names[axis]}", "toggles": toggles if axis == 0 else []}
        for axis, part in enumerate(value)
    ]


def _range(key: str, parameter: Parameter, value: Any, typed: dict[str, tuple[str, str]]) -> Control:
    low, high = parameter.comfortable or (parameter.low, parameter.high)
    number = value if type(value) in (int, float) else low
    shown, error = typed.get(key, (None, None))
    step = 1 if parameter.kind is Kind.INTEGER else 0.01
    return {
        "key": key,
        "kind": "range",
        "value": number,
        "low": min(low, number),
        "high": _reaching(number, low, high),
        "step": step,
        "error": error,
        "typed": shown,
    }


def _reaching(value: float, low: float, high: float) -> float:
    """The slider's end: comfortable, or beyond it in steps of doubling, so that the thumb has room on both sides."""
    for _ in range(MOST_DOUBLINGS):
        if value <= high:
            break
        high = low + 2 * (high - low)
    return max(high, value)


def _toggles(step: Step, name: str, parameter: Parameter, value: Any) -> list[Control]:
    key = f"{step.name}.{name}"
    toggles = []
    if "same" in parameter.words:
        toggles.append({"key": f"same:{key}", "label": '"same"', "pressed": value == "same"})
    if parameter.optional and parameter.kind is not Kind.SHAPE:
        label = "= kernel_size" if name == "stride" else "None"
        toggles.append({"key": f"none:{key}", "label": label, "pressed": value is None})
    axes = _values_per_parameter(step.layer, step.input_shapes, step.network)
    if parameter.per_axis and axes > 1 and not isinstance(value, str) and value is not None:
        toggles.append({"key": f"split:{key}", "label": "Per axis", "pressed": isinstance(value, tuple)})
    return toggles


def _axis_names(step: Step, value: tuple[Any, ...]) -> tuple[str, ...]:
    if len(value) == 4:
        return ("left", "right", "top", "bottom")
    return AXES.get(len(value), tuple(str(axis) for axis in range(len(value))))


def locked(built: list[Control], step: Step, session: Session) -> list[Control]:
    """The controls as a teacher's link leaves them: all that it locks is one line, what it hides is gone.

    What a student can move comes first: on a phone the rest would push it off the screen.
    """
    given = session.assignment
    if given is None or not session.fixes_layers:
        return built
    kept, fixed = [], []
    for control in built:
        name = control["argument"]
        if control["kind"] == "readonly" or given.is_free(step.layer.of or step.name, name):
            kept.append({**control, "more": False})
        elif name not in fixed:
            fixed.append(name)
    kept.sort(key=lambda control: control["kind"] == "readonly")
    if fixed and given.rest == "locked":
        line = {"key": "locked", "argument": "", "label": SET_BY_TEACHER, "kind": "readonly", "value": "", "tag": ""}
        kept.append({**line, "why": _fixed(step.layer, fixed), "lit": None, "more": False})
    return kept


def _fixed(layer: Layer, names: list[str]) -> str:
    """Values in a line: the everyday ones, and those that are not torch's defaults."""
    usual = {entry.name: entry.default for entry in fields(layer)}
    told = [name for name in names if layer.parameters()[name].everyday or getattr(layer, name) != usual[name]]
    rest = ["everything else at PyTorch defaults"] if len(told) < len(names) else []
    return " · ".join([*(f"{name} {value_text(getattr(layer, name))}" for name in told), *rest])
