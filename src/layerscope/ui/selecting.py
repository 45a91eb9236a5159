"""Which row or block of a network is selected, and which blocks are open: views of a network, from views before."""

from collections.abc import Callable
from dataclasses import replace

from layerscope import blocks, limits
from layerscope.link import View
from layerscope.network import Network


def is_there(network: Network, name: str) -> bool:
    """Whether a row or a block has that name."""
    return name in network.names or blocks.is_block(network, name)


def selected(view: View, network: Network) -> str:
    """The row or block that is selected; the first row while none was chosen, "" where there is none."""
    return view.selected if is_there(network, view.selected) else next(iter(network.names), "")


def with_selected(view: View, network: Network, name: str) -> View:
    """The view with that row or block selected, where there is one."""
    return replace(view, selected=name) if is_there(network, name) else view


def kept(view: View, old: Network, network: Network) -> View:
    """The view of `network` after `old`: where what was selected is gone, the row that took its place is."""
    if is_there(network, view.selected) or not (gone := blocks.rows_of(old, view.selected)):
        return view
    place = min(old.index(gone[0]), len(network.layers) - 1)
    return replace(view, selected=network.names[place] if place >= 0 else "")


def with_open(view: View, network: Network, path: str) -> View:
    """The view with the rows of a block in the list and the picture."""
    if not blocks.is_block(network, path):
        return view
    closed = tuple(other for other in view.closed if other != path)
    return replace(view, opened=_first(path, view.opened), closed=closed)


def with_closed(view: View, network: Network, path: str) -> View:
    """The view with a block as one. Of a row in it the block is selected, as the row is seen no more."""
    if not blocks.is_block(network, path):
        return view
    inside = f"{path}."
    opened = tuple(other for other in view.opened if other != path and not other.startswith(inside))
    name = path if selected(view, network).startswith(inside) else view.selected
    return replace(view, selected=name, opened=opened, closed=_first(path, view.closed))


def _first(path: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    """That path before the others, of which a link holds so many."""
    return tuple(dict.fromkeys((path, *paths)))[: limits.FOLDS.most]


def renamed(view: View, called: Callable[[str], str]) -> View:
    """The view once rows and blocks have other names; `called` gives a name or path its new one."""
    opened, closed = (tuple(map(called, paths)) for paths in (view.opened, view.closed))
    return replace(view, opened=opened, closed=closed)
