"""Lesson 6: counting weights."""

from layerscope.ui.lessons import counting, frame

frame.draw("counting", counting.body, counting.needs)
