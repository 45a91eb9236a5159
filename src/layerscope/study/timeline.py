"""How much memory one training step takes, moment by moment: each row forward, each row back, and the optimizer's step.

Sizes are laws of the batch, so one walk serves all batches. What is followed: tensors that rows hand on live until
their last reader has run; what is kept, until the row that keeps it has run back; a gradient, from the row that makes
it to the row that made the value. What a kernel borrows while it runs is not followed.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from layerscope.study.keeping import Block, Keeping, Place
from layerscope.study.saved import Law

FORWARD, AGAIN, BACKWARD, STEP = "forward", "recomputation", "backward", "step"
Piece = Block | tuple[str, Block] | int
"""A block, a block that checkpointing makes again, or a gradient by its number."""


class Moment(NamedTuple):
    """What lies in memory besides weights and the optimizer's state while a row runs."""

    phase: str
    layer: str
    activations: Law
    temporaries: Law
    gradients: int

    @property
    def total(self) -> Law:
        """All of it, as bytes of a batch."""
        return self.activations.plus(self.temporaries).plus(Law(0, self.gradients))


def timeline(kept: Keeping, trains: bool, checkpoint: Sequence[str] = (), step_bytes: int = 0) -> tuple[Moment, ...]:
    """The moments of one step in order. `checkpoint` names rows in a row that are run again in the backward pass."""
    return tuple(_Step(kept, trains, frozenset(checkpoint), step_bytes).moments())


class _Step:
    def __init__(self, kept: Keeping, trains: bool, again: frozenset[str], step_bytes: int) -> None:
        self._all, self._trains, self._step_bytes = kept, trains, step_bytes
        self._rows = kept.rows
        self._again = [number for number, row in enumerate(kept.rows) if row.name in again]
        self._live, self._kept = Counter[Piece](), Counter[Piece]()
        self._sizes: dict[Piece, Law] = dict(kept.sizes.items())
        self._activations = self._temporaries = Law()
        self._gradients, self._made = 0, 0
        self._last = {place: number for number, row in enumerate(kept.rows) for place in row.sources}

    def moments(self) -> Iterator[Moment]:
        for place, kinds in self._all.values.items():
            if place[0] < 0:
                self._change(self._live, kinds.block, 1)  # the batch stays where the training loop has it
        outside = {block for number in self._again for block in self._blocks_read(number) if self._is_outside(block)}
        for number, row in enumerate(self._rows):
            self._run(number)
            if number in self._again:
                if number == self._again[0]:
                    self._keep(outside, 1)
            else:
                self._keep(row.kept, 1)
            yield self._moment(FORWARD, number)
            self._drop_read(number)
        if self._trains:
            yield from self._backward(outside)
            yield self._moment(STEP, None)

    def _backward(self, outside: set[Block]) -> Iterator[Moment]:
        gradients: dict[Place, int] = {}
        for place in self._all.outputs:
            if self._all.values[place].value.wants_gradient and place not in gradients:
                gradients[place] = self._gradient(self._all.values[place].size)
        for number in reversed(range(len(self._rows))):
            if self._again and number == self._again[-1]:
                yield from self._recompute()
            row = self._rows[number]
            given = [gradients.pop((number, port)) for port in range(len(row.outputs)) if (number, port) in gradients]
            done = list(given)
            if given:
                self._gradients += row.weights
                for place in dict.fromkeys(row.sources):
                    if self._all.values[place].value.wants_gradient:
                        done += self._hand_on(place, row.hands_on and len(given) == 1, done[0], gradients)
                yield self._moment(BACKWARD, number)
            for gradient in done:
                self._change(self._live, gradient, -1)
            self._keep([self._again_of(block) for block in row.kept] if number in self._again else row.kept, -1)
            if self._again and number == self._again[0]:
                self._keep(outside, -1)

    def _hand_on(self, place: Place, is_same: bool, given: int, gradients: dict[Place, int]) -> list[int]:
        """Give a value its gradient, added to what other readers of it gave; returns what is then used up."""
        size = self._all.values[place].size
        new = given if is_same else self._gradient(size)
        if is_same:
            self._change(self._live, given, 1)
        if place not in gradients:
            gradients[place] = new
            return []
        old = gradients[place]
        if self._live[old] == 1:  # torch adds in place where nobody else looks
            return [new]
        gradients[place] = self._gradient(size)
        return [old, new]

    def _recompute(self) -> Iterator[Moment]:
        """Run the checkpointed rows again and keep what they keep."""
        for number in self._again:
            row = self._rows[number]
            held = [self._again_of(block) for block in row.outputs if block]
            for block in held:
                self._change(self._live, block, 1)
            self._keep(map(self._again_of, row.kept), 1)
            yield self._moment(AGAIN, number)
            for place in dict.fromkeys(row.sources):
                if place[0] in self._again and self._last[place] == number:
                    self._change(self._live, self._again_of(self._all.values[place].block), -1)
        for number in self._again:  # what rows after them read, and what nobody does
            for port, block in enumerate(self._rows[number].outputs):
                if self._last.get((number, port), len(self._rows)) not in self._again:
                    self._change(self._live, self._again_of(block), -1)

    def _again_of(self, block: Block | None) -> Piece | None:
        if block is None or self._is_outside(block):
            return block
        self._sizes["again", block] = self._sizes[block]
        return "again", block

    def _is_outside(self, block: Block) -> bool:
        return block[1] not in self._again

    def _blocks_read(self, number: int) -> Iterator[Block]:
        for place in self._rows[number].sources:
            if (block := self._all.values[place].block) is not None:
                yield block

    def _run(self, number: int) -> None:
        for block in self._rows[number].outputs:
            self._change(self._live, block, 1)

    def _drop_read(self, number: int) -> None:
        """Let go of what no row after this one reads."""
        row = self._rows[number]
        unread = [(number, port) for port in range(len(row.outputs)) if (number, port) not in self._last]
        read = [place for place in dict.fromkeys(row.sources) if place[0] >= 0 and self._last[place] == number]
        for place in (*read, *unread):
            if place not in self._all.outputs:
                self._change(self._live, self._all.values[place].block, -1)

    def _gradient(self, size: Law) -> int:
        self._made += 1
        self._sizes[self._made] = size
        self._change(self._live, self._made, 1)
        return self._made

    def _keep(self, blocks: "Sequence[Piece | None] | set[Block] | map[Piece | None]", by: int) -> None:
        for block in blocks:
            self._change(self._kept, block, by)

    def _change(self, counts: Counter[Piece], block: Piece | None, by: int) -> None:
        """Count one use more or less; what is kept counts as activation, what only lives as temporary."""
        if block is None:
            return
        before = self._kind(block)
        counts[block] += by
        after = self._kind(block)
        if before != after:
            for kind, times in ((before, -1), (after, 1)):
                if kind == "kept":
                    self._activations = self._activations.plus(self._sizes[block], times)
                elif kind == "live":
                    self._temporaries = self._temporaries.plus(self._sizes[block], times)

    def _kind(self, block: Piece) -> str:
        return "kept" if self._kept[block] else "live" if self._live[block] else ""

    def _moment(self, phase: str, number: int | None) -> Moment:
        name = self._rows[number].name if number is not None else ""
        temporaries = self._temporaries.plus(Law(0, self._step_bytes if phase == STEP else 0))
        return Moment(phase, name, self._activations, temporaries, self._gradients)
