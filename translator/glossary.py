"""A glossary: source terms with the target terms they must become."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from translator.errors import UserError
from translator.settings_file import parsed_yaml
from translator.textfile import read_text


@dataclass(frozen=True, slots=True)
class Glossary:
    """Source term to target term; a term that maps to itself is not to be translated."""

    terms: dict[str, str] = field(default_factory=dict)

    def terms_in(self, text: str) -> dict[str, str]:
        """The entries whose source term stands in text."""
        if not self.terms:
            return {}
        found = {match[0] for match in term_pattern(self.terms).finditer(text)}
        return {source: target for source, target in self.terms.items() if source in found}


def term_pattern(terms: Iterable[str]) -> re.Pattern[str]:
    """Matches any of the terms where it stands on its own, the longest first; Korean particles may follow a term."""
    return re.compile("|".join(_alone(term) for term in sorted(terms, key=len, reverse=True)))


def _alone(term: str) -> str:
    if re.match(r"\d", term):
        before, after = r"(?<![A-Za-z0-9.,])", r"(?![A-Za-z0-9%]|[.,]\d)" if term[-1] != "%" else ""
    else:
        before = "(?<![A-Za-z0-9])" if term[0].isascii() else "(?<![가-힣])"
        after = "(?![A-Za-z0-9])" if term[-1].isascii() else ""
    return before + re.escape(term) + after


def read_glossary(path: Path) -> Glossary:
    """A glossary from TSV (source, tab, target; `#` starts a comment line) or YAML (a map of source to target).

    An empty target, or a TSV line with one column, means do not translate. Raises UserError naming file and line.
    """
    pairs = _from_yaml(path) if path.suffix.lower() in (".yaml", ".yml") else _from_tsv(path)
    return Glossary({source: target or source for source, target in pairs.items()})


def _from_tsv(path: Path) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        source, _, target = (part.strip() for part in line.partition("\t"))
        if not source or "\t" in target:
            raise UserError(f"{path}, line {number}: expected `source<TAB>target`, found {line.strip()!r}")
        if pairs.get(source, target) != target:
            raise UserError(f"{path}, line {number}: {source!r} is already given as {pairs[source]!r}")
        pairs[source] = target
    return pairs


def _from_yaml(path: Path) -> dict[str, str]:
    data = parsed_yaml(path) or {}
    if not isinstance(data, dict):
        raise UserError(f"the glossary {path} must map source terms to target terms, found a {type(data).__name__}")
    wrong = next((k for k, v in data.items() if not isinstance(k, str) or not k.strip() or not isinstance(v, str | None)), None)
    if wrong is not None:
        raise UserError(f"the glossary {path}: the entry {wrong!r} must map one text to another")
    return {str(source): target or "" for source, target in data.items()}
