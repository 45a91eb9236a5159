"""What the Trials page asks and shows, as words of its address. Knows no screen.

try=conv1.kernel_size=3, 5, 7;lr=0.01, 0.001  how=tpe  count=20  images=digits  epochs=3  batch=100  lr=0.001
optimizer=Adam  seed=0  cut=off  run=<the trials' name>  best=-accuracy  top=10  log=on  brush=lr~0.001~0.01
pair=3~7  sets=<the names of the newest sets of trials that were begun here, the one that is shown too>
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from typing import Any

from layerscope import limits
from layerscope.jobs.order import Order
from layerscope.jobs.training import SETS
from layerscope.network import Network, NetworkError
from layerscope.study.grid import SweepError
from layerscope.study.plan import OPTIMIZERS, Plan, PlanError
from layerscope.study.space import SETTINGS, dimensions
from layerscope.study.trials import GRID, TPE
from layerscope.tracing import trace
from layerscope.ui.lab.sweep_spans import Listed, present, spans
from layerscope.ui.lab.typed import is_number, values

WORDS = ("try", "how", "count", "images", "epochs", "batch", "lr", "optimizer", "seed", "cut", "run", "best", "top",
         "log", "brush", "pair", "sets")  # fmt: skip
SETS_KEPT = 4
"""Sets of trials that an address names: so far back a page leads."""
COUNT, EPOCHS = 20, 3
TOPS = ("", "5", "10", "20")
BEST = "-accuracy"
BEGINNINGS = {
    "lr": "0.01, 0.003, 0.001", "batch": "50, 100, 200", "epochs": "2, 4, 8", "optimizer": "Adam, SGD",
    "momentum": "0.0, 0.9", "weight_decay": "0.0, 0.01", "augmentation": "False, True", "seed": "0, 1, 2, 3, 4",
}  # fmt: skip
"""Values that a setting of the training begins with."""
_FIRST = ("kernel_size", "out_channels", "out_features", "hidden_size")
EACH = 2
"""Of each of them, in so many layers, it is looked whether several values run."""
_PAIR = re.compile(r"\d{1,4}", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class View:
    """Everything that the page asks and shows."""

    tries: dict[str, str]
    """What is tried, with its values as they are typed."""
    how: str = GRID
    count: int = COUNT
    images: str = SETS[0]
    plan: Plan = field(default_factory=lambda: Plan(epochs=EPOCHS))
    cuts: bool = True
    run: str = ""
    best: str = BEST
    top: str = ""
    log: bool = False
    brushes: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The values of a column between which trials are kept, as texts; the newest last."""
    pair: tuple[int, ...] = ()
    """The trials that are compared: none, one that waits for another, or two."""
    sets: tuple[str, ...] = ()
    """The names of the newest sets of trials that were begun here, the newest last, once there are two."""

    def words(self) -> dict[str, str]:
        """The view for an address."""
        return {
            "try": ";".join(f"{key}={values}" for key, values in self.tries.items()),
            "how": "" if self.how == GRID else self.how,
            "count": "" if self.count == COUNT else str(self.count),
            "images": "" if self.images == SETS[0] else self.images,
            "epochs": "" if self.plan.epochs == EPOCHS else str(self.plan.epochs),
            "batch": "" if self.plan.batch == Plan.batch else str(self.plan.batch),
            "lr": "" if self.plan.lr == Plan.lr else f"{self.plan.lr:g}",
            "optimizer": "" if self.plan.optimizer == Plan.optimizer else self.plan.optimizer,
            "seed": "" if self.plan.seed == Plan.seed else str(self.plan.seed),
            "cut": "" if self.cuts else "off",
            "run": self.run,
            "best": "" if self.best == BEST else self.best,
            "top": self.top,
            "log": "on" if self.log else "",
            "brush": ";".join(f"{name}~{low}~{high}" for name, (low, high) in self.brushes.items()),
            "pair": "~".join(map(str, self.pair)),
            "sets": "~".join(self.sets),
        }

    def showing(self, name: str) -> "View":
        """The view with the trials of that name, which may be new, in place of those that are shown."""
        known = dict.fromkeys([*self.sets, *filter(None, [self.run]), name])
        sets = tuple(known)[-SETS_KEPT:] if len(known) > 1 else ()
        return replace(self, run=name, sets=sets, brushes={}, pair=())

    def brushed(self, name: str, low: str, high: str) -> "View":
        """The view with a part of one column's values kept, as the newest brush."""
        others = {key: span for key, span in self.brushes.items() if key != name}
        return replace(self, brushes=others | {name: (low, high)})

    def order(self, network: Network) -> Order:
        """What the page asks for. Raises SweepError."""
        if not self.tries:
            raise SweepError("Choose at least one hyperparameter to try.")
        space = dimensions(network, {key: values(key, text) for key, text in self.tries.items()})
        order = Order(network, self.plan, space, self.images, self.how, self.count, self.plan.seed, self.cuts)
        order.size  # noqa: B018  (raises)
        return order


