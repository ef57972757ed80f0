"""Bilingual records into what readers open: a site, e-mails, feeds and e-books; knows no model."""
