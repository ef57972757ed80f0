"""Pairs changed in the ways that the pipeline and real digests change them, so that the model has seen it."""

import re
from collections.abc import Sequence
from random import Random

from translator.masking import PLACEHOLDERS
from translator.training.corpus import Pair
from translator.training.settings import Augmentation

_NAME = re.compile(r"(?<![A-Za-z0-9])(?:https?://[^\s()<>]+|[A-Z][A-Za-z0-9]*(?:[-.][A-Za-z0-9]+)*)(?![A-Za-z0-9])")
_LONGEST_JOINED = 400
LABELS = (
    ("핵심 내용", "Key points"), ("주요 기여", "Main contributions"), ("연구 배경", "Background"), ("방법", "Method"),
    ("결과", "Results"), ("실험 결과", "Experimental results"), ("한계", "Limitations"), ("의의", "Significance"),
    ("결론", "Conclusion"), ("코드 공개", "Code release"), ("새로운 점", "What's new"), ("요약", "Summary"),
)  # fmt: skip


def augmented(pairs: Sequence[Pair], index: int, augmentation: Augmentation, rng: Random) -> Pair:
    """The pair at index, changed as the shares of the settings have it; the pair after it is what it may be joined with."""
    pair = pairs[index]
    if rng.random() < augmentation.joined and index + 1 < len(pairs):
        pair = _joined(pair, pairs[index + 1])
    if rng.random() < augmentation.placeholders:
        pair = _placeholder(pair, rng)
    if rng.random() < augmentation.labels:
        korean, english = rng.choice(LABELS)
        pair = Pair(f"{korean}: {pair.source}", f"{english}: {pair.target}")
    if rng.random() < augmentation.spacing:
        pair = Pair(_respaced(pair.source, rng), pair.target)
    if rng.random() < augmentation.final_stop and pair.source.endswith(".") and pair.target.endswith("."):
        pair = Pair(pair.source[:-1], pair.target[:-1])
    return pair


def _joined(pair: Pair, following: Pair) -> Pair:
    if len(pair.source) + len(following.source) > _LONGEST_JOINED:
        return pair
    return Pair(f"{pair.source} {following.source}", f"{pair.target} {following.target}")


def _placeholder(pair: Pair, rng: Random) -> Pair:
    """A name or URL that both sides have exactly once becomes a placeholder, which the model thereby learns to copy."""
    names = [m[0] for m in _NAME.finditer(pair.source) if pair.source.count(m[0]) == 1 and pair.target.count(m[0]) == 1]
    free = [p for p in PLACEHOLDERS if p not in pair.source and p not in pair.target]
    if not names or not free:
        return pair
    name, placeholder = rng.choice(names), rng.choice(free)
    return Pair(pair.source.replace(name, placeholder), pair.target.replace(name, placeholder))


def _respaced(text: str, rng: Random) -> str:
    """One space between Korean words taken out, or one put in between two syllables."""
    spaces = [m.start() for m in re.finditer(r"(?<=[가-힣]) (?=[가-힣])", text)]
    inside = [m.end() for m in re.finditer(r"[가-힣](?=[가-힣])", text)]
    if spaces and rng.random() < 0.6:
        at = rng.choice(spaces)
        return text[:at] + text[at + 1 :]
    if inside:
        at = rng.choice(inside)
        return f"{text[:at]} {text[at:]}"
    return text
