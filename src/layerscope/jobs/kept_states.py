"""What ended trials can go on from, in the file of the trials: weights, optimizer and random numbers of each.

They are bytes of `study.states`, tensors and JSON. Bounded are, by `limits.py`: what one trial may take (TRIAL_STATE,
by the worker before anything is sent), and in the file what one set of trials takes (STATES_OF_STUDY), all sets of one
page (STATES_OF_SESSION), and all together (STATES). Where there is no room, those of the newest set are kept, and in a
set those of the most accurate trials. Of every other one the file notes why it has none. They go with their trials,
after `KEPT_DAYS` at the latest.
"""

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from layerscope import limits
from layerscope.jobs.kept_file import File

if TYPE_CHECKING:
    from sqlalchemy import Connection

HELD, LARGE, ROOM = "held", "large", "room"
"""What the file says of the state of a trial: it is here; it was too large; others took its place."""


class KeptStates(File):
    """The states' part of the file. Every method raises KeptError where it cannot be read or written."""

    def hold(self, name: str, number: int, accuracy: float | None, state: bytes, session: str) -> None:
        """Keep what a trial can go on from, as far as there is room; b"" where it was too large.

        Of the page that began the trials the file holds a hash: with its name one could speak for it.
        """
        whose = hashlib.sha256(session.encode()).hexdigest()[:16]
        with self._writing() as to:
            values = {
                "study": name, "number": number, "whose": whose, "accuracy": accuracy or 0.0, "size": len(state),
                "why": HELD if state else LARGE, "state": state or None,
            }  # fmt: skip
            to.execute(self._states.insert().prefix_with("OR REPLACE"), values)
            self._make_room(to, name, whose)

    def _make_room(self, to: "Connection", name: str, whose: str) -> None:
        """Let go of states beyond what this set of trials, all of its page, and all sets together may take; those of
        the newest set stay longest."""
        from sqlalchemy import and_, select, text

        states, studies = self._states.c, self._studies
        joined = self._states.outerjoin(studies, studies.c.id == states.study)
        order = (text("studies.rowid DESC"), states.accuracy.desc(), states.number)
        asked = select(states.study, states.number, states.size, states.whose).select_from(joined)
        taken = Counter[str]()
        for row in to.execute(asked.where(states.why == HELD).order_by(*order)).all():
            for part, limit in (
                ("set" if row.study == name else "", limits.STATES_OF_STUDY),
                ("page" if row.whose == whose else "", limits.STATES_OF_SESSION),
                ("all", limits.STATES),
            ):
                taken[part] += row.size if part else 0
                if taken[part] > limit.most:
                    of = and_(states.study == row.study, states.number == row.number)
                    to.execute(self._states.update().where(of).values(state=None, size=0, why=ROOM))
                    break  # it takes nothing of what is larger

    def held(self, name: str) -> dict[int, str]:
        """By number of a trial what the file says of its state: HELD, LARGE or ROOM; nothing of those without one."""
        if not self._is_there:
            return {}
        from sqlalchemy import select

        states = self._states.c
        with self._writing() as to:
            found: Any = to.execute(select(states.number, states.why).where(states.study == name))
            return {row.number: row.why for row in found}

    def state_of(self, name: str, number: int) -> bytes | None:
        """What a trial can go on from; None where the file has nothing, or no longer."""
        if not self._is_there:
            return None
        from sqlalchemy import select

        states = self._states.c
        with self._writing() as to:
            found: bytes | None = to.execute(
                select(states.state).where(states.study == name, states.number == number)
            ).scalar()
            return found
