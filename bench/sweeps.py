"""A sweep of the default network beside the plain way: for each setting build the modules, run one image through the
convolutions to learn how many values the first Linear reads, build the rest, run it, and count.

The plain way runs on real tensors or on the meta device, whichever is faster. Every tenth of its settings is measured,
all of ours, with every memory emptied before; one thread each, and the processor's time is compared. Both must find the
same numbers.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import torch
from torch import nn

from layerscope.asking import forget
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.sweep import sweep

TARGET, ROUNDS, EVERY = 5.0, 5, 10
GRIDS: dict[str, dict[str, range]] = {
    "two kernels and a width": {
        "conv1.kernel_size": range(1, 11), "conv2.kernel_size": range(1, 9), "conv1.out_channels": range(1, 13),
    },
    "two widths": {"conv1.out_channels": range(1, 33), "conv2.out_channels": range(1, 32)},
}  # fmt: skip
USUAL = {"conv1.kernel_size": 5, "conv2.kernel_size": 5, "conv1.out_channels": 6, "conv2.out_channels": 12}
Found = tuple[int, int] | None
"""The parameters and fc1.in_features; None where it does not run."""


@torch.no_grad()
def plain(setting: dict[str, Any]) -> Found:
    """One setting as people write it."""
    chosen = USUAL | setting
    first, second = chosen["conv1.out_channels"], chosen["conv2.out_channels"]
    image = torch.zeros(1, 1, 28, 28)
    maps = nn.Sequential(
        nn.Conv2d(1, first, chosen["conv1.kernel_size"]), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(first, second, chosen["conv2.kernel_size"]), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
    )  # fmt: skip
    try:
        features = maps(image).shape[1]
        network = nn.Sequential(
            maps, nn.Linear(features, 120), nn.ReLU(), nn.Linear(120, 60), nn.ReLU(), nn.Linear(60, 10)
        )
        network(image)
    except RuntimeError:
        return None
    return sum(weight.numel() for weight in network.parameters()), features


def settings(grid: dict[str, range]) -> Iterator[dict[str, int]]:
    yield from (dict(zip(grid, values, strict=True)) for values in product(*grid.values()))


def seconds(work: Callable[[], object]) -> float:
    """The processor's time, in one thread."""
    torch.set_num_threads(1)
    gc.collect()
    begin = time.process_time()
    work()
    return time.process_time() - begin


def plainly(grid: dict[str, range], device: str) -> list[Found]:
    with torch.device(device):
        return [plain(setting) for setting in list(settings(grid))[::EVERY]]


def ours(grid: dict[str, range]) -> list[Found]:
    """The same numbers from the sweep's table."""
    forget()
    frame = sweep(PRESETS[DEFAULT], grid).frame()
    columns = zip(frame["runs"], frame["parameters"], frame["fc1.in_features"], strict=True)
    return [(int(count), int(features)) if runs else None for runs, count, features in columns]


def compare(name: str, grid: dict[str, range]) -> bool:
    """Time one sweep, print its ratio and say whether the target is met."""
    assert ours(grid)[::EVERY] == plainly(grid, "cpu")
    times: dict[str, list[float]] = {"cpu": [], "meta": [], "ours": []}
    for _ in range(ROUNDS):
        for device in ("cpu", "meta"):
            times[device].append(EVERY * seconds(lambda device=device: plainly(grid, device)))  # type: ignore[misc]
        times["ours"].append(seconds(lambda: ours(grid)))
    middle = {key: statistics.median(taken) for key, taken in times.items()}
    device = min(("cpu", "meta"), key=middle.__getitem__)
    ratio = middle[device] / middle["ours"]
    count = len(list(settings(grid)))
    print(f"{name}, {count:,} networks: {ratio:.1f} times as fast as building and running them ({device})")
    return ratio >= TARGET


def main() -> bool:
    """All sweeps; whether every target is met."""
    met = [compare(name, grid) for name, grid in GRIDS.items()]
    print(f"target: {TARGET:.0f} times")
    return all(met)


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
