"""Untrusted Markdown and HTML come out inert, and what a reader should read stays."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as parser

from translator.newsletter.rendering import block_fragment, code_fragment, inline_fragment, parse_blocks, printable, safe_url

ALLOWED = {"a", "abbr", "b", "br", "code", "del", "em", "i", "img", "ins", "kbd", "mark", "q", "s", "samp", "small", "strong", "sub", "sup",
           "u", "var"}  # fmt: skip
PIECES = st.sampled_from(
    [
        "<script>",
        "</script>",
        "<img src=x onerror=a()>",
        "](javascript:a())",
        "[x",
        "<a href='javascript:a()'>",
        "<svg onload=a()>",
        "<b>",
        "</p>",
        "</span>",
        "**",
        "`",
        "한국어",
        "&lt;",
        '"',
        "'",
        "<",
        ">",
        "<style>*{}</style>",
        "[y](https://example.org)",
        "![z](https://example.org/z.png)",
        "<!--",
        "-->",
        "\u202e",
        "\x00",
        '<math><mi//xlink:href="data:x,<script>">',
        "<iframe src=//x>",
        "$x^2$",
        "https://example.org/한국",
        "\n",
    ]
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=14).map("".join))
def test_whatever_inline_markdown_holds_its_html_is_inert_and_closed(content: str) -> None:
    fragment = inline_fragment(content, {})
    tree = parser.fragment_fromstring(f"<div>{fragment.html}</div>")
    for element in tree.iterdescendants():
        assert element.tag in ALLOWED, fragment.html
        for name, value in element.attrib.items():
            assert name in ("href", "src", "title", "alt", "rel", "loading", "referrerpolicy"), (name, fragment.html)
            if name in ("href", "src"):
                assert re.match(r"(?:https?|mailto):", value), fragment.html


@given(st.lists(PIECES | st.sampled_from(["<div onclick=a()>", "</div>", "<table>", "<form>", "<p>글</p>"]), max_size=10).map("".join))
def test_html_blocks_are_inert(raw: str) -> None:
    tree = parser.fragment_fromstring(block_fragment(raw).html, create_parent="section")
    for element in tree.iterdescendants():
        assert element.tag not in ("script", "style", "form", "input", "iframe", "svg", "math", "object", "meta", "link", "video")
        assert not [name for name in element.attrib if name.startswith("on") or name in ("style", "id", "class")]


def test_tags_that_a_digest_writes_about_are_shown() -> None:
    fragment = inline_fragment("모델은 <think> 와 <EOS> 를 <b>쓴다</b>", {})
    assert fragment.html == "모델은 &lt;think&gt; 와 &lt;EOS&gt; 를 <b>쓴다</b>"
    assert fragment.text == "모델은 <think> 와 <EOS> 를 쓴다"


def test_an_attack_within_a_line_is_text_or_nothing() -> None:
    assert inline_fragment("<script>alert(1)</script>", {}).html == "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert inline_fragment("<img src=x onerror=alert(1)>", {}).html == ""
    assert inline_fragment('<a href="javascript:alert(1)" onclick="x">글</a>', {}).html == "글"
    assert "href" not in inline_fragment("[글](javascript:alert(1)) [둘](data:text/html,x) [셋](/etc/passwd)", {}).html


def test_bare_addresses_become_links_without_the_particle_after_them() -> None:
    fragment = inline_fragment("코드는 https://example.org/code/에서, 문의는 ask@example.org로", {})
    assert '<a href="https://example.org/code/" rel="noopener noreferrer">https://example.org/code/</a>에서' in fragment.html
    assert '<a href="mailto:ask@example.org" rel="noopener noreferrer">ask@example.org</a>로' in fragment.html
    once = inline_fragment("[https://example.org](https://example.org/a)", {}).html
    assert once.count("<a ") == 1


@pytest.mark.parametrize(
    ("maths", "text"),
    [
        ("$\\textbf{Only-IF}$", "Only-IF"),
        ("M$^{2}$UGen", "M²UGen"),
        ("$\\nabla^2$", "∇²"),
        ("$\\lambda L_{ocr}$", "λ L_ocr"),
        ("$5 와 $6", "$5 와 $6"),
    ],
)
def test_maths_is_read_as_text(maths: str, text: str) -> None:
    assert inline_fragment(maths, {}).text == text


def test_pictures_load_late_and_never_from_a_place_that_is_none() -> None:
    made = inline_fragment("![그림](https://example.org/a.png) ![둘](/local.png) <img src=https://example.org/b.png onload=x>", {}).html
    assert made.count("<img") == made.count('loading="lazy"') == made.count(" alt=") == 2
    assert "둘" in made
    assert inline_fragment("![그림](https://example.org/a.png)", {}, images=False).html == "그림"


def test_direction_marks_and_control_characters_are_gone() -> None:
    assert printable("a\u202eb\u2066c\x00d\x1be\ufffe") == "abcde"
    assert inline_fragment("가\u202e나\u202c", {}).text == "가나"


def test_code_stays_what_it_is() -> None:
    assert code_fragment("<b>&\n").html == "<pre><code>&lt;b&gt;&amp;\n</code></pre>"


@pytest.mark.parametrize(
    ("url", "safe"),
    [("https://example.org/a?b=c#d", True), ("HTTP://example.org", True), ("mailto:a@example.org", True), ("javascript:alert(1)", False),
     ("JaVaScRiPt:x", False), ("data:text/html,x", False), ("//example.org", False), ("/a", False), ("", False), ("https:", False),
     ("https://example.org/\"onclick=x", False), ("vbscript:x", False)],
)  # fmt: skip
def test_safe_addresses(url: str, safe: bool) -> None:
    assert bool(safe_url(url)) == safe


def test_front_matter_is_no_text() -> None:
    tokens, _ = parse_blocks("---\ntitle: 제목\ndate: 2026-05-06\n---\n\n글\n")
    assert [(token.type, token.content, token.map) for token in tokens if token.content] == [("inline", "글", [5, 6])]
    assert [token.type for token in parse_blocks("---\n\n글\n\n---\n")[0] if token.type == "hr"] == ["hr", "hr"]
