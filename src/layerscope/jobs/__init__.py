"""Work beside the pages: `submit` a job, look at its `progress`, `stop` it, take its `result`.

The names below are loaded when they are first used, so that a page that runs no job loads nothing of Dask.
"""

from typing import TYPE_CHECKING

from layerscope.lazily import loader

if TYPE_CHECKING:
    from layerscope.jobs.front import progress, result, stop, submit
    from layerscope.jobs.ticket import JobError, Progress, Ticket

__all__ = ["JobError", "Progress", "Ticket", "progress", "result", "stop", "submit"]

__getattr__ = loader(__name__, {name: "ticket" if name[0].isupper() else "front" for name in __all__})


def __dir__() -> list[str]:
    return [*globals(), *__all__]
