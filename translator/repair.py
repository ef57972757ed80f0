"""Sentences through an engine with what must survive surviving: mask, decode, choose, mend, decode again, flag.

The first round decodes every sentence once and takes, of the n best hypotheses, the one with the least wrong with it. What is
still wrong is mended where there is only one way to mend it (a bent name, a doubled gloss, `a LLM`), or decoded again with the lost
names hidden and safer settings; what remains is flagged.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from translator.document.hangul import has_hangul
from translator.document.protection import Span, protected_spans
from translator.engine.base import Decoding, Engine, Hypothesis
from translator.glossary import Glossary
from translator.masking import MaskedSentence, mask, restore
from translator.orthography import spelled_right
from translator.quality.checks import Flag, check_further, check_translation
from translator.quality.checks.glosses import find_glosses
from translator.quality.numerals import english_number
from translator.quality.survival import holds_name, lost_spans

_COST = {
    "lost-number": 0.3,
    "lost-name": 0.2,
    "gloss-missing": 0.1,
    "gloss-doubled": 0.05,
    "glossary": 1.0,
    "appended": 0.4,
    "length": 0.5,
    "repetition": 0.6,
}
_SEVERE = 2.0
_NOT_BY_HIDING = {"gloss-missing", "gloss-doubled", "length", "repetition"}  # what other placeholders do not mend
_OPEN_NEST = re.compile(r"\([A-Za-z][A-Za-z0-9 /-]{1,60} \([^()]+\)(?!\))")
_DEGENERATE = {"repetition", "length", "hangul", "truncated", "empty"}


@dataclass(frozen=True, slots=True)
class SentenceTranslation:
    """A sentence's target Markdown, with the engine's score and token count and what is still wrong with it."""

    target: str
    score: float
    tokens: int
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class _Task:
    """A sentence to translate: its text, protected spans, and the glossary terms that stand in it."""

    text: str
    spans: tuple[Span, ...]
    terms: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Try:
    """A masked form of a task's sentence to decode."""

    task: _Task
    masked: MaskedSentence


def translate_sentences(
    engine: Engine, sentences: Sequence[str], decoding: Decoding, glossary: Glossary, on_done: Callable[[int], None] | None = None
) -> list[SentenceTranslation]:
    """Translates Markdown sentences. Sentences without Korean come back as they are."""
    tasks = {text: _Task(text, protected_spans(text), glossary.terms_in(text)) for text in dict.fromkeys(sentences) if has_hangul(text)}
    first = [_Try(task, mask(task.text, replace=task.terms)) for task in tasks.values()]
    look = (lambda count: on_done(0)) if on_done else None  # nothing more is settled, but whoever listens may want an end
    phrases = _translate_phrases(engine, first, decoding, look)
    done = _scaled(on_done, sum(text in tasks for text in sentences) / max(1, len(tasks)))
    best = {t.task.text: c for t, c in zip(first, _decode(engine, first, decoding, phrases, done), strict=True)}
    for tries, settings in _second_rounds(tasks, best, decoding):
        for again, found in zip(tries, _decode(engine, tries, settings, phrases, look), strict=True):
            if cost(found) < cost(best[again.task.text]):
                best[again.task.text] = found
    checked = {text: _checked_further(tasks[text], found) for text, found in best.items()}
    return [checked.get(text) or SentenceTranslation(text, 0.0, 0) for text in sentences]


def cost(found: SentenceTranslation) -> float:
    """How bad a translation is: what is wrong with it, weighed, less its mean log-probability."""
    return sum(_COST.get(flag.check, _SEVERE) for flag in found.flags) - found.score


def _scaled(on_done: Callable[[int], None] | None, factor: float) -> Callable[[int], None] | None:
    """Tells on_done of all sentences where the engine tells of distinct ones."""
    seen = told = 0

    def tell(count: int) -> None:
        nonlocal seen, told
        seen += count
        if on_done:
            on_done(round(seen * factor) - told)
        told = round(seen * factor)

    return tell


