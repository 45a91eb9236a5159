"""Network A of a comparison: it is pinned in the session, and stands beside B in the address of the page Compare."""

from layerscope import limits
from layerscope.link import LinkError, decode, encode
from layerscope.network import Network
from layerscope.ui import remembered, state

WORD = "a"
"""The word of the address that holds A."""
_A, _SEEN = "compare.a.network", "compare.a.seen"


def pinned() -> Network:
    """A: what was pinned, or else the network that B began as."""
    return remembered.kept(_A, state.session().beginning)


def keep() -> None:
    """Let A be what it is now, whatever B becomes."""
    remembered.remember(_A, pinned())


def hold(network: Network) -> None:
    """Pin a network, from any page."""
    remembered.remember(_A, network)


def pin_open() -> None:
    """Pin the network that is open, from any page."""
    hold(state.session().network)


def read_address() -> str:
    """Take A over where the address came from outside; a sentence where it holds no network."""
    word = remembered.parameter(WORD)
    if not word or word == remembered.kept(_SEEN, ""):
        return ""
    remembered.remember(_SEEN, word)
    try:
        remembered.remember(_A, decode(word))
    except LinkError as error:
        return f"The link names no network A: {str(error)[0].lower()}{str(error)[1:]}"
    return ""


def pin(network: Network) -> None:
    """Pin a network on the page Compare: one step of the browser's history."""
    remembered.remember(_A, network)
    if word := word_for(network, state.session().network):
        note(word)
        remembered.set_parameters(**{WORD: word})


def note(word: str) -> None:
    """Remember that the address holds A because we wrote it: it asks for nothing."""
    remembered.remember(_SEEN, word)


def word_for(a: Network, b: Network) -> str:
    """A as the address holds it; "" where both networks together are too long for a link."""
    try:
        word, other = encode(a), encode(b)
    except LinkError:
        return ""
    return word if len(word) + len(other) <= limits.LINK.most else ""
