"""Files through a translator in windows: the sentences of many files share batches, and memory holds a few windows at a time.

While one window is decoded, the one before is checked and written and the one after is read and segmented.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

from translator.document import Document
from translator.errors import Interrupted
from translator.files import SourceFile, read_source
from translator.interruption import Stop
from translator.translation import Progress, Translation, Translator

WINDOW = 2000  # units translated together: enough for full batches of most lengths
_IN_HAND = 2  # windows


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A source and its document."""

    source: SourceFile
    document: Document


Tell = Callable[[int], object]
"""Told of characters of sources that are settled."""
_Window = Sequence[ParsedFile]


def translate_files(
    translator: Translator, sources: Iterable[SourceFile], tell: Tell, stop: Stop
) -> Iterator[list[tuple[ParsedFile, list[Translation]]]]:
    """The translations of each window's files, in the order of the sources.

    Where `stop` is requested no new window begins, and those in hand still come; at once, Interrupted is raised.
    """
    waiting: deque[tuple[_Window, Future[list[Translation]]]] = deque()
    careful = _Careful(tell)
    pool = ThreadPoolExecutor(_IN_HAND)
    try:
        for window in _windows(sources):
            if stop.requested:
                break
            waiting.append((window, pool.submit(_translated, translator, window, careful, stop)))
            if len(waiting) > _IN_HAND - 1:
                yield _shared_out(*waiting.popleft())
        while waiting:
            yield _shared_out(*waiting.popleft())
    except BaseException:
        stop.ask()
        stop.ask()  # the workers need not finish what nobody will write
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _windows(sources: Iterable[SourceFile]) -> Iterator[_Window]:
    """The files in windows, the first of half the size: two then never wait for their checks at the same time."""
    window: list[ParsedFile] = []
    units, wanted = 0, WINDOW // 2
    for source in sources:
        window.append(ParsedFile(source, Document.parse(read_source(source))))
        units += len(window[-1].document.units)
        if units >= wanted:
            yield window
            window, units, wanted = [], 0, WINDOW
    if window:
        yield window


def _translated(translator: Translator, window: _Window, tell: Tell, stop: Stop) -> list[Translation]:
    settled = in_proportion(tell, sum(len(file.document.source) for file in window))

    def checked(done: int, total: int) -> None:
        if stop.at_once:
            raise Interrupted("interrupted")
        settled(done, total)

    return translator.translate_units([unit for file in window for unit in file.document.units], checked)


def in_proportion(tell: Tell, size: int) -> Progress:
    """Tells of `size` bit by bit, as sentences are settled."""
    told = 0

    def settled(done: int, total: int) -> None:
        nonlocal told
        now = size * done // total if total else size
        tell(now - told)
        told = now

    return settled


def _shared_out(window: _Window, future: Future[list[Translation]]) -> list[tuple[ParsedFile, list[Translation]]]:
    found = iter(future.result())
    return [(file, [next(found) for _ in file.document.units]) for file in window]


class _Careful:
    """Lets one thread at a time tell."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._lock = tell, Lock()

    def __call__(self, count: int) -> None:
        with self._lock:
            self._tell(count)
