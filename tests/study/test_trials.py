"""Trials: every setting of a grid or a search, the same each time, with failed ones shown."""

import itertools
import json
import math
from dataclasses import replace
from typing import Any

import pytest

from layerscope import limits
from layerscope.presets import PRESETS
from layerscope.source.reader import read
from layerscope.study.data import Data, load
from layerscope.study.foretold import foretold
from layerscope.study.grid import SweepError
from layerscope.study.importance import ENOUGH, FewTrialsError, compared, importance
from layerscope.study.importance import _shares as importances
from layerscope.study.memory import training_memory
from layerscope.study.plan import Plan
from layerscope.study.space import Between, dimensions, from_json, steps, to_json
from layerscope.study.splitting import split
from layerscope.study.suggesting import BARS_FROM, FREE_EPOCHS, RANDOM, Asked, Tpe
from layerscope.study.training import train
from layerscope.study.trial import CUT, EXPLODED, FAILED, FINISHED, Outcome, Trial, fit
from layerscope.study.trials import FACTS, Trials, trials
from layerscope.tracing import trace

NET = read(
    "from torch import nn\nnet = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10))\n",
    (1, 8, 8),
)
PLAN = Plan(epochs=2, lr=0.01)
TIMED = ["seconds"]


@pytest.fixture(scope="module")
def few():
    """Every tenth digit."""
    every = load("digits")
    return Data(every.name, every.one, every.images[::10], every.white, every.labels[::10], every.classes)


@pytest.fixture(scope="module")
def grid(few):
    return trials(NET, {"conv1.kernel_size": [3, 5, 9], "lr": [0.1, 0.01]}, few, plan=PLAN)


def frame_of(found):
    return found.frame().drop(columns=TIMED)


def test_a_grid_is_the_product_of_its_lists_as_in_the_course(grid):
    frame = grid.frame()
    assert [*zip(frame["conv1.kernel_size"], frame["lr"], strict=True)] == [*itertools.product([3, 5, 9], [0.1, 0.01])]
    assert list(frame) == ["conv1.kernel_size", "lr", *FACTS]
    assert list(frame.index) == list(range(6))


def test_each_number_is_what_a_training_alone_gives(grid, few):
    frame = grid.frame()
    for number in (0, 3):
        network, plan = grid.at(number)
        run = train(network, few, optimizer=plan.optimizer, lr=plan.lr, batch=plan.batch, epochs=plan.epochs)
        row = frame.loc[number]
        assert (row.accuracy, row.loss, row.epochs) == (run.accuracy, run.loss, 2)
        assert row.parameters == trace(network).parameters == sum(t.numel() for t in run.weights.values())
        assert row.macs == trace(network).macs
        assert row.memory == training_memory(network, plan.batch, "Adam").peak


def test_epochs_that_were_run_stand_beside_those_that_were_asked_for(few):
    frame = trials(NET, {"epochs": [1, 2], "lr": [0.01, 90.0]}, few, plan=Plan(batch=10)).frame()
    assert list(frame["epochs"]) == [1, 1, 2, 2]
    assert list(frame["epochs_run"][[0, 2]]) == [1, 2]
    assert (frame["epochs_run"][[1, 3]] < 1).all()
    assert (frame["epochs_run"][[1, 3]] > 0).all()


def test_a_trial_of_an_earlier_version_is_read(grid):
    given = json.loads(grid.done[0].to_json())
    del given["outcome"]["epochs"]
    assert Trial.from_json(json.dumps(given)) == grid.done[0]


def test_what_cannot_be_trained_is_a_row_with_its_reason(grid):
    failed = grid.frame().loc[[4, 5]]
    assert set(failed["state"]) == {FAILED}
    assert set(failed["reason"]) == {"conv1 does not run: kernel_size 9 is larger than its input's height of 8."}
    assert failed[["accuracy", "loss", "memory"]].isna().all(axis=None)


def test_bad_settings_of_the_training_are_rows_too(few):
    frame = trials(NET, {"lr": [0.0, 0.01], "batch": [16, 100_000]}, few, plan=Plan(epochs=1)).frame()
    assert list(frame["state"]) == [FAILED, FAILED, FINISHED, FAILED]
    assert frame["reason"][0] == "lr is 0.0; a number above 0 and up to 100 would work."
    assert "batch" in frame["reason"][3]


