"""From a paste to a Reading: follow a network, tell its input shape, say what is worth a remark."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from layerscope.formatting import joined, shape_text
from layerscope.inputs import Input
from layerscope.layers.base import Shape, per_axis
from layerscope.network import Network, NetworkError
from layerscope.source import examples, input_list, shapes, walking
from layerscope.source.attempts import Attempts, Meant
from layerscope.source.examples import Example
from layerscope.source.followed import Code, Followed
from layerscope.source.input_list import Given, Known
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.python.values import Fault
from layerscope.source.reading import NOT_SAID, Note, Reading, Size, SourceError
from layerscope.source.remarks import (
    batch_softmax,
    batchnorm_batch,
    doubts,
    embedding_rows,
    example_axes,
    float_indices,
    forward_errors,
    integer_example,
    large_eps,
    last_activations,
    last_steps,
    loss_shapes,
    losses,
    methods_for_forward,
    missing_axes,
    missing_flatten,
    reshapes,
    short_parameters,
    squeezes,
    unread_parameters,
    untold_sizes,
    unused_flatten,
    unused_layers,
    weight_norms,
    whole_states,
)
from layerscope.source.remarks.case import Case, Remark
from layerscope.source.sizes import disagreement, error_messages, evidence, held_sizes, likely, orders, told, unreadable
from layerscope.source.text.paste import Paste
from layerscope.source.torch.world import TorchWorld
from layerscope.source.torch.worlds import world_of
from layerscope.source.trying_inputs import entered

_OF_NETWORK: tuple[Remark, ...] = (
    squeezes.remark, unused_layers.remark, unread_parameters.remark, embedding_rows.remark, forward_errors.remark,
    methods_for_forward.remark, short_parameters.remark, last_activations.remark, weight_norms.remark,
    batch_softmax.remark, last_steps.remark, large_eps.remark,
)  # fmt: skip
"""What is said of a network whatever its input is."""
_OF_INPUT: tuple[Remark, ...] = (
    integer_example.remark, float_indices.remark, example_axes.remark, missing_axes.remark, batchnorm_batch.remark,
    unused_flatten.remark, untold_sizes.remark, reshapes.remark, losses.remark, loss_shapes.remark,
    whole_states.remark,
)  # fmt: skip
"""What is said where the shape of a single input is known."""


def assembled(
    code: Code, run: Evaluator, world: TorchWorld, meant: Meant, class_names: Sequence[str],
    given: Given,
) -> tuple[Reading, Followed]:  # fmt: skip
    """Everything known about a paste, and what came of following it. Refusals are in it, not raised."""
    world.is_training, world.asked_for_mode = True, False
    world.tuples, world.is_called, world.neighbors = {}, False, set()
    attempts = Attempts(run, world, meant)
    followed = entered(code, attempts)
    wishes = followed.widths
    if followed.documented is not None or len(followed.entries) > 1:
        known = _several(code, followed, wishes, given)
        if known.inputs and known.inputs != tuple(entry.given for entry in followed.entries):
            axis = followed.entries[0].axis
            followed = attempts.again(followed, known.inputs, known.way)
            if followed.entries[0].axis != axis and known.told == "example call":  # which shows other sizes then
                known = _several(code, followed, wishes, given)
                followed = attempts.again(followed, known.inputs, known.way)
        run.remarks.add(_about(_OF_NETWORK, Case(code, followed, is_told=bool(known.told))))
        return _of_inputs(_reading(code, followed, class_names), followed, known), followed
    found = _input(code, followed, wishes, given[0] if given else None)
    world.is_training = not (world.asked_for_mode and _is_evaluated(found.shown))
    others = found.shape is not None and found.shape != followed.entries[0].given.shape
    if found.shape is not None and (others or not world.is_training):
        kind = followed.entries[0].given.kind
        axis = followed.entries[0].axis
        other = attempts.again(followed, (Input(followed.inputs[0], found.shape, kind),))
        if found.told == "layers" and followed.is_whole and not other.is_whole:
            found = _first(found, attempts.keep(followed))  # a layer further down does not run on what the others tell
        else:
            followed = other
        if followed.entries[0].axis != axis and found.shown:  # which shows other sizes then
            found = _input(code, followed, wishes, None)
            if found.shape is not None:
                followed = attempts.again(followed, (Input(followed.inputs[0], found.shape, kind),))
        wishes = followed.widths
    is_told = found.shape is not None and found.told != "guess"
    case = Case(code, followed, found.shape, found.shown, is_told)
    run.remarks.add(_about(_OF_NETWORK, case))
    return _of_one(case, found, class_names), followed


def _is_evaluated(shown: Sequence[Example]) -> bool:
    """Whether the example that counts is called after eval()."""
    return bool(shown) and shown[0].modes[:1] == (False,)


def _reading(code: Code, followed: Followed, class_names: Sequence[str]) -> Reading:
    run = followed.run
    moved = followed.documented is None and not any(entry.axis for entry in followed.entries)
    said = followed.says_batch or orders.says_steps_first(run.paste, code.nodes, world_of(run).showing)
    refusal = None if followed.fault is None else placed(followed.fault, run.paste)
    return Reading(
        run.paste.source, None, followed.layers, followed.name, tuple(class_names), followed.spans(),
        followed.written(),
        tuple(run.remarks.notes), refusal, inputs=followed.shown_inputs, made=followed.made(), joined=followed.joined(),
        puts_batch=moved or said,
    )  # fmt: skip


def _about(remarks: Sequence[Remark], case: Case) -> Iterator[Note]:
    """What all of these have to say."""
    return chain.from_iterable(remark(case) for remark in remarks)


def _of_one(case: Case, found: "_Input", class_names: Sequence[str]) -> Reading:
    """The reading of a network with one input."""
    followed, run, layers = case.followed, case.run, case.layers
    reading = _reading(case.code, followed, class_names)
    shape, doubt = found.shape, found.doubt
    reading = replace(reading, is_order_guessed=bool(followed.order))
    if not layers and reading.refusal is not None:
        return reading
    if shape is None:
        return _asking(replace(reading, size=found.size), found.words, shapes.expected(layers, case.wishes))
    reading = replace(reading, shape_told=found.told, size=found.size, flattens=missing_flatten.flattens(followed))
    if case.example is not None:
        reading = replace(reading, batch=case.example.batch)
    elif found.batch:
        reading = replace(reading, batch=found.batch)
    run.remarks.add(_about(_OF_INPUT, case))
    reading = replace(reading, notes=(*([Note(None, doubt)] if doubt else []), *run.remarks.notes), doubt=doubt)
    if found.words:
        sizes = "×".join(map(str, shape))
        note = Note(None, f"The input shape {sizes} follows from the layers: {found.words}")
        reading = replace(reading, notes=(*reading.notes, note))
    return _with_network(reading, followed, tuple(entry.given for entry in followed.entries), found.classes)


def _several(code: Code, followed: Followed, wishes: shapes.Wishes, given: Given) -> Known:
    """The inputs where the docstring says all of them, or where there are several, and how they are known."""
    documented = followed.documented
    if documented is None:
        return input_list.several(code, followed, wishes, given)
    inputs, told = documented.inputs, "docstring"
    if any(given):
        pairs = zip(inputs, (*given, *[None] * len(inputs)), strict=False)
        inputs, told = tuple(replace(each, shape=shape or each.shape) for each, shape in pairs), "given"
    return Known(inputs, told)


def _of_inputs(reading: Reading, followed: Followed, known: Known) -> Reading:
    """The reading where the docstring says all inputs, or where there are several."""
    if not followed.layers:
        return reading
    reading = replace(reading, size=known.size)
    if known.missing:
        every = len(known.missing) == len(followed.inputs)
        words = f"The network takes {len(followed.inputs)} inputs: {joined(followed.inputs)}. "
        words += f"Give a shape for {'each' if every else joined(known.missing)}, without the batch axis."
        return replace(reading, needs_input_shape=True, refusal=reading.refusal or SourceError(words))
    if known.doubt:
        reading = replace(reading, doubt=known.doubt, notes=(Note(None, known.doubt), *reading.notes))
    classes = followed.documented.classes if followed.documented is not None else 0
    shown = tuple(each for each in known.inputs if each.name not in followed.unread)
    if followed.unread:
        idle = [name for name in followed.inputs if name in followed.unread]
        words = f"No layer reads {joined(idle)}, so {'it is' if len(idle) == 1 else 'they are'} not shown."
        reading = replace(reading, notes=(*reading.notes, Note(None, words)))
    return _with_network(replace(reading, shape_told=known.told), followed, shown, classes)


def _asking(reading: Reading, words: str, expected: tuple[int | None, int | None]) -> Reading:
    """Ask for the shape, with an example of as many axes and channels as the layers want, where they say it."""
    axes, channels = expected
    size = 1 if reading.layers[:1] and reading.layers[0].type.startswith("ConvTranspose") else 28
    if (reads := shapes.sequential(reading.layers)) is not None:
        width = next((row.value for row in reading.written if row.layer == reading.layers[0].name), 64)
        example = "(16,)" if reads.wants == "indices" else f"(16, {width})"
        reason = f"The code does not say the input shape. {words} Type one, for example {example}."
        return replace(reading, needs_input_shape=True, refusal=reading.refusal or SourceError(reason))
    known = channels if channels and examples.is_shape((channels,)) else 1 if axes else 784
    sizes = (1, size, size) if axes is None else (known, *(size,) * axes)
    example = f"({', '.join(map(str, sizes))}{',' * (len(sizes) == 1)})"
    reason = f"The code does not say the input shape. {words} Type one, for example {example}."
    refusal = reading.refusal or SourceError(" ".join(reason.split()))
    return replace(reading, needs_input_shape=True, refusal=refusal)


@dataclass(frozen=True)
class _Input:
    """The input's shape, None where the code does not tell it. `told`: see Reading.shape_told; `words` say more of it.

    `batch` is how many samples an error tells.
    `classes` is 0 where the head's width is meant, None where there are none. `shown` are the example calls, `doubt`
    is a sentence where another size might be meant; `size` is what else is said of it.
    """

    shape: Shape | None
    told: str = ""
    words: str = ""
    classes: int | None = 0
    shown: tuple[Example, ...] = ()
    doubt: str = ""
    size: Size = NOT_SAID
    batch: int = 0


def _input(code: Code, followed: Followed, wishes: shapes.Wishes, given: Shape | None) -> _Input:
    """What is known of the input, from the surest source that there is."""
    run, layers = followed.run, followed.layers
    documented = examples.docstring(code.tree, followed.name)
    classes = documented[1] if documented else 0
    if given is not None:
        return _Input(tuple(given), "given", classes=classes)
    if documented is not None:
        return _Input(documented[0], "docstring", classes=classes)
    axes, channels = shapes.expected(layers, wishes)
    axes = None if followed.input_sizes else axes
    channels = None if followed.input_sizes else channels
    is_reshaped = bool(followed.input_sizes) and not followed.makes_batch
    is_sequence = not is_reshaped and shapes.expects_steps(layers)
    axis = followed.entries[0].axis
    shown = examples.ranked(
        run, followed.network, axes, channels, is_sequence, axis, followed.makes_batch,
        lambda shape: is_reshaped or is_sequence or walking.enters(shapes.opened(layers), wishes, shape),
    )  # fmt: skip
    if shown:
        return _Input(shown[0].shape, "example call", shown=tuple(shown))
    if followed.input_sizes and examples.is_shape(followed.input_sizes):
        return _Input(followed.input_sizes, "code")
    if (tried := followed.tried) is not None and examples.is_shape(tried.shape[1:]):
        words = f"from {run.paste.quote(tried.node)} in line {run.paste.place(tried.node)[0]}"
        return _Input(tried.shape[1:], "code", classes=classes, size=Size(words))
    if followed.order and any(layer.dims for layer in layers):
        shape = forward_errors.fitting(followed, axes, channels)
        doubt = "" if shape is None else f"{shape_text(shape)} would fit the layers; what do you use?"
        return _Input(shape, "layers", doubt=doubt)  # else, what is between the layers and their sizes are unknown
    by_layers = shapes.tell(layers, wishes)
    ran = followed.entries[0].given.shape
    runs = followed.fault is None and followed.arrivals is not None
    if runs and by_layers.is_open and by_layers.shape and ran[:1] == by_layers.shape[:1]:
        by_layers = replace(by_layers, shape=ran)  # the size with which alone it ran, if another one was tried
    if runs and (by_layers.is_open or by_layers.free is not None) and (held := held_sizes.told(followed, ran)):
        by_layers = held
    rows = ""
    if runs and by_layers.shape is not None and ran[1:] == by_layers.shape and len(ran) == 2:
        # the code itself needs several rows of what the first layer takes, as attention does
        by_layers = replace(by_layers, shape=ran, is_open=True)
        rows = f"No layer says how many rows there are. Shown here: {shape_text(ran)}; what do you use?"
    wanted = by_layers.shape if by_layers.shape is not None and examples.is_shape(by_layers.shape) else None
    case = evidence.Case(code, run, followed.inputs)
    rank = input_list.rank(layers, axes)
    found = told.sized(told.evidence(case), rank, channels, None, [wanted] if wanted is not None else [])
    if found is not None and examples.is_shape(found.shape):
        size = disagreement.size_of(found, wanted, layers, wishes, run.paste)
        return _Input(found.shape, found.by.kind, size=size)
    by_error = error_messages.find(run.paste.source, run.paste.error, layers, wishes)
    if by_error is not None and examples.is_shape(by_error.told.shape):
        fits = likely.choices(layers, wishes, by_error.told.shape, by_error.told.fits) if by_error.doubt else ()
        return _Input(
            by_error.told.shape, "error", doubt=by_error.doubt, size=Size(by_error.words, choices=fits),
            batch=by_error.batch,
        )  # fmt: skip
    if wanted is None:
        return _guessed(followed, wishes, by_layers)
    how = "guess" if by_layers.is_open else "layers"
    denied = error_messages.denied(run.paste.source, run.paste.error, layers, wishes, wanted) if runs else ""
    doubt = denied or rows or doubts.doubt(by_layers, followed)
    missed = list(unreadable.made_for(case, followed.network))
    if missed:
        where = f"{run.paste.quote(missed[0])} in line {case.line(missed[0])}"
        doubt = f"The code does not say the sizes of {where}. {doubt}" + (
            "" if doubt else f"{shape_text(wanted)} would fit the layers; what do you use?"
        )
    offered = likely.choices(layers, wishes, wanted, by_layers.fits, bool(by_layers.by)) if doubt else ()
    size = Size(doubts.worked_out(by_layers, followed), choices=offered)
    return _Input(wanted, how, by_layers.words, doubt=doubt, size=size)


def _first(found: _Input, followed: Followed) -> _Input:
    """The shape on which the network was followed first, where it runs whole."""
    shape = followed.entries[0].given.shape
    doubt = f"No layer says how large the input is. Shown here: {shape_text(shape)}; what do you use?"
    return replace(found, shape=shape, told="guess", words="", doubt=doubt, size=NOT_SAID)


def _guessed(followed: Followed, wishes: shapes.Wishes, by_layers: shapes.Told) -> _Input:
    """The shape on which the network was followed, where the layers tell none; None where it did not run on that."""
    words = "The sizes in the code are too large for an input." if by_layers.shape else by_layers.words
    shape = followed.entries[0].given.shape
    runs = bool(followed.rows) and bool(followed.rows[0].outputs) and not by_layers.shape
    size = Size(choices=likely.choices(followed.layers, wishes, shape if runs else None))
    if not runs:
        return _Input(None, words=words, size=size)
    steps = " steps" if followed.layers and shapes.is_sequential(followed.layers[0]) and len(shape) == 1 else ""
    doubt = f"{words} Shown here: {shape_text(shape)}{steps}; what do you use?"
    return _Input(shape, "guess", doubt=doubt, size=size)


def _with_network(reading: Reading, followed: Followed, inputs: tuple[Input, ...], classes: int | None) -> Reading:
    shape = inputs[0].shape
    norms = {row.layer: per_axis(row.value, 1) for row in reading.written if row.parameter == "normalized_shape"}
    layers = reading.layers
    renamed = followed.renamed
    inputs = tuple(replace(each, name=renamed.get(each.name, each.name)) for each in inputs)
    if followed.documented is None:
        inputs = input_list.with_kinds(inputs, layers, [each.name for each in inputs])
    told = [
        Note(None, f"A layer is named {name} too; input {name} is shown as {new}.") for name, new in renamed.items()
    ]
    reading = replace(reading, notes=(*reading.notes, *told))
    try:
        layers = shapes.with_norms(layers, norms, inputs)
        network = Network(shape, layers, 1 if classes == 0 else classes, inputs, followed.outputs)
        if classes == 0:
            head = network.head
            width = None if head is None else network[head].chosen[str(network[head].head)]
            network = network.with_classes(width if type(width) is int and 1 <= width <= 65_536 else None)
    except NetworkError as error:
        name = next((name for name in followed.names if f" {name}" in str(error)), None)
        span = reading.spans.get(name or "", (None,))[0]
        where = (span.line, span.column) if span else (None, None)
        return replace(reading, refusal=reading.refusal or SourceError(str(error), *where))
    return replace(reading, network=network, layers=layers)


def placed(fault: Fault, paste: Paste) -> SourceError:
    """A refusal with its place in what was pasted."""
    if fault.node is None or not hasattr(fault.node, "lineno"):
        return SourceError(fault.reason, is_error=fault.is_error)
    return SourceError(fault.reason, *paste.place(fault.node), is_error=fault.is_error)
