"""When a training has gone wrong for good: its loss is no longer a number, or far above an untrained network's."""

from collections.abc import Sequence
from math import isfinite, log

from layerscope.study.outcome import Row

FAR, LAST = 10, 5
"""A loss explodes where the last few are on average so many times the loss of an untrained network."""


def explosion(rows: Sequence[Row], classes: int, lr: float) -> str:
    """A sentence where the loss of the last row explodes, with a learning rate to try; "" where it does not."""
    first = next(row.loss for row in rows if row.loss is not None)
    last = [row.loss for row in rows[-LAST:] if row.loss is not None]
    loss = last[-1]
    usual = max(log(classes), first if isfinite(first) else 0)
    if not isfinite(loss):
        what = f"The loss is no longer a number at step {rows[-1].step:,}"
    elif len(last) == LAST and sum(last) / LAST > FAR * usual:
        what = f"The loss rose to {loss:,.3g} at step {rows[-1].step:,}"
    else:
        return ""
    began = f"; it began at {first:.2f}" if isfinite(first) and len(rows) > 1 else ""
    return f"{what}{began}. The learning rate {lr:g} makes the weights jump too far. Try {float(f'{lr / 10:.1g}'):g}."
