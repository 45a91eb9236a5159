"""What would mend a network, as changes of the code that was pasted: each is read again, and runs, before it is said.

A repair of the engine changes rows; here each change goes to the call that makes the row, or to the place where the
number is written that a name there stands for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

from layerscope.layers.base import Layer
from layerscope.network import Network
from layerscope.source import bindings, divisions, expressing, operand_ways
from layerscope.source.corrections import mismatches
from layerscope.source.expressing import Edit, Told, Wanted
from layerscope.source.labels import label_of
from layerscope.source.making import Made
from layerscope.source.mismatch import Mismatch
from layerscope.source.reading import Reading, SourceError, Span
from layerscope.source.rereading import Reader
from layerscope.source.text import scan
from layerscope.source.text.paste import Paste, replaced
from layerscope.steps import Repair, Trace

MOST = 3
"""Corrections that are offered; each of them mends the whole network."""
MOST_DIVISIONS = 2
"""Numbers that are offered in the place of one that does not divide."""
MOST_WAYS = 4
"""Ways to write one repair that are tried."""


@dataclass(frozen=True)
class Correction:
    """A change of the code after which the network runs: what it does in words, and the whole text then."""

    label: str
    text: str
    lines: tuple[int, ...]
    repair: Repair | None = None
    follows: bool = False
    """Whether numbers are changed with it, because they follow from it."""


def corrections(reader: Reader, seen: Trace | None) -> tuple[Correction, ...]:
    """What mends a network that does not run, as changes of its code; where some change nothing else, those."""
    tree = _Tree(reader.reading.source)
    if reader.reading.refusal is not None or (seen is not None and seen.error is not None):
        of_rows: tuple[Correction, ...] = ()
        if seen is not None and reader.reading.refusal is None:
            of_rows = (*_of_operands(reader, seen, tree), *_of_rows(reader, seen, tree))[:MOST]
        return of_rows or tuple(_of_ways(reader)) or tuple(_of_divisions(reader, tree))
    return ()


def _of_ways(reader: Reader) -> Iterator[Correction]:
    """The first of the ways, of the refusal and of each flaw, after which the network runs."""
    refusal = reader.reading.refusal
    for ways in (refusal.ways if refusal is not None else (), *(flaw.ways for flaw in reader.reading.flaws)):
        for way in ways:
            running = reader.running(replaced(reader.reading.source, {each.place: each.text for each in way}))
            if running is not None:
                lines = tuple(sorted({each.place.line for each in way}))
                label = label_of([((each.place, each.text), each.words) for each in way], running[1])
                yield Correction(label, running[0], lines, follows=bool(running[1]))
                break


def _of_operands(reader: Reader, seen: Trace, tree: "_Tree") -> Iterator[Correction]:
    """The first change of what the failing row reads after which the network runs, with all numbers as they are."""
    if seen.error is None or tree.known is None or seen.steps[-1].name not in reader.reading.joined:
        return
    for told in operand_ways.ways(*tree.known, reader.reading, seen.steps[-1]):
        edits = dict(edit for edit, _ in told)
        running = reader.running(replaced(reader.reading.source, edits))
        if running is not None and not running[1]:
            yield Correction(label_of(told), running[0], tuple(sorted({span.line for span in edits})))
            return


def _of_divisions(reader: Reader, tree: "_Tree") -> Iterator[Correction]:
    """Another number in the place of one that does not divide what it must."""
    source, count = reader.reading.source, 0
    if not reader.reading.layers and reader.reading.class_name is None:
        return  # nothing was followed
    for edit, words in divisions.ways(*tree.known) if tree.known is not None else ():
        running = reader.running(replaced(source, dict([edit])))
        if running is not None:
            label = label_of([(edit, words)], running[1])
            yield Correction(label, running[0], (edit[0].line,), follows=bool(running[1]))
            count += 1
        if count == MOST_DIVISIONS:
            return


def _of_rows(reader: Reader, seen: Trace, tree: "_Tree") -> tuple[Correction, ...]:
    """Repairs of the row that fails, written into the code."""
    reading, found = reader.reading, dict[frozenset[Span], Correction]()
    if seen.error is None or reading.is_order_guessed:
        return ()
    for repair in seen.error.repairs:
        ways = _ways(reading, seen, repair.network, tree)
        if repair.first is not None:  # one line may serve all the rows that fail
            ways = chain(ways, _ways(reading, seen, repair.first, tree))
        for told in ways:
            edits = [edit for edit, _ in told]
            places = frozenset(span for span, _ in edits)
            if places in found or len(found) == MOST:
                break
            running = reader.running(replaced(reading.source, dict(edits)))
            if running is not None:
                text, follows = running
                lines = tuple(sorted({span.line for span, _ in edits}))
                found[places] = Correction(label_of(told, follows), text, lines, repair, bool(follows))
                break
    alone = [each for each in found.values() if not each.follows]
    return tuple(alone or found.values())


def at_origins(reader: Reader, wrong: Sequence[Mismatch]) -> tuple[Mismatch, ...]:
    """The mismatches, with the number changed where it is written if only a name for it stands at the layer."""
    reading, tree = reader.reading, _Tree(reader.reading.source)
    results = []
    for each in wrong:
        made = reading.made.get(each.layer)
        argument = made.arguments.get(each.parameter) if made is not None else None
        is_name = argument is not None and not argument.is_literal and argument.origin is None
        if argument is not None and is_name and each.replacement.isdigit() and type(each.value) is int:
            each = next(_moved(reader, wrong, each, tree.places(argument.text, each.value)), each)
        results.append(each)
    return tuple(results)


def _moved(reader: Reader, wrong: Sequence[Mismatch], each: Mismatch, places: Sequence[Span]) -> Iterator[Mismatch]:
    """The mismatch put right at one of those places, where that makes nothing else wrong."""
    for place in places:
        there = replace(each, at=place, source=reader.reading.source)
        found = reader.read(there.corrected)
        if found is not None and found[1].error is None:
            left = {(other.layer, other.parameter) for other in mismatches(*found)}
            before = {(other.layer, other.parameter) for other in wrong}
            if left <= before - {(each.layer, each.parameter)}:
                yield there


class _Tree:
    """The syntax tree of the paste, made when it is asked for."""

    def __init__(self, source: str) -> None:
        self.source = source

    @cached_property
    def known(self) -> tuple[Paste, Sequence[Any]] | None:
        """The paste and the nodes; None where it cannot be parsed."""
        paste = Paste.of(self.source)
        try:
            return paste, scan.deep(lambda: scan.check_tree(scan.parse(paste.text)))
        except (SyntaxError, SourceError, RecursionError, MemoryError, ValueError):
            return None

    def places(self, text: str, value: int) -> list[Span]:
        """Where that number is written which an expression may stand for."""
        if self.known is None:
            return []
        paste, nodes = self.known
        return [paste.span(node) for node in bindings.numbers_for(nodes, text, value)]


def _ways(reading: Reading, seen: Trace, new: Network, tree: _Tree) -> Iterator[list[Told]]:
    """The ways to write a repair into the code, the best first, with their words; none where it is not one."""
    old = seen.network
    if old.inputs != new.inputs:
        return
    if old.names != new.names:
        if (flat := _flattened(reading, old.names, new.names)) is not None:
            yield [(flat, "flatten first")]
        return
    choices: list[list[Told]] = []
    for before, after in zip(old.layers, new.layers, strict=True):
        if before == after:
            continue
        made = reading.made.get(after.name)
        if made is None or before.inputs != after.inputs or before.of != after.of:
            return
        if before.type != after.type:
            choices.append([((made.name, after.type), f"write {after.type}")])
            continue
        for name, value in after.chosen.items():
            if value != before.chosen[name]:
                choices.append([*_written(reading, made, name, (before.chosen[name], value), new.layers, tree)])
    for n in range(min(max(map(len, choices), default=0), MOST_WAYS) if all(choices) else 0):
        picked = dict.fromkeys(choice[min(n, len(choice) - 1)] for choice in choices)
        if len({edit[0] for edit, _ in picked}) == len(picked):
            yield [*picked]


def _group(reading: Reading, layers: Sequence[Layer], made: Made, name: str) -> list[Wanted]:
    """All layers that a call makes, with what each must have for an argument."""
    alike = ((layer, reading.made.get(layer.name)) for layer in layers)
    return [
        Wanted(other, layer.chosen[name])
        for layer, other in alike
        if other is not None and other.span == made.span and name in layer.chosen
    ]


def _written(
    reading: Reading, made: Made, name: str, change: tuple[Any, Any], layers: Sequence[Layer], tree: _Tree
) -> Iterator[Told]:
    """The ways to give an argument its value: names in the code, the place where its number is written, the number.

    Names that are right for this layer alone come too: layers that the call makes besides may fail later.
    """
    old, value = change
    argument = made.arguments.get(name)
    verb = "add" if argument is None else "write"
    there = {other.arguments[name].text for other in reading.made.values() if _is_beside(other, made, name)}
    texts = [*expressing.named(name, _group(reading, layers, made, name), sorted(there))]
    texts += expressing.named(name, [Wanted(made, value)], sorted(there))
    if argument is not None and (several := expressing.times(argument, value)) is not None:
        texts.append(several)
    for text in dict.fromkeys(texts):
        yield expressing.edit(made, name, text), f"{verb} {name}={text}"
    number = expressing.literal([Wanted(made, value)])
    if argument is not None and not argument.is_literal and type(value) is type(old) is int:
        origins = [argument.origin] if argument.origin is not None else tree.places(argument.text, old)
        yield from (((place, str(value)), f"write {value} for {name}") for place in origins)
    if number is not None:
        yield expressing.edit(made, name, number), f"{verb} {name}={number}"


def _is_beside(other: Made, made: Made, name: str) -> bool:
    """Whether a call writes an argument among the same names as another one."""
    return other.scope == made.scope and other.span != made.span and name in other.arguments


def _flattened(reading: Reading, old: Sequence[str], new: Sequence[str]) -> Edit | None:
    """The change of the code that puts a flatten in, where one row more is all that is new."""
    added = [place for place, name in enumerate(new) if name not in old]
    if len(added) != 1 or len(new) != len(old) + 1 or added[0] + 1 >= len(new):
        return None
    return reading.flattens.get(new[added[0] + 1])
