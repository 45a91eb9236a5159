"""Trials that outlive the server: one SQLite file with our JSON in it, bounded in size and age.

It lies in the folder that LAYERSCOPE_TRIALS names, else in the user's cache folder. Each trial is written as soon as it
is done, so a server that is killed loses none that had finished.

Several server processes share the file. What one of them runs it owns, and says so again every few seconds: its beat.
Where the beat stays away the process was killed, and another one may go on. Beats count the time since the computer was
started, which all its processes see alike and nobody puts forward or back; one far in the future is of another start.
What a visitor of another process wants stopped is a wish in the file, which the owner looks for.
"""

import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerscope import limits
from layerscope.jobs.kept_file import KeptError
from layerscope.jobs.kept_states import KeptStates

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

__all__ = ["DONE", "RUNNING", "STOPPED", "Found", "Kept", "KeptError"]

DAY = 86_400
AWAY_SECONDS = 30.0
"""After so long without a beat trials have no owner any more."""
RUNNING, DONE, STOPPED = "running", "done", "stopped"


@dataclass(frozen=True)
class Found:
    """Trials as they were kept."""

    order: str
    state: str
    trials: tuple[str, ...]
    is_owned: bool = False
    """Whether a process that lives runs them."""
    is_unwanted: bool = False
    """Whether that process is to stop them."""


