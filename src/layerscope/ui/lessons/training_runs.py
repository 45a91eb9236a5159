"""The few trainings that a lesson shows: made ahead while one reads, one after the other, and kept."""

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

KERNELS, SEEDS = (3, 5, 9), (0, 1)
PLAN = Plan(lr=2e-3, batch=50, epochs=3)
FAST = 1_000
"""So many times as large is the learning rate that is tried once."""
MOST_BEGUN = 64
_turn = Lock()
_begun: dict[Network, None] = {}
"""Networks whose trainings were made ahead; the newest."""


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
    if cost(traced)[1] > limits.LESSON_TRAINED.most:
        return "it is too large to be trained here while you read"
    if len(kernels(network)[1]) < len(KERNELS):
        return f"it has no Conv2d layer whose kernel_size can be {', '.join(map(str, KERNELS))}"
    data = load("digits")
    try:
        check(network, data, PLAN, len(split(data).training))
    except TrainError as error:
        return str(error)[0].lower() + str(error).rstrip(".")[1:]
    return ""


def trained(network: Network, size: int, seed: int, times: float = 1) -> Run:
    """The network with that kernel, trained on the digits; `times` the usual learning rate."""
    with _turn:
        return _trained(network, size, seed, times)


@lru_cache(maxsize=16)
def _trained(network: Network, size: int, seed: int, times: float) -> Run:
    name, _ = kernels(network)
    changed = network.with_argument(name, "kernel_size", size)
    return train(changed, load("digits"), lr=PLAN.lr * times, batch=PLAN.batch, epochs=PLAN.epochs, seed=seed)


def begin(network: Network) -> None:
    """Make the lesson's trainings in a thread, unless others are made just now: then they are made when asked for."""
    if network not in _begun and not _turn.locked():
        _begun[network] = None
        Thread(target=_ahead, args=(network,), name="layerscope-lesson-training", daemon=True).start()
    while len(_begun) > MOST_BEGUN:
        _begun.pop(next(iter(_begun)), None)


def _ahead(network: Network) -> None:
    for seed in SEEDS:
        for size in kernels(network)[1]:
            trained(network, size, seed)
