"""What earlier runs wrote into an output folder: which files are done, and which bytes are ours to overwrite."""

import hashlib
import json
import shutil
import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filelock import FileLock, Timeout

from translator.document import Layout, Order
from translator.errors import UserError
from translator.files import MARKER

_VERSION = 1
_FILES = ("", "-wal")  # endings of a database's files: the second has what is not yet merged into the first
_COPIES = 20  # tried, until no other run writes during one
_PAUSE = 0.05  # seconds between two of them
_TABLES = """
CREATE TABLE IF NOT EXISTS done (
  file TEXT PRIMARY KEY, source TEXT NOT NULL, text BLOB NOT NULL, run TEXT NOT NULL, outputs TEXT NOT NULL, figures TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS intended (file TEXT PRIMARY KEY, outputs TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS place (file TEXT PRIMARY KEY, path TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Written:
    """An output as a run left it: the hash of its bytes, and how it was rendered (None: records).

    `current`: by the latest run of its source; an earlier one may have written other layouts, which then stay as they were.
    """

    key: str
    layout: Layout | None
    order: Order
    current: bool = True


@dataclass(frozen=True, slots=True)
class Done:
    """A file that a run finished: the hash of its source and the source itself, the key of the run, the outputs by path, and its figures
    for the report.
    """

    source: str
    text: str
    run: str
    outputs: Mapping[str, Written]
    figures: Mapping[str, Any]


class LockedError(UserError):
    """Another run has the output folder."""


class Journal:
    """The journal of one output folder. Paths are relative to the folder, with slashes; every call is on disk when it returns."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def done(self, file: str) -> Done | None:
        """What was done of a file, if it was finished."""
        row = self._connection.execute("SELECT source, text, run, outputs, figures FROM done WHERE file = ?", (file,)).fetchone()
        if row is None:
            return None
        outputs = {path: Written(*written) for path, written in json.loads(row[3]).items()}
        return Done(row[0], zlib.decompress(row[1]).decode(), row[2], outputs, json.loads(row[4]))

    def files(self) -> list[str]:
        """The files that were finished, by name."""
        return [file for (file,) in self._connection.execute("SELECT file FROM done ORDER BY file")]

    def intended(self, file: str) -> Mapping[str, Sequence[str]]:
        """The hashes of outputs that runs were about to write since the file was last finished, by path.

        They may have been cut off before, between or after them.
        """
        row = self._connection.execute("SELECT outputs FROM intended WHERE file = ?", (file,)).fetchone()
        return dict(json.loads(row[0])) if row else {}

    def intend(self, files: Mapping[str, Mapping[str, str]]) -> None:
        """Notes the outputs that are about to be written, by file, so that they are known as ours whatever happens."""
        rows = []
        for file, outputs in files.items():
            before = self.intended(file)
            paths = dict.fromkeys([*before, *outputs])
            known = {path: [*before.get(path, ()), *([outputs[path]] if path in outputs else ())] for path in paths}
            rows.append((file, json.dumps(known)))
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO intended VALUES (?, ?)", rows)

    def place(self, file: str) -> str | None:
        """Where the source of a file was, as an absolute path; empty for standard input, None where no run has noted it."""
        row = self._connection.execute("SELECT path FROM place WHERE file = ?", (file,)).fetchone()
        return row[0] if row else None

    def places(self) -> Iterator[tuple[str, str]]:
        """Each file whose place was noted, and the place."""
        yield from self._connection.execute("SELECT file, path FROM place ORDER BY file")

    def note_places(self, places: Mapping[str, str]) -> None:
        """Notes where the sources of files are."""
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO place VALUES (?, ?)", places.items())

    def finish(self, file: str, done: Done) -> None:
        """Notes that a file's outputs are written."""
        outputs = {path: [written.key, written.layout, written.order, written.current] for path, written in done.outputs.items()}
        row = (file, done.source, zlib.compress(done.text.encode()), done.run, json.dumps(outputs), json.dumps(dict(done.figures)))
        with self._connection:
            self._connection.execute("INSERT OR REPLACE INTO done VALUES (?, ?, ?, ?, ?, ?)", row)
            self._connection.execute("DELETE FROM intended WHERE file = ?", (file,))


