"""Where sizes began to differ after a change, and where that ended or what it decided."""

from layerscope.changes import Change, Ripple
from layerscope.explain import is_flattening, product_text, value_text, window_text
from layerscope.formatting import fits_sentence, shape_text
from layerscope.formula import Formula
from layerscope.steps import Step, Trace


def shape_sentence(ripple: Ripple, is_brief: bool) -> str:
    """Where sizes began to differ, and where that ended or what it decided."""
    if not ripple.shapes:
        return ""
    if {change.layer for change in ripple.shapes} <= set(ripple.moved):
        return "No other layer's shape depends on its place."
    first = ripple.shapes[0]
    sentence = f"{first.layer} now outputs {shape_text(first.new)} instead of {shape_text(first.old)}"
    absorber = _absorber(ripple)
    if absorber is not None:
        return f"{sentence}. {_why_absorbed(ripple, absorber, is_brief)}"
    at = ripple.after.network.index(first.layer)
    behind = (c for c in ripple.decided if ripple.after.network.index(c.layer) > at or not ripple.edits)
    consequence = next(behind, None)
    if consequence is None:
        return f"{sentence}."
    now = f"{consequence.label} becomes {_decided_text(ripple, consequence)} (was {_counted(consequence.old)})"
    return f"{sentence}, so {now}."


def _decided_text(ripple: Ripple, change: Change) -> str:
    if change.what == "in_features":
        return _features_text(ripple.after, ripple.after.by_name[change.layer])
    return _counted(change.new)


def _counted(value: object) -> str:
    """Numbers with their thousands apart, as the other numbers of the sentence."""
    return f"{value:,}" if type(value) is int else value_text(value)


def _features_text(trace: Trace, reader: Step) -> str:
    """in_features with where it comes from: 12 × 4 × 4 = 192."""
    source = trace.by_name.get(reader.decisions["in_features"].by)
    count = f"{reader.arguments['in_features']:,}"
    if source is not None and is_flattening(source):
        return f"{product_text(source.input_shape)} = {count}"
    return count


def _absorber(ripple: Ripple) -> Step | None:
    """The layer from which on all sizes are as before although it was fed another size."""
    changed = {change.layer for change in (*ripple.shapes, *ripple.decided)}
    for old, new in zip(ripple.before.steps, ripple.after.steps, strict=False):
        if old.name != new.name:
            return None
        if old.input_shapes != new.input_shapes and new.name not in changed:
            later = {step.name for step in _behind(ripple.after, new)}
            return new if old.arguments == new.arguments and not later & changed else None
    return None


def _behind(trace: Trace, step: Step) -> tuple[Step, ...]:
    later = trace.network.dependents(step.name)
    return tuple(step for step in trace.steps if step.name in later)


def _why_absorbed(ripple: Ripple, step: Step, is_brief: bool) -> str:
    """Floor division or a fixed output size swallowed the difference."""
    old = ripple.before.by_name[step.name]
    size = shape_text(step.output_shape or ())
    if "output_size" in step.arguments:
        return f"But {step.name} always outputs {size}{_so_unchanged(ripple, step)}."
    pairs = zip(old.checks, step.checks, strict=False)
    was, now = next(((o.formula, n.formula) for o, n in pairs if o.formula.filled != n.formula.filled), (None, None))
    if was is None or now is None or "floor" not in now.symbols:
        return f"But {step.name} outputs {size} as before{_so_unchanged(ripple, step)}."
    reason = f"{now.quantity.removeprefix('output ')} = {now.filled} = {now.value}"
    if plain := _fits(step, now):
        reason = plain if is_brief else f"{plain} ({reason})"
    # Of two sizes that come to the same, one at least is rounded: where it is not this one, it was the one before.
    rounds = "rounds down:" if _is_rounded(now) else "rounded down before; now"
    return f"But {step.name} {rounds} {reason}, as before{_so_unchanged(ripple, step)}."


def _is_rounded(of: Formula) -> bool:
    """Whether the floor of an output size takes something away."""
    n = dict(of.numbers)
    if "scale_factor" in n:
        return n["i"] * n["scale_factor"] != of.value
    padded = n["i"] + 2 * n.get("p", 0) + n.get("p_left", 0) + n.get("p_right", 0)
    return (padded - n["d"] * (n["k"] - 1) - 1) % n["s"] != 0


def _fits(step: Step, now: Formula) -> str:
    """In plain words what a window's formula says; "" where padding or dilation would make them long."""
    n = dict(now.numbers)
    if "k" not in n or n.get("p") != 0 or n.get("d") != 1:
        return ""
    window = window_text(step, n["k"])
    how = "only" if _is_rounded(now) else "exactly"
    return fits_sentence(f"{window[0].lower()}{window[1:]}", n["s"], now.value, f"{n['i']:,}", how)


def _so_unchanged(ripple: Ripple, absorber: Step) -> str:
    """The argument that many expect to change and that does not."""
    kept = (step for step in _behind(ripple.after, absorber) if step.name in ripple.before.by_name)
    reader = next((step for step in kept if "in_features" in step.arguments), None)
    if reader is None:
        return ", so no shape after it changes"
    return f", so {reader.name}.in_features stays {_features_text(ripple.after, reader)}"
