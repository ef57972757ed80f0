"""Post-editing: records out to a translator's editor, corrections back into memory and records."""
