"""Lesson: few images and overfitting, another seed, two settings that cannot be distinguished, and a grid's runs."""

from collections.abc import Callable
from statistics import mean

from layerscope.figures import training as pictures
from layerscope.study.outcome import Run
from layerscope.ui.lessons import seeds_runs as runs
from layerscope.ui.lessons.page import Page, Part
from layerscope.ui.lessons.seeds_runs import FEW, LONG, SEEDS, SHORT, SIZES
from layerscope.ui.lessons.training_runs import KERNELS, PLAN, begin, held, kernels, needs

__all__ = ["body", "needs"]

SHARES = {"nearly all": 1.0, "about half": 0.5, "about one in ten": 0.1}
MORE, ALIKE, FEWER = "a larger share", "about the same share", "a smaller share"
CLEARLY = 0.05
"""Shares that differ by less are about the same."""
SAME, OTHER = "exactly the same", "another one"
UNKNOWN = "too few seeds to tell"
RATES = (1e-3, 2e-3)


def body(page: Page) -> None:
    """Training on few images, the same with other seeds, two sizes with five seeds each, and the runs of a grid."""
    name, _ = kernels(page.network)
    if not page.looks_ahead:
        begin(page.network, runs.ahead)
    page.say(
        "A **trial** is one training run with certain settings. Here you see what its result tells you, and what it "
        "does not. All trials learn to read handwritten digits, and are measured on the same held-out images."
    )
    if not _few(page):
        return
    page.next_row()
    if not _again(page, name):
        return
    page.next_row()
    if not _better(page, name):
        return
    page.next_row()
    if not _grid(page, name):
        return
    page.say(
        "Try a few settings with several **seeds** rather than many settings once. The Trials page, in the Lab, trains "
        "the network that is open with every setting of your own grid, and draws what each one reaches."
    )


def _few(page: Page) -> bool:
    """Ask how well a network reads the few images it learns from, and those it never saw."""
    network = page.network
    question = (
        f"The network learns from only {FEW} of the {runs.images():,} training images, and sees each of them "
        f"{LONG.epochs} times. How many of these {FEW} does it classify correctly at the end?"
    )

    def on_training() -> tuple[str, str]:
        share = runs.last_epoch(runs.few(network))
        nearest = min(SHARES, key=lambda words: abs(SHARES[words] - share))
        return nearest, f"In the last epoch its accuracy on training images is {_percent(share)}."

    if not page.predict("training", question, *_told(page, "training", on_training), tuple(SHARES)):
        return False
    question = "And of the held-out images, which it never learns from?"

    def on_held() -> tuple[str, str]:
        run = runs.few(network)
        share, learned = run.accuracy, runs.last_epoch(run)
        answer = FEWER if share < learned - CLEARLY else MORE if share > learned + CLEARLY else ALIKE
        why = f"It classifies {_percent(share)} of the held-out images correctly. "
        if answer == FEWER:
            why += f"The gap of {_points(learned - share)} is overfitting: it knows its own images by heart. "
        other = runs.every(network)
        why += f"With all {runs.images():,} training images and {SHORT.epochs} epochs it reaches "
        why += f"{_percent(other.accuracy)}."
        return answer, why

    if not page.predict("held", question, *_told(page, "held", on_held), (FEWER, ALIKE, MORE)):
        return False
    if not page.looks_ahead:
        few, every = runs.few(network), runs.every(network)
        page.figures(
            "gap", [_curves(few, f"{FEW} training images"), _curves(every, f"{runs.images():,} training images")]
        )
    return True


