"""Every page, run by Streamlit without a browser."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from layerscope.catalogue import CATALOGUE, GROUPS
from layerscope.datasets import DATASETS
from layerscope.link import View, encode, encode_view
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui import events, going
from layerscope.ui.lab.head import TITLES
from layerscope.ui.session import Session
from layerscope.ui.toolbar import face
from tests.branching import two_branches, two_inputs
from tests.drawn import stages
from tests.large import large_last
from tests.ui.contract import check_stage

ROOT = Path(__file__).resolve().parent.parent
APP = str(ROOT / "app.py")
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "pages").glob("*.py"))
SEED = PRESETS[DEFAULT]
SMALLER = SEED.with_argument("conv1", "kernel_size", 3)


def opened(net: str = "", view: str = "") -> AppTest:
    """The app as somebody sees it who follows a link."""
    app = AppTest.from_file(APP, default_timeout=60)
    for key, text in (("net", net), ("view", view)):
        if text:
            app.query_params[key] = text
    return rerun(app)


def rerun(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def at_page(page: str, network: Network | None = None, **address: str) -> AppTest:
    """Another page as somebody sees it who comes from the explorer, where `network` stood."""
    app = opened()
    if network is not None:
        session(app).network = network
    return moved(app, page, **address)


def moved(app: AppTest, page: str, **address: str) -> AppTest:
    """The app after a click on a page, with words in its address."""
    app.switch_page(f"pages/{page}.py")
    for key, text in address.items():
        app.query_params[key] = text
    return rerun(app)


def answered(app: AppTest, box: Any, value: str) -> AppTest:
    """A question's box filled in, and sent where it has a button for that."""
    box.set_value(value)
    for button in app.button:
        if button.label == "Answer" and button.form_id == box.form_id:
            button.click()
    return rerun(app)


def page_words(app: AppTest) -> str:
    """The page's HTML, which holds most of its words."""
    return " ".join(item.proto.body for item in app.get("html")).replace("\u00a0", " ")


def stage(app: AppTest) -> dict[str, Any]:
    """What the stage is handed, checked against its contract."""
    data = next(data for data in stages(app) if "picker" not in data)
    check_stage(data)
    return data


def total(app: AppTest, key: str = "parameters") -> str:
    return next(str(tile["value"]) for tile in stage(app)["totals"] if tile["key"] == key)


def session(app: AppTest) -> Session:
    here: Session = app.session_state["layerscope.session"]
    return here


def address(app: AppTest) -> tuple[str, str]:
    """What stands in the address now: network and view."""
    net, view = (app.query_params.get(key, "") for key in ("net", "view"))
    return ("".join(net), "".join(view))


def by_hand(app: AppTest, key: str, value: Any = None, phase: str = "commit") -> AppTest:
    """What the hand does on the stage; the component itself needs a browser."""
    events.apply(session(app), key, value, phase)
    return rerun(app)


