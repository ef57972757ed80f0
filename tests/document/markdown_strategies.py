"""Hypothesis strategies: digests as models write them, odd Markdown, and targets that try to break it."""

from hypothesis import strategies as st

_SENTENCES = [
    "새 모델은 긴 문맥을 잘 이해한다.",
    "정확도가 3.5배 올랐습니다.",
    "이 방법은 70억 개의 매개변수를 쓴다",
    "저자들은 코드와 데이터를 공개했다!",
    "한국어",
    "왜 느린가?",
]
_INLINES = [
    "`pip install 도구`",
    "`x = 1`",
    "``a`b``",
    "$E = mc^2$",
    "$$\\alpha$$",
    "\\(n^2\\)",
    "[데모](https://x.github.io/demo/)",
    "[논문 **초록**](https://arxiv.org/abs/2401.00001 \"제목\")",
    "![그림](https://x.com/a.png)",
    "[![배지](https://x.com/b.svg)](https://x.com)",
    "https://x.github.io/demo/에서",
    "<https://x.com/가>",
    "www.example.com을",
    "me@example.com으로",
    "<br>",
    "<b>굵게</b>",
    "<a href=\"https://x.com\">여기</a>",
    "**모델(LLM)**은",
    "*기울임*",
    "***둘 다***",
    "_밑줄_",
    "~~취소~~",
    "'작은따옴표'",
    "\"큰따옴표\"",
    "(예: 3B)",
    "[참고]",
    "[참고][1]",
    "[^1]",
    "a_b_c",
    "5 < 6",
    "\\*별\\*",
    "\\",
    "|",
    "\\|",
    "**",
    "[",
    "](",
    "$",
    "&amp;",
    "et al.",
    "GPT-4o",
]
_OPENERS = [
    "", "", "", "- ", "* ", "+ ", "1. ", "2) ", "10. ", "-\t", "> ", ">", "> > ", "# ", "## ", "###### ", "    ", "  - ", "    - ",
    "\t- ", "   * ", "- - ", "- > ", "> - ", "1. - ", "- [ ] ", "• ", "- ## ", "> # ", "- **요약**: ", "- **What's New**: ",
    "- ***Technical Details***: ", "**핵심:** ", "- Votes: 12 ", "Vote: 7, ", "- Authors: 김철수, ", "| ", "- 1. ", "|",
]  # fmt: skip
_WHOLE = [
    "", "", "", "", "---", "===", "***", "```", "```python", "~~~", "| 모델 | 점수 |\n| --- | :-: |\n| 가나 | `a|b` 다\\|라 |",
    "|이름|\n|-|\n|하나|", "<div>\n가나다 **굵게**\n</div>", "<p align=\"center\">한국어 문단</p>", "<!-- 주석 -->", "<video src=\"a.mp4\">영상</video>",
    "<details><summary>더 보기</summary>\n\n내용이다.\n\n</details>", "- ['가나다', \"라마's\"]", "['그는 \\'좋다\\'고 했다.', '둘째']", "- []",
    "제목이다\n===", "제목이다\n---", "| 하나 | 둘 |", "> [!NOTE]\n> 알림이다.", "![](https://x.com/a.png)",
    "<script>\n가\n</script>", "- 하나\n\n  둘째 문단\n- 셋", "1. 하나\n   - 둘", "\u2028", "\x0b", "\x00가", "\\", "  가나다  ",
]  # fmt: skip
_FRONT_MATTER = [
    "---\ntitle: 오늘의 논문\n---",
    "---\ntitle: '하나''둘'\ndescription: \"설명 \\\"글\\\"\"\n---",
    "---\ntags: [가, 나]\ntitle: 새 소식 # 메모\n---",
    "---\ntitle: 닫히지 않은 글",
]

NASTY = [
    "# x", "- x", "1. x", "+", "*", "| a | b |", "```", "~~~", "<div>", "</div>", "<!-- x", "[a](b)", "![a](b)", "`code`", "*a*", "**", "_a_", "\\",
    "\\\\", "a\\", "\\`x\\`", "one\ntwo", "one\r\n\r\n# two", "===", "---", "***", "> q", "[x]: y", "[^1]: z", "it's", "\"quoted\"", "''", "a: b # c",
    "key: value", "{a}", "%x", "@x", "&amp;", "&#42;", "$x$", "$[a](b)$", "\\([a](b)\\)", "https://e.com/(x", "<https://e.com>", "me@e.com", "a|b", "\\|",
    "|", "#", "x #", "x ##", "a  ", "\tx", "\u2028- x", "\x0b", "\x00", "[", "](c)", "]", "!", "`", "``", "a ` b", "<b", "<a href='", "&", "$", "$$", "1)",
    ":--", "- | -", ":-: | :-:", "-->", "x -->", "[x][x]", "[x][]", "?>", "]]>", "=", "-", "--", "’", "\u00a0# x", "<br>", "  \n x", "\\\n",
]  # fmt: skip

nasty_targets = st.one_of(
    st.sampled_from(NASTY),
    st.lists(st.sampled_from([*NASTY, "word", " ", " ", "the model"]), min_size=1, max_size=5).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    st.text("ab \\`*_[]()<>!#-+=|~:.&$'\"1\n", min_size=1, max_size=16),
)

any_text = st.text(st.characters(exclude_categories=["Cs"]))



def _lines(openers, inlines, whole):
    prose = st.tuples(st.lists(st.one_of(st.sampled_from(_SENTENCES), st.sampled_from(inlines)), min_size=1, max_size=5), st.sampled_from([" ", ""]))
    line = st.tuples(st.sampled_from(openers), prose.map(lambda p: p[1].join(p[0])), st.sampled_from(["", "", "", "  ", " ", "\\", "\t", " #"]))
    return st.lists(st.one_of(line.map("".join), st.sampled_from(whole)), max_size=10)


_BODY = _lines(_OPENERS, _INLINES, _WHOLE)
_ODD_BODY = _lines([*_OPENERS, "[^1]: ", "[1]: "], [*_INLINES, "`", "<b", "<!--", "\x00", "\x85"], [*_WHOLE, "[참고]: https://x.com \"설명\""])


@st.composite
def markdown(draw, *, odd=False):
    """A Markdown-like text with Korean in it; an odd one may also hold link definitions, and code and tags nobody closes."""
    lines = draw(_ODD_BODY if odd else _BODY)
    if draw(st.integers(0, 4)) == 4:
        lines = [draw(st.sampled_from(_FRONT_MATTER)), *lines]
    text = "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))
    if draw(st.integers(0, 9)) == 9:
        text = "\ufeff" + text
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n", "\r"])))
