"""Lesson: trade-offs, or what a sweep tells before any training."""

from layerscope.ui.lessons import frame, tradeoffs

frame.draw("tradeoffs", tradeoffs.body, tradeoffs.needs)
