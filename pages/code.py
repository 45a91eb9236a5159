"""Code in: paste a network that fails, see which layer and why; paste an error, see what its numbers mean."""

from layerscope.ui import codepage

codepage.draw()
