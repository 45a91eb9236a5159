"""Why a live model stops, as a sentence: the module, what it was built for, and what it gets."""

from layerscope.formatting import shape_text
from layerscope.modules.layers import arguments, row_type
from layerscope.modules.record import Asked, Reason, Stop

_OPEN = {
    Reason.VALUES: "{where} looks at the numbers in a tensor ({called}), and what it does next depends on them. A size "
    "has no numbers: give input_data, such as a batch of your own.",
    Reason.NO_BATCH: "{where} does not run on this size, but on {called}: put the batch first, as input_size={called}.",
    Reason.CHANCE: "{where} looks at a random number ({called}), and what it does next depends on it, so each run may "
    "give another network. Layerscope can read a forward that uses none in eval mode.",
}


def word(called: str) -> str:
    """What was called, as one writes it: bool(...) for __bool__, .item() for item."""
    if called == "__getitem__":
        return "x[mask]"
    return f"{called.strip('_')}(...)" if called.startswith("__") else f".{called}()"


def sentence(stop: Stop) -> str:
    """What a person reads where the model stops."""
    where = f"{stop.path} ({stop.kind})" if stop.path else stop.kind
    if stop.reason is not None:
        called = stop.called if stop.reason is Reason.NO_BATCH else word(stop.called)
        return _OPEN[stop.reason].format(where=where, called=called)
    told = _expected(stop) or f"PyTorch says: {stop.words}"
    return f"{where} does not run: {told}{'' if told.endswith('.') else '.'}"


def one_of_several(asked: Asked) -> str:
    """What a person reads where the given input decided."""
    where = f"{asked.path} ({asked.kind})" if asked.path else asked.kind
    return f"{where} looks at numbers in the input ({word(asked.called)}): another input may give another network."


def _expected(stop: Stop) -> str:
    """What the module was built for beside what it gets, where that is why."""
    kind = row_type(stop.module) if stop.module is not None else None
    if kind is None or stop.module is None or not stop.shapes:
        return ""
    arriving = stop.shapes[0][1:]
    if kind.wants == "indices" and "scalar types" in stop.words:
        return (
            "it expects indices, which are whole numbers, but gets floats. A size makes an input of floats; "
            f"give input_data, such as torch.zeros({stop.shapes[0]}, dtype=torch.long)"
        )
    try:
        wanted = kind(name="layer", **arguments(stop.module, kind)).decided(arriving)
    except (TypeError, ValueError, IndexError, AttributeError, KeyError):
        return ""
    for name, value in wanted.items():
        built = getattr(stop.module, name, None)
        if type(built) is int and built != value:
            return f"it expects {name} {built:,}, but gets {shape_text(arriving)}; {name}={value:,} would fit"
    return ""
