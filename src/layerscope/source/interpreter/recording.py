"""Rows that are no modules of torch's: tensors joined, cut, turned, reshaped, reduced."""

import ast
from abc import ABC
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from layerscope import limits
from layerscope.catalogue import CATALOGUE
from layerscope.source.interpreter.constants import plain
from layerscope.source.interpreter.functional import Functional
from layerscope.source.interpreter.machine import CHAIN, Call
from layerscope.source.interpreter.made import Made
from layerscope.source.interpreter.values import Data, Fault

MOST_PARTS = limits.PORTS.most
MOST_AXES = limits.RANK.most
ALONG = ("cumprod", "cumsum", "flip", "logcumsumexp", "normalize")
JOINING_FUNCTIONS = {
    "add": "Add", "sub": "Subtract", "subtract": "Subtract", "mul": "Multiply", "multiply": "Multiply",
    "div": "Divide", "divide": "Divide", "true_divide": "Divide", "matmul": "MatMul", "bmm": "MatMul", "mm": "MatMul",
    "maximum": "Maximum", "minimum": "Minimum", "add_": "Add", "sub_": "Subtract", "mul_": "Multiply", "div_": "Divide",
}  # fmt: skip
LISTS = {"cat": "Concat", "concat": "Concat", "concatenate": "Concat", "stack": "Stack"}
REDUCING = {"mean": "Mean", "sum": "Sum", "amax": "Max", "amin": "Min", "max": "Max", "min": "Min"}
OTHER_REDUCING = {name: name for name in CATALOGUE["Reduce"].parameters()["function"].words} | {"vector_norm": "norm"}
_NUMBERS = {"Add": ast.Add(), "Subtract": ast.Sub(), "Multiply": ast.Mult(), "Divide": ast.Div()}


