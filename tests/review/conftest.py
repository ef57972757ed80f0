"""A small archive, translated, and its review: the folder, and the page's server on a free port."""

import http.client
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from translator import Settings
from translator.archive import translate_archive
from translator.memory.store import Memory
from translator.textfile import to_json_lines

SHARED = "학습 데이터의 품질이 결과에 큰 영향을 미칩니다."
DIGESTS = {
    "2026/11/02.md": f"""# 2026-11-02

## [RiverFlow: Planning with Water](https://example.org/papers/1)

Vote: 12

- 본 논문에서는 로봇의 경로를 계획하는 새로운 확산 모델(diffusion model) RiverFlow를 제안합니다.
- RiverFlow는 기존 방법보다 7.4% 높은 성공률을 보였습니다.
- {SHARED}

## [TinyJudge](https://example.org/papers/2)

- 작은 언어 모델도 답을 평가할 수 있습니다.
- 확산 모델(diffusion model)을 쓰지 않고 `judge.py` 한 파일로 실행됩니다.
""",
    "2026/11/03.md": f"""# 2026-11-03

## [WaveNote](https://example.org/papers/3)

- {SHARED}
- 코드는 https://example.org/wavenote 에서 볼 수 있습니다.
""",
}
SETTINGS = Settings(threads=1, layouts=["interleaved", "english"])


@dataclass(frozen=True, slots=True)
class Translated:
    """A translated archive: its sources, its outputs and the memory that goes with them."""

    sources: Path
    output: Path
    memory: Memory

    def translate(self, **options: Any) -> Any:
        return translate_archive([str(self.sources)], self.output, SETTINGS, memory=self.memory, **options)

    def outputs(self) -> dict[str, bytes]:
        """All but the journal and the report, which has times in it."""
        found = [path for path in sorted(self.output.rglob("*")) if path.is_file() and ".translator" not in path.parts]
        return {path.relative_to(self.output).as_posix(): path.read_bytes() for path in found if path.name != "report.json"}

    def flag(self, file: str, number: int, check: str = "lost-name", detail: str = "RiverFlow") -> None:
        """Puts a flag on a unit as a run would that has found it: into records that stay the run's own."""
        from translator.journal import content_key, open_journal

        path = f"{file.removesuffix('.md')}.jsonl"
        rows = [json.loads(line) for line in (self.output / path).read_text(encoding="utf-8").splitlines()]
        rows[number]["checks"] = [{"check": check, "detail": detail}]
        data = to_json_lines(rows).encode()
        with open_journal(self.output) as journal:
            done = journal.done(file)
            assert done
            (self.output / path).write_bytes(data)
            journal.finish(file, replace(done, outputs={**done.outputs, path: replace(done.outputs[path], key=content_key(data))}))


@pytest.fixture
def translated(tmp_path: Path) -> Iterator[Translated]:
    yield from translate(tmp_path, DIGESTS)


def translate(folder: Path, digests: dict[str, str]) -> Iterator[Translated]:
    for name, text in digests.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with Memory.open(folder / "memory.sqlite") as memory:
        found = Translated(folder / "in", folder / "out", memory)
        found.translate()
        yield found


@dataclass(frozen=True, slots=True)
class Serving:
    """A review that is served: the link, and how to end it."""

    url: str
    port: int
    stop: Any


def serve(translated: Translated, port: int = 0, glossary: Any = None) -> Serving:
    from translator.glossary import Glossary
    from translator.review.folder import ReviewFolder
    from translator.review.serving import ReviewServer

    server = ReviewServer(ReviewFolder(translated.output, translated.memory), translated.memory, glossary or Glossary(), port)
    ready = threading.Event()
    thread = threading.Thread(target=server.run, args=(lambda url: ready.set(),), daemon=True)
    thread.start()
    assert ready.wait(30)

    def stop() -> None:
        server.stop()
        thread.join(30)
        assert not thread.is_alive()

    return Serving(server.url, int(server.url.split(":")[2].split("/")[0]), stop)


@pytest.fixture
def served(translated: Translated) -> Iterator[Serving]:
    pytest.importorskip("fastapi", reason="fastapi is not installed")
    serving = serve(translated)
    yield serving
    serving.stop()


@dataclass(slots=True)
class Caller:
    """A browser without a window, or a stranger."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return int(self.url.split(":")[2].split("/")[0])

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        given = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        data = None if body is None else json.dumps(body)
        connection.request(method, path, data, {**({"Content-Type": "application/json"} if data else {}), **given})
        answer = connection.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
        connection.close()
        return found

    def enter(self) -> "Caller":
        status, headers, _ = self.ask("GET", self.url.split(str(self.port))[1])
        assert status == 303
        self.headers["Cookie"] = headers["set-cookie"].split(";")[0]
        self.headers["X-CSRF-Token"] = json.loads(self.ask("GET", "/api/session")[2])["csrf"]
        return self
