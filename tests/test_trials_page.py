"""The Trials page, run by Streamlit without a browser. Workers stand in, and train at once."""

import itertools
import json
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from layerscope import limits
from layerscope.assignment import assigned, encode_assignment
from layerscope.jobs import beating, kept, kinds, studies
from layerscope.jobs.kept import Kept
from layerscope.jobs.kept_states import HELD, ROOM
from layerscope.jobs.order import Order, Repeated
from layerscope.jobs.studies import GONE, Studies
from layerscope.jobs.study import seen_trials
from layerscope.jobs.ticket import JobError
from layerscope.link import encode
from layerscope.presets import DEFAULT, PRESETS
from layerscope.source.reader import read as read_code
from layerscope.study.data import load
from layerscope.study.grid import SweepError
from layerscope.study.plan import Plan
from layerscope.study.sets import CACHE, KNOWN, MNIST
from layerscope.study.space import Between
from layerscope.study.training import train
from layerscope.study.trial import EXPLODED, FINISHED, STOPPED, Outcome, Trial
from layerscope.tracing import trace
from layerscope.ui.lab import runner, trials_going_on, trials_results, trials_said, trials_sets
from layerscope.ui.lab import trials as page
from layerscope.ui.lab.brushing import HOW
from layerscope.ui.lab.queued import nth
from layerscope.ui.lab.trials_said import column_text
from layerscope.ui.lab.trials_view import View, beginning, keys, read, usual
from layerscope.ui.lab.typed import values
from tests.drawn import handed, stages
from tests.jobs.test_studies import Hands
from tests.jobs.workers import until
from tests.test_pages import at_page, moved, page_words, rerun
from tests.test_sweep_page import figures, table, words

SEED = PRESETS[DEFAULT]
NET = read_code("from torch import nn\nnet = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))\n", (1, 8, 8))
ASK: dict[str, Any] = {"net": encode(NET), "try": "lr=0.1, 0.01;batch=50, 9000", "epochs": "1"}


@pytest.fixture(autouse=True)
def hands(tmp_path, monkeypatch):
    made = Hands()
    known = Studies(Kept(tmp_path), made)
    monkeypatch.setattr(page, "STUDIES", known)
    monkeypatch.setattr(studies, "STUDIES", known)
    return made


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click()
    return app.run()


def started(app: AppTest) -> AppTest:
    """The page once its trials are done."""
    press(app, "trials.go")
    name = words(app)["run"]
    until(lambda: studies.STUDIES.look(name).state != "running", 60)
    return rerun(app)


def test_it_begins_with_a_kernel_and_the_learning_rate():
    app = at_page("trials")
    assert app.multiselect(key="trials.try").value == ["conv1.kernel_size", "lr"]
    assert app.text_input(key="trials.values.conv1.kernel_size").value == "3, 5, 7"
    said = page_words(app)
    assert "6 trials, each trained for 3 epochs on" in said
    assert "8×8 digit, enlarged to 28×28" in said
    assert app.button(key="trials.go").label == "Run 6 trials"
    app.text_input(key="trials.values.lr").set_value("0.1, 0.02, 0.01")
    assert press(app, "trials.use").button(key="trials.go").label == "Run 9 trials"
    assert "lr=0.1, 0.02, 0.01" in words(app)["try"]


def test_trials_run_and_their_link_brings_them_back():
    app = started(at_page("trials", **ASK))
    said = page_words(app)
    assert "All trials are done." in said
    assert "Saved on this server for 30 days: this page&#x27;s link brings the results back." in said
    assert "Best: trial 0 with" in said
    assert "2 settings could not be trained; the table says why." in said
    rows = table(app)["rows"]
    assert [row["cells"][1:3] for row in rows[:2]] == [["0.1", "50"], ["0.01", "50"]]
    assert rows[2]["cells"][-1].startswith("failed: batch is 9000") or "9,000" in rows[2]["cells"][-1]
    again = at_page("trials", None, **words(app))
    assert table(again) == table(app)


def test_trials_of_another_network_name_it_and_lead_back_to_it():
    app = started(at_page("trials", **ASK))
    assert "of another network" not in page_words(app)
    app.session_state["layerscope.session"].begin_with(PRESETS["lenet5"])
    app = rerun(app)
    assert "These trials are of another network than the open one: Custom network: 2 layers" in page_words(app)
    app = press(app, "trials.back")
    assert app.session_state["layerscope.session"].network == NET
    assert "of another network" not in page_words(app)


def test_while_they_run_the_queue_is_told_and_stop_ends_them(hands):
    hands.gate.clear()
    app = at_page("trials", **ASK)
    press(app, "trials.go")
    name = words(app)["run"]
    until(lambda: len(studies.STUDIES.look(name).running) == 2)
    app = rerun(app)
    assert "2 of 4 trials done; trials 0 and 2 are running." in page_words(app)
    press(app, "trials.stop")
    until(lambda: studies.STUDIES.look(name).state == "stopped")
    app = rerun(app)
    assert "Stopped after 2 of 4 trials: 2 stopped partway." in page_words(app)
    hands.gate.set()
    press(app, "trials.resume")
    until(lambda: studies.STUDIES.look(name).state == "done", 60)
    app = rerun(app)
    assert "All trials are done." in page_words(app)


