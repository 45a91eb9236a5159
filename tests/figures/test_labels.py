"""What changed has its text before what did not, and as long as there is room nothing hops."""

from random import Random

import pytest

from layerscope.changes import ripple
from layerscope.figures import captions
from layerscope.figures.captions import Focus
from layerscope.figures.flow import room_for, shapes_of
from layerscope.figures.labels import Box, Wish, place, place_in_place
from layerscope.figures.placing import placed
from layerscope.figures.scene import stops
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.tracing import trace

HIGH, WIDE = 134.0, 350.0
"""The picture of a phone."""
MOVES = [
    *((name, "kernel_size", size) for name in ("conv1", "conv2", "pool2") for size in range(1, 6)),
    *((name, "out_channels", count) for name in ("conv1", "conv2") for count in (1, 3, 24, 128)),
    *((name, "out_features", count) for name in ("fc1", "fc2") for count in (1, 500, 4000)),
]


def written(before: Network, now: Network, selected: str) -> tuple[set[str | None], set[str | None]]:
    """The layers with another shape, and all that have a text in the picture of a phone."""
    seen = ripple(trace(before), trace(now))
    old = {change.layer: change.old for change in seen.shapes if change.old}
    room = room_for(HIGH, WIDE, large=False)
    stage = placed(stops(seen.after), room, shapes_of(before), old)
    focus = Focus(selected, seen.touched, old)
    changed = {block.layer_name for block in stage.blocks if focus.was(block.stop) and block.stop.shape}
    return changed, {text.layer for text in captions.shapes(stage, focus, room, HIGH, 12)}


@pytest.mark.parametrize("name", ["fashion-mnist-cnn", "lenet5"])
def test_on_a_phone_every_changed_shape_is_written(name):
    """After a kernel of 3 in conv2 the 300 of flatten, which had been asked for, was left out beside a still 120."""
    network = PRESETS[name]
    for layer, parameter, value in MOVES:
        now = network.with_argument(layer, parameter, value)
        changed, shown = written(network, now, layer)
        assert changed <= shown, (layer, parameter, value)


def test_as_many_changed_texts_are_placed_as_if_there_were_no_others():
    random, crowded = Random(5), 0
    for _ in range(400):
        wishes = [
            Wish(key, random.uniform(0, 350), random.uniform(15, 70), 15.0, (0.0, 15.0), random.randint(1, 5))
            for key in range(random.randint(2, 14))
        ]
        still = {wish.key for wish in wishes if random.random() < 0.5}
        others = {wish.key for wish in wishes} - still
        alone = place([wish for wish in wishes if wish.key not in still], 0, 350, [])
        together = place_in_place(wishes, still, others, 0, 350, [])
        assert len(alone) <= len(others & together.keys())
        crowded += len(together) < len(wishes)
    assert crowded > 50


def test_what_is_still_keeps_its_place_as_long_as_there_is_room():
    kept = Box(100, 140, 0, 15)
    still = Wish(0, 100, 40, 15, (0.0, 15.0), 1, kept=kept)
    raised = Wish(1, 105, 40, 15, (0.0, 15.0), 5)
    assert place_in_place([still, raised], {0}, {1}, 0, 350, [])[0] == kept
    assert place_in_place([still, raised], {0}, {1}, 0, 350, [])[1].bottom == 15
    low = Wish(1, 105, 40, 15, (0.0,), 5)
    assert place_in_place([still, low], {0}, {1}, 0, 350, [])[1].bottom == 0
    assert place_in_place([still, low], {0}, {1}, 0, 350, [])[0].bottom == 15
