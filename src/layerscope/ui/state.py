"""What a visitor has before them: the owner of their session, and of the network and the view in the address.

The address holds the network and the view. It is written once a change is complete, never during a drag, so that
back and forward walk through complete changes. An address that differs from the last one seen came from outside (a
link, back, forward) and is read.
"""

from collections.abc import Callable

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from layerscope import edit_titles
from layerscope.assignment import AssignmentError, decode_assignment
from layerscope.changes import Ripple, ripple
from layerscope.link import LONGEST_LINK, LinkError, decode, decode_view, encode, encode_view
from layerscope.network import Network, NetworkError
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui import events, looking, tickets
from layerscope.ui.guard import uploads
from layerscope.ui.pasted import Pasted
from layerscope.ui.session import Session
from layerscope.ui.stage.stage import Event

MOST_DIFFERENCES = 8

_SESSION, _SEEN, _ACTING = "layerscope.session", "layerscope.seen", "layerscope.acting"
_CLASS, _REFUSED = "layerscope.class", "layerscope.refused"
_ARRIVALS = "layerscope.arrivals"
_PAGE, _PASTED, _TICKET = "layerscope.page", "layerscope.pasted", "layerscope.ticket"


def arrive(page: str) -> None:
    """Tell which page is drawn. An address without a network, on coming from another page, asks for no network."""
    if st.session_state.get(_PAGE) not in (None, page):
        uploads.hide()
        if "net" not in st.query_params:
            st.session_state[_SEEN] = _address()
        if refused_link():
            st.session_state[_SESSION].notice = ""  # it was about the address of the page before
    if st.session_state.get(_PAGE) != page:
        st.session_state[_ARRIVALS] = arrivals() + 1
    st.session_state[_PAGE] = page


def arrivals() -> int:
    """How often this visitor has come to a page from another one."""
    return int(st.session_state.get(_ARRIVALS, 0))


def before_the_visitor() -> tuple[str, Network | None]:
    """The page and the network of this visit, only looked at; no network where none was drawn yet."""
    here = st.session_state.get(_SESSION)
    return str(st.session_state.get(_PAGE, "")), here.network if here is not None else None


def ticket() -> str:
    """What tells this visitor's own sockets from those of others."""
    context = get_script_run_ctx()
    kept = str(st.session_state.get(_TICKET, ""))
    st.session_state[_TICKET] = renewed = tickets.renewed(kept, context.session_id if context else "")
    return renewed


def pasted() -> Pasted:
    """What this visitor has in the boxes for code."""
    if _PASTED not in st.session_state:
        st.session_state[_PASTED] = Pasted()
    boxes: Pasted = st.session_state[_PASTED]
    return boxes


def show_network(is_mine: bool) -> None:
    """Write into the address of a lesson or a quiz that it is about this visitor's network, and which that is."""
    try:
        words = {"on": "mine", "net": encode(session().network)} if is_mine else {}
    except LinkError:  # too long for an address
        words = {}
    for name in ("on", "net"):
        if name in words and st.query_params.get(name) != words[name]:
            st.query_params[name] = words[name]
        elif name not in words:
            st.query_params.pop(name, None)
    st.session_state[_SEEN] = _address()


def _address() -> tuple[str, str]:
    return st.query_params.get("net", ""), st.query_params.get("view", "")


def session() -> Session:
    """This visitor's session, brought in line with the address when that was changed from outside."""
    if _SESSION not in st.session_state:
        st.session_state[_SESSION] = Session()
        st.session_state[_SEEN] = ("", "")
    here: Session = st.session_state[_SESSION]
    _follow_class(here)
    address = _address()
    if address != st.session_state[_SEEN] and here.gesture is None and not st.session_state.get(_ACTING):
        if address != _written(here):  # one that says what is shown asks for nothing
            _read(here, *address)
        st.session_state[_SEEN] = address
    return here


def _follow_class(here: Session) -> None:
    """Take over a teacher's link, and keep it in the address of every page of this visit."""
    code = st.query_params.get("class", "")
    kept = str(st.session_state.get(_CLASS, ""))
    if not code and kept:
        st.query_params["class"] = kept
    elif code != kept:
        st.session_state[_CLASS] = code
        try:
            here.adopt(decode_assignment(code))
            st.session_state[_REFUSED] = ""
        except AssignmentError as error:
            here.assignment = None
            st.session_state[_REFUSED] = str(error)


def refused_class() -> str:
    """Why this visit's teacher's link was not followed, as a sentence; empty where it was, or where there is none."""
    return str(st.session_state.get(_REFUSED, ""))


def refused_link() -> str:
    """Why the address's network is not shown, as a sentence; empty where it is, or where it asks for none."""
    here = st.session_state.get(_SESSION)
    return here.notice if here is not None and _shows_a_problem(here) else ""


def _read(here: Session, net: str, view: str) -> None:
    """Take over an address. A damaged one leaves the last good network and a sentence."""
    here.typed.clear()
    here.view = decode_view(view)
    here.with_view()
    here.looking = looking.opened(here.looking, here.view.looked, here.view.hands)
    try:
        network = decode(net) if net else here.home
    except LinkError as error:
        here.notice = f"{str(error).rstrip('.')}; showing the last good network."
        return
    if here.assignment is None and here.history.is_empty and here.network == PRESETS[DEFAULT]:
        here.open(network)
        return
    try:
        here.return_to(network)
    except NetworkError as error:
        here.notice = f"The link asks for another network, but {str(error).replace('The ', 'the ', 1)}"