def content_key(data: bytes) -> str:
    """The hash by which the journal knows a file's bytes."""
    return hashlib.sha256(data).hexdigest()[:32]


@contextmanager
def open_journal(output: Path, patience: float = 0.0) -> Iterator[Journal]:
    """The journal of an output folder, which no other run may write to meanwhile.

    Raises UserError where another run has the folder (and does not end within `patience` seconds), the folder cannot be written, or
    the journal is damaged or too new.
    """
    path = output / MARKER / "journal.sqlite"
    with _locked(output, patience), _sentences(path), _opened(path, path) as journal:
        yield journal


@contextmanager
def read_journal(output: Path) -> Iterator[Journal]:
    """A copy of the journal of an output folder, of which nothing in the folder shows; an empty one where there is none.

    Another run may be writing to it. Raises UserError where it is never still for long enough, or is damaged or too new.
    """
    path = output / MARKER / "journal.sqlite"
    with TemporaryDirectory(prefix="translator-journal-") as folder, _sentences(path):
        copy = Path(folder) / path.name
        _copy(path, copy)
        with _opened(copy, path) as journal:
            yield journal


@contextmanager
def _opened(database: Path, name: Path) -> Iterator[Journal]:
    """A journal in a database, which messages call by `name`."""
    connection = sqlite3.connect(database, check_same_thread=False)
    try:
        _prepare(connection, name)
        yield Journal(connection)
    finally:
        connection.close()


def _in_use(output: Path) -> LockedError:
    return LockedError(f"another run is writing to {output}: wait until it ends, or choose another --output")


def _copy(path: Path, copy: Path) -> None:
    """Copies a database at a moment when nobody writes to it."""
    for _ in range(_COPIES):
        try:
            before = _dates(path)
            for ending in before:
                shutil.copyfile(f"{path}{ending}", f"{copy}{ending}")
            if _dates(path) == before:
                return
        except FileNotFoundError:  # just now merged into the database
            pass
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror}") from error
        for ending in _FILES:
            Path(f"{copy}{ending}").unlink(missing_ok=True)
        time.sleep(_PAUSE)
    raise _in_use(path.parent.parent)


def _dates(path: Path) -> Mapping[str, tuple[int, int]]:
    """When the files of a database, by ending, were changed, and their sizes."""
    found = {ending: Path(f"{path}{ending}") for ending in _FILES}
    return {ending: (each.stat().st_mtime_ns, each.stat().st_size) for ending, each in found.items() if each.is_file()}


@contextmanager
def _locked(output: Path, patience: float) -> Iterator[None]:
    """Keeps other runs out; a folder that was made for a run that then refused to begin goes again."""
    folder = output / MARKER
    is_new = not output.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "lock", timeout=patience)
        lock.acquire()
    except Timeout as error:
        raise _in_use(output) from error
    except (OSError, NotImplementedError) as error:  # NotImplementedError: a file system without locks
        raise UserError(f"{folder} cannot be written or locked: {error}") from error
    try:
        yield
    except BaseException:
        if is_new and not any(path.name != MARKER for path in output.iterdir()):
            shutil.rmtree(output, ignore_errors=True)
        raise
    finally:
        lock.release()


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    """SQLite's errors as sentences."""
    try:
        yield
    except sqlite3.OperationalError as error:  # a full disk, no permission
        raise UserError(f"{path} cannot be written: {error}") from error
    except sqlite3.DatabaseError as error:
        raise UserError(
            f"{path} is damaged ({error}): delete it, and run with --force to write the outputs anew; English "
            "that was edited since the last run is not known as such then: bring it in by `translator export` and `import` first"
        ) from error


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    [version] = connection.execute("PRAGMA user_version").fetchone()
    if version > _VERSION:
        raise UserError(f"{path} was written by a newer version of translator: update, or choose another --output")
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # no shared memory, which network file systems lack
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(_TABLES)
    connection.execute(f"PRAGMA user_version = {_VERSION}")
