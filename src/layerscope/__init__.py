"""See what the parameters of a neural network's layers do.

The names below are loaded when they are first used, so that `import layerscope` loads neither torch nor streamlit.
"""

from typing import TYPE_CHECKING

from layerscope.lazily import loader

if TYPE_CHECKING:
    from layerscope.modules.reading import from_module
    from layerscope.network import Network
    from layerscope.notebook.summary import summary
    from layerscope.presets import PRESETS
    from layerscope.source.reader import read
    from layerscope.source.writer import write
    from layerscope.tracing import trace
    from layerscope.version import __version__

__all__ = ["PRESETS", "Network", "__version__", "from_module", "read", "summary", "trace", "write"]

_HOMES = {
    "Network": "network",
    "PRESETS": "presets",
    "__version__": "version",
    "from_module": "modules.reading",
    "read": "source.reader",
    "summary": "notebook.summary",
    "trace": "tracing",
    "write": "source.writer",
}

__getattr__ = loader(__name__, _HOMES)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