def test_a_loss_that_explodes_is_told(few):
    frame = trials(NET, {"lr": [90.0]}, few, plan=Plan(epochs=4, batch=10)).frame()
    assert frame["state"][0] == "exploded"
    assert "learning rate 90" in frame["reason"][0]


def test_the_same_again(grid, few):
    again = trials(NET, {"conv1.kernel_size": [3, 5, 9], "lr": [0.1, 0.01]}, few, plan=PLAN)
    assert frame_of(again).equals(frame_of(grid))


def test_branching_networks_and_joint_keys(few):
    residual = read(
        "from torch import nn\nclass Net(nn.Module):\n  def __init__(self):\n    super().__init__()\n"
        "    self.a = nn.Conv2d(1, 4, 3, padding=1)\n    self.b = nn.Conv2d(4, 4, 3, padding=1)\n"
        "    self.out = nn.Linear(256, 10)\n  def forward(self, x):\n    x = self.a(x)\n"
        "    return self.out((self.b(x) + x).flatten(1))\n",
        (1, 8, 8),
    )
    assert not residual.is_chain
    frame = trials(residual, {"a,b.out_channels": [4, 2]}, few,
                   plan=Plan(epochs=1)).frame()  # fmt: skip
    assert list(frame["state"]) == [FINISHED, FINISHED]
    assert frame["parameters"][0] > frame["parameters"][1]


SEARCH: dict[str, Any] = {
    "conv1.out_channels": Between(1, 8),
    "lr": Between(1e-4, 0.5, log=True),
    "optimizer": ["Adam", "SGD"],
}


@pytest.fixture(scope="module")
def search(few):
    return trials(NET, SEARCH, few, sampler="tpe", count=14, seed=3, plan=Plan(epochs=3, batch=20))


def test_a_search_with_the_same_seed_suggests_the_same(search, few):
    again = trials(NET, SEARCH, few, sampler="tpe", count=14, seed=3, plan=Plan(epochs=3, batch=20))
    assert frame_of(again).equals(frame_of(search))
    other = trials(NET, SEARCH, few, sampler="tpe", count=3, seed=4, plan=Plan(epochs=1))
    assert not other.frame()["lr"].equals(search.frame()["lr"][:3])


def test_a_search_keeps_to_its_ranges(search):
    frame = search.frame()
    assert len(frame) == 14
    assert frame["conv1.out_channels"].between(1, 8).all()
    assert frame["lr"].between(1e-4, 0.5).all()
    assert set(frame["optimizer"]) <= {"Adam", "SGD"}


def test_an_interrupted_search_goes_on_as_if_it_had_not_been(search, few):
    known = search.done[:5]
    trained = []
    again = trials(
        NET, SEARCH, few, sampler="tpe", count=14, seed=3, plan=Plan(epochs=3, batch=20), known=known,
        on_trial=lambda trial: trained.append(trial.number),
    )  # fmt: skip
    assert frame_of(again).equals(frame_of(search))
    assert list(again.done[:5]) == list(known)  # their seconds too: they were not trained again
    assert sorted(trained) == list(range(14))


def test_what_is_cut_short_is_what_optunas_median_pruner_cuts(search):
    """Its verdict after each epoch, of the same trials in the same order, told two at a time."""
    import optuna

    pruner = optuna.pruners.MedianPruner(n_startup_trials=BARS_FROM, n_warmup_steps=FREE_EPOCHS)
    study = optuna.create_study(direction="maximize", pruner=pruner)
    done = {trial.number: trial for trial in search.done}
    assert {trial.outcome.state for trial in done.values()} == {FINISHED, CUT}
    for first in range(0, 14, 2):
        told = []
        for number in (first, first + 1):
            trial, outcome = study.ask(), done[number].outcome
            for epoch, accuracy in enumerate(outcome.curve):
                trial.report(accuracy, epoch)
                is_last = epoch == len(outcome.curve) - 1
                if epoch < 2:  # after the last epoch there is nothing to cut
                    assert trial.should_prune() == (is_last and outcome.state == CUT), (number, epoch)
            told.append((trial, outcome))
        for trial, outcome in told:
            if outcome.state == FINISHED:
                study.tell(trial, outcome.accuracy)
            else:
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)


