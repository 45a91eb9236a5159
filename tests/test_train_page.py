"""The Train page, run by Streamlit without a browser."""

import json
import re
import threading
import time
from collections import OrderedDict
from dataclasses import replace
from itertools import accumulate, chain, cycle
from math import floor
from threading import enumerate as enumerate_threads
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from layerscope import limits
from layerscope.figures.training import beside, confusion, curves, points
from layerscope.link import decode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.data import load
from layerscope.study.inside import cost
from layerscope.study.moments import Moment
from layerscope.study.outcome import Row
from layerscope.study.plan import Plan
from layerscope.study.sets import CACHE, KNOWN
from layerscope.study.splitting import split
from layerscope.study.training import train
from layerscope.tracing import trace
from layerscope.ui import remembered, weightfiles
from layerscope.ui.guard import uploads
from layerscope.ui.lab import runner, running, train_begin, train_data, train_form, train_live, turns
from layerscope.ui.lab.train_view import USUAL, View, read
from layerscope.ui.lessons import seeds_runs, training_runs
from layerscope.ui.many import counting
from layerscope.ui.session import Session
from tests.drawn import stages
from tests.study.test_training_sets import idx, pets, zipped
from tests.test_pages import at_page, moved, page_words, press, rerun, session, stage

SMALL = decode("1x8x8-10~Conv2d.4.3~ReLU~Flatten~Linear.10")
QUICK = {"size": "200", "epochs": "2"}


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv(CACHE, str(tmp_path / "kept"))
    for known in KNOWN.values():
        monkeypatch.delenv(known.folder, raising=False)
    yield
    for token in list(turns.TRAININGS):  # one that failed takes no other's turn
        runner.stop(token)


def by_figure(app: AppTest) -> dict[str, dict[str, Any]]:
    """What the page's stages are handed, by the key of their first figure."""
    found = {}
    for data in stages(app):
        json.dumps(data, allow_nan=False)
        found[data["figures"][0]["key"]] = data
    return found


def ended(app: AppTest) -> AppTest:
    """The page once its training is at its end."""
    token = words(app)["training"]
    until = time.monotonic() + 60
    while look(token).state != runner.ENDED:
        assert time.monotonic() < until
        time.sleep(0.02)
    return rerun(app)


def words(app: AppTest) -> dict[str, str]:
    return {name: "".join(word) for name, word in app.query_params.items()}


@pytest.fixture(autouse=True)
def alone():
    """Nothing that another test began still trains: a lesson's training goes first, and on a busy machine those made
    ahead have the turns that a test waits for longer than it waits."""
    for thread in threading.enumerate():
        if thread.name in ("layerscope-training", "layerscope-lesson-training"):
            if isinstance(thread, turns.Turn):
                thread.is_stopped = True
            thread.join()


def test_a_training_from_start_to_end():
    app = at_page("train", SMALL, **QUICK)
    said = page_words(app)
    assert "1,797 images of 10 classes: 1,438 to learn from, 359 held out." in said
    assert "Each enters the network as an 8×8 digit. An epoch has 7 steps of 200 images." in said
    app = ended(press(app, "Start"))
    run = train(SMALL, load("digits"), optimizer="Adam", lr=USUAL.lr, batch=200, epochs=2)
    assert run.sentence in page_words(app)
    assert "The first loss is 2.3" in page_words(app)
    drawn = by_figure(app)
    live, end = drawn["train-curves"], drawn["train-confusion"]
    assert [figure["key"] for figure in live["figures"]] == [
        "train-curves",
        "train-says",
        "train-maps",
        "train-weights",
    ]
    losses = live["figures"][0]["data"][0]
    assert losses["y"] == run.curves["loss"].dropna().tolist()
    assert [figure["key"] for figure in end["figures"]] == ["train-confusion", "train-kernels"]
    assert end["figures"][0]["data"][0]["customdata"][3][8] == "3.8"
    assert [button.proto.label for button in app.get("download_button")] == [
        "Weights (safetensors)", "PyTorch script", "Notebook", *["CSV", "Markdown", "LaTeX"] * 3,
    ]  # fmt: skip
    assert "Worst mistakes" in [head.value for head in app.subheader]
    assert "Start" in [button.label for button in app.button]


def test_trained_weights_are_looked_into_in_explore(monkeypatch):
    app = ended(press(at_page("train", SMALL, **QUICK), "Start"))
    run: Any = runner.result(words(app)["training"])
    commit, commits = Session.commit, list[Network]()

    def counted(here: Session, network: Network) -> None:
        commits.append(network)
        commit(here, network)

    monkeypatch.setattr(Session, "commit", counted)
    app = press(app, "Look inside with these weights")
    assert len(commits) == 1
    here = session(app)
    assert (here.network, here.view.chart, here.view.selected) == (SMALL, "inside", "conv1")
    kept, left = weightfiles.weights(here.looking.file, SMALL)
    assert not left
    assert {name: tensor.tolist() for name, tensor in kept.items()} == {
        name: tensor.tolist() for name, tensor in run.weights.items()
    }
    scene = next(figure["inside"] for figure in stage(app)["figures"] if figure.get("inside"))
    assert scene["note"].endswith("The weights come from your training.")
    assert scene["hand"]["options"][0]["label"] == "From your training"


