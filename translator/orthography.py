"""What English leaves no choice in, put right in a model's answer: articles, doubled words, plurals, brackets, ranges.

Meant for the answer before the masked parts are back in place, so that code, formulas and URLs are out of reach. Words that the source
itself has in Latin letters are left as they are.
"""

import re
from itertools import pairwise

from translator.quality.survival import holds_name

_ARTICLE_IN_SOURCE = re.compile(r"(?<![A-Za-z])[Aa]n?(?![A-Za-z])")  # a name (`A와 B`), or English that is quoted
_NO_ARTICLE = r"(?:and|as|are|at|in|is|if|it|its|of|on|or|into|over|also|each|under)(?![a-z-])"  # before these, a letter: `a is`
_SPELLED_OUT = r"(?!SMPL|SQL)[FHLMNRSX][B-DF-HJ-NP-TV-XZ0-9]+s?(?![A-Za-z])"  # LLM, which unlike RAG cannot be read as a word
_VOWEL_SOUND = (
    rf"(?!(?:[Oo]nes?|[Oo]nce|[Oo]neness|[Oo]nesie|[Oo]uija|[Uu]nets?|EU)(?![a-z])|(?i:e[uw])|{_NO_ARTICLE})"
    rf"(?:[AEIOaeio][a-z]|[Uu]n(?!i|anim)[a-z]|[AEIO][A-Z0-9]|{_SPELLED_OUT}|8|1[18](?!\d))"
)
_CONSONANT_SOUND = (  # a word begins as English words do, letters that are spelled out do not: sql, nth
    r"(?P<word>(?:(?i:[bcdfgjklmnpqrstvwyz])(?=[aeiouy])|(?i:[bcfgkps])(?=l)|(?i:[bcdfgkptw])(?=r)|(?i:[cgpstw])(?=h)|"
    r"(?i:s)(?=[ckmnpqtw])|(?i:t)(?=w)|(?i:k)(?=n))[a-z]{2,}(?![A-Za-z]))|[BCDGJKPQTVWZ][A-Z0-9]|(?!8|1[18](?!\d)|1[18]\d\d(?!\d))\d"
)
_ARTICLE = re.compile(
    r"[aA](?<![\w'’./&-].)(?:(?<=a)|(?<=[.!?:] A)|(?<=^A))"  # A within a sentence is a name
    rf"(?:(?P<an> (?={_VOWEL_SOUND}))|n (?={_CONSONANT_SOUND}))"
)
_DOUBLED = re.compile(r"(?<![\w'’-])([a-z]{2,})((?: \1)+)(?![\w'’-]|[./]\w)")
_RIGHTLY_DOUBLED = {"had", "that", "very", "so", "go", "log", "is", "her", "you", "win"}
_PLURAL = re.compile(
    r"(?<![\w.@/])(?:[a-z]{2,}[cdfghjkmnpqrtvz](?P<y>ys)|[A-Za-z][a-z]+(?:ss|sh|[nt]ch|[eo]ach|earch)s)(?![\w@/]|\.\w)"  # not flybys
)
_ENDING = re.compile(r"(?:[cdfghjkmnpqrtvz]y|ss|sh|ch)s(?!\w)")  # finds what _PLURAL looks at in a fraction of its time
_BLANK_IN_BRACKET = re.compile(r"(?<=\w \() (?=\w)")
_RANGE = re.compile(r"(?<![\d-]-\d\d)(?:(?<=\d)|(?<=\d[%KMB])|(?<=\d[GMT]B))(?:~| ~ )(?=\d(?!\d{3}-\d\d-))")
_BRACKETED = re.compile(r" \((?P<term>[A-Za-z][\w+]*(?:[ -][A-Za-z0-9][\w+]*){0,5})(?P<more>\)|[,;:] )")


def spelled_right(text: str, source: str) -> str:
    """An English text, the translation of a source, as it must be written: `a LLM` as `an LLM`, `in in` as `in`, `10~20%` as `10-20%`."""
    if _ARTICLE.search(text) and not _ARTICLE_IN_SOURCE.search(source):
        text = _ARTICLE.sub(lambda m: _article(m, source), text)
    if any(later.startswith(word) for word, later in pairwise(text.split(" "))):
        text = _DOUBLED.sub(lambda m: _once(m, source), text)
    if _ENDING.search(text):
        text = _PLURAL.sub(lambda m: _plural(m, source), text)
    if "~" in text:
        text = _RANGE.sub("-", text)
    if "( " in text:
        text = _BLANK_IN_BRACKET.sub("", text)
    if " (" in text:
        text = _said_once(text, source)
    return text


def _article(match: re.Match[str], source: str) -> str:
    if match["an"]:
        return match[0][0] + "n "
    return match[0] if match["word"] and match["word"] in source else match[0][0] + " "


def _once(match: re.Match[str], source: str) -> str:
    """A word for the word twice; three times running is a loop, which the checks are to see."""
    twice = len(match[2]) == len(match[1]) + 1
    return match[1] if twice and match[1] not in _RIGHTLY_DOUBLED and match[0] not in source else match[0]


def _plural(match: re.Match[str], source: str) -> str:
    if match[0] in source:
        return match[0]
    return match[0][:-2] + "ies" if match["y"] else match[0][:-1] + "es"


def _said_once(text: str, source: str) -> str:
    """`a hidden layer (Hidden Layer)` as `a hidden layer`, `GNN (GNN, graph network)` as `GNN (graph network)`."""
    for match in reversed(list(_BRACKETED.finditer(text))):
        term, before = match["term"], text[: match.start()]
        words = next((w for n in (0, 1, -1) if _folded(w := before[-len(term) - n :]) == _folded(term)), "")
        start = match.start() - len(words)
        if not words or len(term) == 1 or (start and re.match(r"[\w-]", text[start - 1])):
            continue
        if (term.isupper() and not words.isupper()) or (words != term and words in source):
            continue  # classes (CLASS) in code, or a name that the source has in two forms
        same_number = words.endswith("s") == term.endswith("s")
        kept = words if not same_number or all(holds_name(words, word) for word in term.split()) else term
        text = text[:start] + kept + ("" if match["more"] == ")" else " (") + text[match.end() :]
    return text


def _folded(words: str) -> str:
    return words.removesuffix("s").casefold().replace("-", " ")
