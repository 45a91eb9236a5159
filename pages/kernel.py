"""Lesson 3: kernel, filter, channel."""

from layerscope.ui.lessons import frame, kernel

frame.draw("kernel", kernel.body, kernel.needs)
