"""Runs on a real Ray cluster of two nodes on loopback: the same bytes as on one machine, whoever dies meanwhile."""

import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import translator
from translator import Settings
from translator.archive import translate_archive
from translator.cluster import Cluster, Pool, _Desk, _Engine, _opened, _read_and_segment, _Work, actor_pool, open_cluster
from translator.errors import Interrupted, TranslatorError, UserError
from translator.files import SourceFile
from translator.interruption import Stop
from translator.memory.store import Memory
from translator.translation import Translator

os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # read when Ray is imported: nodes that have 127.0.0.1 only find each other
ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'translator[ray]'")
psutil = pytest.importorskip("psutil", reason="psutil, which finds the workers to kill, is not installed")

Run = Callable[..., Any]
Refused = Callable[..., str]
FILES = 24
SETTINGS = Settings(threads=1, layouts=["interleaved", "english"])
NODE = {"num_cpus": 1, "num_gpus": 0, "object_store_memory": 80 * 2**20, "node_ip_address": "127.0.0.1"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Digests in `in`, and in `plain` what one process makes of them."""
    folder = tmp_path_factory.mktemp("archive")
    for i in range(FILES):
        path = folder / "in" / f"{i % 3}/{i}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        title = f"# 오늘의 논문 {i}\n\n## [HarborNet{i}](https://example.org/{i})\n\nVote: {i}\n\n"
        news = "- 본 논문에서는 {n}개의 과제로 확산 모델 HarborNet{n}을 평가합니다. 실험 결과, 기존 방법보다 {n}% 높은 성능입니다.\n"
        bullets = "".join(news.format(n=100 * i + j) for j in range(8))
        path.write_text(f"{title}{bullets}- 작은 모델도 쓸모 있는 답을 냅니다.\n", encoding="utf-8")
    translate_archive([str(folder / "in")], folder / "plain", SETTINGS)
    return folder


@pytest.fixture(scope="module")
def nodes(archive: Path) -> Iterator[Any]:
    """Two nodes of one CPU each; their processes see the environment of the tests, the archive's converted model included."""
    from ray.cluster_utils import Cluster as Nodes

    nodes = Nodes(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    nodes.add_node(**NODE)
    yield nodes
    nodes.shutdown()


@pytest.fixture(scope="module")
def cluster(nodes: Any) -> Iterator[Cluster]:
    with open_cluster(nodes.address, SETTINGS, "none") as opened:
        yield opened


def pages(folder: Path) -> dict[str, bytes]:
    """The outputs: all but the journal and the report, which has times in it."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and ".translator" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files if path.name != "report.json"}


def translate(archive: Path, output: Path, cluster: Cluster | None, **options: Any) -> Any:
    if cluster:
        options["translate_files"] = cluster.translate_files
    return translate_archive([str(archive / "in")], output, SETTINGS, **options)


def engines() -> list[Any]:
    """The worker processes that hold an engine, as their titles say."""
    found = [process for process in psutil.process_iter(["cmdline"]) if "MapWorker" in "".join(process.info["cmdline"] or [])]
    return sorted(found, key=lambda process: process.pid)


def at_the_first_window(act: Callable[[], object]) -> Callable[[int], Any]:
    """Progress that acts once, when a window has come and others are still being translated."""

    @contextmanager
    def progress(total: int) -> Iterator[Callable[[int], object]]:
        left = [act]

        def tell(count: int) -> None:
            assert 0 < count < total
            if left:
                left.pop()()

        yield tell

    return progress


class TestTwoNodes:
    def test_the_same_bytes_as_in_one_process(self, archive: Path, cluster: Cluster, tmp_path: Path) -> None:
        assert cluster.pool == Pool(actors=2, threads=1, cpus=1, gpus=0)
        report = translate(archive, tmp_path / "out", cluster)
        assert pages(tmp_path / "out") == pages(archive / "plain")
        assert (report.files, report.skipped) == (FILES, 0)
        assert translate(archive, tmp_path / "out", None).skipped == FILES  # one journal for both ways

    def test_killed_workers_are_replaced_and_their_files_are_done_again(self, archive: Path, cluster: Cluster, tmp_path: Path) -> None:
        killed = []

        def kill_all() -> None:
            killed.extend(engines())
            for process in killed:
                process.kill()

        report = translate(archive, tmp_path / "out", cluster, progress=at_the_first_window(kill_all))
        assert killed
        assert not any(process.is_running() for process in killed)
        assert pages(tmp_path / "out") == pages(archive / "plain")
        assert (report.files, report.skipped) == (FILES, 0)

    def test_a_lost_machine_is_done_without(self, archive: Path, nodes: Any, cluster: Cluster, tmp_path: Path) -> None:
        third = nodes.add_node(**NODE)
        larger = Cluster(SETTINGS, "none", replace(cluster.pool, actors=3))
        lose = at_the_first_window(lambda: nodes.remove_node(third, allow_graceful=False))
        assert translate(archive, tmp_path / "out", larger, progress=lose).files == FILES
        assert pages(tmp_path / "out") == pages(archive / "plain")

    def test_control_c_ends_a_run_and_the_next_one_goes_on(self, archive: Path, cluster: Cluster, tmp_path: Path) -> None:
        interrupt = at_the_first_window(lambda: os.kill(os.getpid(), signal.SIGINT))
        smaller = Cluster(SETTINGS, "none", replace(cluster.pool, actors=1))  # so that windows are left that have not begun
        with pytest.raises(Interrupted, match=rf"interrupted: \d+ of {FILES} files are done"):
            translate(archive, tmp_path / "out", smaller, progress=interrupt)
        done = pages(tmp_path / "out")
        assert 0 < len(done) < 3 * FILES
        assert done.items() <= pages(archive / "plain").items()
        assert translate(archive, tmp_path / "out", cluster).skipped == len(done) // 3
        assert pages(tmp_path / "out") == pages(archive / "plain")

    def test_a_source_that_cannot_be_read_is_a_sentence_and_the_cluster_can_go_on(
        self, archive: Path, cluster: Cluster, tmp_path: Path
    ) -> None:
        gone = [SourceFile(archive / "in/0/0.md", Path("0.md")), SourceFile(archive / "gone.md", Path("gone.md"))]
        with Translator(SETTINGS) as translator:
            with pytest.raises(UserError, match=r"gone\.md cannot be read: No such file or directory \(on \S+\)$"):
                list(cluster.translate_files(translator, gone, lambda count: None, Stop()))
            [window] = cluster.translate_files(translator, gone[:1], lambda count: None, Stop())
        assert window[0].contents["0.english.md"] == (archive / "plain/0/0.english.md").read_bytes()

    def test_machines_that_would_translate_differently_are_refused(self, archive: Path, cluster: Cluster) -> None:
        other = Cluster(SETTINGS.model_copy(update={"beam_size": 2}), "none", cluster.pool)
        with (
            Translator(SETTINGS) as translator,
            pytest.raises(UserError, match="version of translator or of the model digest-ko-en is not"),
        ):
            list(other.translate_files(translator, [SourceFile(archive / "in/0/0.md", Path("0.md"))], lambda count: None, Stop()))

    def test_files_that_end_every_process_end_the_run(self, archive: Path, cluster: Cluster) -> None:
        with Translator(SETTINGS) as translator:
            work = _Work(SETTINGS, "none", str(archive), translator.context)
        engine = _Engine(work, ray.remote(num_cpus=0)(_Desk).remote())
        batch = _read_and_segment({"row": [pickle.dumps(SourceFile(archive / "in/0/0.md", Path("0.md")))]})
        for _ in range(5):
            [(_, outputs)] = _opened(engine(batch))
            assert outputs.contents["0.english.md"] == (archive / "plain/0/0.english.md").read_bytes()
        with pytest.raises(TranslatorError, match=r"5 processes died while they translated \S+0\.md and the 0 files after it"):
            _opened(engine(batch))


def start(archive: Path, output: Path, *more: str) -> subprocess.Popen[str]:
    """The command with a cluster of its own, in a process group of its own, as a terminal starts it."""
    command = [sys.executable, "-m", "translator", "translate", "in", "-o", str(output), "--cluster", "local", "--actors", "2"]
    settings = ["--config", "settings.yaml", "--memory", str(output.with_suffix(".sqlite")), *more]
    (archive / "settings.yaml").write_text("threads: 1\nlayouts: [interleaved, english]\n", encoding="utf-8")
    root = str(Path(translator.__file__).parent.parent)
    return subprocess.Popen(
        [*command, *settings],
        cwd=archive,
        env={**os.environ, "PYTHONPATH": root},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def descendants(run: subprocess.Popen[str]) -> list[Any]:
    return list(psutil.Process(run.pid).children(recursive=True))


class TestThisMachine:
    def test_the_same_bytes_nothing_but_the_summary_and_nothing_listens_beyond_loopback(self, archive: Path, tmp_path: Path) -> None:
        run = start(archive, tmp_path / "out")
        heard: set[str] = set()
        started: dict[int, Any] = {}
        while run.poll() is None:
            time.sleep(0.1)
            for process in descendants(run) if run.poll() is None else []:
                started[process.pid] = process
            heard |= {c.laddr.ip for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN and c.pid in {*started, run.pid}}
        assert run.stderr is not None
        lines = run.stderr.read().splitlines()
        assert run.returncode == 0, lines
        assert [line.partition(",")[0].partition(":")[0] for line in lines] == [f"{FILES} files", "0 units to look at", "beside each other"]
        assert heard
        assert all(ip.removeprefix("::ffff:") == "127.0.0.1" for ip in heard), heard
        assert not psutil.wait_procs(started.values(), timeout=60)[1]
        assert pages(tmp_path / "out") == pages(archive / "plain")
        with Memory.open(tmp_path / "out.sqlite") as memory:  # which two engines have written at the same time
            translate(archive, tmp_path / "again", None, memory=memory)
            [part] = memory.statistics().parts
            assert part.entries == FILES * (1 + 2 * 8) + 1  # a title, eight bullets of two sentences; one that all have
        assert pages(tmp_path / "again") == pages(archive / "plain")

    def test_control_c_from_the_terminal_reaches_all_processes_and_does_no_harm(self, archive: Path, tmp_path: Path) -> None:
        run = start(archive, tmp_path / "out")
        while run.poll() is None and not list((tmp_path / "out").rglob("*.jsonl")):
            time.sleep(0.05)
        os.killpg(run.pid, signal.SIGINT)
        time.sleep(0.3)
        os.killpg(run.pid, signal.SIGINT)
        _, err = run.communicate()
        assert run.returncode == 130, err
        assert "Traceback" not in err
        done = pages(tmp_path / "out")
        assert done.items() <= pages(archive / "plain").items()
        with Memory.open(tmp_path / "out.sqlite") as memory:
            assert translate(archive, tmp_path / "out", None, memory=memory).skipped == len(done) // 3
        assert pages(tmp_path / "out") == pages(archive / "plain")


class TestPool:
    @pytest.mark.parametrize(
        ("machines", "settings", "actors", "expected"),
        [
            ([4, 2], {"threads": 0}, None, Pool(6, 1, 1, 0)),
            ([4, 2], {"threads": 2}, None, Pool(3, 2, 2, 0)),
            ([7, 3], {"threads": 4}, None, Pool(1, 4, 4, 0)),
            ([8, 8], {"threads": 0}, 4, Pool(4, 4, 4, 0)),
            ([2], {"threads": 0}, 4, Pool(4, 1, 0.5, 0)),
            ([2], {"threads": 1}, 3, Pool(3, 1, 0.66, 0)),
        ],
        ids=str,
    )
    def test_on_cpus(self, machines: list[int], settings: dict[str, Any], actors: int | None, expected: Pool) -> None:
        assert actor_pool([{"CPU": cpus} for cpus in machines], Settings(device="cpu", **settings), actors) == expected

    def test_an_engine_a_gpu_at_most(self) -> None:
        machines = [{"CPU": 16, "GPU": 4}, {"CPU": 8}, {"CPU": 8, "GPU": 1}]
        settings = Settings(device="cuda")
        assert actor_pool(machines, settings, None) == Pool(5, 0, 1, 1)
        assert actor_pool(machines, settings, 2).actors == 2
        assert actor_pool(machines, settings, 9).actors == 5
        with pytest.raises(UserError, match="no machine of the cluster has a GPU"):
            actor_pool([{"CPU": 8}], settings, None)

    def test_no_machine_is_large_enough(self) -> None:
        with pytest.raises(UserError, match="no machine of the cluster has 8 CPUs"):
            actor_pool([{"CPU": 4}, {"CPU": 4}], Settings(threads=8, device="cpu"), None)


class TestRefusals:
    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            (["--cluster", "auto", "--memory", "{folder}/memory.sqlite"], "a memory in a file is for one machine"),
            (["--cluster", "ray://127.0.0.1:10001"], "an address is `local`, `auto`, or the host:port"),
            (["--cluster", "somewhere"], "an address is `local`, `auto`, or the host:port"),
            (["--cluster", "127.0.0.1:99999"], "no Ray cluster answers at 127.0.0.1:99999"),
            (["--actors", "2"], "--actors is for --cluster"),
            (["--cluster", "local", "--dry-run"], "--cluster is for what is written"),
        ],
        ids=str,
    )
    def test_what_cannot_be(self, archive: Path, tmp_path: Path, run: Run, refused: Refused, options: list[str], sentence: str) -> None:
        given = [option.format(folder=tmp_path) for option in options]
        assert sentence in refused(run("translate", archive / "in", "-o", tmp_path / "out", *given))
        assert not (tmp_path / "out").exists()

    def test_nobody_answers(self, archive: Path, tmp_path: Path, run: Run, refused: Refused) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        assert "no Ray cluster answers at" in refused(
            run("translate", archive / "in", "-o", tmp_path / "out", "--cluster", f"127.0.0.1:{port}")
        )

    def test_without_ray(self, archive: Path, tmp_path: Path, run: Run, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "ray", None)
        assert "pip install 'translator[ray]'" in refused(run("translate", archive / "in", "-o", tmp_path / "out", "--cluster", "local"))
