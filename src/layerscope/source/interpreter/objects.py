"""Methods of lists, dictionaries, groups of layers and modules."""

from abc import ABC
from typing import Any

from layerscope.source.interpreter.builtin import Builtin
from layerscope.source.interpreter.machine import LONGEST_ROW, Call
from layerscope.source.interpreter.made import Bound, Group, Instance, Made, Method, Super, UserClass, UserFunction
from layerscope.source.interpreter.values import Data, Dim, Fault, Filled, Sizes

_TEXT = {"lower", "upper", "strip", "startswith", "endswith", "title", "split", "replace"}
_KEEPING = {"to", "cuda", "cpu", "float", "double", "half", "eval", "train", "requires_grad_", "apply", "type"}
"""Methods of a module that give the module back."""


class Objects(Builtin, ABC):
    """Everything behind a dot that is called and is not the tensor."""

    def object_method(self, method: Method, call: Call) -> Any:
        of, name = method.of, method.name
        if isinstance(of, list):
            return self._of_list(of, name, call)
        if isinstance(of, dict):
            return self._of_dict(of, name, call)
        if isinstance(of, Group):
            return self._of_group(of, name, call)
        if isinstance(of, Super):
            return self._of_super(of, name, call)
        if isinstance(of, Instance):
            return self._of_module(of, name, call)
        if isinstance(of, Sizes) and name == "numel" and of.start <= 1 and of.stop is None:
            return Dim(of.data, (0,) if of.start == 0 else (), rest=True)
        if (
            isinstance(of, str)
            and name in _TEXT
            and self.is_constant(call.args, call.node)
            and len(of) < 200
            and not call.kwargs
        ):
            try:
                return self._short(getattr(of, name)(*call.args))
            except (TypeError, ValueError):
                return self.unknown(call.node)
        if (
            isinstance(of, tuple | str)
            and name == "index"
            and self.is_constant([of, call.args], call.node)
            and call.args[0] in of
        ):
            return of.index(call.args[0])
        if isinstance(of, Made) and name in _KEEPING:
            return of
        if isinstance(of, Filled):
            return of  # moved, scaled, filled again: its sizes stay
        if isinstance(of, Made) and name == "forward":
            return self.call(of, call)
        return self.strange(self.unknown(call.node), call)

    @staticmethod
    def _short(value: Any) -> Any:
        return value[:1000] if isinstance(value, str | list) else value

    def _of_list(self, row: list[Any], name: str, call: Call) -> Any:
        args = call.args
        if len(row) > LONGEST_ROW:
            raise Fault(f"A list here has more than {LONGEST_ROW:,} values, the limit.", call.node)
        if name == "append" and len(args) == 1:
            return row.append(args[0])
        if name == "extend" and len(args) == 1 and (more := self.items(args[0], call.node)) is not None:
            return row.extend(more)
        if name == "insert" and len(args) == 2 and type(args[0]) is int:
            return row.insert(args[0], args[1])
        if name == "pop" and row and all(type(place) is int and -len(row) <= place < len(row) for place in args[:1]):
            return row.pop(*args[:1])
        if name == "reverse":
            return row.reverse()
        if name == "copy":
            return self.items(row, call.node)
        if name in ("index", "count") and len(args) == 1 and self.is_constant([args, row], call.node):
            return getattr(row, name)(args[0]) if args[0] in row or name == "count" else self.unknown(call.node)
        raise Fault(f"{self.paste.quote(call.node)} is not followed; append and + would work.", call.node)

    def _of_dict(self, table: dict[Any, Any], name: str, call: Call) -> Any:
        if name in ("items", "keys", "values"):
            self.tick(call.node, len(table))
            return list(getattr(table, name)())
        if name in ("get", "pop") and call.args and isinstance(call.args[0], str | int | None):
            found = table.get(call.args[0], call.args[1] if len(call.args) > 1 else None)
            return found
        if name == "update" and call.args and isinstance(call.args[0], dict):
            return table.update(call.args[0])
        if name == "copy":
            self.tick(call.node, len(table))
            return dict(table)
        return self.strange(self.unknown(call.node), call)

    def _of_group(self, group: Group, name: str, call: Call) -> Any:
        args, values = call.args, call.everything
        if len(group.children) > LONGEST_ROW:
            raise Fault(f"There are more than {LONGEST_ROW:,} layers here, the limit.", call.node)
        if name == "append" and len(values) == 1:
            group.add(values[0])
            return group
        if name in ("extend", "update") and len(values) == 1:
            for value in self._named(values[0], call):
                group.add(value[1], value[0])
            return group
        if name == "insert" and len(args) == 2 and type(args[0]) is int:
            row = group.values
            row.insert(args[0], args[1])
            group.children.clear()
            for child in row:
                group.add(child)
            return group
        if name in ("add_module", "register_module", "register_parameter") and len(values) == 2:
            key = call.kwargs.get("name", args[0] if args else None)
            if isinstance(key, str | int):
                return group.add(values[-1], str(key))
        if name == "forward":
            return self.call(group, call)
        if name == "get_submodule":
            return self._submodule(group, call)
        if name in ("children", "values", "modules"):
            return group.values
        if name in ("items", "named_children"):
            return list(group.children.items())
        if name == "keys":
            return list(group.children)
        if name in _KEEPING:
            return group
        return self.strange(self.unknown(call.node), call)

    def _submodule(self, value: Any, call: Call) -> Any:
        """module.get_submodule("block.0")."""
        path = call.args[0] if len(call.args) == 1 and isinstance(call.args[0], str) else ""
        for name in path.split(".") if path else ():
            held = value.children if isinstance(value, Group) else getattr(value, "attributes", {})
            value = held.get(name)
        return self.unknown(call.node) if value is None else value

    def _named(self, value: Any, call: Call) -> list[tuple[str | None, Any]]:
        if isinstance(value, dict):
            return [(str(key), child) for key, child in value.items()]
        row = self.items(value, call.node)
        if row is None:
            raise Fault(f"What {self.paste.quote(call.node)} adds cannot be told from the code.", call.node)
        return [(None, child) for child in row]

    def _of_super(self, above: Super, name: str, call: Call) -> Any:
        if name == "__init__":
            return self._torch_init(above.instance, above.above, call)
        for base in above.above:
            found = base.find(name) if isinstance(base, UserClass) else None
            if isinstance(found, UserFunction):
                return self.call(Bound(found, above.instance), call)
        if name == "forward" and above.instance.children is not None:
            return self.call(above.instance.children, call)
        return self._of_module(above.instance, name, call)

    def _of_module(self, instance: Instance, name: str, call: Call) -> Any:
        values = call.everything
        if name in ("add_module", "register_module") and len(values) == 2:
            key = call.kwargs.get("name", call.args[0] if call.args else None)
            if isinstance(key, str):
                return self.set_attribute(instance, key, values[-1])
            raise Fault("The name of this layer cannot be told from the code.", call.node)
        if name == "forward":
            return self.forward(instance, call)
        if name == "get_submodule":
            return self._submodule(instance, call)
        if name == "register_parameter" and len(call.args) == 2 and isinstance(call.args[0], str):
            return self.set_attribute(instance, call.args[0], call.args[1])
        if name == "children":
            return [value for value in instance.attributes.values() if isinstance(value, Made | Group | Instance)]
        if name == "named_children":
            return [(k, v) for k, v in instance.attributes.items() if isinstance(v, Made | Group | Instance)]
        if name in _KEEPING:
            return instance
        if any(isinstance(value, Data) for value in values):
            return self.strange(self.unknown(call.node), call)
        return self.unknown(call.node)
