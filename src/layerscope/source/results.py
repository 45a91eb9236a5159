"""What forward returns: the network's outputs, and the rows that they need."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from layerscope.source.interpreter.interpreter import Interpreter
from layerscope.source.interpreter.machine import Use
from layerscope.source.interpreter.values import Data, Fault, Source, Unknown

MOST_DEEP = 3
"""How deep what is returned may be nested: (output, (h, c)) in a dictionary."""


def result_of(value: object, machine: Interpreter, network: object) -> tuple[Source, ...]:
    """The outputs in what forward returns; in a chain the last one, with what comes after it left out. Raises Fault."""
    parts = value if isinstance(value, list | tuple) else [value]
    tensors = list(_tensors(value))
    unknown = next((part for part in parts if isinstance(part, Unknown)), None)
    if not tensors and unknown is not None:
        raise Fault(unknown.reason, unknown.node)
    if not tensors:
        machine.returning_nothing(network)
        return ()
    if machine.exact or machine.branches or any(data.port for data in tensors):
        tensors = [machine.current(data, machine.uses[-1].node) if data.averaged else data for data in tensors]
        return tuple(dict.fromkeys(data.source for data in tensors if not data.is_bare))
    last = max(tensors, key=lambda data: data.position)
    if len(parts) > 1:
        machine.note("forward returns more than one value; the one at the end of the chain is read.")
    if last.averaged:
        machine.note("The mean over some axes at the end is left out.")
    if last.position < len(machine.uses):
        machine.note("What forward works out after the tensor it returns is left out.")
        machine.uses = machine.uses[: last.position]
    return ()


def _tensors(value: object, depth: int = 0) -> Iterator[Data]:
    parts: Any = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    if isinstance(value, Data):
        yield value
    for part in parts if depth < MOST_DEEP else ():
        yield from _tensors(part, depth + 1)


def needed(machine: Interpreter, outputs: tuple[Source, ...]) -> tuple[Source, ...]:
    """Leave out the rows that no output needs; the outputs as they are called then."""
    uses = machine.uses
    waiting, used = [row for row, _ in outputs], set[int]()
    while waiting:
        row = waiting.pop()
        if row > 0 and row not in used:
            used.add(row)
            waiting.extend(source for source, _ in uses[row - 1].reads)
    if len(used) == len(uses) or not used:
        return outputs
    machine.note("What forward works out and does not return is left out.")
    places = {row: place for place, row in enumerate(sorted(used), 1)}

    def moved(source: Source) -> Source:
        return places.get(source[0], source[0]), source[1]

    calls: dict[int, Use] = {}
    machine.uses = []
    for row in sorted(used):
        use = uses[row - 1]
        first = calls.get(id(use.made)) if use.again is not None else None
        kept = replace(use, reads=tuple(map(moved, use.reads)), again=first)
        calls.setdefault(id(use.made), kept)
        machine.uses.append(kept)
    return tuple(map(moved, outputs))


def is_chain(uses: list[Use], outputs: tuple[Source, ...]) -> bool:
    """Whether each row reads just what the row before it gives, and the last one is all that leaves."""
    plain = all(use.reads == ((place, 0),) and use.again is None for place, use in enumerate(uses))
    return plain and outputs in ((), ((len(uses), 0),))
