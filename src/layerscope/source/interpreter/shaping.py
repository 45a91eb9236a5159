"""Reshapes of the tensor that are layers in other words: flatten, unflatten, global pooling."""

import ast
from abc import ABC
from dataclasses import replace
from typing import Any

from layerscope.source.functions import FUNCTIONS
from layerscope.source.interpreter.axis_methods import AxisMethods
from layerscope.source.interpreter.constants import plain
from layerscope.source.interpreter.machine import Call
from layerscope.source.interpreter.values import Data, Dim, Fault, Given, InValue, Sizes, Unknown
from layerscope.source.reading import Span

MOST_SIZES = 5


class Shaping(AxisMethods, ABC):
    """view, reshape, flatten, mean, squeeze."""

    def flattened(self, data: Data, name: str, call: Call) -> Data:
        """x.flatten(...), torch.flatten(x, ...): from axis 0 on unless told otherwise."""
        function = FUNCTIONS["torch.flatten"]
        values = call.bound(function.arguments)
        if values.get("start_dim", 0) == 0 and values.get("end_dim", -1) == -1 and data.axes == 0 and self.uses:
            return self._left_out(data, call)
        chosen = dict(function.fixed) | {key: self.plain(value, key, call.node) for key, value in values.items()}
        unknown = values.keys() - set(function.arguments)
        if unknown:
            raise Fault(f"flatten has no argument {min(unknown)[:40]}.", call.node)
        slip = None
        if "start_dim" not in values and values.get("end_dim", -1) == -1 and isinstance(call.node, ast.Call):
            chosen["start_dim"] = 1  # what is meant; the slip is told
            slip = InValue("from 0", 0, call.node)
        return self.make_and_feed("Flatten", chosen, data, call.node, slip=slip)

    def _left_out(self, data: Data, call: Call) -> Data:
        """A reshape at the very end that only takes axes of size 1 away."""
        text = self.paste.quote(call.node)
        self.note(f"{text} at the end is left out: it takes axes away, the batch's too where it is 1.", call.node)
        return replace(data, averaged=0, ended=f"{text} before this is left out.")

    def reshaped(self, data: Data, name: str, call: Call) -> Data:
        """x.view(...), x.reshape(...), torch.reshape(x, ...)."""
        data = self.current(data, call.node)
        sizes = list(call.args) or [call.kwargs.get("shape", call.kwargs.get("size"))]
        nodes = [call.nodes.get(n, call.node) for n in range(len(sizes))]
        if len(sizes) == 1 and isinstance(sizes[0], list | tuple):
            inner = getattr(nodes[0], "elts", None)
            sizes = list(sizes[0])
            nodes = list(inner) if inner is not None and len(inner) == len(sizes) else [call.node] * len(sizes)
        if not sizes or len(sizes) > MOST_SIZES:
            raise Fault(f"{self.paste.quote(call.node)} gives no shape that can be told.", call.node)
        if len(sizes) == 1:
            if sizes[0] == -1:
                return self._left_out(data, call)
            raise Fault(
                f"{self.paste.quote(call.node)} does not keep the batch axis; flatten(start_dim=1) would.", call.node
            )
        batch, rest = sizes[0], sizes[1:]
        if self.exact:
            return self.reshape_row(data, rest, call)
        if (isinstance(batch, Dim) and not batch.is_batch) or isinstance(batch, Sizes | Data) or batch == 0:
            raise Fault(f"The first size in {self.paste.quote(call.node)} is not the batch's, x.size(0).", call.node)
        if len(rest) == 1:
            return self._to_one_axis(data, batch, rest[0], nodes, call)
        return self._to_axes(data, rest, call)

    def _to_one_axis(self, data: Data, batch: Any, size: Any, nodes: list[Any], call: Call) -> Data:
        text = self.paste.quote(call.node)
        written: tuple[InValue, ...] = ()
        if isinstance(size, Dim) and not size.is_sample and len(size.axes) == 1 and size.factor == size.divisor == 1:
            size = Dim(data, rest=True)  # b, c, _, _ = x.size(), and then view(b, c) of what is pooled
        if isinstance(size, Dim) and not size.is_sample:
            raise Fault(f"{text} does not put all values of a sample into one row.", call.node)
        if isinstance(size, Dim | Sizes) and size.data.position != data.position:
            raise Fault(f"{text} uses sizes that the tensor had before.", call.node)
        if type(size) in (int, Given):
            if size == batch == -1 or size < -1 or size == 0 or size.bit_length() > 64:
                raise Fault(f"torch cannot work out the sizes in {text}; x.size(0), -1 would work.", call.node)
            if size != -1:
                rows = int(batch) if type(batch) in (int, Given) else None
                written = (InValue("features", int(size), nodes[1], rows),)
            if size != -1 and batch == -1:
                self.note(f"{text} is read as a flatten.", call.node)
        elif not isinstance(size, Dim | Unknown):
            raise Fault(f"{text} gives no shape that can be told.", call.node)
        fixed = type(batch) in (int, Given) and batch > 0
        slip = InValue("rows", int(batch), nodes[0]) if fixed and batch.bit_length() < 64 else None
        return self.make_and_feed("Flatten", {}, data, call.node, in_values=written, slip=slip)

    def _to_axes(self, data: Data, sizes: list[Any], call: Call) -> Data:
        text = self.paste.quote(call.node)
        first = sizes[0]
        if isinstance(first, Dim) and first.axes == (1,) and not first.rest and first.data.position == data.position:
            whole = isinstance(sizes[1], Dim) and sizes[1].axes == tuple(range(2, 2 + len(sizes[1].axes)))
            if len(sizes) == 2 and (sizes[1] == -1 or whole):
                return self.make_and_feed("Flatten", {"start_dim": 2}, data, call.node)
        if any(isinstance(size, Unknown) for size in sizes):
            raise Fault(next(size.reason for size in sizes if isinstance(size, Unknown)), call.node)
        numbers = all(type(size) in (int, Given) and -1 <= size <= 2**32 and size for size in sizes)
        if not numbers or (self.branches and self.uses):
            return self.reshape_row(data, sizes, call)
        shape = tuple(map(int, sizes))
        if shape.count(-1) > 1:
            raise Fault(f"torch cannot work out two sizes in {text}; only one may be -1.", call.node)
        if data.position == 0 and not self.uses and -1 not in shape:
            self.note(f"{text} says what one input looks like; it is left out where the input already does.", call.node)
            self.input_sizes = shape
            return Data(0, len(shape) - 1)
        if data.axes != 0:
            data = self.make_and_feed("Flatten", {}, data, call.node)
        return self.make_and_feed("Unflatten", {"dim": 1, "unflattened_size": shape}, data, call.node)

    def averaged(self, data: Data, name: str, call: Call) -> Any:
        """x.mean([2, 3]): global average pooling; x.amax([2, 3]): global maximum pooling; others are rows as such."""
        text = self.paste.quote(call.node)
        values = call.bound(("dim", "keepdim"))
        dim = values.get("dim", values.get("axis"))
        axes = None if self.exact or self.branches else self._spatial(dim, data)
        if axes is None:
            if dim is None:
                raise Fault(f"{text} is no layer; a mean over height and width, x.mean([2, 3]), would be.", call.node)
            return self.reduced(data, name, call)
        keep = values.get("keepdim", False)
        if type(keep) is not bool:
            raise Fault(f"Whether {text} keeps its axes cannot be told.", call.node)
        known = data.axes or axes + data.averaged
        if axes + data.averaged < known and not keep:
            means = (*data.means, *self._dims_of(dim, data))
            return replace(data, averaged=data.averaged + axes, means=means, reducing=name)
        if axes + data.averaged != known:
            return self.reduced(data, name, call)
        kind = "AdaptiveAvgPool" if name == "mean" else "AdaptiveMaxPool"
        whole = replace(data, averaged=0, means=(), reducing="")
        pooled = self.make_and_feed(f"{kind}{known}d", {"output_size": 1}, whole, call.node)
        return pooled if keep else self.make_and_feed("Flatten", {}, pooled, call.node)

    @staticmethod
    def _dims_of(dim: Any, data: Data) -> tuple[int, ...]:
        """The axes of a mean as the tensor has them that the first mean was taken of."""
        row = [int(axis) for axis in (dim if isinstance(dim, list | tuple) else [dim])]
        gone = sorted(data.means)
        if not gone:
            return tuple(row)
        left = [axis for axis in range(2, 2 + (data.axes or 3)) if axis not in gone]
        return tuple(left[axis - 2 if axis >= 2 else axis] for axis in row)

    @staticmethod
    def _spatial(dim: Any, data: Data) -> int | None:
        """How many spatial axes are named; None where others are, or none."""
        row = list(dim) if isinstance(dim, list | tuple) else [dim]
        if not row or any(type(axis) not in (int, Given) for axis in row) or data.axes == 0:
            return None
        left = (data.axes if data.axes is not None else 3) - data.averaged
        fitting = all(2 <= axis <= left + 1 or -left <= axis <= -1 for axis in row)
        return len(row) if fitting and len(set(row)) == len(row) <= left else None

    def squeezed(self, data: Data, name: str, call: Call) -> Data:
        """x.squeeze(): a flatten after global pooling; at the end it only takes axes of size 1 away."""
        data = self.current(data, call.node)
        if (self.exact or data.batch) and (squeezed := self._op_squeeze(data, call)) is not None:
            return squeezed
        last = self.uses[data.position - 1].made if data.position > 0 else None
        if last is None:
            raise Fault("squeeze takes an axis of the input away; give the input without it.", call.node)
        if "Pool" in last.type:
            self.note(f"{self.paste.quote(call.node)} after pooling is read as a flatten.", call.node)
            return self.make_and_feed("Flatten", {}, data, call.node)
        text = self.paste.segment(last.node)
        if last.type == "Flatten" and ".squeeze" in text:
            return data
        if self.branches and (squeezed := self._op_squeeze(data, call)) is not None:
            return squeezed
        if data.axes in (0, None):
            return self._left_out(data, call)
        func = call.node.func if isinstance(call.node, ast.Call) and not (call.args or call.kwargs) else None
        if isinstance(func, ast.Attribute):
            behind, end = self.paste.behind(func.value), self.paste.behind(call.node)
            self.flaw(
                "With a batch of 1, squeeze() takes the batch axis away too; flatten(1) does not.", call.node,
                title="squeeze takes every axis of size 1 away", label=f"Line {end.line}: write .flatten(1)",
                changes=((Span(behind.line, behind.column, end.line, end.column), ".flatten(1)"),),
            )  # fmt: skip
        if (squeezed := self._op_squeeze(data, call)) is not None:
            return squeezed
        raise Fault("squeeze takes axes of size 1 away, wherever they are; nn.Flatten says what is meant.", call.node)

    def unsqueezed(self, data: Data, name: str, call: Call) -> Data:
        """x.unsqueeze(1): an axis of size 1 in front of one that is there, or behind the last one."""
        data = self.current(data, call.node)
        dim = call.bound(("dim",)).get("dim")
        if self.exact or self.branches or data.batch or (type(plain(dim)) is int and not -1 <= plain(dim) <= 2):
            return self._op_unsqueeze(data, call)
        is_flat = data.axes == 0 and bool(self.uses)
        if dim == 1:
            split = (1, (1, -1))
        elif dim == -1 or (dim == 2 and is_flat):
            split = (-1, (-1, 1))
        elif dim == 2:
            return self._op_unsqueeze(data, call)
        else:
            text = self.paste.quote(call.node)
            would = "x.unsqueeze(1), behind the batch, or nn.Unflatten would work."
            raise Fault(f"Where {text} puts its axis cannot be told; {would}", call.node)
        return self.make_and_feed("Unflatten", {"dim": split[0], "unflattened_size": split[1]}, data, call.node)
