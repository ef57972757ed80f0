"""A PostgreSQL server of this session's own, on loopback, and a memory in each kind of database."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from translator.memory.store import Memory

INSTALL = "TRANSLATOR_TEST_INSTALL"


def _programs() -> Path | None:
    """Where the server's programs are: the latest of Debian's folders, or wherever initdb is found."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = debian[-1] if debian else shutil.which("initdb")
    return Path(found).parent if found else None


def _install() -> None:
    """Debian's package, where that is this machine's purpose: as root in CI, or where INSTALL is set."""
    if os.geteuid() != 0 or not shutil.which("apt-get") or not (os.environ.get("CI") or os.environ.get(INSTALL)):
        pytest.skip(f"PostgreSQL is not installed; as root, {INSTALL}=1 lets these tests install Debian's package")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("update", "install --yes --no-install-recommends postgresql"):
        done = subprocess.run(["apt-get", "--quiet", *command.split()], capture_output=True, text=True, env=environment, check=False)
        if done.returncode:
            pytest.skip(f"PostgreSQL could not be installed: {done.stderr.strip().splitlines()[-1:]}")


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server that can be stopped and started."""

    programs: Path
    data: Path
    port: int
    as_user: tuple[str, ...]

    def call(self, *command: str | Path) -> None:
        subprocess.run([*self.as_user, *map(str, command)], check=True, capture_output=True, cwd="/")

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.data} -c fsync=off -c max_connections=30"
        self.call(self.programs / "pg_ctl", "start", "-D", self.data / "db", "-w", "-l", self.data / "log", "-o", options)

    def stop(self, mode: str = "fast") -> None:
        self.call(self.programs / "pg_ctl", "stop", "-D", self.data / "db", "-w", "-m", mode)

    @property
    def url(self) -> str:
        return f"postgresql://translator@127.0.0.1:{self.port}/postgres"

    def empty(self) -> None:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    pytest.importorskip("psycopg")
    if _programs() is None:
        _install()
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL's initdb is not found")
    data = Path(tempfile.mkdtemp(prefix="translator-postgresql-"))  # not in pytest's folder, which only its owner may enter
    as_user: tuple[str, ...] = ()
    if os.geteuid() == 0:  # the server refuses to run as root
        as_user = ("runuser", "-u", "nobody", "--")
        shutil.chown(data, "nobody")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    server = Server(programs, data, port, as_user)
    try:
        try:
            server.call(programs / "initdb", "-D", data / "db", "-U", "translator", "-A", "trust", "-E", "UTF8", "--locale=C")
            server.start()
        except subprocess.CalledProcessError as error:
            pytest.skip(f"PostgreSQL does not run here: {error.stderr.decode(errors='replace').strip()[-200:]}")
        yield server
        server.stop("immediate")
    finally:
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty memory may be made: a file, then a server."""
    if request.param == "sqlite":
        return str(tmp_path / "memory.sqlite")
    server: Server = request.getfixturevalue("postgresql")
    server.empty()
    return server.url


@pytest.fixture
def memory(location: str) -> Iterator[Memory]:
    with Memory.open(location) as memory:
        yield memory