def test_trials_of_another_process_are_shown_and_stopped_from_here(hands, tmp_path, monkeypatch):
    monkeypatch.setattr(beating, "LOOK_SECONDS", 0.05)
    hands.gate.clear()
    there = Studies(Kept(tmp_path), Hands())
    app = at_page("trials", **ASK)
    press(app, "trials.go")
    name = words(app)["run"]
    until(lambda: len(studies.STUDIES.look(name).running) == 2)
    monkeypatch.setattr(page, "STUDIES", there)
    app = press(rerun(app), "trials.stop")
    until(lambda: there.look(name).state == "stopped", 10)
    app = rerun(app)
    assert "Stopped after 2 of 4 trials: 2 stopped partway." in page_words(app)
    assert "trials.resume" in {button.key for button in app.button}


def test_a_set_that_is_not_here_is_fetched_before_trials(monkeypatch, tmp_path):
    monkeypatch.setenv(CACHE, str(tmp_path / "kept"))
    monkeypatch.delenv(KNOWN[MNIST].folder, raising=False)
    app = at_page("trials", **ASK)
    assert "MNIST (to fetch, 10 MB)" in app.selectbox(key="trials.images").options
    app.selectbox(key="trials.images").set_value("mnist")
    app = rerun(app)
    assert app.button(key="fetch.begin").label == "Fetch MNIST (10 MB)"
    assert "trials.go" not in {button.key for button in app.button}
    assert words(app)["images"] == "mnist"


def test_trials_of_another_process_are_shown_until_its_beat_stays_away(hands, tmp_path, monkeypatch):
    hands.gate.clear()
    there = Studies(Kept(tmp_path), hands)
    app = at_page("trials", **ASK)
    press(app, "trials.go")
    name = words(app)["run"]
    until(lambda: len(studies.STUDIES.look(name).running) == 2)
    monkeypatch.setattr(page, "STUDIES", there)
    app = rerun(app)
    assert "2 of 4 trials done; another process of this server runs them." in page_words(app)
    assert len(table(app)["rows"]) == 2
    assert {"trials.stop", "trials.resume"} & {button.key for button in app.button} == {"trials.stop"}
    monkeypatch.setattr(kept, "AWAY_SECONDS", -1.0)
    app = rerun(app)
    assert "The server stopped after 2 of 4 trials." in page_words(app)
    monkeypatch.setattr(kept, "AWAY_SECONDS", 30.0)
    hands.gate.set()
    until(lambda: there.look(name).state == "done", 60)
    assert "All trials are done." in page_words(rerun(app))


def test_the_second_set_of_a_page_waits_for_the_first(hands):
    hands.gate.clear()
    app = at_page("trials", **ASK)
    press(app, "trials.go")
    press(app, "trials.go")
    assert app.error[0].value == "Your trials are still running. Stop them, or wait until they are done."
    hands.gate.set()
    until(lambda: studies.STUDIES.look(words(app)["run"]).state == "done", 60)


def test_pictures_of_all_trials():
    app = started(at_page("trials", **ASK | {"net": encode(SEED), "try": "fc1.out_features=20, 30;lr=0.01"}))
    made = figures(app)
    assert list(made) == ["trials-lines", "trials-parameters", "trials-macs", "trials-memory"]
    points = made["trials-parameters"]["data"][0]
    assert points["customdata"] == [["0"], ["1"]]
    assert "fc1.out_features 20" in points["hovertext"][0]
    assert points["x"][0] < points["x"][1]
    assert "Importance needs at least 10 trials" in page_words(app)
    logged = figures(at_page("trials", None, **words(app) | {"log": "on"}))
    assert logged["trials-parameters"]["layout"]["xaxis"]["type"] == "log"


def test_a_picture_is_drawn_only_of_what_differs_among_trials_with_an_accuracy():
    frame = pd.DataFrame(
        {"accuracy": [0.5, 0.6, None], "parameters": [1, 1, 2], "macs": [1, 2, 3], "memory": [1, 1, 1]}
    )
    assert trials_results.told_apart(frame) == ["macs"]


def test_brushes_and_the_first_ones():
    app = started(at_page("trials", **ASK | {"try": "lr=0.1, 0.01, 0.001"}))
    assert [row["key"] for row in table(app)["rows"]] == ["0", "1", "2"]
    app.select_slider(key="trials.brush-words.lr").set_range("0.001", "0.01").run()
    assert words(app)["brush"] == "lr~0.001~0.01"
    assert [row["key"] for row in table(app)["rows"]] == ["1", "2"]
    assert table(app)["caption"] == "2 of 3 trials"
    press(app, "trials.unbrush")
    app.selectbox(key="trials.best").set_value("lr").run()
    assert [row["key"] for row in table(app)["rows"]] == ["2", "1", "0"]


