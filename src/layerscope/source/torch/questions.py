"""Questions to torch: what a function gives for tensors that hold nothing. Answers are remembered across pastes.

A question is made of our tensors and of numbers, words and short rows that `operations` has looked at; nothing else
gets here. Blocks repeat in networks, and a paste that is edited is read again: most questions were asked before.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from threading import Lock
from typing import Any

import torch
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from layerscope.asking import first_line
from layerscope.source.text import scan
from layerscope.source.torch import allowed

_HOMES: dict[str, Any] = {"x": torch.Tensor, "torch": torch, "F": functional, "linalg": torch.linalg}
_PROPERTIES = ("T", "mT")
REMEMBERED = 1_024


class Question:
    """A function of `space` (a key of `allowed.OF`) and its arguments; `key` is what two equal questions share.

    Raises TypeError for arguments without a hash.
    """

    __slots__ = ("_hash", "args", "key", "kwargs", "name", "space")

    def __init__(self, key: Hashable, space: str, name: str, args: list[Any], kwargs: dict[str, Any]) -> None:
        self.key, self.space, self.name, self.args, self.kwargs = key, space, name, args, kwargs
        self._hash = hash(key)

    @classmethod
    def of(cls, space: str, name: str, args: list[Any], kwargs: dict[str, Any]) -> "Question":
        """The question with these arguments; what makes a tensor makes it on the meta device."""
        if name in allowed.CREATING:
            kwargs = kwargs | {"device": "meta"}
        named = tuple([(name, _key(value)) for name, value in kwargs.items()]) if kwargs else ()
        return cls((space, name, _key(args), named), space, name, args, kwargs)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return type(other) is Question and self.key == other.key

    def called(self, name: str) -> "Question":
        """The same arguments for another function; answers are not remembered under its name."""
        return Question(self.key, self.space, name, self.args, self.kwargs)

    @property
    def is_known(self) -> bool:
        """Whether torch has such a function."""
        return self._function is not None

    @property
    def _function(self) -> Any:
        return _function(self.space, self.name)

    @property
    def tensors(self) -> int:
        """How many tensors go in: what an answer takes grows with them."""
        return sum(isinstance(part, torch.Tensor) for part in _flat([self.args, list(self.kwargs.values())]))

    def work(self, *args: Any, **kwargs: Any) -> Any:
        """The function itself. Raises whatever torch raises."""
        if self.name in _PROPERTIES:
            return self._function.__get__(args[0])
        return self._function(*args, **kwargs)


@lru_cache(maxsize=REMEMBERED)
def _function(space: str, name: str) -> Any:
    """What torch has under that name; None where it has nothing. Only names that are allowed are looked up."""
    return getattr(_HOMES[space], name, None)


@dataclass(frozen=True)
class Refused:
    """What torch says where it refuses."""

    words: str


def _key(value: Any) -> Hashable:
    """Equal for arguments that mean the same to torch; 1, 1.0 and True do not."""
    kind = type(value)
    if kind is torch.Tensor:
        return tuple(value.shape), value.dtype
    if kind is list or kind is tuple:
        return kind, tuple([_key(part) for part in value])
    if kind is slice:
        return slice, value.start, value.stop, value.step
    return kind, value


def _flat(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        return [value]
    return [part for each in value for part in _flat(each)]


def pieces(question: Question) -> int:
    """How many tensors a function that cuts one up would give; 1 where it does not, or where torch will refuse."""
    if question.name not in _CUTTING:
        return 1
    names = ("of", "sizes", "dim") if question.name != "unbind" else ("of", "dim")
    given = dict(zip(names, question.args, strict=False)) | question.kwargs
    named = ("sizes", "split_size", "split_size_or_sections", "chunks", "sections", "indices_or_sections", "indices")
    sizes = next((given[name] for name in named if name in given), None)
    of, dim = given.get("of", given.get("input")), given.get("dim", given.get("axis", 0))
    if not isinstance(of, torch.Tensor):
        return 1
    if isinstance(sizes, list | tuple):
        return len(sizes)
    fits = type(dim) is int and -of.dim() <= dim < of.dim()
    if question.name not in ("split", "unbind"):
        if type(sizes) is not int:
            return 1
        return min(sizes, of.shape[dim]) if fits and question.name == "chunk" else sizes  # of one cell each at least
    size = 1 if question.name == "unbind" else sizes
    return -(-of.shape[dim] // size) if fits and type(size) is int and size > 0 else 1


_CUTTING = frozenset({"split", "unbind", "chunk", "tensor_split", "hsplit", "vsplit", "dsplit"})


@lru_cache(maxsize=REMEMBERED)
def answer(question: Question) -> Any:
    """What torch gives, in the form in which it gives it; Refused where it refuses."""
    try:
        with torch.no_grad(), scan.quiet():
            return question.work(*question.args, **question.kwargs)
    except Exception as error:  # torch's own Python raises anything where it is given what it does not expect
        return Refused(first_line(error))


@lru_cache(maxsize=REMEMBERED)
def counted(question: Question) -> int:
    """Multiply-accumulates of all samples by torch's own counter; 0 where it does not run."""
    with FlopCounterMode(display=False) as counter, torch.no_grad(), scan.quiet():
        try:
            question.work(*question.args, **question.kwargs)
        except Exception:  # as above
            return 0
    return int(counter.get_total_flops()) // 2


_loading = Lock()


def load() -> None:
    """Have torch import what many of its answers begin with: about a second and 80 MB, once a process.

    Its modules import each other in circles: of two threads that begin at different ends one would get half a module.
    """
    with _loading:
        for module in ("torch.fx.experimental.symbolic_shapes", "torch._dynamo"):
            import_module(module)


def warm() -> None:
    """Load that, and ask once what costs more the first time."""
    load()
    one = torch.empty(2, 3, 4, device="meta")
    for name, args in (("einsum", ["bij,bkj->bik", one, one]), ("roll", [one, 1, 1]), ("layer_norm", [one, [4]])):
        answer(Question.of("torch", name, args, {}))