def _translate_phrases(
    engine: Engine, tries: Iterable[_Try], decoding: Decoding, on_done: Callable[[int], None] | None
) -> dict[str, str]:
    phrases = list(dict.fromkeys(phrase for t in tries for phrase in t.masked.phrases))
    masked = [mask(phrase) for phrase in phrases]
    found = engine.translate([m.source for m in masked], replace(decoding, num_hypotheses=1), on_done)
    targets = (restore(m, hypotheses[0].text, {}).text.rstrip(". ") for m, hypotheses in zip(masked, found, strict=True))
    return {phrase: target or phrase for phrase, target in zip(phrases, targets, strict=True)}


def _decode(
    engine: Engine, tries: Sequence[_Try], decoding: Decoding, phrases: Mapping[str, str], on_done: Callable[[int], None] | None
) -> list[SentenceTranslation]:
    found = engine.translate([t.masked.source for t in tries], decoding, on_done)
    return [_cheapest(t, hypotheses, phrases) for t, hypotheses in zip(tries, found, strict=True)]


def _cheapest(attempt: _Try, hypotheses: Sequence[Hypothesis], phrases: Mapping[str, str]) -> SentenceTranslation:
    """The hypothesis that costs least. Flags only add to a cost, so one whose score alone costs more need not be finished."""
    best = _finished(attempt, hypotheses[0], phrases)
    for hypothesis in hypotheses[1:]:
        if -hypothesis.score < cost(best):
            found = _finished(attempt, hypothesis, phrases)
            best = found if cost(found) < cost(best) else best
    return best


def _finished(attempt: _Try, hypothesis: Hypothesis, phrases: Mapping[str, str]) -> SentenceTranslation:
    """A hypothesis restored, mended and checked."""
    task = attempt.task
    restored = restore(attempt.masked, spelled_right(hypothesis.text, attempt.masked.source), phrases)
    target = _brackets_closed(_capitalised(task.text, _gloss_once(task.text, _mend_names(task.spans, restored.text))))
    flags = [*check_translation(task.text, task.spans, target, terms=task.terms, truncated=hypothesis.truncated)]
    flags += [Flag("appended", markdown) for markdown in restored.appended]
    return SentenceTranslation(target, hypothesis.score, hypothesis.tokens, tuple(flags))


def _checked_further(task: _Task, found: SentenceTranslation) -> SentenceTranslation:
    """With the flags of the checks that had no say in the choice."""
    return replace(found, flags=(*found.flags, *check_further(task.text, task.spans, found.target, task.terms)))


def _second_rounds(
    tasks: Mapping[str, _Task], best: Mapping[str, SentenceTranslation], decoding: Decoding
) -> Iterator[tuple[list[_Try], Decoding]]:
    """Other ways to decode what is still wrong in `best`, which whoever takes them mends meanwhile.

    Lost names and numbers hidden, all of them and then the first alone; glosses in place of their terms; loops forbidden.
    """
    wider = replace(decoding, beam_size=2 * decoding.beam_size, num_hypotheses=2 * decoding.num_hypotheses)
    safer = replace(decoding, no_repeat_ngram_size=3, repetition_penalty=1.1, beam_size=max(decoding.beam_size, 4))

    def wrong(is_wrong: Callable[[set[str]], bool]) -> list[_Task]:
        return [tasks[text] for text, found in best.items() if is_wrong({flag.check for flag in found.flags})]

    for most, turn in ((None, 1), (1, 4)):
        bent = wrong(lambda checks: bool(checks - _NOT_BY_HIDING))
        yield [_Try(t, mask(t.text, hide=_lost(best[t.text], most), replace=t.terms, turn=turn)) for t in bent], wider
    yield [_Try(t, mask(_glosses_alone(t.text), replace=t.terms)) for t in wrong(lambda checks: "gloss-missing" in checks)], decoding
    yield [_Try(t, mask(t.text, replace=t.terms)) for t in wrong(lambda checks: bool(checks & _DEGENERATE))], safer