def test_the_curve_as_a_file_has_shares_and_not_their_nearest_float32():
    run = train(SMALL, load("digits"), batch=50, epochs=1)
    shares = {row.accuracy for row in run.rows if row.accuracy is not None}
    assert shares <= {right / 50 for right in range(51)}
    assert run.accuracy in {right / len(run.places) for right in range(len(run.places) + 1)}


def test_a_training_of_another_network_names_it_and_leads_back_to_it():
    app = ended(press(at_page("train", SMALL, **QUICK), "Start"))
    assert "of another network" not in page_words(app)
    session(app).begin_with(PRESETS["lenet5"])
    app = rerun(app)
    said = page_words(app)
    assert re.search("This training run is of another network than the open one: .*: 4 layers, input 1×8×8", said)
    kept = words(app)["training"]
    app = press(app, "Open that network")
    assert session(app).network == SMALL
    assert words(app)["training"] == kept
    assert "of another network" not in page_words(app)


@pytest.mark.parametrize("narrow", [False, True])
def test_every_mistake_of_a_confusion_matrix_is_seen(narrow):
    drawn = confusion([[400, 1], [0, 401]], ["0", "1"], (0, 1), narrow)
    heat, *lettered = drawn["data"]
    texts = [["".join(one["text"][i][j] for one in lettered) for j in (0, 1)] for i in (0, 1)]
    assert texts == [["400", "1"], ["", "401"]]
    assert heat["z"][0][1] >= 0.2
    assert heat["z"][1] == [0, 1]
    invited = [[told.partition("<br>")[2] for told in row] for row in heat["hovertext"]]
    invites = f"{'tap' if narrow else 'click'} to look"
    assert invited == [[invites, invites], ["", invites]], "an empty cell has no images"
    assert drawn["layout"]["margin"]["l"] < 60, "classes of one letter need no more room"
    names = ["Ankle boot", "Sandal"]
    assert confusion([[1, 0], [0, 1]], names, (0, 0), narrow)["layout"]["margin"]["l"] > 100
    many = [[0] * 12 for _ in range(12)]
    drawn = confusion(many, [str(n) for n in range(12)], (0, 0), narrow)
    assert any("text" in one for one in drawn["data"]) is not narrow


def test_a_cell_of_the_confusion_matrix_opens_its_images():
    app = ended(press(at_page("train", SMALL, **QUICK), "Start"))
    run: Any = runner.result(words(app)["training"])
    app.selectbox(key="train.cell-label").set_value(3)
    app.selectbox(key="train.cell-predicted").set_value(3)
    rerun(app)
    count = int(run.confusion[3, 3])
    assert f"{count} images of class 3, predicted as 3" in page_words(app)
    gallery = next(item.proto.body for item in app.get("html") if "of class 3, predicted as 3'" in item.proto.body)
    assert gallery.count("data:image/png;base64,") == min(count, limits.TRAIN_SHOWN.most)


def test_pause_continue_and_stop(monkeypatch):
    app = at_page("train", SMALL, size="20", epochs="200")
    press(app, "Start")
    token = words(app)["training"]
    try:
        press(app, "Pause")
        wait(lambda: look(token).state == runner.PAUSED)
        step = look(token).moment.step
        ends = max((row.step for row in look(token).rows), default=0)
        assert ends == step, "the curve ends where the page says that it pauses"
        time.sleep(0.1)
        assert look(token).moment.step == step
        rerun(app)
        assert (
            "Training with 1,797 images (handwritten digits), Adam, learning rate 0.002, batch size 20"
            in page_words(app)
        )
        assert "train.optimizer" not in [box.key for box in app.selectbox]
        press(app, "Continue")
        wait(lambda: look(token).moment.step > step)
    finally:
        runner.stop(token)
    ended(app)
    assert "Stopped after" in page_words(app)
    assert app.selectbox(key="train.optimizer").value == "Adam"


def test_a_reload_and_another_tab_find_the_training_by_its_address():
    app = press(at_page("train", SMALL, size="20", epochs="200", lr="0.003"), "Start")
    token = words(app)["training"]
    try:
        wait(lambda: look(token).rows)
        other = at_page("train", SMALL, **words(app))
        said = page_words(other)
        assert "learning rate 0.003, batch size 20, 200 epochs, seed 0." in said
        assert "Anyone with the link to this page can watch this training run, pause it and stop it." in said
        assert by_figure(other)["train-curves"]["figures"][0]["data"][0]["x"]
        back = at_page("train", SMALL)  # another visitor, without the link
        assert "Start" in [button.label for button in back.button]
        app.query_params.clear()  # as after "back" to before the start
        assert "Pause" in [button.label for button in rerun(app).button]
        press(other, "Stop")
    finally:
        runner.stop(token)
    app.query_params["training"] = token
    assert "Stopped after" in page_words(ended(app))
    assert page_words(rerun(other)).count("Stopped after") == 1


def test_where_several_processes_answer_the_page_says_who_may_watch(monkeypatch):
    monkeypatch.setenv(counting.VARIABLE, "3")
    app = press(at_page("train", SMALL, size="20", epochs="200"), "Start")
    try:
        said = page_words(app)
        assert "This server runs as 3 processes, one of which has this training run." in said
        assert "Anyone with the link to this page who reaches the same one can watch it" in said
    finally:
        runner.stop(words(app)["training"])
    for text in ("", "0", "-2", "many", "²"):
        monkeypatch.setenv(counting.VARIABLE, text)
        assert counting.processes() == 1


