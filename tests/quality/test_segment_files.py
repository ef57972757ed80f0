"""What `translator evaluate` reads: Markdown of each layout with and without its source, and folders of everything."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import sacrebleu

from tests.conftest import ENGLISH, KOREAN, Result, Run
from translator.document import Document

RENDERINGS = [("interleaved", "source-first"), ("interleaved", "target-first"), ("table", "source-first"), ("table", "target-first")]
GOOD = tuple(text.replace(" the ", " a ") for text in ENGLISH)
SOURCE = (
    "# 오늘의 논문\n\n## [Paper One](https://example.com/1)\n\nAuthors: Kim, Lee\n\n"
    + "".join(f"- {text}\n" for text in KOREAN[:6])
    + "\n## [Paper Two](https://example.com/2)\n\nVote: 3\n\n"
    + "".join(f"- **What's New**: {text}\n" for text in KOREAN[6:])
)


def rendered(texts: Sequence[str], layout: str = "english", order: str = "source-first", source: str = SOURCE) -> str:
    document = Document.parse(source)
    targets = dict(zip((unit.id for unit in document.units), ["Papers of the day", *texts], strict=True))
    return document.render(targets, layout, order)  # type: ignore[arg-type]


def records(texts: Sequence[str]) -> str:
    units = zip(Document.parse(SOURCE).units, ["Papers of the day", *texts], strict=True)
    return "".join(json.dumps({"id": unit.id, "target": text, "title": unit.title}, ensure_ascii=False) + "\n" for unit, text in units)


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


File = Callable[[str, str], Path]


class TestBilingualMarkdown:
    @pytest.mark.parametrize(("layout", "order"), RENDERINGS)
    def test_it_matches_records_by_id(self, file: File, run: Run, layout: str, order: str) -> None:
        mine, wanted = file("a.md", rendered(GOOD, layout, order)), file("b.jsonl", records(ENGLISH))
        done = run("evaluate", mine, "--reference", wanted, "--bootstrap", 0, "--json", mine.with_suffix(".json"), "--by", "section")
        assert done.err == ""
        assert "(13 segments)" in done.text
        [system] = json.loads(mine.with_suffix(".json").read_text(encoding="utf-8"))["systems"]
        known = "Papers of the day"
        assert system["scores"]["bleu"]["value"] == sacrebleu.corpus_bleu([known, *GOOD], [[known, *ENGLISH]]).score
        assert set(system["groups"]) == {"오늘의 논문", "Paper One", "Paper Two"}

    def test_layouts_match_each_other(self, file: File, run: Run) -> None:
        paths = [file(f"{layout}.{order}.md", rendered(ENGLISH, layout, order)) for layout, order in RENDERINGS]
        done = run("evaluate", *paths[1:], "--reference", paths[0], "--bootstrap", 0)
        assert done.text.count("BLEU    100.00") == 3

    def test_units_left_untranslated_have_no_partner(self, file: File, run: Run) -> None:
        document = Document.parse(SOURCE)
        targets = {unit.id: "Some text." for unit in document.units[1:]}
        mine, wanted = file("a.md", document.render(targets, "interleaved")), file("b.jsonl", records(ENGLISH))
        assert f"1 segments have no partner and do not count: {document.units[0].id}" in run("evaluate", mine, "-r", wanted).err

    def test_an_edited_file_is_read_with_its_source_only(self, file: File, run: Run, refused: Callable[[Result], str]) -> None:
        mine = file("a.md", rendered(ENGLISH, "interleaved").replace("Robots", "<b>Robots</b>").replace("The robot", "A <b>robot</b>"))
        wanted, source = file("b.jsonl", records(ENGLISH)), file("ko.md", SOURCE)
        sentence = refused(run("evaluate", mine, "--reference", wanted))
        assert "a.md, line " in sentence
        assert "source" in sentence
        done = run("evaluate", mine, "--reference", wanted, "--source", source, "--bootstrap", 0)
        assert "(13 segments)" in done.text
        assert "BLEU    100.00" not in done.text

    def test_what_cannot_be_read_is_told(self, file: File, run: Run) -> None:
        document = Document.parse(SOURCE)
        text = rendered(ENGLISH, "interleaved").replace(KOREAN[2], "다른 문장이다.")
        arguments = "-r", file("b.jsonl", records(ENGLISH)), "--source", file("ko.md", SOURCE), "--bootstrap", 0
        done = run("evaluate", file("a.md", text), *arguments)
        line = next(number for number, line in enumerate(text.split("\n"), 1) if "다른 문장이다." in line)
        assert f"a.md: 1 units cannot be read, because more than the English was altered (lines {line}-{line + 1})" in done.err
        assert f"1 segments have no partner and do not count: {document.units[3].id}" in done.err
        assert "(12 segments)" in done.text

    def test_another_digest_is_refused(self, file: File, run: Run, refused: Callable[[Result], str]) -> None:
        other = file("ko.md", "# 다른 글\n\n- 다른 문장이다.\n- 또 다른 문장이다.\n")
        mine = file("a.md", rendered(ENGLISH, "interleaved"))
        assert "is no translation of" in refused(run("evaluate", mine, "--reference", mine, "--source", other))


class TestEnglishMarkdown:
    def test_with_its_source_it_matches_records(self, file: File, run: Run) -> None:
        arguments = file("a.md", rendered(ENGLISH)), "--reference", file("b.jsonl", records(ENGLISH)), "--source", file("ko.md", SOURCE)
        done = run("evaluate", *arguments, "--bootstrap", 0)
        assert "(13 segments)" in done.text
        assert "BLEU    100.00" in done.text

    def test_without_a_source_it_matches_by_structure(self, file: File, run: Run) -> None:
        done = run("evaluate", file("a.md", rendered(GOOD)), "-r", file("b.md", rendered(ENGLISH)), "--bootstrap", 0)
        known = "Papers of the day"
        assert f"BLEU    {sacrebleu.corpus_bleu([known, *GOOD], [[known, *ENGLISH]]).score:.2f}" in done.text
        assert "(13 segments)" in done.text

    @pytest.mark.parametrize(("layout", "order"), RENDERINGS)
    def test_it_matches_bilingual_markdown_by_structure(self, file: File, run: Run, layout: str, order: str) -> None:
        done = run("evaluate", file("a.md", rendered(ENGLISH)), "-r", file("b.md", rendered(ENGLISH, layout, order)), "--bootstrap", 0)
        assert "(13 segments)" in done.text
        assert "BLEU    100.00" in done.text

    def test_sections_of_other_structure_have_no_partner(self, file: File, run: Run) -> None:
        text = rendered(ENGLISH)
        more = text.replace("\n## [Paper Two]", "- One more.\n\n## [Paper Two]")
        done = run("evaluate", file("a.md", more), "-r", file("b.md", text), "--bootstrap", 0)
        assert "(7 segments)" in done.text
        assert "a.md: 7 segments have no partner and do not count: section 2 of 3, bullet 1 of 7" in done.err
        assert "b.md: 6 segments have no partner and do not count: section 2 of 3, bullet 1 of 6" in done.err

    def test_without_a_source_it_cannot_match_ids(self, file: File, run: Run, refused: Callable[[Result], str]) -> None:
        sentence = refused(run("evaluate", file("a.md", rendered(ENGLISH)), "--reference", file("b.jsonl", records(ENGLISH))))
        assert "a.md is English Markdown without its source" in sentence
        assert "--source" in sentence


class TestFolders:
    @pytest.fixture
    def source(self, file: File, tmp_path: Path) -> Path:
        for day in ("01", "02"):
            file(f"ko/2026/{day}.md", SOURCE)
        return tmp_path / "ko"

    def test_records_come_before_markdown_and_layouts_count_once(self, file: File, run: Run, tmp_path: Path) -> None:
        for day in ("01", "02"):
            for layout in ("interleaved", "table", "english"):
                file(f"mine/2026/{day}.{layout}.md", rendered(ENGLISH, layout))
                file(f"wanted/2026/{day}.{layout}.md", rendered(ENGLISH, layout))
            file(f"wanted/2026/{day}.jsonl", records(GOOD))
        done = run("evaluate", tmp_path / "mine", "--reference", tmp_path / "wanted", "--bootstrap", 0, "--by", "file")
        assert "(26 segments)" in done.text
        assert "BLEU    100.00" not in done.text
        assert "mine: 2 files are read, and 4 others of the same digests are not: records first" in done.err
        assert "wanted: 2 files are read, and 6 others" in done.err

    def test_english_finds_its_source_by_name(self, file: File, run: Run, tmp_path: Path, source: Path) -> None:
        for day in ("01", "02"):
            file(f"mine/2026/{day}.md", rendered(ENGLISH))
            file(f"wanted/2026/{day}.jsonl", records(ENGLISH))
        done = run("evaluate", tmp_path / "mine", "--reference", tmp_path / "wanted", "--source", source, "--bootstrap", 0)
        assert "(26 segments)" in done.text
        assert "BLEU    100.00" in done.text
        one = tmp_path / "mine" / "2026" / "02.md", "--reference", tmp_path / "wanted" / "2026" / "02.jsonl"
        assert "(13 segments)" in run("evaluate", *one, "--source", source, "--bootstrap", 0).text

    def test_a_digest_without_source_is_named(
        self, file: File, run: Run, tmp_path: Path, source: Path, refused: Callable[[Result], str]
    ) -> None:
        file("mine/2026/03.english.md", rendered(ENGLISH))
        sentence = refused(run("evaluate", tmp_path / "mine", "--reference", tmp_path / "mine", "--source", source))
        assert "03.english.md" in sentence
        assert "no digest 03.md" in sentence

    def test_folders_of_text_and_tables_match_by_line(self, file: File, run: Run, tmp_path: Path, refused: Callable[[Result], str]) -> None:
        file("mine/a.txt", "".join(f"{text}\n" for text in ENGLISH[:5]))
        file("mine/b.tsv", "".join(f"{korean}\t{text}\n" for korean, text in zip(KOREAN, ENGLISH, strict=True)))
        file("wanted/a.txt", "".join(f"{text}\n" for text in ENGLISH[:5]))
        file("wanted/b.txt", "".join(f"{text}\n" for text in ENGLISH))
        done = run("evaluate", tmp_path / "mine", "--reference", tmp_path / "wanted", "--bootstrap", 0)
        assert "(17 segments)" in done.text
        assert "BLEU    100.00" in done.text
        file("wanted/a.txt", "One.\n")
        file("wanted/b.txt", "".join(f"{text}\n" for text in [*ENGLISH, *ENGLISH[:4]]))
        assert "wanted has 1 in a" in refused(run("evaluate", tmp_path / "mine", "--reference", tmp_path / "wanted"))

    def test_an_empty_folder_is_refused(self, tmp_path: Path, run: Run, refused: Callable[[Result], str]) -> None:
        assert "no records" in refused(run("evaluate", tmp_path, "--reference", tmp_path))
