"""Translation memory: what was translated once, by a machine or a person; knows no Markdown and no model.

The memory itself is translator.memory.store.Memory, which loads a database library.
"""

from translator.memory.entry import Context, Entry, Origin

__all__ = ["Context", "Entry", "Origin"]
