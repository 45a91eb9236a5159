"""A network from what somebody pasted into a small field: a link to one, its code, or its JSON. Knows no screen."""

from urllib.parse import parse_qs, urlsplit

from layerscope import limits
from layerscope.link import LinkError, decode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.ui.pasted import Pasted

WHAT_WORKS = "Paste the address of a network in Layerscope, a class in PyTorch code, or a network as JSON."
NOT_READ = "No network was found in this text."


class FindingError(ValueError):
    """A text that gives no network; the message is a sentence for the visitor."""


def found(text: str) -> Network:
    """The network of a pasted link, code or JSON. Code is read, never run. Raises FindingError."""
    text = text.strip()
    if not text:
        raise FindingError(WHAT_WORKS)
    if is_address(text):
        return _linked(text)
    from layerscope.ui.understanding import understood  # here, as the reader takes long to load, and few paste code

    seen = understood(Pasted(text=text))
    if seen is None or seen.network is None:
        raise FindingError((seen.problem if seen is not None else "") or f"{NOT_READ} {WHAT_WORKS}")
    return seen.network


def is_address(text: str) -> bool:
    """Whether it is one line that begins as an address does."""
    return text.startswith(("http://", "https://")) and len(text.split()) == 1


def _linked(text: str) -> Network:
    """The network in an address. One without a network means the default one, as Explore shows it then."""
    if len(text) > 2 * limits.LINK.most:
        raise FindingError(limits.LINK.says)
    try:
        words = parse_qs(urlsplit(text).query, max_num_fields=64)
        given = words.get("net", [""])[0]
        return decode(given) if given else PRESETS[DEFAULT]
    except (LinkError, ValueError) as error:
        raise FindingError(str(error) if isinstance(error, LinkError) else limits.LINK.says) from error
