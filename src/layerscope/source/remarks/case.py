"""What a remark is made from: a network of the paste that was followed, its input, and the examples in the code."""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from layerscope.layers.base import Layer, Shape
from layerscope.source.examples import Example
from layerscope.source.followed import Code, Followed
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.reading import Flaw, Note
from layerscope.source.remarks.remarks import flaw_at
from layerscope.source.text.paste import Paste, short


@dataclass(frozen=True)
class Case:
    """One network and all that is known of its input.

    `shape` is None where nobody told it or there are several inputs; `is_told` says whether the code tells the sizes.
    `shown` are the examples that the network is called on.
    """

    code: Code
    followed: Followed
    shape: Shape | None = None
    shown: Sequence[Example] = ()
    is_told: bool = False

    @property
    def run(self) -> Evaluator:
        return self.followed.run

    @property
    def paste(self) -> Paste:
        return self.followed.run.paste

    @property
    def layers(self) -> tuple[Layer, ...]:
        return self.followed.layers

    @property
    def wishes(self) -> dict[str, dict[str, int]]:
        """The whole numbers that the code writes where the input of a layer decides."""
        return self.followed.widths

    @property
    def example(self) -> Example | None:
        """The call that counts."""
        return self.shown[0] if self.shown else None

    def flaw(self, sentence: str, node: ast.AST, **more: Any) -> Flaw:
        """Something that torch refuses or that may surprise; `more` are the other fields of a Flaw."""
        return flaw_at(self.paste, sentence, node, **more)

    def note(self, sentence: str) -> Note:
        """A sentence about the whole."""
        return Note(None, short(sentence))


Remark = Callable[[Case], Iterator[Note]]
