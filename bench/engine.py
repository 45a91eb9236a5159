"""The engine beside torchinfo, fvcore and FlopCounterMode: time to know a whole network.

Every peer gets its model already built and runs in its own fastest correct mode: on real tensors
or on the meta device, with one torch thread or one per core. A mode that raises, or whose totals
are not those of the peer's real forward pass, is not correct. Ours builds the network anew each
time with every memory emptied; a second figure shows one slider move with its memory in place.
All take turns within one run, as the machine drifts, and only ratios are printed. What is loaded
by then is frozen for the garbage collector, for all alike, as the app does it when it starts.
"""

import gc
import itertools
import os
import statistics
import time
from dataclasses import dataclass

import torch

from bench.contenders import DEVICES, PEERS, Contender, ours, ours_after_a_move, peer
from bench.networks import MODULES
from layerscope.asking import forget

TARGET = 3.0
TRIALS = 5
ROUNDS = 25


@dataclass(frozen=True)
class Mode:
    """How a peer is run."""

    device: str
    threads: int

    def __str__(self) -> str:
        return f"{self.device}, {self.threads} thread{'s' if self.threads > 1 else ''}"


def seconds(contender: Contender, threads: int) -> float:
    """How long one look takes. Changing the number of threads is not part of it."""
    torch.set_num_threads(threads)
    begin = time.perf_counter()
    contender()
    return time.perf_counter() - begin


def fastest(name: str, network: str) -> tuple[Mode, Contender]:
    """The peer's fastest correct mode, found by trying all."""
    truth = peer(name, network, "cpu")()
    candidates = {}
    for device, threads in itertools.product(DEVICES, {1, os.cpu_count() or 1}):
        contender = peer(name, network, device)
        try:
            if contender() != truth:
                continue
        except (TypeError, RuntimeError, NotImplementedError):
            continue  # fvcore asks tensors for values, and those of the meta device have none
        trials = [seconds(contender, threads) for _ in range(TRIALS)]
        candidates[Mode(device, threads)] = statistics.median(trials), contender
    mode = min(candidates, key=lambda mode: candidates[mode][0])
    return mode, candidates[mode][1]


def check_same_network(network: str) -> None:
    """Fail if the module that the peers get is not the network that we trace."""
    counted = peer("FlopCounterMode", network, "meta")()
    if ours(network)() != counted:
        raise AssertionError(f"{network}: ours counts {ours(network)()}, torch {counted}")


def compare(network: str) -> bool:
    """Time one network, print the ratios and say whether the target is met."""
    check_same_network(network)
    modes = {name: fastest(name, network) for name in PEERS}
    whole, moved = ours(network), ours_after_a_move(network)
    times: dict[str, list[float]] = {name: [] for name in [*PEERS, "ours", "a move"]}
    for _ in range(ROUNDS):
        for name, (mode, contender) in modes.items():
            times[name].append(seconds(contender, mode.threads))
        forget()
        times["ours"].append(seconds(whole, threads=1))
        times["a move"].append(seconds(moved, threads=1))
    median = {name: statistics.median(values) for name, values in times.items()}
    for name, (mode, _) in modes.items():
        ratio = median[name] / median["ours"]
        after = median[name] / median["a move"]
        print(f"{network:18} {name:16} {ratio:8.1f}x {after:8.1f}x   ({mode})")
    return min(median[name] for name in PEERS) >= TARGET * median["ours"]


def main() -> bool:
    """Compare on every network; true when the target is met on the three named ones."""
    print(f"Engine: a peer's time divided by ours; the target is {TARGET:g}x from nothing.")
    print("'200 unlike layers' has no target: it shows ours where nothing repeats.")
    print(f"{'network':18} {'peer':16} {'from nothing':>9} {'a move':>6}")
    gc.collect()
    gc.freeze()
    met = {network: compare(network) for network in MODULES}
    missed = [name for name, good in met.items() if not good and name != "200 unlike layers"]
    print(f"missed on {', '.join(missed)}" if missed else "met")
    return not missed
