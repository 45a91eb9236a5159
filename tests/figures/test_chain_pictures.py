"""A chain's tensor flow is drawn as it was before networks could branch.

`chain_pictures.json` keeps a check sum of each chain's picture, without the words on hover, which have tests of their
own. Where a picture of chains is meant to change, write the file anew:

    python -m tests.figures.test_chain_pictures
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from layerscope.figures.flow import flow
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.tracing import trace

RECORDED = Path(__file__).with_name("chain_pictures.json")
FAILING = PRESETS["fashion-mnist-cnn"].with_argument("conv2", "kernel_size", 13)


def pictures(network: Network) -> dict[str, str]:
    """Check sums of the picture: wide, on a phone with a selection, and with a move just made."""
    whole, names = trace(network), network.names
    ways: dict[str, dict[str, Any]] = {
        "wide": {},
        "phone": {"selected": names[len(names) // 2], "width": 350.0},
        "moved": {"selected": names[0], "changed": frozenset(names[:2]), "before": {"": (1, 9, 9)}, "large": True},
    }
    return {way: _sum(flow(whole, **arguments)) for way, arguments in ways.items()}


def _sum(figure: dict[str, Any]) -> str:
    told = {**figure, "data": [{**item, "hovertext": None} for item in figure["data"]]}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


@pytest.mark.parametrize("name", json.loads(RECORDED.read_text()) if RECORDED.exists() else [])
def test_a_chain_is_drawn_as_it_was(name: str) -> None:
    network = FAILING if name == "failing" else PRESETS[name]
    assert pictures(network) == json.loads(RECORDED.read_text())[name]


def test_the_pictures_were_recorded() -> None:
    assert "vgg16" in json.loads(RECORDED.read_text())


if __name__ == "__main__":
    recorded = json.loads(RECORDED.read_text()) if RECORDED.exists() else dict.fromkeys([*PRESETS, "failing"])
    drawn = {name: pictures(FAILING if name == "failing" else PRESETS[name]) for name in recorded}
    RECORDED.write_text(json.dumps(drawn, indent=1) + "\n")
