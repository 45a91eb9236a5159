"""A lesson's page."""

from layerscope.ui.lessons import counting, frame

frame.draw("counting", counting.body)
