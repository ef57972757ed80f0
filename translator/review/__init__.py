"""The review page: a translation polished in the browser, saved to memory, records and Markdown at once."""