class Kept(KeptStates):
    """The file, as one process uses it. Every method raises KeptError where it cannot be read or written."""

    def __init__(self, where: Path | None = None) -> None:
        super().__init__(where)
        self._owner = secrets.token_hex(8)

    def begin(self, name: str, order: str) -> None:
        """Note that trials begin here, and let go of the oldest beyond the bounds."""
        with self._writing() as to:
            self._begin(to, name, order)

    def _begin(self, to: "Connection", name: str, order: str) -> None:
        now = time.time()
        to.execute(
            self._studies.insert().prefix_with("OR REPLACE"),
            {"id": name, "begun": now, "state": RUNNING, "text": order, "size": len(order)},
        )
        to.execute(
            self._owners.insert().prefix_with("OR REPLACE"),
            {"study": name, "owner": self._owner, "beat": time.monotonic()},
        )
        to.execute(self._wishes.delete().where(self._wishes.c.study == name))
        self._forget(to, now)

    def claim(self, name: str) -> bool:
        """Begin trials again that no other process runs. False where one does, or where the file has them no longer.

        One transaction, and its first statement writes: of two processes one waits until the other one is through.
        """
        from sqlalchemy import not_, or_, select

        owners, studies = self._owners.c, self._studies.c
        with self._writing() as to:
            is_free = or_(not_(self._is_beating()), owners.owner == self._owner)
            to.execute(self._owners.delete().where(owners.study == name, is_free))
            is_owned = to.execute(select(owners.owner).where(owners.study == name)).first() is not None
            order = to.execute(select(studies.text).where(studies.id == name)).scalar()
            if is_owned or order is None:
                return False
            self._begin(to, name, order)
            return True

    def beat(self, names: Collection[str]) -> set[str]:
        """Say that these trials still run here. Those among them that another process has taken over meanwhile."""
        from sqlalchemy import select

        owners = self._owners.c
        is_named = owners.study.in_(names)
        with self._writing() as to:
            mine = self._owners.update().where(is_named, owners.owner == self._owner)
            to.execute(mine.values(beat=time.monotonic()))
            taken = select(owners.study).where(is_named, owners.owner != self._owner)
            return set(to.execute(taken).scalars())

    def wish(self, name: str) -> None:
        """Ask the process that runs these trials to stop them; nothing where none does."""
        from sqlalchemy import select

        owners = self._owners.c
        with self._writing() as to:
            owned = select(owners.study).where(owners.study == name, self._is_beating())
            to.execute(self._wishes.insert().prefix_with("OR IGNORE").from_select(["study"], owned))

    def wished(self, names: Collection[str]) -> set[str]:
        """Those of these trials that somebody wants stopped."""
        from sqlalchemy import select

        wishes = self._wishes.c.study
        with self._writing() as to:
            return set(to.execute(select(wishes).where(wishes.in_(names))).scalars())

    def _is_beating(self) -> "ColumnElement[bool]":
        now = time.monotonic()  # while the statement waits for its turn, another process may write a later one
        return self._owners.c.beat.between(now - AWAY_SECONDS, now + AWAY_SECONDS)

    def leave(self) -> None:
        """Let go of all that this process owns: it ends."""
        with self._writing() as to:
            to.execute(self._owners.delete().where(self._owners.c.owner == self._owner))

    def note(self, name: str, number: int, trial: str, *, is_over: bool = True) -> None:
        """Note a trial. One that is not over, as it was stopped, is noted only where this process still owns it:
        another one may have brought it to its end meanwhile."""
        from sqlalchemy import exists, literal, select

        columns = {"study": name, "number": number, "text": trial, "size": len(trial)}
        values = select(*(literal(value) for value in columns.values()))
        if not is_over:
            owners = self._owners.c
            values = values.where(exists().where(owners.study == name, owners.owner == self._owner))
        with self._writing() as to:
            to.execute(self._trials.insert().prefix_with("OR REPLACE").from_select(list(columns), values))

    def amend(self, name: str, number: int, before: str, trial: str) -> bool:
        """Put a trial in the place of what was noted of it before. False where that is no longer there, or where a
        process has begun these trials again."""
        from sqlalchemy import exists

        trials = self._trials.c
        is_run = exists().where(self._owners.c.study == name, self._is_beating())
        is_it = (trials.study == name) & (trials.number == number) & (trials.text == before)
        with self._writing() as to:
            changed = self._trials.update().where(is_it, ~is_run).values(text=trial, size=len(trial))
            return bool(to.execute(changed).rowcount)

    def end(self, name: str, state: str) -> None:
        """Note that trials ended, all done or stopped; not where another process runs them meanwhile."""
        from sqlalchemy import exists, not_

        owners, studies = self._owners.c, self._studies.c
        with self._writing() as to:
            to.execute(self._owners.delete().where(owners.study == name, owners.owner == self._owner))
            is_run = exists().where(owners.study == name)
            to.execute(self._wishes.delete().where(self._wishes.c.study == name, not_(is_run)))
            is_owned = exists().where(owners.study == studies.id)
            to.execute(self._studies.update().where(studies.id == name, not_(is_owned)).values(state=state))

    def find(self, name: str) -> Found | None:
        """The trials of that name; None where there are none, or no longer."""
        if not self._is_there:
            return None
        from sqlalchemy import and_, select

        studies, owners = self._studies.c, self._owners.c
        joined = self._studies.outerjoin(self._owners, and_(owners.study == studies.id, self._is_beating()))
        joined = joined.outerjoin(self._wishes, self._wishes.c.study == studies.id)
        columns = (studies.text, studies.state, owners.owner, self._wishes.c.study.label("wish"))
        asked = select(*columns).select_from(joined).where(studies.id == name)
        with self._writing() as to:
            study: Any = to.execute(asked).first()
            if study is None:
                return None
            wanted = self._trials.select().where(self._trials.c.study == name).order_by(self._trials.c.number)
            trials = tuple(row.text for row in to.execute(wanted))
            is_owned = study.owner is not None
            return Found(study.text, study.state, trials, is_owned, is_owned and study.wish is not None)

    def state(self, name: str) -> str:
        """How far the file has the trials of that name; "" where it does not know them."""
        from sqlalchemy import select

        with self._writing() as to:
            return to.execute(select(self._studies.c.state).where(self._studies.c.id == name)).scalar() or ""

    def _forget(self, to: "Connection", now: float) -> None:
        """Let go of what is too old, and of the oldest where there is too much.

        Which came first the file's own row numbers say: a computer's clock may have been put back meanwhile.
        """
        from sqlalchemy import func, select, text

        studies, trials = self._studies.c, self._trials.c
        used = select(func.coalesce(func.sum(trials.size), 0)).where(trials.study == studies.id).scalar_subquery()
        rows = select(studies.id, studies.begun, studies.size + used).order_by(text("studies.rowid DESC"))
        every = to.execute(rows).all()
        total = 0
        for place, (name, begun, size) in enumerate(every):
            total += size
            is_old = now - begun > limits.KEPT_DAYS.most * DAY
            if place and (is_old or place >= limits.KEPT.most or total > limits.KEPT_BYTES.most):
                to.execute(self._trials.delete().where(trials.study == name))
                to.execute(self._states.delete().where(self._states.c.study == name))
                to.execute(self._owners.delete().where(self._owners.c.study == name))
                to.execute(self._wishes.delete().where(self._wishes.c.study == name))
                to.execute(self._studies.delete().where(studies.id == name))
