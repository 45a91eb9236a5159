"""Tuples that a layer returned: whose they are, and what is in them."""

from typing import Any

from layerscope.source.record import Row
from layerscope.source.torch.modules import LayerModule
from layerscope.source.torch.tensor import leaves


def returned_by(value: Any) -> Row | None:
    """The row of a layer that returned this tuple, or the tuple of states in it; None for any other value."""
    if not isinstance(value, tuple) or not 2 <= len(value) <= 3:
        return None
    parts = list(leaves(value))
    outputs = [part.origin for part in parts if part.origin is not None]
    row = outputs[0].origin if outputs else None
    if not isinstance(row, Row) or not isinstance(row.module, LayerModule) or len(outputs) < len(parts):
        return None
    ports = [output.port for output in outputs]
    is_one = all(output.origin is row for output in outputs) and ports[-1] == len(row.layer.ports) - 1
    return row if is_one and ports == list(range(ports[0], ports[-1] + 1)) and len(ports) > 1 else None


def is_states(value: Any) -> bool:
    """Whether it is (h_n, c_n) of an LSTM."""
    first = next(leaves(value))
    return first.origin is not None and first.origin.port == 1


def gives(row: Row) -> str:
    """What a layer returns, as people write it."""
    ports = row.layer.ports
    return "(output, (h_n, c_n))" if row.type == "LSTM" else f"({', '.join(ports)})"
