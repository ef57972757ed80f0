"""The public interface with the bundled model: documents, lines, titles, progress."""

import re
from collections.abc import Iterator

import pytest

import translator as package
from translator import Document, Settings, Translation, Translator, Unit
from translator.errors import TranslatorError, UserError

TEXT = """# 새로운 보상 모델

우리는 RewardMint라는 보상 모델을 제안합니다. 정확도는 3.1% 높아졌습니다.

- 자세한 내용은 [프로젝트 페이지](https://example.org/mint)를 참고하세요.
- English only.
- 손실 함수는 $L_{mint}$이며 `mint_scale`로 조절합니다.

| 항목 | 값 |
| --- | --- |
| 추론 속도 | 12 |
"""


@pytest.fixture(scope="module")
def bundled() -> Iterator[Translator]:
    with Translator(Settings(threads=1)) as loaded:
        yield loaded


class TestDocuments:
    def test_every_unit_has_a_translation_in_order(self, bundled: Translator) -> None:
        document = Document.parse(TEXT)
        found = bundled.translate(document)
        assert [t.unit_id for t in found] == [unit.id for unit in document.units]
        assert [t.source for t in found] == [unit.text for unit in document.units]
        assert all(isinstance(t, Translation) and t.target and t.score <= 0 and t.tokens > 0 and t.sentences >= 1 for t in found)

    def test_what_must_survive_survives(self, bundled: Translator) -> None:
        document = Document.parse(TEXT)
        english = document.render({t.unit_id: t.target for t in bundled.translate(document)}, layout="english")
        for part in ("RewardMint", "3.1%", "](https://example.org/mint)", "$L_{mint}$", "`mint_scale`", "English only.", "| 12 |"):
            assert part in english, part

    def test_titles_and_cells_get_no_full_stop(self, bundled: Translator) -> None:
        document = Document.parse(TEXT)
        for unit, found in zip(document.units, bundled.translate(document), strict=True):
            assert isinstance(unit, Unit)
            if unit.kind in ("heading", "cell"):
                assert not found.target.endswith(".")

    def test_every_layout_can_be_rendered(self, bundled: Translator) -> None:
        document = Document.parse(TEXT)
        targets = {t.unit_id: t.target for t in bundled.translate(document)}
        for layout in ("english", "interleaved", "table"):
            for order in ("source-first", "target-first"):
                assert document.render(targets, layout=layout, order=order)
        assert document.render({}) == TEXT

    def test_a_unit_is_translated_alike_in_any_document(self, bundled: Translator) -> None:
        document = Document.parse(TEXT)
        together = bundled.translate(document)
        for unit, found in zip(document.units, together, strict=True):
            assert bundled.translate_units([unit])[0] == found

    def test_units_of_several_documents_go_together(self, bundled: Translator) -> None:
        left, right = Document.parse(TEXT), Document.parse("- 다른 문서입니다.\n")
        found = bundled.translate_units([*right.units, *left.units])
        assert found == [*bundled.translate(right), *bundled.translate(left)]

    def test_an_empty_document(self, bundled: Translator) -> None:
        assert bundled.translate(Document.parse("")) == []


class TestLines:
    def test_one_line_each(self, bundled: Translator) -> None:
        lines = ["작은 모델도 답을 냅니다.", "", "no Korean", "  ", "코드는 공개됩니다. 데이터도 공개됩니다.", "작은 모델도 답을 냅니다."]
        found = bundled.translate_lines(lines)
        assert len(found) == len(lines)
        assert found[1:4] == lines[1:4]
        assert found[0] == found[5]
        assert all(found[i] and not re.search("[가-힣]", found[i]) for i in (0, 4))

    def test_no_lines(self, bundled: Translator) -> None:
        assert bundled.translate_lines([]) == []

    @pytest.mark.parametrize("line", ["ㅋㅋㅋㅋ", "가" * 600, "모델 " * 300, "**", "**가", "![](", "\ud55c글 \U0001f600", "한글"])
    def test_odd_lines_do_not_fail(self, bundled: Translator, line: str) -> None:
        [found] = bundled.translate_lines([line])
        assert "\n" not in found

    def test_a_very_long_sentence_is_translated_to_its_end(self, bundled: Translator) -> None:
        clauses = ["모델은 문서를 읽고", "데이터를 모으며", "질문에 답하고", "결과를 정리하며", "코드를 작성하고"] * 16
        line = " ".join([*clauses, "마지막으로 OmegaFinal을 출력한다."])
        [found] = bundled.translate(Document.parse(line))
        assert "OmegaFinal" in found.target or "OmegaFinal" in {flag.detail for flag in found.flags}
        assert len(found.target) > 400

    def test_progress_counts_every_sentence_once(self, bundled: Translator) -> None:
        long = " ".join(["모델은 문서를 읽고 데이터를 모으며"] * 40) + " 답한다."
        told: list[tuple[int, int]] = []
        lines = [long, "코드는 공개됩니다. 데이터도 공개됩니다.", "코드는 공개됩니다.", long]
        bundled.translate_lines(lines, lambda settled, total: told.append((settled, total)))
        assert {total for _, total in told} == {5}
        settled = [count for count, _ in told]
        assert settled == sorted(settled)
        assert settled[-1] == 5


def test_names_of_the_package() -> None:
    assert all(getattr(package, name) is not None for name in package.__all__)
    with pytest.raises(AttributeError, match="Nonsense"):
        _ = package.Nonsense


def test_a_model_that_is_not_there() -> None:
    with pytest.raises(UserError, match="no-such-model"):
        Translator(Settings(model="no-such-model"))
    assert issubclass(UserError, TranslatorError)
    assert (TranslatorError.exit_code, UserError.exit_code) == (1, 2)


def test_the_translator_says_what_it_runs(bundled: Translator) -> None:
    from translator.engine.catalog import bundled_path
    from translator.engine.checkpoint import content_hash

    assert bundled.engine_name == "ctranslate2"
    assert bundled.fingerprint == content_hash(bundled_path("digest-ko-en"))


def test_the_transformers_engine_translates_documents_too() -> None:
    document = Document.parse("- RewardMint는 4.5% 더 정확합니다.\n")
    with Translator(Settings(engine="transformers", device="cpu", threads=1, beam_size=2)) as loaded:
        [found] = loaded.translate(document)
    assert loaded.engine_name == "transformers"
    assert "RewardMint" in found.target
    assert "4.5%" in found.target
