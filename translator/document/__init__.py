"""Markdown in, Markdown out; knows no model."""

from translator.document.document import Document, Layout, Order
from translator.document.segmenter import Unit, Untouched

__all__ = ["Document", "Layout", "Order", "Unit", "Untouched"]
