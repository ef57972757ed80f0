"""Documents and lines through the memory and an engine: the Translator."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING

from translator.config import Settings
from translator.document import Document, Unit
from translator.document.hangul import has_hangul
from translator.document.sentences import Sentence, join_sentences, split_sentences
from translator.engine import Engine, load_engine
from translator.engine.checkpoint import content_hash, locate
from translator.engine.loading import resolved
from translator.glossary import Glossary, read_glossary
from translator.memory import Context, Entry, Origin
from translator.provenance import context_of
from translator.quality.checks import Flag, check_facts, check_whole
from translator.repair import SentenceTranslation, translate_sentences

if TYPE_CHECKING:
    from translator.memory.store import Memory

_TITLES = ("heading", "label", "cell", "front-matter")

Progress = Callable[[int, int], object]
"""Told how many sentences are settled, and of how many."""


@dataclass(frozen=True, slots=True)
class Translation:
    """A unit's translation: target Markdown, mean token log-probability, tokens, sentences, and what is still wrong with it.

    `engine` is what decoded it, `origin` whether a person wrote it; such a one has no score, no tokens, and no engine.
    """

    unit_id: str
    source: str
    target: str
    score: float
    tokens: int
    sentences: int
    flags: tuple[Flag, ...]
    engine: str
    origin: Origin = "machine"


def human_units(found: Iterable[Translation]) -> set[str]:
    """The ids of the units whose targets a person wrote, as Document.render and Document.canonical take them."""
    return {translation.unit_id for translation in found if translation.origin == "human"}


class Translator:
    """Translates Korean Markdown with one model, which is loaded when first needed. Use as a context manager, or close() it.

    With a translation memory, sentences that it knows are not translated again, and what people wrote for a unit or a sentence is
    used whatever the model. Raises UserError (from translator.errors) where the model or the glossary of the settings cannot be had.
    """

    def __init__(self, settings: Settings | None = None, memory: "Memory | None" = None) -> None:
        self.settings = settings or Settings()
        self.memory = memory
        self.glossary = read_glossary(Path(self.settings.glossary)) if self.settings.glossary else Glossary()
        self.fingerprint = content_hash(locate(self.settings.model))
        """The model's content hash."""
        self._engine: Engine | None = None
        self._loading = Lock()

    def __enter__(self) -> "Translator":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Frees the model."""
        if self._engine:
            self._engine.close()

    @cached_property
    def context(self) -> Context:
        """What a machine translation depends on besides its source: model, decoding, glossary, code."""
        return context_of(self.settings, self.fingerprint, self.glossary)

    def engine(self) -> Engine:
        """The engine, loaded now if it was not yet."""
        with self._loading:
            if self._engine is None:
                self._engine = load_engine(self.settings.engine_options())
            return self._engine

    @property
    def engine_name(self) -> str:
        """What runs the model: `ctranslate2` or `transformers`; before the model is loaded, what the settings ask for."""
        return self._engine.name if self._engine else resolved(self.settings.engine_options()).engine

    def translate_lines(self, lines: Sequence[str], on_progress: Progress | None = None) -> list[str]:
        """Each line's translation; blank lines and lines without Korean come back as they are."""
        return [t.target if t.target else line for t, line in zip(self._texts(lines, on_progress), lines, strict=True)]

    def translate(self, document: Document, on_progress: Progress | None = None) -> list[Translation]:
        """A translation for each unit of a document, in order."""
        return self.translate_units(document.units, on_progress)

    def translate_units(self, units: Sequence[Unit], on_progress: Progress | None = None) -> list[Translation]:
        """A translation for each unit, which may come from several documents. Several threads may call this at once."""
        found = self._texts([unit.text for unit in units], on_progress, [unit.kind in _TITLES for unit in units])
        return [
            Translation(unit.id, unit.text, text.target, text.score, text.tokens, text.sentences, text.flags, text.engine, text.origin)
            for unit, text in zip(units, found, strict=True)
        ]

    def _texts(self, texts: Sequence[str], on_progress: Progress | None, titles: Sequence[bool] | None = None) -> list["_Text"]:
        written = self.memory.human(list(dict.fromkeys(texts))) if self.memory else {}
        split = [() if text in written else split_sentences(text) for text in texts]
        flat = [text[s.start : s.end] for text, sentences in zip(texts, split, strict=True) for s in sentences]
        found = self._sentences(flat, on_progress)
        titled, off = titles or [False] * len(texts), self.settings.checks_off
        return [
            _by_hand(text, written[text].target, off) if text in written else _joined(text, sentences, found, title, off)
            for text, sentences, title in zip(texts, split, titled, strict=True)
        ]

    def _sentences(self, sentences: Sequence[str], on_progress: Progress | None) -> Mapping[str, "_Known"]:
        """A translation for each sentence, from the memory where it is there."""
        distinct = [sentence for sentence in dict.fromkeys(sentences) if has_hangul(sentence)]
        known = self._remembered(distinct)
        missing = [sentence for sentence in sentences if sentence not in known and has_hangul(sentence)]
        settled = len(sentences) - len(missing)

        def tell(count: int) -> None:
            nonlocal settled
            settled += count
            if on_progress:
                on_progress(settled, len(sentences))

        tell(0)
        if missing:
            engine = self.engine()
            made = translate_sentences(engine, missing, self.settings.decoding(), self.glossary, tell)
            new = {sentence: _Known(found, engine.name) for sentence, found in zip(missing, made, strict=True)}
            if self.memory:
                self.memory.add(self.context, [_entry(sentence, found) for sentence, found in new.items()])
            known |= new
        return known

    def _remembered(self, sentences: Sequence[str]) -> dict[str, "_Known"]:
        """Keys of the memory are normalised; a machine's translation counts only for a source that is the same to the letter."""
        if not self.memory or not sentences:
            return {}
        machine = self.memory.machine(self.context, sentences)
        known = {s: found for s, entry in machine.items() if entry.source == s and (found := _known(entry))}
        written = self.memory.human(sentences)
        return known | {s: _Known(SentenceTranslation(e.target, 0.0, 0, check_facts(s, e.target)), "", "human") for s, e in written.items()}


