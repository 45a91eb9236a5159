"""Methods of the tensor that put axes in another order, cut, join and stretch them."""

import ast
from abc import ABC
from dataclasses import replace
from typing import Any

from layerscope.source.interpreter.constants import plain
from layerscope.source.interpreter.machine import CHAIN, Call
from layerscope.source.interpreter.recording import MOST_AXES, MOST_PARTS, Recording
from layerscope.source.interpreter.values import Data, Dim, Fault


class AxisMethods(Recording, ABC):
    """permute, transpose, chunk, split, expand and the like."""

    def _op_permute(self, data: Data, call: Call) -> Data:
        row = call.args[0] if len(call.args) == 1 and isinstance(call.args[0], list | tuple) else call.args
        dims = self._dims(tuple(row) or call.kwargs.get("dims"), call)
        count = len(dims) if isinstance(dims, tuple) else 1
        dims = dims if isinstance(dims, tuple) else (dims,)
        order = [dim % count for dim in dims if -count <= dim < count]
        if self.exact and not data.batch:
            exactly: Data = self.record("Permute", {"order": dims}, [data], call.node)
            return exactly
        if sorted(order) != list(range(count)):
            raise Fault(f"{self.paste.quote(call.node)} does not name each axis once.", call.node)
        return self.turned(data, order, call.node, {"order": dims})

    def turned(self, data: Data, order: list[int], node: ast.AST, written: dict[str, Any] | None = None) -> Data:
        """The axes in another order, as torch has them. Where only the batch moves, no row is needed."""
        batch = order.index(data.batch)
        if not data.batch and not batch and written is not None:
            kind = "Transpose" if "dim0" in written else "Permute"
            result: Data = self.record(kind, written, [data], node)
            return result
        moved = [self.axis(data, axis) for axis in order if axis != data.batch]
        if moved != sorted(moved):
            data = self.record("Permute", {"order": (0, *moved)}, [replace(data, batch=0)], node)
        return replace(data, batch=batch)

    def _op_transpose(self, data: Data, call: Call) -> Data:
        values = call.bound(("dim0", "dim1"))
        one, other = (self._dims(values.get(name), call) for name in ("dim0", "dim1"))
        if type(one) is not int or type(other) is not int or not all(-MOST_AXES <= n < MOST_AXES for n in (one, other)):
            raise Fault(f"Which axis {self.paste.quote(call.node)} means cannot be told.", call.node)
        axes = None if data.axes is None else data.axes + 2
        is_row = self.exact and "dim0" in call.kwargs  # the writer's way to tell it from a batch that moves
        if data.batch not in (one, other) or is_row:
            if data.batch and min(one, other) >= 0:
                one, other = self.axis(data, one), self.axis(data, other)
            result: Data = self.record("Transpose", {"dim0": one, "dim1": other}, [replace(data, batch=0)], call.node)
            return replace(result, batch=data.batch)
        count = max(one, other) + 1 if min(one, other) >= 0 else axes
        if count is None:
            raise Fault(f"Which axis {self.paste.quote(call.node)} means cannot be told.", call.node)
        order = list(range(count))
        order[one], order[other] = order[other], order[one]
        return self.turned(data, order, call.node)

    _op_swapaxes = _op_swapdims = _op_transpose

    def _op_unsqueeze(self, data: Data, call: Call) -> Data:
        dim = self._dims(call.bound(("dim",)).get("dim"), call)
        if dim == 0 and not data.batch and not self.exact:
            if data.is_bare:
                return data
            raise Fault(f"{self.paste.quote(call.node)} puts an axis before the batch. {CHAIN}", call.node)
        result: Data = self.record("Unsqueeze", {"dim": dim}, [data], call.node)
        return result

    def _op_squeeze(self, data: Data, call: Call) -> Data | None:
        dim = call.bound(("dim",)).get("dim")
        if dim is None:
            return None
        data, dims = self.placed(data, self._dims(dim, call))
        result: Data = self.record("Squeeze", {"dim": dims}, [data], call.node)
        return result

    def _op_narrow(self, data: Data, call: Call) -> Data:
        values = call.bound(("dim", "start", "length"))
        dim, start, length = (self._dims(values.get(name), call) for name in ("dim", "start", "length"))
        chosen = {"dim": dim, "start": start, "stop": start + length}
        result: Data = self.record("Slice", chosen, [data], call.node)
        return result

    def _op_chunk(self, data: Data, call: Call) -> Any:
        values = call.bound(("chunks", "dim"))
        chunks, dim = self._dims(values.get("chunks"), call), self._dims(values.get("dim", 0), call)
        if not 1 <= chunks <= MOST_PARTS and not self.exact:
            raise Fault(f"{self.paste.quote(call.node)} cuts into more than {MOST_PARTS} parts, the limit.", call.node)
        return self.record("Chunk", {"chunks": chunks, "dim": dim}, [data], call.node)

    def _op_split(self, data: Data, call: Call) -> Any:
        values = call.bound(("split_size_or_sections", "dim"))
        sizes = values.get("split_size_or_sections", call.kwargs.get("split_size"))
        dim = self._dims(values.get("dim", 0), call)
        if type(plain(sizes)) is int:
            raise Fault(
                f"Into how many parts {self.paste.quote(call.node)} cuts depends on the sizes of the tensor; a list of "
                f"sizes, or chunk, would work. {CHAIN}", call.node,
            )  # fmt: skip
        if isinstance(sizes, list | tuple) and len(sizes) > MOST_PARTS:
            raise Fault(f"{self.paste.quote(call.node)} cuts into more than {MOST_PARTS} parts, the limit.", call.node)
        return self.record("Split", {"split_size": self._dims(sizes, call), "dim": dim}, [data], call.node)

    def _op_roll(self, data: Data, call: Call) -> Data:
        values = call.bound(("shifts", "dims"))
        chosen = {"shifts": self._dims(values.get("shifts"), call), "dim": self._dims(values.get("dims"), call)}
        result: Data = self.record("Roll", chosen, [data], call.node)
        return result

    def _op_clamp(self, data: Data, call: Call) -> Data:
        values = {name: self.plain(value, name, call.node) for name, value in call.bound(("min", "max")).items()}
        if values.keys() - {"min", "max"}:
            raise Fault(f"{self.paste.quote(call.node)} is given more than min and max.", call.node)
        result: Data = self.record("Clamp", values, [data], call.node)
        return result

    def _op_pow(self, data: Data, call: Call) -> Any:
        exponent = call.bound(("exponent",)).get("exponent")
        return self.record("Power", {"exponent": self.plain(exponent, "exponent", call.node)}, [data], call.node)

    def _op_expand(self, data: Data, call: Call) -> Data:
        sizes = self._sizes_of(call)
        if data.is_bare:
            return self.repeated(data, sizes, call)
        shape = tuple(self._dims(size, call) for size in sizes[1:])
        result: Data = self.record("Expand", {"shape": shape}, [data], call.node)
        return result

    def _op_repeat(self, data: Data, call: Call) -> Data | None:
        return self.repeated(data, self._sizes_of(call), call) if data.is_bare else None

    @staticmethod
    def _sizes_of(call: Call) -> list[Any]:
        only = call.args[0] if len(call.args) == 1 else None
        return list(only) if isinstance(only, list | tuple) else list(call.args)

    def repeated(self, data: Data, sizes: list[Any], call: Call) -> Data:
        """A parameter, once for each sample: self.token.expand(x.size(0), -1, -1)."""
        made = self.uses[data.position - 1].made
        if not sizes or not isinstance(sizes[0], Dim) or not sizes[0].is_batch or made.layer is None:
            raise Fault(f"{self.paste.quote(call.node)} does not repeat it for each sample. {CHAIN}", call.node)
        if any(type(plain(size)) is not int or plain(size) not in (-1, 1) for size in sizes[1:]):
            raise Fault(f"{self.paste.quote(call.node)} repeats more than the batch. {CHAIN}", call.node)
        axes = len(made.layer.chosen["shape"])
        made.layer = made.layer.with_chosen("ndim", None if len(sizes) == axes + 1 else len(sizes))
        made.is_settled = True
        return replace(data, is_bare=False, axes=len(sizes) - 2)

    def reshape_row(self, data: Data, sizes: list[Any], call: Call) -> Data:
        """A view or reshape that is no flatten: the sizes without the batch. Raises Fault."""
        known = [plain(size) for size in sizes]
        open_sizes = [n for n, size in enumerate(known) if isinstance(size, Dim)]
        if len(open_sizes) == 1 and -1 not in known:  # one size that nobody knows yet is worked out by torch as well
            known[open_sizes[0]] = -1
            open_sizes = []
        if open_sizes and all(isinstance(size, Dim) or type(size) is int for size in known):
            pending = tuple(known)
            result: Data = self.record("Reshape", {"shape": tuple(-1 for _ in known)}, [data], call.node)
            self.uses[-1].made.pending = pending
            return result
        if any(type(size) is not int for size in known):
            text = self.paste.quote(call.node)
            raise Fault(f"{text} depends on sizes of the tensor in a way that no layer here does. {CHAIN}", call.node)
        if known.count(-1) > 1 and not self.exact:
            words = f"torch cannot work out two sizes in {self.paste.quote(call.node)}; only one may be -1."
            raise Fault(words, call.node)
        reshaped: Data = self.record("Reshape", {"shape": tuple(known)}, [data], call.node)
        return reshaped
