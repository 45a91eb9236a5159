"""Trials that outlive the server: one SQLite file with our JSON in it, bounded in size and age.

It lies in the folder that LAYERSCOPE_TRIALS names, else in the user's cache folder. Each trial is written as soon as it
is done, so a server that is killed loses none that had finished.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerscope import limits

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, MetaData, Table

FOLDER = "LAYERSCOPE_TRIALS"
FILE = "trials.sqlite3"
DAY = 86_400
SPARE_PAGES = 32
"""Of the file, for its own tables."""
BUSY_SECONDS = 2
"""How long a write waits for another one."""
RUNNING, DONE, STOPPED = "running", "done", "stopped"


class KeptError(RuntimeError):
    """Trials that cannot be kept or found; the message is a sentence."""


@dataclass(frozen=True)
class Found:
    """Trials as they were kept."""

    order: str
    state: str
    trials: tuple[str, ...]


def folder() -> Path:
    """Where the file lies."""
    if named := os.environ.get(FOLDER, ""):
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("layerscope", appauthor=False)


class Kept:
    """The file. Every method raises KeptError where it cannot be read or written."""

    def __init__(self, where: Path | None = None) -> None:
        self._where = where

    def begin(self, name: str, order: str) -> None:
        """Note that trials begin, and let go of the oldest beyond the bounds."""
        with self._writing() as to:
            now = time.time()
            to.execute(
                self._studies.insert().prefix_with("OR REPLACE"),
                {"id": name, "begun": now, "state": RUNNING, "text": order, "size": len(order)},
            )
            self._forget(to, now)

    def note(self, name: str, number: int, trial: str) -> None:
        """Note a trial that is done."""
        with self._writing() as to:
            values = {"study": name, "number": number, "text": trial, "size": len(trial)}
            to.execute(self._trials.insert().prefix_with("OR REPLACE"), values)

    def end(self, name: str, state: str) -> None:
        """Note that trials ended, all done or stopped."""
        with self._writing() as to:
            to.execute(self._studies.update().where(self._studies.c.id == name).values(state=state))

    def find(self, name: str) -> Found | None:
        """The trials of that name; None where there are none, or no longer."""
        if not (self._path / FILE).is_file():
            return None
        with self._writing() as to:
            study = to.execute(self._studies.select().where(self._studies.c.id == name)).first()
            if study is None:
                return None
            wanted = self._trials.select().where(self._trials.c.study == name).order_by(self._trials.c.number)
            return Found(study.text, study.state, tuple(row.text for row in to.execute(wanted)))

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
                to.execute(self._studies.delete().where(studies.id == name))

    @contextmanager
    def _writing(self) -> Iterator["Connection"]:
        """A transaction. Whatever goes wrong is one sentence."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.begin() as to:
                yield to
        except (SQLAlchemyError, OSError) as error:
            raise KeptError(
                f"Trials cannot be saved on this server ({_why(error)}). They go on, and saving is tried again; until "
                "then, a restart loses them."
            ) from error

    @property
    def _path(self) -> Path:
        return self._where or folder()

    @cached_property
    def _engine(self) -> "Engine":
        from sqlalchemy import NullPool, create_engine, event

        self._path.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            f"sqlite:///{self._path / FILE}", poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS}
        )

        @event.listens_for(engine, "connect")
        def settle(connection: Any, record: Any) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            size = connection.execute("PRAGMA page_size").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={SPARE_PAGES + 2 * limits.KEPT_BYTES.most // size}")

        self._tables.create_all(engine)
        return engine

    @cached_property
    def _tables(self) -> "MetaData":
        from sqlalchemy import Column, Float, Integer, MetaData, String, Table

        tables = MetaData()
        Table(
            "studies", tables, Column("id", String, primary_key=True), Column("begun", Float, nullable=False),
            Column("state", String, nullable=False), Column("text", String, nullable=False),
            Column("size", Integer, nullable=False),
        )  # fmt: skip
        Table(
            "trials", tables, Column("study", String, primary_key=True), Column("number", Integer, primary_key=True),
            Column("text", String, nullable=False), Column("size", Integer, nullable=False),
        )  # fmt: skip
        return tables

    @property
    def _studies(self) -> "Table":
        return self._tables.tables["studies"]

    @property
    def _trials(self) -> "Table":
        return self._tables.tables["trials"]


def _why(error: BaseException) -> str:
    """What the system said, without paths."""
    if isinstance(error, OSError):
        return error.strerror or "the folder cannot be used"
    return str(getattr(error, "orig", "") or "the file cannot be read").splitlines()[0][:100]
