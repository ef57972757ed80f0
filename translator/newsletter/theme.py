"""How a newsletter looks and who it is from: a YAML file, checked key by key."""

import re
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from translator.settings_file import read_yaml, validated

Language = Literal["both", "korean", "english"]
_LIGHT, _DARK = "#fcfbf9", "#15181b"  # the pages' backgrounds, as in assets/site.css
_LEAST_CONTRAST = 4.5  # WCAG 2.2 AA for text


def _contrast(colour: str, other: str) -> float:
    """The contrast ratio of two colours `#rrggbb` as WCAG defines it, 1 to 21."""
    lights = []
    for given in (colour, other):
        parts = [int(given[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
    return max(lights) / min(lights)


def _readable_on(background: str) -> AfterValidator:
    def check(colour: str) -> str:
        found = _contrast(colour, background)
        if found < _LEAST_CONTRAST:
            raise ValueError(f"{colour} has a contrast of {found:.1f} to the background {background}; text needs {_LEAST_CONTRAST}")
        return colour

    return AfterValidator(check)


def _web_address(url: str) -> str:
    if url and not re.fullmatch(r"https?://[^\s/?#\"<>]+(?:/[^\s?#\"<>]*)?", url):
        raise ValueError(f"{url!r} is no address such as https://example.org/papers")
    return url and url.rstrip("/") + "/"


def _sender(address: str) -> str:
    name, mail = parseaddr(address)
    if not re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", mail) or re.search(r"[\r\n]", address):
        raise ValueError(f"{address!r} is no address such as Daily Papers <papers@example.org>")
    Address(display_name=name, addr_spec=mail)
    return address


def _unsubscribe(url: str) -> str:
    if url and not re.fullmatch(r"(?:https?://|mailto:)[^\s<>\"]+", url):
        raise ValueError(f"{url!r} is neither a web address nor mailto:")
    return url


Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


class MailTheme(BaseModel):
    """What an e-mail is made of. `subject` and `preheader` are Jinja templates; docs/newsletter.md lists what they may name."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    sender: Annotated[str, AfterValidator(_sender)] = "Daily Papers <newsletter@localhost>"
    subject: str = Field("{{ title }}: {{ period }}", min_length=1)
    preheader: str = "{{ papers[:3] | map(attribute='title') | join(' · ') }}"
    language: Language = "both"
    images: Literal["link", "embed", "none"] = "link"
    unsubscribe: Annotated[str, AfterValidator(_unsubscribe)] = ""


class Theme(BaseModel):
    """The settings of a newsletter; `templates` is a folder whose files stand in for the packaged ones of the same name."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: str = Field("Daily Papers", min_length=1)
    tagline: str = "AI papers of the day, in Korean and English"
    base_url: Annotated[str, AfterValidator(_web_address)] = ""
    language: Language = "both"
    accent: Annotated[Colour, _readable_on(_LIGHT)] = "#0b6270"
    accent_dark: Annotated[Colour, _readable_on(_DARK)] = "#7cc7d1"
    templates: str | None = None
    feed_entries: int = Field(20, ge=1, le=1000)
    mail: MailTheme = MailTheme()


def read_theme(path: Path | None) -> Theme:
    """A theme from a YAML file, the defaults where path is None; a relative `templates` folder is beside the file.

    Raises UserError naming the file, the key, what was given and what is allowed.
    """
    if path is None:
        return Theme()
    theme = validated(Theme, read_yaml(path), str(path))
    return theme.model_copy(update={"templates": str(path.parent / theme.templates)}) if theme.templates else theme