def test_a_training_of_a_server_that_ended_is_run_again_to_the_same_curve():
    app = ended(press(at_page("train", SMALL, **QUICK, lr="0.01"), "Start"))
    first: Any = runner.result(words(app)["training"])
    gone = words(app) | {"training": "b" * 26}
    app = at_page("train", SMALL, **gone)
    assert app.warning[0].value == (
        f"{runner.ENDED_WITH_ITS_SERVER} The settings below come from the link; the same seed gives the same curve."
    )
    assert app.number_input(key="train.epochs").value == 2
    app = ended(press(app, "Run it again"))
    again: Any = runner.result(words(app)["training"])
    assert [row.loss for row in again.rows] == [row.loss for row in first.rows]
    assert not app.warning
    moved(app, "explore")
    app = moved(app, "train")
    assert again.sentence in page_words(app)
    assert app.select_slider(key="train.lr").value == 0.01


def test_what_was_stopped_is_drawn_as_far_as_it_came_and_offers_what_its_plan_lacks():
    app = at_page("train", SMALL, size="20", epochs="200")
    empty = by_figure(app)["train-curves"]["figures"][0]["layout"]
    assert empty["xaxis"]["range"] == [0, 200 * 71], "the steps that are planned"
    app = press(app, "Start")
    token = words(app)["training"]
    try:
        wait(lambda: look(token).moment is not None and look(token).moment.epoch > 1)
        press(app, "Stop")
    finally:
        runner.stop(token)
    app = ended(app)
    last = look(token).rows[-1]
    done = f"{floor(10 * last.step / 71) / 10:g}"
    assert f"Stopped after {done} of 200 epochs, at step {last.step:,}. " in page_words(app)
    layout = by_figure(app)["train-curves"]["figures"][0]["layout"]
    assert layout["xaxis"]["range"] == layout["xaxis2"]["range"] == [0, last.step]
    said = page_words(app)
    assert said.index("Stopped after") < said.index("1,797 images of 10 classes"), "above the settings"
    figure = by_figure(app)["train-curves"]["figures"][0]
    run = runner.result(token)
    assert run is not None
    assert (last.held_loss, last.held_accuracy) == pytest.approx((run.loss, run.accuracy)), "the curve ends in it"
    assert [line["x"][-1] for line in figure["data"]] == [last.step] * 4
    assert f"held-out: loss {last.held_loss:.3g}, {last.held_accuracy:.1%} classified correctly" in figure["note"]
    done = last.step // 71  # batches of 20 in the 1,437 images to learn from
    assert app.number_input(key="train.further").value == 200 - done
    assert "Train further, to the 200 epochs of its plan" in [button.label for button in app.button]
    for name, number in (("epochs", 1), ("batch", 200)):
        app.number_input(key=f"train.{name}").set_value(number)
        app = rerun(app)
    app = ended(press(app, "Start"))
    assert app.number_input(key="train.further").value == 5, "what another training lacked is no number for this one"
    assert "Train further, to 6 epochs in all" in [button.label for button in app.button]


def test_further_epochs_go_on_where_it_ended():
    app = ended(press(at_page("train", SMALL, size="200", epochs="1"), "Start"))
    token = words(app)["training"]
    app.number_input(key="train.further").set_value(2)
    app = ended(press(rerun(app), "Train further, to 3 epochs in all"))
    assert (words(app)["training"], words(app)["epochs"], words(app)["size"]) == (token, "3", "200")
    wanted = train(SMALL, load("digits"), lr=USUAL.lr, batch=200, epochs=3)
    run: Any = runner.result(token)
    assert [row.loss for row in run.rows] == [row.loss for row in wanted.rows]
    assert (run.accuracy, run.plan) == (wanted.accuracy, wanted.plan)
    app.number_input(key="train.seed").set_value(5)
    assert "The results below are from a training run with 1,797 images (handwritten digits), Adam" in page_words(
        rerun(app)
    )


def look(token: str) -> Any:
    return runner.look(token)


def wait(is_so) -> None:
    until = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_settings_stand_in_the_address():
    app = at_page("train", SMALL, optimizer="SGD", lr="0.05", momentum="0.5", size="64", epochs="3", seed="7",
                  augment="on", decay="0.001")  # fmt: skip
    assert app.selectbox(key="train.optimizer").value == "SGD"
    assert app.select_slider(key="train.lr").value == 0.05
    assert app.slider(key="train.momentum").value == 0.5
    assert app.toggle(key="train.augmentation").value is True
    app.number_input(key="train.batch").set_value(32)
    rerun(app)
    assert words(app)["size"] == "32"
    assert words(app)["lr"] == "0.05"
    app.selectbox(key="train.optimizer").set_value("Adam")
    rerun(app)
    assert "optimizer" not in words(app)
    assert not app.slider


