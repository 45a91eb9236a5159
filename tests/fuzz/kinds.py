"""What is fuzzed: by name, how a case is made and what is done with it; and what is done once before the first."""

import gc
import json
from contextlib import suppress
from random import Random

import torch
from torch import nn

from layerscope.changes import ripple
from layerscope.decoder.decoding import decode as decode_error
from layerscope.interchange import InterchangeError, from_json
from layerscope.link import LinkError, decode, decode_view
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.source.reader import read_all
from layerscope.tracing import trace
from layerscope.ui import code_stage, pasted
from layerscope.ui import events as stage_events
from layerscope.ui.explorer import rehearse
from layerscope.ui.parts import stage_data
from layerscope.ui.preview import token
from layerscope.ui.server import reply
from layerscope.ui.session import Session
from layerscope.ui.written_parts import write
from tests.fuzz import calls, events, networks, texts
from tests.fuzz.kind import Kind
from tests.source import bombs


def ready() -> None:
    """What happens once a process: first page, first answer, and torch's meta device, a second and 60 MB.

    The garbage collector leaves out what was there before, as in the app.
    """
    rehearse()
    _answer("{}")
    nn.LayerNorm(1, device="meta")(torch.empty(0, 1, device="meta"))
    read_all(calls.paste("1, 3, 8, 8", "torch.einsum('bchw,bdhw->bcd', x, x).cumsum(1).roll(1, 2)"))
    read_all(calls.paste("1, 3, 8, 8", "torch.addmm(torch.randn(3, 3), w[0], w[0]), torch.cat([x, x[:, :0]], 2)"))
    gc.collect()
    gc.freeze()


def _answer(text: str) -> None:
    """As `ui/line.py` does it; what is no question gets a sentence there."""
    with suppress(ValueError, RecursionError):
        reply(json.loads(text), "fuzz")


def _edited(rng: Random) -> Network:
    return networks.edited(rng, PRESETS[rng.choice(tuple(PRESETS))])


def _with_network(rng: Random) -> tuple[Network, list[events.Event]]:
    network = PRESETS[DEFAULT] if rng.random() < 0.5 else _edited(rng)
    return network, events.sequence(rng, network)


def _frame(rng: Random) -> str:
    """A question of the fast lane that has suffered."""
    network, sequence = _with_network(rng)
    key, value, _ = sequence[0]
    asked = {
        **(token(Session(network=network)) or {}),
        "key": key,
        "value": value,
        "id": rng.choice((1, "x", None, [], 1e999)),
    }
    return texts.suffered(rng, json.dumps(asked), texts.JSON_PIECES) if rng.random() < 0.5 else json.dumps(asked)


def look(network: Network) -> None:
    """Open a network in the explorer, with every view of it, and its repairs where it fails."""
    seen = trace(network)
    if seen.error is not None:
        assert seen.error.message
        assert seen.error.repairs is not None
    for chart, details in (("weights", "reasons"), ("receptive_field", "formulas"), ("code", "summary")):
        session = Session(network=network, before=network)
        session.with_view(chart=chart, details=details, selected=network.names[-1] if network.names else "")
        write(stage_data(session, ripple(seen, seen)))


def follow(network: Network) -> None:
    """Walk through a network and ask for all that is known of each row, with its repairs where it fails."""
    seen = trace(network)
    for step in seen.steps:
        assert step.error or all(check.agrees for check in step.checks), step
        assert step.decisions is not None
        assert step.warning is None or step.warning.endswith(".")
        assert step.receptive_field is None or step.receptive_field.size is not None
    if seen.error is not None:
        assert seen.error.message
        assert seen.error.torch_message is not None
        assert seen.error.repairs is not None


def _follow(link: str) -> None:
    decode_view(link)
    with suppress(LinkError):
        look(decode(link))


def _take(text: str) -> None:
    with suppress(InterchangeError):
        look(from_json(text))


def _paste(text: str) -> None:
    here = pasted.Pasted()
    here.text = text
    code_stage.stage_data(here)


def _move(case: tuple[Network, list[events.Event]]) -> None:
    network, sequence = case
    session = Session(network=network, before=network)
    for key, value, phase in sequence:
        stage_events.apply(session, key, value, phase)
    write(stage_data(session, ripple(trace(session.told_against), trace(session.network))))


KINDS: dict[str, Kind] = {
    "layers": Kind(networks.one_layer, look),
    "grid": Kind(networks.one_layer, look, pick=networks.in_grid),
    "networks": Kind(_edited, look),
    "joined": Kind(networks.joined, follow),
    "links": Kind(texts.link, _follow),
    "json": Kind(texts.network_json, _take),
    "pastes": Kind(texts.paste, _paste),
    "calls": Kind(calls.call, read_all),
    "functions": Kind(calls.call, read_all, pick=calls.every_function),
    "bombs": Kind(texts.paste, _paste, pick=bombs.bomb),
    "errors": Kind(texts.error, lambda text: decode_error(text, PRESETS[DEFAULT])),
    "events": Kind(_with_network, _move),
    "frames": Kind(_frame, _answer),
}
