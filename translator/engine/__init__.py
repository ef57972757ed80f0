"""Sentences in, sentences out; knows no Markdown."""

from translator.engine.base import Decoding, Engine, Hypothesis
from translator.engine.loading import EngineOptions, load_engine

__all__ = ["Decoding", "Engine", "EngineOptions", "Hypothesis", "load_engine"]
