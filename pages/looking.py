"""Lesson 10: look inside."""

from layerscope.ui.lessons import frame, looking

frame.draw("looking", looking.body, looking.needs)