def test_any_learning_rate_and_weight_decay_can_be_typed():
    app = at_page("train", SMALL)
    app.number_input(key="train.lr.exactly").set_value(0.005)
    app = rerun(app)
    assert words(app)["lr"] == "0.005"
    assert app.select_slider(key="train.lr").value == 0.005
    app.select_slider(key="train.lr").set_value(0.03)
    app = rerun(app)
    assert (words(app)["lr"], app.number_input(key="train.lr.exactly").value) == ("0.03", 0.03)
    app.number_input(key="train.weight_decay.exactly").set_value(0.02)
    assert words(rerun(app))["decay"] == "0.02"
    assert [train_form._step(rate) for rate in (0.03, 0.01, 0.002, 0.001, 5.0)] == [0.01, 0.001, 0.001, 0.0001, 1.0]


def test_a_view_is_never_an_error():
    view = View("mnist", Plan("SGD", 0.1, 0.5, 0.01, 7, 3, True, 9), "a" * 26)
    assert read(view.words()) == view
    assert read({}) == View()
    assert not any(View().words().values())
    for name in ("lr", "size", "epochs", "seed", "augment", "momentum", "decay", "optimizer", "data"):
        for odd in ("", "x", "-1", "1e99", "99999999", "٣", "0.5.5"):
            assert read({name: odd}).plan.batch <= limits.TRAIN_BATCH.most
    assert read({"lr": "900"}) == View()
    assert len(read({"training": "x" * 999}).training) < 99


def test_what_cannot_be_trained_is_said_with_a_change_that_would_fit():
    app = at_page("train", PRESETS[DEFAULT].with_classes(7))
    assert "outputs 7 scores, but these images have 10 classes" in app.error[0].value
    assert "Then out.out_features becomes 10." in page_words(app)
    assert "Start" not in [button.label for button in app.button]
    press(app, "Change to 10 classes")
    assert session(app).network == PRESETS[DEFAULT]
    assert "Start" in [button.label for button in app.button]
    app = at_page("train", PRESETS["unet"])
    assert "one score for each of the 10 classes" in app.error[0].value


def test_a_change_of_the_input_is_offered():
    app = at_page("train", decode("1x16x16-10~Conv2d.4.3~Flatten~Linear.10"))
    assert "Each enters the network as an 8×8 digit, enlarged to 16×16." in page_words(app)
    assert "Then fc1.in_features becomes 144." in page_words(app)
    press(app, "Change the input to 1×8×8")
    assert session(app).network.input_shape == (1, 8, 8)
    session(app).begin_with(PRESETS["resnet18"])
    press(rerun(app), "Change to 10 classes and an input of 1×8×8")
    assert "ResNet-18, changed: 69 layers, input 1×8×8" in page_words(app), "it is a change of what was opened"


def test_all_that_stands_in_the_way_is_said_at_once_with_what_works():
    app = at_page("train", PRESETS["resnet18"])
    said = app.error[0].value
    assert "fc outputs 1,000 scores, but these images have 10 classes. With 10 classes, a training step" in said
    offered = [button.label for button in app.button if str(button.key).startswith("train.offer")]
    small, slow = "Change to 10 classes and an input of 1×8×8", "Change to 10 classes and a batch of 3"
    assert offered == [small, slow], "the one that takes hours comes last"
    long = "On one processor core, training takes roughly 3 to 16 hours."
    assert f"{long} This server stops a training run after 20 minutes." in page_words(app)
    before = app.query_params.to_dict() if hasattr(app.query_params, "to_dict") else dict(app.query_params)
    press(app, slow)
    assert session(app).network == PRESETS["resnet18"].with_classes(10)
    assert words(app)["size"] == "3"
    assert before.keys() <= words(app).keys()
    assert "Start" in [button.label for button in app.button]
    app = at_page("train", PRESETS["convnext_tiny"])
    assert re.search(r"No smaller batch or input fits: even a batch of 1 .* needs 4\d\d MiB", app.error[0].value)
    assert not [button for button in app.button if str(button.key).startswith("train.offer")]


def test_a_learning_rate_that_explodes_is_said():
    app = ended(press(at_page("train", SMALL, lr="100", size="100"), "Start"))
    assert "makes the weights jump too far" in app.error[0].value
    assert "train-confusion" in by_figure(app)


def test_a_folder_that_an_operator_names(monkeypatch, tmp_path):
    for name, raw in idx(60).items():
        (tmp_path / name).write_bytes(raw)
    monkeypatch.setenv(KNOWN["mnist"].folder, str(tmp_path))
    app = at_page("train", SMALL, data="mnist", size="20", epochs="1")
    assert "60 images of 10 classes: 50 to learn from, 10 held out" in page_words(app)
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(b"no")


def test_images_of_ones_own():
    network = decode("3x16x16-2~Conv2d.4.3~Flatten~Linear.2")
    app = at_page("train", network, data="own", size="4", epochs="1")
    assert "Put the images of each class into a folder" in app.info[0].value
    file: Any = app.get("file_uploader")[0]
    assert file.label == "A ZIP of up to 16 MB"
    file.upload("pets.zip", zipped(pets()), "application/zip")
    rerun(app)
    assert "10 images of 2 classes: 8 to learn from, 2 held out. Your images are" in page_words(app)
    again: Any = app.get("file_uploader")[0]
    again.upload("pets.zip", b"no zip", "application/zip")
    rerun(app)
    assert "10 images of 2 classes: 8 to learn from, 2 held out" in page_words(app)
    assert app.error[0].value.endswith(train_data.STAYS)
    app = ended(press(app, "Start"))
    assert "held-out images are classified correctly" in page_words(app)


