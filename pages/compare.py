"""Compare: two networks side by side, layer by layer and in total."""

from layerscope.ui.lab import compare

compare.draw()
