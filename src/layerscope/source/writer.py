"""A network as PyTorch code that runs and that the reader reads back.

What is written is a class in the style of the course, a class of modules throughout, or one nn.Sequential. The
docstring says the input and the number of classes, which code alone does not. A network that does not run is written
too: the layer that fails has the reason above it, and those after it are torch's lazy classes.

A network that branches, or whose names are paths, is written by `writing/graph.py`: blocks become classes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from layerscope.network import Network, NetworkError, check_name
from layerscope.source.writing import chain, graph
from layerscope.source.writing.page import Page, Style

__all__ = ["Style", "Written", "write", "written"]

IMPORTED = ("nn", "F", "torch", "OrderedDict", "super")
"""Names that the class needs for other things."""


@dataclass(frozen=True)
class Written:
    """Code, and on which of its lines (counted from 1) each layer is constructed and called."""

    text: str
    lines: Mapping[str, tuple[int, ...]]


def write(
    network: Network,
    style: Style = Style.COURSE,
    *,
    hints: bool = False,
    shapes: bool = False,
    class_name: str = "Network",
) -> str:
    """The network as code. `hints` adds types, `shapes` the shape after each layer as a comment, N being the batch.

    Raises NetworkError for a class name that Python does not take. nn.Sequential has no class and no hints.
    """
    return written(network, style, hints=hints, shapes=shapes, class_name=class_name).text


def written(
    network: Network,
    style: Style = Style.COURSE,
    *,
    hints: bool = False,
    shapes: bool = False,
    class_name: str = "Network",
) -> Written:
    """The same code with the lines of each layer, so that a page can light those of the selected one."""
    check_name(class_name)
    if class_name in IMPORTED or class_name.startswith("__") or not class_name.isidentifier():
        raise NetworkError(f"{class_name} already means something else here; choose a class name such as Network.")
    page = Page()
    lay_out = chain.lay_out if graph.is_plain(network) else graph.lay_out
    lay_out(page, network, style, hints, shapes, class_name)
    return Written("\n".join(page.rows) + "\n", {name: tuple(lines) for name, lines in page.lines.items()})
