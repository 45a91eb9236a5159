"""Lesson 1: anatomy of a call."""

from layerscope.ui.lessons import anatomy, frame

frame.draw("anatomy", anatomy.body, anatomy.needs)