def _again(page: Page, name: str) -> bool:
    """Ask whether a different seed gives the same accuracy, and show five."""
    size = SIZES[-1]
    question = (
        f"Now all training images again, {PLAN.epochs} epochs, {name}.kernel_size {size}. You train twice with the "
        "same settings but different seeds. Which accuracy on held-out images does the second run reach?"
    )

    def compared() -> tuple[str, str]:
        found = runs.reached(page.network, size)
        first, second = found[:2]
        why = f"Seed {SEEDS[0]} gives {_percent(first)}, seed {SEEDS[1]} gives {_percent(second)}. "
        why += "The seed decides the weights at the start and the order of the images. "
        why += f"Over {len(SEEDS)} seeds the accuracies spread over {_points(runs.spread(found))}."
        return (SAME if first == second else OTHER), why

    if not page.predict("seed", question, *_told(page, "seed", compared), (SAME, OTHER)):
        return False
    if not page.looks_ahead:
        page.figures("seed", [_dots(page, name, (size,))])
    return True


def _better(page: Page, name: str) -> bool:
    """Ask which of two sizes is better, which the seeds may leave open."""
    low, high = SIZES
    question = (
        f"{name}.kernel_size {low} and {high}, {len(SEEDS)} seeds each. Call one better only if the averages differ by "
        "more than the spread within one kernel size. Which one is better?"
    )

    def judged() -> tuple[str, str]:
        found = {size: runs.reached(page.network, size) for size in SIZES}
        why = "On average " + ", ".join(f"{_percent(mean(each))} with {size}" for size, each in found.items())
        gap = abs(mean(found[low]) - mean(found[high]))
        why += f". They differ by {_points(gap)}; within one size the accuracies spread over up to "
        why += f"{_points(max(map(runs.spread, found.values())))}. "
        best = runs.better(page.network)
        if best is None:
            return UNKNOWN, f"{why}That could be chance: try more seeds."
        return str(best), f"{why}Chance alone does not explain that."

    options = (str(low), str(high), UNKNOWN)
    if not page.predict("better", question, *_told(page, "better", judged), options):
        return False
    if not page.looks_ahead:
        page.figures("better", [_dots(page, name, SIZES)])
    return True


def _grid(page: Page, name: str) -> bool:
    """Ask how many training runs a grid with seeds takes."""
    sizes, rates = KERNELS, RATES
    question = (
        f"You try {name}.kernel_size {', '.join(map(str, sizes))} with the learning rates "
        f"{' and '.join(f'{rate:g}' for rate in rates)}: every combination, {len(SEEDS)} seeds each. How many "
        "training runs is that?"
    )
    settings = len(sizes) * len(rates)
    why = f"{len(sizes)} × {len(rates)} = {settings} settings, and {settings} × {len(SEEDS)} = "
    why += f"{settings * len(SEEDS)} training runs. Each further hyperparameter multiplies that number."
    return page.predict("grid", question, str(settings * len(SEEDS)), why)


def _told(page: Page, key: str, work: Callable[[], tuple[str, str]]) -> tuple[str, str]:
    """The answer and the reason, which only training runs tell: they are waited for once somebody has answered."""
    return work() if key in page.answers else ("", "")


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _points(difference: float) -> str:
    return f"{100 * difference:.1f} percentage points"


def _curves(run: Run, title: str) -> Part:
    """Accuracy on training images and on held-out ones over the steps."""
    lines = {"training": runs.learned(run), "held-out": held(run)}
    told = f"training {_percent(runs.last_epoch(run))} in the last epoch, held-out {_percent(run.accuracy)}"
    return {"key": title, "title": title, "height": 260, "description": told, **pictures.beside(lines)}


def _dots(page: Page, name: str, sizes: tuple[int, ...]) -> Part:
    """A point for each seed, a column for each size, and a line across at its average."""
    found = {f"kernel_size {size}": runs.reached(page.network, size) for size in sizes}
    told = "; ".join(f"{label}: {', '.join(map(_percent, values))}" for label, values in found.items())
    return {
        "key": "seeds", "title": f"Accuracy on held-out digits, by {name}.kernel_size", "height": 280,
        "note": f"one point per seed, {len(SEEDS)} seeds; the line is the average", "description": told,
        **pictures.points(found, [f"seed {seed}" for seed in SEEDS]),
    }  # fmt: skip
