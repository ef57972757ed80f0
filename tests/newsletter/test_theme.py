"""The settings of a newsletter, and what is said of wrong ones."""

from pathlib import Path

import pytest

from translator.errors import UserError
from translator.newsletter.theme import Theme, read_theme


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "theme.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_theme_is_read_and_its_templates_are_beside_it(tmp_path: Path) -> None:
    theme = read_theme(
        written(tmp_path, "title: 논문\nbase_url: https://example.org/p\ntemplates: own\nmail:\n  sender: 편집부 <a@example.org>\n")
    )
    assert (theme.title, theme.base_url, theme.templates) == ("논문", "https://example.org/p/", str(tmp_path / "own"))
    assert theme.mail.sender == "편집부 <a@example.org>"
    assert read_theme(None) == Theme()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("titel: x", "unknown setting 'titel'"),
        ("accent: '#aaaaaa'", r"accent: #aaaaaa has a contrast of 2\.\d to the background #fcfbf9; text needs 4.5"),
        ("accent_dark: '#0b6270'", "accent_dark: #0b6270 has a contrast"),
        ("accent: teal", "accent: 'teal' was given"),
        ("base_url: javascript:alert(1)", "is no address such as"),
        ("base_url: https://example.org/?a=b", "is no address such as"),
        ("language: german", "allowed is one of: both, korean, english"),
        ("mail: {sender: nobody}", "mail.sender: 'nobody' is no address"),
        ("mail: {sender: \"a@example.org\\r\\nBcc: b@example.org\"}", "is no address"),
        ("mail: {unsubscribe: 'javascript:x'}", "is neither a web address nor mailto:"),
        ("mail: {images: all}", "allowed is one of: link, embed, none"),
        ("feed_entries: 0", "allowed is a whole number"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as refused:
        read_theme(written(tmp_path, text))
    assert "theme.yaml" in str(refused.value)


def test_the_example_in_the_repository_is_one() -> None:
    theme = read_theme(Path(__file__).parents[2] / "configs/newsletter/daily-papers.yaml")
    assert theme.mail.sender == "Daily Papers <papers@example.org>"
    assert theme.model_copy(update={"base_url": "", "mail": Theme().mail}) == Theme()
