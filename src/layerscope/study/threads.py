"""How many of torch's threads compute: another number of them rounds sums in another way."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def computing_on(count: int) -> Iterator[None]:
    """So many threads of torch's meanwhile."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
