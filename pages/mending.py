"""Lesson 5: break it and mend it."""

from layerscope.ui.lessons import frame, mending

frame.draw("mending", mending.body, mending.needs)
