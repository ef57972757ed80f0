"""An archive through the machines of a Ray cluster, as stages of Ray Data: read and segment, translate, write.

Files are read and segmented by tasks, translated window by window in a pool of actors that hold an engine each, and come back as
finished outputs, which the machine that started the run writes: it alone keeps the journal. What runs where and when, and doing again
what a killed worker or a lost machine had in hand, is left to Ray.
"""

import logging
import math
import os
import pickle
import platform
import re
import socket
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock, Thread
from typing import Any

from translator.config import Settings
from translator.document import Document
from translator.engine.loading import choose_device
from translator.errors import TranslatorError, UserError
from translator.files import SourceFile, read_source
from translator.interruption import Stop
from translator.memory import Context
from translator.outputs import Outputs, outputs_of
from translator.translation import Translator
from translator.windows import ParsedFile, Tell

_log = logging.getLogger(__name__)

LOCAL = "local"
_WINDOW = 32  # files translated together, about as many units as a window of the run on one machine has
_WINDOWS_EACH = 8  # at least, for an actor, so that all end at about the same time
_STORE = 256 * 2**20  # bytes for what is on its way between the processes of a cluster that is started here
_IN_HAND = 2  # windows of an actor: one is checked while the other is decoded
_TIMES = 5  # that a window is tried, where the processes that translate it die
_LONGEST = 24 * 3600.0  # seconds without a window from any actor
_LISTEN = 0.2  # seconds between two looks at whether the user pressed Ctrl-C
_REACH = 5.0  # seconds

# Read by Ray when it is imported or started: it tells nobody of the run, writes nothing to the terminal, starts no cluster unasked, and
# where it starts one here, listens on loopback only.
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
    "RAY_ENABLE_AUTO_CONNECT": "0",
}
_LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}

_Batch = Mapping[str, Any]
"""Rows of Ray Data in one column, `row`: pickled, for Ray is not to guess what they are."""


@dataclass(frozen=True, slots=True)
class Pool:
    """So many actors with an engine of so many threads each, and what each takes of its machine in the eyes of Ray."""

    actors: int
    threads: int
    cpus: float
    gpus: int


@dataclass(frozen=True, slots=True)
class _Work:
    """What an actor needs to translate as the machine that started the run would.

    `memory` is where the translation memory is (None: where this user's is by default, "none": there is none), `folder` the one that
    relative paths start from, and `context` what the translations depend on there.
    """

    settings: Settings
    memory: str | None
    folder: str
    context: Context


class _Desk:
    """An actor that all machines ask before they begin a window."""

    def __init__(self) -> None:
        self._is_closed = False
        self._begun: Counter[str] = Counter()

    def close(self) -> None:
        """No window may begin any more."""
        self._is_closed = True

    def begin(self, window: str) -> int:
        """How often a window was begun, this time included; 0 where it may not."""
        self._begun[window] += not self._is_closed
        return 0 if self._is_closed else self._begun[window]


class Cluster:
    """A connection to a Ray cluster; open_cluster makes one."""

    def __init__(self, settings: Settings, memory: str | None, pool: Pool) -> None:
        self._settings, self._memory, self.pool = settings, memory, pool

    def translate_files(self, translator: Translator, sources: Sequence[SourceFile], tell: Tell, stop: Stop) -> Iterator[list[Outputs]]:
        """The outputs of sources, by windows, in the order in which they are done; `tell` is told of characters of sources.

        Every machine reads the sources by the paths that they have here. Where `stop` is requested no new window begins, and those
        in hand still come; at once, Interrupted is raised. Raises UserError for what is wrong with a source or a machine.
        """
        import ray
        from ray.data.exceptions import ExecutionTimeoutError

        desk = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(_Desk).remote()
        batches = iter(self._stages(translator, sources, desk).iter_batches(batch_size=None))
        try:
            for batch in _until(stop, batches, desk.close.remote):
                window = _opened(batch)
                tell(sum(characters for characters, _ in window))
                yield [outputs for _, outputs in window]
        except (ray.exceptions.RayError, ExecutionTimeoutError) as error:
            _log.debug("the cluster failed", exc_info=True)
            raise TranslatorError(f"the cluster failed ({_reason(error)}); the same command goes on from there") from error

    def _stages(self, translator: Translator, sources: Sequence[SourceFile], desk: Any) -> Any:
        import ray

        files = [replace(source, path=source.path.absolute()) if source.path else source for source in sources]
        pool, size = self.pool, min(_WINDOW, math.ceil(len(files) / (_WINDOWS_EACH * self.pool.actors)))
        windows = math.ceil(len(files) / size)
        work = _Work(self._settings, self._memory, os.getcwd(), translator.context)  # noqa: PTH109 - a string
        actors = ray.data.ActorPoolStrategy(
            size=min(pool.actors, windows), max_concurrent_calls_per_actor=_IN_HAND, enable_true_multi_threading=True
        )
        takes = {"num_cpus": pool.cpus, "num_gpus": pool.gpus or None}
        return (
            ray.data.from_items([{"row": pickle.dumps(file)} for file in files], override_num_blocks=windows)
            .map_batches(_read_and_segment, batch_size=None, num_cpus=1 if pool.gpus else pool.cpus)
            .map_batches(_Engine, batch_size=None, fn_constructor_args=[work, desk], compute=actors, **takes)
        )


