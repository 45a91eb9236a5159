"""A layer at another place equals one that is made anew, and keeps what was worked out of its arguments."""

from dataclasses import replace

import pytest

from layerscope.catalogue import CATALOGUE
from layerscope.once import once


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE)
def test_a_placed_layer_equals_one_made_anew(kind: type) -> None:
    layer = kind.fresh("one")  # type: ignore[attr-defined]
    remembered = [name for each in kind.__mro__ for name, value in vars(each).items() if isinstance(value, once)]
    for name in remembered:
        getattr(layer, name)
    placed = layer.placed("two", ("a", "b"), "c", ("d:weight",))
    anew = replace(layer, name="two", inputs=("a", "b"), of="c", tied=("d:weight",))
    assert placed == anew
    assert layer.name == "one"
    for name in remembered:
        assert getattr(placed, name) == getattr(anew, name)
