"""A static site of the archive: an issue a digest, a front page, a calendar, search, a sitemap."""

import calendar
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from statistics import median
from typing import Any
from xml.sax.saxutils import escape

from markupsafe import Markup

from translator.newsletter.digest import Digest, Paper, passages
from translator.newsletter.pages import digest_name, environment, filled, highlights, summary
from translator.newsletter.pictures import local_picture, web_picture
from translator.newsletter.search_index import search_files
from translator.newsletter.theme import Theme

LARGEST_ARTICLES = 112_000  # bytes of articles on a page: with head, contents, style and script it stays below 150 KB
_ASSETS = ("site.css", "site.js", "search.js", "minisearch.min.js", "minisearch.LICENSE.txt")
_RECENT = 14
_CARDS = 3
File = tuple[str, bytes]


def page_paths(digest: Digest, pages: int) -> list[str]:
    """The paths of an issue's pages."""
    return [f"{digest.slug}.html", *(f"{digest.slug}-{page}.html" for page in range(2, pages + 1))]


def site_files(
    digests: Sequence[Digest], theme: Theme, *, has_feed: bool = False, on_done: Callable[[int], object] = lambda count: None
) -> Iterator[File]:
    """The files of a site, as path and content. `on_done` is told of each issue made; `has_feed` that there will be feeds to link to.

    Raises UserError for a fault in the theme's templates.
    """
    site = _Site(digests, theme, has_feed)
    assets = files("translator.newsletter") / "assets"
    for name in _ASSETS:
        yield f"assets/{name}", (assets / name).read_bytes()
    colours = f":root {{ --accent-light: {theme.accent}; --accent-dark: {theme.accent_dark}; }}\n"
    yield "assets/theme.css", colours.encode()
    for index in range(len(digests)):
        yield from site.issue(index)
        on_done(1)
    yield site.index()
    yield site.archive()
    yield site.page("search.html", "search.html", heading="Search", description=f"Search in {theme.title}")
    yield from search_files(digests, site.papers_at)
    if theme.base_url:
        yield site.sitemap()
    yield from site.pictures.items()


def paper_addresses(digest: Digest, theme: Theme) -> dict[str, str]:
    """Where in the site each paper of a digest is, by its anchor."""
    site = _Site([digest], theme, False)
    site.laid_out(digest)
    return {paper.anchor: address for paper, address in zip(digest.papers, site.papers_at[digest.slug], strict=True)}


