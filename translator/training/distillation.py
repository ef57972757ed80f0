"""Sequence-level distillation: a teacher's translations of Korean text as training data for a smaller model."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from translator.config import Settings
from translator.document import Document
from translator.document.hangul import has_hangul
from translator.document.sentences import split_sentences
from translator.engine import load_engine
from translator.errors import UserError
from translator.files import find_sources, read_source, write_whole
from translator.glossary import Glossary
from translator.repair import translate_sentences
from translator.textfile import read_text
from translator.training.corpus import read_pairs

_AT_ONCE = 2000

Progress = Callable[[int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True, slots=True)
class DistillationReport:
    """How many sentences there were, how many became pairs, and why the others did not (names of checks)."""

    sentences: int
    pairs: int
    dropped: Counter[str]


def distill(
    settings: Settings, inputs: Sequence[str], output: Path, *, lowest_score: float, force: bool, progress: Progress
) -> DistillationReport:
    """Translates the Korean sentences of inputs with the settings' model and writes those without a flag as pairs (TSV).

    Inputs are Markdown files and folders, text files with a sentence a line, or files of pairs whose Korean is taken. Of each
    sentence's n best translations the one that the checks like best is taken (see translator/repair.py); what is still flagged, or
    scores under `lowest_score` (mean log-probability of a token), is left out. The output is written anew, whole, after each 2,000
    sentences.
    Raises UserError for inputs that cannot be read or hold no Korean, an output that exists (without `force`) or cannot be written,
    and where nothing passed.
    """
    if output.exists() and not force:
        raise UserError(f"{output} exists: give --force to overwrite it, or another --output")
    sentences = list(dict.fromkeys(text for text in _sentences(inputs, output) if has_hangul(text)))
    if not sentences:
        raise UserError("the inputs hold no Korean sentences")
    pairs: list[str] = []
    dropped: Counter[str] = Counter()
    engine = load_engine(settings.engine_options())
    try:
        with progress(len(sentences)) as tell:
            for start in range(0, len(sentences), _AT_ONCE):
                some = sentences[start : start + _AT_ONCE]
                for source, found in zip(some, translate_sentences(engine, some, settings.decoding(), Glossary(), tell), strict=True):
                    reasons = {flag.check for flag in found.flags} or ({"low-score"} if found.score < lowest_score else set())
                    dropped.update(reasons)
                    if not reasons:
                        pairs.append(f"{source}\t{_one_line(found.target)}\n")
                if pairs:
                    write_whole(output, "".join(pairs))
    finally:
        engine.close()
    if not pairs:
        raise UserError(f"none of the {len(sentences)} sentences passed: {', '.join(f'{k} {n}' for k, n in dropped.most_common())}")
    return DistillationReport(len(sentences), len(pairs), dropped)


def _sentences(inputs: Sequence[str], output: Path) -> Iterator[str]:
    for given in inputs:
        path = Path(given)
        if path.suffix.lower() in (".tsv", ".jsonl", ".tmx"):
            yield from _split(pair.source for pair in read_pairs(path))
        elif path.suffix.lower() == ".txt":
            yield from _split(read_text(path).split("\n"))
        else:
            for source in find_sources([given], output):
                yield from _split(unit.text for unit in Document.parse(read_source(source)).units)


def _split(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for sentence in split_sentences(text):
            yield _one_line(text[sentence.start : sentence.end])


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
