"""`train` does what a plain torch loop does, number for number, and refuses what cannot be trained in a sentence."""

import math
import re
from dataclasses import replace
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn
from torch.nn import functional

from layerscope import limits
from layerscope.building import module
from layerscope.layers.opaque import Opaque
from layerscope.link import decode
from layerscope.network import Input, Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study import effort, training
from layerscope.study.augmenting import augmented
from layerscope.study.data import Data, load
from layerscope.study.drawing_numbers import Draws
from layerscope.study.exploding import standstill
from layerscope.study.outcome import COLUMNS, first_loss_sentence
from layerscope.study.plan import OPTIMIZERS, Plan, PlanError
from layerscope.study.splitting import split
from layerscope.study.suiting import check, shrunk
from layerscope.study.train_script import script
from layerscope.study.training import Stop, Trainer, TrainError, train
from layerscope.study.ways import in_the_way
from layerscope.tracing import trace
from layerscope.ui.lab.train_said import ended, planned
from tests.branching import row, two_branches
from tests.large import large_last

DIGITS = load("digits")
COURSE = PRESETS[DEFAULT]
SMALL = decode("1x8x8~Conv2d.4.3~ReLU~Flatten~Linear.16~Dropout~Linear.10")
NORMED = decode("1x8x8~Conv2d.4.3~BatchNorm2d~ReLU~MaxPool2d.2~Flatten~Dropout~Linear.10")
BRANCHING = two_branches()


def plain_loop(network, data, plan):
    """What anybody would write: every batch's loss, and at the end all held-out images."""
    shape = network.input_shape
    torch.manual_seed(plan.seed)
    net = module(network, plan.seed)
    parts = split(data)
    kind: Any = OPTIMIZERS[plan.optimizer]
    optimizer = kind(
        net.parameters(), lr=plan.lr, weight_decay=plan.weight_decay,
        **({"momentum": plan.momentum} if plan.optimizer == "SGD" else {}),
    )  # fmt: skip
    mixing = torch.Generator().manual_seed(plan.seed)
    losses = []
    for _ in range(plan.epochs):
        order = parts.training[torch.randperm(len(parts.training), generator=mixing)]
        for start in range(0, len(order) - plan.batch + 1, plan.batch):
            places = order[start : start + plan.batch]
            net.train()
            loss = functional.cross_entropy(net(data.batch(places, shape)), data.labels[places])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        scores = torch.cat([net(data.batch(places, shape)) for places in parts.held.split(plan.batch)])
    return losses, scores.argmax(1), net.state_dict(), data.labels[parts.held]


@pytest.mark.parametrize(
    ("network", "plan"),
    [
        (COURSE, Plan(batch=200, epochs=1)),
        (SMALL, Plan(batch=150, epochs=2, seed=3, optimizer="SGD", lr=0.05, weight_decay=1e-3)),
        (SMALL, Plan(batch=150, epochs=2, optimizer="SGD", lr=0.1, momentum=0.0)),
        (NORMED, Plan(batch=100, epochs=1, optimizer="AdamW", weight_decay=0.1)),
        (BRANCHING, Plan(batch=100, epochs=1, optimizer="RMSprop", lr=1e-3, seed=7)),
    ],
    ids=["course", "sgd", "plain-sgd", "normed", "branching"],
)
def test_it_is_the_plain_loop_bit_for_bit(network, plan):
    before = torch.get_rng_state()
    run = train(network, DIGITS, **vars(plan))
    assert torch.equal(before, torch.get_rng_state())
    losses, predicted, weights, labels = plain_loop(network, DIGITS, plan)
    assert run.curves["loss"].dropna().tolist() == losses
    assert torch.equal(run.predicted, predicted)
    assert run.weights.keys() == weights.keys()
    assert all(torch.equal(run.weights[name], tensor) for name, tensor in weights.items())
    assert run.accuracy == pytest.approx((predicted == labels).float().mean().item())
    fresh = module(network, plan.seed).state_dict()
    assert all(torch.equal(run.before[name], tensor) for name, tensor in fresh.items())