def _lost(found: SentenceTranslation, most: int | None) -> dict[str, str]:
    """The first of the names and numbers that are lost, with what they become in English."""
    lost = [flag.detail for flag in found.flags if flag.check in ("lost-name", "lost-number")]
    return {text: english_number(text) for text in list(dict.fromkeys(lost))[:most]}


def _glosses_alone(text: str) -> str:
    """`한국어 용어(English term)` as `English term`: the gloss takes the place of as many Korean words as it has."""
    for gloss in reversed(find_glosses(text)):
        words = list(re.finditer(r"\S+", text[: gloss.start].rstrip()))[-len(gloss.term.split()) :]
        start = words[0].start() if words else gloss.start
        while start < gloss.start and not re.match(r"[\w가-힣]", text[start]):
            start += 1
        text = text[:start] + gloss.term + text[gloss.end :]
    return text


def _capitalised(source: str, target: str) -> str:
    """With a capital first letter where the source is a full sentence and its first word is not one of the source's own."""
    first = re.match(r"[a-z]+(?![\w.-])", target)
    return target[0].upper() + target[1:] if first and source[-1] in ".!?" and first[0] not in source else target


def _gloss_once(source: str, target: str) -> str:
    """`latent space (latent space)` as `latent space`, `language model (Language Model, LM)` as `language model (LM)`, restored or not."""
    for gloss in find_glosses(source):
        words = re.split(r"[\s-]+", gloss.term)
        if f"({words[0]}".casefold() not in target.casefold():
            continue  # told without compiling a pattern, as for nearly all
        term = r"[\s-]".join(map(re.escape, words))
        target = re.sub(rf"(\b{term}s?) \({term}s?\)", r"\1", target, flags=re.I)
        target = re.sub(rf"(\b{term}s?) \({term}s?[,;:] ", r"\1 (", target, flags=re.I)
    return target


def _brackets_closed(target: str) -> str:
    """`models (Large Language Models (LLM) are` with the outer bracket closed, where no other one stands open."""
    if target.count("(") - target.count(")") != 1:
        return target
    closed, times = _OPEN_NEST.subn(r"\g<0>)", target)
    return closed if times == 1 else target


def _mend_names(spans: Sequence[Span], target: str) -> str:
    """Puts right a name that the model bent: a lost name takes the place of the one Latin word that is nearly it."""
    lost = [span for span in lost_spans(spans, target) if span.kind in ("name", "number")]
    if not lost:
        return target
    known = [span.text for span in spans if span.kind in ("name", "number")]
    strange = [s for s in protected_spans(target) if s.kind in ("name", "number") and not _accounted(s, known)]
    mended: dict[str, str] = {}
    for span in lost:
        near = {s.text for s in strange if s.kind == span.kind and s.text not in mended and _nearly(s.text, span.text)}
        numbers = span.kind == "number" and len(near) == 1 and sum(s.kind == "number" for s in lost) == 1
        if (span.kind == "name" and near) or numbers:
            mended[max(sorted(near), key=lambda text, s=span: SequenceMatcher(None, text, s.text).ratio())] = span.text  # type: ignore[misc]
    for wrong in reversed(strange):
        if wrong.text in mended:
            target = target[: wrong.start] + mended[wrong.text] + target[wrong.end :]
    return target


def _accounted(span: Span, known: Sequence[str]) -> bool:
    return span.text in known or (span.kind == "name" and any(holds_name(name, span.text) for name in known))


def _nearly(found: str, wanted: str) -> bool:
    if found.endswith("%") != wanted.endswith("%") and wanted[0].isdigit():
        return False
    return SequenceMatcher(None, found.lower(), wanted.lower()).ratio() >= 0.7
