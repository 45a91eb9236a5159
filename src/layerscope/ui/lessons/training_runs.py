"""The few training runs that a lesson shows: made ahead while one reads, one after the other, and kept."""

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import lru_cache
from threading import Lock, Thread

from layerscope import limits
from layerscope.layers.convolution import Conv2d
from layerscope.network import Network
from layerscope.study.data import load
from layerscope.study.inside import cost
from layerscope.study.outcome import Run
from layerscope.study.plan import Plan
from layerscope.study.splitting import split
from layerscope.study.suiting import TrainError, check
from layerscope.study.training import train
from layerscope.tracing import trace
from layerscope.ui.giving_way import Pace
from layerscope.ui.lab.running import end_with_the_process
from layerscope.ui.lab.turns import first

KERNELS, SEEDS = (3, 5, 9), (0, 1)
PLAN = Plan(lr=2e-3, batch=50, epochs=3)
FAST = 1_000
"""So many times as large is the learning rate that is tried once."""
MOST_BEGUN = 64
_turn = Lock()
_begun: dict[tuple[Network, Callable[[Network], None]], None] = {}
"""Networks whose training runs were made ahead, and what made them; the newest."""


def kernels(network: Network) -> tuple[str, tuple[int, ...]]:
    """The first convolution with a kernel of one number, and the sizes that are compared; ("", ()) without one."""
    row = next((row for row in network.layers if isinstance(row, Conv2d) and not row.of), None)
    if row is None or type(row.kernel_size) is not int:
        return "", ()
    sizes = [size for size in KERNELS if trace(network.with_argument(row.name, "kernel_size", size)).error is None]
    return row.name, tuple(sizes)


def needs(network: Network) -> str:
    """What a network must have for this lesson."""
    traced = trace(network)
    if traced.error is not None:
        return "it does not run"
    name, sizes = kernels(network)
    if len(sizes) < len(KERNELS):
        return f"it has no Conv2d layer whose kernel_size can be {', '.join(map(str, KERNELS))}"
    data = load("digits")
    count = len(split(data).training)
    try:
        for variant in (network, *(network.with_argument(name, "kernel_size", size) for size in sizes)):
            if cost(trace(variant))[1] > limits.LESSON_TRAINED.most:
                return "it is too large to be trained here while you read"
            check(variant, data, PLAN, count)
    except TrainError as error:
        return str(error)[0].lower() + str(error).rstrip(".")[1:]
    return ""


def trained(network: Network, size: int, seed: int, times: float = 1) -> Run:
    """The network with that kernel, trained on the digits; `times` the usual learning rate."""
    name, _ = kernels(network)
    plan = replace(PLAN, lr=PLAN.lr * times, seed=seed)
    return trained_by(network.with_argument(name, "kernel_size", size), plan)


def trained_by(network: Network, plan: Plan, images: int | None = None) -> Run:
    """The network trained on the digits, or on only so many of them. The outcome holds no weights: it is kept long."""
    with _turn:
        return _trained(network, plan, images)


@lru_cache(maxsize=64)
def _trained(network: Network, plan: Plan, images: int | None) -> Run:
    data = load("digits")
    every = split(data)
    with first(network, data, plan):
        some = every if images is None else every.with_fewer(images)
        run = train(network, data, **asdict(plan), images=some, on_step=_until_the_end(Pace()))
    return replace(run, weights={}, before={})


def _until_the_end(pace: Pace) -> Callable[[object], None]:
    """What a training run does after each batch: it gives way, and ends with the process.

    Python waits for the thread of `begin` then, whatever thread began it: torch aborts where it computes as the
    interpreter goes away.
    """

    def step(_: object) -> None:
        end_with_the_process()
        pace.give_way()

    return step


def held(run: Run) -> tuple[list[int], list[float]]:
    """Steps, and the share of held-out images that is classified correctly after each."""
    known = [row for row in run.rows if row.held_accuracy is not None]
    return [row.step for row in known], [row.held_accuracy or 0.0 for row in known]


def begin(network: Network, ahead: Callable[[Network], None]) -> None:
    """Make a lesson's training runs in a thread, unless others are made just now: then they are made when asked for."""
    if (network, ahead) not in _begun and not _turn.locked():
        _begun[network, ahead] = None
        Thread(target=ahead, args=(network,), name="layerscope-lesson-training", daemon=False).start()
    while len(_begun) > MOST_BEGUN:
        _begun.pop(next(iter(_begun)), None)


def ahead(network: Network) -> None:
    """Make the training runs of lesson 12."""
    for seed in SEEDS:
        for size in kernels(network)[1]:
            trained(network, size, seed)
