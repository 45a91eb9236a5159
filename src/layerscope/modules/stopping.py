"""Why a live model stops, as a sentence: the module, what it was built for, and what it gets."""

from layerscope.formatting import shape_text
from layerscope.modules.layers import arguments, row_type
from layerscope.modules.record import Stop


def sentence(stop: Stop) -> str:
    """What a person reads where the model stops."""
    where = f"{stop.path} ({stop.kind})" if stop.path else stop.kind
    told = _expected(stop) or f"torch says: {stop.words}"
    return f"{where} does not run: {told}{'' if told.endswith('.') else '.'}"


def _expected(stop: Stop) -> str:
    """What the module was built for beside what it gets, where that is why."""
    kind = row_type(stop.module) if stop.module is not None else None
    if kind is None or stop.module is None or not stop.shapes:
        return ""
    arriving = stop.shapes[0][1:]
    try:
        wanted = kind(name="layer", **arguments(stop.module, kind)).decided(arriving)
    except (TypeError, ValueError, IndexError, AttributeError, KeyError):
        return ""
    for name, value in wanted.items():
        built = getattr(stop.module, name, None)
        if type(built) is int and built != value:
            return f"it expects {name} {built:,}, but gets {shape_text(arriving)}; {name}={value:,} would fit"
    return ""
