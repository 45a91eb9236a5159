"""How many steps a lesson has on a network: it is walked once without a screen, as if every question were answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from layerscope.network import Network
from layerscope.ui.lessons.contents import LESSONS
from layerscope.ui.lessons.moving import Control
from layerscope.ui.lessons.page import Page, Part, Task, Values


@dataclass
class _Walk(Page):
    """A visit that draws nothing and gives every answer."""

    keys: list[str] = field(default_factory=list)

    @property
    def looks_ahead(self) -> bool:
        return True

    @property
    def is_narrow(self) -> bool:
        return False

    def next_row(self) -> None:
        """Nothing is drawn."""

    def say(self, text: str) -> None:
        """Nothing is drawn."""

    def tell(self, text: str) -> None:
        """Nothing is drawn."""

    def predict(
        self, key: str, question: str, answer: str, why: str, options: Sequence[str] = (), also: str = ""
    ) -> bool:
        self.keys.append(key)
        return True

    def task(self, key: str, task: Task) -> bool:
        self.keys.append(key)
        return True

    def pick(self, key: str, label: str, options: Sequence[str], usual: str) -> str:
        return usual

    def figures(self, key: str, figures: Sequence[Part], **parts: Any) -> None:
        """Nothing is drawn."""

    def moving(
        self, key: str, controls: Sequence[Control], show: Callable[[Values], Part], *, above: bool = False
    ) -> None:
        """Nothing is drawn."""


@lru_cache(maxsize=64)
def steps(body: Callable[[Page], None], network: Network, is_course: bool) -> tuple[str, ...]:
    """The keys of a lesson's questions and tasks on that network, in order."""
    walk = _Walk(LESSONS[0], network, is_course, {}, None, None)
    body(walk)
    return tuple(walk.keys)
