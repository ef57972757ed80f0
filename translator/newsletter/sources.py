"""Records on disk, and the digests that they were made from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from translator.document.reconstruction import reconstruct
from translator.errors import UserError
from translator.files import SourceFile, read_source


@dataclass(frozen=True, slots=True)
class RecordsFile:
    """A file of records and its place below the folder that was given, which a date may be read from."""

    path: Path
    relative: Path


@dataclass(frozen=True, slots=True)
class DigestSource:
    """A digest's Markdown, and the folder that its relative images are in (None: nowhere)."""

    text: str
    folder: Path | None


FindSource = Callable[[RecordsFile], DigestSource]


def find_records(inputs: Sequence[Path]) -> list[RecordsFile]:
    """The files of records that inputs name: files, or folders (their *.jsonl files, recursively, by name).

    Raises UserError for what does not exist and for a folder without records.
    """
    found: dict[Path, RecordsFile] = {}
    for given in inputs:
        if given.is_dir():
            paths = sorted(path for path in given.rglob("*.jsonl") if path.is_file())
            if not paths:
                raise UserError(f"{given}: no records (*.jsonl) in this folder; `translator translate` writes them beside its Markdown")
            files = [RecordsFile(path, path.relative_to(given)) for path in paths]
        elif given.is_file():
            if given.suffix != ".jsonl":
                raise UserError(f"{given}: give the records (.jsonl) that `translator translate` wrote beside its Markdown")
            files = [RecordsFile(given, Path(given.name))]
        else:
            raise UserError(f"{str(given)!r}: no such file or folder")
        for file in files:
            found.setdefault(file.path.resolve(), file)
    return list(found.values())


def source_in(folders: Sequence[Path]) -> FindSource:
    """Finds the digest of a file of records: `a/2024/04/09.jsonl` is of `FOLDER/2024/04/09.md`, or of `FOLDER/09.md`.

    The longest part of the path that a folder has counts. Without folders, the digest is read out of the bilingual Markdown beside the
    records (`09.interleaved.md`, `09.table.md` or `09.md`); relative pictures are then not to be found. Raises UserError where there
    is no digest, and where the Markdown was altered so that it does not tell what it was made of.
    """

    def find(records: RecordsFile) -> DigestSource:
        parts = records.path.with_suffix(".md").parts
        for start in range(len(parts)):
            for folder in folders:
                path = folder.joinpath(*parts[start:])
                if not Path(*parts[start:]).is_absolute() and path.is_file():
                    return _read(path)
        if not folders:
            return _read_out(records)
        raise UserError(f"{records.path}: the digest it is of is not in {' or '.join(map(str, folders))}")

    return find


def _read_out(records: RecordsFile) -> DigestSource:
    for ending in (".interleaved.md", ".table.md", ".md"):
        path = records.path.with_suffix(ending)
        if path.is_file():
            document, _ = reconstruct(read_source(SourceFile(path, Path(path.name))), str(path))
            return DigestSource(document.source, None)
    raise UserError(f"{records.path}: no bilingual Markdown is beside it; give the folder of its digests with --sources DIR")


def _read(path: Path) -> DigestSource:
    return DigestSource(read_source(SourceFile(path, Path(path.name))), path.parent)