DRAWING = [
    nn.Dropout(0.3), nn.Dropout(0.3, inplace=True), nn.Dropout(1.0), nn.Dropout1d(0.2), nn.Dropout2d(0.4),
    nn.Dropout3d(0.3), nn.AlphaDropout(0.2), nn.FeatureAlphaDropout(0.3), nn.RReLU(),
    nn.FractionalMaxPool2d(2, output_size=3), nn.LSTM(6, 4, 2, dropout=0.5), nn.GRU(6, 4, 2, dropout=0.5),
    nn.RNN(6, 4, 2, dropout=0.5), nn.TransformerEncoderLayer(6, 2, 8),
]  # fmt: skip


@pytest.mark.parametrize("layer", DRAWING, ids=lambda layer: type(layer).__name__)
def test_what_a_module_draws_is_what_torch_draws_and_the_program_keeps_its_state(layer):
    shape = {nn.Dropout2d: (4, 5, 6, 6), nn.FractionalMaxPool2d: (4, 5, 6, 6), nn.Dropout3d: (4, 3, 2, 2, 2)}
    given = torch.rand(shape.get(type(layer), (4, 5, 6)), requires_grad=True)

    def called():
        made = layer(given * 1)
        return made[0] if isinstance(made, tuple) else made

    torch.manual_seed(3)
    wanted = [called() for _ in range(3)]
    torch.manual_seed(9)
    before = torch.get_rng_state()
    with Draws(3, torch.device("cpu")):
        found = [called() for _ in range(3)]
    assert all(map(torch.equal, wanted, found))
    assert torch.equal(before, torch.get_rng_state())


