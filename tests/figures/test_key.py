"""The key to the tensor flow: the colours that are in the picture, and the window where one is drawn."""

import pytest

from layerscope.figures import flow
from layerscope.figures.key import WINDOW, key
from layerscope.figures.theme import COLOURS
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from tests.large import large_last


def labels(name: str, selected: str | None = None) -> list[str]:
    return [entry["label"] for entry in key(flow.flow(trace(PRESETS[name]), selected))]


def test_the_courses_picture_has_five_colours_and_windows():
    assert labels(DEFAULT, "conv1") == ["input", "convolution", "pooling", "linear", "flatten, reshape", WINDOW]


@pytest.mark.parametrize("name", large_last(PRESETS))
def test_each_entry_has_its_family_s_colour_and_none_stands_twice(name):
    entries = key(flow.flow(trace(PRESETS[name])))
    colours = [entry["color"] for entry in entries]
    assert len(set(colours)) == len(colours)
    assert entries[0]["label"] == "input"
    assert all(COLOURS[entry["key"]] == entry["color"] for entry in entries if entry["key"] != "window")


def test_without_a_window_there_is_no_entry_for_it():
    assert WINDOW not in labels("lstm-classifier")
