"""What is fuzzed: by name, how a case is made, what is done with it, and what is done once before the first."""

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import torch
from torch import nn

from layerscope.changes import ripple
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.tracing import trace
from layerscope.ui.explorer import rehearse
from layerscope.ui.parts import stage_data
from layerscope.ui.session import Session
from tests.fuzz import networks


def _ready() -> None:
    """What happens once a process: the first page, and torch's meta device, which takes a second and 60 MB."""
    rehearse()
    nn.LayerNorm(1, device="meta")(torch.empty(0, 1, device="meta"))


class Kind(NamedTuple):
    """`make` gives a case, `work` does what a visitor who brings it would make the server do."""

    make: Callable[[Random], Any]
    work: Callable[[Any], object]
    ready: Callable[[], object] = _ready


def _layer(rng: Random) -> Network:
    return networks.one_layer(rng)


def _edited(rng: Random) -> Network:
    return networks.edited(rng, PRESETS[rng.choice(tuple(PRESETS))])


def look(network: Network) -> None:
    """Open a network in the explorer, with every view of it, and its repairs where it fails."""
    seen = trace(network)
    if seen.error is not None:
        assert seen.error.message
        assert seen.error.repairs is not None
    for chart, details in (("weights", "reasons"), ("receptive_field", "formulas"), ("code", "summary")):
        session = Session(network=network, before=network)
        session.with_view(chart=chart, details=details, selected=network.names[-1] if network.names else "")
        stage_data(session, ripple(seen, seen))


KINDS: dict[str, Kind] = {
    "layers": Kind(_layer, look),
    "networks": Kind(_edited, look),
}