def test_two_trainings_at_once_and_others_who_draw_change_nothing():
    alone = train(SMALL, DIGITS, batch=150, epochs=2)
    done, found = Event(), []

    def draw():
        while not done.is_set():
            torch.rand(7)

    noise = Thread(target=draw)
    noise.start()
    workers = [
        Thread(target=lambda: found.append(train(SMALL, DIGITS, batch=150, epochs=2).curves["loss"])) for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    done.set()
    noise.join()
    assert len(found) == 2
    for losses in found:
        assert losses.dropna().tolist() == alone.curves["loss"].dropna().tolist()


@pytest.mark.parametrize("augmentation", [False, True])
@pytest.mark.parametrize("at", [1, 6, 9, 13])
def test_pausing_changes_no_number(at, augmentation):
    plan = Plan(batch=150, epochs=3, augmentation=augmentation, optimizer="SGD", lr=0.05)
    whole = train(NORMED, DIGITS, **vars(plan))
    first = Trainer(NORMED, DIGITS, plan)
    for number, _ in enumerate(first.moments()):
        if number == at:
            break
    state = first.state()
    for _ in first.moments():  # what goes on must not reach into the state
        if first.step > at + 2:
            break
    again = Trainer(NORMED, DIGITS, plan)
    again.restore(state)
    for trainer in (first, again):
        for _ in trainer.moments():
            pass
        run = trainer.run()
        assert run.accuracy == whole.accuracy
        assert not run.stopped
        for name in ("step", "epoch", "loss", "accuracy", "held_loss", "held_accuracy"):
            np.testing.assert_array_equal(run.curves[name], whole.curves[name])
        assert all(torch.equal(tensor, whole.weights[name]) for name, tensor in run.weights.items())


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_three_epochs_and_two_further_are_five_bit_for_bit(optimizer):
    plan = Plan(batch=300, epochs=5, augmentation=True, optimizer=optimizer, lr=0.02)
    at_once = Trainer(NORMED, DIGITS, plan)
    first = Trainer(NORMED, DIGITS, replace(plan, epochs=3))
    for trainer in (at_once, first):
        assert [moment.step for moment in trainer.moments()][-1] == trainer.steps
    assert first.run().accuracy != at_once.run().accuracy
    further = Trainer(NORMED, DIGITS, plan)
    further.restore(first.state())
    assert next(further.moments()).step == first.step + 1 < further.steps
    for _ in further.moments():
        pass
    run, wanted = further.run(), at_once.run()
    for name in set(COLUMNS) - {"seconds"}:
        np.testing.assert_array_equal(run.curves[name], wanted.curves[name])
    for mine, other in ((run.weights, wanted.weights), (run.before, wanted.before)):
        assert all(torch.equal(tensor, other[name]) for name, tensor in mine.items())
    assert torch.equal(run.probabilities, wanted.probabilities)
    assert (script(run), run.stopped) == (script(wanted), False)
    assert "EPOCHS = 0, 300, 5" in script(run)


@pytest.mark.parametrize("how", ["false", "raise"])
def test_a_training_stops_after_one_batch(how):
    seen = []

    def on_step(moment):
        seen.append(moment)
        if len(seen) == 9:
            if how == "raise":
                raise Stop
            return False
        return None

    run = train(SMALL, DIGITS, batch=100, epochs=50, on_step=on_step)
    assert len(seen) == 9
    assert run.stopped
    assert run.curves["step"].iloc[-1] == seen[-1].step < 50
    assert 0 < run.accuracy < 1
    assert len(run.places) == len(split(DIGITS).held)
    assert "measured" not in run.sentence
    assert "held)" in script(run)
    last = run.rows[-1]
    assert (last.held_loss, last.held_accuracy) == pytest.approx((run.loss, run.accuracy)), "the curve ends in it"


def test_what_is_stopped_before_all_is_measured_says_of_how_many_images_it_is(monkeypatch):
    monkeypatch.setattr(training, "STOPPED_SECONDS", 0.0)
    run = train(SMALL, DIGITS, batch=3, on_step=lambda moment: moment.step < 2)
    held = DIGITS.labels[split(DIGITS).held]
    assert run.is_partly_measured
    assert run.places.tolist() == split(DIGITS).held[:3].tolist()
    most = round(100 * held.bincount().max().item() / len(held))
    assert "of 3 held-out images are classified correctly" in run.sentence
    assert f"Only 3 of {len(held)} were measured" in run.sentence
    assert f"most common class would reach {most}" in run.sentence, "of all held-out images, not of these three"
    assert "held[:3])" in script(run)


def test_the_numbers_do_not_depend_on_how_many_threads_torch_has():
    plan: Any = {"batch": 300, "epochs": 1, "seed": 2}
    wanted = train(COURSE, DIGITS, **plan)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        run = train(COURSE, DIGITS, **plan)
        assert torch.get_num_threads() == 2, "as it was"
        assert (run.threads, train(SMALL, DIGITS, **plan, threads=2).threads) == (1, 2)
    finally:
        torch.set_num_threads(before)
    assert (run.loss, run.accuracy) == (wanted.loss, wanted.accuracy)
    assert all(torch.equal(tensor, wanted.weights[name]) for name, tensor in run.weights.items())


@pytest.mark.parametrize(
    "text", ["1x8x8~Conv2d.6.3~ReLU", "1x8x8~Conv2d.6.3~AdaptiveAvgPool2d.2", "3x64x64~Conv2d.6.3~ReLU"]
)
def test_a_network_without_scores_is_offered_an_end_that_gives_them(text):
    network = decode(text)
    way = in_the_way(network, DIGITS, Plan(batch=100), 1438)
    assert way is not None
    for offer in way.offers:
        assert [row.type for row in offer.network.layers[-2:]] == ["Flatten", "Linear"]
        assert trace(offer.network).output_shape == (10,)
        check(offer.network, DIGITS, Plan(batch=offer.batch or 100), 1438)
    assert way.offers


def test_how_long_a_training_takes_is_told_where_it_is_long():
    plan = Plan(epochs=3)
    assert not effort.told(effort.seconds(COURSE, plan, 1438))
    large = PRESETS["resnet18"].with_classes(10)
    slow = effort.seconds(large, plan, 1438)
    operations = 3 * 3 * 1438 * trace(large).macs  # three epochs, forward and back
    assert slow == pytest.approx(operations / effort.SLOW, rel=0.01)
    assert effort.told(slow) == "On one processor core, training takes roughly 39 minutes to 3 hours."
    assert effort.told(5 * slow) == "On one processor core, training takes roughly 3 to 16 hours."
    assert effort.seconds(large, plan, 1438, times=7) == 7 * slow
    assert effort.told(slow, limit=1200).endswith("to 3 hours. This server stops a training run after 20 minutes.")
    assert effort.told(slow, limit=3600) == effort.told(slow), "an idle computer needs less"


def test_moments_tell_how_far_it_is():
    seen: list[Any] = []
    run = train(SMALL, DIGITS, batch=200, epochs=2, on_step=seen.append)
    assert seen[0].step == 0
    assert seen[0].loss is None
    assert [moment.step for moment in seen] == sorted(moment.step for moment in seen)
    assert seen[-1].step == seen[-1].steps == 2 * (len(split(DIGITS).training) // 200)
    assert seen[-1].left == 0
    assert seen[8].left > 0
    assert seen[-1].seconds >= seen[8].seconds > 0
    assert run.curves.columns.tolist() == [*COLUMNS]
    last = run.curves.iloc[-1]
    assert last["held_accuracy"] == seen[-1].held_accuracy == pytest.approx(run.accuracy)
    assert run.curves["epoch"].tolist()[-1] == 2
    assert run.curves["held_loss"].notna().sum() == 3  # before, and after each epoch


def test_the_outcome_adds_up():
    run = train(SMALL, DIGITS, batch=100, epochs=2)
    held = split(DIGITS).held
    assert run.confusion.sum() == len(held)
    assert run.confusion.diag().sum() / len(held) == pytest.approx(run.accuracy)
    wrong = run.mistakes
    assert len(wrong) == len(held) - run.confusion.diag().sum()
    assert wrong["confidence"].is_monotonic_decreasing
    assert [DIGITS.label(place) for place in wrong["place"]] == wrong["label"].tolist()
    assert (wrong["label"] != wrong["predicted"]).all()
    shown = [place for a in range(10) for b in range(10) for place in run.at(a, b).tolist()]
    assert sorted(shown) == sorted(held.tolist())
    assert all(len(run.at(a, b)) == run.confusion[a, b] for a in range(10) for b in range(10))
    kept = safetensors.torch.load(run.weights_file())
    net = module(SMALL)
    net.load_state_dict(kept)
    net.eval()
    assert torch.equal(net(DIGITS.batch(held, SMALL.input_shape)).argmax(1), run.predicted)


def test_weights_continue_where_a_run_ended():
    first = train(SMALL, DIGITS, batch=150, epochs=1, optimizer="SGD", momentum=0.0)
    second = train(SMALL, DIGITS, batch=150, epochs=1, optimizer="SGD", momentum=0.0, weights=first.weights)
    assert second.is_continued
    assert all(torch.equal(second.before[name], tensor) for name, tensor in first.weights.items())
    assert (second.first_loss or 9) < (first.first_loss or 0)
    with pytest.raises(TrainError, match=r"has no conv9"):
        train(SMALL, DIGITS, weights={"conv9.weight": torch.zeros(1)})


def test_the_first_loss_is_near_the_logarithm_of_the_classes():
    run = train(COURSE, DIGITS, batch=500, epochs=1)
    assert run.first_loss == pytest.approx(math.log(10), abs=0.05)
    assert "near ln 10 = 2.30" in first_loss_sentence(run.first_loss or 0, 10)
    assert "above ln 10 = 2.30" in first_loss_sentence(7.9, 10)
    assert "below ln 2 = 0.69" in first_loss_sentence(0.2, 2)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"lr": 30.0}, r"The training loss rose to .* it began at 2\.\d\d\. The learning rate 30 .* Try 0\.01\."),
        ({"optimizer": "SGD", "lr": 100.0}, r"The learning rate 100 makes the weights jump too far\. Try 0\.01\."),
    ],
)
def test_a_learning_rate_that_explodes_ends_it_with_a_sentence(plan, said):
    run = train(SMALL, DIGITS, batch=100, epochs=20, **plan)
    assert run.exploded
    assert re.search(said, run.exploded), run.exploded
    assert len(run.curves) < 60
    assert run.confusion.sum() == len(split(DIGITS).held)


