"""Networks that branch beside torchinfo and FlopCounterMode, both on the meta device: time to know a whole network.

The peers get torchvision's model already built, ours gets the network's rows already built: new rows each time, and
every memory emptied. "A move" is one step of a slider of a convolution or a Linear, each time another one at another
place, to a value that was never seen; what does not depend on it is remembered. A move that changes the width of an
early layer of DenseNet asks about nearly everything after it anew: the middle of all moves is told.

All take turns, one thread each, and the processor's time is compared, not the clock's: what else the machine does would
fall on the peers' long looks rather than on our short ones.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from random import Random

import torch

from bench.contenders import PEERS, Totals
from layerscope.asking import forget
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.tracing import trace
from tests import zoo

NETWORKS = ("resnet50", "densenet121", "vit_b_16")
FROM_NOTHING, A_MOVE = 10.0, 40.0
SIDE, ROUNDS, MOVES = 224, 11, 4


def seconds(look: Callable[[], Totals]) -> float:
    """The processor's time of one look, in one thread."""
    torch.set_num_threads(1)
    begin = time.process_time()
    look()
    return time.process_time() - begin


def totals(network: Network) -> Totals:
    """What our way finds."""
    seen = trace(network)
    return seen.parameters, seen.macs


def afresh(network: Network) -> Callable[[], Totals]:
    """Our whole way with nothing remembered, neither by torch's answers nor by the rows, which are new ones."""
    forget()
    return partial(totals, replace(network, layers=tuple(replace(layer) for layer in network.layers)))


def moves(network: Network) -> Iterator[Callable[[], Totals]]:
    """Steps of sliders, one after the other; every value is new."""
    rng = Random(0)
    wide = [(layer, layer.head) for layer in network.layers if layer.head and layer.name != network.head]
    for step in count(1):
        layer, width = rng.choice(wide)
        yield partial(_moved, network, layer.name, width, layer.chosen[width] + step)


def _moved(network: Network, name: str, width: str, value: int) -> Totals:
    return totals(network.with_argument(name, width, value))


def compare(name: str) -> bool:
    """Time one network, print the ratios and say whether the targets are met."""
    network, model = PRESETS[name], zoo.without_auxiliary_heads(name)
    image = torch.empty(1, 3, SIDE, SIDE, device="meta")
    peers = {peer: PEERS[peer] for peer in ("torchinfo", "FlopCounterMode")}
    assert totals(network) == PEERS["FlopCounterMode"](model, image)
    steps = moves(network)
    times: dict[str, list[float]] = {key: [] for key in (*peers, "ours", "a move")}
    for _ in range(ROUNDS):
        for peer, look in peers.items():
            times[peer].append(seconds(partial(look, model, image)))
        times["ours"].append(seconds(afresh(network)))
        times["a move"] += [seconds(next(steps)) for _ in range(MOVES)]
    median = {key: statistics.median(values) for key, values in times.items()}
    best = min(median[peer] for peer in peers)
    nothing, move = best / median["ours"], best / median["a move"]
    faster = min(peers, key=lambda peer: median[peer])
    print(f"{name:14} {faster:16} {nothing:8.1f}x {move:8.1f}x")
    return nothing >= FROM_NOTHING and move >= A_MOVE


def main() -> bool:
    """Compare on every network; true when the targets are met on all."""
    print(f"Time of the faster peer divided by ours; targets {FROM_NOTHING:g}x from nothing, {A_MOVE:g}x for a move.")
    print(f"{'network':14} {'faster peer':16} {'from nothing':>9} {'a move':>6}")
    gc.collect()
    gc.freeze()
    met = {name: compare(name) for name in NETWORKS}
    missed = [name for name, good in met.items() if not good]
    print(f"missed on {', '.join(missed)}" if missed else "met")
    return not missed
