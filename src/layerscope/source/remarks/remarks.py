"""What is remarked on while a paste is read: sentences, each once and not too many."""

import ast
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from layerscope.source.reading import Assumed, Flaw, Measured, Note, Offer, Span
from layerscope.source.text.paste import Paste, short

MOST_NOTES = 50


def flaw_at(paste: Paste, sentence: str, node: ast.AST, **more: Any) -> Flaw:
    """A flaw in the line of a node; `more` are its other fields."""
    return Flaw(paste.place(node)[0], short(sentence), **more)


class Remarks:
    """The remarks on one paste so far."""

    def __init__(self, paste: Paste) -> None:
        self.paste = paste
        self.notes: dict[Note, None] = {}

    def note(self, sentence: str, node: ast.AST | None = None) -> None:
        """Keep a sentence for the user."""
        line = self.paste.place(node)[0] if node is not None and hasattr(node, "lineno") else None
        self._remember(Note(line, short(sentence)))

    def take_back(self, sentence: str, node: ast.AST) -> None:
        """Forget a sentence that turned out to be none."""
        self.notes.pop(Note(self.paste.place(node)[0], short(sentence)), None)

    def assume(self, name: str, path: str) -> None:
        """Remember a name that is used without an import."""
        found = Assumed(None, "", name, path)
        self._remember(replace(found, sentence=f"{found.statement} is missing; we assumed it."))

    def offer(self, sentence: str, node: ast.AST, label: str, changes: tuple[tuple[Span, str], ...]) -> None:
        """Remember what was taken to be meant, and the change that writes it down."""
        self._remember(Offer(self.paste.place(node)[0], short(sentence), label, changes))

    def measured(self, node: ast.AST) -> None:
        """Remember an operation that no layer type says."""
        self._remember(self._measured(node))

    def unmeasured(self, node: ast.AST) -> None:
        """Forget such an operation where its row is not shown."""
        self.notes.pop(self._measured(node), None)

    def _measured(self, node: ast.AST) -> Measured:
        text = self.paste.quote(node)
        words = f"Layerscope has no layer for {text}: its row shows only the sizes that PyTorch gives."
        return Measured(self.paste.place(node)[0], short(words), text)

    def flaw(self, sentence: str, node: ast.AST, **more: Any) -> None:
        """Remember something that torch refuses, or that may surprise; `more` are the other fields of a Flaw."""
        self._remember(flaw_at(self.paste, sentence, node, **more))

    def add(self, notes: Iterable[Note]) -> None:
        """Remember what a remark yields."""
        for note in notes:
            self._remember(note)

    def _remember(self, note: Note) -> None:
        if len(self.notes) < MOST_NOTES:
            self.notes[note] = None
