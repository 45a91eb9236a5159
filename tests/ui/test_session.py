"""What a visitor has before them: undo and redo, drags, and the selection."""

from random import Random

import pytest

from layerscope.changes import ripple
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui.events import apply
from layerscope.ui.history import MOST_STEPS
from layerscope.ui.parts import message
from layerscope.ui.session import Session
from tests.edits import edited

SEED = PRESETS[DEFAULT]


def kernel(size: int):
    return SEED.with_argument("conv1", "kernel_size", size)


def dragged(*sizes: int) -> Session:
    """A session in which one drag went through these kernel sizes."""
    here = Session()
    for size in sizes:
        here.preview(kernel(size))
    here.commit(kernel(sizes[-1]))
    return here


def test_undo_and_redo_walk_through_every_network():
    here, walked, rng = Session(), [SEED], Random(1)
    while len(walked) < 30:
        network = edited(rng, here.network)
        if network != here.network:
            here.commit(network)
            walked.append(network)
    for network in walked[-2::-1]:
        here.undo()
        assert here.network == network
    assert not here.history.past
    here.undo()
    assert here.network == SEED
    for network in walked[1:]:
        here.redo()
        assert here.network == network
    here.redo()
    assert here.network == walked[-1]


def test_a_new_change_ends_what_could_be_redone():
    here = dragged(3)
    here.undo()
    here.commit(kernel(7))
    assert here.history.future == []
    here.redo()
    assert here.network == kernel(7)


def test_a_change_that_changes_nothing_is_no_step():
    here = dragged(3)
    here.commit(kernel(3))
    assert len(here.history.past) == 1


def test_one_drag_is_one_step_of_undo():
    here = dragged(4, 3, 2, 3, 7)
    assert len(here.history.past) == 1
    assert here.before == SEED
    here.undo()
    assert here.network == SEED
    here.redo()
    assert here.network == kernel(7)


def test_a_drag_back_to_where_it_began_is_no_step():
    here = dragged(4, 3, 5)
    assert here.network == SEED
    assert here.history.past == []
    assert here.gesture is None


def test_during_a_drag_the_ripple_is_told_against_its_beginning():
    here = Session()
    for size in (4, 3, 2):
        here.preview(kernel(size))
        assert here.before == SEED
        assert here.history.past == []
    assert here.gesture == SEED


def test_undo_in_the_middle_of_a_drag_goes_back_to_its_beginning():
    here = dragged(7)
    here.preview(kernel(3))
    here.undo()
    assert here.network == kernel(7)
    assert here.gesture is None
    here.redo()
    assert here.network == kernel(3)
    here.undo()
    here.undo()
    assert here.network == SEED


def test_reset_is_undone_by_undo():
    here = dragged(3)
    apply(here, "reset", None, "commit")
    assert here.network == SEED
    here.undo()
    assert here.network == kernel(3)


def test_reset_goes_to_what_was_loaded_and_then_to_the_courses_network():
    here = Session()
    here.begin_with(PRESETS["lenet5"])
    loaded = here.network
    apply(here, f"{here.selected}.out_channels", 3, "commit")
    assert here.network != loaded
    apply(here, "reset", None, "commit")
    assert here.network == loaded
    apply(here, "reset", None, "commit")
    assert here.network == SEED
    here.undo()
    assert here.network == loaded


def test_the_past_is_bounded():
    here = Session()
    for turn in range(MOST_STEPS + 50):
        here.commit(kernel(1 + turn % 7))
    assert len(here.history.past) == MOST_STEPS


def test_the_first_layer_is_selected_while_none_was_chosen():
    here = Session()
    assert here.selected == "conv1"
    here.commit(SEED.remove("conv1"))
    assert here.selected == "relu1"


def test_the_selection_stays_with_its_layer():
    here = Session()
    here.select("fc1")
    for network in (SEED.insert(0, "ReLU"), SEED.move("fc1", 0), SEED.duplicate("fc1"), SEED.remove("conv1")):
        here.commit(network)
        assert here.selected == "fc1"


