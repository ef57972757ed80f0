"""What a machine translation depends on besides its source."""

import hashlib
import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

import translator
from translator.config import Settings
from translator.engine.loading import resolved
from translator.glossary import Glossary
from translator.memory import Context

# What turns a sentence into its translation, beside the engine.
_CODE = (
    "document/*.py", "quality/checks/*.py", "quality/sentence_pairs.py", "quality/survival.py", "quality/numerals.py", "masking.py",
    "orthography.py", "repair.py", "glossary.py", "engine/*.py",
)  # fmt: skip
_OUTPUT_CODE = ("translation.py", "records.py", "outputs.py")  # what turns translations into files


def context_of(settings: Settings, fingerprint: str, glossary: Glossary) -> Context:
    """The context of a translation memory's entries, which differs where a sentence might be translated differently.

    `fingerprint` is the model's content hash. Which device and precision `auto` stands for counts; threads and layouts do not.
    """
    here = resolved(settings.engine_options())
    decoding = {
        "arithmetic": [here.engine, here.device, here.compute_type],
        "decoding": asdict(settings.decoding()),
        "max_source_length": settings.max_source_length,
        "languages": [settings.source_language, settings.target_language],
        "batches": here.max_batch_tokens if here.pad_batches else "of one length",
        "code": _hash(_CODE),
    }
    terms = json.dumps(sorted(glossary.terms.items()))
    glossary_key = hashlib.sha256(terms.encode()).hexdigest() if glossary.terms else ""
    return Context(fingerprint, json.dumps(decoding, sort_keys=True), glossary_key, settings.model)


def output_code() -> str:
    """The hash of the code that turns translations into outputs."""
    return _hash(_OUTPUT_CODE)


@cache
def _hash(patterns: tuple[str, ...]) -> str:
    """A hash of code: a new version of it may do otherwise."""
    folder = Path(translator.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
