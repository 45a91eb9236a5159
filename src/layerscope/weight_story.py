"""The sentence about the parameter count: how it changed, which layer changed it most, and why that one did."""

from layerscope.changes import Ripple
from layerscope.explain import written_count
from layerscope.formatting import shape_text, signed
from layerscope.layers.kernel import AnyConvolution
from layerscope.layers.linear import Linear
from layerscope.steps import Step


def weight_sentence(ripple: Ripple) -> str:
    """How the parameter count changed; "" where neither it nor a shape did."""
    old, new = ripple.before.parameters, ripple.after.parameters
    if old == new:
        return "" if not ripple.shapes else "The parameter count stays the same."
    changes = _changes(ripple)
    sentence = f"The parameter count {'rises' if new > old else 'falls'} from {old:,} to {new:,}"
    if not changes:
        return f"{sentence}."
    name, most = max(changes.items(), key=lambda item: abs(item[1]))
    if is_surprise(ripple):
        direction = "smaller" if new > old else "larger"
        verb = "gains" if most > 0 else "loses"
        return f"{sentence}, although the kernel got {direction}: {name} alone {verb} {abs(most):,}."
    reason = _reason(ripple, name)
    because = f": {reason}" if reason else ""
    who = f"only {name} changes" if len(changes) == 1 else f"{name} changes most"
    return f"{sentence}; {who} ({signed(most)}){because}."


def is_surprise(ripple: Ripple) -> bool:
    """Whether a kernel got smaller and the parameter count larger, or the other way round."""
    rises = ripple.after.parameters > ripple.before.parameters
    sizes = [(edit.old, edit.new) for edit in ripple.edits if edit.what == "kernel_size"]
    return any(type(old) is int and type(new) is int and (new < old) == rises for old, new in sizes)


def _changes(ripple: Ripple) -> dict[str, int]:
    """By how much each layer's parameter count changed."""
    before, after = ripple.before.by_name, ripple.after.by_name
    changes = {change.layer: change.new - change.old for change in ripple.parameters}
    changes |= {name: after[name].parameters for name in ripple.added if name in after}
    changes |= {name: -before[name].parameters for name in ripple.removed if name in before}
    return {name: change for name, change in changes.items() if change}


def _reason(ripple: Ripple, name: str) -> str:
    """Why the weight of a layer that was there before has another size, where one axis of it tells; else ""."""
    old, new = ripple.before.by_name.get(name), ripple.after.by_name.get(name)
    if old is None or new is None or old.type != new.type or not old.weight_shape or not new.weight_shape:
        return ""
    if old.weight_shape == new.weight_shape:  # a bias came or went, or another layer holds the tensor too
        return ""
    if isinstance(new.layer, Linear):
        return _linear_reason(old, new)
    is_plain = isinstance(new.layer, AnyConvolution) and not new.type.startswith("ConvTranspose")
    return _convolution_reason(old, new) if is_plain else ""


def _linear_reason(old: Step, new: Step) -> str:
    (outputs, inputs), (now, reads) = old.weight_shape or (0, 0), new.weight_shape or (0, 0)
    if outputs == now:
        return f"each of its {written_count(now, 'output')} now reads {reads:,} values instead of {inputs:,}"
    if inputs == reads:
        return f"it has {_more(now - outputs, 'output')}, each with {written_count(reads, 'weight')}"
    return ""


def _convolution_reason(old: Step, new: Step) -> str:
    (filters, depth, *kernel), (now, deep, *size) = old.weight_shape or (0, 0), new.weight_shape or (0, 0)
    same = (filters == now, depth == deep, kernel == size)
    each = "its one filter" if now == 1 else f"each of its {now:,} filters"
    shown = shape_text(tuple(size)) if len(size) > 1 else f"{size[0]}-cell"
    if same == (True, False, True):
        verb = "gets" if deep > depth else "loses"
        more = " more" if deep > depth else ""
        return (
            f"{each} {verb} {_in_words(abs(deep - depth))}{more} {shown} kernel{'' if abs(deep - depth) == 1 else 's'}"
        )
    if same == (False, True, True):
        return f"it has {_more(now - filters, 'filter')} of {shape_text((deep, *size))}"
    if same == (True, True, False):
        return f"{each} is {shape_text((deep, *size))} instead of {shape_text((depth, *kernel))}"
    return ""


def _in_words(count: int) -> str:
    """A number before another one, as in "two 5×5 kernels": "2 5×5" is hard to read."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[count] if count < len(words) else f"{count:,}"


def _more(count: int, thing: str) -> str:
    return f"{abs(count):,} {'more' if count > 0 else 'fewer'} {thing}{'' if abs(count) == 1 else 's'}"
