"""Files and folders read as segments: records and other JSON Lines, TSV, text, bilingual and English Markdown."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from translator.document import Document
from translator.document.reading import Reading
from translator.document.reconstruction import reconstruct
from translator.document.structure import find_places, unit_places
from translator.errors import UserError
from translator.quality.checks import Flag
from translator.quality.segments import Segment
from translator.textfile import read_json_lines, read_text

_TEXT_KEYS = ("target", "en", "text")
_SOURCE_KEYS = ("source", "ko")
_MARKDOWN = (".md", ".markdown")
# What a digest is read from where a folder has several files of it, best first: kinds of file by what they end in.
_FORMS = (".jsonl", ".interleaved.md", ".table.md", ".md", ".markdown", ".english.md", ".tsv", ".txt")

Tell = Callable[[str], object]


def _nobody(message: str) -> None:
    """Hears what there is to say of files."""


class Sources:
    """The Korean digests that Markdown files are renderings of: a file, or a folder with digests of the same names."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_dir():
            self._files = {path.stem: path}
        else:
            self._files = {_digest(file.relative_to(path)): file for file in sorted(path.rglob("*.md"))}
        if not self._files:
            raise UserError(f"{path}: no *.md files in this folder")
        self._documents: dict[Path, Document] = {}

    def document(self, path: Path) -> Document:
        """The source of a rendered file, by the end of its path. Raises UserError where there is none, or cannot be said which."""
        file = self.path if not self.path.is_dir() else self._named_like(path)
        if file not in self._documents:
            self._documents[file] = Document.parse(read_text(file))
        return self._documents[file]

    def _named_like(self, path: Path) -> Path:
        digest = f"/{_digest(path.resolve())}"
        found = [file for name, file in self._files.items() if digest.endswith(f"/{name}")]
        if not found:
            raise UserError(f"{path}: {self.path} has no digest {_digest(Path(path.name))}.md for it")
        return max(found, key=lambda file: len(file.parts))


def read_segments(path: Path, sources: Sources | None = None, tell: Tell = _nobody) -> list[Segment]:
    """The segments of a file, or of all the files of a folder.

    JSON Lines: `target`, `en` or `text`, known by `id`; the records of `translator translate` are such. Markdown: see `_from_markdown`.
    TSV: the second column, from the first, or the only one. Any other file: a line a segment, blank ones too. Where a folder has
    several files of a digest, one is read: records, else bilingual, else English Markdown. `tell` hears of files and units that are
    left aside. Raises UserError naming file and line.
    """
    if path.is_dir():
        return [segment for name, file in _chosen(path, tell).items() for segment in _from_file(file, name, sources, tell)]
    return list(_from_file(path, "", sources, tell))


def _from_file(path: Path, file: str, sources: Sources | None, tell: Tell) -> Iterator[Segment]:
    suffix = path.suffix.lower()
    if suffix == ".jsonl":
        return _from_jsonl(path, file)
    if suffix in _MARKDOWN:
        return _from_markdown(path, file, sources, tell)
    return _from_lines(path, file)


def _chosen(folder: Path, tell: Tell) -> dict[str, Path]:
    """The file that each digest of a folder is read from, by the digest's name."""
    forms: dict[str, list[tuple[int, Path]]] = {}
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        form = _form(file)
        if form is not None:
            forms.setdefault(_digest(file.relative_to(folder)), []).append((form, file))
    if not forms:
        raise UserError(f"{folder}: no records (*.jsonl), Markdown, TSV or text in this folder")
    chosen = {name: min(files)[1] for name, files in forms.items()}
    aside = sum(len(files) for files in forms.values()) - len(chosen)
    if aside:
        tell(f"{folder}: {len(chosen)} files are read, and {aside} others of the same digests are not: records first, else the layouts "
             "interleaved, table, english")  # fmt: skip
    return chosen


def _form(file: Path) -> int | None:
    name = file.name.lower()
    fitting = [number for number, ending in enumerate(_FORMS) if name.endswith(ending)]
    return max(fitting, key=lambda number: len(_FORMS[number])) if fitting else None


def _digest(path: Path) -> str:
    """The name of the digest that a file is of: its path without the endings of formats and layouts."""
    form = _form(path)
    return path.as_posix()[: -len(_FORMS[form])] if form is not None else path.as_posix()


def read_sources(path: Path) -> list[Segment]:
    """The segments of a file of what was translated, in which a text without a source is one. Raises as read_segments does."""
    return [replace(segment, source=segment.source or segment.text) for segment in read_segments(path)]


def _from_jsonl(path: Path, file: str) -> Iterator[Segment]:
    for number, row in read_json_lines(path):
        text = next((row[key] for key in _TEXT_KEYS if isinstance(row.get(key), str)), None)
        if text is None:
            raise UserError(f"{path}, line {number}: expected a text named {', '.join(_TEXT_KEYS)}")
        source = next((row[key] for key in _SOURCE_KEYS if isinstance(row.get(key), str)), "")
        known = {key: "" if row.get(key) is None else str(row[key]) for key in ("id", "title", "kind")}
        flags = _flags(row.get("checks") or [], f"{path}, line {number}")
        checked = isinstance(row.get("checks"), list)
        yield Segment(_one_line(text), line=number, file=file, source=_one_line(source), flags=flags, checked=checked, **known)


def _flags(checks: Any, place: str) -> tuple[Flag, ...]:
    try:
        return tuple(Flag(str(found["check"]), str(found["detail"])) for found in checks)
    except (TypeError, KeyError) as error:
        raise UserError(f'{place}: expected `checks` to be a list such as [{{"check": "lost-name", "detail": "Sora"}}]') from error


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _from_lines(path: Path, file: str) -> Iterator[Segment]:
    lines = read_text(path).split("\n")
    for number, line in enumerate(lines[:-1] if lines[-1] == "" else lines, 1):
        columns = line.split("\t") if path.suffix.lower() == ".tsv" else [line]
        yield Segment(columns[min(1, len(columns) - 1)], "", number, file, source=columns[0] if len(columns) > 1 else "")


def _from_markdown(path: Path, file: str, sources: Sources | None, tell: Tell) -> Iterator[Segment]:
    """The segments of a Markdown file.

    With its source, or in both languages: the units with English in it, known by id and place. In English alone: its prose, known by
    place.
    """
    text = read_text(path)
    if sources:
        document = sources.document(path)
        reading = document.read(text)
        if 2 * len(reading.unread) > len(document.units) or not reading.translations:
            raise UserError(f"{path} is no translation of {sources.path}: it is of another digest, or of another version of it")
        if reading.unread:
            lines = ", ".join(dict.fromkeys(f"{u.first_line}-{u.last_line}" for u in reading.unread))
            tell(f"{path}: {len(reading.unread)} units cannot be read, because more than the English was altered (lines {lines})")
    else:
        document, reading = reconstruct(text, str(path))
    return _units(document, reading, file) if reading.translations else _prose(text, path, file)


def _units(document: Document, reading: Reading, file: str) -> Iterator[Segment]:
    places = unit_places(document)
    for unit in document.units:
        target = reading.targets.get(unit.id)
        if target is not None:
            place = places.get(unit.id, f"{unit.kind} in line {unit.line}")
            yield Segment(_one_line(target), unit.id, reading.lines[unit.id], file, unit.title, unit.kind, place, _one_line(unit.text))


def _prose(text: str, path: Path, file: str) -> Iterator[Segment]:
    found = find_places(text)
    if not found:
        raise UserError(f"{path}: no text to compare in this file")
    for place, unit in found.items():
        yield Segment(_one_line(unit.text), "", unit.line, file, unit.title, unit.kind, place)
