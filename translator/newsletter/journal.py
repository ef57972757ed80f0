"""What was sent to whom: a file of JSON lines that only grows, each line on the disk before the next step is taken.

A message is handed over between two lines: `intent`, before its text goes to the server, and `sent` or `refused`, after the
server's answer. Where a run ends between the two, nobody can know whether the server has the message: it counts as uncertain.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

from filelock import FileLock, Timeout

from translator.errors import UserError
from translator.textfile import read_json_lines

State = Literal["new", "intent", "sent", "refused"]


class Journal:
    """The states of the messages of a newsletter, by issue and recipient; use opened()."""

    def __init__(self, path: Path, file: IO[bytes], states: dict[tuple[str, str], State]) -> None:
        self._path, self._file, self._states = path, file, states

    def state(self, issue: str, recipient: str) -> State:
        """`new` for what the journal does not know."""
        return self._states.get((issue, recipient.lower()), "new")

    def note(self, issue: str, recipient: str, state: State, detail: str = "") -> None:
        """Adds a line, and returns once it is on the disk."""
        row = {"issue": issue, "recipient": recipient.lower(), "state": state}
        line = json.dumps({**row, "detail": detail} if detail else row, ensure_ascii=False) + "\n"
        try:
            self._file.write(line.encode())
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise UserError(f"{self._path} cannot be written ({error.strerror}), and nothing is sent that it does not tell of") from error
        self._states[issue, recipient.lower()] = state


@contextmanager
def opened(path: Path) -> Iterator[Journal]:
    """A journal, which is this process's alone. Raises UserError where another run has it, or where it cannot be read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{path}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise UserError(f"{path}: another run is sending; wait for it to end") from error
    try:
        states = _states(path)
        with path.open("ab") as file:
            yield Journal(path, file, states)
    finally:
        lock.release()


def _states(path: Path) -> dict[tuple[str, str], State]:
    if not path.exists():
        return {}
    data = path.read_bytes()
    if data and not data.endswith(b"\n"):  # a line that a crash cut off: what it was to say did not happen yet
        os.truncate(path, data.rfind(b"\n") + 1)
    states: dict[tuple[str, str], State] = {}
    for number, row in read_json_lines(path):
        if row.get("state") not in ("intent", "sent", "refused") or not row.get("issue") or not row.get("recipient"):
            raise UserError(f"{path}, line {number}: no line of a journal; what was sent cannot be known, so nothing is")
        states[str(row["issue"]), str(row["recipient"])] = row["state"]
    return states
