"""Settings of the web process as a whole, made once."""

import gc
from functools import cache

import torch

from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace


@cache
def settle() -> None:
    """One torch thread, torch's first-call costs paid, and what is loaded by now left out of garbage collection.

    With torch's usual threads the sessions of a class wait for each other; and each full collection would walk over
    the several hundred thousand objects that importing torch leaves behind.
    """
    torch.set_num_threads(1)
    trace(PRESETS[DEFAULT])
    gc.collect()
    gc.freeze()
