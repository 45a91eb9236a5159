"""What torch runs when most memory is in use, as its tracker sees it."""

from typing import NamedTuple


class Culprit(NamedTuple):
    """What ran at the peak of a phase."""

    row: str = ""
    """The row whose forward pass it was; "" in the backward pass and in the optimizer's step."""
    op: str = ""
    """Torch's own name of the operation, such as "max_pool2d_with_indices"."""
    borrowed: int = 0
    """Bytes that were free again when the row's forward pass was done."""
    copies: int = 0
    """Bytes of weights that autocast had copied by then, and keeps until the pass ends."""
