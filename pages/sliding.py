"""Lesson 7: stride, padding, dilation, groups."""

from layerscope.ui.lessons import frame, sliding

frame.draw("sliding", sliding.body, sliding.needs)
