"""When a training has gone wrong: for good, as its loss is no longer a number, or far above an untrained network's; or
as it ends where it began."""

from collections.abc import Sequence
from math import isfinite, log

from layerscope.study.outcome import Row, Run

FAR, LAST = 10, 5
"""A loss explodes where the last few are on average so many times the loss of an untrained network."""
NEAR, LUCKY = 0.02, 0.02
"""A training stands still where its loss has not fallen by this share, and guessing is right almost as often."""


CALM = 0.01
"""A learning rate that is seldom too large: no larger one is recommended."""


def explosion(rows: Sequence[Row], classes: int, lr: float) -> str:
    """A sentence where the loss of the last row explodes, with a learning rate to try; "" where it does not."""
    first = next(row.loss for row in rows if row.loss is not None)
    last = [row.loss for row in rows[-LAST:] if row.loss is not None]
    loss = last[-1]
    usual = max(log(classes), first if isfinite(first) else 0)
    if not isfinite(loss):
        what = f"The loss is no longer a number at step {rows[-1].step:,}"
    elif len(last) == LAST and sum(last) / LAST > FAR * usual:
        what = f"The training loss rose to {loss:,.3g} at step {rows[-1].step:,}"
    else:
        return ""
    began = f"; it began at {first:.2f}" if isfinite(first) and len(rows) > 1 else ""
    return f"{what}{began}. The learning rate {lr:g} makes the weights jump too far. Try {_calmer(lr)}."


def standstill(run: Run) -> str:
    """A sentence where a whole training has learned nothing, with its likely cause; "" where it has learned."""
    losses = [row.loss for row in run.rows if row.loss is not None]
    if run.exploded or run.stopped or run.is_continued or len(losses) < LAST:
        return ""
    guessed = int(run.confusion.sum(1).max()) / len(run.places)
    first, last = losses[0], sum(losses[-LAST:]) / LAST
    if run.accuracy > guessed + LUCKY or last < (1 - NEAR) * min(first, log(len(run.classes))):
        return ""
    rate = f"the learning rate {run.plan.lr:g}"
    if last > (1 + NEAR) * first:
        how = f"the loss rose from {first:.2f} to {last:.2f}, the average of the last {LAST} batches"
        return f"It has learned nothing: {how}. Likely {rate} is too large. Try {_calmer(run.plan.lr)}."
    how = (
        f"the loss of the last {LAST} batches is {last:.2f} on average, and guessing gives {log(len(run.classes)):.2f}"
    )
    return f"It has learned nothing: {how}. Likely {rate} is far too large, or too small."


def _calmer(lr: float) -> str:
    """A tenth of a learning rate, or less where that explodes again, as the page writes it."""
    return f"{min(CALM, float(f'{lr / 10:.1g}')):g}"
