"""Which settings of trials cannot be trained, told without training, as their networks do not run or are too large."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from layerscope import limits
from layerscope.network import Network, NetworkError
from layerscope.once import recent
from layerscope.study.data import Data
from layerscope.study.plan import Plan, PlanError
from layerscope.study.space import Between, Dimension, Space, to_json, tried
from layerscope.study.suiting import TrainError, check


@dataclass(frozen=True)
class Foretold:
    """How many of the combinations cannot be trained: by the reason, the most frequent one first."""

    combinations: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def failing(self) -> int:
        return sum(count for _, count in self.reasons)


def _key(network: Network, plan: Plan, space: Space, data: Data, images: int) -> Any:
    return network, plan, json.dumps(to_json(space)), data.name, images


@recent(8, _key)
def foretold(network: Network, plan: Plan, space: Space, data: Data, images: int) -> Foretold | None:
    """What is known of every combination; None where there are too many to look at while somebody waits.

    Of a range of fractions, such as learning rates, one stands for all.
    """
    values = [_values(dimension) for dimension in space]
    count = prod(map(len, values))
    if count * max(len(network.layers), 1) > limits.FORETOLD.most:
        return None
    keys = [dimension.key for dimension in space]
    reasons = Counter[str]()
    for each in product(*values):
        try:
            other, trained = tried(network, plan, space, dict(zip(keys, each, strict=True)))
            check(other, data, trained, images)
        except (NetworkError, PlanError, TrainError) as error:
            reasons[str(error)] += 1
    return Foretold(count, tuple(reasons.most_common()))


def _values(dimension: Dimension) -> Sequence[Any]:
    given = dimension.values
    if not isinstance(given, Between):
        return given
    if given.is_whole:
        return range(int(given.low), int(given.high) + 1, int(given.step or 1))
    return (given.low,)
