"""Inline constructs and protected spans: where they are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_strategies import any_text

from translator.document.inline import find_inline, prose_only
from translator.document.protection import protected_spans


def found(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in find_inline(text)]


def protected(text: str) -> list[tuple[str, str]]:
    return [(span.kind, span.text) for span in protected_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("데모는 https://x.github.io/demo/에서 본다", [("url", "https://x.github.io/demo/")]),
        ("주소(https://x.com/a_(b)).", [("url", "https://x.com/a_(b)")]),
        ("https://x.com/a?b=1&c=2, 다음", [("url", "https://x.com/a?b=1&c=2")]),
        ("www.example.com을 보라", [("url", "www.example.com")]),
        ("<https://x.com/가>", [("url", "<https://x.com/가>")]),
        ("me.you+tag@example.co.kr로", [("email", "me.you+tag@example.co.kr")]),
        ("`a` 와 ``b`c`` 와 `닫히지 않음", [("code", "`a`"), ("code", "``b`c``")]),
        ("`[a](b)` 코드", [("code", "`[a](b)`")]),
        ("\\`코드 아님\\`", []),
        ("\\``코드 아님", []),
        ("\\``` 와 `b`", [("code", "`b`")]),
        ("값은 $x^2$이다", [("math", "$x^2$")]),
        ("$5와 $6의 차이", []),
        ("$가나다$", []),
        ("$$\\alpha$$와 \\(n\\)", [("math", "$$\\alpha$$"), ("math", "\\(n\\)")]),
        ("\\[a \\\\[2pt] b\\]와 \\(닫히지 않은 \\(n\\)", [("math", "\\[a \\\\[2pt] b\\]"), ("math", "\\(n\\)")]),
        ("[글](https://x.com)을", [("link", "[글](https://x.com)")]),
        ('[글](<a b> "제목")을', [("link", '[글](<a b> "제목")')]),
        ("[글 (x)]( a )", [("link", "[글 (x)]( a )")]),
        ("[글]()과 ![]( )", [("link", "[글]()"), ("image", "![]( )")]),
        ("[글](<a", []),
        ("[참고] (괄호)", []),
        ("[참고][논문](a)", [("link", "[논문](a)")]),
        ("[참고][논문] (괄호)", [("link", "[참고][논문]")]),
        ("![그림](a.png)", [("image", "![그림](a.png)")]),
        ("\\![글](a)", [("link", "[글](a)")]),
        ("[![배지](b.svg)](c)", [("link", "[![배지](b.svg)](c)"), ("image", "![배지](b.svg)")]),
        ("[바깥 [안](a)](b)", [("link", "[안](a)")]),
        ("<b>굵게</b><br/>", [("html", "<b>"), ("html", "</b>"), ("html", "<br/>")]),
        ("5 < 6 그리고 a<b", []),
        ("<!-- 주석 -->뒤", [("html", "<!-- 주석 -->")]),
        ("**모델(LLM)**은", [("emphasis", "**모델(LLM)**")]),
        ("a_b_c와 2 * 3 * 4", []),
        ("~~취소~~ _밑줄_", [("emphasis", "~~취소~~"), ("emphasis", "_밑줄_")]),
        ("[**굵은** 글](a)", [("link", "[**굵은** 글](a)"), ("emphasis", "**굵은**")]),
        ("**굵은 [글**](a)", [("link", "[글**](a)")]),
    ],
)
def test_constructs_are_found_where_they_are(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GPT-4o와 LLaMA-2-7B는", [("name", "GPT-4o"), ("name", "LLaMA-2-7B")]),
        ("C++와 C#", [("name", "C++"), ("name", "C#")]),
        ("정확도 3.5배, 12.5%", [("number", "3.5"), ("number", "12.5%")]),
        ("70억 개, 1,200만 건, 3조", [("number", "70억"), ("number", "1,200만"), ("number", "3조")]),
        ("1억 2천만 명", [("number", "1억 2천만")]),
        ("3만큼 크다", [("number", "3")]),
        ("3천6백만 쌍, 8천 2백만 개", [("number", "3천6백만"), ("number", "8천 2백만")]),
        ("70억 130억 개, 2조 3억 4만 원", [("number", "70억"), ("number", "130억"), ("number", "2조 3억 4만")]),
        ("1억 3천 4백 6십만 장", [("number", "1억 3천 4백 6십만")]),
        ("2백신, 3천연, 5조건", [("number", "2"), ("number", "3"), ("number", "5")]),
        ("1,900K 문맥, 1,024×1,024 화면", [("name", "1,900K"), ("name", "1,024×1,024")]),
        ("4.2.1에서 1.9.6으로", [("name", "4.2.1"), ("name", "1.9.6")]),
        ("버전 4.1 계열", [("number", "4.1")]),
        ("2026.11.02 공개", [("number", "2026.11"), ("number", "02")]),
        ("model은 transformer이다", []),
        ("[TinyBench](https://x.com)를", [("name", "TinyBench"), ("link", "](https://x.com)")]),
        ("`GPT-4` 7", [("code", "`GPT-4`"), ("number", "7")]),
    ],
)
def test_protected_spans(text, expected):
    assert protected(text) == expected


def test_inner_text_of_links_images_and_emphasis():
    text = "[글](a) ![그림](b) **굵게**"
    assert [text[span.inner_start : span.inner_end] for span in find_inline(text)] == ["글", "그림", "굵게"]


def test_prose_only_blanks_what_is_not_read_and_keeps_offsets():
    text = "앞 `코드` [글](주소) <b>굵게</b> https://x.com/"
    prose = prose_only(text)
    assert len(prose) == len(text)
    assert prose.split() == ["앞", "[글", "굵게"]


MARKS = st.text("가a1 \\`*_~[]()<>!$@.:/\"'\n", max_size=40)


@settings(deadline=None, max_examples=300)
@given(st.one_of(any_text, MARKS))
def test_constructs_lie_in_the_text_and_nest_or_stand_apart(text):
    spans = find_inline(text)
    for span in spans:
        assert 0 <= span.start <= span.inner_start <= span.inner_end <= span.end <= len(text)
        assert span.start < span.end
    for number, outer in enumerate(spans):
        for inner in spans[number + 1 :]:
            apart = inner.start >= outer.end
            nested = outer.wraps and outer.inner_start <= inner.start and inner.end <= outer.inner_end
            assert apart or nested


@settings(deadline=None, max_examples=300)
@given(st.one_of(any_text, MARKS))
def test_protected_spans_are_parts_of_the_text_that_do_not_overlap(text):
    position = 0
    for span in protected_spans(text):
        assert position <= span.start < span.end <= len(text)
        assert span.text == text[span.start : span.end]
        position = span.end
