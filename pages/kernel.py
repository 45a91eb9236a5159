"""A lesson's page."""

from layerscope.ui.lessons import frame, kernel

frame.draw("kernel", kernel.body)
