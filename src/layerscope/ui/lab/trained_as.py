"""How a network is trained, as the Memory page was last told, or a link says: what other pages estimate memory with."""

from layerscope.network import Network
from layerscope.study.compare import USUAL, Training
from layerscope.ui import remembered
from layerscope.ui.lab.memory_view import View, read

WORDS = ("batch", "optimizer", "precision")
"""The words of an address that hold it, as on the Memory page."""
_KEY = "memory.trained-as"


def keep(view: View) -> None:
    """Remember the choices of the Memory page."""
    remembered.remember(_KEY, Training(view.batch, view.optimizer, view.precision))


def chosen() -> Training:
    """They, or what the Memory page begins with."""
    return remembered.kept(_KEY, USUAL)


def read_address(network: Network) -> None:
    """Take it over from an address that names it."""
    given = {name: word for name in WORDS if (word := remembered.parameter(name))}
    if given:
        keep(read(network, given))


def words() -> dict[str, str]:
    """It for an address; nothing where it is the usual."""
    now = dict(zip(WORDS, map(str, chosen()), strict=True))
    return {} if chosen() == USUAL else now
