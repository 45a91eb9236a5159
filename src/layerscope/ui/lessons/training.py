"""Lesson: why the first loss is ln 10, which of three kernel sizes wins, and whether it wins again."""

from collections.abc import Callable
from math import log

from layerscope.figures import training as pictures
from layerscope.study.outcome import first_loss_sentence
from layerscope.ui.lessons.page import Page, Part
from layerscope.ui.lessons.training_runs import FAST, KERNELS, PLAN, SEEDS, ahead, begin, held, kernels, needs, trained

__all__ = ["body", "needs"]

LOSSES = ("0.10", "1.00", "2.30", "10.00")
GUESSES = ("1 in 100", "1 in 10", "1 in 2")
YES, NO = "yes", "no"
FASTER, EXPLODES, SAME = "it learns much faster", "the loss explodes, or stays where it was", "nothing changes"


def body(page: Page) -> None:
    """The loss and the accuracy before any training, three kernels, the same with a different seed, and a huge step."""
    network = page.network
    name, _ = kernels(network)
    if not page.looks_ahead:
        begin(network, ahead)
    page.say(
        "Here the network learns to read 1,797 handwritten digits. The *loss* is cross-entropy: the negative logarithm "
        "of the probability that the network gives to the right class. Held-out images are never learned from."
    )
    if not _first(page):
        return
    page.next_row()
    if not _three(page, name):
        return
    page.next_row()
    if not _again(page, name):
        return
    page.next_row()
    if not _fast(page, name):
        return
    page.say(
        "One training run is not enough to judge a kernel size. The Train page, in the Lab, trains the network "
        "that is open, on your own images too, and gives you the weights and a script that does it again."
    )


def _first(page: Page) -> bool:
    """Ask what an untrained network's loss and accuracy are."""
    question = "Before any training, the network gives every class about the same probability. What is its loss?"
    why = f"Each class gets a probability of 1/10, and −ln(1/10) = ln 10 = {log(10):.2f}."
    if not page.predict("first", question, LOSSES[2], why, LOSSES):
        return False
    question = "How many of the held-out digits does it then classify correctly?"
    why = "There are 10 classes, each about as frequent as the others: guessing is right for one image in ten."
    return page.predict("guess", question, GUESSES[1], why, GUESSES)


def _three(page: Page, name: str) -> bool:
    """Ask which of three kernel sizes classifies most digits correctly, and train all three."""
    sizes = f"{', '.join(map(str, KERNELS[:-1]))} or {KERNELS[-1]}"
    question = (
        f"{name}.kernel_size becomes {sizes}. Each network is trained for {PLAN.epochs} epochs, with the same settings "
        "and the same seed. Which one classifies the most held-out digits correctly?"
    )
    answer, why = _told(page, "kernel", lambda: _winner(page, SEEDS[0]))
    if not page.predict("kernel", question, answer, why, tuple(map(str, KERNELS))):
        return False
    if not page.looks_ahead:
        page.figures("kernel", [_beside(page, name, SEEDS[0])])
        page.tell(first_loss_sentence(trained(page.network, KERNELS[0], SEEDS[0]).first_loss or 0.0, 10))
    return True


def _again(page: Page, name: str) -> bool:
    """Ask whether the same kernel wins with other random weights."""
    question = "The same three again, with a different seed: other random weights at the start. Does the same size win?"

    def compared() -> tuple[str, str]:
        (old, _), (new, told) = (_winner(page, seed) for seed in SEEDS)
        lesson = "The weights at the start decide too: compare several seeds before you choose."
        return (YES, f"{told} One repetition is still no proof.") if old == new else (NO, f"{told} {lesson}")

    answer, why = _told(page, "seed", compared)
    if not page.predict("seed", question, answer, why, (YES, NO)):
        return False
    if not page.looks_ahead:
        page.figures("seed", [_beside(page, name, SEEDS[1])])
    return True


def _fast(page: Page, name: str) -> bool:
    """Ask what a huge learning rate does."""
    question = f"The learning rate was {PLAN.lr:g}. What happens with {PLAN.lr * FAST:g}?"

    def tried() -> tuple[str, str]:
        run = trained(page.network, KERNELS[1], SEEDS[0], FAST)
        told = run.exploded or f"After {PLAN.epochs} epochs the loss on held-out images is {run.loss:.2f}."
        return (FASTER if run.accuracy > 0.5 else EXPLODES), told

    answer, why = _told(page, "rate", tried)
    return page.predict("rate", question, answer, why, (FASTER, EXPLODES, SAME))


def _told(page: Page, key: str, work: Callable[[], tuple[str, str]]) -> tuple[str, str]:
    """The answer and the reason, which only a training run tells: it is waited for once somebody has answered."""
    return work() if key in page.answers else ("", "")


def _winner(page: Page, seed: int) -> tuple[str, str]:
    """The size with the highest accuracy, and what each reaches."""
    runs = {size: trained(page.network, size, seed) for size in KERNELS}
    best = max(runs, key=lambda size: runs[size].accuracy)
    every = ", ".join(f"{size}: {100 * run.accuracy:.1f}%" for size, run in runs.items())
    return str(best), f"Held-out digits classified correctly, by kernel_size: {every}."


def _beside(page: Page, name: str, seed: int) -> Part:
    """The accuracy on held-out images after each epoch, a line for each size."""
    runs = {f"kernel_size {size}": trained(page.network, size, seed) for size in KERNELS}
    ends = ", ".join(f"{label}: {100 * run.accuracy:.1f}%" for label, run in runs.items())
    return {
        "key": f"seed-{seed}", "title": f"Accuracy on held-out digits, by {name}.kernel_size", "height": 280,
        "note": f"seed {seed}", "description": ends,
        **pictures.beside({label: held(run) for label, run in runs.items()}),
    }  # fmt: skip
