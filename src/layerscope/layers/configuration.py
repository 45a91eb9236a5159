"""What a user writes of a layer: its name, what it reads, and its arguments with their meanings."""

import inspect
from abc import ABC
from dataclasses import dataclass, fields, replace
from functools import cache
from math import isfinite
from typing import Any, ClassVar, Self

from torch import nn

from layerscope.once import once
from layerscope.parameter import Parameter, written
from layerscope.text import is_word

WIRING = frozenset({"name", "inputs", "of", "tied"})
"""The fields of a layer that are not arguments: its place among the others."""

_HARMLESS = frozenset({int, bool, type(None)})


@dataclass(frozen=True, kw_only=True)
class Configuration(ABC):
    """One row of a network as it is written. Nothing here depends on the shapes that arrive.

    Subclasses state their torch class and have a field for each argument that the user chooses.
    """

    name: str
    inputs: tuple[str, ...] = ()
    """What the row reads: names of earlier rows ("conv1"), one of several outputs of a row ("lstm1:h_n"), or an input
    of the network. Empty: the row above."""
    of: str = ""
    """The earlier row whose module this row calls again, with the same weights."""
    tied: tuple[str, ...] = ()
    """Tensors that the row has in common with others: with "encoder:weight" its weight is that of the row encoder."""

    torch_class: ClassVar[type[nn.Module]]
    """The real module; where torch has a function only, a module of ours that calls it."""
    stem: ClassVar[str]
    """What names of this type begin with: conv1, pool2."""
    decides: ClassVar[tuple[str, ...]] = ()
    """The arguments that the arriving shape decides."""

    @property
    def type(self) -> str:
        """The name of the torch class, for example "Conv2d"."""
        return type(self).__name__

    @classmethod
    @cache
    def parameters(cls) -> dict[str, Parameter]:
        """The chosen arguments in torch's order, with their meaning."""
        known = {f.name: f.metadata["parameter"] for f in fields(cls) if "parameter" in f.metadata}
        return {name: known[name] for name in cls._signature() if name in known}

    @classmethod
    @cache
    def _meanings(cls) -> tuple[tuple[str, Parameter, Any], ...]:
        """Each parameter with its meaning and its default, which needs no checking."""
        defaults = {field.name: field.default for field in fields(cls)}
        return tuple((name, parameter, defaults[name]) for name, parameter in cls.parameters().items())

    @classmethod
    @cache
    def _arguments(cls) -> tuple[tuple[str, Any], ...]:
        """The fields that are arguments, with their defaults. The network checks the others."""
        return tuple((field.name, field.default) for field in fields(cls) if field.name not in WIRING)

    @classmethod
    @cache
    def _signature(cls) -> tuple[str, ...]:
        return tuple(inspect.signature(cls.torch_class.__init__).parameters)

    @classmethod
    @cache
    def _written(cls) -> tuple[str, ...]:
        """What stands in a call of the constructor, in torch's order: what the user chooses and what inputs decide."""
        known = {*cls.parameters(), *cls.decides}
        return tuple(name for name in cls._signature() if name in known)

    @classmethod
    def fresh(cls, name: str) -> Self:
        """A layer of this type with its starting values."""
        starters = {key: p.starter for key, p in cls.parameters().items() if p.starter is not None}
        return cls(name=name, **starters)

    @classmethod
    def usual(cls, name: str) -> Any:
        """The value an argument starts with: torch's default, or ours where torch has none."""
        starter = cls.parameters()[name].starter
        return cls.__dataclass_fields__[name].default if starter is None else starter

    @once
    def signature(self) -> tuple[Any, ...]:
        """The layer without its name. Types count: to Python True equals 1 and 2.0 equals 2, to torch they do not."""
        here = self.__dict__
        values = tuple([here[name] for name in self.parameters()])
        kinds = tuple(map(type, values))
        if tuple in kinds:
            kinds += tuple(type(part) for value in values if type(value) is tuple for part in value)
        return type(self), values, kinds

    @property
    def chosen(self) -> dict[str, Any]:
        """The arguments that the user chose."""
        here = self.__dict__
        return {name: here[name] for name in self.parameters()}

    def __post_init__(self) -> None:
        """Refuse numbers that are none: nothing that counts or compares would end with them. Refuse text that is
        not a word: pages and files would take it for markup."""
        here = self.__dict__
        for name, default in self._arguments():
            value = here[name]
            if value is default or type(value) in _HARMLESS:
                continue
            for part in value if type(value) is tuple else (value,):
                if type(part) is float and not isfinite(part):
                    raise ValueError(f"{name} is {part}; a finite number is needed.")
                if type(part) is str and not is_word(part):
                    raise ValueError(f"{name} is {written(part)}, which is not a valid word for a layer.")

    def placed(
        self, name: str, inputs: tuple[str, ...] = (), of: str = "", tied: tuple[str, ...] = ()
    ) -> Self:  # fmt: skip
        """The same layer at another place. Its arguments were checked when it was made, and what was worked out of them
        stays."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, name=name, inputs=inputs, of=of, tied=tied)
        return other

    def with_chosen(self, name: str, value: Any) -> Self:
        """The same layer with one argument changed."""
        changed: dict[str, Any] = {name: value}
        return replace(self, **changed)