def test_a_search_without_cutting(few):
    found = trials(NET, SEARCH, few, sampler="tpe", count=8, seed=3, plan=Plan(epochs=2, batch=40), prunes=False)
    assert set(found.frame()["state"]) == {FINISHED}


def test_a_search_learns():
    """On a made-up accuracy its later trials are better than the first ones, which are drawn at random."""
    space = dimensions(NET, {"lr": Between(0.0001, 1.0, log=True), "momentum": Between(0.0, 0.9)})

    def told_of(each: Asked):
        accuracy = 1 - abs(math.log10(each.setting["lr"]) + 2) / 4 - abs(each.setting["momentum"] - 0.3) / 2
        return Trial(each.number, each.setting, Outcome(FINISHED, accuracy, curve=(accuracy,)))

    first: list[float] = []
    late: list[float] = []
    for seed in range(4):
        sampler = Tpe(space, 60, seed, prunes=False)
        while asked := sampler.ask():
            told = [told_of(each) for each in asked]
            (first if told[0].number < RANDOM else late).extend(one.accuracy for one in told)
            sampler.tell(told)
    assert sum(late) / len(late) > sum(first) / len(first) + 0.1


def test_a_setting_that_comes_again_is_not_trained_again(few):
    found = trials(NET, {"lr": [0.1, 0.01]}, few, sampler="tpe", count=6, plan=Plan(epochs=1))
    frame = found.frame()
    assert frame["reason"].str.startswith("the same setting as trial").sum() >= 2
    assert frame.groupby("lr")["accuracy"].nunique().max() == 1


@pytest.mark.parametrize(
    ("space", "says"),
    [
        ({}, "Name at least one thing"),
        ({"conv1.kernel_size": []}, "has no values"),
        ({"conv1.kernel_size": "35"}, "needs several values"),
        ({"conv1.kernel_size": 3}, "needs several values"),
        ({"conv7.kernel_size": [3]}, "nothing called conv7"),
        ({"conv1.in_channels": [3]}, "in_channels"),
        ({"conv1.kernel_size": [3, 3]}, "twice"),
        ({"lr": [float("nan")]}, "neither a number nor a word"),
        ({"lr": [object()]}, "neither a number nor a word"),
        ({"lr": Between(1, 0)}, "the second must be larger"),
        ({"lr": Between(0.0, 1.0, log=True)}, "begin above 0"),
        ({"lr": Between(0.1, float("inf"))}, "needs two numbers"),
        ({"lr": Between(0.1, 1.0)}, "one by one"),
        ({"lr": range(1, 202)}, "the limit is 200"),
        ({"lr": range(1, 21), "epochs": range(1, 21)}, "There would be 400 trials; the limit is 200"),
        ({"conv1.kernel_size": [3], "Conv2d.kernel_size": [5]}, "both change"),
        ({"".join(["x"] * 2_000): [1]}, "nothing called"),
        (
            {"conv1.kernel_size": Between(1, 7, 1.5)},
            "^conv1.kernel_size takes whole numbers, so 1 to 7 step 1.5 does not fit; 1 to 7 step 2 would work.$",
        ),
        ({"conv1.kernel_size": Between(1, 4, 0.5)}, "1 to 4 step 0.5 does not fit; 1 to 4 step 1 would work"),
        ({"Conv2d.out_channels": Between(1.5, 9.5, log=True)}, "1.5 to 9.5 log does not fit; 2 to 9 log would work"),
        ({"batch": Between(10.0, 10.5)}, "batch takes whole numbers, so 10.0 to 10.5 does not fit; 10 to 11 would"),
        ({"input": Between(1, 8, 2.0)}, "input takes whole numbers, so 1 to 8 step 2.0 does not fit"),
    ],
)
def test_what_cannot_be_tried_is_a_sentence(space, says, few):
    with pytest.raises(SweepError, match=says):
        trials(NET, space, few)


def test_too_many_keys(few):
    settings = ("lr", "momentum", "weight_decay", "batch", "epochs", "seed", "optimizer", "augmentation")
    space = {name: [getattr(Plan(), name)] for name in settings}
    assert len(space) == limits.TRIAL_KEYS.most
    dimensions(NET, space)
    with pytest.raises(SweepError, match="9 hyperparameters are tried; the limit is 8"):
        dimensions(NET, space | {"conv1.kernel_size": [3]})


