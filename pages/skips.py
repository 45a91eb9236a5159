"""Lesson 9: skip connections and concatenation."""

from layerscope.ui.lessons import frame, skips

frame.draw("skips", skips.body, skips.needs)
