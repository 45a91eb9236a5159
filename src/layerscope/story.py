"""The sentence beside a change: what happened, what followed, and why something stayed as it was."""

import re
from collections.abc import Iterable
from dataclasses import replace
from math import prod
from posixpath import commonpath

from layerscope import blocks, wiring
from layerscope.changes import Change, Ripple
from layerscope.contrast import Contrast
from layerscope.contrast_numbers import IN_TIME, parameters
from layerscope.contrast_story import structure
from layerscope.explain import is_flattening, product_text, value_text, window_text, written_count
from layerscope.formatting import bytes_apart, fits_sentence, joined, shape_text
from layerscope.formula import Formula
from layerscope.layers.base import Shape
from layerscope.layers.recurrent import seq_first_warning
from layerscope.steps import Step, Trace
from layerscope.weight_story import weight_sentence


def title(ripple: Ripple) -> str:
    """What the user did, such as "conv1.kernel_size 5 → 3"."""
    if ripple.is_far:
        old, new = (len(one.network.layers) for one in (ripple.before, ripple.after))
        return f"Another network: {written_count(new, 'layer')} instead of {old:,}"
    parts = deeds(ripple)
    return " · ".join(parts[:3]) + (f" and {len(parts) - 3} more" if len(parts) > 3 else "")


def deeds(ripple: Ripple) -> list[str]:
    """What the user did, one by one: a whole block is one, and so is the same edit of many layers."""
    old, new = ripple.before.network, ripple.after.network
    values = alike(edit for edit in ripple.edits if edit.what not in ("inputs", "tied"))
    parts = [
        f"{edit.label} {_shown(edit, edit.old)} → {_shown(edit, edit.new)}"
        + (f" in {len(others) + 1} layers" if others else "")
        for edit, *others in values
    ]
    parts += [f"added {name}" for name in blocks.gathered(new, ripple.added)]
    parts += [f"renamed {was} to {name}" for was, name in _renamed(ripple)]
    parts += [f"removed {name}" for name in blocks.gathered(old, ripple.removed)]
    parts += [f"moved {name}" for name in blocks.gathered(new, ripple.moved)]
    parts += [f"{edit.layer} reads {', '.join(edit.new) or 'nothing'}" for edit in _rewired(ripple)]
    parts += [_tied(edit) for edit in ripple.edits if edit.what == "tied"]
    return parts


def _renamed(ripple: Ripple) -> list[tuple[str, str]]:
    """The rows that have other names, with those; a block that has another path is one."""
    found: dict[tuple[str, str], None] = {}
    for old, new in ripple.renamed.items():
        was, now = old.split("."), new.split(".")
        while len(was) > 1 and len(now) > 1 and was[-1] == now[-1]:
            was, now = was[:-1], now[:-1]
        found[".".join(was), ".".join(now)] = None
    return list(found)


def alike(changes: Iterable[Change]) -> list[list[Change]]:
    """The changes, those together that do the same to rows in the same place of several blocks."""
    found: dict[object, list[Change]] = {}
    for change in changes:
        path, _, name = change.layer.rpartition(".")
        found.setdefault((re.sub(r"\d+", "#", path), name, change.what, repr(change.old), repr(change.new)), []).append(
            change
        )
    return list(found.values())


def story(ripple: Ripple, is_brief: bool = False) -> str:
    """One to three sentences about why the rest changed, or why it did not; `is_brief`: without a formula that only
    repeats the words before it.
    """
    if ripple.after.error is not None:
        step = ripple.after.steps[-1]
        return f"{step.name} cannot run: {ripple.after.error.message}"
    if ripple.before.error is not None:
        return f"The network runs again and outputs {_amount(ripple.after.output_shape or ())}."
    if ripple.is_far:
        contrast = Contrast.of(ripple.before, ripple.after)
        return " ".join([parameters(contrast, IN_TIME), *structure(contrast, IN_TIME)])
    shapes = _shape_sentence(ripple, is_brief)
    sentences = [_wiring_sentence(ripple), _tied_sentence(ripple), shapes, weight_sentence(ripple)]
    told = " ".join(sentence for sentence in sentences if sentence)
    return told or _nothing_followed(ripple)


