"""What the Memory page shows, as words of its address. Knows no screen.

batch=64  optimizer=Adam  precision=float32  mode=training  card=14.5  again=layer1  at=backward:relu1
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from layerscope import limits
from layerscope.catalogue import GROUPS
from layerscope.network import Network
from layerscope.study.estimate import MODES, TRAINING
from layerscope.study.memory import PRECISIONS
from layerscope.study.optimizers import KINDS
from layerscope.study.timeline import AGAIN, BACKWARD, FORWARD, STEP

USUAL_BATCH, USUAL_OPTIMIZER, USUAL_CARD = 64, "Adam", 14.5
MOST_BLOCKS = 200
"""Blocks that the menu offers: the outermost first."""
WORDS = ("batch", "optimizer", "precision", "mode", "card", "again", "at")
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,3})?", re.ASCII)


@dataclass(frozen=True)
class View:
    """Everything that the page shows of a network. `card` is in GiB; `again` is what is run again, or "".

    `at` is what is selected: a layer, a moment as `figures.memory.key_of` writes it, or "".
    """

    batch: int = USUAL_BATCH
    optimizer: str = USUAL_OPTIMIZER
    precision: str = "float32"
    mode: str = TRAINING
    card: float = USUAL_CARD
    again: str = ""
    at: str = ""

    def words(self) -> dict[str, str]:
        """The view for an address."""
        return {
            "batch": str(self.batch), "optimizer": self.optimizer, "precision": self.precision, "mode": self.mode,
            "card": f"{self.card:g}", "again": self.again, "at": self.at,
        }  # fmt: skip


def read(network: Network, words: Mapping[str, str]) -> View:
    """The view that an address asks for. What it does not know it leaves at the usual: a view is never an error."""
    usual = View()
    batch, card = _number(words.get("batch", "")), _number(words.get("card", ""))
    again = words.get("again", "")
    return View(
        int(batch) if batch and batch <= limits.MEMORY_BATCH.most else usual.batch,
        _one_of(words, "optimizer", KINDS, usual.optimizer),
        _one_of(words, "precision", PRECISIONS, usual.precision),
        _one_of(words, "mode", MODES, usual.mode),
        card if card and card <= limits.MEMORY_CARD.most else usual.card,
        again if again in blocks(network) else "",
        words.get("at", "") if is_selectable(network, words.get("at", "")) else "",
    )


def is_selectable(network: Network, at: str) -> bool:
    """Whether it is a layer of the network, or a moment of its training step."""
    phase, _, layer = at.partition(":")
    is_moment = phase in (FORWARD, AGAIN, BACKWARD) and layer in network.names
    return at in network.names or is_moment or at == f"{STEP}:"


def _number(text: str) -> float:
    return float(text) if _NUMBER.fullmatch(text) else 0.0


def _one_of(words: Mapping[str, str], name: str, known: Mapping[str, object] | tuple[str, ...], usual: str) -> str:
    word = words.get(name, "")
    return word if word in known else usual


def blocks(network: Network) -> dict[str, tuple[str, ...]]:
    """What can be run again in the backward pass: the network's blocks, or the stretches that its poolings end."""
    unbroken = {path: rows for path, rows in network.blocks.items() if _follow(network, rows) and len(rows) > 1}
    if unbroken:
        shallow = sorted(unbroken, key=lambda path: (path.count("."), network.index(unbroken[path][0])))
        return {path: unbroken[path] for path in shallow[:MOST_BLOCKS]}
    stretches, rows = dict[str, tuple[str, ...]](), list[str]()
    for layer in network.layers:
        rows.append(layer.name)
        if type(layer) in GROUPS["Pooling"] or layer is network.layers[-1]:
            if len(rows) > 1:
                stretches[f"{rows[0]}-{rows[-1]}"] = tuple(rows)
            rows = []
    return dict(list(stretches.items())[:MOST_BLOCKS])


def _follow(network: Network, rows: tuple[str, ...]) -> bool:
    return network.index(rows[-1]) - network.index(rows[0]) + 1 == len(rows)


def titled(network: Network, again: str) -> str:
    """A block as the menu shows it."""
    if not again:
        return "Off"
    return f"{again} ({len(blocks(network)[again])} layers)"