class Recording(Functional, ABC):
    """What becomes a row of its own and is no layer in torch's sense."""

    def record(self, kind: str, values: dict[str, Any], reads: Sequence[Data], node: ast.AST) -> Any:
        tensors = [self.current(data, node) for data in reads]
        for data in tensors:
            if data.batch:
                raise Fault(f"The batch is not the first axis in {self.paste.quote(node)}. {CHAIN}", node)
        made = Made(kind, node, self.finished(CATALOGUE[kind], values, node, self.paste.quote(node)))
        self.tick(node)
        self.append(made, node, tensors)
        return self.results(made, axes_of(kind, values, tensors))

    def results(self, made: Made, axes: int | None) -> Any:
        """The outputs of the last row: a tensor, or a tuple of them."""
        ports = made.layer.ports if made.layer is not None else ()
        if not ports:
            return Data(len(self.uses), axes)
        return tuple(Data(len(self.uses), axes, port=port) for port in range(len(ports)))

    def joined_function(self, name: str, call: Call) -> Any:
        """torch.cat([x, y], 1), torch.add(x, y), torch.maximum(x, y). None where the function joins no tensors."""
        if name in LISTS:
            values = call.bound(("tensors", "dim"))
            row = values.get("tensors")
            parts = list(row) if isinstance(row, list | tuple) else []
            if not parts or not all(isinstance(part, Data) for part in parts):
                return None
            dim = self.plain(values.get("dim", values.get("axis", 0)), "dim", call.node)
            if len(parts) == 1 and name != "stack" and not self.exact:
                return parts[0]
            batch = parts[0].batch
            if batch and all(part.batch == batch for part in parts) and type(dim) is int and dim >= 0:
                parts, dim = [replace(part, batch=0) for part in parts], in_network(dim, batch)
            return self.record(LISTS[name], {"dim": dim}, parts, call.node)
        if name not in JOINING_FUNCTIONS:
            return None
        kind = JOINING_FUNCTIONS[name]
        values = call.bound(("input", "other"))
        left, right = values.get("input"), values.get("other", call.kwargs.get("mat2"))
        if self.exact and isinstance(left, Data) and len(call.everything) == 1:
            return self.record(kind, {}, [left], call.node)  # it does not run, as in the network
        if not isinstance(left, Data) or len(call.everything) != 2:
            return None
        if isinstance(right, Data):
            return self.joined(kind, [left, right], call.node)
        return self.binary(_NUMBERS[kind], left, right, call.node) if kind in _NUMBERS else None

    def dot_product(self, call: Call) -> Any:
        """F.scaled_dot_product_attention(q, k, v)."""
        values = call.bound(("query", "key", "value", "attn_mask", "dropout_p", "is_causal"))
        tensors = [values.get(name) for name in ("query", "key", "value")]
        reads = [each for each in tensors if isinstance(each, Data)]
        if len(reads) != len(tensors) and not (self.exact and reads):
            return None
        if values.get("attn_mask") is not None:
            self.note(f"The mask in {self.paste.quote(call.node)} is left out: it changes no shapes.", call.node)
        kind = CATALOGUE["ScaledDotProductAttention"]
        chosen = {name: self.plain(values[name], name, call.node) for name in kind.parameters() if name in values}
        return self.record(kind.__name__, chosen, self.attended(reads, call), call.node)

    def attended(self, reads: list[Data], call: Call) -> list[Data]:
        """What attention reads: query, key and value, or the one tensor that is all three.

        In code written row by row they are written by name where the row names one tensor three times.
        """
        alike = len(reads) == 3 and len({data.source for data in reads}) == 1
        return reads[:1] if alike and not (self.exact and "query" in call.kwargs) else reads

    def operation(self, data: Data, name: str, call: Call) -> Any:
        """A method of the tensor that is a row of its own; None where it is none."""
        method = getattr(self, f"_op_{name}", None)
        if method is not None:
            return method(data, call)
        if name in REDUCING or name in OTHER_REDUCING:
            return self.reduced(data, name, call)
        if name in ALONG:
            return self._along(name, data, call)
        if name in CATALOGUE["Function"].parameters()["function"].words and not call.everything:
            return self.record("Function", {"function": name}, [data], call.node)
        return self.joined_function(name, call.with_first(data))

    def _dims(self, value: Any, call: Call) -> Any:
        """An axis, or several, as numbers. Raises Fault."""
        found = self.plain(value, "dim", call.node)
        parts = found if isinstance(found, tuple) else (found,)
        if not parts or any(type(part) is not int for part in parts):
            raise Fault(f"Which axes {self.paste.quote(call.node)} means cannot be told.", call.node)
        return found

    def axis(self, data: Data, dim: int) -> int:
        """An axis of torch's tensor as an axis of the network's, where the batch is the first."""
        return in_network(dim, data.batch)

    def placed(self, data: Data, dims: Any) -> tuple[Data, Any]:
        """The tensor with its batch in front, and the axes as they are then."""
        if not data.batch:
            return data, dims
        whole = replace(data, batch=0)
        moved = tuple(self.axis(data, dim) for dim in dims) if isinstance(dims, tuple) else self.axis(data, dims)
        return whole, moved

    def reduced(self, data: Data, name: str, call: Call) -> Any:
        """x.mean(1), x.sum(dim=(1, 2)), torch.std(x, dim=1): a row of its own."""
        order = ("p", "dim", "keepdim") if name == "norm" else ("dim", "keepdim")
        values = call.bound(order)
        dim = values.get("dim", values.get("axis"))
        if dim is None or values.keys() - {"p", "dim", "axis", "keepdim", "correction", "unbiased"}:
            return None
        data, dims = self.placed(data, self._dims(dim, call))
        chosen = {"dim": dims, "keepdim": self.plain(values.get("keepdim", False), "keepdim", call.node)}
        if name in OTHER_REDUCING:
            return self.record("Reduce", chosen | {"function": OTHER_REDUCING[name]}, [data], call.node)
        result = self.record(REDUCING[name], chosen, [data], call.node)
        return [result, self.unknown(call.node)] if name in ("max", "min") else result  # values, indices

    def _op_select(self, data: Data, call: Call) -> Data:
        values = call.bound(("dim", "index"))
        return self.selected(
            data, self._dims(values.get("dim"), call), self._dims(values.get("index"), call), call.node
        )

    def selected(self, data: Data, dim: int, index: int, node: ast.AST) -> Data:
        """One entry of an axis."""
        if dim == data.batch and data.is_loose:
            data = replace(data, batch=1 - data.batch)
        if dim == data.batch and not self.exact:
            raise Fault(f"{self.paste.quote(node)} takes one sample out of the batch. {CHAIN}", node)
        placed, axis = self.placed(data, dim)
        result: Data = self.record("Select", {"dim": axis, "index": index}, [placed], node)
        return replace(result, batch=data.batch - (0 <= dim < data.batch))

    def _along(self, name: str, data: Data, call: Call) -> Data:
        """A function along one axis."""
        values = call.bound(("dim",))
        dim = self._dims(values.get("dim", values.get("dims", values.get("axis"))), call)
        data, dim = self.placed(data, dim[0] if isinstance(dim, tuple) and len(dim) == 1 else dim)
        result: Data = self.record("Along", {"function": name, "dim": dim}, [data], call.node)
        return result

    def _op_sort(self, data: Data, call: Call) -> list[Any]:
        return [self._along("sort", data, call), self.unknown(call.node)]  # values, indices

    def cut(self, data: Data, places: Sequence[Any], node: ast.AST) -> Data:
        """x[:, -1], x[:, :, 2:4], x[..., 0], out[-1]: each place that is no bare colon is a row."""
        row = list(places)
        front = True
        axis = 0
        for n, place in enumerate(row):
            if place is Ellipsis:
                front, axis = False, 0
                behind = [each for each in row[n + 1 :] if each is not None]
                axis = -len(behind)
            elif place is None:
                data = self._new_axis(data, axis if front else axis - 1, node)
                axis += front
            elif isinstance(place, slice):
                if place != slice(None):
                    data = self._sliced(data, axis, place, node)
                axis += 1
            elif type(plain(place)) is int:
                data = self.selected(data, axis, plain(place), node)
                axis += 0 if front else 1
            else:
                raise Fault(f"A part of the tensor is cut out here. {CHAIN}", node)
        return data

    def _new_axis(self, data: Data, axis: int, node: ast.AST) -> Data:
        if axis == 0:
            raise Fault(f"{self.paste.quote(node)} puts an axis before the batch. {CHAIN}", node)
        result: Data = self.record("Unsqueeze", {"dim": axis}, [data], node)
        return result

    def _sliced(self, data: Data, axis: int, place: slice, node: ast.AST) -> Data:
        if axis == data.batch and not self.exact:
            raise Fault(f"{self.paste.quote(node)} takes some samples out of the batch. {CHAIN}", node)
        whole, dim = self.placed(data, axis)
        chosen = {"dim": dim, "start": place.start or 0, "stop": place.stop, "step": place.step or 1}
        result: Data = self.record("Slice", chosen, [whole], node)
        return replace(result, batch=data.batch)


def in_network(dim: int, batch: int) -> int:
    """An axis as the network counts it, with the batch first; those from the end stay behind the batch."""
    if dim < 0 or dim > batch:
        return dim
    return 0 if dim == batch else dim + 1


def axes_of(kind: str, values: dict[str, Any], tensors: Sequence[Data]) -> int | None:
    """How many spatial axes the result has, as far as that can be told."""
    known = next((data.axes for data in tensors if data.axes is not None and not data.is_bare), None)
    if known is None or kind in ("Parameter", "Mean", "Sum", "Max", "Min", "Reduce", "Squeeze", "MatMul"):
        return None
    if kind in ("Reshape", "Expand"):
        return len(values["shape"]) - 1
    return known + {"Select": -1, "Unsqueeze": 1, "Stack": 1}.get(kind, 0)
