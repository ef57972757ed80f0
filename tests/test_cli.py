"""The command from end to end: the bundled model, files and folders of the tests' own, errors in one sentence."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import translator
from translator import Document

REPOSITORY = Path(__file__).parent.parent
DIGEST = """## 오늘의 논문 (2026-05-06)

### [WaveNote: 음성 요약](https://example.org/wavenote)

![](https://example.org/wavenote.png)

Vote: 12

Authors: 김하늘, Ada Stone

- 본 논문에서는 긴 회의를 요약하는 새로운 음성 언어 모델인 WaveNote를 제안합니다.
- 실험 결과, 제안한 방법은 MeetBench에서 기존 방법보다 7.4% 높은 정확도를 보였습니다. 코드는 https://example.org/wavenote/code 에 있습니다.
- **핵심 아이디어**는 `chunk_size` 값을 입력에 맞게 바꾸는 것입니다.

| 모델 | 정확도 |
| --- | --- |
| 작은 모델 | 71.2 |

```python
print("그대로 두어야 하는 문자열")
```
"""
SHORT = "# 메모\n\n- 작은 모델도 쓸모 있는 답을 냅니다.\n"
Run = Callable[..., "object"]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder with two digests in `in`."""
    for name, text in (("in/2026/a.md", DIGEST), ("in/b.md", SHORT)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tree(folder: Path) -> dict[str, bytes]:
    """Every file but those of the journal."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and ".translator" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


class TestTranslate:
    def test_a_folder_becomes_a_mirrored_tree_with_records_and_a_report(self, work: Path, run: Run) -> None:
        result = run("translate", "in", "--output", "out", "--layout", "english")
        assert (result.code, result.out) == (0, b"")
        assert "2 files" in result.err
        assert set(tree(work / "out")) == {"2026/a.md", "2026/a.jsonl", "b.md", "b.jsonl", "report.json"}
        english = (work / "out/2026/a.md").read_text(encoding="utf-8")
        for kept in (
            "](https://example.org/wavenote)", "![](https://example.org/wavenote.png)", "Vote: 12", "WaveNote", "MeetBench", "7.4%",
            "https://example.org/wavenote/code", "`chunk_size`", "71.2", 'print("그대로 두어야 하는 문자열")', "김하늘, Ada Stone",
        ):  # fmt: skip
            assert kept in english, kept
        document = Document.parse(DIGEST)
        records = [json.loads(line) for line in (work / "out/2026/a.jsonl").read_text(encoding="utf-8").splitlines()]
        assert [r["source"] for r in records] == [unit.text for unit in document.units]
        assert [r["line"] for r in records] == [unit.line for unit in document.units]
        assert all(r["engine"] == "ctranslate2" and r["model"].startswith("digest-ko-en@") and r["score"] <= 0 for r in records)
        assert english == document.render({r["id"]: r["target"] for r in records}, "english")
        report = json.loads((work / "out/report.json").read_text(encoding="utf-8"))
        assert (report["files"], report["units"]) == (2, len(document.units) + len(Document.parse(SHORT).units))
        assert report["sentences"] > report["units"] - 1
        assert report["tokens"] > 0
        assert report["settings"]["layouts"] == ["english"]

    def test_each_layout_has_a_file_of_its_own_where_there_are_several(self, work: Path, run: Run) -> None:
        layouts = [part for name in ("interleaved", "table", "english") for part in ("--layout", name)]
        assert run("translate", "in/b.md", "-o", "out", *layouts, "--quiet").code == 0
        assert set(tree(work / "out")) == {"b.interleaved.md", "b.table.md", "b.english.md", "b.jsonl", "report.json"}
        pages = tree(work / "out")
        korean = "작은 모델도 쓸모 있는 답을 냅니다.".encode()
        assert korean in pages["b.interleaved.md"]
        assert korean in pages["b.table.md"]
        assert korean not in pages["b.english.md"]

    def test_the_order_of_languages(self, work: Path, run: Run) -> None:
        for order in ("source-first", "target-first"):
            assert run("translate", "in/b.md", "-o", order, "--order", order, "-q").code == 0
        first, second = ((work / order / "b.md").read_text(encoding="utf-8") for order in ("source-first", "target-first"))
        assert first.index("메모") < second.index("메모")
        assert first != second

    def test_the_examples_of_the_repository(self, work: Path, run: Run) -> None:
        assert run("translate", REPOSITORY / "examples", "-o", "out", "--layout", "english", "-q").code == 0
        for path in (REPOSITORY / "examples").glob("*.md"):
            source, english = path.read_text(encoding="utf-8"), (work / "out" / path.name).read_text(encoding="utf-8")
            urls = r"https?://[^\s)가-힣]*[\w/]"
            assert re.findall(urls, english, re.A) == re.findall(urls, source, re.A)
            left = re.findall(r"[가-힣]+", english)
            assert len(left) <= 0.05 * len(re.findall(r"[가-힣]+", source)), left

    def test_the_same_input_gives_the_same_bytes_in_any_order(self, work: Path, run: Run) -> None:
        (work / "c.md").write_text(DIGEST.replace("WaveNote", "TideNote"), encoding="utf-8")
        assert run("translate", "in", "c.md", "-o", "one", "-q").code == 0
        assert run("translate", "c.md", "in", "-o", "two", "-q").code == 0
        assert run("translate", "c.md", "-o", "three", "-q").code == 0
        one, two, three = (tree(work / name) for name in ("one", "two", "three"))
        for pages in (one, two, three):
            del pages["report.json"]
        assert one == two
        assert {name: one[name] for name in three} == three

    def test_standard_input_goes_to_standard_output(self, work: Path, run: Run) -> None:
        result = run("translate", "-", "--layout", "english", stdin=SHORT.encode())
        assert result.code == 0
        assert result.err == ""
        assert result.text.startswith("# ")
        assert not re.search("[가-힣]", result.text)
        assert tree(work) == {"in/2026/a.md": DIGEST.encode(), "in/b.md": SHORT.encode()}

    def test_standard_input_goes_to_a_folder(self, work: Path, run: Run) -> None:
        assert run("translate", "-", "-o", "out", "-q", stdin=SHORT.encode()).code == 0
        assert set(tree(work / "out")) == {"stdin.md", "stdin.jsonl", "report.json"}

    @pytest.mark.parametrize("text", ["", "\n", "plain English\r\n", "\ufeff# No Korean\r\n\r\n- a\r\n"])
    def test_a_text_without_korean_is_copied_to_the_byte(self, work: Path, run: Run, text: str) -> None:
        (work / "plain.md").write_bytes(text.encode())
        assert run("translate", "plain.md", "-o", "out", "-q").code == 0
        assert (work / "out/plain.md").read_bytes() == text.encode()
        assert (work / "out/plain.jsonl").read_bytes() == b""
        assert run("translate", "-", stdin=text.encode()).out == text.encode()

    def test_line_ends_and_byte_order_mark_are_kept(self, work: Path, run: Run) -> None:
        (work / "dos.md").write_bytes(("\ufeff" + SHORT.replace("\n", "\r\n")).encode())
        assert run("translate", "dos.md", "-o", "out", "-q").code == 0
        data = (work / "out/dos.md").read_bytes()
        assert data.startswith(b"\xef\xbb\xbf# ")
        assert data.count(b"\n") == data.count(b"\r\n")

    @pytest.mark.parametrize(
        "text",
        [
            "- ['깨진 짝이 있는 문장입니다 \\ud83d 끝.', '둘째 문장입니다.']\n",
            '---\ntitle: "깨진 짝이 있는 제목 \\ud83d"\n---\n\n본문입니다.\n',
            "- ['빈 글자가 있는 문장입니다 \\x00 끝.']\n",
        ],
    )
    def test_escapes_that_are_no_characters_do_no_harm(self, work: Path, run: Run, text: str) -> None:
        (work / "odd.md").write_text(text, encoding="utf-8")
        result = run("translate", "odd.md", "-o", "out", "-q")
        assert result.code == 0, result.err
        for line in (work / "out/odd.jsonl").read_text(encoding="utf-8").splitlines():
            json.loads(line)

    def test_quiet_is_silent(self, work: Path, run: Run) -> None:
        result = run("translate", "in/b.md", "-o", "out", "--quiet")
        assert (result.code, result.out, result.err) == (0, b"", "")

    def test_options_win_over_the_configuration(self, work: Path, run: Run) -> None:
        Path("c.yaml").write_text("layouts: [table]\nbeam_size: 1\n", encoding="utf-8")
        assert run("translate", "in/b.md", "-o", "out", "--config", "c.yaml", "--layout", "english", "-q").code == 0
        settings = json.loads((work / "out/report.json").read_text(encoding="utf-8"))["settings"]
        assert (settings["layouts"], settings["beam_size"]) == (["english"], 1)

    def test_checks_that_are_off_leave_no_flag_and_change_no_translation(self, work: Path, run: Run, tiny_marian: Path) -> None:
        """With a model that has never seen a name."""
        Path("odd.md").write_text("- TideNet-9은 긴 문서를 요약하는 방법을 소개한다.\n- 모델이다.\n", encoding="utf-8")
        Path("off.yaml").write_text("checks_off: [lost-name, length]\n", encoding="utf-8")
        for folder, options in (("on", ()), ("off", ("--config", "off.yaml"))):
            assert run("translate", "odd.md", "-o", folder, "--model", tiny_marian, *options, "-q").code == 0
        on, off = (
            [json.loads(line) for line in Path(name, "odd.jsonl").read_text(encoding="utf-8").splitlines()] for name in ("on", "off")
        )
        assert [r["target"] for r in on] == [r["target"] for r in off]
        assert "lost-name" in {flag["check"] for r in on for flag in r["checks"]}
        assert [[f for f in r["checks"] if f["check"] not in ("lost-name", "length")] for r in on] == [r["checks"] for r in off]

    def test_the_report_counts_what_the_units_show_beside_each_other(self, work: Path, run: Run) -> None:
        lines = [f"- 작은 모델 {n}개는 여러 과제에서 쓸모 있는 답을 냅니다.\n" for n in range(110)]
        Path("many.md").write_text("".join([*lines, "- 냅냅냅 뷁뷁 쟁쟁하게 궯궯한 훑훑임이 쫣쫣합니다.\n"]), encoding="utf-8")
        assert run("translate", "many.md", "-o", "out", "-q").code == 0
        report = json.loads((work / "out/report.json").read_text(encoding="utf-8"))
        assert report["corpus_flags"]["low-score"] >= 1
        assert not {"low-score", "length-outlier"} & set(report["flags"])


class TestDryRun:
    def test_it_writes_nothing_and_says_what_would_be_done(self, work: Path, run: Run) -> None:
        before = tree(work)
        result = run("translate", "in", "--output", "out", "--dry-run")
        assert result.code == 0
        assert tree(work) == before
        assert not (work / "out").exists()
        units = len(Document.parse(DIGEST).units) + len(Document.parse(SHORT).units)
        assert re.match(rf"2 files, {units} units, \d+ sentences, about \d+ s", result.text)

    def test_it_names_the_korean_that_would_be_left(self, work: Path, run: Run) -> None:
        result = run("translate", "in", "--dry-run")
        assert result.code == 0
        assert "그대로 두어야 하는 문자열" in result.text

    def test_it_works_in_a_folder_named_outputs(self, work: Path, run: Run) -> None:
        shutil.copytree("in", "outputs/in")
        assert run("translate", "outputs/in", "--dry-run").code == 0

    def test_a_text_without_korean(self, work: Path, run: Run) -> None:
        Path("e.md").write_text("none\n", encoding="utf-8")
        assert run("translate", "e.md", "--dry-run").text.startswith("1 files, 0 units, 0 sentences")


class TestRefusals:
    def test_nothing_is_overwritten_without_force(self, work: Path, run: Run, refused: Callable[..., str]) -> None:
        assert run("translate", "in/b.md", "-o", "out", "-q").code == 0
        (work / "out/b.md").write_text("mine", encoding="utf-8")
        before = tree(work)
        assert "--force" in refused(run("translate", "in/b.md", "-o", "out", "-q"))
        assert {name for name, data in tree(work).items() if data != before[name]} == {"out/report.json"}
        assert run("translate", "in/b.md", "-o", "out", "--force", "-q").code == 0
        assert (work / "out/b.md").read_text(encoding="utf-8") != "mine"

    def test_records_are_not_overwritten_either(self, work: Path, run: Run, refused: Callable[..., str]) -> None:
        (work / "out").mkdir()
        (work / "out/b.jsonl").write_text("mine", encoding="utf-8")
        assert "b.jsonl" in refused(run("translate", "in/b.md", "-o", "out"))

    @pytest.mark.parametrize(
        ("arguments", "word"),
        [
            (["-", "--layout", "english", "--layout", "table"], "one layout"),
            (["-", "-o", "out", "--watch"], "--watch"),
            (["in", "-o", "in", "--layout", "english", "--layout", "table"], "choose another --output"),
            (["in", "--output", ""], "--output is empty"),
            (["in", "--output", "out", "--memory", ""], "--memory is empty"),
        ],
    )
    def test_what_cannot_go_well_is_refused(
        self, work: Path, run: Run, refused: Callable[..., str], arguments: list[str], word: str
    ) -> None:
        before = tree(work)
        assert word in refused(run("translate", *arguments, stdin=SHORT.encode()))
        assert tree(work) == before

    def test_a_report_of_somebody_else_is_not_overwritten(self, work: Path, run: Run, refused: Callable[..., str]) -> None:
        (work / "report.json").write_text("{}", encoding="utf-8")
        assert "report.json" in refused(run("translate", "in", "-o", "."))

    def test_outputs_of_an_earlier_run_are_no_sources(self, work: Path, run: Run) -> None:
        assert run("translate", ".", "-o", "one", "-q").code == 0
        assert run("translate", ".", "-o", "two", "-q").code == 0
        assert set(tree(work / "two")) == set(tree(work / "one"))

    def test_a_source_is_never_overwritten(self, work: Path, run: Run, refused: Callable[..., str]) -> None:
        before = tree(work)
        for force in ([], ["--force"]):
            assert "--output" in refused(run("translate", "in/b.md", "-o", "in", *force))
        assert tree(work) == before

    def test_the_folder_of_the_sources_as_output(self, work: Path, run: Run, refused: Callable[..., str]) -> None:
        before = tree(work)
        assert "output" in refused(run("translate", "in", "-o", "in", "--force"))
        assert tree(work) == before

    @pytest.mark.parametrize(
        ("data", "word"),
        [("한글 문서입니다.".encode("cp949"), "UTF-8"), (b"a\0b", "NUL"), (b"a" * (32 * 2**20 + 1), "32 MiB")],
        ids=["cp949", "NUL", "large"],
    )
    def test_what_is_not_utf8_text_is_refused_before_anything_is_written(
        self, work: Path, run: Run, refused: Callable[..., str], data: bytes, word: str
    ) -> None:
        (work / "in/z.md").write_bytes(data)
        message = refused(run("translate", "in", "-o", "out"))
        assert word in message
        assert "z.md" in message
        assert not (work / "out").exists()

    @pytest.mark.parametrize("more", [[], ["--dry-run"], ["--references", "in"]])
    def test_all_sources_that_cannot_be_read_are_named(self, work: Path, run: Run, refused: Callable[..., str], more: list[str]) -> None:
        for number in range(7):
            (work / f"in/z{number}.md").write_bytes("한글 문서입니다.".encode("cp949"))
        message = refused(run("translate", "in", "-o", "out", *more))
        assert all(f"z{number}.md, line 1: not UTF-8" in message for number in range(5)), message
        assert message.endswith("; and 2 more")
        assert not (work / "out").exists()

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["translate", "none.md", "-o", "out"], ["none.md"]),
            (["translate", "in"], ["--output"]),
            (["translate", "-", "in"], ["--output"]),
            (["translate", "units.jsonl", "-o", "out"], ["units.jsonl", "records", "Markdown"]),
            (["translate", "in", "-o", "in/b.md"], ["in/b.md", "file"]),
            (["translate", "in/b.md", "-o", "in/b.md/deeper"], ["in/b.md"]),
            (["translate", "in", "-o", "out", "--model", "no-such-model"], ["no-such-model"]),
            (["translate", "in", "-o", "out", "--model", "a/b/c/d"], ["a/b/c/d"]),
            (["translate", "in", "-o", "out", "--model", "./none"], ["./none"]),
            (["translate", "in", "-o", "out", "--model", "opus-mt-ko-en"], ["opus-mt-ko-en", "translator models fetch"]),
            (["translate", "in", "-o", "out", "--model", "in"], ["config.json"]),
            (["translate", "in", "-o", "out", "--model", ""], ["model"]),
            (["translate", "in", "-o", "out", "--config", "none.yaml"], ["none.yaml"]),
            (["translate", "in", "-o", "out", "--glossary", "none.tsv"], ["none.tsv"]),
            (["translate", "in", "-o", "out", "--config", "in/b.md"], ["in/b.md"]),
            (["lines", "none.txt"], ["none.txt"]),
            (["lines", "in"], ["in"]),
            (["models", "info", "no-such-model"], ["no-such-model"]),
            (["models", "info", ""], ["model"]),
        ],
    )
    def test_wrong_arguments_are_told_in_a_sentence(
        self, work: Path, run: Run, refused: Callable[..., str], arguments: list[str], words: list[str]
    ) -> None:
        (work / "units.jsonl").touch()
        message = refused(run(*arguments))
        assert all(word in message for word in words), message
        assert not (work / "out").exists()

    @pytest.mark.parametrize(
        "arguments",
        [["newsletter", "in"], ["terms", "in"], ["train", "a.yaml"], ["finetune", "--data", "a.tsv"], ["distill", "--data", "in"]],
        ids=lambda arguments: arguments[0],
    )
    def test_an_empty_output_is_not_the_current_folder(
        self, work: Path, run: Run, refused: Callable[..., str], arguments: list[str]
    ) -> None:
        assert "--output is empty" in refused(run(*arguments, "--output", ""))

    def test_two_inputs_with_one_name(self, work: Path, run: Run, refused: Callable[..., str]) -> None:
        shutil.copy("in/b.md", "b.md")
        assert "b.md" in refused(run("translate", "in", "b.md", "-o", "out"))

    def test_a_folder_of_results(self, work: Path, run: Run, refused: Callable[..., str]) -> None:
        run("translate", "in", "-o", "out", "-q")
        assert "out: no *.md files in this folder; those that are there were written by earlier runs" in refused(
            run("translate", "out", "-o", "again")
        )

    @pytest.mark.skipif(sys.platform != "linux", reason="names of other bytes than UTF-8 are Linux's")
    def test_a_name_that_is_not_utf_8(self, work: Path, run: Run, refused: Callable[..., str]) -> None:
        Path(os.fsdecode("in/한글.md".encode("cp949"))).write_text(SHORT, encoding="utf-8")
        before = tree(work)
        assert "this name is not UTF-8; rename it" in refused(run("translate", "in", "-o", "out"))
        assert tree(work) == before

    def test_an_empty_folder(self, work: Path, run: Run, refused: Callable[..., str]) -> None:
        (work / "empty").mkdir()
        assert "empty" in refused(run("translate", "empty", "-o", "out"))

    @pytest.mark.parametrize(
        "arguments", [["nonsense"], ["translate"], ["translate", "in", "--layout", "latin"], ["models", "info"], ["--nonsense"]]
    )
    def test_wrong_usage_has_exit_code_2_and_no_traceback(self, run: Run, arguments: list[str]) -> None:
        result = run(*arguments)
        assert (result.code, result.out) == (2, b"")
        assert "Traceback" not in result.err
        assert result.err


class TestLines:
    def test_it_keeps_the_number_of_lines_and_the_blank_ones(self, work: Path, run: Run) -> None:
        given = "작은 모델도 쓸모 있는 답을 냅니다.\n\nplain\n  \n코드는 곧 공개됩니다. 데이터도 공개됩니다.\n"
        (work / "in.txt").write_text(given, encoding="utf-8")
        result = run("lines", "in.txt")
        assert (result.code, result.err) == (0, "")
        lines = result.text.split("\n")
        assert len(lines) == len(given.split("\n"))
        assert (lines[1], lines[2], lines[3], lines[5]) == ("", "plain", "  ", "")
        assert not re.search("[가-힣]", result.text)
        assert run("lines", stdin=given.encode()).out == result.out
        assert run("lines", stdin=given.replace("\n", "\r\n").encode()).out == result.out

    @pytest.mark.parametrize("given", ["", "\n", "\n\n\n", "a", "a\n"])
    def test_lines_without_korean_are_copied(self, run: Run, given: str) -> None:
        assert run("lines", stdin=given.encode()).out == given.encode()

    def test_a_byte_order_mark_is_no_part_of_the_first_line(self, run: Run) -> None:
        assert run("lines", stdin="\ufeffplain\nlines\n".encode()).out == b"plain\nlines\n"
        korean = "코드는 곧 공개됩니다.\n"
        assert run("lines", stdin=f"\ufeff{korean}".encode()).out == run("lines", stdin=korean.encode()).out

    def test_no_line_is_broken_in_two(self, run: Run) -> None:
        given = "첫째 문장입니다.\u2028둘째 문장입니다.\x0b셋째\u0085넷째입니다.<br>다섯째입니다.\n끝입니다.\n"
        assert run("lines", stdin=given.encode()).text.count("\n") == given.count("\n")

    def test_not_utf8(self, run: Run, refused: Callable[..., str]) -> None:
        assert "UTF-8" in refused(run("lines", stdin="한글".encode("cp949")))


class TestModels:
    def test_list_names_every_model_with_its_licence(self, run: Run) -> None:
        result = run("models", "list")
        assert result.code == 0
        lines = result.text.splitlines()
        assert any(line.startswith("digest-ko-en ") and "on this machine" in line for line in lines)
        assert any(line.startswith("opus-mt-ko-en ") and "not fetched" in line and "Apache-2.0" in line for line in lines)
        assert all("CC BY-NC" in line for line in lines if line.startswith("nllb"))

    def test_info_says_where_and_what(self, run: Run, tiny_marian: Path) -> None:
        from translator.engine.checkpoint import content_hash

        result = run("models", "info", tiny_marian)
        assert result.code == 0
        assert str(tiny_marian) in result.text
        assert content_hash(tiny_marian) in result.text
        assert "CC BY-NC" in run("models", "info", "digest-ko-en").text

    def test_info_says_what_the_catalogue_knows_of_a_model_that_is_not_here(self, run: Run) -> None:
        for name in ("opus-mt-ko-en", "Helsinki-NLP/opus-mt-ko-en"):
            result = run("models", "info", name)
            assert result.code == 0
            assert re.search(r"^licence +Apache-2\.0$", result.text, re.M)
            assert re.search(r"^parameters +78 M$", result.text, re.M)
            assert re.search(r"^folder +not fetched; `translator models fetch opus-mt-ko-en` does that$", result.text, re.M)

    def test_a_bundled_model_needs_no_fetching(self, run: Run) -> None:
        assert run("models", "fetch", "digest-ko-en").code == 0


class TestHelp:
    @pytest.mark.parametrize("command", [["translate"], ["lines"], ["models", "list"], ["models", "info"], ["models", "fetch"]])
    def test_every_command_has_an_example(self, run: Run, command: list[str]) -> None:
        result = run(*command, "--help")
        assert result.code == 0
        assert f"Example: translator {' '.join(command)}" in " ".join(result.text.split())

    def test_every_option_is_explained(self, run: Run) -> None:
        text = run("translate", "--help").text
        options = "output layout order model engine device config glossary dry-run force quiet"
        assert all(f"--{option}" in text for option in options.split())

    @pytest.mark.parametrize(
        ("command", "words"),
        [
            ("translate", ["[default: digest-ko-en]", "[default: source-first]", "[default: auto, a GPU", "[default: auto, ctranslate2"]),
            ("distill", ["[default: digest-ko-en]"]),
            ("finetune", ["[default: digest-ko-en]", "A YAML file of training settings", ".sqlite"]),
        ],
    )
    def test_defaults_and_files_are_said(self, run: Run, command: str, words: list[str]) -> None:
        text = " ".join(run(command, "--help").text.split())
        assert all(word in text for word in words), text

    def test_a_newsletter_speaks_of_no_engine(self, run: Run) -> None:
        assert "engine" not in run("newsletter", "--help").text

    def test_the_version_is_the_packages(self, run: Run) -> None:
        result = run("--version")
        assert (result.code, result.text) == (0, f"translator {translator.__version__}\n")

    def test_without_a_command_the_help_is_shown(self, run: Run) -> None:
        result = run()
        assert "translate" in result.text + result.err
        assert "models" in result.text + result.err


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A command line with `translator` in it, in a process of its own whose output is buffered as users' is."""
    here = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    named = f'translator() {{ "{sys.executable}" -m translator "$@"; }}; {command}'
    environment = {**here, "PYTHONPATH": str(REPOSITORY), **environment}
    return subprocess.run(["bash", "-c", named], capture_output=True, env=environment, check=False)


class TestStreams:
    """Standard input and output that are closed, full, or lack Korean."""

    @pytest.mark.parametrize(
        ("command", "sentence"),
        [
            ("translator translate - --memory none <&-", b"translator: standard input is closed: give it a text, or name a file\n"),
            ("translator lines <&-", b"translator: standard input is closed: give it a text, or name a file\n"),
            ("translator lines < in/b.md >&-", b"translator: standard output is closed: nothing can be written there\n"),
        ],
    )
    def test_closed_ones_are_told(self, work: Path, command: str, sentence: bytes) -> None:
        done = shell(command)
        assert (done.returncode, done.stderr) == (2, sentence)

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
    @pytest.mark.parametrize("command", ["translate - --memory none < in/b.md", "check --list", "lines in/b.md"])
    def test_a_full_disk_is_told(self, work: Path, command: str) -> None:
        done = shell(f"translator {command} > /dev/full")
        assert (done.returncode, done.stderr) == (2, b"translator: standard output cannot be written: No space left on device\n")

    def test_a_terminal_without_korean_gets_its_numbers_and_a_file_gets_utf_8(self, work: Path, run: Run) -> None:
        (work / "in/c.md").write_text("- 환각(hallucination)이 준다.\n", encoding="utf-8")
        run("translate", "in/c.md", "-o", "out", "--memory", "memory")
        done = shell("translator memory search 환각 --memory memory", PYTHONIOENCODING="latin-1")
        assert (done.returncode, done.stdout.split(b"(")[0]) == (0, rb"\ud658\uac01")
        done = shell("translator terms in --min-count 1", PYTHONIOENCODING="latin-1")
        assert (done.returncode, "환각\thallucination" in done.stdout.decode()) == (0, True)


class TestInterruption:
    def test_control_c_is_told_in_a_sentence_with_exit_code_130(self, tmp_path: Path) -> None:
        pipe = tmp_path / "lines.fifo"
        os.mkfifo(pipe)
        process = subprocess.Popen(
            [sys.executable, "-m", "translator", "lines", str(pipe)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=REPOSITORY
        )
        with pipe.open("wb"):  # opens once the command has begun to read
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        assert process.returncode == 130, err
        assert out == b""
        assert b"Traceback" not in err
        assert err.startswith(b"translator: ")


class TestReferences:
    def test_a_run_is_scored_against_references(self, work: Path, run: Run) -> None:
        run("translate", "in", "--output", "first")
        corrected = work / "references"
        for path in (work / "first").rglob("*.jsonl"):
            target = corrected / path.relative_to(work / "first")
            target.parent.mkdir(parents=True, exist_ok=True)
            rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            rows[0]["target"] = "Something else entirely."
            target.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        done = run("translate", "in", "--output", "second", "--references", corrected)
        quality = json.loads((work / "second" / "report.json").read_text(encoding="utf-8"))["quality"]
        assert quality["segments"] == sum(len(p.read_text(encoding="utf-8").splitlines()) for p in corrected.rglob("*.jsonl"))
        assert 20 < quality["systems"][0]["scores"]["bleu"]["value"] < 100
        assert f"BLEU    {quality['systems'][0]['scores']['bleu']['value']:.2f}" in done.text

    @pytest.mark.parametrize("arguments", [("in", "--dry-run"), ("-",)])
    def test_references_need_output_that_is_written(
        self, work: Path, run: Run, refused: Callable[..., str], arguments: tuple[str, ...]
    ) -> None:
        assert "--output" in refused(run("translate", *arguments, "--references", "in"))

    def test_references_of_other_files_are_told_before_anything_is_written(self, work: Path, run: Run, refused: Callable[..., str]) -> None:
        (work / "other").mkdir()
        (work / "other" / "c.jsonl").write_text('{"id": "x", "target": "English."}\n', encoding="utf-8")
        assert "no segment id" in refused(run("translate", "in", "--output", "out", "--references", "other"))
        assert not (work / "out").exists()

    def test_references_of_english_alone_are_told_with_what_helps_here(self, work: Path, run: Run, refused: Callable[..., str]) -> None:
        (work / "english.md").write_text("# Note\n\n- Even a small model is of use.\n", encoding="utf-8")
        sentence = refused(run("translate", "in/b.md", "--output", "out", "--references", "english.md"))
        assert "english.md is English Markdown without its source" in sentence
        assert "give records, or bilingual Markdown" in sentence

    def test_references_that_are_not_there_are_told_before_anything_is_written(
        self, work: Path, run: Run, refused: Callable[..., str]
    ) -> None:
        assert "nowhere" in refused(run("translate", "in", "--output", "out", "--references", "nowhere.jsonl"))
        assert not (work / "out").exists()
