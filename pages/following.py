"""Lesson 4: following the shape."""

from layerscope.ui.lessons import following, frame

frame.draw("following", following.body, following.needs)
