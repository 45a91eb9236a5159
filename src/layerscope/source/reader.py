"""PyTorch source in, network out. The source is read from its syntax tree; nothing of it is ever executed."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from layerscope.network import Network, NetworkError
from layerscope.source import choice, handed_on
from layerscope.source.absent import (
    INSIDE,
    NO_CODE,
    NOTHING,
    is_inside_of_class,
    lacking_head,
    lacking_head_above,
    without_network,
)
from layerscope.source.assembly import assembled, placed
from layerscope.source.builders import Builders, builders_of
from layerscope.source.corrections import mismatches
from layerscope.source.followed import Code
from layerscope.source.input_list import Given
from layerscope.source.mismatch import Mismatch, corrected
from layerscope.source.python.callables import UserFunction
from layerscope.source.python.classes import UserClass
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.python.statements import Raised
from layerscope.source.python.values import Fault
from layerscope.source.reading import Flaw, Note, Reading, SourceError, Span, Written
from layerscope.source.remarks import batch_axes, undefined_names
from layerscope.source.remarks.class_errors import ClassErrors
from layerscope.source.remarks.missing_imports import missing_imports
from layerscope.source.remarks.remarks import Remarks
from layerscope.source.text import printed, scan
from layerscope.source.text.notebooks import notebook_code
from layerscope.source.text.paste import Paste, rows_of, short
from layerscope.source.text.syntax import syntax_error
from layerscope.source.torch.script import script_of
from layerscope.source.torch.world import TorchWorld

__all__ = [
    "Mismatch", "Note", "Reading", "SourceError", "Span", "Written", "corrected", "mismatches", "read", "read_all",
]  # fmt: skip

MOST_TRIES = 4
Shapes = Sequence[Any]
"""A shape, or several."""
_TOO_DEEP = "The code is nested too deeply to read."


def read(source: str, inputs: Shapes | None = None, class_name: str | None = None) -> Network:
    """The network of a paste. `inputs` is the input's shape without batch, or a list of shapes where there are several;
    None in that list stands for a shape that the code itself may tell.

    Raises SourceError, whose `reading` holds what was readable.
    """
    reading = read_all(source, inputs, class_name)
    if reading.refusal is not None:
        reading.refusal.reading = reading
        raise reading.refusal
    assert reading.network is not None
    return reading.network


def read_all(source: str, inputs: Shapes | None = None, class_name: str | None = None) -> Reading:
    """Everything known about a paste. What is wrong with it is in `refusal`; nothing is raised."""
    try:
        shapes = _shapes(inputs)
        for shape in filter(None, shapes):
            Network(shape, ())
        scan.check_size(source)
        return scan.deep(lambda: _read(source, shapes, class_name))
    except SourceError as error:
        return Reading(source if isinstance(source, str) else "", refusal=error)
    except NetworkError as error:
        return Reading(source, refusal=SourceError(str(error)), needs_input_shape=True)
    except (RecursionError, MemoryError, OverflowError, ValueError):
        return Reading(source, refusal=SourceError(_TOO_DEEP))


def _shapes(inputs: Shapes | None) -> Given:
    """One shape for each input; () where nothing is given."""
    row = tuple(inputs or ())
    several = bool(row) and all(part is None or isinstance(part, tuple | list) for part in row)
    if several:
        return tuple(None if part is None else tuple(part) for part in row)
    return (row,) if inputs is not None else ()


def _read(source: str, inputs: Given, class_name: str | None) -> Reading:
    if code_of_cells := notebook_code(source):
        source = code_of_cells
        scan.check_size(source)
    paste = Paste.of(source)
    try:
        reading = _of_paste(source, paste, inputs, class_name)
        return replace(reading, error=reading.error or paste.error)
    except SourceError as error:
        return Reading(source, refusal=error, error=paste.error)


def _of_paste(source: str, paste: Paste, inputs: Given, class_name: str | None) -> Reading:
    scan.check_tokens(paste.text)
    try:
        paste, tree = _parsed(paste)
    except SyntaxError as error:
        if isinstance(error, IndentationError) and is_inside_of_class(paste.text):
            flaw = lacking_head_above(paste)
            return Reading(source, notes=(flaw,) if flaw else (), refusal=SourceError(INSIDE, 1))
        if printed.is_printed(source):
            return _of_print(source)
        if not paste.without_sentences().text.strip():
            raise SourceError(NO_CODE) from None
        raise syntax_error(error, paste) from None
    code = Code(tree, scan.check_tree(tree))
    world, remarks = TorchWorld(), Remarks(paste)
    world.nodes = code.nodes
    run = Evaluator(paste, world, remarks, ClassErrors())
    try:
        world.at_module_level = True
        run.module(tree, loops=not any(isinstance(node, ast.ClassDef) for node in tree.body))
    except RecursionError:
        raise SourceError(_TOO_DEEP) from None
    finally:
        world.at_module_level = False
    classes = choice.module_classes(run)
    builders = builders_of(run, {name: cls for name, cls in classes.items() if name not in world.constructed})
    tries = _tries(tree, run, world, classes, class_name, builders)
    if not classes and (flaw := lacking_head(tree, paste)) is not None:
        return Reading(source, notes=(flaw,), refusal=SourceError(INSIDE, flaw.line))
    if not tries and printed.is_printed(source):
        return _of_print(source)
    if not tries and world.not_held is not None:
        raise placed(Fault(world.not_held.reason, world.not_held.node), paste)
    if not tries:
        raise SourceError(INSIDE if is_inside_of_class(paste.text) else without_network(code.nodes, paste.text))
    before = run.steps
    run.steps = world.layers_made = 0  # one budget for all of them
    common = dict(remarks.notes)
    best: Reading | None = None
    first: Reading | None = None
    is_whole, shown = False, tries[0]
    missed: SourceError | None = None
    for meant in tries[: 1 if class_name else MOST_TRIES]:
        if is_whole and meant[0] is None:
            continue
        remarks.notes = dict(common)
        handed_on.look(code, run, world, meant[1])
        reading, came = assembled(code, run, world, meant, (*classes, *builders), inputs)
        whole = came.fault is None and bool(came.rows)
        if best is not None and not whole:
            continue
        if came.fault is not None:
            told = undefined_names.told(run, tree, came.network, came.fault)
            refusal = placed(told, paste)
            remarks.add(batch_axes.told(run, code.nodes, came.fault))
            reading = replace(reading, refusal=refusal, notes=(*reading.notes, *_later(remarks, reading)))
            if meant[0] and meant is tries[0]:
                first, missed = reading, refusal
        if best is None or not is_whole or (meant[0] is not None and choice.is_better_told(reading, best)):
            best, is_whole, shown = reading, whole, meant
        if is_whole and not (best.needs_input_shape or best.doubt):
            break
    assert best is not None
    if first is not None and tries[0][0] in world.constructed and not choice.has_a_name(run, shown):
        best, shown = first, tries[0]  # what the code makes itself is meant, not a part of it or some class beside it
    best = replace(best, steps=before + run.steps)
    if missed is not None and shown is not tries[0]:
        best = replace(best, notes=(choice.another_shown(tries[0], shown, missed), *best.notes))
    if not class_name and shown[0] in builders:
        best = replace(best, notes=(*best.notes, choice.built_by(shown[0], builders)))
    if others := choice.named_besides(tries, shown):
        best = replace(best, notes=(*best.notes, Note(None, others)))
    raised = next((fault for fault in run.left_out if isinstance(fault, Raised)), None)
    if raised is not None and (best.refusal is not None or isinstance(shown[1], UserFunction)):
        best = replace(best, network=None, refusal=placed(raised, paste))
    elif best.refusal is not None and best.refusal.reason == NOTHING:
        best = replace(best, refusal=_why_nothing(run, world, code, best.refusal))
    elif (left_out := world.made_without.get(id(shown[1]))) is not None:
        best = replace(best, notes=(*best.notes, choice.made_without(left_out, paste)))
    best = replace(best, imports=missing_imports(run, tree, best.notes), error=paste.error)
    around = None if class_name else choice.around(world, shown[1])
    return best if around is None else replace(best, refusal=placed(around, paste))


def _why_nothing(run: Evaluator, world: TorchWorld, code: Code, refusal: SourceError) -> SourceError:
    """Why the functions of a paste make no network."""
    if world.not_held is not None:
        return placed(Fault(world.not_held.reason, world.not_held.node), run.paste)
    words = without_network(code.nodes, run.paste.text)
    if words != NOTHING or not run.left_out:
        return SourceError(words) if words != NOTHING else refusal
    return placed(run.left_out[0], run.paste)


def _later(remarks: Remarks, reading: Reading) -> tuple[Note, ...]:
    """The remarks that came after the reading was put together."""
    return tuple(note for note in remarks.notes if note not in reading.notes)


def _parsed(paste: Paste) -> tuple[Paste, ast.Module]:
    """The syntax tree, of the code alone where words stand around it. Raises SyntaxError."""
    try:
        return paste, scan.parse(paste.text)
    except SyntaxError as error:
        code = paste.without_sentences()
        if not code.text.strip():
            raise
        try:
            return code, scan.parse(code.text)
        except SyntaxError as other:
            if (above := code.up_to(other.lineno or 0)) is not None:
                return _parsed(above)
            line = error.lineno or 0
            if 0 < line <= len(code.lines) and paste.lines[line - 1] != code.lines[line - 1]:
                raise other from None  # the first is about a sentence
        raise


def _of_print(source: str) -> Reading:
    """What print(model) shows is not code; where it can be made into code, that is a change like any other."""
    sentence = (
        "This is the output of print(model), not code. It does not show in which order forward calls the layers, nor "
        "functions such as F.relu and torch.flatten."
    )
    rows = rows_of(source)
    whole = Span(1, 1, len(rows) + 1, 1)
    flaw = Flaw(
        None, f"{sentence} Turned into code, the layers run in the order listed here.", "printed", "error",
        "This is the output of print(model)", label="Turn it into code", changes=((whole, printed.as_code(source)),),
    )  # fmt: skip
    return Reading(source, notes=(flaw,), refusal=SourceError("Paste the class itself for what really runs."))


def _tries(
    tree: ast.Module, run: Evaluator, world: TorchWorld, classes: dict[str, UserClass], class_name: str | None,
    builders: Builders,
) -> list[tuple[str | None, Any, ast.AST]]:  # fmt: skip
    """The networks that may be meant, likeliest first: a name, the network, and its node."""
    if class_name in builders:
        return [_built(world, class_name, builders)]
    if class_name is not None:
        if class_name not in classes:
            there = f"; it has {', '.join(list(classes)[:8])}" if classes else ""
            raise SourceError(short(f"The code has no class of that name{there}."))
        return [(class_name, classes[class_name], classes[class_name].node)]
    inside = choice.in_containers(tree) | choice.in_others(world) | choice.in_made(run) if classes else set()
    names = choice.made_first(run, world, classes, choice.ordered(tree, world.nodes, classes, inside))
    ranked: list[tuple[str | None, Any, ast.AST]] = [(name, classes[name], classes[name].node) for name in names]
    bare: list[tuple[str | None, Any, ast.AST]] = [(None, each, each.node) for each in choice.free(run, world)]
    script = script_of(tree, run) if not ranked else None
    if script is not None:
        return [(None, script, script.node), *bare[:1]]
    if not ranked and not bare:
        functions = [value for value in run.globals.names.values() if isinstance(value, UserFunction)]
        meant: list[tuple[str | None, Any, ast.AST]] = [(None, each, each.node) for each in functions[::-1]]
        return meant + [(None, made, made.node) for made in choice.single_layers(tree, run)[-1:]]
    if not choice.is_free(classes, inside):
        return bare + ranked
    if (name := choice.built_first(ranked, builders)) is not None:
        built = _built(world, name, builders)
        return [built, *(each for each in ranked if each[1] is not built[1]), *bare]
    makers = choice.makers(tree, run, classes)
    return [*((None, each, each.node) for each in makers), *ranked, *bare]


def _built(world: TorchWorld, name: str, builders: Builders) -> tuple[str | None, Any, ast.AST]:
    """What a function of the code makes, as a network that may be meant."""
    function, cls = builders[name]
    world.builders = {cls.name: function}
    return name, cls, cls.node
