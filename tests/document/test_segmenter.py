"""Units: which stretches of a digest are prose, and their exact places."""

import pytest

from translator.document import Document


def units(text: str) -> list[tuple[str, str]]:
    return [(unit.kind, unit.text) for unit in Document.parse(text).units]


def places(text: str) -> list[str]:
    return [text[unit.start : unit.end] for unit in Document.parse(text).units]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# 제목 ##\n", [("heading", "제목")]),
        ("제목\n===\n", [("heading", "제목")]),
        ("한 줄\n두 줄\n", [("paragraph", "한 줄 두 줄")]),
        ("- 하나\n  이어짐\n- 둘\n", [("bullet", "하나 이어짐"), ("bullet", "둘")]),
        ("3) 하나\n", [("ordered", "하나")]),
        ("> 인용\n> 둘째 줄\n", [("quote", "인용 둘째 줄")]),
        ("> 인용\n느슨한 줄\n", [("quote", "인용 느슨한 줄")]),
        ("| 가 | b |\n| - | - |\n| c | 나\\|다 |\n", [("cell", "가"), ("cell", "나|다")]),
        ("<p>가운데</p>\n", [("html", "가운데")]),
        ("<div>\n- 하나\n  둘\n</div>\n", [("html", "하나"), ("html", "둘")]),
        ("> <div>\n> 한국어\n> </div>\n", [("html", "한국어")]),
        ("- **요약**: 짧다.\n", [("label", "요약"), ("bullet", "짧다.")]),
        ("- **요약:** 짧다.\n", [("label", "요약"), ("bullet", "짧다.")]),
        ("- ***What's New***: 빠르다.\n", [("bullet", "빠르다.")]),
        ("- ['가나', \"다'라\", 'b']\n", [("list-string", "가나"), ("list-string", "다'라")]),
        ("- ['그는 \\'좋다\\'고 했다']\n", [("list-string", "그는 '좋다'고 했다")]),
        ("- [가나, 다라]\n", [("bullet", "[가나, 다라]")]),
        ("- [ ] 할 일\n", [("bullet", "할 일")]),
        ("[^1]: 각주가 있다\n", [("paragraph", "각주가 있다")]),
        ("English\\\n한국어\n", [("paragraph", "한국어")]),
        ("하나  \n둘\n", [("paragraph", "하나"), ("paragraph", "둘")]),
        ("![](a.png) 설명이다\n", [("paragraph", "설명이다")]),
        ("![한국어 그림](a.png)\n", [("paragraph", "![한국어 그림](a.png)")]),
        ("Vote: 12, 한국어\n", []),
        ("- Votes: 3 김\n", []),
        ("Authors: 김철수\n", []),
        ("`한국어`\n", []),
        ("https://x.com/한국어\n", [("paragraph", "https://x.com/한국어")]),
        ("```\n한국어\n```\n", []),
        ("    한국어 코드\n", []),
        ("<!-- 한국어 -->\n", []),
        ("<script>\n한국어\n</script>\n", []),
        ("[x]: https://x.com '한국어'\n", []),
        ("English only\n", []),
        ("---\ntitle: 제목\n---\n", [("front-matter", "제목")]),
        ("---\ntitle: '제''목'\n---\n", [("front-matter", "제'목")]),
        ('---\r\ntitle: "제\\"목"\r\n---\r\n', [("front-matter", '제"목')]),
        ("\ufeff---\ntags: [가, 나]\ndescription: 설명\n---\n# 제목\n", [("front-matter", "설명"), ("heading", "제목")]),
        ("\ufeff# 제목\n", [("heading", "제목")]),
    ],
)
def test_units_of(text, expected):
    assert units(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\ufeff- 하나\r\n- 둘\r\n", ["하나", "둘"]),
        ("-\t하나\n\t- 둘", ["하나", "둘"]),
        ("> 가\n> 나", ["가\n> 나"]),
        ("| 가 | 가 |\n|-|-|\n| 가 | 나\\|가 |\n", ["가", "가", "가", "나\\|가"]),
        ("- ['나', \"나\"]", ["나", "나"]),
        ('---\ntitle: "제\\"목"\n---\n', ['제\\"목']),
    ],
)
def test_offsets_are_exact(text, expected):
    assert places(text) == expected


def test_each_cell_of_a_table_has_its_own_place():
    text = "| 가 | 가나 | 가 |\n| - | - | - |\n| 나 | 가 | 나가 |\n"
    found = Document.parse(text).units
    assert [(unit.text, text.index(unit.text, unit.start)) for unit in found] == [(unit.text, unit.start) for unit in found]
    assert [unit.start for unit in found] == [2, 6, 11, 31, 35, 39]


def test_units_know_their_line_and_the_heading_above():
    document = Document.parse("# [논문 **A**](https://x.com)\n\n- 하나\n\n## 둘째\n- 셋\n")
    assert [(unit.line, unit.title, unit.text) for unit in document.units] == [
        (1, "논문 A", "[논문 **A**](https://x.com)"),
        (3, "논문 A", "하나"),
        (5, "둘째", "둘째"),
        (6, "둘째", "셋"),
    ]


def test_the_same_text_twice_has_two_ids():
    first, second = Document.parse("- 하나\n- 하나\n").units
    assert first.id != second.id


def test_ids_depend_on_section_kind_and_text_and_on_nothing_else():
    plain = Document.parse("# A\n\n- 하나\n").units[0].id
    assert Document.parse("# Z\n\n- 없던 것\n\n# A\n\nmore\n\n* 하나  \n").units[1].id == plain
    assert Document.parse("# B\n\n- 하나\n").units[0].id != plain
    assert Document.parse("# A\n\n하나\n").units[0].id != plain
    assert Document.parse("# A\n\n- 하나다\n").units[0].id != plain


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("```\n한국어\n코드\n```\n", [2, 3]),
        ("Authors: 김철수\n\n- 하나\n", [1]),
        ("- 하나\n\n`한국어`\n", [3]),
        ("<!--\n한국어\n-->\n", [2]),
        ("---\ntags: [가]\ntitle: 나\n---\n", [2]),
        ("[x]: /u '한국어'\n", [1]),
        ("---\ntitle: 가 # 나\n---\n", [2]),
    ],
)
def test_korean_lines_outside_units_are_named_with_a_reason(text, lines):
    untouched = Document.parse(text).untouched
    assert [entry.line for entry in untouched] == lines
    assert all(entry.reason for entry in untouched)


@pytest.mark.parametrize("reference", ["[논문]", "[논문][]", "[논문][논문]"])
def test_short_references_can_be_translated_and_stay_links(reference: str) -> None:
    document = Document.parse(f"{reference}을 보라.\n\n[논문]: https://x.com/a\n")
    [unit] = document.units
    assert unit.text == "[논문][논문]을 보라."
    assert document.render({unit.id: "See the [paper][논문]."}) == "See the [paper][논문].\n\n[논문]: https://x.com/a\n"


def test_brackets_that_no_definition_names_stay_brackets() -> None:
    [unit] = Document.parse("[EoT] 토큰을 쓴다.\n\n[논문]: https://x.com/a\n").units
    assert unit.text == "[EoT] 토큰을 쓴다."
