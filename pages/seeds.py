"""Lesson: trials, or what overfitting looks like, and why one training tells little about a setting."""

from layerscope.ui.lessons import frame, seeds

frame.draw("seeds", seeds.body, seeds.needs)
