"""Lesson 8: patterns that architects use."""

from layerscope.ui.lessons import frame, patterns

frame.draw("patterns", patterns.body, patterns.needs)
