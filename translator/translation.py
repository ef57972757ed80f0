"""Documents and lines through an engine: the Translator."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from translator.config import Settings
from translator.document import Document, Unit
from translator.document.sentences import Sentence, join_sentences, split_sentences
from translator.engine import Engine, load_engine
from translator.glossary import Glossary, read_glossary
from translator.quality.checks import Flag, check_whole
from translator.repair import SentenceTranslation, translate_sentences

_TITLES = ("heading", "label", "cell", "front-matter")


@dataclass(frozen=True, slots=True)
class Translation:
    """A unit's translation: target Markdown, mean token log-probability, tokens, sentences, and what is still wrong with it."""

    unit_id: str
    source: str
    target: str
    score: float
    tokens: int
    sentences: int
    flags: tuple[Flag, ...]


class Translator:
    """Translates Korean Markdown with one loaded model. Use as a context manager, or close() it.

    Raises UserError (from translator.errors) where the model or the glossary of the settings cannot be had.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.glossary = read_glossary(Path(self.settings.glossary)) if self.settings.glossary else Glossary()
        self._engine: Engine = load_engine(self.settings.engine_options())

    def __enter__(self) -> "Translator":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Frees the model."""
        self._engine.close()

    @property
    def engine_name(self) -> str:
        """Which engine runs the model: `ctranslate2` or `transformers`."""
        return self._engine.name

    @property
    def fingerprint(self) -> str:
        """The model's content hash."""
        return self._engine.fingerprint

    def translate_lines(self, lines: Sequence[str], on_done: Callable[[int], None] | None = None) -> list[str]:
        """Each line's translation; blank lines and lines without Korean come back as they are."""
        return [t.target if t.target else line for t, line in zip(self._texts(lines, on_done), lines, strict=True)]

    def translate(self, document: Document, on_done: Callable[[int], None] | None = None) -> list[Translation]:
        """A translation for each unit of a document, in order."""
        return self.translate_units(document.units, on_done)

    def translate_units(self, units: Sequence[Unit], on_done: Callable[[int], None] | None = None) -> list[Translation]:
        """A translation for each unit, which may come from several documents. `on_done` is told of settled sentences."""
        found = self._texts([unit.text for unit in units], on_done, [unit.kind in _TITLES for unit in units])
        return [
            Translation(unit.id, unit.text, text.target, text.score, text.tokens, text.sentences, text.flags)
            for unit, text in zip(units, found, strict=True)
        ]

    def _texts(self, texts: Sequence[str], on_done: Callable[[int], None] | None, titles: Sequence[bool] | None = None) -> list["_Text"]:
        split = [split_sentences(text) for text in texts]
        flat = [text[s.start : s.end] for text, sentences in zip(texts, split, strict=True) for s in sentences]
        found = iter(translate_sentences(self._engine, flat, self.settings.decoding(), self.glossary, on_done))
        titled = titles or [False] * len(texts)
        return [
            _joined(text, sentences, [next(found) for _ in sentences], title, self.settings.checks_off)
            for text, sentences, title in zip(texts, split, titled, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class _Text:
    target: str
    score: float
    tokens: int
    sentences: int
    flags: tuple[Flag, ...]


def _joined(text: str, sentences: Sequence[Sentence], found: Sequence[SentenceTranslation], title: bool, off: Collection[str]) -> _Text:
    targets = [t.target for t in found]
    if title and not text.endswith(".") and targets and targets[-1].endswith("."):
        targets[-1] = targets[-1][:-1]
    tokens = sum(t.tokens for t in found)
    score = sum(t.score * t.tokens for t in found) / tokens if tokens else 0.0
    target = join_sentences(text, sentences, targets) if any(targets) else ""
    flags = [*(flag for t in found for flag in t.flags), *check_whole(text, target)]
    kept = tuple(flag for flag in dict.fromkeys(flags) if flag.check not in off)
    return _Text(target, round(score, 4), tokens, len(sentences), kept)
