"""Reading sources and writing results: UTF-8 with its bytes kept, whole or not at all."""

import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from translator.errors import UserError
from translator.textfile import decoded, is_utf16

LARGEST_SOURCE = 32 * 2**20
_MOST_NAMED = 5  # sources that cannot be read
MARKER = ".translator"  # the folder in an output folder that holds the journal of its runs


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Markdown file to translate and its place in the output tree. Of standard input there is no path but the content."""

    path: Path | None
    relative: Path
    content: bytes = b""

    @property
    def name(self) -> str:
        """For messages."""
        return str(self.path) if self.path else "standard input"

    @property
    def file(self) -> str:
        """Its place, with slashes on every system."""
        return self.relative.as_posix()

    @property
    def place(self) -> str:
        """Where it is, however its folder was spelled; empty for standard input."""
        if self.path is None:
            return ""
        folder = self.path.parents[len(self.relative.parts) - 1]
        return str(folder.resolve() / self.relative)


def find_sources(inputs: Sequence[str], output: Path) -> list[SourceFile]:
    """The files that inputs name: files, folders (their *.md files, recursively, by name), or `-` for standard input.

    Raises UserError for an input that does not exist, records (.jsonl), a folder without Markdown, a name that is not UTF-8, or two
    inputs with one output.
    """
    found = [source for given in inputs for source in _sources_of(given, output)]
    for source in found:
        _refuse_other_encodings(source)
    taken: dict[Path, SourceFile] = {}
    for source in found:
        other = taken.setdefault(source.relative.with_suffix(""), source)
        if other is not source and other.path != source.path:
            stem = source.relative.with_suffix("")
            raise UserError(f"{other.name} and {source.name} would both become {stem}.*: translate them into two folders")
    return list(taken.values())


def _sources_of(given: str, output: Path) -> Iterator[SourceFile]:
    path = Path(given)
    try:
        folder, file = given != "" and path.is_dir(), path.is_file()
    except OSError as error:
        raise UserError(f"{given[:80]}: {error.strerror}") from error
    if given == "-":
        yield standard_input()
    elif folder:
        if path.resolve() == output.resolve():
            raise UserError(f"{given} is the --output as well: its translations would be sources next time; choose another --output")
        earlier = {marker.parent.resolve() for marker in path.rglob(MARKER)}  # results of earlier runs
        if path.resolve() in output.resolve().parents:
            earlier.add(output.resolve())
        files = sorted(p for p in path.rglob("*.md") if p.is_file() and not earlier.intersection(p.resolve().parents))
        if not files:
            why = "; those that are there were written by earlier runs: give the folder of the digests" if any(path.rglob("*.md")) else ""
            raise UserError(f"{given}: no *.md files in this folder{why}")
        yield from (SourceFile(p, p.relative_to(path)) for p in files)
    elif file and path.suffix.lower() == ".jsonl":
        raise UserError(f"{given} is a file of records, not Markdown: give the digest that it was made from")
    elif file:
        yield SourceFile(path, Path(path.name))
    else:
        raise UserError(f"{given!r}: no such file or folder")


def _refuse_other_encodings(source: SourceFile) -> None:
    """Raises UserError for a file whose name no journal can hold, such as one out of an old Korean archive."""
    try:
        source.place.encode()
    except UnicodeEncodeError as error:
        name = ascii(source.name)
        raise UserError(f"{name}: this name is not UTF-8; rename it, e.g. with convmv, or use a UTF-8 locale (LC_ALL=C.UTF-8)") from error


def standard_input() -> SourceFile:
    """What comes on standard input, read to its end. Raises UserError where it is closed."""
    if sys.stdin is None:
        raise UserError("standard input is closed: give it a text, or name a file")
    return SourceFile(None, Path("stdin.md"), sys.stdin.buffer.read())


def read_source(source: SourceFile) -> str:
    """The text of a source, line ends and byte order mark as they are.

    Raises UserError for a file that cannot be read, is larger than 32 MiB, is binary, or is not UTF-8.
    """
    try:
        data = source.path.read_bytes() if source.path else source.content
    except OSError as error:
        raise UserError(f"{source.name} cannot be read: {error.strerror}") from error
    if len(data) > LARGEST_SOURCE:
        raise UserError(f"{source.name} has {len(data) / 2**20:.0f} MiB; the largest source is {LARGEST_SOURCE // 2**20} MiB: split it")
    if b"\0" in data and not is_utf16(data):
        raise UserError(f"{source.name} is not text: it has a NUL byte at {data.index(0)}")
    return decoded(data, source.name)


def read_sources(sources: Iterable[SourceFile]) -> Iterator[tuple[SourceFile, str]]:
    """Sources with their texts, one after the other. Raises UserError at the end, naming those that read_source refused."""
    refused: list[str] = []
    for source in sources:
        try:
            text = read_source(source)
        except UserError as error:
            refused.append(str(error))
        else:
            yield source, text
    if refused:
        more = [f"and {len(refused) - _MOST_NAMED} more"] if len(refused) > _MOST_NAMED else []
        raise UserError("; ".join([*refused[:_MOST_NAMED], *more]))


def refuse_file(output: Path) -> None:
    """Raises UserError where the folder to write to is a file."""
    if output.exists() and not output.is_dir():
        raise UserError(f"--output {output} is a file; name a folder")


def last_change(path: Path) -> datetime:
    """When a file's content was last changed."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes a file so that a reader sees the old one or the whole new one, never a part.

    Raises UserError where the folder cannot be written or the disk is full.
    """
    with whole_file(path) as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)


def remove_drafts(path: Path) -> None:
    """Removes what writing a file left where it was killed. Nobody else may be writing the file."""
    draft = re.compile(rf"\.{re.escape(path.name)}\.[a-z0-9_]{{8}}")
    for other in path.parent.glob(".*") if path.parent.is_dir() else ():
        if draft.fullmatch(other.name) and other.is_file():
            other.unlink(missing_ok=True)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A binary file to write to, which takes its name and place when it is whole. Raises UserError as write_whole does."""
    draft = None
    path = path.resolve()  # a link stays one
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            draft = Path(file.name)
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        os.replace(draft, path)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