@pytest.mark.parametrize("sampler", ["grid", "tpe"])
def test_steps_are_kept_to_and_whole_where_the_parameter_is(few, sampler):
    space = {"conv1.kernel_size": Between(1, 4, 2), "momentum": Between(0, 0.9, 0.4)}
    found = trials(NET, space, few, sampler=sampler, count=8, plan=Plan(epochs=1, optimizer="SGD", batch=90))
    assert {trial.setting["conv1.kernel_size"] for trial in found.done} == {1, 3}
    assert all(type(trial.setting["conv1.kernel_size"]) is int for trial in found.done)
    assert {trial.setting["momentum"] for trial in found.done} <= {0.0, 0.4, 0.8}


@pytest.mark.parametrize(
    "more", [{"sampler": "random"}, {"sampler": "tpe", "count": 0}, {"sampler": "tpe", "count": 201}]
)
def test_samplers_and_counts(more, few):
    with pytest.raises(SweepError):
        trials(NET, {"lr": [0.1]}, few, **more)


def test_a_space_as_json():
    space = dimensions(NET, {"conv1.kernel_size": [3, (3, 5)], "lr": Between(0.1, 0.5), "optimizer": ["SGD"]})
    again = from_json(NET, to_json(space))
    assert [(each.key, each.values) for each in again] == [(each.key, each.values) for each in space]
    assert steps(dimensions(NET, {"batch": Between(10, 50, 20)})[0]) == (10, 30, 50)


def test_importance_says_which_key_matters():
    space = dimensions(NET, {"lr": [0.1, 0.01, 0.001, 0.0001], "batch": [10, 20, 30]})
    done = tuple(
        Trial(n, {"lr": lr, "batch": batch}, Outcome(FINISHED, 0.5 + 0.1 * math.log10(lr) + 0.0001 * batch))
        for n, (lr, batch) in enumerate(itertools.product([0.1, 0.01, 0.001, 0.0001], [10, 20, 30]))
    )
    found = importance(Trials(NET, PLAN, space, done, 12))
    assert list(found) == ["lr", "batch"]
    assert found["lr"] > 0.9
    assert sum(found.values()) == pytest.approx(1)
    assert found == importance(Trials(NET, PLAN, space, done[::-1], 12))
    with pytest.raises(FewTrialsError, match=f"at least {ENOUGH} trials .* there are 9"):
        importance(Trials(NET, PLAN, space, done[:9], 12))
    cut = tuple(replace(trial, outcome=Outcome(CUT, 0.1)) for trial in done[9:])
    with pytest.raises(FewTrialsError, match=r"there are 9, as 3 were cut short\. Try more of them, or without"):
        importance(Trials(NET, PLAN, space, done[:9] + cut, 12))


def test_trials_that_were_cut_short_are_compared_with_others_at_the_same_epoch():
    """By its last accuracy, one that was cut short would be worse for having been trained less."""
    space = dimensions(NET, {"lr": [0.1, 0.01, 0.001, 0.0001], "batch": [10, 20, 30]})
    done = []
    for n, (lr, batch) in enumerate(itertools.product([0.1, 0.01, 0.001, 0.0001], [10, 20, 30])):
        second = 0.5 + 0.1 * math.log10(lr) + 0.0001 * batch
        curve = (0.1, second, 0.9 - batch / 100)  # the third epoch would say that the batch matters
        outcome = Outcome(FINISHED, curve[-1], curve=curve) if n % 2 else Outcome(CUT, second, curve=curve[:2])
        done.append(Trial(n, {"lr": lr, "batch": batch}, outcome))
    found = Trials(NET, PLAN, space, tuple(done), 12)
    counted, epochs = compared(found)
    assert (epochs, [accuracy for _, accuracy in counted]) == (2, [trial.curve[1] for trial in done])
    shares = importance(found)
    assert list(shares) == ["lr", "batch"]
    assert shares["lr"] > 0.9
    exploded = replace(done[1], outcome=Outcome(EXPLODED, 0.1, curve=(0.1,)))
    counted, epochs = compared(replace(found, done=(*done[:1], exploded, *done[2:])))
    assert (epochs, counted[1][1], len(counted)) == (2, 0.1, 12)
    with pytest.raises(FewTrialsError, match=r"10 trials that finished or were cut short; there are 9\.$"):
        importance(replace(found, done=tuple(done[:9])))
    epochs_tried = dimensions(NET, {"epochs": [3, 4]})
    assert compared(replace(found, space=epochs_tried))[1] is None