def test_the_newest_sets_of_visitors_are_kept(monkeypatch):
    kept: dict[str, str] = {}
    monkeypatch.setattr(remembered, "remember", kept.__setitem__)
    monkeypatch.setattr(remembered, "kept", lambda key, usual: usual)
    monkeypatch.setattr(uploads, "let_go", lambda file: None)

    def drop(raw):
        monkeypatch.setattr(remembered, "widget_value", lambda key: SimpleNamespace(getvalue=lambda: raw))
        train_data._dropped()

    for _ in range(limits.OWN_KEPT.most + 2):
        drop(zipped(pets(2)))
    assert len(train_data._kept) == limits.OWN_KEPT.most
    assert kept[train_data.TOKEN] in train_data._kept
    drop(b"no zip")
    assert "cannot be read as a ZIP" in kept[train_data.PROBLEM]


def test_one_training_a_session_and_a_few_at_a_time(monkeypatch):
    data, plan = load("digits"), Plan(batch=20, epochs=200)
    tokens = [runner.start(f"visitor-{n}", SMALL, data, plan) for n in range(limits.TRAININGS.most + 2)]
    try:
        wait(lambda: [look(token).state for token in tokens[:2]] == [runner.RUNNING] * 2)
        assert look(tokens[-1]).state == runner.WAITING
        wait(lambda: look(tokens[0]).moment is not None and look(tokens[0]).moment.step > 0)
        assert [look(token).place for token in tokens] == [0, 0, 1, 2]
        assert look(tokens[0]).wait is None
        assert 0 < look(tokens[2]).wait <= look(tokens[3]).wait
        runner.pause(tokens[0], True)
        wait(lambda: look(tokens[2]).state == runner.RUNNING)
        runner.stop(tokens[1])
        wait(lambda: look(tokens[3]).state == runner.RUNNING)
        again = runner.start("visitor-3", SMALL, data, plan)
        tokens.append(again)
        wait(lambda: look(tokens[3]).state == runner.ENDED)
        wait(lambda: look(again).state == runner.RUNNING)
        monkeypatch.setattr(limits, "TRAIN_WAITING", replace(limits.TRAIN_WAITING, most=1))
        with pytest.raises(runner.BusyError, match="training runs are under way or waiting on this server"):
            runner.start("another", SMALL, data, plan, "elsewhere")
    finally:
        for token in tokens:
            runner.stop(token)
    wait(lambda: all(one.state == runner.ENDED for one in list(turns.TRAININGS.values())))


def test_an_address_has_so_many_training_runs(monkeypatch):
    monkeypatch.setattr(limits, "TRAIN_OF_ADDRESS", replace(limits.TRAIN_OF_ADDRESS, most=2))
    data, plan = load("digits"), Plan(batch=20, epochs=200)
    tokens = [runner.start(f"pupil-{n}", SMALL, data, plan, "school") for n in range(2)]
    try:
        with pytest.raises(runner.BusyError, match="Your address has 2 training runs under way or waiting"):
            runner.start("pupil-2", SMALL, data, plan, "school")
        tokens.append(runner.start("pupil-1", SMALL, data, plan, "school"))  # instead of their own
        tokens.append(runner.start("pupil-2", SMALL, data, plan, "home"))
        runner.stop(tokens[0])
        tokens.append(runner.start("pupil-3", SMALL, data, plan, "school"))
    finally:
        for token in tokens:
            runner.stop(token)
    wait(lambda: all(one.state == runner.ENDED for one in list(turns.TRAININGS.values())))


def test_the_page_tells_its_address_and_says_its_place_in_the_queue(monkeypatch):
    monkeypatch.setattr(train_begin, "address", lambda: "school")
    data, plan = load("digits"), Plan(batch=20, epochs=200)
    tokens = [runner.start(f"visitor-{n}", SMALL, data, plan) for n in range(limits.TRAININGS.most)]
    wait(lambda: all(look(token).moment and look(token).moment.step for token in tokens))
    app = press(at_page("train", SMALL, **QUICK), "Start")
    tokens.append(words(app)["training"])
    try:
        assert turns.TRAININGS[tokens[-1]].address == "school"
        said = next(bar.proto.text for bar in rerun(app).get("progress"))
        assert re.fullmatch(r"This training is 1st in the queue \(about \d+ (s|min)\)\.", said)
    finally:
        for token in tokens:
            runner.stop(token)


def test_a_queue_is_estimated_from_those_before(monkeypatch):
    monkeypatch.setattr(turns, "_usual", 20.0)
    made = [turns.Turn(f"v{n}", SMALL, load("digits"), Plan()) for n in range(6)]
    monkeypatch.setattr(turns, "TRAININGS", OrderedDict((str(n), one) for n, one in enumerate(made)))
    for one, left in zip(made[:2], (5.0, 60.0), strict=True):
        one.state, one.is_begun = runner.RUNNING, True
        one.moment = Moment(1, 9, 1, None, None, None, None, 1.0, left)
    assert [turns.place(one) for one in made] == [(0, None), (0, None), (1, 5.0), (2, 25.0), (3, 45.0), (4, 60.0)]
    made[0].is_paused, made[0].state = True, runner.PAUSED
    assert [turns.place(one) for one in made[2:]] == [(0, None), (1, 20.0), (2, 40.0), (3, 60.0)]
    monkeypatch.setattr(limits, "TRAIN_BEGUN", replace(limits.TRAIN_BEGUN, most=2))
    assert turns.place(made[2]) == (1, None), "nobody knows how long the paused one pauses"