UNTRAINED = ASK | {"net": encode(SEED), "try": "fc1.out_features=20, 30;batch=50, 9000"}


def test_trials_without_accuracy_are_shown_and_counted():
    app = started(at_page("trials", **UNTRAINED))
    shown = figures(app)
    lines = shown["trials-lines"]
    assert lines["note"] == f"2 of 4 trials have no accuracy. {HOW}"
    failing = next(line for line in lines["data"] if line["line"].get("dash"))
    assert "batch: 9,000<br>" in failing["hovertext"][0]
    assert "batch is 9000; a whole number from 1 to 4,096 would work." in failing["hovertext"][0]
    assert {custom[0] for custom in failing["customdata"]} == {None}  # there is no such training to open
    assert "no accuracy" in [text["text"] for text in lines["layout"]["annotations"]]
    assert "2 trials without accuracy not shown" in shown["trials-parameters"]["note"]
    slider = next(one for one in app.select_slider if str(one.key).endswith(".batch"))
    slider.set_range("9,000", "9,000") if "9,000" in slider.options else slider.set_range("9000", "9000")
    app.run()
    assert [row["key"] for row in table(app)["rows"]] == ["1", "3"]
    assert "this brush leaves" not in page_words(app)
    press(app, "trials.nobrush")
    slider = next(one for one in app.select_slider if str(one.key).endswith(".parameters"))
    slider.set_range(slider.options[0], slider.options[0]).run()
    known = [row["key"] for row in table(app)["rows"]]
    assert known[0] == "0"
    assert "3" not in known


def test_a_brush_on_accuracy_says_how_many_have_none():
    app = started(at_page("trials", **UNTRAINED))
    frame = studies.STUDIES.look(words(app)["run"]).trials.frame()
    low, high = sorted(frame["accuracy"].dropna())
    if low == high:
        pytest.skip("both were right equally often")
    slider = next(one for one in app.select_slider if str(one.key).endswith(".accuracy"))
    slider.set_range(slider.options[0], slider.options[0]).run()
    assert len(table(app)["rows"]) == 1
    assert "2 trials have no accuracy, so this brush leaves them out." in page_words(app)


def test_what_a_teacher_locks_is_not_offered():
    locked = assigned(SEED, rest="locked", free=("conv1.kernel_size",))
    ask = ASK | {"try": "fc1.out_features=20, 120;lr=0.01", "class": encode_assignment(locked)}
    app = started(at_page("trials", **{name: word for name, word in ask.items() if name != "net"}))
    assert "Locked by your teacher: only 1 of 2 trials opens in Explore." in page_words(app)
    assert {row["key"]: row["opens"] for row in table(app)["rows"]} == {"0": None, "1": "1"}
    point = figures(app)["trials-parameters"]["data"][0]
    assert point["customdata"] == [[None], ["1"]]
    assert ["click" in hover for hover in point["hovertext"]] == [False, True]
    for number, count in ((0, 0), (1, 1)):
        app.selectbox(key="trials.again").set_value(number).run()
        assert len([link for link in app.get("page_link") if "Start over in Train" in str(link.proto)]) == count
    app.multiselect(key="trials.pair").set_value([1, 0]).run()
    assert not [button for button in app.button if button.key == "trials.compare"]


def test_switches_and_words_can_be_tried():
    assert beginning(SEED, "conv1.bias") == "False, True"
    assert beginning(SEED, "conv1.padding_mode") == "zeros, reflect, replicate, circular"
    for name in ("alexnet", "lstm-classifier", "unet", "vit_b_16"):
        network = PRESETS[name]
        for key in keys(network):
            assert values(key, beginning(network, key)), (name, key)


def test_importance_of_enough_trials():
    app = started(at_page("trials", **ASK | {"try": "lr=0.1, 0.01, 0.001, 0.0001;seed=0, 1, 2"}))
    assert figures(app)["trials-shares"]["note"].startswith("lr explains ")
    assert figures(app)["trials-shares"]["data"][0]["y"] == ["seed", "lr"]


def test_what_matters_is_not_worked_out_while_trials_run(hands, monkeypatch):
    hands.gate.clear()
    monkeypatch.setattr(trials_results, "importance", lambda trials: 1 / 0)
    app = at_page("trials", **ASK | {"try": "lr=0.1, 0.01;batch=50, 60, 70, 80, 90"})
    press(app, "trials.go")
    name = words(app)["run"]
    until(lambda: len(studies.STUDIES.look(name).running) >= 2)
    first = next(iter(studies.STUDIES.look(name).running))
    studies.STUDIES._known[name].done[first] = Trial(first, {"lr": 0.1, "batch": 50}, Outcome(FINISHED, 0.5))
    app = rerun(app)
    assert not app.exception
    assert "What matters most is worked out once the trials are over." in page_words(app)
    hands.gate.set()
    until(lambda: studies.STUDIES.look(name).state == "done", 60)


