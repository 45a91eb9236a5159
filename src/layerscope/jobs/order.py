"""What somebody wants tried: all that a set of trials depends on, as JSON."""

import json
from dataclasses import dataclass
from typing import Any

from layerscope import limits
from layerscope.interchange import InterchangeError, from_json, to_json
from layerscope.jobs.ticket import JobError
from layerscope.jobs.training import SETS
from layerscope.network import Network
from layerscope.study import space
from layerscope.study.grid import SweepError
from layerscope.study.plan import Plan, PlanError
from layerscope.study.trials import GRID, size_of

_FIELDS = {"network", "plan", "space", "data", "sampler", "count", "seed", "prunes"}


@dataclass(frozen=True)
class Repeated:
    """The trial of earlier trials that these run again, with other seeds; and its setting."""

    number: int
    setting: space.Setting

    def to_json(self) -> dict[str, Any]:
        return {"number": self.number, "setting": self.setting}

    @classmethod
    def from_json(cls, fields: Any) -> "Repeated":
        """Raises ValueError."""
        match fields:
            case {"number": int(number), "setting": dict(setting), **rest} if not rest:
                given = {key: _checked(key, value) for key, value in setting.items()}
                is_short = all(len(key) <= limits.NAME.most + limits.TRIAL_TEXT.most for key in given)
                if 0 <= number < limits.TRIALS.most and len(given) <= limits.TRIAL_KEYS.most and is_short:
                    return cls(number, given)
        raise ValueError("no trial")


@dataclass(frozen=True)
class Order:
    """Trials that are wanted; see `study.trials.trials`. `data` names the images."""

    network: Network
    plan: Plan
    space: space.Space
    data: str
    sampler: str = GRID
    count: int = 20
    seed: int = 0
    prunes: bool = True
    repeats: Repeated | None = None
    """Which trial these run again; None where they do not."""

    @property
    def size(self) -> int:
        """How many trials there are to be. Raises SweepError."""
        return size_of(self.space, self.sampler, self.count)

    def to_json(self) -> str:
        """Raises JobError for a network that has no JSON."""
        try:
            fields: dict[str, Any] = {
                "network": to_json(self.network), "plan": self.plan.to_json(), "space": space.to_json(self.space),
                "data": self.data, "sampler": self.sampler, "count": self.count, "seed": self.seed,
                "prunes": self.prunes,
            }  # fmt: skip
            if self.repeats is not None:
                fields["repeats"] = self.repeats.to_json()
            return json.dumps(fields, allow_nan=False)
        except (InterchangeError, ValueError, TypeError) as error:
            raise JobError(str(error)) from error

    @classmethod
    def from_json(cls, text: str) -> "Order":
        """An order, checked. Raises JobError."""
        try:
            fields = json.loads(text)
            if not isinstance(fields, dict) or fields.keys() - {"repeats"} != _FIELDS or fields["data"] not in SETS:
                raise JobError("This is not an order for trials.")
            network, plan = from_json(fields["network"]), Plan.from_json(fields["plan"])
            order = cls(
                network, plan, space.from_json(network, fields["space"]), fields["data"], fields["sampler"],
                fields["count"], fields["seed"], fields["prunes"],
                Repeated.from_json(fields["repeats"]) if "repeats" in fields else None,
            )  # fmt: skip
            is_seed = type(order.seed) is int and 0 <= order.seed <= limits.TRAIN_SEED.most
            if not is_seed or type(order.prunes) is not bool or not order.size:
                raise JobError("This is not an order for trials.")
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            is_ours = isinstance(error, JobError | InterchangeError | PlanError | SweepError)
            raise JobError(str(error) if is_ours else "This is not an order for trials.") from error
        return order


def _checked(key: str, value: Any) -> Any:
    """A value of a setting. Raises SweepError."""
    values = space.checked(key, [value])
    assert isinstance(values, tuple)  # a list gives no range
    return values[0]
