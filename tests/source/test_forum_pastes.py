"""Networks of the kinds that people ask about, with the ways of writing that they have, as torch runs them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from torch import Tensor, nn

from layerscope.source.reader import read_all
from layerscope.tracing import trace
from tests.source.test_decoders import run

FOLDER = Path(__file__).parent / "forum"
CODES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.txt"))}
NOT_SHOWN = {"notebook": 16 + 16 + 32, "hourglass": 3_568}
"""Parameters that a remark counts: the lengths that weight_norm keeps, and layers that forward never uses."""


def tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from tensors(part)


@pytest.mark.parametrize("name", [name for name in CODES if name != "gan"])
def test_it_is_what_torch_makes(name: str) -> None:
    scope, reading = run(CODES[name].replace("torch.jit.script", "")), read_all(CODES[name])  # which wants a file
    assert reading.refusal is None
    assert reading.network is not None
    seen, net = trace(reading.network), scope["net"]
    assert isinstance(net, nn.Module)
    assert seen.error is None
    assert seen.parameters == sum(each.numel() for each in net.parameters()) - NOT_SHOWN.get(name, 0)
    assert list(seen.output_shapes) == [tuple(part.shape[1:]) for part in tensors(scope["out"])]


@pytest.mark.parametrize("kind", ["Generator", "Discriminator"])
def test_both_networks_of_a_gan_are_read(kind: str) -> None:
    scope, reading = run(CODES["gan"]), read_all(CODES["gan"], None, kind)
    assert reading.refusal is None
    assert reading.network is not None
    seen = trace(reading.network)
    assert seen.error is None
    made = next(value for value in scope.values() if type(value).__name__ == kind)
    assert seen.parameters == sum(each.numel() for each in made.parameters())


def test_one_value_of_an_image_tells_its_size() -> None:
    network = read_all(CODES["gan"], None, "Discriminator").network
    assert network is not None
    assert network.input_shape == (3, 32, 32)
