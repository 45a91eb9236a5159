"""A chain is what it was before networks could branch: its link, its JSON, its code, and all that is said of it.

`tests/records/chains.json` holds what the program said of chains when it knew nothing else. After a change that is
meant, `python -m tests.test_chains_stay` describes the recorded links anew; look at what differs before you keep it.
Receptive fields are left out: they were wrong where a layer sees its whole axis.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest

from layerscope.changes import ripple
from layerscope.edit_titles import title
from layerscope.interchange import InterchangeError, from_json, to_json
from layerscope.link import LinkError, decode, encode
from layerscope.network import Network
from layerscope.parameter import Role
from layerscope.presets import PRESETS
from layerscope.source.writer import Style, write
from layerscope.steps import Step, Trace
from layerscope.story import resting, story
from layerscope.tracing import trace
from tests.edits import SMALL_PRESETS, edited
from tests.legal import legal_network
from tests.oracle import described, random_network

RECORD = Path(__file__).parent / "records" / "chains.json"


def description(network: Network) -> dict[str, Any]:
    """All that is recorded of a network, in plain JSON."""
    traced = trace(network)
    edit = _edit(network)
    change = ripple(traced, trace(edit))
    return {
        "link": encode(network),
        "json": _json(network),
        "course": write(network, hints=True, shapes=True),
        "modules": _digest(write(network, Style.MODULES)),
        "sequential": _digest(write(network, Style.SEQUENTIAL)),
        "steps": [_facts(step) for step in traced.steps],
        "total": [traced.output_shape, traced.parameters, traced.macs, traced.activation_bytes, traced.agrees],
        "error": _error(traced),
        "resting": "" if traced.error else resting(traced),
        "edit": title(change),
        "story": story(change),
    }


def _edit(network: Network) -> Network:
    """Always the same edit of the same network: the first whole number that can be one more is one more."""
    for layer in network.layers:
        for name, value in layer.chosen.items():
            decided = name == layer.head and layer.name == network.head
            if not decided and type(value) is int and layer.parameters()[name].complaint(name, value + 1) is None:
                return network.with_argument(layer.name, name, value + 1)
    return network.insert(len(network.layers), "ReLU")


def _digest(text: str) -> str:
    """Enough to see that a text changed; the text itself would double the record."""
    return sha256(text.encode()).hexdigest()[:16]


def _json(network: Network) -> str:
    try:
        return to_json(network)
    except InterchangeError as error:
        return str(error)


def _facts(step: Step) -> str:
    """One layer in one line: what it is, what arrives and leaves, its costs, and who else than you decides."""
    shapes = f"{step.input_shape} {step.output_shape} {step.weight_shape} {step.bias_shape}"
    others = {name: one for name, one in step.decisions.items() if one.role is not Role.YOU}
    deciders = [f"{name}={one.role.name}{one.by and ':' + one.by}" for name, one in others.items()]
    costs = f"{step.parameters} {step.macs} {step.activation_bytes}"
    return f"{step.name} {step.type}{step.arguments} {shapes} {costs} {' '.join(deciders)} {step.warning or ''}"


def _error(traced: Trace) -> list[str]:
    """Our sentence, torch's words, and what would mend it."""
    if traced.error is None:
        return []
    return [traced.error.message, traced.error.torch_message, *(repair.label for repair in traced.error.repairs)]


def _drawn() -> Iterator[Network]:
    """The presets, and chains of all kinds: of any legal values, of fitting ones, edited by hand; many do not run."""
    rng = Random(14)
    yield from PRESETS.values()
    yield from (legal_network(rng, longest=8) for _ in range(50))
    yield from (random_network(rng, bad=rng.choice((0, 0.02))) for _ in range(50))
    for _ in range(50):
        network = PRESETS[rng.choice(SMALL_PRESETS)]
        for _ in range(rng.randint(1, 4)):
            network = edited(rng, network)
        yield network


def _known(network: Network) -> bool:
    """Whether a link can hold it; values that are out of place may have no place in one."""
    try:
        return decode(encode(network)) == network
    except LinkError:
        return False


def record() -> None:
    """Write the record: of the networks that it holds, or of freshly drawn ones where there is none."""
    old = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    keys = list(PRESETS)
    if old:
        networks = {name: decode(entry["link"]) for name, entry in old.items()}
    else:
        many = [network for network in _drawn() if _known(network)]
        networks = {keys[n] if n < len(keys) else f"chain{n - len(keys)}": one for n, one in enumerate(many)}
    entries = [f"{json.dumps(name)}: {json.dumps(description(one))}" for name, one in networks.items()]
    RECORD.write_text("{\n" + ",\n".join(entries) + "\n}\n", "utf-8")


RECORDED: dict[str, dict[str, Any]] = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}


def test_there_are_enough_of_them():
    failing = [name for name, entry in RECORDED.items() if entry["error"]]
    assert len(RECORDED) > 130
    assert 30 < len(failing) < 100


@pytest.mark.parametrize("name", RECORDED)
def test_a_chain_is_what_it_was(name):
    entry = RECORDED[name]
    network = decode(entry["link"])
    now = json.loads(json.dumps(description(network)))
    assert now == entry, described(network)


@pytest.mark.parametrize("name", RECORDED)
def test_its_json_says_the_same_as_its_link(name):
    entry = RECORDED[name]
    if entry["json"].startswith("{"):
        network = from_json(entry["json"])
        assert network == decode(entry["link"])
        assert [layer.signature for layer in network.layers] == [
            layer.signature for layer in decode(entry["link"]).layers
        ]


@pytest.mark.parametrize("name", [name for name in RECORDED if not name.startswith("chain")])
def test_a_preset_of_then_is_there_and_the_same(name):
    assert decode(RECORDED[name]["link"]) == PRESETS[name]


def test_the_record_would_show_a_change():
    network = PRESETS["lenet5"]
    other = replace(network, layers=(*network.layers[:-1], replace(network.layers[-1], name="last")))
    assert description(other) != description(network)


if __name__ == "__main__":
    record()
