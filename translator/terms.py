"""Glossary candidates from an archive: the terms that its Korean gives with their English in brackets, `확산 모델(diffusion model)`.

Where the bracket begins is plain, where the Korean term begins is not: of the words before the bracket, as many belong to it as
keep coming back before the same English term, and at most as many as the English term has.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from translator.document import Document
from translator.errors import UserError
from translator.files import SourceFile, read_source
from translator.quality.checks.glosses import find_glosses
from translator.records import read_records

_BEFORE = re.compile(
    r"(?:[가-힣A-Za-z0-9]+(?:[-·][가-힣A-Za-z0-9]+)* )*[가-힣A-Za-z0-9]*(?:[-·][가-힣A-Za-z0-9]+)*[가-힣](?=['\"’”*]*\s?$)"
)
# words that end in a particle or an adnominal ending: what follows them begins a term
_BREAKS = re.compile(
    r"[가-힣]+(?:을|를|은|는|에서|에게|에|으로|와|과|하는|되는|된|위한|통한|대한|있는|없는|같은|적인)|및|등|이|그|본|각|더|또는|혹은|새로운|다양한|기존|이러한"
)
_STEADY = 0.6  # the share of a term's occurrences whose words, taken so far back, are seen more than once
_FREQUENT = 0.25  # or the share of those with the same words, the most frequent ones


@dataclass(frozen=True, slots=True)
class Term:
    """A candidate: a Korean term with its English, how often they stand together, and what else was found, with counts.

    `sources` are other Korean terms for the same English, `targets` other English for the same Korean, the most frequent of each;
    `against` is how often the Korean stands with English that says something else: `reasoning` is not against `math reasoning`.
    """

    source: str
    target: str
    count: int
    against: int = 0
    sources: tuple[tuple[str, int], ...] = ()
    targets: tuple[tuple[str, int], ...] = ()

    @property
    def agreed(self) -> bool:
        """True where the Korean term mostly has this English."""
        return self.count >= self.against


def read_texts(inputs: Sequence[Path], tell: Callable[[str], object]) -> list[str]:
    """The Korean of digests and records: .md and .jsonl files, and folders, of which the records count where there are any.

    `tell` is told of files in a folder that are no records, which are left aside. Raises UserError for what cannot be read or holds
    neither.
    """
    texts: list[str] = []
    for given in inputs:
        if given.is_dir():
            texts += _texts_below(given, tell)
        elif given.is_file():
            texts += _texts_of(given)
        else:
            raise UserError(f"{str(given)!r}: no such file or folder")
    return texts


def _texts_below(folder: Path, tell: Callable[[str], object]) -> list[str]:
    texts: list[str] = []
    records, strange = 0, []
    for path in sorted(path for path in folder.rglob("*.jsonl") if path.is_file()):
        try:
            texts += _texts_of(path)
            records += 1
        except UserError as error:
            strange.append(str(error))
    if strange:
        tell(f"left aside: {strange[0]}{f', and {len(strange) - 1} more' if len(strange) > 1 else ''}")
    digests = [] if records else sorted(path for path in folder.rglob("*.md") if path.is_file())
    if not records and not digests:
        raise UserError(f"{folder}: neither records (*.jsonl) nor digests (*.md) in this folder")
    return texts + [text for path in digests for text in _texts_of(path)]


def _texts_of(path: Path) -> list[str]:
    if path.suffix == ".jsonl":
        return [record.source for record in read_records(path)]
    return [unit.text for unit in Document.parse(read_source(SourceFile(path, Path(path.name)))).units]


def mine_terms(texts: Iterable[str], least: int) -> list[Term]:
    """The terms that stand together at least so often, the most frequent first."""
    words: dict[str, list[list[str]]] = defaultdict(list)
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for gloss in find_glosses(text):
            before = _words_before(text[: gloss.start])
            if before:
                key = _key(gloss.term)
                words[key].append(before)
                forms[key][gloss.term] += 1
    pairs: Counter[tuple[str, str]] = Counter()
    for key, found in words.items():
        pairs.update({(source, key): count for source, count in _sources(found, len(re.split(r"[\s-]+", key))).items()})
    return _terms(pairs, {key: _form(counts) for key, counts in forms.items()}, least)


def _words_before(text: str) -> list[str]:
    match = _BEFORE.search(text[-120:])
    found = match[0].split(" ") if match else []
    for index in range(len(found) - 2, -1, -1):
        if _BREAKS.fullmatch(found[index]):
            return found[index + 1 :]
    return found


def _key(term: str) -> str:
    """A term without regard to case and number."""
    folded = " ".join(term.casefold().split())
    return folded[:-1] if re.search(r"[^su]s$", folded) and len(folded) > 4 else folded


def _sources(found: Sequence[Sequence[str]], longest: int) -> Counter[str]:
    """The Korean terms before one English term: as many words as are steady."""
    for size in range(longest, 0, -1):
        counts = Counter(" ".join(words[-size:]) for words in found)
        repeated = Counter({source: count for source, count in counts.items() if count > 1})
        if size == 1 or repeated.total() >= _STEADY * len(found):
            return counts
        if max(repeated.values(), default=0) >= max(3, _FREQUENT * len(found)):
            return repeated
    return Counter()


def _form(counts: Counter[str]) -> str:
    """How a term is written: in small letters where that is usual enough, else as most often."""
    best = max(counts, key=lambda form: (counts[form], form))
    small = [form for form in counts if form == form.lower() and counts[form] >= 0.25 * counts.total()]
    return max(small, key=lambda form: (counts[form], form)) if small else best


def _terms(pairs: Counter[tuple[str, str]], forms: dict[str, str], least: int) -> list[Term]:
    by_source: dict[str, Counter[str]] = defaultdict(Counter)
    by_target: dict[str, Counter[str]] = defaultdict(Counter)
    for (source, key), count in pairs.items():
        by_source[source][key] += count
        by_target[key][source] += count
    found = []
    for source, targets in by_source.items():
        key = min(targets, key=lambda k: (-targets[k], k))
        if targets[key] >= least:
            against = sum(n for k, n in targets.items() if not re.search(rf"(?:^|[\s-]){re.escape(key)}$", k))
            other_targets = tuple((forms[k], n) for k, n in _most(targets) if k != key)
            other_sources = tuple((s, n) for s, n in _most(by_target[key]) if s != source and n >= least)
            found.append(Term(source, forms[key], targets[key], against, other_sources, other_targets))
    return sorted(found, key=lambda term: (-term.count, term.source))


def _most(counts: Counter[str], most: int = 5) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]


def to_tsv(terms: Iterable[Term]) -> str:
    """Terms as a glossary; where the Korean has no usual English, the entry is a comment, to be decided by whoever reads it."""
    lines = ["# source<TAB>target; a line that begins with # is a comment"]
    for term in terms:
        told = [f"{term.count} times"]
        told += ["also " + ", ".join(f"{source} ({count})" for source, count in term.sources)] if term.sources else []
        told += ["elsewhere " + ", ".join(f"{target} ({count})" for target, count in term.targets)] if term.targets else []
        lines.append(f"# {'; '.join(told)}")
        lines.append(f"{'' if term.agreed else '# '}{term.source}\t{term.target}")
    return "\n".join(lines) + "\n"
