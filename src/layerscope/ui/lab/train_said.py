"""What the Train page says: how far a training is, how it ended, and images with what they were taken for."""

from base64 import b64encode
from collections.abc import Iterable
from html import escape
from math import floor

from torch import Tensor

from layerscope import limits
from layerscope.explain import written_count
from layerscope.network import Network
from layerscope.study.data import Data
from layerscope.study.exploding import standstill
from layerscope.study.moments import Moment
from layerscope.study.outcome import Row, Run
from layerscope.study.picturing import png
from layerscope.study.plan import SGD, Plan
from layerscope.study.splitting import split
from layerscope.ui.lab import runner
from layerscope.ui.lab.queued import in_queue
from layerscope.ui.lab.runner import ENDED, PAUSED, Seen
from layerscope.ui.lab.train_view import titled
from layerscope.ui.many.counting import processes

FURTHER = "Continues where it ended, with its weights, optimizer state and random number generator."


def whose() -> str:
    """Who else may look at a training, which is in the memory of one process."""
    if (count := processes()) == 1:
        return "Anyone with the link to this page can watch this training run, pause it and stop it."
    return (
        f"This server runs as {count:,} processes, one of which has this training run. Anyone with the link to this "
        "page who reaches the same one can watch it, pause it and stop it; others see its settings and can start it "
        "again."
    )


def about(network: Network, data: Data, plan: Plan) -> str:
    """Which images are learned from and which are held out, and how they get to the network's input."""
    parts = split(data)
    steps = plan.epoch_steps(len(parts.training))
    counts = (
        f"{len(data):,} images of {len(data.classes):,} classes: {len(parts.training):,} to learn from, "
        f"{len(parts.held):,} held out."
    )
    enters = f"Each enters the network as {_article(data.fit(network.input_shape))}."
    epoch = f"An epoch has {written_count(steps, 'step')} of {written_count(plan.batch, 'image')}."
    return " ".join(filter(None, (counts, data.prepared, enters, epoch)))


def planned(data: Data, plan: Plan) -> int:
    """How many steps a training will have."""
    return plan.epochs * plan.epoch_steps(len(split(data).training))


def _article(words: str) -> str:
    return f"an {words}" if words.startswith(("8", "11", "18")) else f"a {words}"


def gone(token: str) -> str:
    """Why the training of a link is not there, and how it comes back."""
    return f"{runner.gone(token)} The settings below come from the link; the same seed gives the same curve."


def further(done: int, epochs: int, planned: int) -> str:
    """What some further epochs come to."""
    whole = written_count(done + epochs, "epoch")
    return f"the {whole} of its plan" if done + epochs == planned else f"{whole} in all"


def settings(seen: Seen) -> str:
    """What a training was begun with."""
    plan = seen.plan
    parts = [f"{len(seen.data):,} images ({titled(seen.data.name)})", plan.optimizer, f"learning rate {plan.lr:g}"]
    if plan.optimizer == SGD:
        parts.append(f"momentum {plan.momentum:g}")
    if plan.weight_decay:
        parts.append(f"weight decay {plan.weight_decay:g}")
    parts += [f"batch size {plan.batch:,}", written_count(plan.epochs, "epoch"), f"seed {plan.seed}"]
    began = "The results below are from a training run with" if seen.state == ENDED else "Training with"
    return f"{began} {', '.join(parts)}{', augmented' if plan.augmentation else ''}."


def progress(seen: Seen) -> str:
    """How far it is, with the time left."""
    moment = seen.moment
    if seen.place:
        return f"This training is {in_queue(seen.place, seen.wait)}."
    if moment is None and seen.rows:
        return "Measuring the network where it ended …"
    if moment is None or moment.step == 0:
        return "Measuring the untrained network …"
    epochs = f"epoch {moment.epoch} of {seen.plan.epochs}, step {moment.step:,} of {moment.steps:,}"
    if seen.state == PAUSED:
        return f"Paused at {epochs}."
    if seen.state == ENDED:
        return f"Ended at {epochs}."
    return f"{epochs[0].upper()}{epochs[1:]}; {_seconds(moment.left)} left."


def _seconds(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < 100:
        return f"about {whole} {'second' if whole == 1 else 'seconds'}"
    return f"about {round(whole / 60)} minutes"


def numbers(seen: Seen) -> str:
    """The last losses and accuracies."""
    moment = seen.moment
    if moment is None:
        return ""
    parts = []
    if moment.loss is not None and moment.accuracy is not None:
        which = "last" if seen.state == ENDED else "this"
        parts.append(f"{which} batch: loss {moment.loss:.3g}, {moment.accuracy:.0%} classified correctly")
    held: Row | Moment = moment
    if seen.state == ENDED:  # the result is of its last one
        held = next((row for row in reversed(seen.rows) if row.held_loss is not None), moment)
    if held.held_loss is not None and held.held_accuracy is not None:
        when = f" after step {held.step:,}" if held.step != moment.step else ""
        parts.append(f"held-out{when}: loss {held.held_loss:.3g}, {held.held_accuracy:.1%} classified correctly")
    return "; ".join(parts)


def ended(run: Run, data: Data) -> str:
    """How a training ended."""
    last = run.rows[-1] if run.rows else None
    if run.exploded:
        return run.exploded
    if run.stopped:
        at = ""
        if last is not None:  # rounded down: one that was stopped just before its end was not at its end
            done = floor(10 * last.step * run.plan.epochs / planned(data, run.plan)) / 10
            at = f" after {done:g} of {written_count(run.plan.epochs, 'epoch')}, at step {last.step:,}"
        return f"Stopped{at}. {run.sentence}"
    took = f" It took {_took(last.seconds)}." if last is not None else ""
    return " ".join(filter(None, [f"{run.sentence}{took}", standstill(run)]))


def _took(seconds: float) -> str:
    return "less than a second" if seconds < 1 else written_count(round(seconds), "second")


def gallery(data: Data, places: Iterable[int], captions: Iterable[str], title: str) -> str:
    """Images with words below them, as HTML."""
    figures = []
    for place, caption in list(zip(places, captions, strict=True))[: limits.TRAIN_SHOWN.most]:
        source = f"data:image/png;base64,{b64encode(png(data.picture(place))).decode('ascii')}"
        figures.append(
            f"<li><img src='{source}' alt='image {place:,}' width='72' height='72'><span>{escape(caption)}</span></li>"
        )
    return f"<ul class='train-gallery' aria-label='{escape(title)}'>{''.join(figures)}</ul>"


def first(shown: int, count: int, what: str) -> str:
    """How many are shown, where not all are, as the end of a sentence."""
    return f"; the first {shown:,} of {count:,} {what}" if shown < count else ""


def cell(run: Run, label: int, predicted: int) -> tuple[list[int], list[str]]:
    """The images of one cell of the confusion matrix, with how sure the network is of each."""
    places = run.at(label, predicted)
    sure = {int(place): float(share) for place, share in zip(run.places, _sure(run), strict=True)}
    return places.tolist(), [f"{sure[place]:.0%} sure" for place in places.tolist()]


def _sure(run: Run) -> Tensor:
    return run.probabilities.max(1).values
