"""Networks that read one word after the other, one sequence at a time, or states: as torch runs them."""

import ast
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from layerscope import from_module
from layerscope.source.reader import read_all
from layerscope.steps import Trace
from layerscope.tracing import trace

FOLDER = Path(__file__).parent / "decoders"
CODES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.txt"))}
NUMBERS = {"one_value"}
"""Networks that leave one number for each sample, shown as the axis of one value that the last layer gives."""


def tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from tensors(part)


def run(code: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a Transformer whose batch is not in front
        exec(compile(code, "paste", "exec"), scope)
    return scope


def traced(code: str) -> Trace:
    reading = read_all(code)
    assert reading.refusal is None
    assert not reading.flaws
    assert reading.network is not None
    seen = trace(reading.network)
    assert seen.error is None
    return seen


@pytest.mark.parametrize("name", CODES)
def test_it_is_what_torch_makes(name: str) -> None:
    scope, seen = run(CODES[name]), traced(CODES[name])
    net: nn.Module = scope["net"]
    assert seen.parameters == sum(each.numel() for each in net.parameters())
    parts = list(tensors(scope["out"]))
    assert len(seen.output_shapes) == len(parts)
    for shape, part in zip(seen.output_shapes, parts, strict=True):
        sizes = (*part.shape, 1, 1, 1) if name in NUMBERS else tuple(part.shape)
        bare = [sizes[:axis] + sizes[axis + 1 :] for axis in range(len(sizes))]
        assert shape in (*bare, sizes)  # the batch is one of the axes, or there is none


@pytest.mark.parametrize("name", CODES)
def test_without_its_call_it_is_the_same_network(name: str) -> None:
    tree = ast.parse(CODES[name])
    del tree.body[-1]
    code = ast.unparse(tree)
    called, alone = traced(CODES[name]), traced(code)
    assert alone.parameters == called.parameters
    moving = {"Select", "Reshape", "Unsqueeze", "Squeeze", "Slice"}
    kinds = [{layer.type for layer in seen.network.layers} - moving for seen in (called, alone)]
    assert kinds[0] == kinds[1]


def test_what_chance_decides_is_said() -> None:
    notes = [note.sentence for note in read_all(CODES["teacher"]).notes]
    assert any("forced is decided at random in each run; it is shown as True." in each for each in notes)
    notes = [note.sentence for note in read_all(CODES["layer_drop"]).notes]
    assert any("is decided at random in each run; it is shown as False." in each for each in notes)


def test_whole_numbers_of_an_input_of_values_have_a_row() -> None:
    network = read_all(CODES["numbers_and_categories"]).network
    assert network is not None
    assert network.inputs[0].kind == "values"
    assert [layer.chosen["called"] for layer in network.layers if layer.type == "Opaque"] == ["to_indices"] * 2
    assert "makes whole numbers of its input" in network["opaque1"].origin
    only = CODES["numbers_and_categories"].replace("x[:, 2:]]", "city[:, :3]]")
    network = read_all(only).network
    assert network is not None
    assert network.inputs[0].kind == "indices"


class Chooses(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc, self.words = nn.Linear(6, 9), nn.Embedding(9, 4)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.words(self.fc(x).argmax(1))
        return found


class Ranks(Chooses):
    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.words(self.fc(x).topk(2)[1])
        return found


@pytest.mark.parametrize("kind", [Chooses, Ranks])
def test_a_live_model_may_look_up_what_it_chose(kind: type[nn.Module]) -> None:
    net = kind()
    seen = trace(from_module(net, input_size=(2, 6)))
    assert seen.error is None
    assert seen.output_shape == tuple(net(torch.zeros(2, 6)).shape[1:])
    assert seen.parameters == sum(each.numel() for each in net.parameters())


def test_a_state_is_asked_for_as_two_tensors() -> None:
    code = CODES["both_states_in_one"].rsplit("out = ", 1)[0]
    network = read_all(code).network
    assert network is not None
    assert [(each.name, each.shape) for each in network.inputs] == [
        ("x", (16,)), ("hidden1", (2, 8)), ("hidden2", (2, 8)),
    ]  # fmt: skip