def test_a_lessons_training_takes_a_turn_at_once_and_others_wait(monkeypatch):
    """However long each waits for a core: those of the visitors go on until they are stopped."""

    def endless(self: turns.Turn) -> None:
        while self.may_go_on():
            time.sleep(0.001)

    monkeypatch.setattr(turns.Turn, "_train", endless)
    data, plan = load("digits"), Plan(batch=20, epochs=200)
    tokens = [runner.start(f"visitor-{n}", SMALL, data, plan) for n in range(limits.TRAININGS.most)]
    states: list[str] = []

    def train_(*_: Any, **__: Any) -> Any:
        wait(lambda: look(tokens[1]).state == runner.WAITING)
        states.extend(look(token).state for token in tokens)
        assert look(tokens[1]).place == 1
        return train(SMALL, data, batch=700, epochs=1)

    try:
        wait(lambda: [look(token).state for token in tokens] == [runner.RUNNING] * 2)
        monkeypatch.setattr(training_runs, "train", train_)
        training_runs.trained_by(SMALL, Plan(seed=99))
        assert states == [runner.RUNNING, runner.WAITING]
        wait(lambda: look(tokens[1]).state == runner.RUNNING)
    finally:
        for token in tokens:
            runner.stop(token)
        training_runs._trained.cache_clear()


def test_a_training_whose_page_was_closed_ends(monkeypatch):
    data, open_pages = load("digits"), {"a", "b"}
    monkeypatch.setattr(turns, "_is_here", lambda session: session in open_pages)
    monkeypatch.setattr(turns, "CARE_SECONDS", 0.05)
    monkeypatch.setattr(limits, "TRAIN_AWAY", replace(limits.TRAIN_AWAY, most=0))
    token = runner.start("a", SMALL, data, Plan(batch=20, epochs=200))
    wait(lambda: look(token).moment is not None and look(token).moment.step > 3)
    open_pages.remove("a")
    wait(lambda: look(token).state == runner.ENDED)
    assert look(token).said == "The training was stopped because no open page had shown it for 0 seconds."
    run: Any = runner.result(token)
    assert run.stopped
    for n in range(limits.TRAIN_WATCHERS.most + 9):
        runner.look(token, f"tab {n}")
    assert list(turns.TRAININGS[token].watchers)[-1] == f"tab {n}"
    assert len(turns.TRAININGS[token].watchers) == limits.TRAIN_WATCHERS.most


def test_another_page_that_shows_it_keeps_it_going(monkeypatch):
    open_pages = {"a"}
    monkeypatch.setattr(turns, "_is_here", lambda session: session in open_pages)
    monkeypatch.setattr(turns, "CARE_SECONDS", 0.02)
    monkeypatch.setattr(limits, "TRAIN_AWAY", replace(limits.TRAIN_AWAY, most=0))
    token = runner.start("a", SMALL, load("digits"), Plan(batch=20, epochs=200))
    open_pages.add("b")
    runner.look(token, "b")
    open_pages.remove("a")
    wait(lambda: look(token).moment is not None and look(token).moment.step > 3)
    time.sleep(0.1)
    assert look(token).state == runner.RUNNING
    open_pages.remove("b")
    wait(lambda: look(token).state == runner.ENDED)


def test_a_training_has_an_end_and_a_few_outcomes_are_kept(monkeypatch):
    monkeypatch.setattr(limits, "TRAIN_SECONDS", replace(limits.TRAIN_SECONDS, most=0))
    token = runner.start("a", SMALL, load("digits"), Plan(batch=20, epochs=200))
    wait(lambda: look(token).state == runner.ENDED)
    assert "which is the limit here" in look(token).said
    run: Any = runner.result(token)
    assert run.stopped
    monkeypatch.setattr(limits, "TRAIN_KEPT", replace(limits.TRAIN_KEPT, most=3))
    for n in range(5):
        last = runner.start(f"c{n}", SMALL, load("digits"), Plan(batch=700, epochs=1))
        wait(lambda last=last: look(last).state == runner.ENDED)
    assert len(turns.TRAININGS) == 3


@pytest.mark.parametrize(("seconds", "ends"), [((0, 3, 3), True), ((3, 0), False)])
def test_a_training_ends_after_two_slow_batches_in_a_row(monkeypatch, seconds, ends):
    """The clock of its thread says that batches take these seconds, again and again."""
    passed = accumulate(cycle(chain(*((0, took) for took in seconds))))  # asked before each and after it
    monkeypatch.setattr(running, "thread_time", lambda: next(passed))
    token = runner.start("a", SMALL, load("digits"), Plan(batch=200, epochs=2))
    wait(lambda: look(token).state == runner.ENDED)
    assert look(token).said == (limits.TRAIN_STEP_SECONDS.sentence() if ends else "")


