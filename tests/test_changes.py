"""The ripple of a change, beside a comparison of everything with everything."""

from typing import Any

import pytest

from layerscope.changes import Change, ripple
from layerscope.network import Network
from layerscope.parameter import Role
from layerscope.presets import DEFAULT, PRESETS
from layerscope.steps import Trace
from layerscope.tracing import trace
from tests.edits import edit_pairs

SEED = PRESETS[DEFAULT]


@pytest.fixture(scope="module")
def pairs(thorough: bool) -> list[tuple[Trace, Trace]]:
    """Traces before and after random edits."""
    return edit_pairs(6_000 if thorough else 120, seed=11)


def differences(before: Trace, after: Trace) -> dict[tuple[str, str], tuple[Any, Any]]:
    """Every argument of every layer reached in both traces that differs, by brute force."""
    found = {}
    for old in before.steps:
        for new in after.steps:
            if old.name != new.name:
                continue
            for argument in old.arguments.keys() & new.arguments.keys():
                values = old.arguments[argument], new.arguments[argument]
                if values[0] != values[1] or type(values[0]) is not type(values[1]):
                    found[old.name, argument] = values
    return found


def as_found(changes: tuple[Change, ...]) -> dict[tuple[str, str], tuple[Any, Any]]:
    return {(change.layer, change.what): (change.old, change.new) for change in changes}


def test_edits_and_what_followed_are_together_every_difference(pairs):
    for before, after in pairs:
        told = ripple(before, after)
        edits = as_found(told.edits)
        retyped = {change.layer for change in told.edits if change.what == "type"}
        expected = {
            (name, argument): values
            for (name, argument), values in differences(before, after).items()
            if (name, argument) not in edits
            if name not in retyped or after.by_name[name].decisions[argument].role is not Role.YOU
        }
        assert as_found(told.decided) == expected


def test_an_edit_is_what_the_network_itself_says_otherwise(pairs):
    for before, after in pairs:
        for change in ripple(before, after).edits:
            if change.layer and change.what != "type":
                old, new = before.network[change.layer].chosen, after.network[change.layer].chosen
                assert (old[change.what], new[change.what]) == (change.old, change.new)
                assert change.old != change.new or type(change.old) is not type(change.new)


def test_shapes_and_counts_are_compared_layer_by_layer(pairs):
    for before, after in pairs:
        told = ripple(before, after)
        alike = [(before.by_name[name], step) for name, step in after.by_name.items() if name in before.by_name]
        shapes = {new.name for old, new in alike if old.output_shape != new.output_shape}
        counts = {new.name for old, new in alike if old.parameters != new.parameters}
        assert {change.layer for change in told.shapes} == shapes
        assert {change.layer for change in told.parameters} == counts


def test_parameters_that_moved_add_up_to_the_difference_of_the_totals(pairs):
    for before, after in pairs:
        told = ripple(before, after)
        moved = sum(change.new - change.old for change in told.parameters)
        only_after = sum(step.parameters for step in after.steps if step.name not in before.by_name)
        only_before = sum(step.parameters for step in before.steps if step.name not in after.by_name)
        assert moved + only_after - only_before == after.parameters - before.parameters


def test_added_and_removed_layers_are_named(pairs):
    for before, after in pairs:
        told = ripple(before, after)
        assert set(told.added) == set(after.network.names) - set(before.network.names)
        assert set(told.removed) == set(before.network.names) - set(after.network.names)


def test_a_ripple_is_empty_only_where_nothing_was_done(pairs):
    for before, after in pairs:
        told = ripple(before, after)
        said = (told.edits, told.decided, told.shapes, told.parameters, told.added, told.removed, told.moved)
        assert told.is_empty == (before.network == after.network)
        assert told.is_empty == (not any(said))


def test_what_is_touched_are_layers_of_the_network_now(pairs):
    for before, after in pairs:
        assert ripple(before, after).touched <= set(after.network.names)


def told_of(after: Network, before: Network = SEED):
    return ripple(trace(before), trace(after))


def test_a_kernel_changes_an_argument_far_away():
    smaller = SEED.with_argument("conv1", "kernel_size", 3).with_argument("conv2", "kernel_size", 3)
    told = told_of(smaller)
    assert as_found(told.edits) == {("conv1", "kernel_size"): (5, 3), ("conv2", "kernel_size"): (5, 3)}
    assert as_found(told.decided) == {("fc1", "in_features"): (192, 300)}
    assert told.decided[0].label == "fc1.in_features"
    assert told.of("fc1", "in_features") == told.decided[0]
    assert told.of("fc1", "out_features") is None
    assert "fc1" in told.touched
    assert "fc2" not in told.touched


def test_the_data_decides_the_first_channels_and_the_last_width():
    told = told_of(SEED.with_input((3, 28, 28)).with_classes(100))
    assert as_found(told.decided) == {("conv1", "in_channels"): (1, 3), ("out", "out_features"): (10, 100)}
    assert {change.role for change in told.decided} == {Role.DATA}
    assert [change.label for change in told.edits] == ["input", "classes"]


def test_a_width_that_is_the_users_own_again_is_told():
    hundred = SEED.with_classes(100)
    told = told_of(hundred.insert(12, "Linear"), hundred)
    assert told.of("out", "out_features") is not None
    assert (told.decided[0].old, told.decided[0].new, told.decided[0].role) == (100, 10, Role.YOU)


def test_the_width_of_the_head_is_never_told_twice():
    told = told_of(PRESETS["alexnet"])
    assert told.of("out", "out_features") in told.decided
    assert "out_features" not in {change.what for change in told.edits if change.layer == "out"}


def test_what_moved_is_the_shorter_of_two_runs_that_changed_places():
    names = SEED.names
    for first in range(1, 5):
        for second in range(1, 5):
            order = (*names[first : first + second], *names[:first], *names[first + second :])
            moved = told_of(Network(SEED.input_shape, tuple(SEED[name] for name in order), SEED.classes)).moved
            assert moved == (names[:first] if first < second else names[first : first + second])


@pytest.mark.parametrize(
    ("name", "place", "moved"), [("fc1", 0, ("fc1",)), ("out", 0, ("out",)), ("conv1", 11, ("conv1",))]
)
def test_a_layer_that_moved_far_is_named_alone(name, place, moved):
    assert told_of(SEED.move(name, place)).moved == moved


def test_two_neighbours_that_change_places_are_told_as_one_move():
    assert told_of(SEED.move("relu1", 2)).moved in (("relu1",), ("pool1",))


def test_a_number_of_another_type_is_an_edit():
    alexnet = PRESETS["alexnet"].with_argument("drop1", "p", 1)
    assert told_of(alexnet.with_argument("drop1", "p", 1.0), alexnet).edits != ()
