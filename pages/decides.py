"""Lesson 2: who decides each value."""

from layerscope.ui.lessons import decides, frame

frame.draw("decides", decides.body, decides.needs)
