"""Many files at once: sources to units, units to the engine in large windows, results to a mirrored tree."""

import json
import platform
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from translator.config import Settings
from translator.document import Document, Layout
from translator.document.sentences import split_sentences
from translator.errors import UserError
from translator.files import SourceFile, find_sources, read_source, write_whole
from translator.quality.checks import ScoredUnit, check_corpus
from translator.quality.evaluation import Evaluation, evaluate_systems
from translator.quality.metrics import DEFAULT
from translator.quality.segments import Segment, align, read_segments
from translator.records import Record, make_records, to_jsonl
from translator.translation import Translation, Translator

_WINDOW = 4000  # units translated together: enough for full batches of each length
_MOST_FOR_INTERVALS = 5000  # segments
_SAMPLE = 48  # sentences translated to estimate the time of a dry run
_PACKAGES = ("translator", "ctranslate2", "transformers", "torch", "sentencepiece", "markdown-it-py")


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A source and its document."""

    source: SourceFile
    document: Document


@dataclass(slots=True)
class Report:
    """The figures of a run, as written to report.json. Times are seconds, memory is MiB, tokens are target tokens.

    `flags` counts what the records' checks found, `corpus_flags` what the units show beside each other, which no record can say.
    `quality` is the evaluation against references (see quality/evaluation.py), where there were any.
    """

    files: int = 0
    units: int = 0
    sentences: int = 0
    tokens: int = 0
    seconds: float = 0.0
    peak_memory_mib: int = 0
    flagged_units: int = 0
    flags: Counter[str] = field(default_factory=Counter)
    corpus_flags: Counter[str] = field(default_factory=Counter)
    quality: Evaluation | None = None

    def count(self, found: Sequence[Translation]) -> None:
        """Adds a file's translations."""
        self.files += 1
        self.units += len(found)
        self.sentences += sum(t.sentences for t in found)
        self.tokens += sum(t.tokens for t in found)
        self.flagged_units += sum(bool(t.flags) for t in found)
        self.flags.update(flag.check for t in found for flag in t.flags)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a dry run found: counts, seconds it would take, and the Korean lines that would be left, as `file, line, reason, text`."""

    files: int
    units: int
    sentences: int
    seconds: float
    untouched: tuple[tuple[str, int, str, str], ...]


Progress = Callable[[int], AbstractContextManager[Callable[[int], object]]]


def no_progress(total: int) -> AbstractContextManager[Callable[[int], object]]:
    """Progress that nobody sees."""
    return nullcontext(lambda count: None)


def translate_archive(
    inputs: Sequence[str],
    output: Path,
    settings: Settings,
    *,
    force: bool = False,
    references: Path | None = None,
    progress: Progress = no_progress,
) -> Report:
    """Translates files and folders into a mirrored tree under output, with records beside the Markdown and a report.json.

    Nothing is written before every source has been read, and no existing translation or record is overwritten without `force`
    (report.json is always that of the latest run). `progress` takes the number of units and gives a context whose value is told
    of each batch of units done. `references` are records (a file or a folder of them) with what the targets should be: the run's
    targets are scored against those with the same file and id.
    """
    report, began = Report(), time.monotonic()
    units: list[ScoredUnit] = []
    sources = find_sources(inputs, output)
    _refuse_overwriting(sources, output, settings, force)
    parsed = [ParsedFile(source, Document.parse(read_source(source))) for source in sources]
    scored = _Scored(references, parsed) if references else None
    with Translator(settings) as translator, progress(sum(len(p.document.units) for p in parsed)) as tell:
        for window in _windows(parsed):
            for file, found in _translated(translator, window, tell):
                records = _write(file, found, output, translator)
                report.count(found)
                units += [ScoredUnit(t.source, t.target, t.score) for t in found]
                if scored:
                    scored.add(file, records)
        report.corpus_flags.update(flag.check for _, flag in check_corpus(units, settings.checks_off))
        report.seconds = round(time.monotonic() - began, 2)
        report.peak_memory_mib = _peak_memory()
        write_whole(output / "report.json", _report_json(report, translator))
    if scored:  # beside the run's own figures, not among them
        report.quality = scored.evaluation()
        write_whole(output / "report.json", _report_json(report, translator))
    return report


def translate_text(text: str, settings: Settings, progress: Progress = no_progress) -> str:
    """One document's text in the first layout of the settings, for use in a pipe."""
    document = Document.parse(text)
    with Translator(settings) as translator, progress(len(document.units)) as tell:
        file = ParsedFile(SourceFile(None, Path("stdin.md")), document)
        [(_, found)] = _translated(translator, [file], tell)
    return document.render(_targets(found), settings.layouts[0], settings.order)


def plan_archive(inputs: Sequence[str], output: Path, settings: Settings) -> Plan:
    """What translate_archive would do, with its time estimated by translating a few of the sentences."""
    parsed = [ParsedFile(source, Document.parse(read_source(source))) for source in find_sources(inputs, output)]
    texts = [unit.text for p in parsed for unit in p.document.units]
    sentences = sum(len(split_sentences(text)) for text in texts)
    untouched = tuple((p.source.name, u.line, u.reason, u.text) for p in parsed for u in p.document.untouched)
    return Plan(len(parsed), len(texts), sentences, _estimate(texts, settings), untouched)


