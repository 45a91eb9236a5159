"""The explorer: move a slider, see the network change."""

from layerscope.ui import explorer

explorer.draw()
