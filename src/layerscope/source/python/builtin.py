"""Functions of Python's own: len, range, zip, getattr and the like."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from layerscope.source.python import constants, rows
from layerscope.source.python.classes import Object, UserClass
from layerscope.source.python.values import Call, Symbol, Unknown, Value

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_KINDS: dict[str, type] = {
    "int": int, "float": float, "str": str, "bool": bool, "list": list, "tuple": tuple, "dict": dict, "range": range,
}  # fmt: skip


_ABSTRACT: dict[str, tuple[type, ...]] = {
    "Sequence": (list, tuple, str, range), "MutableSequence": (list,), "Iterable": (list, tuple, str, range, dict),
    "Sized": (list, tuple, str, range, dict), "Mapping": (dict,), "MutableMapping": (dict,), "List": (list,),
    "Tuple": (tuple,), "Dict": (dict,), "Number": (int, float), "Integral": (int,), "Real": (int, float),
    "OrderedDict": (dict,), "Collection": (list, tuple, str, range, dict), "Size": (tuple,),
}  # fmt: skip


_NAMED: dict[str, tuple[str, ...]] = {
    "builtins.type": ("builtins.type", "builtins.object"),
    "types.FunctionType": ("types.FunctionType", "types.LambdaType", "builtins.object"),
    "functools.partial": ("functools.partial", "builtins.object"),
}  # fmt: skip
"""What classes, functions and partial calls are instances of, among _OF_NAMED."""
_OF_NAMED = frozenset(name for names in _NAMED.values() for name in names) | {"types.MethodType", "builtins.str"}


def call(run: "Evaluator", symbol: Symbol, call: Call) -> Any:
    """What the function gives. Raises Fault."""
    work = FUNCTIONS.get(symbol.last)
    found = NotImplemented if work is None else work(run, call)
    if found is not NotImplemented:
        return found
    if symbol.path in constants.FUNCTIONS:
        return constant_call(run, symbol.path, call)
    words = f"Layerscope cannot follow {symbol.last}(...) on these values."
    return run.strange(run.unknown(call.node, words, call.everything), call)


def constant_call(run: "Evaluator", path: str, call: Call) -> Any:
    """A function of Python's own where all its arguments are constants. Raises Fault."""
    args = [run.items(value, call.node) if _is_walked(value) else value for value in call.args]
    unfollowed = any(row is None and value is not None for row, value in zip(args, call.args, strict=True))
    if unfollowed or not all(run.is_constant(value, call.node) for value in [*args, *call.kwargs.values()]):
        return run.strange(run.unknown(call.node, among=call.everything), call)
    try:
        for value in args:
            run.tick(call.node, len(value) if isinstance(value, list | tuple | range) else 1)
        return constants.bounded(constants.FUNCTIONS[path](*args, **call.kwargs))
    except Exception as error:  # whatever Python says of these arguments, the value is not known
        words = str(error) if isinstance(error, constants.TooLargeError) else type(error).__name__
        return run.unknown(call.node, f"{run.paste.quote(call.node)} cannot be computed: {words}")


def _is_walked(value: Any) -> bool:
    return isinstance(value, Value) and not isinstance(value, Unknown | Symbol)


def _length(run: "Evaluator", call: Call) -> Any:
    if len(call.args) != 1:
        return NotImplemented
    value = call.args[0]
    if isinstance(value, Value):
        return value.length(run, call.node)
    row = run.items(value, call.node)
    return run.unknown(call.node, among=call.args) if row is None else len(row)


def _text(run: "Evaluator", call: Call) -> Any:
    """A class of the paste as Python writes it, for code that looks for a name in it."""
    if len(call.args) == 1 and isinstance(call.args[0], UserClass):
        return f"<class '__main__.{call.args[0].name}'>"
    return NotImplemented


def _locals(run: "Evaluator", call: Call) -> Any:
    """locals() in a function: its arguments, and what it has set since."""
    scope = call.scope
    if call.everything or scope is None or scope.outer is None:
        return NotImplemented
    run.tick(call.node, len(scope.names))
    return dict(scope.names)


def _of_number(path: str, run: "Evaluator", call: Call) -> Any:
    """int(counts[0]), float(mean) of a value that is a number, or is not known before the code runs."""
    value = call.args[0] if len(call.args) == 1 and not call.kwargs else None
    if not isinstance(value, Value) or isinstance(value, Unknown | Symbol | Object):
        return NotImplemented
    number = value.number()
    if number is None:
        return run.unknown(call.node)
    return constant_call(run, path, Call(call.node, [number], {}, call.nodes, call.scope))


def _bool(run: "Evaluator", call: Call) -> Any:
    if len(call.args) != 1 or not isinstance(call.args[0], Value):
        return NotImplemented
    found = run.truth(call.args[0])
    return run.unknown(call.node, among=call.args) if found is None else found


