"""The templates' environment: packaged templates, a theme's own before them, and the words that they share."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from translator.document.hangul import has_hangul
from translator.errors import UserError
from translator.newsletter.digest import Digest, Paper
from translator.newsletter.theme import Theme


def environment(theme: Theme) -> jinja2.Environment:
    """Templates that escape everything but what the package itself made safe. Raises UserError where the theme's folder is missing."""
    loaders: list[jinja2.BaseLoader] = [jinja2.PackageLoader("translator.newsletter", "templates")]
    if theme.templates:
        if not Path(theme.templates).is_dir():
            raise UserError(f"the theme's folder of templates, {theme.templates}, does not exist")
        loaders.insert(0, jinja2.FileSystemLoader(theme.templates))
    found = SandboxedEnvironment(
        loader=jinja2.ChoiceLoader(loaders), autoescape=lambda name: not (name or "").endswith(".txt"), undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    found.globals["theme"] = theme
    filters = {"korean": has_hangul, "links": paper_links, "summary": summary, "doubts": doubts, "name": digest_name, "brief": _brief_name,
               "contents": contents, "names": author_names,
               "highlights": highlights, "short_day": short_day, "weekday": "{:%A}".format}  # fmt: skip
    found.filters.update(filters)
    return found


def filled(templates: jinja2.Environment, name: str, **values: Any) -> Markup:
    """A template filled in. Raises UserError naming the template and the line for a fault in one."""
    try:
        return Markup(templates.get_template(name).render(**values))
    except jinja2.TemplateSyntaxError as error:
        raise UserError(f"the template {error.filename or error.name}, line {error.lineno}: {error.message}") from error
    except jinja2.TemplateError as error:
        raise UserError(f"the template {name}: {error.message}") from error


def filled_text(templates: jinja2.Environment, setting: str, text: str, values: dict[str, Any]) -> str:
    """A one-line template from a theme's setting filled in, not escaped. Raises UserError naming the setting."""
    try:
        plain = templates.overlay(autoescape=False).from_string(text)
        return " ".join(plain.render(**values).split())
    except jinja2.TemplateError as error:
        raise UserError(f"the theme's {setting}: {error.message}") from error


def long_day(day: date) -> str:
    """`Monday, 2 November 2026`."""
    return f"{day:%A}, {short_day(day)}"


def short_day(day: date) -> str:
    """`2 November 2026`."""
    return f"{day.day} {day:%B %Y}"


def digest_name(digest: Digest) -> str:
    """A digest's day, or its title where it has none."""
    return long_day(digest.date) if digest.date else digest.title.english.text


def summary(digest: Digest) -> str:
    """How much is in a digest."""
    parts = [_counted(digest.count, "paper")] if digest.count else []
    if digest.votes:
        parts.append(_counted(digest.votes, "vote"))
    return " · ".join(parts)


def contents(issue: Any) -> str:
    """How much is in an issue of several digests."""
    papers = [entry.paper for entry in issue.entries if entry.paper.link]
    votes = sum(paper.votes or 0 for paper in papers)
    parts = [_counted(len(issue.digests), "issue")] if issue.round_up else []
    return " · ".join([*parts, *([_counted(len(papers), "paper")] if papers else []), *([_counted(votes, "vote")] if votes else [])])


def author_names(paper: Paper, most: int = 8) -> str:
    """A paper's authors, the first of them where there are many."""
    names = ", ".join(paper.authors[:most])
    return f"{names} and {len(paper.authors) - most} more" if len(paper.authors) > most else names


def doubts(digest: Digest) -> str:
    """How many notes there are on its translation, or nothing."""
    notes = sum(len(paper.notes) for paper in digest.papers)
    return f"{_counted(notes, 'note')} on the translation" if notes else ""


def highlights(digest: Digest, count: int = 3) -> str:
    """The titles of the papers with the most votes."""
    first = sorted(digest.papers, key=lambda paper: -(paper.votes or 0))[:count]
    return " · ".join(paper.title.english.text for paper in first)


def paper_links(paper: Paper) -> list[tuple[str, str]]:
    """What a paper's links are called, and where they lead."""
    if not paper.link:
        return []
    if paper.arxiv:
        return [("arXiv", f"https://arxiv.org/abs/{paper.arxiv}"), ("Hugging Face", f"https://huggingface.co/papers/{paper.arxiv}")]
    host = re.match(r"https?://(?:www\.)?([^/:?#]+)", paper.link, re.I)
    return [(host[1] if host else "Link", paper.link)]


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _brief_name(digest: Digest) -> str:
    if digest.date:
        return f"{digest.date.day} {digest.date:%b}"
    title = digest.title.english.text
    return title if len(title) <= 12 else title[:11].rstrip() + "…"