def test_when_the_selected_layer_goes_the_one_in_its_place_is_selected():
    here = Session()
    here.select("fc1")
    here.commit(SEED.remove("fc1"))
    assert here.selected == "relu3"
    here.select("out")
    here.commit(here.network.remove("out"))
    assert here.selected == "relu4"


def test_a_network_without_layers_selects_none_and_then_the_first():
    here = Session()
    here.select("fc1")
    here.commit(SEED.__class__((1, 28, 28), ()))
    assert here.selected == ""
    here.undo()
    assert here.selected in SEED.names


def test_undo_redo_and_reset_keep_the_selected_layer():
    here = dragged(3)
    apply(here, "select", "fc1", "commit")
    for step in ("reset", "undo", "undo", "redo"):
        apply(here, step, None, "commit")
        assert here.selected == "fc1", step


@pytest.mark.parametrize(
    ("key", "value"),
    [("add:Conv2d", None), ("duplicate", None), ("remove", None), ("rename:conv1", "first"), ("skip", None),
     ("move_down", None)],
)  # fmt: skip
def test_undo_gives_back_the_selection_of_before_and_redo_that_of_after(key, value):
    here = Session()
    apply(here, "select", "conv1", "commit")
    apply(here, key, value, "commit")
    then = here.selected
    apply(here, "undo", None, "commit")
    assert (here.network, here.selected) == (SEED, "conv1")
    apply(here, "redo", None, "commit")
    assert here.selected == then
    apply(here, "select", "fc1", "commit")  # who went elsewhere stays there
    apply(here, "undo", None, "commit")
    assert here.selected == "fc1"


def test_a_layer_that_is_not_there_cannot_be_selected():
    here = Session()
    here.select("fc9")
    assert here.selected == "conv1"


def test_a_notice_goes_with_the_next_change():
    for change in (lambda h: h.commit(kernel(3)), lambda h: h.preview(kernel(3)), Session.undo):
        here = dragged(7)
        here.notice = "A sentence."
        change(here)
        assert here.notice == ""


def test_a_step_back_or_forward_is_said_until_something_else_changes():
    def told(here: Session):
        part = message(here, ripple(trace(here.compared), trace(here.network)))
        return part.get("word"), part["title"]

    here = dragged(4)
    assert told(here) == (None, "conv1.kernel_size 5 → 4")
    here.commit(here.network.insert(1, "BatchNorm2d"))
    here.undo()
    assert told(here) == ("Undone", "added bn1")
    here.undo()
    assert told(here) == ("Undone", "conv1.kernel_size 5 → 4")
    apply(here, "select", "fc1", "commit")
    assert told(here)[0] == "Undone"
    here.redo()
    assert told(here) == ("Redone", "conv1.kernel_size 5 → 4")
    here.preview(kernel(3))
    assert told(here)[0] is None


def test_a_network_that_another_page_has_comes_with_what_it_was_opened_as():
    session = Session()
    task = session.task
    session.begin_with(PRESETS["resnet18"])
    assert session.task != task
    session.commit_from(SEED, SEED)  # as a training run of the first one, looked into
    assert (session.network, session.beginning, session.task) == (SEED, SEED, task)
    session.undo()
    assert (session.network, session.beginning) == (PRESETS["resnet18"], PRESETS["resnet18"])


def test_a_network_that_another_page_made_of_one_never_opened_here_is_a_change_of_that():
    session = Session()
    lenet = PRESETS["lenet5"]
    session.commit_from(lenet, lenet.with_argument("conv1", "kernel_size", 3))
    assert session.beginning == lenet
    assert session.task is not None
    assert session.task.layer in lenet.names
    session = Session()
    changed = SEED.with_argument("conv1", "kernel_size", 3)
    session.commit(changed)
    session.commit_from(changed, changed.with_argument("conv2", "kernel_size", 3))
    assert session.beginning == SEED, "of the open one, it is one more change"