def test_a_pause_has_an_end_and_few_are_in_memory(monkeypatch):
    monkeypatch.setattr(turns, "CARE_SECONDS", 0.05)
    monkeypatch.setattr(limits, "TRAIN_BEGUN", replace(limits.TRAIN_BEGUN, most=1))
    tokens = [runner.start("a", SMALL, load("digits"), Plan(batch=20, epochs=200))]
    wait(lambda: look(tokens[0]).state == runner.RUNNING)
    tokens.append(runner.start("b", SMALL, load("digits"), Plan(batch=20, epochs=200)))
    runner.pause(tokens[0], True)
    wait(lambda: look(tokens[0]).state == runner.PAUSED)
    time.sleep(0.2)
    assert look(tokens[1]).state == runner.WAITING
    monkeypatch.setattr(limits, "TRAIN_PAUSED", replace(limits.TRAIN_PAUSED, most=0))
    wait(lambda: look(tokens[0]).state == runner.ENDED)
    assert "seconds of pause" in look(tokens[0]).said
    wait(lambda: look(tokens[1]).state == runner.RUNNING)
    runner.stop(tokens[1])
    wait(lambda: look(tokens[1]).state == runner.ENDED)


def test_large_outcomes_are_not_kept_for_long(monkeypatch):
    monkeypatch.setattr(limits, "TRAIN_KEPT_BYTES", replace(limits.TRAIN_KEPT_BYTES, most=1))
    plan = Plan(batch=700, epochs=1)
    first = runner.start("large", SMALL, load("digits"), plan)
    wait(lambda: look(first).state == runner.ENDED)
    second = runner.start("next", SMALL, load("digits"), plan)
    assert look(first).state == runner.ENDED, "the newest is kept, however large"
    wait(lambda: look(second).state == runner.ENDED)
    assert look(first) is None


def test_what_ended_is_let_go_and_nobody_keeps_house_then(monkeypatch):
    monkeypatch.setattr(turns, "HOUSE_SECONDS", 0.02)
    token = runner.start("a", SMALL, load("digits"), Plan(batch=700, epochs=1))
    wait(lambda: look(token).state == runner.ENDED)
    monkeypatch.setattr(limits, "TRAIN_KEPT_SECONDS", replace(limits.TRAIN_KEPT_SECONDS, most=0))
    with turns.TURNS:
        turns.TURNS.notify_all()
    wait(lambda: not [thread for thread in enumerate_threads() if thread.name.startswith("layerscope-training")])
    assert look(token) is None
    assert runner.gone(token).startswith(
        "The training in this link is no longer on the server, which keeps a finished training for 0 seconds"
    )
    assert runner.gone("a" * 26) == runner.ENDED_WITH_ITS_SERVER
    assert runner.gone("x y") == runner.NO_ID


def test_a_mistake_of_ours_is_said_and_logged(monkeypatch, caplog):
    monkeypatch.setattr(running, "Trainer", None)
    token = runner.start("a", SMALL, load("digits"), Plan())
    wait(lambda: look(token).state == runner.ENDED)
    assert "a bug in the app" in look(token).said
    assert "A training run failed" in caplog.text


def test_the_lessons_own_trainings(thorough):
    assert not training_runs.needs(PRESETS[DEFAULT])
    assert not training_runs.needs(PRESETS["lenet5"])
    for name in ("vgg11", "resnet18"):
        assert cost(trace(PRESETS[name]))[1] > limits.LESSON_TRAINED.most
        assert training_runs.needs(PRESETS[name]) == "it is too large to be trained here while you read"
    widened = decode("1x100x100-10~Conv2d.16.1~AdaptiveMaxPool2d.1~Flatten~Linear.10")
    assert cost(trace(widened))[1] < limits.LESSON_TRAINED.most
    assert training_runs.needs(widened) == "it is too large to be trained here while you read"  # with a kernel of 5
    assert "scores, but these images have 10 classes" in training_runs.needs(PRESETS[DEFAULT].with_classes(7))
    assert "no Conv2d layer whose kernel_size can be 3, 5, 9" in training_runs.needs(SMALL)
    seen = {
        seed: [training_runs.trained(PRESETS[DEFAULT], size, seed) for size in (3, 5, 9)]
        for seed in ((0, 1) if thorough else (0,))
    }
    again = train(
        PRESETS[DEFAULT].with_argument("conv1", "kernel_size", 9), load("digits"), lr=2e-3, batch=50, epochs=3
    )
    assert seen[0][2].accuracy == again.accuracy
    assert all(0.6 < run.accuracy < 0.99 for runs in seen.values() for run in runs)


