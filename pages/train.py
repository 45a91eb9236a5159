"""Train: the open network learns from real images, in sight; and what came of it."""

from layerscope.ui.lab import train

train.draw()
