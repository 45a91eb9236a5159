"""Running a model's double while every call of a module or of a torch function is written down.

torch hands each of its functions to a `TorchFunctionMode` before it runs, with the real arguments. So whatever Python
does on the way (loops, branches on shapes, asserts) is simply done, and the record is what happened. A module that has
a row of its own, or is torch's, is one call; the others are looked into.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode, resolve_name
from torch.utils._device import _device_constructors
from torch.utils._pytree import tree_flatten_with_path, tree_leaves, tree_map

from layerscope.modules.counting import Counter
from layerscope.modules.record import Asked, Call, Record, Ref, Source, Stop, Value, refs

CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict,
              nn.TransformerEncoder, nn.TransformerDecoder, nn.Transformer)  # fmt: skip
"""Modules of torch's that only call others."""
VALUES = frozenset(
    {"__bool__", "__int__", "__float__", "__complex__", "__index__", "__contains__", "__array__", "item", "tolist",
     "numpy", "is_nonzero", "equal", "allclose", "nonzero", "argwhere", "masked_select", "unique", "unique_consecutive"}
)  # fmt: skip
"""Functions whose result is numbers for Python, or a tensor whose size depends on numbers."""
_MOVES = {"cuda", "cpu", "to", "xpu", "mps"}


def is_whole(module: nn.Module) -> bool:
    """Whether a module is one call: torch's own layers are, containers and other people's classes are not."""
    kind = type(module)
    return kind.__module__.startswith("torch.nn.modules") and not isinstance(module, CONTAINERS)