def test_the_trainings_of_lesson_13(monkeypatch, thorough):
    network, data = PRESETS[DEFAULT], load("digits")
    few, every = seeds_runs.few(network), seeds_runs.every(network)
    assert few.places.equal(every.places)
    assert few.places.equal(split(data).held)
    assert few.rows[-1].step == seeds_runs.LONG.epochs * (seeds_runs.FEW // seeds_runs.LONG.batch)
    assert seeds_runs.last_epoch(few) > 0.95 > few.accuracy + 0.1
    assert every.accuracy > few.accuracy + 0.1
    xs, ys = seeds_runs.learned(few)
    assert len(xs) == len(ys) >= seeds_runs.MOST_POINTS
    assert xs[-1] == few.rows[-1].step
    assert 0 <= min(ys) < 0.5 < 0.95 < max(ys) <= 1
    if not thorough:
        monkeypatch.setattr(seeds_runs, "SEEDS", (0, 1, 2))
    reached = {size: seeds_runs.reached(network, size) for size in (seeds_runs.SIZES if thorough else (5,))}
    assert all(len(values) == len(seeds_runs.SEEDS) and len(set(values)) > 1 for values in reached.values())
    assert reached[5][1] == train(network, data, lr=2e-3, batch=50, epochs=3, seed=1).accuracy
    if thorough:  # the other sizes train too
        assert seeds_runs.better(network) is None
    monkeypatch.setattr(seeds_runs, "reached", lambda _, size: [size / 10, size / 10 + 0.1])
    assert seeds_runs.better(network) == 5


def test_a_training_on_fewer_images_learns_from_no_others():
    data = load("digits")
    fewer = split(data).with_fewer(20)
    blank = data.images.clone()
    others = [at for at in range(len(data)) if at not in {*fewer.training.tolist(), *fewer.held.tolist()}]
    blank[others] = 0
    runs = [train(SMALL, one, batch=10, epochs=2, images=fewer) for one in (data, replace(data, images=blank))]
    assert runs[0].accuracy == runs[1].accuracy
    assert [row.loss for row in runs[0].rows] == [row.loss for row in runs[1].rows]


def test_points_stand_beside_each_other_with_a_line_at_their_average():
    drawn = points({"3": [0.5, 0.7], "5": [0.8, 1.0]}, ["seed 0", "seed 1"])
    assert [trace["y"] for trace in drawn["data"]] == [[0.5, 0.7], [0.8, 1.0]]
    assert [shape["y0"] for shape in drawn["layout"]["shapes"]] == pytest.approx([0.6, 0.9])
    low, high = drawn["layout"]["yaxis"]["range"]
    assert low < 0.5 < 1.0 < high
    assert all(len(set(trace["x"])) == 2 for trace in drawn["data"])


def test_below_each_other_the_curves_leave_room_for_what_is_written_between_them():
    drawn = curves((), 10, 100, narrow=True)["layout"]
    (low, _), (_, high) = drawn["yaxis"]["domain"], drawn["yaxis2"]["domain"]
    heads_and_edges = 150
    assert (low - high) * (train_live.NARROW_HEIGHT - heads_and_edges) > 16 + 20 + 18, "numbers, step, a title"


@pytest.mark.parametrize("narrow", [False, True])
def test_a_loss_beyond_the_axis_is_marked_with_its_value(narrow):
    losses = (2.3, 900.0, 5000.0, 32100.0, float("nan"))
    rows = [Row(n + 1, 1, 0.0, loss, 0.1, 2.3 if n == 4 else None, 0.1 if n == 4 else None)
            for n, loss in enumerate(losses)]  # fmt: skip
    drawn = curves(rows, 10, 5, narrow)
    json.dumps(drawn, allow_nan=False)
    top = drawn["layout"]["yaxis"]["range"][1]
    marks = [trace for trace in drawn["data"] if trace["marker"].get("symbol") == "triangle-up"]
    assert [(mark["x"], set(mark["y"])) for mark in marks] == [([2, 3, 4, 5], {top})]
    assert marks[0]["hovertext"][-2:] == ["step 4<br>training loss 3.21e+04", "step 5<br>training loss not a number"]
    titles = [note["text"] for note in drawn["layout"]["annotations"]]
    assert "<b>Loss</b> (▲ beyond the axis: up to 3.21e+04, not a number)" in titles
    usual = curves(rows[:1], 10, 5, narrow)
    assert len(usual["data"]) == 4
    assert "<b>Loss</b>" in [note["text"] for note in usual["layout"]["annotations"]]


def test_a_long_curve_is_thinned():
    rows = [Row(n, 1, 0.0, float(n), 0.5, None, None) for n in range(3 * limits.TRAIN_POINTS.most)]
    drawn = curves(rows, 10, len(rows), False)["data"][0]
    assert len(drawn["x"]) <= limits.TRAIN_POINTS.most
    assert drawn["y"][0] == 1.5


@pytest.mark.parametrize("steps", [0, 1, 2, 399, 400, 401, 1_000, 6_600])
def test_a_curve_ends_at_the_last_step(steps):
    rows = [Row(n + 1, 1, 0.0, float(n), 0.5, None, None) for n in range(steps)]
    drawn = curves(rows, 10, steps, False)["data"][0]
    assert len(drawn["x"]) <= limits.TRAIN_POINTS.most
    assert len(drawn["x"]) >= min(steps, limits.TRAIN_POINTS.most // 2)
    assert drawn["x"] == sorted(drawn["x"])
    assert ([*drawn["x"][-1:]], [*drawn["y"][-1:]]) == (([steps], [steps - 1.0]) if steps else ([], []))


@pytest.mark.parametrize(
    ("last", "apart"), [(1, 1), (2, 1), (9, 1), (10, 1), (11, 2), (15, 2), (25, 5), (200, 20), (5_400, 1_000)]
)
def test_there_is_no_half_of_an_epoch_below_compared_curves(last, apart):
    axis = beside({"one": (range(1, last + 1), [0.5] * last)}, "epoch")["layout"]["xaxis"]
    assert (axis["tick0"], axis["dtick"]) == (0, apart)