def test_a_trial_that_opens_in_train_is_said_to_start_over():
    app = started(at_page("trials", **ASK))
    link = next(element for element in app.get("page_link") if element.proto.label == "Start over in Train")
    assert link.proto.help.startswith("The same settings from the start")


def test_a_trial_goes_on_in_train_and_gives_the_curve_of_one_that_never_ended(hands, tmp_path, monkeypatch):
    app = started(at_page("trials", **ASK | {"try": "lr=0.1, 0.01", "epochs": "2"}))
    assert "Every trial can be continued in Train." in page_words(app)
    monkeypatch.setattr(page, "STUDIES", Studies(Kept(tmp_path), hands))  # after a restart of the server
    app.selectbox(key="trials.again").set_value(1).run()
    press(app, "trials.continue")
    token = words(app)["training"]
    until(lambda: (now := runner.look(token)) is not None and now.state == runner.ENDED)
    first = runner.look(token)
    assert first is not None
    assert (first.moment and first.moment.epoch, first.plan.epochs, first.may_go_further) == (2, 2, True)
    runner.further(token, "s", 3)
    until(lambda: (now := runner.look(token)) is not None and now.state == runner.ENDED)
    longer, whole = runner.look(token), train(NET, load("digits"), lr=0.01, epochs=3, device="cpu")
    assert longer is not None
    assert [row._replace(seconds=0) for row in longer.rows] == [row._replace(seconds=0) for row in whole.rows]
    assert "trials.continue" not in {button.key for button in at_page("trials", **ASK).button}


def test_a_trial_that_was_stopped_goes_on_in_train_from_where_it_was(hands, monkeypatch):
    """Stopped in the middle of an epoch, it ends with the curve of one that nobody stopped."""
    hands.gate.clear()
    steps = itertools.count()
    monkeypatch.setattr(
        hands, "result", lambda ticket: kinds.KINDS["trial"].run(
            kinds.read("trial", hands.jobs[ticket.id]), lambda **told: next(steps) % 30 < 20
        ),
    )  # fmt: skip
    app = press(at_page("trials", **ASK | {"try": "lr=0.01", "epochs": "2"}), "trials.go")
    name = words(app)["run"]
    until(lambda: studies.STUDIES.look(name).running)
    press(rerun(app), "trials.stop")
    until(lambda: studies.STUDIES.look(name).state == "stopped")
    app = rerun(app)
    assert "This trial can be continued in Train." in page_words(app)
    app = press(app, "trials.continue")
    token = words(app)["training"]
    until(lambda: (now := runner.look(token)) is not None and now.state == runner.ENDED)
    found, whole = runner.look(token), train(NET, load("digits"), lr=0.01, epochs=2, device="cpu")
    assert found is not None
    assert [row._replace(seconds=0) for row in found.rows] == [row._replace(seconds=0) for row in whole.rows]


def test_a_trial_that_was_stopped_too_late_to_be_kept_says_so(hands):
    hands.gate.clear()
    app = press(at_page("trials", **ASK | {"try": "lr=0.01"}), "trials.go")
    name = words(app)["run"]
    until(lambda: studies.STUDIES.look(name).running)
    press(rerun(app), "trials.stop")
    until(lambda: studies.STUDIES.look(name).state == "stopped")
    assert "Trial 0 cannot be continued: no weights were kept before the stop." in page_words(rerun(app))


def partway(hands, monkeypatch, steps):
    """Workers that stop in the middle, after so many of the 14 batches of an epoch."""
    monkeypatch.setattr(
        hands, "result", lambda ticket: kinds.KINDS["trial"].run(
            kinds.read("trial", hands.jobs[ticket.id]), lambda **now: now["step"] < steps
        ),
    )  # fmt: skip


def test_rows_stay_while_their_trials_run_again(hands, monkeypatch):
    """With their last figures, in the table and in the pictures, and marked; what was never begun is called so."""
    partway(hands, monkeypatch, 10)
    hands.gate.clear()
    app = press(at_page("trials", **ASK | {"try": f"lr={', '.join(f'0.0{n}' for n in range(1, 9))}"}), "trials.go")
    name = words(app)["run"]
    until(lambda: len(studies.STUDIES.look(name).running) == 6)
    press(rerun(app), "trials.stop")
    until(lambda: studies.STUDIES.look(name).state == "stopped")
    app = rerun(app)
    stopped = table(app)
    assert "Stopped after 0 of 8 trials: 6 stopped partway, 2 not started." in page_words(app)
    assert [row["cells"][-1] for row in stopped["rows"]] == ["stopped"] * 6 + ["not started"] * 2
    epochs = [column["label"] for column in stopped["columns"]].index("epochs run")
    assert [row["cells"][epochs] for row in stopped["rows"]] == ["0.7 of 1"] * 6 + ["0 of 1"] * 2
    assert "Trials 6 and 7 cannot: training had not started." in page_words(app)
    rows = trials_said.held(studies.STUDIES.look(name).trials, View({}))
    assert trials_results._file(studies.STUDIES.look(name).trials, rows, "csv").count("not started") == 2
    app = press(app, "trials.resume")
    until(lambda: len(studies.STUDIES.look(name).running) == 6)
    app = rerun(app)
    again = table(app)
    outcomes = [row["cells"][-1] for row in again["rows"]]
    assert outcomes == ["running again"] * 6 + ["not started"] * 2
    assert [row["cells"][:-1] for row in again["rows"]] == [row["cells"][:-1] for row in stopped["rows"]]
    assert len(trials_said.held(studies.STUDIES.look(name).shown, View({}))) == 8
    assert "0 of 8 trials done; trials 0, 1, 2, 3 and 2 more are running." in page_words(app)
    plane = next(figure for key, figure in figures(app).items() if key.startswith("trials-lines"))
    assert plane["note"]
    studies.STUDIES.stop(name)
    until(lambda: studies.STUDIES.look(name).state == "stopped")


