"""Fake tensors, which are private in torch: the one file that knows them. Written for torch 2.13.

They have shapes, types and storages, but no memory, so a module of any size is built, run forward and back, and stepped
by its optimizer in milliseconds. Nothing may ask torch about a layer while they are on (`trace`, `ask`): its answers
would be remembered.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from torch._subclasses.fake_tensor import FakeTensorMode

from layerscope.source.torch import questions


@contextmanager
def fake_tensors() -> Iterator[None]:
    """Tensors made inside take no memory. Holds for this thread alone."""
    questions.load()  # torch would import it inside, beside a server that warms up
    with FakeTensorMode():
        yield
