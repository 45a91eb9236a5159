"""Questions about a network, the same for a whole class."""

from layerscope.ui import quiz

quiz.draw()
