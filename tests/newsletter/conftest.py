"""Digests of the tests' own with records, as `translator translate` would have made them, and a browser to look at what becomes of them."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from translator import Document
from translator.newsletter.collection import read_digests
from translator.newsletter.digest import Digest
from translator.newsletter.sources import source_in

FIRST = """## 오늘의 논문 (2026-05-06)

### [WaveNote: Summaries of Speech](https://arxiv.org/abs/2605.01234)

![](https://pictures.example.org/wavenote.png)

Vote: 12

Authors: ['Ha-neul Kim', 'Ada Stone', 'Lin Wu', 'B. Four', 'C. Five', 'D. Six', 'E. Seven', '+', 'F. Eight']

- ***What's New***: 본 논문에서는 긴 회의를 요약하는 새로운 음성 언어 모델(speech language model)인 WaveNote를 제안합니다.
- ***Technical Details***: 손실 함수는 $L_1 + x^2$이며 코드는 https://example.org/wavenote/code 에 있습니다.
- ***Performance Highlights***: ['MeetBench에서 7.4% 높은 정확도를 보였습니다.', '메모리는 절반으로 줄었습니다.']

### [TideMap: Charts of the Sea](https://example.org/tidemap)

<div><video controls src="https://films.example.org/tidemap.mp4" muted="false"></video></div>

Vote: -

Authors: Mi-na Park, Jo Roe

1. 바다의 깊이를 그리는 방법을 소개한다.
2. **결과**: 모델은 <think> 표시를 씁니다.

| 모델 | 정확도 |
| --- | --- |
| 작은 모델 | 71.2 |

### [Notes]

- 이 예시는 시험을 위해 작성되었습니다.
"""
SECOND = """## Daily Papers (2026-05-07)

### [SmallLamp: Light for Reading](https://arxiv.org/abs/2605.02345)
![](https://pictures.example.org/smalllamp.png)

Vote: 40

Authors: Jo Roe

- 작은 등불 모델은 어두운 곳에서 글을 읽습니다.
- 확산 모델의 속도가 두 배 빨라졌습니다.
"""
UNDATED = "# 메모\n\n작은 모델도 쓸모 있는 답을 냅니다.\n\n## 첫째 절\n\n본문은 여기 있습니다.\n\n## 둘째 절\n\n끝입니다.\n"
HOSTILE = """## <script>alert("title")</script> 악성 제목 <img src=x onerror=alert(1)> (2026-05-08)

### [<b onclick=alert(2)>Evil</b> "quotes" & <svg onload=alert(3)> 논문](javascript:alert(4))

![x](javascript:alert(5))

Vote: 7

Authors: <script>alert(6)</script>, "><img src=x onerror=alert(7)>

- 링크 [클릭](javascript:alert(8)) 와 [데이터](data:text/html,<script>alert(9)</script>)입니다.
- <a href="javascript:alert(10)" onmouseover="alert(11)">다른 링크</a>입니다.
- <img src="https://pictures.example.org/pixel.png" onerror="alert(12)" style="position:fixed"> 그림이다.
- <svg><script>alert(13)</script></svg> 도형이다.
- 방향을 바꾸는 \u202eevil\u202c 글자와 \u2066isolate 표시가 있습니다.
- </span></li></ul></div></article></main> 닫는 태그를 씁니다. <style>body{display:none}</style> <iframe src="https://evil.example.org/"></iframe>
- [vbscript](vbscript:x) 와 [상대](/etc/passwd) 와 `<script>alert(14)</script>` 코드입니다.

<div onclick="alert(15)"><script>alert(16)</script><p style="color:red">블록 안의 글이다.</p>
<form action="https://evil.example.org/"><input name=q></form></div>

<meta http-equiv="refresh" content="0;url=https://evil.example.org/">

```html
<script>alert("한글 코드")</script>
```
"""


def english(text: str) -> str:
    """What stands for a translation: English words around the source's own Latin ones, which keep their order."""
    latin = " ".join(word for word in text.split() if word.isascii())
    return f"This says in English: {latin}".strip()


def record_rows(document: Document, targets: Mapping[int, str], checks: Mapping[int, Sequence[Mapping[str, str]]]) -> list[dict[str, Any]]:
    return [
        {
            "id": unit.id, "line": unit.line, "kind": unit.kind, "title": unit.title, "source": unit.text,
            "target": targets.get(number, english(unit.text)), "model": "test@0", "engine": "test", "score": -0.5,
            "checks": list(checks.get(number, [])),
        }
        for number, unit in enumerate(document.units)
    ]  # fmt: skip


Writer = Callable[..., Path]


@pytest.fixture
def write_digest(tmp_path: Path) -> Writer:
    """Writes a digest below `digests` and its records below `records`; `targets` and `checks` are by the number of the unit."""

    def write(
        name: str, text: str, targets: Mapping[int, str] | None = None, checks: Mapping[int, Sequence[Mapping[str, str]]] | None = None
    ) -> Path:
        source, records = tmp_path / "digests" / f"{name}.md", tmp_path / "records" / f"{name}.jsonl"
        for path in (source, records):
            path.parent.mkdir(parents=True, exist_ok=True)
        source.write_bytes(text.encode())
        rows = record_rows(Document.parse(text), targets or {}, checks or {})
        records.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return records

    return write


@pytest.fixture
def archive(tmp_path: Path, write_digest: Writer) -> Path:
    """The folder of the records of four digests: two of them with dates, one without, one hostile; two passages are flagged."""
    flags = {1: [{"check": "gloss-missing", "detail": "speech language model"}], 5: [{"check": "repetition", "detail": "deep sea"}]}
    write_digest("2026/05/06", FIRST, checks=flags)
    write_digest("2026/05/07", SECOND)
    write_digest(
        "2026/05/08", HOSTILE, targets={2: "A [link](javascript:alert(20)) <script>alert(21)</script> <img src=x onerror=alert(22)>"}
    )
    write_digest("memo", UNDATED)
    return tmp_path / "records"


@pytest.fixture
def digests(archive: Path, tmp_path: Path) -> list[Digest]:
    return read_digests([archive], source_in([tmp_path / "digests"]))


def only(digests: Sequence[Digest], slug: str) -> Digest:
    return next(digest for digest in digests if digest.slug == slug)


@pytest.fixture(scope="session")
def java() -> str:
    """A Java; a test that needs it is skipped where it is missing."""
    path = shutil.which("java")
    if path is None:
        pytest.skip("no Java here (apt-get install default-jre-headless)")
    return path
