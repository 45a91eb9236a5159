"""A lesson's page."""

from layerscope.ui.lessons import frame, patterns

frame.draw("patterns", patterns.body)
