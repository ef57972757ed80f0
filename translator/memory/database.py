"""A database that is waited for: where a memory is, how it is opened, and what its errors mean."""

import logging
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from platformdirs import user_data_path
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError

from translator.errors import UserError
from translator.memory.schema import create_tables, has_tables

log = logging.getLogger(__name__)
Found = TypeVar("Found")

_ENVIRONMENT = "TRANSLATOR_MEMORY"
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")
_OPENING = 5.0  # seconds: a server that was not there before is not waited for as long as one that went away
_LONGEST_PAUSE = 1.0  # seconds
_PASSING_STATES = ("57P01", "57P02", "57P03", "40001", "40P01", "53300", "55P03")  # shutting down, starting, deadlock, too many, locked
_NO_RIGHTS = "the server does not let this user write: ask for the rights to create and write tables"
_SAYINGS = {
    "SQLITE_FULL": "the disk is full: make room and run the same command again",
    "SQLITE_READONLY": "it cannot be written: check the rights of the file and its folder, or give --memory another place",
    "SQLITE_CANTOPEN": "it cannot be opened: check the rights of the file and its folder, or give --memory another place",
    "SQLITE_IOERR": "the disk could not be read or written: check it and run the same command again",
    "53100": "the disk of the server is full: make room and run the same command again",
    "42501": _NO_RIGHTS,
    "3F000": _NO_RIGHTS,
    "25006": "the server only lets it be read: give the address of one that can be written",
}


class DamagedMemoryError(UserError):
    """The file is no database, or parts of it cannot be read."""


class Database:
    """Transactions on an SQLite file or a PostgreSQL server, tried again while what is in their way may pass.

    `patience` is how long, in seconds, a transaction waits for a lock or a server that went away. `name` is for messages: the
    path, or the address without a password. Raises UserError where the memory cannot be had; where it does not exist and `create`
    is False; and where it was made by a newer version.
    """

    def __init__(self, location: str | Path | None, *, create: bool, patience: float) -> None:
        url = _locate(location)
        self.file = Path(url.database or "") if url.drivername == "sqlite" else None
        self.name = str(self.file) if self.file else url.set(drivername="postgresql").render_as_string(hide_password=True)
        self._patience = min(patience, _OPENING)
        if self.file:
            _prepare_folder(self.file, create)
        self._engine = create_engine(url, connect_args=_connect_arguments(url))
        if self.file:
            event.listen(self._engine, "connect", _set_pragmas)
            event.listen(self._engine, "begin", _begin)
        if not self.read(lambda connection: has_tables(connection, self.name)):
            if not create:
                raise UserError(f"there is no memory in {self.name} yet: `translator translate` and `translator memory import` make one")
            self.write(create_tables)
        self._patience = patience

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    def close(self) -> None:
        """Ends all connections."""
        self._engine.dispose()

    def read(self, work: Callable[[Connection], Found]) -> Found:
        """What `work` finds in a transaction that only reads."""
        return self._run(work)

    def write(self, work: Callable[[Connection], Found]) -> Found:
        """What `work` returns from a transaction that may write; `work` may run several times, and takes effect once."""
        return self._run(work, write=True)

    def compact(self) -> None:
        """Gives the space of deleted rows back to the disk; a server does that in its own time."""
        if self.file:
            self._run(lambda connection: connection.exec_driver_sql("VACUUM"), transaction=False)

    def _run(self, work: Callable[[Connection], Found], **options: Any) -> Found:
        began, pause = time.monotonic(), 0.02
        while True:
            try:
                with self._engine.connect().execution_options(**options) as connection, connection.begin():
                    return work(connection)
            except DBAPIError as error:
                if not _passes(error):
                    raise self._sentence(error) from error
                waited = time.monotonic() - began
                if waited + pause > self._patience:
                    raise UserError(
                        f"the memory {self.name} could not be used for {self._patience:g} s ({_first_line(error)}): "
                        "see that it is there and free, and run the same command again; what was stored before is kept"
                    ) from error
                if waited < 1 <= waited + pause:
                    log.warning("waiting for the memory %s (%s)", self.name, _first_line(error))
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def _sentence(self, error: DBAPIError) -> UserError:
        code = _code(error)
        if code in ("SQLITE_CORRUPT", "SQLITE_NOTADB"):
            return DamagedMemoryError(
                f"the memory {self.name} is damaged ({_first_line(error)}): move it and, if there is one, {self.name}-wal away and "
                "run the same command again, which begins a new memory; "
                "`translator memory export all.jsonl --memory MOVED` and `translator memory import all.jsonl` bring back what can be read"
            )
        return UserError(f"the memory {self.name}: {_SAYINGS.get(code) or _first_line(error)}")


def _locate(location: str | Path | None) -> URL:
    if location == "":
        raise UserError('--memory is empty: name a memory, or leave the option out (in `--memory "$MEMORY"`, MEMORY is not set)')
    given = str(location or os.environ.get(_ENVIRONMENT) or user_data_path("translator") / "memory.sqlite")
    if given == "none":
        raise UserError("`none` is no memory (see --memory and TRANSLATOR_MEMORY): give --memory a file")
    if "://" not in given:
        return URL.create("sqlite", database=str(Path(given).expanduser().absolute()))
    try:
        url = make_url(given)
    except (ArgumentError, ValueError) as error:
        raise UserError("the address of the memory is not of the form postgresql://user@host:port/database") from error
    if url.drivername not in _POSTGRESQL:
        raise UserError(f"a memory is a file or postgresql://user@host:port/database, not {url.drivername}://")
    try:
        import psycopg  # noqa: F401 - to say how it is had
    except ImportError as error:
        raise UserError("a memory in PostgreSQL needs one more package: pip install 'translator[postgresql]'") from error
    return url.set(drivername="postgresql+psycopg")


def _prepare_folder(file: Path, create: bool) -> None:
    if file.is_dir():
        raise UserError(f"the memory {file} is a folder: give --memory a file")
    if not create and not file.exists():
        raise UserError(f"there is no memory in {file} yet: `translator translate` and `translator memory import` make one")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"the memory {file} cannot be made: {error.strerror}") from error


def _connect_arguments(url: URL) -> dict[str, Any]:
    if url.drivername == "sqlite":
        return {"timeout": 1.0, "isolation_level": None}  # transactions are begun by _begin
    return {"connect_timeout": 10, "tcp_user_timeout": 30_000}  # seconds, milliseconds


def _set_pragmas(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _begin(connection: Connection) -> None:
    """A transaction that may write takes the lock at once, so that it cannot fail for what it has read before."""
    options = connection.get_execution_options()
    if options.get("transaction", True):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("write") else "BEGIN")


def _passes(error: DBAPIError) -> bool:
    code = _code(error)
    if isinstance(error.orig, sqlite3.Error):
        return code in ("SQLITE_BUSY", "SQLITE_LOCKED")
    lost = isinstance(error, OperationalError | InterfaceError) and not code
    return lost or code in _PASSING_STATES or code.startswith("08")


def _code(error: DBAPIError) -> str:
    """SQLite's name of an error, without what it says in particular, or PostgreSQL's five letters; empty without."""
    if isinstance(error.orig, sqlite3.Error):
        return "_".join(str(getattr(error.orig, "sqlite_errorname", "")).split("_")[:2])
    return str(getattr(error.orig, "sqlstate", None) or "")


def _first_line(error: DBAPIError) -> str:
    return (str(error.orig).strip().splitlines() or [type(error.orig).__name__])[0]