def follow(beside: tuple[str, ...] = (), said: dict[str, str] | None = None) -> None:
    """Write the address, unless a hand is still moving a slider or it says the same already.

    `beside`: the words of the page's own, which stay. `said`: what the browser lets its address say by itself.
    """
    here: Session = st.session_state[_SESSION]
    st.session_state[_ACTING] = False
    if here.gesture is not None:
        return
    if said and said == address_of_open():
        return
    if (address := _written(here)) is None:  # the address keeps the last network it can hold
        return
    if address != st.session_state[_SEEN] and not _shows_a_problem(here):
        others = {name: st.query_params[name] for name in beside if name in st.query_params}
        st.query_params.from_dict(others | _parameters(address))
        st.session_state[_SEEN] = address


def _shows_a_problem(here: Session) -> bool:
    """Whether the address was refused: what is written over it must not become a step of the browser's history."""
    return "link" in here.notice


def address_to_show() -> dict[str, str] | None:
    """What the address must say instead, where the browser shows one that was refused; None otherwise."""
    here: Session = st.session_state[_SESSION]
    written = _written(here) if _shows_a_problem(here) and here.gesture is None else None
    return None if written is None or written == _address() else _parameters(written)


def current_ripple(here: Session) -> Ripple:
    """The comparison of the network with the one before the last change, or with the one that was opened.

    A network that differs almost everywhere (another preset) is not a change of the one before but a new beginning.
    """
    now = trace(here.network)
    seen = ripple(trace(here.told_against), now)
    is_told = len(edit_titles.titles(seen)) <= MOST_DIFFERENCES
    is_change = is_told or here.asked is not None or here.view.against == "start"
    return seen if is_change else ripple(now, now)


def on_message() -> None:
    """Note that this run is about what the hand did on the stage.

    Such a run may bring an address from before our last writing of it, when the browser had not shown that yet: the
    address is not read in it, or the newest move would be undone by an older one.
    """
    st.session_state[_ACTING] = True


def on_event(event: Event) -> None:
    """Carry out what the hand did on the stage."""
    events.apply(session(), event["key"], event["value"], event["phase"])


def commit(network: Network, select: str = "") -> None:
    """Make a network the current one: another dataset, or a layer added, which is selected then."""
    _attempt(lambda here, changed: here.commit(changed, select), network)


def begin_with(network: Network) -> None:
    """Load another network."""
    _attempt(Session.begin_with, network)


def begin_elsewhere(network: Network) -> dict[str, str]:
    """Load a network for the explorer, from another page; the address to go there with, in one step of the history."""
    begin_with(network)
    return _elsewhere()


def _elsewhere(page: str = "explore") -> dict[str, str]:
    address = _written(session()) or ("", "")
    st.session_state[_SEEN] = address
    st.session_state[_PAGE] = page
    return _parameters(address)


def commit_elsewhere(
    network: Network, base: Network, page: str = "explore", look: Callable[[Session], None] | None = None
) -> dict[str, str]:
    """Make a network the current one, from another page, which made it of `base`; the address to go to that page with.

    `look` chooses the view of it; it is left out where a teacher's link keeps another network.
    """
    _attempt(lambda here, made: here.commit_from(base, made), network)
    if look is not None and (here := session()).network == network:
        look(here)
    return _elsewhere(page)


def begin_here(network: Network, **words: str) -> None:
    """Load another network on a page that is about the open one; the page's own words in the address stay, but for
    those that are given, of which an empty one is taken out."""
    if network != session().network:
        begin_with(network)
    write_here(**words)


def change_here(network: Network, **words: str) -> None:
    """Change the open network on a page that is about it; the page's own words in the address as in `begin_here`."""
    if network != session().network:
        commit(network)
    write_here(**words)


def back_here(network: Network) -> None:
    """Open a network again on a page that is about the open one, as what it was earlier in this visit."""
    _attempt(lambda here, again: here.commit_from(again, again), network)
    write_here()


def write_here(**words: str) -> None:
    """Write words of the page's own into its address, beside the open network: one step of the browser's history. An
    empty word is taken out.

    The browser may have put the network into the address meanwhile, of which the server hears with the next run only.
    """
    address = _written(session()) or ("", "")
    others = {name: word for name, word in st.query_params.to_dict().items() if name not in ("net", "view")}
    others = {name: word for name, word in (others | words).items() if word}
    st.query_params.from_dict(others | _parameters(address))
    st.session_state[_SEEN] = address


def address_of_open() -> dict[str, str]:
    """What an address says of the network that is open and the view of it; nothing where no link holds them."""
    written = _written(session())
    return {} if written is None else _parameters(written)


def lacks_link(here: Session) -> bool:
    """Whether no link holds the network that is open: none is written, or it is too long to be read."""
    written = _written(here)
    return written is None or len(written[0]) > LONGEST_LINK


def _parameters(address: tuple[str, str]) -> dict[str, str]:
    """What stands in the explorer's address: network, view, and the teacher's link; nothing where one is empty."""
    written = {"net": address[0], "view": address[1], "class": str(st.session_state.get(_CLASS, ""))}
    return {key: text for key, text in written.items() if text}


def _written(here: Session) -> tuple[str, str] | None:
    """The address that says what the session holds; None for a value that no control can make and no link holds."""
    is_plain = here.network == here.home
    try:
        return "" if is_plain else encode(here.network), encode_view(here.view)
    except LinkError:
        return None


def _attempt(change: Callable[[Session, Network], None], network: Network) -> None:
    """What a teacher's link locks leaves the network as it is, and a sentence on the stage."""
    here = session()
    here.typed.clear()
    try:
        change(here, network)
    except NetworkError as error:
        here.notice = str(error)


def with_view(**changes: str) -> None:
    """Look at the network in another way."""
    session().with_view(**changes)
