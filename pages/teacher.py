"""The teacher's link: choose what students see, get one address and its code."""

from layerscope.ui import teacher

teacher.draw()
