"""Korean Markdown digests into faithful bilingual or English Markdown.

    from translator import Document, Settings, Translator

Names are loaded when first used, so that importing the package costs nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from translator.config import Settings
    from translator.document import Document, Unit
    from translator.translation import Translation, Translator

__version__ = "0.1.0"
__all__ = ["Document", "Settings", "Translation", "Translator", "Unit", "__version__"]

_HOMES = {
    "Document": "translator.document",
    "Unit": "translator.document",
    "Settings": "translator.config",
    "Translation": "translator.translation",
    "Translator": "translator.translation",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'translator' has no attribute {name!r}")
