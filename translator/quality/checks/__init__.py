"""Checks of a translation that need no reference."""

from translator.quality.checks.catalogue import (
    BY_ID,
    CATALOGUE,
    check_corpus,
    check_further,
    check_translation,
    check_unit,
    check_whole,
    unknown_check,
)
from translator.quality.checks.check import SEVERITIES, Check, Flag, ScoredUnit, Severity
from translator.quality.checks.lost import check_facts

__all__ = [
    "BY_ID",
    "CATALOGUE",
    "SEVERITIES",
    "Check",
    "Flag",
    "ScoredUnit",
    "Severity",
    "check_corpus",
    "check_facts",
    "check_further",
    "check_translation",
    "check_unit",
    "check_whole",
    "unknown_check",
]
