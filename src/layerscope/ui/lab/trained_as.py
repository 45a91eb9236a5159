"""How a network is trained, as the Memory page was last told: what other pages estimate memory with."""

from layerscope.study.compare import USUAL, Training
from layerscope.ui import remembered
from layerscope.ui.lab.memory_view import View

_KEY = "memory.trained-as"


def keep(view: View) -> None:
    """Remember the choices of the Memory page."""
    remembered.remember(_KEY, Training(view.batch, view.optimizer, view.precision))


def chosen() -> Training:
    """They, or what the Memory page begins with."""
    return remembered.kept(_KEY, USUAL)