def test_what_both_pages_ask_is_asked_in_the_same_words():
    app, sweep = started(at_page("trials", **ASK)), at_page("sweep")
    assert app.selectbox(key="trials.best").label == sweep.selectbox(key="sweep.best").label == "Sort by"
    assert app.selectbox(key="trials.best").value == "-accuracy"
    assert [trials_said.titled_order(each) for each in ("-accuracy", "parameters", "-macs")] == [
        "Highest accuracy", "Fewest parameters", "Most MACs"
    ]  # fmt: skip


def test_why_a_trial_cannot_be_continued_is_said(hands, tmp_path, monkeypatch):
    large = limits.Limit("", "", 1_000, limits.TRIAL_STATE.says)
    monkeypatch.setattr(limits, "TRIAL_STATE", large)
    app = started(at_page("trials", **ASK))
    said = page_words(app)
    assert "Trials 0 and 2 cannot be continued: the weights and the optimizer state take more than 1,000 bytes" in said
    assert "Trials 1 and 3 cannot be continued: the setting could not be trained." in said
    assert app.button(key="trials.continue").disabled


def test_a_state_that_is_gone_meanwhile_is_a_sentence(monkeypatch):
    app = started(at_page("trials", **ASK))
    monkeypatch.setattr(Studies, "state_of", lambda *_: None)
    press(app, "trials.continue")
    assert trials_going_on.GONE in [error.value for error in app.error]


def test_a_trial_is_run_again_with_several_seeds():
    app = started(at_page("trials", **ASK | {"try": "lr=0.1, 0.01"}))
    app.selectbox(key="trials.again").set_value(1).run()
    before = words(app)["run"]
    press(app, "trials.seeds")
    name = words(app)["run"]
    assert name != before
    until(lambda: studies.STUDIES.look(name).state == "done", 60)
    seen = studies.STUDIES.look(name)
    assert list(seen.trials.frame()["seed"]) == [0, 1, 2, 3, 4]
    assert seen.order.plan.lr == 0.01
    said = page_words(rerun(app))
    known = seen.trials.frame()["accuracy"]
    ends = f"from {100 * known.min():.1f}% to {100 * known.max():.1f}%"
    assert f"Trial 1 (lr 0.01), 5 seeds: accuracy {100 * known.mean():.1f}% on average, {ends}." in said
    assert "Best" not in said, "the best seed is luck"
    assert "Importance" not in said
    rerun(app).selectbox(key="trials.again").set_value(3).run()
    press(app, "trials.seeds")  # of one that is a repeat itself
    again = studies.STUDIES.look(words(app)["run"]).order
    assert again.repeats == seen.order.repeats == Repeated(1, {"lr": 0.01})
    assert Order.from_json(again.to_json()) == again


@pytest.mark.parametrize("wrong", [[], {}, {"number": -1, "setting": {}}, {"number": 1, "setting": {"lr": [[0]]}},
                                   {"number": 1, "setting": {"lr": 0.1}, "more": 1}, {"number": 1.5, "setting": {}},
                                   {"number": 1, "setting": {"x" * 9999: 1}}])  # fmt: skip
def test_what_an_order_says_that_it_repeats_is_checked(wrong):
    fields = json.loads(View({"lr": "0.1, 0.01"}).order(NET).to_json())
    assert Order.from_json(json.dumps(fields)).repeats is None
    with pytest.raises(JobError):
        Order.from_json(json.dumps(fields | {"repeats": wrong}))


def test_what_cannot_be_trained_is_said_before_the_run_and_runs_all_the_same():
    asked: dict[str, Any] = {"net": encode(SEED), "epochs": "1", "try": "conv1.kernel_size=3, 30;batch=50, 9000"}
    told = at_page("trials", **asked).warning[0].value.replace("\\", "")
    assert told.startswith("3 of the 4 trials cannot be trained: batch is 9000; a whole number")
    assert "; 1 other reason. You can run them all the same" in told
    app = at_page("trials", **asked | {"try": "conv1.kernel_size=30, 31;lr=0.1 to 1", "how": "tpe"})
    told = app.warning[0].value.replace("\\", "")
    assert told.startswith("None of the 2 combinations of these values can be trained: conv1 does not run: kernel_size")
    assert app.button(key="trials.go").label == "Run 20 trials"
    assert not at_page("trials", SEED).warning


