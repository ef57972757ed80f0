"""The command from end to end, and its errors in one sentence."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def theme(tmp_path: Path) -> Path:
    path = tmp_path / "theme.yaml"
    path.write_text("title: Lamp News\nbase_url: https://lamp.example.org\n", encoding="utf-8")
    return path


def made(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_all_formats_at_once_and_again_without_change(archive: Path, theme: Path, tmp_path: Path, run: Run) -> None:
    asked = [
        "newsletter",
        archive,
        "--sources",
        tmp_path / "digests",
        "-o",
        tmp_path / "out",
        "--theme",
        theme,
        "--format",
        "site,email,feed,epub",
    ]
    result = run(*asked)
    assert (result.code, result.out) == (0, b"")
    found = made(tmp_path / "out")
    assert {
        "site/index.html",
        "site/2026/05/06.html",
        "site/atom.xml",
        "site/rss.xml",
        "email/2026-05-06.eml",
        "epub/2026-05.epub",
    } <= found
    assert f"{len(found) - 1} files, {len(found) - 1} new or changed, 0 removed" in result.err
    assert f"{len(found) - 1} files, 0 new or changed, 0 removed" in run(*asked).err
    assert 'href="../../atom.xml"' in (tmp_path / "out/site/2026/05/06.html").read_text(encoding="utf-8")


def test_a_selection_narrows_every_format(archive: Path, theme: Path, tmp_path: Path, run: Run) -> None:
    asked = [
        "newsletter",
        archive,
        "--sources",
        tmp_path / "digests",
        "-o",
        tmp_path / "out",
        "--theme",
        theme,
        "--format",
        "site,email",
        "-q",
    ]
    assert run(*asked).code == 0
    result = run(*asked, "--select", "since=2026-05-06,until=2026-05-07", "--select", "top=1", "--round-up", "week")
    assert (result.code, result.err) == (0, "")
    found = made(tmp_path / "out")
    assert {name for name in found if name.startswith("email/")} == {"email/2026-W19.eml"}
    assert {name for name in found if name.startswith("site/2026/")} == {"site/2026/05/06.html", "site/2026/05/07.html"}
    assert "site/memo.html" not in found


def test_the_examples_of_the_repository_as_the_readme_says(tmp_path: Path, run: Run) -> None:
    assert run("translate", REPOSITORY / "examples", "-o", tmp_path / "en", "-q").code == 0
    assert run("newsletter", tmp_path / "en", "--sources", REPOSITORY / "examples", "-o", tmp_path / "out", "-q").code == 0
    page = (tmp_path / "out/site/2026/11/04.html").read_text(encoding="utf-8")
    assert "LanternRAG" in page
    assert "../../pictures/" in page
    assert len(list((tmp_path / "out/site/pictures").iterdir())) == 3


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--format", "site,pdf"], "--format pdf: the formats are site, email, feed, epub"),
        (["--format", "feed"], "the theme needs a base_url"),
        (["--select", "best"], "expected one of"),
        (["--theme", "nowhere.yaml"], "nowhere.yaml cannot be read"),
        (["--sources", "."], "the digest it is of is not in"),
        (["--format", "email", "--send", "smtp://127.0.0.1"], "takes both --send"),
        (["--send", "smtp://127.0.0.1", "--recipients", "readers.txt"], "give --format email"),
        (["--round-up", "week"], "--round-up is about e-mails: give --format email"),
        (["--format", "email", "--journal", "sent.jsonl"], "--journal is about sending: give --send and --recipients"),
        (["--format", "email", "--retry-uncertain"], "--retry-uncertain is about sending: give --send and --recipients"),
    ],
)
def test_refusals(
    archive: Path, tmp_path: Path, run: Run, refused: Callable[[Any], str], more: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "readers.txt").write_text("a@example.org\n", encoding="utf-8")
    sources = [] if "--sources" in more else ["--sources", tmp_path / "digests"]
    assert said in refused(run("newsletter", archive, "-o", "out", *sources, *more))
    assert not (tmp_path / "out").exists()


def test_english_alone_needs_the_digests(
    write_digest: Callable[..., Path], tmp_path: Path, run: Run, refused: Callable[[Any], str]
) -> None:
    text = "# 메모\n\n작은 모델도 쓸모 있는 답을 냅니다.\n"
    records = write_digest("memo", text, targets={0: "Note", 1: "Even a small model gives useful answers."})
    records.with_suffix(".md").write_text("# Note\n\nEven a small model gives useful answers.\n", encoding="utf-8")
    sentence = refused(run("newsletter", records, "-o", tmp_path / "out"))
    assert "none of its Korean" in sentence
    assert "--sources DIR" in sentence
    assert run("newsletter", records, "-o", tmp_path / "out", "--sources", tmp_path / "digests", "-q").code == 0


def test_a_line_that_is_no_record_is_named(archive: Path, tmp_path: Path, run: Run, refused: Callable[[Any], str]) -> None:
    with (archive / "memo.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": "x"}) + "\n")
    assert "memo.jsonl, line 7: no record" in refused(run("newsletter", archive, "--sources", tmp_path / "digests", "-o", tmp_path / "out"))


def test_without_the_extra_the_command_says_what_to_install(archive: Path, tmp_path: Path) -> None:
    program = (
        "import sys, importlib.util\nreal = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *more: None if name in ('nh3', 'feedgen') else real(name, *more)\n"
        f"sys.argv = ['translator', 'newsletter', {str(archive)!r}, '-o', {str(tmp_path / 'out')!r}]\n"
        "from translator.__main__ import main\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=REPOSITORY)
    assert done.returncode == 2
    assert done.stderr == "translator: newsletters need feedgen, nh3, which is not installed: pip install 'translator[newsletter]'\n"