def read(network: Network, words: Mapping[str, str]) -> View:
    """The view that an address asks for. What it does not know it leaves at the usual: a view is never an error."""
    tries = {}
    for part in words.get("try", "").split(";")[: limits.TRIAL_KEYS.most]:
        key, equals, text = part.partition("=")
        if equals and (key in SETTINGS or _is_key(network, key)):
            tries[key] = text[: limits.TRIAL_TEXT.most]
    brushes = {}
    for part in words.get("brush", "").split(";")[: limits.SWEEP_BRUSHES.most]:
        name, *ends = part.split("~")
        if len(ends) == 2:
            brushes[name] = (ends[0], ends[1])
    how, top, images = words.get("how", ""), words.get("top", ""), words.get("images", "")
    return View(
        tries or usual(network),
        how if how in (GRID, TPE) else GRID,
        min(max(_whole(words.get("count", ""), COUNT), 1), limits.TRIALS.most),
        images if images in SETS else SETS[0],
        _plan(words),
        words.get("cut") != "off",
        words.get("run", ""),
        words.get("best", "") or BEST,
        top if top in TOPS else "",
        words.get("log") == "on",
        brushes,
        tuple(dict.fromkeys(map(int, _PAIR.findall(words.get("pair", "")[:9]))))[:2],
        tuple(dict.fromkeys(filter(_NAME.fullmatch, words.get("sets", "")[: 23 * SETS_KEPT].split("~")))),
    )


def _plan(words: Mapping[str, str]) -> Plan:
    plan = Plan(epochs=EPOCHS)
    for name in ("epochs", "batch", "seed"):
        plan = _with(plan, name, _whole(words.get(name, ""), getattr(plan, name)))
    if words.get("optimizer") in OPTIMIZERS:
        plan = _with(plan, "optimizer", words["optimizer"])
    if is_number(words.get("lr", "")):
        plan = _with(plan, "lr", float(words["lr"]))
    return plan


def _with(plan: Plan, name: str, value: Any) -> Plan:
    try:
        return replace(plan, **{name: value})
    except PlanError:
        return plan


def _whole(text: str, usual: int) -> int:
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else usual


def _is_key(network: Network, key: str) -> bool:
    try:
        return bool(dimensions(network, {key: [1]}))
    except SweepError:
        return False


def keys(network: Network) -> list[str]:
    """What can be tried: hyperparameters of layers, then settings of the training. The images decide the input."""
    names = {given.name for given in network.inputs} | {"classes"}
    rows = [key for key in spans(network) if key not in names and key.rpartition(".")[0] not in names]
    return [*rows, *BEGINNINGS]


@lru_cache(16)
def _first_tried(network: Network) -> str:
    every = [key for key in keys(network) if key.rpartition(".")[2] in _FIRST]
    known = [key for name in _FIRST for key in islice((key for key in every if key.endswith(name)), EACH)]
    known.sort(key=every.index)
    return next((key for key in known if "," in beginning(network, key)), "".join(known[:1]))


def usual(network: Network) -> dict[str, str]:
    """What the page begins with: the first width or kernel of a layer of which several values run, and the learning
    rate."""
    first = _first_tried(network)
    return ({first: beginning(network, first)} if first else {}) | {"lr": "0.01, 0.001"}


def beginning(network: Network, key: str) -> str:
    """Values that a key begins with: the present one between two others."""
    if key in BEGINNINGS:
        return BEGINNINGS[key]
    span, now = spans(network).get(key), present(network, key)
    if isinstance(span, Listed):
        return span.text
    if span is None:
        return "1, 2, 3"
    if type(now) is not int:
        now = span.values[len(span.values) // 2]
    near = (now - 2, now, now + 2) if now < 8 else (now // 2, now, 2 * now)
    known = [value for value in near if value >= max(span.low, 1)]
    if trace(network).error is None:
        known = [value for value in known if _runs(network, key, value)] or known
    return ", ".join(map(str, known))


def _runs(network: Network, key: str, value: int) -> bool:
    """Whether the network runs with another number for a key of its layers."""
    name, _, argument = key.rpartition(".")
    try:
        return trace(network.with_argument(name, argument, value)).error is None
    except NetworkError:
        return False
