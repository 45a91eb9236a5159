"""The SQLite file of trials: where it lies, its tables, and a transaction whose failure is one sentence.

Several server processes write to it, each through a connection of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerscope import limits
from layerscope.user_folder import user_folder

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, MetaData, Table

FOLDER = "LAYERSCOPE_TRIALS"
FILE = "trials.sqlite3"
SPARE_PAGES = 32
"""Of the file, for its own tables."""
BUSY_SECONDS = 2
"""How long a write waits for another one."""


class KeptError(RuntimeError):
    """Trials that cannot be kept or found; the message is a sentence."""


class File:
    """The file and its tables."""

    def __init__(self, where: Path | None = None) -> None:
        self._where = where

    @property
    def _is_there(self) -> bool:
        return (self._path / FILE).is_file()

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
        return self._where or user_folder(FOLDER)

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
            most = 2 * (limits.KEPT_BYTES.most + limits.STATES.most)
            connection.execute(f"PRAGMA max_page_count={SPARE_PAGES + most // size}")

        self._tables.create_all(engine)
        return engine

    @cached_property
    def _tables(self) -> "MetaData":
        from sqlalchemy import Column, Float, Integer, LargeBinary, MetaData, String, Table

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
        Table(  # which process runs what, and when it last said so; no columns of "studies", as older files have none
            "owners", tables, Column("study", String, primary_key=True), Column("owner", String, nullable=False),
            Column("beat", Float, nullable=False),
        )  # fmt: skip
        Table(
            "states", tables, Column("study", String, primary_key=True), Column("number", Integer, primary_key=True),
            Column("whose", String, nullable=False), Column("accuracy", Float, nullable=False),
            Column("size", Integer, nullable=False), Column("why", String, nullable=False),
            Column("state", LargeBinary),
        )  # fmt: skip
        Table("wishes", tables, Column("study", String, primary_key=True))  # that the owner is to stop
        return tables

    @property
    def _studies(self) -> "Table":
        return self._tables.tables["studies"]

    @property
    def _trials(self) -> "Table":
        return self._tables.tables["trials"]

    @property
    def _states(self) -> "Table":
        return self._tables.tables["states"]

    @property
    def _owners(self) -> "Table":
        return self._tables.tables["owners"]

    @property
    def _wishes(self) -> "Table":
        return self._tables.tables["wishes"]


def _why(error: BaseException) -> str:
    """What the system said, without paths."""
    if isinstance(error, OSError):
        return error.strerror or "the folder cannot be used"
    return str(getattr(error, "orig", "") or "the file cannot be read").splitlines()[0][:100]
