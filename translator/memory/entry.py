"""What a memory holds, and how a source is recognised."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

Origin = Literal["machine", "human"]
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Context:
    """What a machine's translation depends on besides its source: the model's content hash, the decoding settings, the glossary.

    `settings` is any text that is the same for the same settings, `glossary` the content hash of one, empty without.
    `name`, what people call the model, is for them alone: a model keeps its entries under another name.
    """

    fingerprint: str
    settings: str
    glossary: str = ""
    name: str = field(default="", compare=False)

    @property
    def digest(self) -> bytes:
        """What the entries of this context are found by, 16 bytes."""
        return _digest("\0".join((self.fingerprint, self.settings, self.glossary)))


@dataclass(frozen=True, slots=True)
class Entry:
    """A source and its target: a sentence's or a whole unit's.

    `score` is the machine's mean token log-probability; `created` is UTC, as `2026-11-02T09:30:00Z`, and becomes the time of
    storing where it is empty; `detail` is whatever else (JSON) rebuilds a machine's translation.
    """

    source: str
    target: str
    origin: Origin = "machine"
    score: float = 0.0
    created: str = ""
    detail: str = ""

    def dated(self) -> "Entry":
        """The same with a date: that of now where it has none or one in the future."""
        now = format_date(datetime.now(UTC))
        return replace(self, created=min(self.created or now, now))


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry with the context of a machine's (None: a person's), and whether it is a correction that a later one replaced."""

    entry: Entry
    context: Context | None = None
    replaced: bool = False


def format_date(date: datetime) -> str:
    """A moment as entries have it."""
    return date.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def parse_date(text: str) -> str:
    """A date of ISO 8601, with or without dashes and colons, as entries have it; without a zone it is UTC. Raises ValueError."""
    date = datetime.fromisoformat(text.strip())
    return format_date(date if date.tzinfo else date.replace(tzinfo=UTC))


def normalised(source: str) -> str:
    """A source as it is compared: NFC, every run of white space one space, none at the ends, no control characters.

    Control characters do not count because XML, in which memories are exchanged and corrected, cannot hold them.
    """
    return " ".join(unicodedata.normalize("NFC", _NOT_IN_XML.sub("", source)).split())


def source_key(source: str) -> bytes:
    """What the entries of a source are found by, 16 bytes: equal for sources that are equal when normalised."""
    return _digest(normalised(source))


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