def _dictionary(run: "Evaluator", call: Call) -> Any:
    if not call.args:
        return dict(call.kwargs)
    only = call.args[0]
    if isinstance(only, dict):
        run.tick(call.node, len(only))
        return only | call.kwargs
    pairs = run.items(only, call.node)
    if pairs is None or any(not isinstance(pair, list | tuple) or len(pair) != 2 for pair in pairs):
        return run.unknown(call.node, among=[only])
    if not all(isinstance(key, str | int) for key, _ in pairs):
        return run.unknown(call.node)
    return dict(pairs) | call.kwargs


def _range(run: "Evaluator", call: Call) -> Any:
    """A range whose bounds are drawn at random is shown as long as it may be."""
    drawn = [value for value in call.args if isinstance(value, Unknown) and value.most is not None]
    if not drawn or run.is_lenient:
        return NotImplemented
    for value in drawn:
        shown = run.paste.quote(value.node or call.node)
        run.remarks.note(f"{shown} is drawn at random in each run; it is shown as {value.most}.", call.node)
    run.by_chance = True
    args = [value.most if isinstance(value, Unknown) else value for value in call.args]
    return constant_call(run, "builtins.range", Call(call.node, args, call.kwargs, call.nodes, call.scope))


def _setattr(run: "Evaluator", call: Call) -> Any:
    if len(call.args) == 3 and isinstance(call.args[0], Value) and isinstance(call.args[1], str):
        call.args[0].set_attribute(run, call.args[1], call.args[2])
        return None
    return NotImplemented


def _getattr(run: "Evaluator", call: Call) -> Any:
    if len(call.args) < 2 or not isinstance(call.args[1], str):
        return NotImplemented
    found = run.attribute(call.args[0], call.args[1], call.node)
    return call.args[2] if isinstance(found, Unknown) and len(call.args) == 3 else found


def _hasattr(run: "Evaluator", call: Call) -> Any:
    if len(call.args) != 2 or not isinstance(call.args[1], str):
        return NotImplemented
    return not isinstance(run.attribute(call.args[0], call.args[1], call.node), Unknown)


def _isinstance(run: "Evaluator", call: Call) -> Any:
    if len(call.args) != 2:
        return NotImplemented
    value, kinds = call.args
    answers = [_is_of(run, value, kind) for kind in (kinds if isinstance(kinds, list | tuple) else [kinds])]
    return True if True in answers else run.unknown(call.node, among=[value]) if None in answers else False


def _is_of(run: "Evaluator", value: Any, kind: Any) -> bool | None:
    if isinstance(value, Object):
        return value.cls.is_of(run, kind)
    if isinstance(value, Value):
        of = value.type_of()
        named = _NAMED.get(of.path) if isinstance(of, Symbol) and isinstance(kind, Symbol) else None
        if named is not None and (kind.path in _OF_NAMED or kind.last in _ABSTRACT):
            return kind.path in named
        return run.world.is_of(value, kind)
    if isinstance(kind, Symbol) and kind.path.startswith("builtins.") and kind.last in _KINDS:
        return isinstance(value, _KINDS[kind.last])
    if isinstance(kind, Symbol) and kind.last in _ABSTRACT:
        return isinstance(value, _ABSTRACT[kind.last])
    return False if isinstance(kind, Symbol | UserClass) else None


def _issubclass(run: "Evaluator", call: Call) -> Any:
    if len(call.args) == 2 and isinstance(call.args[0], UserClass):
        return call.args[0].is_of(run, call.args[1])
    return NotImplemented


def _callable(run: "Evaluator", call: Call) -> Any:
    if len(call.args) != 1 or isinstance(call.args[0], Unknown):
        return NotImplemented
    return isinstance(call.args[0], Value)


def _names_in(run: "Evaluator", call: Call) -> Any:
    """dir(torch.nn.functional): what the world has there."""
    of = call.args[0] if len(call.args) == 1 else None
    return run.world.names_in(of) if isinstance(of, Symbol) else NotImplemented


def _type(run: "Evaluator", call: Call) -> Any:
    if len(call.args) == 1 and isinstance(call.args[0], Value):
        return call.args[0].type_of() or NotImplemented
    if len(call.args) == 1 and type(call.args[0]).__name__ in _KINDS:
        return Symbol(f"builtins.{type(call.args[0]).__name__}")
    return NotImplemented


FUNCTIONS: dict[str, Callable[["Evaluator", Call], Any]] = {
    **rows.BUILTINS,
    "bool": _bool,
    "callable": _callable,
    "dir": _names_in,
    "dict": _dictionary,
    "float": partial(_of_number, "builtins.float"),
    "getattr": _getattr,
    "hasattr": _hasattr,
    "int": partial(_of_number, "builtins.int"),
    "isinstance": _isinstance,
    "issubclass": _issubclass,
    "len": _length,
    "locals": _locals,
    "range": _range,
    "repr": _text,
    "round": partial(_of_number, "builtins.round"),
    "setattr": _setattr,
    "str": _text,
    "type": _type,
}
