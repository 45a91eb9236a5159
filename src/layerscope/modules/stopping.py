"""Why a live model stops, as a sentence: the module, what it was built for, and what it gets."""

from layerscope.asking import first_line
from layerscope.formatting import shape_text
from layerscope.modules.layers import made_with, row_type
from layerscope.modules.record import Stop

__all__ = ["first_line", "sentence"]


def sentence(stop: Stop) -> str:
    """What a person reads where the model stops."""
    where = f"{stop.path} ({stop.kind})" if stop.path else stop.kind
    told = _expected(stop)
    return f"{where} does not run: {told}{'' if told.endswith('.') else '.'}"


def _expected(stop: Stop) -> str:
    """What it was built for beside what it gets, where that is why; torch's words otherwise."""
    kind = row_type(stop.module) if stop.module is not None else None
    if kind is not None and stop.shapes:
        shape = stop.shapes[0][1:]
        for name in kind.decides:
            built = made_with_value(stop, name)
            try:
                wanted = kind.fresh("layer").decided(shape).get(name)
            except (TypeError, ValueError, IndexError):
                continue
            if built is not None and wanted is not None and built != wanted:
                return f"its {name} is {built:,}, but it gets {shape_text(shape)}, so {name} would have to be {wanted:,}"
    return f"torch says: {stop.words}"


def made_with_value(stop: Stop, name: str) -> int | None:
    """The number that the module was built with."""
    value = getattr(stop.module, name, None)
    return value if type(value) is int else None


_ = made_with