def test_seeds_that_were_typed_are_told_as_seeds():
    trials = seen_trials(View({"seed": "0, 1, 2"}).order(NET), [done(0, 0.5), done(1, 0.9)])
    assert trials_said.best(trials) == "2 of 3 seeds: accuracy 70.0% on average, from 50.0% to 90.0%."


def done(number: int, accuracy: float, state: str = FINISHED, reason: str = "", **setting: Any) -> Trial:
    return Trial(number, setting or {"seed": number}, Outcome(state, accuracy, 3.5e4, reason=reason))


def test_a_trial_that_exploded_is_not_the_best_and_says_what_its_numbers_are():
    order = View({"lr": "10, 0.01"}).order(NET)
    trials = seen_trials(order, [done(0, 0.9, EXPLODED, "The training loss rose.", lr=10.0), done(1, 0.5, lr=0.01)])
    assert trials_said.best(trials).startswith("Best: trial 1 with 50.0%")
    assert trials_said.failing(trials) == "The loss of 1 trial exploded; the table says why."
    rows = trials_said.table(trials, trials.frame(), "").rows
    assert rows[0][-1] == f"exploded: The training loss rose. {trials_said.AS_IT_STOPPED}"
    assert rows[0][3] == "3.5e+04"


def test_new_trials_lead_back_to_those_that_were_shown_before(tmp_path):
    app = started(at_page("trials", **ASK | {"try": "lr=0.1, 0.01"}))
    assert "trials.set" not in {box.key for box in app.selectbox}
    first, table_before = words(app)["run"], table(app)
    press(app, "trials.seeds")
    second = words(app)["run"]
    until(lambda: studies.STUDIES.look(second).state == "done", 60)
    app = rerun(app)
    box = app.selectbox(key="trials.set")
    assert box.options == ["1: 2 trials of lr", "2: trial 0 (lr 0.1), 5 seeds"]
    assert box.value == second
    assert trials_sets.KEPT in page_words(app)
    app = at_page("trials", None, **words(app))  # a reload
    app.selectbox(key="trials.set").set_value(first)
    app = rerun(app)
    assert words(app)["run"] == first
    assert words(app)["sets"] == f"{first}~{second}"
    assert table(app) == table_before
    assert trials_sets.KEPT not in page_words(app)
    gone = at_page("trials", None, **words(app) | {"sets": f"{'a' * 22}~{first}"})
    assert gone.selectbox(key="trials.set").options == [f"1: {trials_sets.GONE}", "2: 2 trials of lr"]
    gone.selectbox(key="trials.set").set_value("a" * 22)
    gone = rerun(gone)
    assert GONE in [error.value for error in gone.error]
    assert "trials.set" in {box.key for box in gone.selectbox}


def test_an_address_leads_back_to_a_few_sets():
    view = usual_view()
    for letter in "abcdef":
        view = view.showing(letter * 22)
    assert [name[0] for name in view.sets] == ["c", "d", "e", "f"]
    assert read(NET, view.words()) == view
    assert view.showing("d" * 22).sets == view.sets
    assert read(NET, view.words() | {"sets": "~".join(["x", "a" * 22, "b" * 23])}).sets == ("a" * 22,)
    assert read(NET, {"sets": "~".join(["a" * 22] * 500)}).sets == ("a" * 22,)


def usual_view():
    return read(NET, {})


def test_a_first_visit_puts_nothing_into_the_address():
    assert handed(at_page("trials"), "address_put") == []


def test_the_trial_to_run_again_is_the_best_so_far_until_one_is_chosen():
    app = started(at_page("trials", **ASK | {"try": "lr=0.0001, 0.1, 0.01"}))
    name = words(app)["run"]
    done = studies.STUDIES._known[name].done
    for number, accuracy in ((0, 0.2), (1, 0.4), (2, 0.3)):
        done[number] = Trial(number, done[number].setting, Outcome(FINISHED, accuracy))
    assert rerun(app).selectbox(key="trials.again").value == 1
    done[2] = Trial(2, done[2].setting, Outcome(FINISHED, 0.9))  # a better one ends
    assert rerun(app).selectbox(key="trials.again").value == 2
    app.selectbox(key="trials.again").set_value(0).run()
    done[1] = Trial(1, done[1].setting, Outcome(FINISHED, 0.95))
    assert rerun(app).selectbox(key="trials.again").value == 0


