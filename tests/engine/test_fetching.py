"""`translator models fetch` against a hub on this machine, and without any network."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

COMMIT = "c0ffee" * 6 + "abcd"
REPOSITORY = Path(__file__).parent.parent.parent


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as a download needs: a model's listing and its files."""

    folder: Path
    asked: list[str]
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        self.asked.append(path)
        names = [file.name for file in sorted(self.folder.iterdir())]
        if path in ("/api/models/org/tiny", "/api/models/org/tiny/revision/main", f"/api/models/org/tiny/revision/{COMMIT}"):
            siblings = [{"rfilename": name} for name in names]
            self._send(200, json.dumps({"id": "org/tiny", "modelId": "org/tiny", "sha": COMMIT, "siblings": siblings}).encode(), body=body)
        elif path.startswith("/api/models/org/tiny/tree/"):
            files = [{"type": "file", "path": name, "oid": "0" * 40, "size": (self.folder / name).stat().st_size} for name in names]
            self._send(200, json.dumps(files).encode(), body=body)
        elif path.startswith("/org/tiny/resolve/") and path.rpartition("/")[2] in names:
            self._send(200, (self.folder / path.rpartition("/")[2]).read_bytes(), body=body)
        else:
            self._send(404, b'{"error": "Repository not found"}', body=body, error="RepoNotFound")

    def _send(self, status: int, data: bytes, *, body: bool, error: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Type", "application/json")
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        if error:
            self.send_header("X-Error-Code", error)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def hub(tmp_path: Path, tiny_marian: Path) -> Iterator[tuple[str, Path, list[str]]]:
    """The hub's address, the folder that it serves, and the paths that were asked for."""
    folder, asked = tmp_path / "served", []
    folder.mkdir()
    for file in tiny_marian.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    for name in ("pytorch_model.bin", "tf_model.h5", "flax_model.msgpack", "README.md"):
        (folder / name).write_bytes(b"not wanted")
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Served", (Hub,), {"folder": folder, "asked": asked}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder, asked
    server.shutdown()
    server.server_close()
    thread.join()


def run(arguments: list[str], home: Path, endpoint: str, **more: str) -> subprocess.CompletedProcess[str]:
    proxies = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "HF_HUB_OFFLINE", "HF_TOKEN")
    kept = {name: value for name, value in os.environ.items() if name not in proxies}
    return subprocess.run(
        [sys.executable, "-m", "translator", *arguments],
        env=kept | {"HF_HOME": str(home), "HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1"} | more,
        capture_output=True, text=True, timeout=120, cwd=REPOSITORY, check=False,
    )  # fmt: skip


def test_a_model_is_fetched_once_and_then_used_offline(hub: tuple[str, Path, list[str]], tmp_path: Path) -> None:
    endpoint, _, asked = hub
    done = run(["models", "fetch", "org/tiny"], tmp_path / "home", endpoint)
    assert done.returncode == 0, done.stderr
    fetched = {path.rpartition("/")[2] for path in asked if "/resolve/" in path}
    assert {"model.safetensors", "config.json", "source.spm", "target.spm", "vocab.json", "tokenizer_config.json"} <= fetched
    assert not fetched & {"pytorch_model.bin", "tf_model.h5", "flax_model.msgpack"}  # weights once

    nowhere = "http://127.0.0.1:9"
    shown = run(["models", "info", "org/tiny"], tmp_path / "home", nowhere)
    assert shown.returncode == 0, shown.stderr
    assert COMMIT in shown.stdout
    (tmp_path / "in.txt").write_text("작은 모델도 충분히 쓸모 있는 답을 낸다.\n", encoding="utf-8")
    line = run(["lines", str(tmp_path / "in.txt"), "--model", "org/tiny"], tmp_path / "home", nowhere)
    assert line.returncode == 0, line.stderr
    assert line.stdout.strip()


def test_a_pickled_model_is_fetched_where_there_are_no_safetensors(hub: tuple[str, Path, list[str]], tmp_path: Path) -> None:
    endpoint, folder, asked = hub
    (folder / "model.safetensors").unlink()
    done = run(["models", "fetch", "org/tiny"], tmp_path / "home", endpoint)
    assert done.returncode == 0, done.stderr
    assert any(path.endswith("/pytorch_model.bin") for path in asked)


@pytest.mark.parametrize("name", ["org/unknown", "a/b/c/d", "bad name"])
def test_a_name_that_the_hub_does_not_know(hub: tuple[str, Path, list[str]], tmp_path: Path, name: str) -> None:
    done = run(["models", "fetch", name], tmp_path / "home", hub[0])
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("translator: ")
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_network(tmp_path: Path) -> None:
    done = run(["models", "fetch", "org/tiny"], tmp_path / "home", "http://127.0.0.1:9")
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("translator: org/tiny could not be fetched")


def test_while_offline_is_asked_for(tmp_path: Path) -> None:
    done = run(["models", "fetch", "org/tiny"], tmp_path / "home", "http://127.0.0.1:9", HF_HUB_OFFLINE="1")
    assert done.returncode == 2, done.stderr
    assert "HF_HUB_OFFLINE" in done.stderr


def test_a_cache_that_cannot_be_written(hub: tuple[str, Path, list[str]], tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    done = run(["models", "fetch", "org/tiny"], tmp_path / "home", hub[0])
    assert done.returncode in (1, 2), done.stderr
    assert "Traceback" not in done.stderr
