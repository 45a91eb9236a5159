"""Pictures of a move that is still being made: the fast lane beside Streamlit's runs.

While a hand drags a slider nothing needs to be remembered, so a preview is a pure function: the browser sends back the
token that it was given (the network and the view at the beginning of the drag) with the slider's value, and gets the
stage's parts for it, answered by torch through `trace` like everything else. The move becomes real with its commit,
which goes through Streamlit. A server without this lane (see `server.py`) answers through Streamlit's runs instead.
"""

from dataclasses import astuple
from functools import lru_cache
from typing import Any

from layerscope.assignment import AssignmentError, decode_assignment, encode_assignment
from layerscope.changes import ripple
from layerscope.link import LinkError, decode, decode_view, encode, encode_view
from layerscope.network import Network
from layerscope.steps import Trace
from layerscope.task import read_task
from layerscope.text import is_whole
from layerscope.tracing import trace
from layerscope.ui import events
from layerscope.ui.history import History, Moment
from layerscope.ui.looking import read, told
from layerscope.ui.parts import stage_data
from layerscope.ui.server import ADDRESS
from layerscope.ui.session import Session

Token = dict[str, Any]

MOST_IN_TABLE = 64
"""The table of a network with more layers stands still while a slider moves: most of its rows are out of sight."""


class PreviewError(ValueError):
    """A request that is not a preview; the message says what is wrong with it."""


def token(session: Session, ticket: str = "") -> Token | None:
    """What the browser needs to ask for previews; None for a network that fits in no link.

    The ticket says whose the page is (see `tickets.py`).
    """
    net = _link(session.network)
    if net is None:
        return None
    return {
        "address": f"{ADDRESS}?ticket={ticket}" if ticket else ADDRESS,
        **_moved(session, net),
        "beginning": net if session.beginning is session.network else _link(session.beginning),
        "narrow": session.narrow,
        "class": encode_assignment(session.assignment) if session.assignment else None,
        "looking": told(session.looking),
        "task": list(astuple(session.task)) if session.task is not None else None,
        "greeted": session.greeted,
    }


def _moved(session: Session, net: str) -> Token:
    """The part of the token that the commit of a slider may change."""
    return {
        "net": net,
        "view": encode_view(session.view),
        "asked": encode(session.asked) if session.asked else None,
        "undo": bool(session.history.past),
        "redo": bool(session.history.future),
        "achieved": session.achieved,
        "typed": {key: list(texts) for key, texts in session.typed.items()},
    }


def _link(network: Network) -> str | None:
    """A network as text; None where it fits in no link: the scale is then chosen for the network before the move."""
    try:
        return encode(network)
    except LinkError:
        return None


def answer(request: object) -> dict[str, Any]:
    """The stage's parts for a token with "key" and "value" of a move. Raises PreviewError.

    "next" among them is what the token has anew once the move is made to last; None where nothing can be asked then.
    """
    asked = request if isinstance(request, dict) else {}
    key, value, view = asked.get("key"), asked.get("value"), asked.get("view")
    if not (isinstance(key, str) and is_whole(key) and isinstance(value, int | float) and isinstance(view, str)):
        raise PreviewError("A preview needs the token that the page was given, a key and a number.")
    try:
        network, before = _traced(str(asked.get("net")))
        hidden, shown = _traced(str(asked["asked"])) if asked.get("asked") else (None, before)
        beginning, opened = _traced(str(asked["beginning"])) if asked.get("beginning") else (network, before)
        given = _assignment(str(asked["class"])) if asked.get("class") else None
    except (LinkError, AssignmentError) as error:
        raise PreviewError(str(error)) from error
    session = Session(network=network, view=decode_view(view), before=network, narrow=asked.get("narrow") is True)
    once = [Moment(network, network, "", "")]
    session.history = History(*(list(once) if asked.get(way) is True else [] for way in ("undo", "redo")))
    session.typed = _typed(asked.get("typed"))
    session.looking = read(asked.get("looking"))
    session.task = read_task(asked.get("task"))
    session.achieved, session.greeted = asked.get("achieved") is True, asked.get("greeted") is True
    session.asked, session.assignment, session.beginning = hidden, given, beginning
    events.apply(session, key, value, "input")
    told_against = session.told_against
    known = next((one for one in (shown, opened) if one.network is told_against), None)
    seen = ripple(known or trace(told_against), trace(session.network))
    parts = stage_data(session, seen, has_table=len(network.layers) <= MOST_IN_TABLE)
    events.apply(session, key, value, "commit")
    net = _link(session.network)
    return parts | {"next": None if net is None else _moved(session, net)}


@lru_cache(maxsize=64)
def _traced(net: str) -> tuple[Network, Trace]:
    """A network and its trace from a link; one drag asks many times about one network."""
    network = decode(net)
    return network, trace(network)


_assignment = lru_cache(maxsize=64)(decode_assignment)


def _typed(raw: object) -> dict[str, tuple[str, str]]:
    if not isinstance(raw, dict):
        return {}
    kept = {}
    for key, texts in raw.items():
        match texts:
            case [str(typed), str(problem)] if is_whole(key + typed + problem):
                kept[key] = (typed, problem)
    return kept
