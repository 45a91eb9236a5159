"""Roughly how long a training takes, told before it has begun: by its multiply-accumulates, on one processor core."""

from math import inf

from layerscope.explain import written_count
from layerscope.network import Network
from layerscope.study.inside import cost
from layerscope.study.plan import Plan
from layerscope.study.suiting import FORWARD_AND_BACK
from layerscope.tracing import trace

SLOW, FAST = 2e9, 1e10
"""Multiply-accumulates a second of one core: small layers, or a busy computer; large convolutions on an idle one."""
LONG = 300
"""Seconds of a slow core from which on a training is long."""
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def seconds(network: Network, plan: Plan, images: int, times: int = 1) -> float:
    """How long a slow core trains the network on so many images, so many times."""
    return FORWARD_AND_BACK * cost(trace(network))[1] * images * plan.epochs * times / SLOW


def told(slow: float, limit: float = inf) -> str:
    """A sentence about so many seconds of a slow core; "" where that is not long. At `limit` seconds it is stopped."""
    if slow < LONG:
        return ""
    (least, unit), (most, larger) = _rounded(slow * SLOW / FAST), _rounded(slow)
    span = f"{least:,}" if unit == larger else written_count(least, unit)
    ends = f" This server stops a training run after {round(limit / 60)} minutes." if slow * SLOW / FAST > limit else ""
    return f"On one processor core, training takes roughly {span} to {written_count(most, larger)}.{ends}"


def _rounded(time: float) -> tuple[int, str]:
    """In the largest unit of which there are two or more."""
    unit, size = next(((unit, size) for unit, size in _UNITS if time >= 2 * size), _UNITS[-1])
    return round(time / size), unit
