"""Sentences: where they end, and that nothing of the text is lost."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_strategies import any_text

from translator.document.inline import find_inline
from translator.document.sentences import join_sentences, split_sentences


def parts(text: str) -> list[str]:
    return [text[s.start : s.end] for s in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("하나이다. 둘이다.", ["하나이다.", "둘이다."]),
        ("하나이다.둘이다.", ["하나이다.", "둘이다."]),
        ("왜 느린가? 메모리 때문이다! 그렇다.", ["왜 느린가?", "메모리 때문이다!", "그렇다."]),
        ("하나이다.\n둘이다.", ["하나이다.", "둘이다."]),
        ('그는 "좋다." 둘째이다.', ['그는 "좋다."', "둘째이다."]),
        ("**하나이다.** 둘이다.", ["**하나이다.**", "둘이다."]),
        ("하나이다… 둘이다.", ["하나이다…", "둘이다."]),
        ("하나이다<br>둘이다", ["하나이다", "둘이다"]),
        ("코드는 `a.b`이다. 끝이다.", ["코드는 `a.b`이다.", "끝이다."]),
        ("빠름. 작음.", ["빠름.", "작음."]),
        ("정확도는 92.5%이다. 3.5배 빠르다.", ["정확도는 92.5%이다.", "3.5배 빠르다."]),
        ("  하나이다.  둘이다.  ", ["하나이다.", "둘이다."]),
        ("", []),
        ("   ", []),
        ("마침표 없음", ["마침표 없음"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text, expected):
    assert parts(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2. v2.0 모델을 공개했다",
        "작은 모델 (예: 3B. 7B) 을 썼다",
        "Kim et al. 연구를 따른다",
        "이는 3.5배 빠르다",
        "값은 0.05 이고 1.2.3 판이다",
        "Fig. 3 참고",
        "즉 e.g. 번역",
        "모델 vs. 사람",
        "[첫째. 둘째](https://x.com/a. b) 링크",
        "그는 “좋다. 빠르다.”라고 했다",
        "'Let it Wag!' 벤치마크를 쓴다",
        "`a. b` 코드",
        "수식 $a. b$ 이다",
        "https://x.com/a.b?c=d 참고",
        "Node.js 와 GPT-4.1 을 쓴다",
        "「하나이다. 둘이다.」라는 글",
        "((첫째. 둘째) 셋째. 넷째) 글",
        '<b title="하나. 둘">굵게',
        "J. Kim 이 썼다",
        "기타... 등등",
    ],
)
def test_no_sentence_ends_inside(text):
    assert parts(text) == [text]


@pytest.mark.parametrize(
    ("text", "targets", "expected"),
    [
        ("하나이다. 둘이다.", ["One.", "Two."], "One. Two."),
        ("하나이다.둘이다.", ["One.", "Two."], "One. Two."),
        ("하나이다.<br>둘이다.", ["One.", "Two."], "One.<br>Two."),
        ("하나이다.  둘이다.", ["One.", "Two."], "One.  Two."),
        (" 하나이다. ", ["One."], " One. "),
    ],
)
def test_targets_take_the_places_of_their_sentences(text, targets, expected):
    assert join_sentences(text, split_sentences(text), targets) == expected


def test_a_target_for_each_sentence_is_needed():
    with pytest.raises(ValueError, match="zip"):
        join_sentences("하나이다. 둘이다.", split_sentences("하나이다. 둘이다."), ["One."])


PROSE = st.lists(
    st.sampled_from(
        [
            "하나이다",
            "둘임",
            "GPT",
            "3",
            ".",
            ".",
            "?",
            "!",
            "…",
            "...",
            " ",
            " ",
            "\n",
            "(",
            ")",
            "[",
            "]",
            "“",
            "”",
            "'",
            '"',
            "`",
            "$",
            "**",
            "<br>",
            "](https://x.com)",
            "et al",
            "https://x.com/a",
            "<b>",
        ]
    ),
    max_size=25,
).map("".join)


@settings(deadline=None, max_examples=400)
@given(st.one_of(PROSE, any_text))
def test_sentences_and_gaps_rebuild_the_text_and_gaps_hold_only_space(text):
    sentences = split_sentences(text)
    position, rebuilt = 0, ""
    for sentence in sentences:
        assert position <= sentence.start < sentence.end
        gap = text[position : sentence.start]
        assert re.fullmatch(r"(?:\s|<br\s*/?>)*", gap, re.I)
        piece = text[sentence.start : sentence.end]
        assert piece == piece.strip()
        rebuilt += gap + piece
        position = sentence.end
    assert re.fullmatch(r"(?:\s|<br\s*/?>)*", text[position:], re.I)
    assert rebuilt + text[position:] == text


@settings(deadline=None, max_examples=400)
@given(PROSE)
def test_no_sentence_ends_inside_a_link_code_formula_tag_or_url(text):
    solid = [span for span in find_inline(text) if span.kind != "emphasis"]
    for sentence in split_sentences(text)[:-1]:
        assert not [span for span in solid if span.start < sentence.end < span.end]


@settings(deadline=None, max_examples=300)
@given(PROSE)
def test_joining_the_sentences_themselves_adds_at_most_spaces(text):
    sentences = split_sentences(text)
    joined = join_sentences(text, sentences, [text[s.start : s.end] for s in sentences])
    assert joined.replace(" ", "") == text.replace(" ", "")
    assert len(joined) <= len(text) + len(sentences)
