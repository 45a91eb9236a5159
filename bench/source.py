"""Reading and writing code: what a paste costs beside Python's own parser, and beside the time that we allow.

The code is what the app writes for each network, of 35 to 150 lines. Reading means everything: the limits' scans, the
tree, the walk through `__init__` and `forward`, the input's shape. All take turns within one run, without the
garbage collector's walks over what was loaded before; the app leaves that out in the same way.

torchvision's model files are read as they are pasted, with one line that makes a model and one that calls it. Beside
it stands what Python does with the same text: parse it, execute it, build the model and run it on the same image. The
processor's time is compared. A file's time is bounded where it has a thousand lines and makes no more than 200 layers;
the others are told, not held to it.

The hostile pastes are those of the tests: real ones with lines, words or signs lost, doubled and exchanged, and
generated ones that repeat what is costly for parsers.
"""

import ast
import gc
import statistics
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from random import Random

import torch

from layerscope.presets import PRESETS
from layerscope.source.reader import read, read_all
from layerscope.source.writer import Style, write
from tests import zoo
from tests.source.hostile import generated, mutated
from tests.source.pastes_oracle import PASTES

BUDGET_MS = 5.0
FILE_MS, MODEL_ROUNDS = 60.0, 5
MODELS = {
    "resnet": "resnet50()", "vision_transformer": "vit_b_16()", "densenet": "densenet121()",
    "swin_transformer": "swin_t()",
}  # fmt: skip
BOUNDED = ("resnet", "vision_transformer")
ROUNDS = 30
NETWORKS = ("fashion-mnist-cnn", "alexnet", "vgg11", "vgg16")
LINES = 100
HOSTILE, HOSTILE_MS = 10_000, 100.0


def took(work: Callable[..., object], *given: object) -> float:
    """Milliseconds."""
    begin = time.perf_counter()
    work(*given)
    return 1000 * (time.perf_counter() - begin)


def hostile() -> bool:
    """Print how long the slowest of the hostile pastes took; true when each was answered in time."""
    rng, pastes, times = Random(4), list(PASTES.values()), []
    for _ in range(HOSTILE):
        paste = mutated(rng, rng.choice(pastes)) if rng.random() < 0.75 else generated(rng)
        times.append(took(read_all, paste) / HOSTILE_MS)
    times.sort()
    middle, late = statistics.median(times), times[int(0.999 * len(times))]
    print(f"{HOSTILE:,} hostile pastes: the slowest took {times[-1]:.2f} of {HOSTILE_MS:g} ms, ", end="")
    print(f"one in a thousand more than {late:.2f}, one in two more than {middle:.3f}.")
    return times[-1] <= 1


def really(text: str) -> None:
    """Parse and execute a model file of torchvision's, which builds the model and runs it; never done with a paste."""
    zoo.torchvision_models()._api.BUILTIN_MODELS.clear()  # the names in it are given anew
    scope = {"__name__": "torchvision.models.pasted", "__package__": "torchvision.models", "torch": torch}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch finds no file with this text
        exec(compile(ast.parse(text), "pasted", "exec"), scope)


def processor(work: Callable[..., object], *given: object) -> float:
    """Milliseconds of the processor."""
    begin = time.process_time()
    work(*given)
    return 1000 * (time.process_time() - begin)


def models() -> bool:
    """Print what torchvision's files take; true when those that are bounded keep to it."""
    torch.set_num_threads(1)
    zoo.torchvision_models()
    met = True
    for name, make in MODELS.items():
        text = Path(str(import_module(f"torchvision.models.{name}").__file__)).read_text(encoding="utf-8")
        text += f"\nnet = {make}\nnet(torch.randn(1, 3, 224, 224))\n"
        reading = read_all(text)
        assert reading.refusal is None
        read_in, ran_in = [], []
        for _ in range(MODEL_ROUNDS):
            read_in.append(processor(read_all, text))
            ran_in.append(processor(really, text))
        share = statistics.median(read_in) / FILE_MS
        met &= share <= 1 or name not in BOUNDED
        print(
            f"{name + '.py':22s}{len(text.splitlines()):5d} lines {len(reading.layers):4d} layers   {share:5.2f} of "
            f"{FILE_MS:g} ms   running it really takes {statistics.median(ran_in) / statistics.median(read_in):5.1f}x"
        )
    return met


def main() -> bool:
    """Print the ratios; true when code of about a hundred lines is read in time, and each hostile paste."""
    gc.collect()
    gc.freeze()
    print(f"Reading: its share of {BUDGET_MS:g} ms for {LINES} lines, and beside ast.parse of the same text.")
    met = True
    for name in NETWORKS:
        network = PRESETS[name]
        text = write(network, Style.MODULES)
        lines = len(text.splitlines())
        times: dict[str, list[float]] = {"read": [], "parse": [], "write": []}
        for _ in range(ROUNDS):
            times["read"].append(took(read, text))
            times["parse"].append(took(ast.parse, text))
            times["write"].append(took(write, network, Style.MODULES))
        reading, parsing, writing = (statistics.median(times[what]) for what in times)
        share = reading / (BUDGET_MS * max(lines / LINES, 1))
        met &= share <= 1
        print(
            f"{name:20s} {lines:4d} lines   {share:5.2f} of the time allowed   {reading / parsing:5.1f}x ast.parse   "
            f"writing {writing / reading:4.2f}x reading"
        )
    met &= models()
    met &= hostile()
    print("met" if met else "missed")
    return met
