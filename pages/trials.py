"""Trials: the open network trained with many settings, a grid of them or a search, and what came of each."""

from layerscope.ui.lab import trials

trials.draw()
