"""What a run over an archive would do, and how long it would take."""

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from translator.config import Settings
from translator.document import Document
from translator.document.sentences import split_sentences
from translator.files import SourceFile, find_sources, read_sources
from translator.journal import Journal, read_journal
from translator.outputs import all_paths, output_state, run_key
from translator.translation import Translator

if TYPE_CHECKING:
    from translator.memory.store import Memory

_SAMPLE = 48  # sentences translated to estimate the time


@dataclass(frozen=True, slots=True)
class Plan:
    """What a dry run found: counts, seconds it would take, and the Korean lines that would be left, as `file, line, reason, text`.

    Of all `files`, `done` would be skipped, and the outputs of `edited` were changed since a run wrote them. Units and sentences are
    those of the files that are to do; `remembered` of the sentences stand in the memory. The lines are those of all files.
    """

    files: int
    done: int
    edited: int
    units: int
    sentences: int
    remembered: int
    seconds: float
    untouched: tuple[tuple[str, int, str, str], ...]


def plan_archive(inputs: Sequence[str], output: Path | None, settings: Settings, *, memory: "Memory | None" = None) -> Plan:
    """What translate_archive would do. Nothing in the output folder is touched; without one, nothing is done yet.

    Another run may be writing there meanwhile: what it has finished counts as done. The time is estimated by translating a few of the
    sentences that the memory does not know. Raises UserError as translate_archive does for sources and a damaged journal.
    """
    sources = find_sources(inputs, output or Path("outputs"))
    texts: list[str] = []
    untouched: list[tuple[str, int, str, str]] = []
    done = edited = 0
    with Translator(settings) as translator, _earlier(output) as journal:
        key = run_key(translator, memory.human_version() if memory else "")
        for source, text in read_sources(sources):
            document = Document.parse(text)
            untouched += [(source.name, unit.line, unit.reason, unit.text) for unit in document.untouched]
            is_done, is_edited = _looked_up(source, text, output, settings, journal, key)
            done, edited = done + is_done, edited + is_edited
            if not is_done:
                texts += [unit.text for unit in document.units]
        sentences = [text[s.start : s.end] for text in texts for s in split_sentences(text)]
        known = memory.machine(translator.context, list(dict.fromkeys(sentences))) if memory else {}
        missing = [sentence for sentence in sentences if sentence not in known]
        seconds = _estimate(translator, missing)
    return Plan(len(sources), done, edited, len(texts), len(sentences), len(sentences) - len(missing), seconds, tuple(untouched))


@contextmanager
def _earlier(output: Path | None) -> Iterator[Journal | None]:
    if output is None:
        yield None
        return
    with read_journal(output) as journal:
        yield journal


def _looked_up(
    source: SourceFile, text: str, output: Path | None, settings: Settings, journal: Journal | None, key: str
) -> tuple[bool, bool]:
    """Whether a source is done, and whether its outputs were edited."""
    if output is None or journal is None:
        return False, False
    state = output_state(source, text, output, settings.layouts, journal)
    return state.is_done(key, all_paths(source, settings.layouts)), bool(state.edited)


def _estimate(translator: Translator, sentences: list[str]) -> float:
    sample = random.Random(0).sample(sentences, min(_SAMPLE, len(sentences)))
    if not sample:
        return 0.0
    translator.translate_lines(sample[:2])
    began = time.monotonic()
    translator.translate_lines(sample)
    return (time.monotonic() - began) * sum(map(len, sentences)) / max(1, sum(map(len, sample)))
