"""Sweep: one or two parameters of the open network over a range, and all settings that meet a condition."""

from layerscope.ui.lab import sweep

sweep.draw()
