"""A lesson's page."""

from layerscope.ui.lessons import frame, mending

frame.draw("mending", mending.body)
