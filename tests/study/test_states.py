"""What a training can go on from, as bytes: with more epochs it gives the curve of a training that never ended."""

from dataclasses import replace
from typing import Any

import pytest
import safetensors.torch
import torch

from layerscope import limits
from layerscope.source.reader import read as read_code
from layerscope.study import states
from layerscope.study.data import load
from layerscope.study.plan import OPTIMIZERS, Plan
from layerscope.study.states import StateError, written
from layerscope.study.training import Trainer
from layerscope.study.trial import CUT, EXPLODED, FINISHED, STOPPED, Outcome, fit

NET = read_code(
    "from torch import nn\nnet = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), "
    "nn.Dropout(0.3), nn.Linear(144, 10))\n",
    (1, 8, 8),
)
DIGITS = load("digits")


def whole(plan: Plan) -> Trainer:
    """The training of that plan in one go, on one thread as a worker's."""
    trainer = Trainer(NET, DIGITS, plan, device="cpu")
    for _ in trainer.moments():
        pass
    return trainer


def ended(plan: Plan, *bars: float) -> tuple[Outcome, bytes]:
    """A trial, and what it can go on from."""
    kept = list[bytes]()
    outcome = fit(NET, DIGITS, plan, bars, None, lambda trainer: kept.append(written(trainer.state())))
    (state,) = kept
    return outcome, state


def apart_from_seconds(trainer: Trainer) -> list[Any]:
    return [row._replace(seconds=0.0) for row in trainer.rows]


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


PLANS = [Plan(optimizer, 0.01, epochs=4, batch=200, weight_decay=0.001) for optimizer in OPTIMIZERS]
PLANS += [replace(PLANS[1], momentum=0.0), replace(PLANS[0], augmentation=True, seed=7)]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"{plan.kind}{'+' * plan.augmentation}")
def test_a_trial_that_is_continued_gives_the_curve_of_one_that_never_ended(plan):
    outcome, kept = ended(replace(plan, epochs=2))
    assert outcome.state == FINISHED
    longer, at_once = Trainer(NET, DIGITS, plan, device="cpu"), whole(plan)
    longer.restore(states.read(kept))
    for _ in longer.moments():
        pass
    assert apart_from_seconds(longer) == apart_from_seconds(at_once)
    runs = longer.run(), at_once.run()
    assert runs[0].probabilities.equal(runs[1].probabilities)
    for part in ("weights", "before"):
        pairs = [getattr(run, part) for run in runs]
        assert pairs[0].keys() == pairs[1].keys()
        assert all(pairs[0][name].equal(pairs[1][name]) for name in pairs[0])


def test_a_trial_that_was_cut_short_goes_on_to_its_end():
    plan = PLANS[0]
    outcome, kept = ended(plan, 1.0)
    assert (outcome.state, len(outcome.curve)) == (CUT, 1)
    longer = Trainer(NET, DIGITS, plan, device="cpu")
    longer.restore(states.read(kept))
    for _ in longer.moments():
        pass
    assert apart_from_seconds(longer) == apart_from_seconds(whole(plan))


@pytest.mark.parametrize("steps", [1, 3, 8])
def test_a_trial_that_was_stopped_goes_on_where_it_was(steps):
    plan, kept = replace(PLANS[0], epochs=2), list[bytes]()
    outcome = fit(
        NET, DIGITS, plan, (), lambda moment: moment.step < steps, lambda it: kept.append(written(it.state()))
    )
    assert outcome.state == STOPPED
    longer = Trainer(NET, DIGITS, plan, device="cpu")
    longer.restore(states.read(*kept))
    assert longer.step == steps
    for _ in longer.moments():
        pass
    assert apart_from_seconds(longer) == apart_from_seconds(whole(plan))


def test_one_that_exploded_has_nothing_to_go_on_from():
    kept = list[Trainer]()
    exploded = fit(NET, DIGITS, Plan("SGD", 100.0, epochs=1), (), None, kept.append)
    assert (exploded.state, kept) == (EXPLODED, [])


def test_what_is_too_large_is_not_written(monkeypatch):
    trainer = whole(Plan(epochs=1))
    kept = written(trainer.state())
    size = sum(tensor.nbytes for name, tensor in safetensors.torch.load(kept).items() if name != "about")
    assert len(kept) > size > 3 * sum(p.nbytes for p in trainer.module.parameters())
    for most, fits in ((size, True), (size - 1, False)):
        monkeypatch.setattr(limits, "TRIAL_STATE", replace(limits.TRIAL_STATE, most=most))
        assert bool(written(trainer.state())) is fits


@pytest.mark.parametrize("damage", ["", "half", "no about", "no order", "pickle"])
def test_bytes_that_are_none_are_a_sentence(damage):
    kept = written(whole(Plan(epochs=1)).state())
    tensors = safetensors.torch.load(kept)
    broken = {
        "": b"", "half": kept[: len(kept) // 2], "pickle": b"\x80\x04N.",
        "no about": safetensors.torch.save({name: t for name, t in tensors.items() if name != "about"}),
        "no order": safetensors.torch.save({name: t for name, t in tensors.items() if name != "order"}),
    }[damage]  # fmt: skip
    with pytest.raises(StateError, match="cannot be read"):
        states.read(broken)
    assert states.read(kept)["step"] == 14
