"""The sentence beside a change: what followed, and why something stayed as it was."""

from math import prod

from layerscope.changes import Ripple
from layerscope.contrast import Contrast
from layerscope.contrast_numbers import IN_TIME, parameters
from layerscope.contrast_story import structure
from layerscope.edit_titles import rewired, tied
from layerscope.explain import is_flattening, product_text, value_text, written_count
from layerscope.formatting import bytes_apart, joined, shape_text
from layerscope.layers.base import Shape
from layerscope.shape_story import shape_sentence
from layerscope.steps import Step, Trace
from layerscope.weight_story import weight_sentence


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
    shapes = shape_sentence(ripple, is_brief)
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


def _amount(shape: Shape, holds: str = "values") -> str:
    """6×24×24, or 10 values; 10 indices and 4×10 indices."""
    if holds == "indices":
        return "1 index" if prod(shape) == 1 else f"{shape_text(shape)} indices"
    return shape_text(shape) if len(shape) > 1 else written_count(prod(shape), "value")


def _wiring_sentence(ripple: Ripple) -> str:
    """What reads what now."""
    edits = rewired(ripple)
    if not edits:
        return ""
    edit, others = edits[0], len(edits) - 1
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


def _tied_sentence(ripple: Ripple) -> str:
    """Which tensors are one now, or two."""
    told = [tied(edit) for edit in ripple.edits if edit.what == "tied"]
    more = f", and {len(told) - 1} more" if len(told) > 1 else ""
    return f"Now {told[0]}{more}." if told else ""


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
