"""A memory in PostgreSQL under the engines of a Ray cluster."""

from pathlib import Path
from typing import Any

import pytest

from translator import Settings
from translator.archive import translate_archive
from translator.cluster import open_cluster
from translator.memory.store import Memory

pytest.importorskip("ray", reason="Ray is not installed: pip install 'translator[ray]'")

SETTINGS = Settings(threads=1, layouts=["english"])


def pages(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != "report.json"}


def test_what_people_wrote_is_used_and_what_engines_make_is_stored(postgresql: Any, tmp_path: Path) -> None:
    from translator.memory import Entry

    postgresql.empty()
    (tmp_path / "in").mkdir()
    for i in range(8):
        bullets = f"- 모델 RiverNet{i}은 {i + 20}% 빠릅니다.\n- 작은 모델도 쓸모 있는 답을 냅니다.\n"
        (tmp_path / "in" / f"{i}.md").write_text(bullets, encoding="utf-8")
    with Memory.open(postgresql.url) as memory:
        memory.add_human([Entry("작은 모델도 쓸모 있는 답을 냅니다.", "Small models help, too.", "human")])
        with open_cluster("local", SETTINGS, postgresql.url, 2) as cluster:
            report = translate_archive(
                [str(tmp_path / "in")], tmp_path / "out", SETTINGS, memory=memory, translate_files=cluster.translate_files
            )
        assert (report.files, report.human_units) == (8, 8)
        assert sorted(part.entries for part in memory.statistics().parts) == [1, 8]
        translate_archive([str(tmp_path / "in")], tmp_path / "plain", SETTINGS, memory=memory)
    assert pages(tmp_path / "out") == pages(tmp_path / "plain")
    assert all(b"Small models help, too." in data for name, data in pages(tmp_path / "out").items() if name.endswith(".md"))
