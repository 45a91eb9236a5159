"""A question of the quiz, and what is told after an answer."""

from collections.abc import Hashable
from dataclasses import dataclass

from layerscope.guesses import refuted
from layerscope.network import Network

_THAT = "That "


@dataclass(frozen=True)
class Option:
    """One answer to choose. `value` is what is compared: no two options of a question share one.

    `mistake` is "" for the right option, otherwise a sentence that says which mistake leads to it; "That" in it
    is this option.
    """

    text: str
    value: Hashable
    mistake: str = ""

    @property
    def why_not(self) -> str:
        """The mistake beside the right answer: there "That" would leave open which of the two it means."""
        is_about_it = self.mistake.startswith(_THAT)
        return f"Your answer {self.mistake.removeprefix(_THAT)}" if is_about_it else self.mistake


@dataclass(frozen=True)
class Question:
    """`key` names the template, `layer` the layer in question ("" for the whole network).

    `text`, the options and `explanation` are plain text; `answer` is the place of the right option.
    """

    key: str
    text: str
    options: tuple[Option, ...]
    answer: int
    explanation: str
    network: Network
    layer: str = ""

    @property
    def right(self) -> Option:
        """The right option."""
        return self.options[self.answer]


@dataclass(frozen=True)
class Marked:
    """Whether an answer was right, and what to tell: the verdict, the mistake if there was one, and the explanation."""

    right: bool
    verdict: str
    why: str

    @property
    def sentence(self) -> str:
        return f"{self.verdict} {self.why}"


def check(question: Question, choice: int) -> Marked:
    """Mark the option at the place `choice`. Raises ValueError where there is no such option."""
    if not 0 <= choice < len(question.options):
        raise ValueError(f"The choice is {choice}; from 0 to {len(question.options) - 1} would work.")
    if choice == question.answer:
        return Marked(True, "Right.", question.explanation)
    option = question.options[choice]
    verdict = f"{refuted(option.text, question.right.text)}."
    return Marked(False, verdict, f"{option.why_not} {question.explanation}")