def test_a_search_with_the_usual_settings_can_say_what_matters():
    """The fewest trials that are not cut short, and the rest cut as early as they may be."""
    space = dimensions(NET, {"lr": Between(0.001, 0.1, log=True)})
    trial = [Trial(n, {"lr": 0.001 * (n + 1)}, Outcome(CUT, n / 20, curve=(0.1,) * FREE_EPOCHS + (n / 20,)))
             for n in range(20)]  # fmt: skip
    whole = [replace(one, outcome=Outcome(FINISHED, 0.9, curve=(*one.curve, 0.9))) for one in trial[:BARS_FROM]]
    assert importance(Trials(NET, PLAN, space, (*whole, *trial[BARS_FROM:]), 20)) == {"lr": 1.0}


def test_importance_is_worked_out_once_however_many_look(monkeypatch):
    made = []
    from optuna import importance as optunas

    ask = optunas.get_param_importances

    def counted(*given, **named):
        made.append(1)
        return ask(*given, **named)

    monkeypatch.setattr(optunas, "get_param_importances", counted)
    space = dimensions(NET, {"lr": [0.1, 0.01], "seed": [*range(6)]})
    done = [Trial(n, {"lr": (0.1, 0.01)[n % 2], "seed": n // 2}, Outcome(FINISHED, n / 12 + 0.001)) for n in range(12)]
    for _ in range(3):
        found = importance(Trials(NET, PLAN, space, tuple(done), 12))
        importance(Trials(NET, PLAN, space, tuple(done[:11]), 12))
    assert len(made) == 2
    assert importances.cache_info().maxsize == limits.IMPORTANCES.most
    found.clear()  # what somebody does with the answer is nobody else's
    assert importance(Trials(NET, PLAN, space, tuple(done), 12))


def test_importance_of_what_changes_nothing():
    space = dimensions(NET, {"seed": range(12)})
    done = tuple(Trial(n, {"seed": n}, Outcome(FINISHED, 0.5)) for n in range(12))
    with pytest.raises(FewTrialsError, match="reached the same accuracy"):
        importance(Trials(NET, PLAN, space, done, 12))


def test_importance_with_ranges_and_words(search):
    done = tuple(
        Trial(n, {"conv1.out_channels": n % 8 + 1, "lr": 0.001 * (n + 1), "optimizer": ["Adam", "SGD"][n % 2]},
              Outcome(FINISHED, 0.1 * (n % 2)))
        for n in range(12)
    )  # fmt: skip
    found = importance(Trials(NET, PLAN, search.space, done, 12))
    assert next(iter(found)) == "optimizer"


def test_what_is_foretold_of_a_grid_is_what_its_trials_come_to(grid, few):
    told = foretold(NET, PLAN, grid.space, few, len(split(few).training))
    failed = [trial.outcome.reason for trial in grid.done if trial.outcome.state == FAILED]
    assert failed
    assert told is not None
    assert (told.combinations, told.failing) == (len(grid.done), len(failed))
    assert {reason for reason, _ in told.reasons} == set(failed)


def test_too_many_settings_are_not_looked_at(few):
    space = dimensions(NET, {"conv1.out_channels": Between(1, 1000), "batch": Between(1, 50)})
    assert foretold(NET, PLAN, space, few, 100) is None
    assert 1000 * 50 * len(NET.layers) > limits.FORETOLD.most


def test_a_trial_as_json(grid):
    for trial in grid.done:
        assert Trial.from_json(trial.to_json()) == trial
    for text in ("", "[]", "{}", '{"setting": 1}', '{"setting": {}, "outcome": {"state": "odd"}}', "[" * 100_000):
        with pytest.raises(ValueError, match="no trial"):
            Trial.from_json(text)


def test_stopping_between_batches(few):
    seen = []

    def on_step(moment):
        seen.append(moment.step)
        return len(seen) < 4

    outcome = fit(NET, few, Plan(epochs=5, batch=20), on_step=on_step)
    assert outcome.state == "stopped"
    assert len(seen) == 4


def test_a_preset_of_the_course():
    """The keys of the Sweep page are those of trials."""
    assert [each.key for each in dimensions(PRESETS["lenet5"], {"conv1.kernel_size": [3, 5]})] == ["conv1.kernel_size"]