@contextmanager
def open_cluster(address: str, settings: Settings, memory: str | None, actors: int | None = None) -> Iterator[Cluster]:
    """A cluster to translate on: `local` starts one on this machine, `auto` is the one that runs here, `host:port` any other.

    `memory` is the location of the translation memory, or `none`. Without a number of actors there are as many as fit: one a GPU where
    the settings' device is one, else one for each `threads` CPUs of a machine, and `threads: 0` is then 1.
    Raises UserError where no cluster answers, no machine of it will do, or the memory is a file that other machines do not have.
    """
    if address != LOCAL and not (memory == "none" or "://" in (memory or "")):
        raise UserError(
            "a memory in a file is for one machine: with --cluster on several, give --memory postgresql://user@host/database, "
            "or --memory none"
        )
    settings = settings.model_copy(update={"device": choose_device(settings.device)})  # the same on every machine
    with _connected(address):
        import ray

        pool = actor_pool([node["Resources"] for node in ray.nodes() if node["Alive"]], settings, actors)
        yield Cluster(settings.model_copy(update={"threads": pool.threads}), memory, pool)


@contextmanager
def _connected(address: str) -> Iterator[None]:
    """Ray, connected to a cluster or to one that lives as long as this does."""
    _refuse_unreachable(address)
    for name, value in (_QUIET | (_LOOPBACK if address == LOCAL else {})).items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as error:
        raise UserError("--cluster needs one more package: pip install 'translator[ray]'") from error
    with TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:  # sockets and logs of a cluster of one's own
        try:
            _connect(address, folder)
            yield
        finally:
            ray.shutdown()


def _connect(address: str, folder: str) -> None:
    import ray
    import ray.data

    own = {"include_dashboard": False, "object_store_memory": _STORE, "_node_ip_address": "127.0.0.1", "_temp_dir": folder}
    try:
        with _silence():
            ray.init(address, log_to_driver=False, logging_level=logging.CRITICAL, **(own if address == LOCAL else {}))
    except TranslatorError:  # Ctrl-C
        raise
    except Exception as error:  # Ray raises bare ones, too
        hint = (
            "see that it runs, set RAY_AUTH_MODE=token if it asks for a token"
            if address != LOCAL
            else "see that this machine is not too busy"
        )
        raise UserError(f"no Ray cluster can be used at {address} ({_reason(error)}): {hint}") from error
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    context.execution_no_progress_timeout_s = _LONGEST


def _reason(error: Exception) -> str:
    """The line that says most: the last that names an error, for Ray's messages hold whole tracebacks, else the first."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return next((line for line in reversed(lines) if re.match(r"[\w.]*(Error|Exception)\b", line)), lines[0])[:300]


@contextmanager
def _silence() -> Iterator[None]:
    """Drops what compiled code writes on standard error, which no logger's level keeps back."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _refuse_unreachable(address: str) -> None:
    """Ray itself would try for minutes."""
    if address in (LOCAL, "auto"):
        return
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or "/" in host:
        raise UserError(f"--cluster {address}: an address is `local`, `auto`, or the host:port that `ray start --head` says")
    try:
        socket.create_connection((host, int(port)), _REACH).close()
    except (OSError, OverflowError) as error:
        raise UserError(
            f"no Ray cluster answers at {address} ({error}): start it with `ray start --head`, or use --cluster local"
        ) from error