def _estimate(texts: list[str], settings: Settings) -> float:
    sample = random.Random(0).sample(texts, min(_SAMPLE, len(texts)))
    if not sample:
        return 0.0
    with Translator(settings) as translator:
        translator.translate_lines(sample[:2])
        began = time.monotonic()
        translator.translate_lines(sample)
        return (time.monotonic() - began) * sum(map(len, texts)) / max(1, sum(map(len, sample)))


def _windows(parsed: Iterable[ParsedFile]) -> Iterator[list[ParsedFile]]:
    window: list[ParsedFile] = []
    for file in parsed:
        window.append(file)
        if sum(len(p.document.units) for p in window) >= _WINDOW:
            yield window
            window = []
    if window:
        yield window


def _translated(
    translator: Translator, window: Sequence[ParsedFile], tell: Callable[[int], object]
) -> Iterator[tuple[ParsedFile, list[Translation]]]:
    """The translations of a window's files; the engine's sentence counts are told as units, in proportion."""
    units = [unit for file in window for unit in file.document.units]
    sentences = sum(len(split_sentences(unit.text)) for unit in units)
    done = told = 0

    def settled(count: int) -> None:
        nonlocal done, told
        done += count
        now = done * len(units) // max(1, sentences)
        tell(now - told)
        told = now

    found = iter(translator.translate_units(units, settled))
    tell(len(units) - told)
    for file in window:
        yield file, [next(found) for _ in file.document.units]


def _targets(found: Iterable[Translation]) -> dict[str, str]:
    return {t.unit_id: t.target for t in found}


def output_paths(source: SourceFile, output: Path, layouts: Sequence[Layout]) -> dict[Layout, Path]:
    """Where each layout of a source goes: `<relative>.md`, or `<relative>.<layout>.md` where there are several."""
    base = output / source.relative
    return {layout: base if len(layouts) == 1 else base.with_name(f"{base.stem}.{layout}.md") for layout in layouts}


def _refuse_overwriting(sources: Sequence[SourceFile], output: Path, settings: Settings, force: bool) -> None:
    if output.exists() and not output.is_dir():
        raise UserError(f"--output {output} is a file; name a folder")
    written: set[Path] = set()
    for source in sources:
        for path in (*output_paths(source, output, settings.layouts).values(), (output / source.relative).with_suffix(".jsonl")):
            if source.path and path.resolve() == source.path.resolve():
                raise UserError(f"{path} is itself a source: choose another --output")
            if path in written:
                raise UserError(f"two sources would both write {path}: translate them into two folders")
            written.add(path)
            if path.exists() and not force:
                raise UserError(f"{path} exists; --force overwrites it")


def _write(file: ParsedFile, found: Sequence[Translation], output: Path, translator: Translator) -> list[Record]:
    settings = translator.settings
    for layout, path in output_paths(file.source, output, settings.layouts).items():
        write_whole(path, file.document.render(_targets(found), layout, settings.order))
    records = make_records(file.document, found, f"{settings.model}@{translator.fingerprint}", translator.engine_name)
    write_whole((output / file.source.relative).with_suffix(".jsonl"), to_jsonl(records))
    return records


class _Scored:
    """The targets of a run that references speak of. Raises UserError, before anything is translated, where they speak of none."""

    def __init__(self, references: Path, parsed: Sequence[ParsedFile]) -> None:
        self._reference = (str(references), read_segments(references))
        self._found: list[Segment] = []
        units = [Segment("", u.id, u.line, _name(p), u.title, u.kind) for p in parsed for u in p.document.units]
        align([("this run", units), self._reference])

    def add(self, file: ParsedFile, records: Iterable[Record]) -> None:
        """Takes in a file's records."""
        name = _name(file)
        self._found += [Segment(" ".join(r.target.split()), r.id, r.line, name, r.title, r.kind) for r in records]

    def evaluation(self) -> Evaluation:
        """Scores, with intervals unless there are so many segments that the bootstrap would take more memory than the run."""
        bootstrap = 1000 if len(self._found) <= _MOST_FOR_INTERVALS else 0
        return evaluate_systems([("this run", self._found)], [self._reference], metrics=DEFAULT, bootstrap=bootstrap)


def _name(file: ParsedFile) -> str:
    return str(file.source.relative.with_suffix(""))


def _report_json(report: Report, translator: Translator) -> str:
    data: dict[str, Any] = asdict(report)
    data["flags"] = dict(report.flags.most_common())
    data["corpus_flags"] = dict(report.corpus_flags.most_common())
    data["quality"] = report.quality.as_json() if report.quality else None
    data["model"] = f"{translator.settings.model}@{translator.fingerprint}"
    data["engine"] = translator.engine_name
    data["settings"] = translator.settings.model_dump()
    data["versions"] = {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _peak_memory() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)