def test_a_loss_that_is_no_number_is_said():
    run = train(SMALL, DIGITS, weights={"fc1.bias": torch.full((16,), float("nan"))})
    assert run.exploded.startswith("The loss is no longer a number at step 1.")
    assert run.curves["step"].max() == 1


def test_a_sound_learning_rate_does_not_explode():
    assert not train(SMALL, DIGITS, batch=100, epochs=1, lr=0.05).exploded


SEVERAL = Network((8,), (row("Add", "add", "input", "other"),), inputs=(Input("input", (8,)), Input("other", (8,))))
REFUSED: dict[str, tuple[Network, dict[str, Any], str]] = {
    "does not run": (decode("1x8x8~Conv2d.4.9~Flatten~Linear.10"), {}, r"^conv1 does not run: "),
    "no layers": (Network((1, 8, 8), ()), {}, "no layer yet"),
    "a map": (decode("1x8x8~Conv2d.10.3"), {}, "The output is 10×6×6; .* one score for each of the 10 classes"),
    "no weights": (decode("1x8x8~Flatten"), {}, "no weights, so there is nothing to train"),
    "indices": (PRESETS["textcnn"], {}, "expects indices"),
    "several inputs": (SEVERAL, {}, r"2 inputs \(input, other\); these images are one input"),
    "several outputs": (replace(COURSE, outputs=("out", "fc1")), {}, "has 2 outputs"),
    "other classes": (COURSE.with_classes(7), {}, "outputs 7 scores, but these images have 10 classes"),
    "a large batch": (SMALL, {"batch": 1_500}, r"A batch of 1,500 needs as many images; there are 1,438"),
    "a norm of one": (decode("1x8x8~Flatten~BatchNorm1d~Linear.10"), {"batch": 1}, "Choose a batch of 2 or more"),
    "memory": (PRESETS["vgg16"].with_classes(10), {"batch": 8}, "this server trains with at most"),
    "operations": (
        decode("1x96x96~Conv2d.64.3~Conv2d.64.3~MaxPool2d.8~Flatten~Linear.10"), {"batch": 30},
        "One batch of this network takes .* operations; .* A batch of [1-9][0-9]* would work",
    ),
    "measured": (
        Network((1, 8, 8), (Opaque(name="odd", called="Odd", gives=(1, 10), macs=1),)), {}, "no layer type here",
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", REFUSED)
def test_what_cannot_be_trained_is_refused_before_anything_is_allocated(why, monkeypatch):
    network, plan, said = REFUSED[why]
    for name in ("training.prepared", "scoring.as_inputs"):
        monkeypatch.setattr(f"layerscope.study.{name}", None)
    with pytest.raises(TrainError, match=said):
        train(network, DIGITS, **plan)


def test_a_change_that_would_fit_is_offered():
    with pytest.raises(TrainError) as refused:
        train(COURSE.with_classes(7), DIGITS)
    offer = refused.value.offer
    assert offer is not None
    assert offer.network == COURSE
    assert offer.says == "Change to 10 classes: out.out_features becomes 10."
    large = decode("1x96x96~Conv2d.64.3~Conv2d.64.3~MaxPool2d.4~Flatten~Linear.10")
    way = in_the_way(large, DIGITS, Plan(batch=100), 1438)
    assert way is not None
    batch, offer = way.offers
    assert batch.network == large
    assert batch.says == f"Change to a batch of {batch.batch}."
    check(large, DIGITS, Plan(batch=batch.batch or 0), 1438)
    with pytest.raises(TrainError):  # it is the largest
        check(large, DIGITS, Plan(batch=1 + (batch.batch or 0)), 1438)
    assert offer.network.input_shape == (1, 8, 8)
    assert trace(offer.network).error is None
    assert offer.says == "Change to an input of 1×8×8: fc1.in_features becomes 64."
    assert not train(offer.network, DIGITS, batch=700, epochs=1).exploded


@pytest.mark.parametrize("name", large_last(name for name in PRESETS if len(PRESETS[name].input_shape) == 3))
def test_what_is_offered_can_be_trained_and_where_nothing_is_that_is_said(name):
    plan = Plan(batch=50)
    way = in_the_way(PRESETS[name], DIGITS, plan, 1438)
    for offer in way.offers if way else ():
        check(offer.network, DIGITS, replace(plan, batch=offer.batch or plan.batch), 1438)
    if way and "training step" in way.says:
        assert bool(way.offers) is ("No smaller batch or input fits" not in way.says)


def test_a_batch_larger_than_the_set_is_offered_as_the_set():
    way = in_the_way(COURSE, DIGITS, Plan(batch=4000), 1438)
    assert way is not None
    assert [(offer.network, offer.batch) for offer in way.offers] == [(COURSE, 1438)]


def test_an_input_that_is_offered_is_one_to_train_with():
    offer = shrunk(decode("20-10~Linear.10"), DIGITS)
    assert offer is not None
    assert offer.network.input_shape == (64,)
    assert train(offer.network, DIGITS, batch=200, epochs=1).confusion.sum() == len(split(DIGITS).held)
    assert shrunk(decode("64-10~Linear.10"), DIGITS) is None
    assert shrunk(decode("5x64-10~Flatten~Linear.10"), DIGITS) is not None
    averaged = Network((28, 28), (row("Linear", "fc1", out_features=10), row("Mean", "mean", dim=1)), classes=10)
    assert trace(averaged).output_shape == (10,)
    assert trace(averaged.with_input((1, 8, 8))).output_shape == (8, 10), "no scores any more"
    assert shrunk(averaged, DIGITS) is None


def test_one_class_of_scores_is_said_in_the_singular():
    with pytest.raises(TrainError, match=r"^fc1 outputs 1 score, but these images have 10 classes\.$"):
        check(decode("1x8x8-1~Flatten~Linear.1"), DIGITS, Plan(batch=50), 1438)


@pytest.mark.parametrize("batch", [1, 7, 50, 1438])
def test_the_steps_of_an_epoch_are_counted_once(batch):
    plan = Plan(batch=batch, epochs=3)
    trainer = Trainer(decode("1x8x8-10~Flatten~Linear.10"), DIGITS, plan)
    assert trainer.epoch_steps == plan.epoch_steps(1438) == 1438 // batch
    assert trainer.steps == planned(DIGITS, plan)


def test_what_torch_refuses_at_the_first_batch_is_a_sentence(monkeypatch):
    trainer = Trainer(SMALL, DIGITS, Plan())
    monkeypatch.setattr(trainer.module, "forward", lambda given: given @ torch.zeros(3, 3))
    with pytest.raises(TrainError, match="PyTorch cannot train this network: "):
        next(trainer.moments())


def test_limits_of_a_training():
    step = limits.TRAIN_STEP.sentence(found=1)
    assert step.startswith("One batch of this network takes 1 operations")
    assert limits.TRAIN_MEMORY.most < 2**30
    trainer = Trainer(SMALL, DIGITS, Plan())
    assert len(trainer._watched) == len(split(DIGITS).held) <= limits.TRAIN_WATCHED.most
    many = Data("many", "image", DIGITS.images.repeat(9, 1, 1, 1), 16, DIGITS.labels.repeat(9), DIGITS.classes)
    assert len(Trainer(SMALL, many, Plan())._watched) == limits.TRAIN_WATCHED.most
    heavy = decode("1x28x28~Conv2d.32.5~Conv2d.32.5~Flatten~Linear.10")
    watched = Trainer(heavy, many, Plan(batch=2))._watched
    assert 2 <= len(watched) < limits.TRAIN_WATCHED.most, limits.TRAIN_WATCHING
    assert Trainer(decode("65536~Linear.10"), DIGITS, Plan(batch=8))._scorer.is_ahead is False, limits.TRAIN_READY


def test_batch_by_batch_gives_the_same_as_all_images_ahead(monkeypatch):
    ahead = train(COURSE, DIGITS, batch=400, epochs=1)
    monkeypatch.setattr(limits, "TRAIN_READY", replace(limits.TRAIN_READY, most=1))
    later = train(COURSE, DIGITS, batch=400, epochs=1)
    assert ahead.curves["loss"].dropna().tolist() == later.curves["loss"].dropna().tolist()


WRONG: dict[str, tuple[Any, str]] = {
    "optimizer": ("Adagrad", "There is no optimizer Adagrad here"),
    "lr": (limits.TRAIN_LR.most + 1, "lr is 101; a number above 0 and up to 100 would work"),
    "momentum": (1, "momentum is 1"),
    "weight_decay": (limits.TRAIN_DECAY.most + 1, "weight_decay is 11"),
    "batch": (limits.TRAIN_BATCH.most + 1, "batch is 4097"),
    "epochs": (limits.TRAIN_EPOCHS.most + 1, "epochs is 201"),
    "augmentation": (1, "augmentation is 1"),
    "seed": (limits.TRAIN_SEED.most + 1, "seed is 10000"),
}


@pytest.mark.parametrize("name", WRONG)
def test_settings_are_bounded(name):
    value, said = WRONG[name]
    with pytest.raises(PlanError, match=said):
        Plan(**{name: value})
    odd: Any
    for odd in (float("nan"), float("inf"), "x" * 99, None, [1], -1, True if name != "augmentation" else 0):
        with pytest.raises(PlanError):
            Plan(**{name: odd})


def test_settings_as_json():
    plan = Plan(optimizer="SGD", lr=0.1, momentum=0.5, epochs=3, augmentation=True)
    assert Plan.from_json(plan.to_json()) == plan
    assert Plan.from_json("{}") == Plan()
    for text, said in (
        ("[]", "one JSON object"), ("{", "not JSON"), ('{"speed": 1}', "no setting speed"), ('{"lr": "1"}', "lr is 1;"),
        ("[" * 900, "not JSON"), ("[" * (limits.TRAIN_PLAN.most + 1), "the limit is 1,000"),
    ):  # fmt: skip
        with pytest.raises(PlanError, match=said):
            Plan.from_json(text)


def test_the_split_is_fixed_and_even():
    parts = split(DIGITS)
    assert sorted([*parts.training.tolist(), *parts.held.tolist()]) == list(range(len(DIGITS)))
    for label in range(10):
        share = (DIGITS.labels[parts.held] == label).sum() / (DIGITS.labels == label).sum()
        assert share == pytest.approx(0.2, abs=0.005)
    few = Data("few", "image", torch.zeros(5, 1, 4, 4), 255, torch.tensor([0, 0, 0, 1, 1]), ("a", "b"))
    assert sorted(few.labels[split(few).held].tolist()) == [0, 1]
    assert torch.equal(split(DIGITS).held, parts.held)


def test_augmentation_moves_and_mirrors():
    pictures = torch.rand(64, 3, 16, 24, generator=torch.Generator().manual_seed(1))
    moved = augmented(pictures, torch.Generator().manual_seed(2), mirrors=False)
    padded = functional.pad(pictures, (3, 3, 2, 2))
    for before, after in zip(padded, moved, strict=True):
        views = [before[:, top : top + 16, left : left + 24] for top in range(5) for left in range(7)]
        assert any(torch.equal(view, after) for view in views)
    mirrored = augmented(pictures, torch.Generator().manual_seed(2), mirrors=True)
    flipped = [torch.equal(a, b.flip(-1)) for a, b in zip(mirrored, moved, strict=True)]
    assert 16 < sum(flipped) < 48
    assert all(f or torch.equal(a, b) for f, a, b in zip(flipped, mirrored, moved, strict=True))


def test_a_network_of_another_input_gets_the_images_at_its_size():
    vector = decode("64~Linear.32~ReLU~Linear.10")
    run = train(vector, DIGITS, batch=200, epochs=2, lr=0.01)
    assert run.accuracy > 0.5
    colored = decode("3x16x16~Conv2d.4.5.stride-3~Flatten~Linear.10")
    assert train(colored, DIGITS, batch=500, epochs=1).curves["loss"].notna().any()


def test_a_training_that_learns_nothing_without_exploding_is_told():
    run = train(COURSE, DIGITS, batch=100, epochs=1, optimizer="SGD", lr=3.0, momentum=0.9)
    assert not run.exploded
    cause = "Likely the learning rate 3 is "
    flat = r"loss of the last 5 batches is 2\.\d\d on average, and guessing gives 2\.30\."
    assert re.search(rf"{flat} {cause}far too large, or too small", standstill(run))
    rows = tuple(row._replace(loss=4.5) if row.step > 1 else row for row in run.rows)
    risen = replace(run, rows=rows)
    assert re.search(
        rf"the loss rose from 2\.\d\d to 4\.50, the average of the last 5 batches\. {cause}too large\. Try 0\.01\.",
        standstill(risen),
    )
    assert standstill(risen) in ended(risen, DIGITS)


def test_one_that_learns_is_not():
    assert not standstill(train(SMALL, DIGITS, batch=100, epochs=1, lr=0.01))