def resting(trace: Trace, asked: tuple[str, str] | None = None, *, is_brief: bool = False) -> str:
    """What there is to say while nothing has changed yet: why a Linear has its in_features, where it is a product
    and the task beside it asks for nothing else: `asked` is the layer and what of it the task asks for.

    `is_brief`: where there is room for a line only.
    """
    source = next((s for s in trace.steps if is_flattening(s) and sum(size > 1 for size in s.input_shape) > 1), None)
    linear = (s for s in trace.steps if "in_features" in s.arguments)
    reader = source and next((s for s in linear if s.decisions["in_features"].by == source.name), None)
    is_other = asked is not None and reader is not None and asked != (reader.name, "in_features")
    if source is None or reader is None or is_other:
        given = [_amount(one.shape, one.kind) for one in trace.network.inputs]
        made = [_amount(shape) for shape in trace.output_shapes]
        return f"The network turns {joined(given)} into {joined(made) or 'nothing'}."
    count = f"{reader.arguments['in_features']:,}"
    if is_brief:
        return f"Why {count}? {source.name} makes {product_text(source.input_shape)} = {count} values."
    return (
        f"Why {product_text(source.input_shape)}? {source.input_shape[0]} maps of "
        f"{product_text(source.input_shape[1:])} reach {source.name}; flattened, they make "
        f"{count} values, so {reader.name}.in_features is {count}."
    )


def warned(trace: Trace, but: str = "", puts_batch: bool = False) -> Step | None:
    """The first layer that runs as hardly anybody means it; none of those whose type has `but` in its name.

    `puts_batch`: the batch is known to stand on axis 1 where a layer reads it there, so there is nothing to warn of.

    Where what is computed across the places comes later, such as attention, a product with a graph's neighbors or a
    mean over all of them, a Linear that acts on the last axis alone is meant.
    """
    found = (step for step in trace.steps if step.warning and not (but and but in step.type))
    if puts_batch:
        found = (step for step in found if step.warning != seq_first_warning(step.type))
    return next((step for step in found if not (step.layer.acts_on_features and _is_of_places(trace, step))), None)


def _is_of_places(trace: Trace, step: Step) -> bool:
    later = trace.network.dependents(step.name)
    return any(one.layer.joins_places(*one.input_shapes) for one in trace.steps if one.name in later)


def about_warned(step: Step) -> str:
    """The heading above such a layer's warning."""
    return f"{step.name}: PyTorch accepts this, but look"


def _amount(shape: Shape, holds: str = "values") -> str:
    """6×24×24, or 10 values; 10 indices and 4×10 indices."""
    if holds == "indices":
        return "1 index" if prod(shape) == 1 else f"{shape_text(shape)} indices"
    return shape_text(shape) if len(shape) > 1 else written_count(prod(shape), "value")


def _rewired(ripple: Ripple) -> list[Change]:
    """The rows that read something else now; rows of one block that read the same are one, by the block's name."""
    rows: dict[tuple[object, object, str], list[Change]] = {}
    for edit in ripple.edits:
        if edit.what == "inputs":
            top = edit.layer.partition(".")[0]
            rows.setdefault((edit.old, edit.new, top), []).append(edit)
    return [edit if not others else replace(edit, layer=_block([edit, *others])) for edit, *others in rows.values()]


def _block(edits: Iterable[Change]) -> str:
    """The innermost block that all these rows are in: "layer1.0"."""
    return commonpath([edit.layer.replace(".", "/") for edit in edits]).replace("/", ".")


