"""A lesson's page."""

from layerscope.ui.lessons import decides, frame

frame.draw("decides", decides.body)
