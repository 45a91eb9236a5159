"""A lesson's page."""

from layerscope.ui.lessons import anatomy, frame

frame.draw("anatomy", anatomy.body)
