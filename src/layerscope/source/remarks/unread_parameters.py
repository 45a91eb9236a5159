"""Parameters of the network's own that no row counts: torch counts them all the same."""

from collections.abc import Iterator
from math import prod

from layerscope.formatting import joined
from layerscope.source.reading import Note
from layerscope.source.remarks.case import Case
from layerscope.source.torch.modules import Learned, Module, walked

MOST_NAMES = 6


def remark(case: Case) -> Iterator[Note]:
    """What forward does not use, or uses only for what is not shown, such as a mask that is learned."""
    network = case.followed.instance
    if not isinstance(network, Module) or case.followed.fault is not None or case.followed.documented is not None:
        return
    found = {
        id(each): (path, each) for path, each in walked(network)
        if isinstance(each, Learned) and each.is_parameter and each.tensor.weights
    }  # fmt: skip
    left = [(path, each) for path, each in found.values() if not each.tensor.weights & case.followed.counted]
    if not left:
        return
    count = sum(prod(each.tensor.shape) for _, each in left)
    names = [path for path, _ in left]
    more = [f"{len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
    verb = "is" if len(names) == 1 else "are"
    counts = f"PyTorch still counts {'its' if len(names) == 1 else 'their'} {count:,} {'parameter' + 's' * (count > 1)}"
    yield case.note(f"{joined([*names[:MOST_NAMES], *more])} {verb} not in any row shown here; {counts}.")
