"""Work beside the pages: `submit` a job, look at its `progress`, `stop` it, take its `result`.

The names below are loaded when they are first used, so that a page that runs no job loads nothing of Dask.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layerscope.jobs.front import progress, result, stop, submit
    from layerscope.jobs.ticket import JobError, Progress, Ticket

__all__ = ["JobError", "Progress", "Ticket", "progress", "result", "stop", "submit"]

_HOMES = {name: "ticket" if name[0].isupper() else "front" for name in __all__}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*globals(), *__all__]