def actor_pool(machines: Sequence[Mapping[str, float]], settings: Settings, actors: int | None) -> Pool:
    """The pool for machines of so many "CPU" and "GPU" each; settings.device must be `cpu` or `cuda`.

    Raises UserError where no machine has what an engine needs.
    """
    cpus, gpus = ([int(machine.get(kind, 0)) for machine in machines] for kind in ("CPU", "GPU"))
    if settings.device == "cuda":
        if not any(gpus):
            raise UserError("no machine of the cluster has a GPU: use --device cpu, or start its workers with `ray start --num-gpus`")
        return Pool(min(actors or sum(gpus), sum(gpus)), settings.threads, 1, 1)
    threads = settings.threads or max(1, sum(cpus) // actors if actors else 1)
    chosen = actors or sum(own // threads for own in cpus)
    if not chosen:
        raise UserError(f"no machine of the cluster has {threads} CPUs for an engine: set fewer `threads`")
    return Pool(chosen, threads, min(threads, math.floor(100 * sum(cpus) / chosen) / 100), 0)


def _until(stop: Stop, batches: Generator[_Batch], end: Callable[[], object]) -> Iterator[_Batch]:
    """Batches; `end` is called as soon as a stop is requested, also while one is waited for."""
    over = Event()
    Thread(target=_listen, args=(stop, over, end), daemon=True).start()
    try:
        while True:
            with stop.breaking():
                batch = next(batches, None)
            if batch is None:
                return
            yield batch
    finally:
        over.set()
        batches.close()


def _listen(stop: Stop, over: Event, end: Callable[[], object]) -> None:
    while not over.wait(_LISTEN):
        if stop.requested:
            end()
            return


def _read_and_segment(batch: _Batch) -> _Batch:
    """A stage: source files to parsed files."""
    return _step(batch, lambda sources: [ParsedFile(source, Document.parse(read_source(source))) for source in sources])


class _Engine:
    """A stage: parsed files to their outputs, each with the characters of its source. Several threads call it at once."""

    def __init__(self, work: _Work, desk: Any) -> None:
        self._work, self._desk = work, desk
        self._translator: Translator | None = None
        self._loading = Lock()

    def __call__(self, batch: _Batch) -> _Batch:
        return _step(batch, self._outputs)

    def _outputs(self, files: Sequence[ParsedFile]) -> list[tuple[int, Outputs]]:
        import ray

        name = files[0].source.name
        times = ray.get(self._desk.begin.remote(name))
        if times > _TIMES:
            raise TranslatorError(f"{_TIMES} processes died while they translated {name} and the {len(files) - 1} files after it")
        if not times:
            return []
        translator = self._ready()
        found = iter(translator.translate_units([unit for file in files for unit in file.document.units]))
        return [
            (len(document.source), outputs_of(file.source, document, [next(found) for _ in document.units], translator))
            for file in files
            for document in [file.document]
        ]

    def _ready(self) -> Translator:
        """The translator, made at the first call, where what is wrong with it can be told."""
        with self._loading:
            if self._translator is None:
                self._translator = _translator(self._work)
            return self._translator


def _translator(work: _Work) -> Translator:
    if Path(work.folder).is_dir():
        os.chdir(work.folder)
    memory = None
    if work.memory != "none":
        from translator.memory.store import Memory

        memory = Memory.open(work.memory)
    translator = Translator(work.settings, memory)
    if translator.context != work.context:
        raise UserError(f"the version of translator or of the model {work.settings.model} is not that of the machine where the run began")
    return translator


def _step(batch: _Batch, work: Callable[[list[Any]], Sequence[object]]) -> _Batch:
    """What comes of the rows of a batch; an error for the user, of this stage or the one before, is a row as well."""
    rows = [pickle.loads(row) for row in batch["row"]]
    if any(isinstance(row, TranslatorError) for row in rows):
        return batch
    try:
        made = work(rows)
    except TranslatorError as error:
        made = [type(error)(f"{error} (on {platform.node()})")]
    return {"row": [pickle.dumps(row) for row in made]}


def _opened(batch: _Batch) -> list[tuple[int, Outputs]]:
    """What the stages made of a window. Raises the error that one of them met."""
    rows = [pickle.loads(row) for row in batch["row"]]
    for row in rows:
        if isinstance(row, TranslatorError):
            raise row
    return rows