def choose(app: AppTest, label: str, option: Any) -> AppTest:
    box = next(box for box in app.selectbox if box.label == label)
    box.set_value(option)
    return rerun(app)


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    return rerun(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs(page):
    app = AppTest.from_file(APP, default_timeout=60)
    rerun(app)
    app.switch_page(page)
    rerun(app)
    assert not app.error


@pytest.mark.parametrize("network", ["fails", "branches"])
def test_a_page_of_the_lab_runs_with_a_network_that_fails_or_branches(network):
    shown = SEED.with_argument("conv2", "kernel_size", 99) if network == "fails" else PRESETS["resnet18"]
    app = at_page("compare", shown)
    for page in TITLES:
        moved(app, page)


def test_every_page_is_in_the_navigation():
    source = Path(APP).read_text()
    assert PAGES
    assert [page for page in PAGES if f'"{page}"' not in source] == []


def test_the_first_thing_seen_is_the_courses_network_and_its_numbers():
    app = opened()
    assert total(app) == "32,998"
    assert total(app, "macs") == "232,440"
    assert stage(app)["message"]["text"].startswith("Why 12 × 4 × 4?")
    assert [item["name"] for item in stage(app)["outline"]["items"]] == list(SEED.names)
    assert address(app) == ("", "")


@pytest.mark.parametrize("name", large_last(PRESETS))
def test_a_preset_can_be_chosen(name):
    app = choose(opened(), "Network", name)
    assert session(app).network == PRESETS[name]
    assert total(app) == f"{trace(PRESETS[name]).parameters:,}"
    assert address(app)[0] == ("" if name == DEFAULT else encode(PRESETS[name]))


def test_the_menu_of_networks_says_what_each_is_and_the_one_at_hand_by_its_name_alone():
    app = opened()

    def menu():
        return next(box.options for box in app.selectbox if box.label == "Network")

    assert menu()[:2] == ["Fashion-MNIST CNN (default)", "Classic · LeNet-5 · 12 layers, 61.7k parameters"]
    choose(app, "Network", "lenet5")
    first = "Classic · Fashion-MNIST CNN (default) · 12 layers, 33k parameters"
    assert menu()[:2] == [first, "LeNet-5"]
    by_hand(app, "conv1.kernel_size", 3)
    assert menu()[:3] == ["LeNet-5, changed", first, "Classic · LeNet-5 · 12 layers, 61.7k parameters"]
    choose(app, "Network", "vit_b_16")
    by_hand(app, "conv_proj.out_channels", 640)
    assert menu()[0] == "Vision transformer…, changed"


def test_choosing_a_preset_is_undone_by_undo():
    app = choose(opened(), "Network", "vgg16")
    by_hand(app, "undo")
    assert session(app).network == SEED
    assert address(app)[0] == ""
    assert next(box.value for box in app.selectbox if box.label == "Network") == DEFAULT


@pytest.mark.parametrize("name", DATASETS)
def test_a_dataset_decides_the_input_and_the_classes(name):
    app = choose(opened(), "Images", name)
    data = DATASETS[name]
    network = session(app).network
    assert (network.input_shape, network.classes) == (data.shape, data.classes)
    assert next(box.value for box in app.selectbox if box.label == "Images") == name
    now = trace(network)
    assert total(app) == f"{now.parameters:,}"
    assert now.by_name["conv1"].arguments["in_channels"] == data.shape[0]
    assert now.by_name["out"].arguments["out_features"] == data.classes


def test_another_dataset_shows_what_it_decided():
    app = choose(opened(), "Images", "cifar-100")
    changes = {chip["label"]: (chip["old"], chip["new"]) for chip in stage(app)["message"]["changes"]}
    assert changes["conv1.in_channels"] == ("1", "3")
    assert changes["out.out_features"] == ("10", "100")
    assert changes["fc1.in_features"] == ("192", "300")


@pytest.mark.parametrize("group", GROUPS)
def test_every_layer_type_can_be_added(group, thorough):
    app = opened(encode(SEED), "selected-relu1")
    every = [layer_type.__name__ for layer_type in GROUPS[group]]
    for kind in every if thorough else every[-1:]:
        adding(app, f"{group} · {kind}")
        press(app, "Add this layer")
        network = session(app).network
        added = next(name for name in network.names if name not in SEED.names)
        assert network[added].type == kind
        assert network.names[2] == added
        assert session(app).selected == added
        assert stage(app)["panel"]["title"] == added
        events.apply(session(app), "undo", None, "commit")
        assert session(app).network == SEED
        by_hand(app, "select", "relu1")


def test_a_layer_can_be_added_at_either_end():
    for place, expected in ((0, 0), (len(SEED.layers), len(SEED.layers))):
        app = opened()
        adding(app, "Activation · Identity")
        next(box for box in app.selectbox if box.label == "Where").set_value(place)
        press(app, "Add this layer")
        assert session(app).network.layers[expected].type == "Identity"


def test_no_more_layers_than_allowed_can_be_added():
    many = Network((4,), tuple(CATALOGUE["ReLU"].fresh(f"relu{n}") for n in range(1024)))
    app = opened(encode(many))
    adding(app, "Activation · ReLU")
    press(app, "Add this layer")
    assert stage(app)["message"]["text"] == "This network has 1,025 layers; the limit is 1,024."
    assert session(app).network == many


def test_undo_redo_and_reset():
    app = opened()
    by_hand(app, "conv1.kernel_size", 3)
    assert total(app) == "32,902"
    by_hand(app, "conv2.kernel_size", 3)
    assert total(app) == "44,710"
    by_hand(app, "undo")
    assert total(app) == "32,902"
    by_hand(app, "redo")
    assert total(app) == "44,710"
    by_hand(app, "reset")
    assert total(app) == "32,998"
    by_hand(app, "undo")
    assert total(app) == "44,710"


def test_the_input_can_be_given_by_hand():
    app = opened()
    for label, value in (("Channels", 3), ("Height", 40), ("Width", 30)):
        next(field for field in app.text_input if field.label == label).set_value(str(value))
    next(field for field in app.text_input if field.label.startswith("Classes")).set_value("7")
    assert session(app).network == SEED  # nothing changes until the form is sent
    press(app, "Use this input")
    assert session(app).network == SEED.with_input((3, 40, 30)).with_classes(7)
    assert next(box.value for box in app.selectbox if box.label == "Images") == "custom"
    assert total(app) == f"{trace(session(app).network).parameters:,}"


@pytest.mark.parametrize("typed", ["0", "70,000", "-3", "a few", "", "1e3", "9" * 400])
def test_an_input_that_cannot_be_gets_a_sentence_and_stays_in_its_field(typed):
    app = opened()
    field = next(field for field in app.text_input if field.label == "Height")
    field.set_value(typed)
    press(app, "Use this input")
    assert len(app.error) == 1
    assert app.error[0].value.startswith("height must be a whole number from 1 to 65,536")
    assert next(field.value for field in app.text_input if field.label == "Height") == typed
    assert session(app).network == SEED


@pytest.mark.parametrize(("axes", "shape"), [(1, (1,)), (2, (1, 28)), (4, (1, 28, 28, 28))])
def test_an_input_of_another_kind_that_does_not_fit_is_shown_with_what_mends_it(axes, shape):
    app = choose(opened(), "Kind of input", axes)
    press(app, "Use this input")
    assert session(app).network.input_shape == shape
    message = stage(app)["message"]
    assert message["tone"] == "error"
    assert message["text"]
    by_hand(app, "undo")
    assert stage(app)["message"]["tone"] != "error"


def test_no_classes_means_none():
    app = opened()
    next(field for field in app.text_input if field.label.startswith("Classes")).set_value("0")
    press(app, "Use this input")
    assert session(app).network.classes is None
    assert "out.out_features" in {
        control["key"] for control in stage(by_hand(app, "select", "out"))["panel"]["controls"]
    }


def test_a_link_opens_the_network_and_the_view():
    view = View(selected="fc1", chart="macs", scale="log", details="summary", type_size="large")
    app = opened(encode(SMALLER), encode_view(view))
    assert session(app).network == SMALLER
    assert session(app).view == view
    assert not session(app).history.past
    data = stage(app)
    assert data["large"]
    assert data["outline"]["selected"] == "fc1"
    assert address(app) == (encode(SMALLER), encode_view(view))


@pytest.mark.parametrize("net", ["garbage", "z", "1x28x28-10~Conv2d", "x" * 9_000, "1x28x28-10~os.system", "é"])
def test_a_damaged_link_shows_a_sentence_and_the_last_good_network(net):
    app = opened(net)
    message = stage(app)["message"]
    assert message["tone"] == "warning"
    assert message["text"].startswith("This link is damaged or too large")
    assert message["text"].endswith("showing the last good network.")
    assert session(app).network == SEED
    assert total(app) == "32,998"


def test_a_damaged_link_in_the_middle_of_work_keeps_the_network():
    app = by_hand(opened(), "conv1.kernel_size", 3)
    app.query_params["net"] = "garbage"
    rerun(app)
    assert session(app).network == SMALLER
    assert "last good network" in stage(app)["message"]["text"]
    by_hand(app, "conv2.kernel_size", 3)
    assert stage(app)["message"]["tone"] == "changed"
    assert address(app)[0] == encode(session(app).network)


def test_another_address_is_taken_over_and_can_be_undone():
    app = by_hand(opened(), "conv1.kernel_size", 3)
    app.query_params["net"] = encode(PRESETS["lenet5"])
    rerun(app)
    assert session(app).network == PRESETS["lenet5"]
    by_hand(app, "undo")
    assert session(app).network == SMALLER
    assert address(app)[0] == encode(SMALLER)


def test_the_address_follows_each_change_and_holds_still_during_a_drag():
    app = opened()
    for size in (4, 3, 2):
        by_hand(app, "conv1.kernel_size", size, "input")
        assert address(app)[0] == ""
    by_hand(app, "conv1.kernel_size", 3, "commit")
    assert address(app)[0] == encode(SMALLER)
    by_hand(app, "select", "fc1")
    assert address(app) == (encode(SMALLER), "selected-fc1")
    by_hand(app, "reset")
    assert address(app)[0] == ""


def test_the_projector_switch_enlarges_the_type():
    app = opened()
    next(toggle for toggle in app.toggle if toggle.label == "Projector").set_value(True)
    rerun(app)
    assert stage(app)["large"]
    assert address(app)[1] == "type_size-large"
    next(toggle for toggle in app.toggle if toggle.label == "Projector").set_value(False)
    rerun(app)
    assert not stage(app)["large"]


def box_of(app: AppTest, label: str) -> Any:
    return next(box for box in app.selectbox if box.label == label)


def shown_in(box: Any) -> str:
    """What a closed menu shows."""
    return str(box.format_func(box.value))


def test_a_changed_preset_says_so_and_can_be_chosen_again_with_one_step_of_undo():
    def name() -> str:
        return shown_in(box_of(app, "Network"))

    app = choose(opened(), "Network", "resnet18")
    assert name() == "ResNet-18"
    by_hand(app, "conv1.kernel_size", 5)
    assert name() == "ResNet-18, changed"
    by_hand(app, "duplicate")
    assert name() == "ResNet-18, changed"
    changed = session(app).network
    choose(app, "Network", "resnet18")
    assert session(app).network == PRESETS["resnet18"]
    assert name() == "ResNet-18"
    by_hand(app, "undo")
    assert session(app).network == changed
    assert name() == "ResNet-18, changed"
    for _ in range(3):
        by_hand(app, "undo")
    assert session(app).network == session(app).beginning == SEED
    assert name() == "Fashion-MNIST CNN (default)"
    by_hand(app, "redo")
    assert session(app).network == session(app).beginning == PRESETS["resnet18"]


def test_a_preset_of_a_link_with_other_values_is_called_changed_and_another_network_is_nobodys():
    assert shown_in(box_of(opened(encode(SMALLER)), "Network")) == "Fashion-MNIST CNN, changed"
    assert box_of(opened(encode(Network((8,), ()).insert(0, "ReLU"))), "Network").value is None


def test_only_the_first_move_of_a_slider_needs_a_new_toolbar():
    here = Session()
    before = face(here)
    here.preview(SEED.with_argument("conv1", "kernel_size", 3))
    here.commit(here.network)
    changed = face(here)
    assert changed != before
    here.commit(SEED.with_argument("conv1", "kernel_size", 4))
    here.select("fc1")
    assert face(here) == changed


def test_back_to_a_network_of_before_is_back_to_what_was_opened_then():
    app = choose(opened(), "Network", "lenet5")
    by_hand(app, "conv1.kernel_size", 3)
    app.query_params.clear()
    rerun(app)
    assert session(app).network == session(app).beginning == SEED
    assert shown_in(box_of(app, "Network")) == "Fashion-MNIST CNN (default)"
    assert session(app).task == Session().task


# --- popovers -------------------------------------------------------------------------------------------------------


def open_popover(app: AppTest, name: str) -> AppTest:
    """As by a click on its button; AppTest itself cannot."""
    app.session_state[f"popover.{name}"] = True
    return rerun(app)


def is_open(app: AppTest, name: str) -> bool:
    return app.session_state[f"popover.{name}"] is True


def test_the_box_of_layers_stays_open_and_each_layer_goes_after_the_one_before():
    app = open_popover(opened(view="selected-pool1"), "add-a-layer")
    for kind in ("Activation · ReLU", "Activation · Tanh"):
        adding(app, kind)
        press(app, "Add this layer")
        assert is_open(app, "add-a-layer")
    assert session(app).network.names[2:6] == ("pool1", "relu5", "tanh1", "conv2")
    assert "Added tanh1. The next layer goes after it." in page_words(app)
    by_hand(app, "select", "pool2")
    assert is_open(app, "add-a-layer")
    assert shown_in(next(box for box in app.selectbox if (box.key or "").startswith("add.place"))) == "After pool2"
    adding(app, "Block · Transformer encoder layer")
    press(app, "Add this layer")
    assert "Not possible: " in page_words(app)
    assert is_open(app, "add-a-layer")


@pytest.mark.parametrize("name", ["input", "add-a-layer", "export"])
def test_a_popover_closes_once_something_else_changes_what_it_covers(name):
    app = by_hand(opened(), "conv1.kernel_size", 7)
    app = open_popover(app, name)
    rerun(app)
    assert is_open(app, name)
    by_hand(app, "undo")
    assert not is_open(app, name)
    open_popover(app, name)
    choose(app, "Network", "lenet5")
    assert not is_open(app, name)
    by_hand(app, "conv1.kernel_size", 99)
    open_popover(app, name)
    by_hand(app, "repair:0")
    assert trace(session(app).network).error is None
    assert not is_open(app, name)


def test_a_new_input_closes_its_box_and_one_input_more_does_not():
    app = open_popover(opened(), "input")
    press(app, "Add another input")
    assert is_open(app, "input")
    press(app, "Use this input")
    assert not is_open(app, "input")


def test_a_network_without_layers_can_be_shown_and_filled():
    app = opened("1x28x28")
    assert stage(app)["panel"] is None
    press(app, "Add this layer")
    assert [layer.type for layer in session(app).network.layers] == ["Conv2d"]


# --- networks that branch -------------------------------------------------------------------------------------------


def chosen(app: AppTest, key: str, value: Any) -> AppTest:
    next(box for box in app.selectbox if (box.key or "").startswith(key)).set_value(value)
    return rerun(app)


def adding(app: AppTest, kind: str) -> AppTest:
    """Choose what to add, which must be offered, as the field of the box does."""
    shown = next(data["picker"] for data in stages(app) if "picker" in data)
    assert kind in [choice["key"] for choice in shown["choices"]]
    app.session_state["add.type"] = kind
    return rerun(app)


def test_a_whole_block_is_added_after_the_selected_layer():
    app = opened(encode(SEED), "selected-pool1")
    adding(app, "Block · Residual block")
    press(app, "Add this layer")
    network = session(app).network
    assert network.before("residual1.conv1") == ("pool1",)
    assert network.before("conv2") == ("residual1.relu2",)
    assert trace(network).error is None
    assert session(app).selected == "residual1"
    adding(app, "Block · Transformer encoder layer")
    press(app, "Add this layer")
    assert "does not fit after residual1.relu2" in session(app).notice


def test_a_layer_is_added_on_one_way_alone():
    network = two_branches()
    app = opened(encode(network), "selected-left")
    places = next(box for box in app.selectbox if (box.key or "").startswith("add.place"))
    assert "Between input and right only" in places.options
    places.set_value(places.options.index("Between input and right only"))
    adding(app, "Activation · Tanh")
    press(app, "Add this layer")
    assert session(app).network.before("right") == ("tanh1",)
    assert session(app).network.before("left") == ("input",)


def test_one_may_begin_with_nothing():
    app = opened()
    press(app, "Start empty")
    assert session(app).network == Network((1, 28, 28), (), 10)
    assert next(button for button in app.button if button.label == "Start empty").disabled
    assert stage(app)["message"]["title"] == "Add a first layer"
    assert not rerun(app).exception


def test_inputs_hold_indices_and_there_may_be_several():
    app = opened()
    press(app, "Add another input")
    assert [given.name for given in session(app).network.inputs] == ["input", "input2"]
    chosen(app, "input.which", "input2")
    chosen(app, "input.holds", "indices")
    field = next(box for box in app.text_input if (box.key or "").startswith("input.high"))
    field.set_value("50")
    press(app, "Use this input")
    assert session(app).network.inputs[1].kind == "indices"
    assert session(app).network.inputs[1].high == 50
    chosen(app, "input.which", "input2")
    press(app, "Remove input2")
    assert session(app).network == SEED
    app = opened(encode(two_inputs()))
    chosen(app, "input.which", "words")
    press(app, "Remove words")
    assert session(app).notice == "emb uses words; give it another input first."


@pytest.mark.parametrize("name", ["conv1", "pool2", "fc2", "relu2"])
def test_a_link_opens_the_view_inside_a_layer(name):
    app = opened(encode(SEED), encode_view(View(selected=name, chart="inside")))
    card = stage(app)["figures"][1]
    assert card["inside"]["layer"] == name
    assert not card["absent"]


def test_two_visits_at_once_have_nothing_in_common():
    first, second = opened(), opened(encode(PRESETS["lenet5"]))
    by_hand(first, "conv1.kernel_size", 3)
    by_hand(second, "against", "start")
    by_hand(second, "conv1.kernel_size", 7)
    rerun(first)
    assert session(first).network == SMALLER
    assert session(first).view.against == "step"
    assert session(second).network == PRESETS["lenet5"].with_argument("conv1", "kernel_size", 7)
    assert address(first)[0] == encode(SMALLER)
    assert address(second) == (encode(session(second).network), "selected-conv1.against-start")
    by_hand(first, "undo")
    assert session(first).network == SEED
    assert address(rerun(second))[0] == encode(session(second).network)


def test_pages_are_gone_to_in_one_step_of_the_history():
    """Streamlit's own way leaves a step with the words of one page on the path of the other."""
    rooms = Path(going.__file__).parent
    users = {path.name for path in rooms.rglob("*.py") if "switch_page(" in path.read_text()}
    assert users == {"going.py"}
