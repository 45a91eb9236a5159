"""See what the parameters of a neural network's layers do.

The names below are loaded when they are first used, so that `import layerscope` loads neither torch nor streamlit.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layerscope.modules.reading import from_module
    from layerscope.network import Network
    from layerscope.notebook.summary import summary
    from layerscope.presets import PRESETS
    from layerscope.source.reader import read
    from layerscope.source.writer import write
    from layerscope.tracing import trace

    __version__: str

__all__ = ["PRESETS", "Network", "__version__", "from_module", "read", "summary", "trace", "write"]

_HOMES = {
    "Network": "network",
    "PRESETS": "presets",
    "from_module": "modules.reading",
    "read": "source.reader",
    "summary": "notebook.summary",
    "trace": "tracing",
    "write": "source.writer",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version(__name__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*globals(), *__all__]