@dataclass(slots=True)
class _Site:
    digests: Sequence[Digest]
    theme: Theme
    has_feed: bool
    papers_at: dict[str, list[str]] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    paths: list[tuple[str, Digest | None]] = field(default_factory=list)
    templates: Any = None

    def __post_init__(self) -> None:
        self.templates = environment(self.theme)

    def page(self, template: str, path: str, *, images: Sequence[str] = (), digest: Digest | None = None, **values: Any) -> File:
        """A page from a template; `images` are the pictures that it may load."""
        self.paths.append((path, digest))
        origins = sorted({match[0] for image in images if (match := re.match(r"https?://[^/?#]+", image))})
        policy = (
            f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'{''.join(' ' + o for o in origins)};"
            " base-uri 'none'; form-action 'self'"
        )
        shared = {"root": "../" * path.count("/"), "path": path, "policy": policy, "has_feed": self.has_feed, "digest": digest}
        html = filled(self.templates, template, **{**shared, "og_image": "", "kind": "website", **values})
        return path, re.sub(r"\n\s*\n+", "\n", html).encode()

    def laid_out(self, digest: Digest) -> tuple[list[Markup], list[list[int]]]:
        """An issue's papers as HTML, and which of them are on which of its pages; notes where each is in the site."""
        root = "../" * digest.slug.count("/")
        articles = [
            filled(self.templates, "paper.html", paper=paper, picture=_from(root, self.picture(digest, paper))) for paper in digest.papers
        ]
        split = _split([len(article.encode()) for article in articles])
        paths = page_paths(digest, len(split))
        self.papers_at[digest.slug] = [f"{paths[page]}#{digest.papers[i].anchor}" for page, members in enumerate(split) for i in members]
        return articles, split

    def issue(self, index: int) -> Iterator[File]:
        """The pages of an issue: one, or as many as keep each light."""
        digest = self.digests[index]
        shown = [self.picture(digest, paper) for paper in digest.papers]
        articles, split = self.laid_out(digest)
        paths = page_paths(digest, len(split))
        names = [path.rpartition("/")[2] for path in paths]
        at = [(names[page], i) for page, members in enumerate(split) for i in members]
        for page, members in enumerate(split):
            href = {i: f"{'' if i in members else name}#{digest.papers[i].anchor}" for name, i in at}
            yield self.page(
                "issue.html", paths[page], digest=digest, heading=digest_name(digest), kind="article", description=_description(digest),
                images=_image_sources([articles[i] for i in members], digest), og_image=next(filter(web_picture, shown), ""),
                articles=[articles[i] for i in members], page=page + 1, pages=len(paths), page_href=lambda number: names[number - 1],
                contents=[(paper, href[i]) for i, paper in enumerate(digest.papers)],
                older=self.digests[index - 1] if index else None, newer=self.digests[index + 1] if index + 1 < len(self.digests) else None,
            )  # fmt: skip

    def picture(self, digest: Digest, paper: Paper) -> str:
        """Where a paper's picture is: its address, or the path in the site that a file beside the digest is copied to; or nothing."""
        path = local_picture(digest, paper.image)
        if path is None:
            return web_picture(paper.image)
        data = path.read_bytes()
        name = f"pictures/{hashlib.sha256(data).hexdigest()[:16]}{path.suffix.lower()}"
        self.pictures[name] = data
        return name

    def index(self) -> File:
        """The front page."""
        dated = [digest for digest in self.digests if digest.date] or list(self.digests)
        latest, recent = dated[-1], dated[-2 : -2 - _RECENT : -1]
        ranked = sorted(range(len(latest.papers)), key=lambda i: -(latest.papers[i].votes or 0))[:_CARDS]
        cards = [
            (latest.papers[i], self.picture(latest, latest.papers[i]), self.papers_at[latest.slug][i], _opening(latest.papers[i]))
            for i in ranked
        ]
        return self.page(
            "index.html", "index.html", heading=self.theme.title, description=self.theme.tagline, latest=latest, recent=recent, cards=cards,
            count=len(self.digests), images=[picture for _, picture, _, _ in cards],
        )  # fmt: skip

    def archive(self) -> File:
        """The calendar."""
        by_day: dict[Any, list[Digest]] = {}
        for digest in self.digests:
            by_day.setdefault(digest.date, []).append(digest)
        undated = by_day.pop(None, [])
        months: dict[int, dict[int, list[Any]]] = {}
        for year, month in sorted({(day.year, day.month) for day in by_day}, reverse=True):
            weeks = calendar.Calendar().monthdatescalendar(year, month)
            rows = [[(day.day, by_day.get(day, [])) if day.month == month else (0, []) for day in week] for week in weeks]
            months.setdefault(year, {})[month] = rows
        years = [(year, [(f"{_MONTHS[m - 1]} {year}", weeks) for m, weeks in found.items()]) for year, found in months.items()]
        return self.page(
            "archive.html", "archive.html", heading="Calendar", description=f"All issues of {self.theme.title}", years=years,
            undated=undated, weekdays=[(name[:2], name) for name in _WEEKDAYS], count=len(self.digests),
            papers=sum(digest.count for digest in self.digests), many=median([digest.count for digest in self.digests]),
        )  # fmt: skip

    def sitemap(self) -> File:
        """All pages, with the day of their digest."""
        rows = []
        for path, digest in sorted(self.paths, key=lambda entry: entry[0]):
            day = f"<lastmod>{digest.date.isoformat()}</lastmod>" if digest and digest.date else ""
            rows.append(f"<url><loc>{escape(self.theme.base_url + path)}</loc>{day}</url>\n")
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        return "sitemap.xml", f"{head}{''.join(rows)}</urlset>\n".encode()


_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _from(root: str, picture: str) -> str:
    return picture if not picture or web_picture(picture) else root + picture


def _split(sizes: Sequence[int]) -> list[list[int]]:
    """Papers in pages of about the same weight, as few as keep each below LARGEST_ARTICLES; a paper is never split."""
    pages: list[list[int]] = [[]]
    least = -(-sum(sizes) // LARGEST_ARTICLES) or 1
    goal, weight = sum(sizes) / least, 0
    for index, size in enumerate(sizes):
        full = weight + size > LARGEST_ARTICLES or (weight + size / 2 > goal and len(pages) < least)
        if pages[-1] and full:
            pages.append([])
            weight = 0
        pages[-1].append(index)
        weight += size
    return pages


def _image_sources(articles: Sequence[Markup], digest: Digest) -> list[str]:
    intro = "".join(piece.korean.html + piece.english.html for piece in passages(digest.intro))
    return re.findall(r'<img[^>]*? src="([^"]+)"', "".join((intro, *articles)))


def _description(digest: Digest) -> str:
    told = f"{summary(digest)}: {highlights(digest)}" if digest.papers else digest.title.english.text
    return told if len(told) <= 200 else told[:199].rstrip() + "…"


def _opening(paper: Paper) -> str:
    return next((passage.english.text for passage in passages(paper.body) if passage.english.text), "")
