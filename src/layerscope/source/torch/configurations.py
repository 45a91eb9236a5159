"""Tables and records of values in a paste: ordered dictionaries, dataclasses, named tuples, namespaces."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from layerscope.source.python.classes import Object
from layerscope.source.python.values import Call, Unknown, Value
from layerscope.source.torch.fields import Fields, RecordType

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


def _ordered(run: "Evaluator", call: Call) -> Any:
    only = call.args[0] if call.args else {}
    if isinstance(only, dict):
        return only | call.kwargs
    pairs = run.items(only, call.node) or []
    if any(not isinstance(pair, list | tuple) or len(pair) != 2 for pair in pairs) or isinstance(only, Unknown):
        return run.unknown(call.node, among=[only])
    named = {str(pair[0]): pair[1] for pair in pairs if isinstance(pair[0], str | int)}
    return named | call.kwargs if len(named) == len(pairs) else run.unknown(call.node)


def _field(run: "Evaluator", call: Call) -> Any:
    """dataclasses.field(default=..., default_factory=...)."""
    if "default" in call.kwargs:
        return call.kwargs["default"]
    factory = call.kwargs.get("default_factory")
    return run.call(factory, Call(call.node)) if isinstance(factory, Value) else NotImplemented


def _namespace(run: "Evaluator", call: Call) -> Any:
    return Fields(dict(call.kwargs))


def _replaced(run: "Evaluator", call: Call) -> Any:
    """dataclasses.replace(config, width=64): another object with some other values."""
    of = call.args[0] if call.args else None
    return Object(of.cls, call.node, of.attributes | call.kwargs) if isinstance(of, Object) else NotImplemented


def _as_table(run: "Evaluator", call: Call) -> Any:
    """dataclasses.asdict(config), vars(config)."""
    of = next(iter(call.everything), None)
    return dict(of.attributes) if type(of) is Object else NotImplemented


def _named_tuple(run: "Evaluator", call: Call) -> Any:
    """collections.namedtuple("Outputs", ["logits", "aux"])."""
    names = call.args[1] if len(call.args) > 1 else call.kwargs.get("field_names")
    names = names.replace(",", " ").split() if isinstance(names, str) else names
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        return NotImplemented
    return RecordType(tuple(names))


def _overwritten(run: "Evaluator", call: Call) -> Any:
    """torchvision's helper that puts one value into the keywords of a model's function."""
    values = call.bound("kwargs", "param", "new_value")
    table, name = values.get("kwargs"), values.get("param")
    if isinstance(table, dict) and isinstance(name, str) and "new_value" in values:
        table[name] = values["new_value"]
        return None
    return NotImplemented


CALLS: dict[str, Callable[["Evaluator", Call], Any]] = {
    "collections.OrderedDict": _ordered,
    "collections.namedtuple": _named_tuple,
    "dataclasses.field": _field,
    "dataclasses.replace": _replaced,
    "dataclasses.asdict": _as_table,
    "copy.replace": _replaced,
    "types.SimpleNamespace": _namespace,
    "argparse.Namespace": _namespace,
    "*._ovewrite_named_param": _overwritten,
}
