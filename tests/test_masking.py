"""Masking and restoring: whatever the model answers, the Markdown of the sentence survives."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from translator.document.inline import find_inline
from translator.masking import MaskedSentence, mask
from translator.masking import restore as restore_with_appendix

_ATOMS = (
    "`a`", "`torch.compile`", "``x ` y``", "$x$", "$\\lambda L_{ocr}$", "https://example.org/a_b?q=1#z", "www.example.com/p",
    "<https://example.org/x>", "me@example.org", "<b>", "</b>", "<br/>", "![](https://example.org/i.png)",
    "![그림](https://example.org/그림.png)", "[논문](https://example.org/1)", "[프로젝트 페이지](https://example.org/2 \"제목\")",
    "[https://example.org/3](https://example.org/3)", "[`code`](https://example.org/4)", "**중요한 결과**", "*강조*", "~~지움~~",
    "***What's New***", "**[제목](https://example.org/5)**", "🚀", "1️⃣", "👩🏽‍💻 ✅",
)  # fmt: skip
_WORDS = ("모델은", "성능을", "GPT-5", "12.5%", "보였다", "XYZ", "LINK", "그리고", "확산 모델", "Diffusion", "3.5배")
_ARBITRARY = ("", "foo.", "The model", "XYZ", "XYZ XYZ and LINK.", "LINK (XYZ)", "A `b` [c](d) **e", "paper paper paper!", "\\", "(")


def restore(masked: MaskedSentence, hypothesis: str, phrases: dict[str, str]) -> str:
    return restore_with_appendix(masked, hypothesis, phrases).text


def exact_parts(text: str) -> Counter[str]:
    """What must stand in any target to the letter: solid constructs, and links and images from their closing bracket on."""
    found: Counter[str] = Counter()
    for span in find_inline(text):
        if span.kind != "emphasis":
            found[text[span.inner_end if span.wraps else span.start : span.end]] += 1
    found.update(emoji for emoji in ("🚀", "1️⃣", "👩🏽‍💻", "✅") for _ in range(text.count(emoji)))
    return found


sentences = st.lists(st.one_of(st.sampled_from(_ATOMS), st.sampled_from(_WORDS)), min_size=1, max_size=7).map(" ".join)
hypotheses = st.one_of(st.sampled_from(_ARBITRARY), st.text(st.sampled_from("ab XYZLINK.,()[]`*$"), max_size=30))
phrases_of = st.sampled_from(("paper", "the result", "code", "example", "org", "project page"))


@settings(max_examples=150, deadline=None)
@given(sentences)
def test_a_model_that_copies_gives_back_everything(sentence: str) -> None:
    masked = mask(sentence)
    restored = restore(masked, masked.source, {})
    for part, count in exact_parts(sentence).items():
        assert restored.count(part) >= count, (masked, restored)


@settings(max_examples=300, deadline=None)
@given(sentences, hypotheses, phrases_of)
def test_whatever_the_model_answers_every_exact_part_is_in_the_target(sentence: str, hypothesis: str, phrase: str) -> None:
    masked = mask(sentence)
    restored = restore(masked, hypothesis, dict.fromkeys(masked.phrases, phrase))
    for part in exact_parts(sentence):
        assert part in restored, (part, masked, restored)


@settings(max_examples=150, deadline=None)
@given(sentences)
def test_the_model_never_sees_urls_code_maths_or_tags_that_stand_alone(sentence: str) -> None:
    source = mask(sentence).source
    for span in find_inline(sentence):
        outermost = not any(o.start <= span.start and span.end <= o.end and o is not span for o in find_inline(sentence))
        if outermost and span.kind in ("code", "math", "url", "email", "html"):
            assert sentence[span.start : span.end] not in source


@settings(max_examples=100, deadline=None)
@given(sentences)
def test_placeholders_are_distinct_and_not_the_sentences_own(sentence: str) -> None:
    slots = mask(sentence).slots
    names = [slot.placeholder for slot in slots]
    assert len(set(names)) == len(names)
    assert not any(name in sentence for name in names)


@settings(max_examples=60, deadline=None)
@given(sentences, st.integers(0, 7))
def test_masking_is_a_function_of_its_arguments(sentence: str, turn: int) -> None:
    assert mask(sentence, turn=turn) == mask(sentence, turn=turn)


@pytest.mark.parametrize("sentence", ["", " ", "모델", "plain text", "한 문장이다."])
def test_a_sentence_without_markdown_is_itself(sentence: str) -> None:
    masked = mask(sentence)
    assert masked.source == sentence.strip()
    assert not masked.slots
    assert not masked.wrappers


class TestTogether:
    """Constructs beside, inside and equal to each other."""

    @pytest.mark.parametrize(
        ("sentence", "parts"),
        [
            ("**자세한 내용은 [프로젝트](https://example.org/p)를 보라.**", ["](https://example.org/p)"]),
            ("**`torch.compile` 사용**을 권장한다.", ["`torch.compile`"]),
            ("**https://example.org/a** 를 보라.", ["https://example.org/a"]),
            ("[`model.py` 파일](https://example.org/m)을 보라.", ["`model.py`", "](https://example.org/m)"]),
            ("*수식 $x^2$ 의 값*은 크다.", ["$x^2$"]),
            ("값은 `a`-`b` 사이다.", ["`a`", "`b`"]),
            ("크기는 $N$-$M$ 이다.", ["$N$", "$M$"]),
        ],
    )
    @pytest.mark.parametrize("hypothesis", ["", "foo.", "SOURCE"])
    def test_nested_and_touching_constructs_survive(self, sentence: str, parts: list[str], hypothesis: str) -> None:
        masked = mask(sentence)
        restored = restore(masked, masked.source if hypothesis == "SOURCE" else hypothesis, {})
        assert all(part in restored for part in parts), (masked, restored)

    @pytest.mark.parametrize("sentence", ["CO<sub>2</sub> 배출을 줄인다.", "<b><i>중요</i></b>한 결과다.", "<b>GPT-5</b>를 공개했다."])
    def test_tags_that_touch_letters_or_tags_leave_no_placeholder_behind(self, sentence: str) -> None:
        masked = mask(sentence)
        restored = restore(masked, masked.source, {})
        assert not any(slot.placeholder in restored for slot in masked.slots), (masked, restored)
        assert restored == sentence

    def test_equal_parts_come_back_as_often_as_they_were(self) -> None:
        masked = mask("`a`와 `a`를 비교한다.")
        first, second = (slot.placeholder for slot in masked.slots)
        assert restore(masked, f"Compares {first} and {second}.", {}).count("`a`") == 2

    def test_two_links_with_the_same_words_are_two_links(self) -> None:
        masked = mask("[논문](https://example.org/1)과 [논문](https://example.org/2)을 보라.")
        restored = restore(masked, "See the paper and the paper.", {"논문": "paper"})
        links = [restored[s.start : s.end] for s in find_inline(restored) if s.kind == "link"]
        assert links == ["[paper](https://example.org/1)", "[paper](https://example.org/2)"], restored

    def test_emphasis_is_not_put_into_a_url(self) -> None:
        masked = mask("**논문**은 https://example.org/paper 에 있다.")
        assert "https://example.org/paper" in restore(masked, f"It is at {masked.slots[0].placeholder}.", {"논문": "paper"})

    def test_a_link_is_not_put_into_another_links_destination(self) -> None:
        masked = mask("[데이터](https://example.org/code)와 [코드](https://example.org/other)를 공개한다.")
        restored = restore(masked, "Data are released.", {"데이터": "data", "코드": "code"})
        assert "](https://example.org/code)" in restored
        assert "](https://example.org/other)" in restored


class TestImagesLinksEmphasis:
    def test_the_korean_alternative_text_of_an_image_is_translated(self) -> None:
        masked = mask("아래 ![모델 구조](https://example.org/i.png) 그림을 보라.")
        assert "모델 구조" in masked.phrases
        target = restore(masked, f"See the figure {masked.slots[0].placeholder} below.", {"모델 구조": "model architecture"})
        assert "![model architecture](https://example.org/i.png)" in target

    def test_a_link_goes_round_its_translated_words(self) -> None:
        masked = mask("자세한 내용은 [프로젝트 페이지](https://example.org/p)를 참고하라.")
        target = restore(masked, "Please refer to the project page for details.", {"프로젝트 페이지": "project page"})
        assert target == "Please refer to the [project page](https://example.org/p) for details."

    def test_a_link_whose_words_are_lost_is_appended_before_the_full_stop(self) -> None:
        masked = mask("자세한 내용은 [프로젝트 페이지](https://example.org/p)를 참고하라.")
        target = restore(masked, "See there.", {"프로젝트 페이지": "project page"})
        assert target == "See there ([project page](https://example.org/p))."

    def test_latin_words_under_emphasis_keep_it(self) -> None:
        masked = mask("***What's New***: 새로운 모델이다.")
        assert restore(masked, "What's New: a new model.", {}) == "***What's New***: a new model."

    def test_emphasis_whose_words_are_lost_is_dropped_without_a_trace(self) -> None:
        masked = mask("**핵심**은 속도다.")
        assert restore(masked, "Speed is what matters.", {"핵심": "xylophone"}) == "Speed is what matters."

    def test_a_lost_url_is_appended_once(self) -> None:
        masked = mask("코드는 https://example.org/c 에서 볼 수 있다.")
        assert restore(masked, "The code is available.", {}) == "The code is available (https://example.org/c)."

    def test_names_to_hide_come_back_as_what_they_become(self) -> None:
        masked = mask("TinyJudge는 20억 개를 쓴다.", hide={"TinyJudge": "TinyJudge", "20억": "2 billion"}, turn=1)
        assert "TinyJudge" not in masked.source
        assert "20억" not in masked.source
        assert restore(masked, masked.source, {}).startswith("TinyJudge는 2 billion")

    def test_a_hidden_part_that_the_model_grew_together_with_a_word_comes_back(self) -> None:
        name = mask("오픈QRD를 쓴다.", hide={"QRD": "QRD"})
        assert restore(name, f"It uses open{name.slots[0].placeholder}.", {}) == "It uses openQRD."
        number = mask("35배 빠르다.", hide={"35": "35"})
        assert restore(number, f"It is {number.slots[0].placeholder}x faster.", {}) == "It is 35x faster."

    def test_a_number_to_hide_is_not_taken_out_of_another(self) -> None:
        masked = mask("정확도는 12.8%이고 과제는 8개다.", hide={"8": "8"}, turn=1)
        assert "12.8%" in masked.source

    def test_a_mangled_placeholder_is_not_left_in_the_target(self) -> None:
        masked = mask("코드는 https://example.org/c 에서 볼 수 있다.")
        name = masked.slots[0].placeholder
        assert f"{name}s" not in restore(masked, f"The code is at {name}s.", {})


def test_a_very_long_sentence_is_masked_and_restored() -> None:
    sentence = " ".join(f"모델{i}은 `code{i}` 와 https://example.org/{i} 를 쓴다" for i in range(60))
    masked = mask(sentence)
    restored = restore(masked, masked.source, {})
    assert all(f"`code{i}`" in restored and f"https://example.org/{i} " in restored for i in range(60))


@pytest.mark.parametrize(
    ("sentence", "hypothesis", "wanted"),
    [
        ("코드는 https://example.org/c 에 있다.", "The code is available on XYZ.", "The code is available at https://example.org/c."),
        ("코드는 https://example.org/c 에 있다.", "Code can be found in XYZ.", "Code can be found at https://example.org/c."),
        ("코드는 <https://example.org/c> 에 있다.", "It is released on XYZ.", "It is released at <https://example.org/c>."),
        ("이것은 https://example.org/c 에 기반한다.", "It is based on XYZ.", "It is based on https://example.org/c."),
        ("코드는 `fish` 에 있다.", "The code is available in XYZ.", "The code is available in `fish`."),
        ("코드는 GitHub 에 있다.", "The code is available on GitHub.", "The code is available on GitHub."),
    ],
)
def test_what_is_to_be_had_is_at_an_address(sentence: str, hypothesis: str, wanted: str) -> None:
    assert restore(mask(sentence), hypothesis, {}) == wanted


@pytest.mark.parametrize(
    ("sentence", "shown", "hypothesis", "wanted"),
    [
        ("🚀 모델이다.", "모델이다.", "It is a model.", "🚀 It is a model."),
        ("모델이다 🎉", "모델이다", "It is a model", "It is a model 🎉"),
        ("모델이다 👍👍.", "모델이다.", "It is a model.", "It is a model 👍👍."),
        ("모델이다! 🎉", "모델이다!", "It is a model!", "It is a model! 🎉"),
        ("✅ 🇰🇷 1️⃣ **모델**이다 ❤️‍🔥…", "모델이다…", "A model it is.", "✅ 🇰🇷 1️⃣ A **model** it is ❤️‍🔥…"),
        ("모델🔥은 빠르다.", "모델 XYZ 은 빠르다.", "The model XYZ is fast.", "The model 🔥 is fast."),
        ("모델은 👩🏽‍💻 빠르다.", "모델은 XYZ 빠르다.", "The model is fast.", "The model is fast (👩🏽‍💻)."),
        ("점수는 3 → 5, A*와 #1이다.", "점수는 3 → 5, A*와 #1이다.", "From 3 → 5.", "From 3 → 5."),
    ],
)
def test_emoji_survive(sentence: str, shown: str, hypothesis: str, wanted: str) -> None:
    masked = mask(sentence)
    assert masked.source == shown
    assert restore(masked, hypothesis, {"모델": "model"}) == wanted


def test_long_rows_of_emoji_survive() -> None:
    for row in ("⭐" * 3000, "■ " * 3000 + "■"):
        masked = mask(f"진행 {row} 끝이다.")
        assert masked.source == "진행 XYZ 끝이다."
        assert restore(masked, "XYZ done.", {}) == f"{row} done."
