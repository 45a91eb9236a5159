"""What a visitor has before them that the page's link does not hold, in words that follow "Link copied, without"."""

from collections.abc import Iterable, Iterator

from layerscope.formatting import joined
from layerscope.study.sets import DIGITS
from layerscope.ui import state, weightfiles
from layerscope.ui.handed import left_out
from layerscope.ui.insides.images import YOURS
from layerscope.ui.looking import Looking
from layerscope.ui.session import Session

NETWORK = "this network, which is too long or too unusual for one"
OWN_IMAGES = "your images"
NETWORK_A = "network A"


def network(here: Session) -> tuple[str, ...]:
    """The network that is open, where no link holds it."""
    return (NETWORK,) if state.lacks_link(here) else ()


def inside(here: Session) -> tuple[str, ...]:
    """What it leaves out of the look inside that is open; nothing where none is."""
    return tuple(_looked(here.looking, here.view.lens)) if here.view.chart == "inside" else ()


def _looked(looking: Looking, lens: str) -> Iterator[str]:
    kind = looking.image.partition("-")[0]
    if kind in YOURS and lens not in ("weights", "excites"):  # these show no image of the visitor's choice
        yield YOURS[kind]
    if lens == "excites" and looking.excites != DIGITS:
        yield "the set of images"
    if looking.file:
        yield "the trained weights" if weightfiles.is_trained(looking.file) else "your weights"
    if missing := left_out(looking.hands):
        yield "a kernel set by hand" if len(missing) == 1 else f"{len(missing)} kernels set by hand"


def said(missing: Iterable[str]) -> str:
    """Without your image and your weights; "" where the link holds everything."""
    names = list(missing)
    return f"without {joined(names)}" if names else ""
