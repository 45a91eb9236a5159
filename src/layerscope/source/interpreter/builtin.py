"""Functions of Python's own."""

from abc import ABC
from typing import Any

from layerscope.source.interpreter import constants
from layerscope.source.interpreter.attributes import Attributes
from layerscope.source.interpreter.machine import Call
from layerscope.source.interpreter.made import Instance, Made
from layerscope.source.interpreter.values import Data, Dim, Sizes, Symbol, Unknown


class Builtin(Attributes, ABC):
    """len, range, zip, getattr and the like."""

    def builtin_call(self, symbol: Symbol, call: Call) -> Any:
        name, args = symbol.last, call.args
        if symbol.path in constants.FUNCTIONS:
            return self.constant_call(symbol.path, call)
        if name == "len" and len(args) == 1:
            if isinstance(args[0], Data):
                return Dim(args[0], (0,))
            row = self.items(args[0], call.node)
            return self.unknown(call.node, among=args) if row is None else len(row)
        rows = [self.items(value, call.node) for value in args]
        known = [row for row in rows if row is not None]
        if name in ("list", "tuple", "reversed", "enumerate", "zip") and len(known) == len(args):
            return self._row(name, known, call)
        if name == "dict" and not args:
            return dict(call.kwargs)
        if name == "dict" and isinstance(args[0], dict):
            self.tick(call.node, len(args[0]))
            return args[0] | call.kwargs
        if name == "setattr" and len(args) == 3 and isinstance(args[0], Instance) and isinstance(args[1], str):
            return self.set_attribute(args[0], args[1], args[2])
        if name in ("getattr", "hasattr") and len(args) >= 2 and isinstance(args[1], str):
            found = self.attribute(args[0], args[1], call.node)
            if name == "hasattr":
                return not isinstance(found, Unknown)
            return args[2] if isinstance(found, Unknown) and len(args) == 3 else found
        if name == "isinstance" and len(args) == 2 and isinstance(args[0], Made) and isinstance(args[1], Symbol):
            return args[0].type == args[1].last
        if name == "isinstance" and len(args) == 2 and self.is_constant(args[0], call.node):
            kinds = {"int": int, "float": float, "str": str, "bool": bool, "list": list, "tuple": tuple, "dict": dict}
            wanted = args[1] if isinstance(args[1], tuple) else (args[1],)
            if all(isinstance(kind, Symbol) and kind.last in kinds for kind in wanted):
                return isinstance(args[0], tuple(kinds[kind.last] for kind in wanted))
        return self.strange(self.unknown(call.node, f"{name}(...) on these values is not followed."), call)

    @staticmethod
    def _row(name: str, rows: list[list[Any]], call: Call) -> Any:
        if name in ("list", "tuple"):
            return (list if name == "list" else tuple)(rows[0] if rows else ())
        if name == "reversed":
            return rows[0][::-1] if rows else []
        if name == "enumerate":
            start = call.kwargs.get("start", 0)
            return [(n, value) for n, value in enumerate(rows[0] if rows else [], start if type(start) is int else 0)]
        return list(zip(*rows, strict=False))

    def constant_call(self, path: str, call: Call) -> Any:
        """A function of Python's own where all its arguments are constants."""
        if len(call.args) == 1 and isinstance(call.args[0], Dim) and path == "builtins.int":
            return call.args[0]
        if len(call.args) == 1 and isinstance(call.args[0], Sizes) and path.endswith(".prod"):
            sizes = call.args[0]
            if sizes.start <= 1 and sizes.stop is None:
                return Dim(sizes.data, (0,) if sizes.start == 0 else (), rest=True)
        if not all(self.is_constant(value, call.node) for value in call.everything):
            return self.strange(self.unknown(call.node, among=call.everything), call)
        try:
            for value in call.args:
                self.tick(call.node, len(value) if isinstance(value, list | tuple | range) else 1)
            return constants.bounded(constants.FUNCTIONS[path](*call.args, **call.kwargs))
        except Exception as error:  # whatever Python says of these arguments, the value is not known
            words = str(error) if isinstance(error, constants.TooLargeError) else type(error).__name__
            return self.unknown(call.node, f"{self.paste.quote(call.node)} cannot be worked out: {words}")