def test_what_was_searched_on_a_log_scale_is_drawn_on_one():
    app = started(at_page("trials", **ASK | {"try": "lr=0.0001 to 0.1 log", "how": "tpe", "count": "4"}))
    texts = [note["text"] for note in figures(app)["trials-lines"]["layout"]["annotations"]]
    assert "<b>lr (log)</b>" in texts
    assert "<b>memory per step</b>" in texts


def test_memory_is_in_its_own_units_on_every_axis_as_in_the_table():
    app = started(at_page("trials", **ASK | {"net": encode(SEED), "try": "fc1.out_features=20, 3000;lr=0.1"}))
    texts = [note["text"] for note in figures(app)["trials-lines"]["layout"]["annotations"]]
    table = {row["cells"][8] for row in tables(app)["trials"]["rows"]}
    assert len(table) == 2
    assert table <= set(texts)
    axis = figures(app)["trials-memory"]["layout"]["xaxis"]
    assert axis["title"]["text"] == "memory per step"
    assert {words.split()[-1] for words in axis["ticktext"]} == {"MiB"}


def test_two_trials_are_compared_and_both_open_in_compare():
    app = started(at_page("trials", **ASK | {"net": encode(SEED), "try": "fc1.out_features=20, 30;lr=0.1, 0.01"}))
    app.multiselect(key="trials.pair").set_value([0, 3]).run()
    assert words(app)["pair"] == "0~3"
    said = page_words(app)
    assert "They differ in fc1.out_features (20 and 30), lr (0.1 and 0.01). Trial " in said
    assert "percentage points more accurate." in said
    rows = {row["key"]: row["cells"][1:] for row in tables(app)["trials-two"]["rows"]}
    assert rows["lr"] == ["0.1", "0.01", "≠"]
    assert rows["optimizer"] == ["Adam", "Adam", ""]
    assert "momentum" not in rows
    assert rows["parameters"][2] == "≠"
    assert rows["seconds"][2] == "", "it is another each time"
    assert app.multiselect(key="trials.pair").proto.select_all == 0
    lines = figures(app)["trials-curves"]["data"]
    assert [(line["name"], len(line["x"])) for line in lines] == [("trial 0", 1), ("trial 3", 1)]
    press(app, "trials.compare")
    assert not app.exception
    assert app.session_state["compare.a.network"] == SEED.with_argument("fc1", "out_features", 20)
    assert app.session_state["layerscope.session"].network == SEED.with_argument("fc1", "out_features", 30)


def test_trials_with_one_network_or_none_are_compared_in_words():
    app = started(at_page("trials", **ASK))
    app.multiselect(key="trials.pair").set_value([0, 1]).run()
    said = page_words(app)
    assert "They differ in batch (50 and 9000)." in said
    assert "batch is 9000; a whole number from 1 to 4,096 would work." in said
    assert [line["name"] for line in figures(app)["trials-curves"]["data"]] == ["trial 0"]
    app.multiselect(key="trials.pair").set_value([0, 2]).run()
    assert "Both trials use the same network; only the training differs." in page_words(app)
    assert not [button for button in app.button if button.key == "trials.compare"]


def tables(app: AppTest) -> dict[str, Any]:
    return {table["key"]: table for data in stages(app) for table in data.get("tables", [])}


def test_a_row_opens_its_network():
    app = started(at_page("trials", **ASK | {"net": encode(SEED), "try": "fc1.out_features=20, 30"}))
    app.session_state["trials.opening"] = 0
    app.run()
    assert app.session_state["layerscope.session"].network == SEED.with_argument("fc1", "out_features", 20)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        ({"try": "conv1.kernel_size=3; import os"}, None),
        ({"try": "conv1.kernel_size=3, x y"}, "is not a value"),
        ({"try": "lr=0.1 to 1"}, "A grid needs the values of lr one by one"),
        ({"try": "lr=0.1, 0.1"}, "has a value twice"),
        ({"try": "batch=1 to 4000"}, "There would be 4,000 trials; the limit is 200"),
        ({"try": "conv1.kernel_size=1 to 7 step 1.5"}, "so 1 to 7 step 1.5 does not fit; 1 to 7 step 2 would work"),
        ({"try": "batch=1 to 4 step 0.5", "how": "tpe"}, "so 1 to 4 step 0.5 does not fit; 1 to 4 step 1 would work"),
        (
            {"try": "nothing.at_all=3", "count": "99999999", "epochs": "-1", "lr": "nan", "top": "x", "brush": "a~b"},
            None,
        ),
        ({"run": "x"}, GONE),
        ({"run": "a" * 22}, GONE),
    ],
)
def test_an_address_is_never_more_than_a_sentence(ask, says):
    app = at_page("trials", **ask)
    assert not app.exception
    assert [error.value for error in app.error if says and says in error.value] or not says


def test_a_network_that_does_not_suit_the_images_is_offered_a_change():
    app = at_page("trials", net=encode(SEED.with_classes(7)))
    assert "outputs 7 scores, but these images have 10 classes" in app.error[0].value
    press(app, "trials.offer.0")
    assert not app.error


