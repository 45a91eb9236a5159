"""How many server processes answer at one address. What is in the memory of one of them, the others do not know."""

import os

VARIABLE = "LAYERSCOPE_PROCESSES"
"""The environment variable in which `command.py` tells each process how many there are."""


def processes() -> int:
    """So many; 1 where nobody says so."""
    text = os.environ.get(VARIABLE, "")
    return max(1, int(text)) if text.isascii() and text.isdecimal() else 1
