"""Memory: what training the open network takes, and the largest batch for a card."""

from layerscope.ui.lab import memory

memory.draw()
