"""Evaluation sets kept out of training: by the hash of each text, whoever says what about the files.

A checkpoint carries the hashes of the sets that it was evaluated on (held-out.txt), so that whoever fine-tunes it cannot train
on them by accident, with the sets themselves at hand or not.
"""

import hashlib
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from translator.textfile import read_text
from translator.training.corpus import Pair

FILE = "held-out.txt"
_DIGITS = 16
_SHORTEST = 12


def fingerprint(text: str) -> str:
    """A hash of the letters and digits of a text, whatever its case, spacing, punctuation and Unicode form; 16 hex digits.

    Texts with fewer than 12 letters and digits, such as `Conclusion`, have none (an empty string): anyone may write them.
    """
    letters = "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
    return hashlib.sha256(letters.encode()).hexdigest()[:_DIGITS] if len(letters) >= _SHORTEST else ""


def fingerprints(texts: Iterable[str]) -> frozenset[str]:
    """The hashes of texts."""
    return frozenset(fingerprint(text) for text in texts) - {""}


def of_pairs(pairs: Iterable[Pair]) -> frozenset[str]:
    """The hashes of pairs: of either side, and of both together, which are long enough where the sides are short."""
    return frozenset(found for pair in pairs for found in of_pair(pair))


def of_pair(pair: Pair) -> set[str]:
    """The hashes of one pair."""
    return {fingerprint(pair.source), fingerprint(pair.target), fingerprint(pair.source + pair.target)} - {""}


def carried_by(checkpoint: Path) -> frozenset[str]:
    """The hashes that a checkpoint folder carries; none where it has no such file."""
    path = checkpoint / FILE
    lines = read_text(path).split("\n") if path.is_file() else []
    return frozenset(line for line in lines if line and not line.startswith("#"))


def carry(checkpoint: Path, hashes: frozenset[str]) -> None:
    """Writes hashes into a checkpoint folder."""
    head = "# Hashes of texts that this model was evaluated on and must not be trained on (translator/training/held_out.py)\n"
    (checkpoint / FILE).write_text(head + "".join(f"{line}\n" for line in sorted(hashes)), encoding="utf-8")
