"""Lesson: train it, or why the first loss is what it is, and which of three kernel sizes wins."""

from layerscope.ui.lessons import frame, training

frame.draw("training", training.body, training.needs)
