"""A lesson's page."""

from layerscope.ui.lessons import frame, sliding

frame.draw("sliding", sliding.body)