def _wiring_sentence(ripple: Ripple) -> str:
    """What reads what now."""
    rewired = _rewired(ripple)
    if not rewired:
        return ""
    edit, others = rewired[0], len(rewired) - 1
    gone = [name for name in edit.old if name not in edit.new]
    come = [name for name in edit.new if name not in edit.old]
    if come:
        sentence = f"{edit.layer} now reads {joined(come)}{f' instead of {joined(gone)}' if gone else ' too'}"
    elif gone:
        sentence = f"{edit.layer} no longer reads {joined(gone)}"
    else:
        sentence = f"{edit.layer} now reads {joined(edit.new)}, in this order"
    more = f"; {others} more read{'' if others > 1 else 's'} something else too" if others else ""
    return f"{sentence}{more}."


def _tied(edit: Change) -> str:
    """What a row holds now that another one holds too, or holds no more."""
    come, gone = (wiring.parts(next((tie for tie in one if tie not in other), ""))
                  for one, other in ((edit.new, edit.old), (edit.old, edit.new)))  # fmt: skip
    if come[0]:
        return f"{edit.layer} shares its {come[1]} with {come[0]}"
    return f"{edit.layer} has a {gone[1]} of its own"


def _tied_sentence(ripple: Ripple) -> str:
    """Which tensors are one now, or two."""
    told = [_tied(edit) for edit in ripple.edits if edit.what == "tied"]
    more = f", and {len(told) - 1} more" if len(told) > 1 else ""
    return f"Now {told[0]}{more}." if told else ""


def _shown(edit: Change, value: object) -> str:
    return shape_text(value) if edit.what == "input" and isinstance(value, tuple) else value_text(value)


def _shape_sentence(ripple: Ripple, is_brief: bool) -> str:
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


def _nothing_followed(ripple: Ripple) -> str:
    """Why no shape and no count moved."""
    if ripple.is_empty:
        return "Nothing changed."
    if ripple.renamed and not ripple.edits and not ripple.added and not ripple.removed:
        return "What reads it follows. No shape and no count depends on a name, but the keys of the state_dict do."
    if rows := _rows_sentences(ripple):
        return " ".join(rows)
    for edit in ripple.edits:
        layer = edit.layer and ripple.after.network[edit.layer]
        if {type(edit.old), type(edit.new)} == {tuple, int} and set(_each(edit.old)) == set(_each(edit.new)):
            return f"{value_text(edit.new)} means the same as {value_text(edit.old)}, so nothing else changes."
        if layer and edit.what in layer.parameters():
            return f"No shape and no count depends on it. {edit.what}: {layer.parameters()[edit.what].help}"
    return "No shape and no count depends on it."


def _rows_sentences(ripple: Ripple) -> list[str]:
    """What joins and rows of another shape do that came or went, where no other row has another shape or count."""
    told = [_come(ripple.after.by_name[name]) for name in ripple.added]
    told += [_gone(ripple.before.by_name[name]) for name in ripple.removed]
    told = [sentence for sentence in told if sentence]
    if not told:
        return []
    told = told[:2]
    old, new = ripple.before, ripple.after
    if old.output_shapes != new.output_shapes:
        leaves = (" and ".join(map(_amount, trace.output_shapes)) for trace in (new, old))
        told.append("The network now outputs {} instead of {}.".format(*leaves))
    if old.activation_bytes != new.activation_bytes:
        told.append("Activations take {}, not {}.".format(*bytes_apart(new.activation_bytes, old.activation_bytes)))
    return told


def _come(step: Step) -> str:
    shape = _amount(step.output_shape or ())
    if len(step.sources) > 1:
        return f"{step.name} joins {joined(step.sources)} into {shape}."
    if not step.sources:
        return f"{step.name} holds {shape}."
    if step.output_shape == step.input_shape:
        return ""
    return f"{step.name} turns {_amount(step.input_shape)} into {shape}."


def _gone(step: Step) -> str:
    if len(step.sources) > 1:
        kept, *others = step.sources
        return f"Without {step.name}, {kept} goes on alone: the connection from {joined(others)} is gone."
    if step.output_shape == step.input_shape:
        return ""
    return f"{step.name} no longer turns {_amount(step.input_shape)} into {_amount(step.output_shape or ())}."


def _each(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)