@dataclass(frozen=True, slots=True)
class _Text:
    target: str
    score: float
    tokens: int
    sentences: int
    flags: tuple[Flag, ...]
    engine: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class _Known:
    found: SentenceTranslation
    engine: str
    origin: Origin = "machine"


def _entry(sentence: str, known: _Known) -> Entry:
    found = known.found
    detail = {"tokens": found.tokens, "engine": known.engine, "flags": [[flag.check, flag.detail] for flag in found.flags]}
    return Entry(sentence, found.target, score=found.score, detail=json.dumps(detail, ensure_ascii=False))


def _known(entry: Entry) -> _Known | None:
    """None for an entry that does not say all that was known of it, such as an imported one."""
    try:
        detail = json.loads(entry.detail)
        flags = tuple(Flag(check, what) for check, what in detail["flags"])
        return _Known(SentenceTranslation(entry.target, entry.score, detail["tokens"], flags), detail["engine"])
    except (ValueError, KeyError, TypeError):
        return None


def _by_hand(text: str, target: str, off: Collection[str]) -> _Text:
    flags = tuple(flag for flag in check_facts(text, target) if flag.check not in off)
    return _Text(target, 0.0, 0, len(split_sentences(text)), flags, "", "human")


def _joined(text: str, sentences: Sequence[Sentence], known: Mapping[str, _Known], title: bool, off: Collection[str]) -> _Text:
    parts = [known.get(text[s.start : s.end]) for s in sentences]
    targets = [part.found.target if part else text[s.start : s.end] for part, s in zip(parts, sentences, strict=True)]
    if title and not text.endswith(".") and targets and targets[-1].endswith("."):
        targets[-1] = targets[-1][:-1]
    found = [part.found for part in parts if part]
    tokens = sum(t.tokens for t in found)
    score = sum(t.score * t.tokens for t in found) / tokens if tokens else 0.0
    target = join_sentences(text, sentences, targets) if any(targets) else ""
    engine = next((part.engine for part in parts if part and part.engine), "")
    origin: Origin = "human" if parts and all(part and part.origin == "human" for part in parts) else "machine"
    flags = dict.fromkeys([*(flag for t in found for flag in t.flags), *(check_whole(text, target) if origin == "machine" else ())])
    kept = tuple(flag for flag in flags if flag.check not in off)
    return _Text(target, round(score, 4), tokens, len(sentences), kept, engine, origin)
