"""The names of rows: the paths of a live model's modules, made fit for rows and told apart."""

from collections.abc import Iterable
from itertools import count
from keyword import iskeyword
from re import ASCII, fullmatch, sub

from layerscope import limits
from layerscope.inputs import paths_above
from layerscope.modules.record import Call


class Names:
    """The names that are taken so far. `paths` are those of the model's modules, which other rows leave to them."""

    def __init__(self, inputs: Iterable[str], paths: Iterable[str]) -> None:
        self._names = {*inputs}
        self._blocks = set[str]()
        self._paths = {*paths}

    def add(self, name: str) -> None:
        """Take a name."""
        self._names.add(name)
        self._blocks.update(paths_above(name))

    def free(self, path: str, more: Iterable[str] = ()) -> str:
        """The path as a row's name, with a number where that is taken; `more` are taken too.

        No row stands inside another one: what is called in a module that is one row lies beside it.
        """
        name = ".".join(_part(part) for part in path.split(".")) if path else "module"
        taken = {*self._names, *self._blocks, *more}
        if any(above in self._names for above in paths_above(name)):
            name = _part(name.replace(".", "_"))
        if name not in taken and (path in self._paths or name not in self._paths):
            return name
        block, dot, last = name.rpartition(".")
        stem = f"{block}{dot}call{last}" if last.isdigit() else name
        return next(n for k in count(1) if (n := f"{stem}_{k}") not in taken | self._paths)


def inside(call: Call, stem: str) -> str:
    """The name of a function's row: the module in whose forward it was called, and what was called."""
    plain = sub(r"^_+|_+$", "", call.name) or stem
    return f"{call.path}.{plain.lower()}" if call.path else plain.lower()


def beside(call: Call) -> str:
    """The name of a constant that a call reads."""
    scope = call.path.rpartition(".")[0] if call.is_module else call.path
    return f"{scope}.constant" if scope else "constant"


def word(name: str) -> str:
    """A name as an argument of a row can hold it."""
    plain = sub(r"^_+|_+$", "", name)[: limits.WORD.most]
    return plain if fullmatch(r"[A-Za-z][A-Za-z0-9_]+", plain) else f"call_{sub(r'[^A-Za-z0-9]', '', plain)[:30]}"


def _part(part: str) -> str:
    """A part of a path as it can stand in a row's name."""
    if part.isascii() and part.isdigit():
        return part
    plain = sub(r"\W", "_", part, flags=ASCII) or "_"
    plain = plain if not plain[0].isdigit() else f"_{plain}"
    return f"{plain}_" if iskeyword(plain) else plain
