"""Two systems' records of four digests with flags, titles, and texts that would like to do something in a browser."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ENGLISH, FORTY_KOREAN, run_command

HOSTILE = (
    "<script>document.title = 'owned'</script>",
    "<img src=x onerror=\"document.title = 'owned'\">",
    '"><svg onload=\'document.title = "owned"\'><b>bold</b>',
    "</td></table></style></script><script>document.title = 'owned'</script>",
    "{{ 7 * 7 }} {% raw %} ${document.title = 'owned'}",
    "user\u202egnp.exe\u2066 \u0001 end",
    "x" * 400,
    "' onfocus='document.title=1' autofocus='",
)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What was evaluated into a page: hypotheses, and where they come from, by number of the segment from 1."""

    page: Path
    hypotheses: tuple[str, ...]
    titles: tuple[str, ...]
    flags: tuple[tuple[str, ...], ...]


def reference(i: int) -> str:
    return f"In study {i + 1}, {ENGLISH[i % 12]}"


def hypothesis(i: int, worse: int) -> str:
    """The reference without some of its words, as many as its number says; some hold what HTML would act on."""
    words = reference(i).split()
    text = " ".join(word for at, word in enumerate(words) if (at + i) % (2 + (i + worse) % 9) or at < 3)
    return f"{text} {HOSTILE[i // 5]}" if i % 5 == 0 else text


def title(i: int) -> str:
    return "<i>Paper</i> \"Q\" & 'A'" if i % 4 == 0 else f"Paper {i % 4}"


def flags(i: int) -> tuple[str, ...]:
    return tuple(name for name, every in (("hangul", 7), ("lost-name", 5), ("<u>odd</u> kind", 11)) if i % every == 0)


def write_records(folder: Path, texts: list[str], *, reference: bool = False) -> Path:
    """Ten segments a file, a file a day; a reference says nothing but its text."""
    folder.mkdir(parents=True)
    for day in range(4):
        rows = []
        for i in range(10 * day, 10 * day + 10):
            row: dict[str, object] = {"id": f"u{i}\" onclick='x'", "target": texts[i]}
            if not reference:
                checks = [{"check": name, "detail": HOSTILE[i % 8]} for name in flags(i)]
                row |= {"title": title(i), "kind": "bullet", "source": FORTY_KOREAN[i], "checks": checks}
            rows.append(json.dumps(row, ensure_ascii=False) + "\n")
        (folder / f"2026-11-0{day + 1}.jsonl").write_text("".join(rows), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    """A system against a baseline, with lists short enough to leave segments out."""
    folder = tmp_path_factory.mktemp("report")
    texts = [hypothesis(i, worse=0) for i in range(40)]
    system = write_records(folder / "new <b>system", texts)
    before = write_records(folder / "old", [hypothesis(i, worse=3) for i in range(40)])
    wanted = write_records(folder / "reference", [reference(i) for i in range(40)], reference=True)
    page = folder / "page.html"
    options = ("--baseline", before, "--bootstrap", 100, "--by", "file", "--html", page, "--html-segments", 6, "--quiet")
    done = run_command("evaluate", system, "--reference", wanted, *options)
    assert done.code == 0, done.err
    return Evaluated(page, tuple(texts), tuple(title(i) for i in range(40)), tuple(flags(i) for i in range(40)))


@pytest.fixture(scope="session")
def two_systems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of two systems, without baseline, flags, sources or dates."""
    folder = tmp_path_factory.mktemp("systems")
    for name, texts in (("good", [hypothesis(i, 0) for i in range(40)]), ("bad", ["bad"] * 40), ("ref", [reference(i) for i in range(40)])):
        (folder / f"{name}.en").write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    page = folder / "page.html"
    options = ("--bootstrap", 0, "--html", page, "--html-segments", 5, "--quiet")
    done = run_command("evaluate", folder / "good.en", folder / "bad.en", "--reference", folder / "ref.en", *options)
    assert done.code == 0, done.err
    return page