class Recorder(TorchFunctionMode):
    """Runs `double` once, on tensors that live on `device`. Modules of the classes `whole` are one call each."""

    def __init__(self, double: nn.Module, device: torch.device, whole: Collection[type[nn.Module]] = ()) -> None:
        super().__init__()
        self._double, self._device = double, device
        self._whole = whole
        self._calls: list[Call] = []
        self._values: list[Value] = []
        self._numbers: dict[int, int] = {}
        self._alive: list[torch.Tensor] = []
        self._scope: list[str] = [""]
        self._inside = 0
        self._counter = Counter()
        self._moved: dict[int, torch.Tensor] = {}
        self._failed: Stop | None = None
        self._asked: list[Asked] = []
        self._named = {id(t): (Source.PARAMETER, path) for path, t in double.named_parameters(remove_duplicate=False)}
        self._named |= {id(t): (Source.BUFFER, path) for path, t in double.named_buffers(remove_duplicate=False)}

    def run(self, batch: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Record:
        """The record of one call of the double. Never raises for what the model does: the record then has a stop."""
        for tensor in tree_leaves((args, kwargs)):
            if isinstance(tensor, torch.Tensor):
                self._add(tensor, Source.INPUT)
        outputs: tuple[tuple[str, int], ...] = ()
        with self._watched(), torch.no_grad():
            try:
                with self._counter, self:
                    result = self._double(*args, **kwargs)
                outputs = tuple(self._outputs(result))
            except Exception as error:  # whatever a model raises is told as a sentence
                self._failed = self._failed or Stop("", type(self._double).__name__, "", _first_line(error))
        return Record(batch, tuple(self._calls), tuple(self._values), outputs, self._failed, tuple(self._asked))

    def _outputs(self, result: Any) -> Iterator[tuple[str, int]]:
        plain = (
            vars(result)
            if not isinstance(result, torch.Tensor | tuple | list | dict) and hasattr(result, "__dict__")
            else result
        )
        for path, leaf in tree_flatten_with_path(plain)[0]:
            if isinstance(leaf, torch.Tensor):
                yield "".join(map(str, path)).strip("[].'"), self._ref(leaf).value

    # Modules

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Each module's `forward` goes through this recorder; the double is ours, so nobody else meets that."""
        own = {module: vars(module).get("forward") for module in self._double.modules()}
        for path, module in self._double.named_modules():
            vars(module)["forward"] = self._wrapped(module, path, module.forward)
        try:
            yield
        finally:
            for module, forward in own.items():
                if forward is None:
                    del vars(module)["forward"]
                else:
                    vars(module)["forward"] = forward

    def _wrapped(self, module: nn.Module, path: str, forward: Callable[..., Any]) -> Callable[..., Any]:
        is_call = is_whole(module) or type(module) in self._whole

        def recorded(*args: Any, **kwargs: Any) -> Any:
            if self._inside:
                return forward(*args, **kwargs)
            try:
                if is_call:
                    return self._call(path, type(module).__name__, forward, args, kwargs, module=module)
                self._scope.append(path)
                try:
                    return forward(*args, **kwargs)
                finally:
                    self._scope.pop()
            except Exception as error:
                self._note(path, module, error, args, kwargs)
                raise

        return recorded

    def _note(self, path: str, module: nn.Module, error: Exception, args: Any, kwargs: Any) -> None:
        """Remember where a run ended; the innermost module is met first."""
        if self._failed is None:
            shapes = tuple(tuple(t.shape) for t in tree_leaves((args, kwargs)) if isinstance(t, torch.Tensor))
            self._failed = Stop(path, type(module).__name__, "", _first_line(error), shapes, module)

    # Functions

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        args, kwargs = self._at_home(func, args, kwargs or {})
        if self._inside:
            return func(*args, **kwargs)
        if func is torch.Tensor.__iter__:
            return iter(self._call(self._scope[-1], "unbind", torch.Tensor.unbind, args, {}, function=torch.unbind))
        name = _name(func)
        if name in VALUES or (name == "__getitem__" and _is_mask(args[1])):
            self._asked.append(self._asking(name, args, kwargs))
        return self._call(self._scope[-1], name, func, args, kwargs, function=func)

    def _asking(self, name: str, args: Any, kwargs: Any) -> Asked:
        path = self._scope[-1]
        kind = type(self._double.get_submodule(path)).__name__
        reads = tuple(ref.value for ref in refs(self._refs(args), self._refs(kwargs)))
        return Asked(path, kind, name, reads, len(self._calls))

    def _at_home(self, func: Any, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The arguments with every tensor on the run's device, wherever the model wanted it."""
        if func in _device_constructors() or kwargs.get("device") is not None:
            kwargs = {**kwargs, "device": self._device}
        name = getattr(func, "__name__", "")
        if name in _MOVES and args and isinstance(args[0], torch.Tensor):
            args = (args[0], *(self._device if _is_device(part) else part for part in args[1:]))
        return tree_map(self._moved_here, args), tree_map(self._moved_here, kwargs)

    def _moved_here(self, part: Any) -> Any:
        if not isinstance(part, torch.Tensor) or part.device.type == self._device.type or part.dim() == 0:
            return part
        if id(part) not in self._moved:
            with torch._C.DisableTorchFunction():
                self._moved[id(part)] = part.to(self._device)
            self._alive.append(part)
        return self._moved[id(part)]

    def _call(
        self, path: str, name: str, run: Callable[..., Any], args: Any, kwargs: dict[str, Any], **what: Any
    ) -> Any:
        given = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
        versions = [tensor._version for tensor in given]
        self._counter.take()
        self._inside += 1
        try:
            if name in ("cuda", "cpu", "xpu") and given and "function" in what:
                result = given[0]
            else:
                result = run(*args, **kwargs)
        finally:
            self._inside -= 1
        macs = self._counter.take()
        changed = [t for t, version in zip(given, versions, strict=True) if t._version != version]
        made = [leaf for leaf in tree_leaves(result) if isinstance(leaf, torch.Tensor)]
        if not made and not changed:
            return result
        if not changed and len(made) == 1 and any(made[0] is t for t in given):
            if "function" in what:
                return result  # such as contiguous(): the same tensor
            with torch._C.DisableTorchFunction():
                made = [torch.ops.aten.alias(made[0])]  # a tensor of its own: who reads the input reads that still
            result = made[0]
        reads = self._refs(args), self._refs(kwargs)
        new = {id(tensor): tensor for tensor in (*made, *changed)}
        makes = tuple(self._add(tensor) for tensor in new.values())
        self._calls.append(Call(path, name, *reads, makes, macs, **what))
        for tensor in changed:
            self._changed_through(tensor, path)
        return result

    def _changed_through(self, view: torch.Tensor, path: str) -> None:
        """A view was written to, and with it the tensor that it looks into."""
        base = view._base
        if base is not None and id(base) in self._numbers and base is not view:
            old, part = self._ref(base), self._ref(view)
            self._calls.append(Call(path, "write", (old, part), {}, (self._add(base),), 0, function=None))

    # Values

    def _refs(self, tree: Any) -> Any:
        return tree_map(lambda leaf: self._ref(leaf) if isinstance(leaf, torch.Tensor) else leaf, tree)

    def _ref(self, tensor: torch.Tensor) -> Ref:
        if id(tensor) not in self._numbers:
            source, path = self._named.get(id(tensor), (Source.CONSTANT, ""))
            self._add(tensor, source, path)
        return Ref(self._numbers[id(tensor)])

    def _add(self, tensor: torch.Tensor, source: Source | None = None, path: str = "") -> int:
        self._alive.append(tensor)  # an id is a name only as long as its tensor lives
        self._numbers[id(tensor)] = len(self._values)
        with torch._C.DisableTorchFunction():
            self._values.append(Value(tuple(tensor.shape), tensor.dtype, source, path, id(tensor)))
        return len(self._values) - 1


def _name(func: Any) -> str:
    """The function's plain name: "add" for torch.add, Tensor.add_ and +=."""
    name = getattr(func, "__name__", "")
    if name == "__get__":
        return str(resolve_name(func)).split(".")[-2]
    return name or type(func).__name__


def _is_mask(key: Any) -> bool:
    """Whether an index holds a tensor of truth values: how many of them are true decides the size."""
    return any(isinstance(part, torch.Tensor) and part.dtype is torch.bool for part in tree_leaves(key))


def _is_device(part: Any) -> bool:
    return isinstance(part, torch.device) or (
        isinstance(part, str) and part.split(":")[0] in ("cpu", "cuda", "mps", "meta")
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