def test_what_can_be_tried():
    assert keys(SEED)[0] == "conv1.kernel_size"
    assert not {"input", "input.height", "classes", "out.out_features"} & set(keys(SEED))
    assert usual(SEED) == {"conv1.kernel_size": "3, 5, 7", "lr": "0.01, 0.001"}
    assert beginning(SEED, "fc1.out_features") == "60, 120, 240"
    assert usual(NET) == {"lr": "0.01, 0.001"}


def test_values_as_they_are_typed():
    assert values("a", "3, 5,7") == [3, 5, 7]
    assert values("a", "Adam, SGD") == ["Adam", "SGD"]
    assert values("a", "True, False") == [True, False]
    assert values("a", "1e-3, 0.5") == [0.001, 0.5]
    assert values("a", "1 to 8") == Between(1, 8)
    assert values("a", "0.0001 to 0.1 log") == Between(0.0001, 0.1, log=True)
    assert values("a", "16 to  64 step 16") == Between(16, 64, 16)
    assert values("a", "3," * (limits.TRIAL_TEXT.most // 2)) == [3] * (limits.TRIAL_TEXT.most // 2)
    for text in ("3 5", "x+1", "__import__('os')", "1e999", "a" * 50, "3," * limits.TRIAL_TEXT.most):
        with pytest.raises(SweepError):
            values("a", text)


def test_a_view_is_read_as_it_was_written():
    view = View(
        {"conv1.kernel_size": "3, 5"}, "tpe", 30, "digits", Plan(epochs=5, lr=0.01, batch=20, seed=3, optimizer="SGD"),
        False, "a" * 22, "loss", "10", True, {"lr": ("0.1", "0.2")}, (3, 17),
    )  # fmt: skip
    assert read(SEED, view.words()) == view
    assert read(SEED, {}).words() == {
        **dict.fromkeys(view.words(), ""),
        "try": "conv1.kernel_size=3, 5, 7;lr=0.01, 0.001",
    }


def test_coming_back_from_another_page_shows_the_last_trials():
    app = started(at_page("trials", **ASK))
    rows = table(app)
    moved(app, "explore")
    moved(app, "trials")
    assert not app.exception
    assert table(app) == rows


def test_ordinals():
    assert [nth(n) for n in (1, 2, 3, 4, 11, 12, 21, 111)] == [
        "1st",
        "2nd",
        "3rd",
        "4th",
        "11th",
        "12th",
        "21st",
        "111th",
    ]


def test_stages_are_plain_json():
    app = started(at_page("trials", **ASK))
    json.dumps(figures(app))
    kinds: Any = {type(cell) for row in table(app)["rows"] for cell in row["cells"]}
    assert kinds == {str}


def test_what_can_be_continued_is_one_sentence_whatever_became_of_the_others():
    def trial(number: int, state: str = FINISHED, reason: str = "") -> Trial:
        return Trial(number, {}, Outcome(state, 0.5, reason=reason))

    done = [trial(0), trial(1), trial(2, EXPLODED), trial(3, reason="the same setting as trial 0"), trial(4, STOPPED)]
    held = {0: HELD, 1: ROOM}
    assert trials_going_on.sentence([], held) == ""
    assert trials_going_on.sentence(done[:1], held) == "This trial can be continued in Train."
    assert trials_going_on.sentence(done, held) == (
        "Trial 0 can be continued in Train. Trial 1 cannot: the server has no room for the weights, as newer or more "
        "accurate trials go first. Trial 2 cannot: the loss exploded. Trial 3 cannot: the same setting as trial 0. "
        "Trial 4 cannot: no weights were kept before the stop."
    )
    many = [trial(number) for number in range(20)]
    assert trials_going_on.sentence(many, dict.fromkeys(range(9), HELD)) == (
        "9 trials can be continued in Train. 11 trials cannot: the server has no weights."
    )


def test_a_loss_that_exploded_has_few_digits():
    assert column_text("loss", 2.2987) == "2.299"
    assert column_text("loss", 411301671075840.0) == "4.11e+14"


def test_a_search_of_fewer_settings_than_trials_says_so():
    app = at_page("trials", NET, **{"try": "lr=0.1, 0.01;batch=50, 100, 200", "how": "tpe", "count": "20"})
    told = [one.value for one in app.warning]
    assert any("only 6 settings" in one and "search for 20 trials repeats" in one for one in told), told
    app = at_page("trials", NET, **{"try": "lr=0.001 to 0.1 log", "how": "tpe", "count": "20"})
    assert not [one.value for one in app.warning if "repeats" in one.value]


@pytest.mark.parametrize("name", ["unet", "resnet18", DEFAULT])
def test_the_values_that_the_page_begins_with_run(name):
    network = PRESETS[name]
    first = next(iter(usual(network)))
    found = usual(network)[first].split(", ")
    assert len(found) > 1
    for value in map(int, found):
        name, _, argument = first.rpartition(".")
        assert trace(network.with_argument(name, argument, value)).error is None
