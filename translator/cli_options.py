"""What the commands share: options, settings, progress and messages."""

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer


class Layout(StrEnum):
    """See translator.document."""

    interleaved = "interleaved"
    table = "table"
    english = "english"


class Order(StrEnum):
    """See translator.document."""

    source_first = "source-first"
    target_first = "target-first"


class Engine(StrEnum):
    """See translator.engine.loading."""

    auto = "auto"
    ctranslate2 = "ctranslate2"
    transformers = "transformers"


class Device(StrEnum):
    """See translator.engine.loading."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


ModelOption = Annotated[
    str | None,
    typer.Option("--model", help="A name from `translator models list`, a hub name, or a folder. [default: digest-ko-en]"),
]
EngineOption = Annotated[
    Engine | None, typer.Option("--engine", help="What runs the model. [default: auto, ctranslate2 where the model converts]")
]
DeviceOption = Annotated[Device | None, typer.Option("--device", help="Where it runs. [default: auto, a GPU where there is one]")]
ConfigOption = Annotated[Path | None, typer.Option("--config", help="A YAML file of settings; options given here win.")]
GlossaryOption = Annotated[Path | None, typer.Option("--glossary", help="TSV or YAML: source term to target term.")]
MemoryOption = Annotated[
    str | None,
    typer.Option("--memory", help="A file or postgresql://user@host/database. [default: $TRANSLATOR_MEMORY, or one in your data folder]"),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no summary.")]
VerboseOption = Annotated[int, typer.Option("--verbose", "-v", count=True, help="Say which model and engine run; twice for more.")]


def read_options(config: Path | None, **options: Any) -> Any:
    """Settings from a configuration file and the command's options."""
    from translator.config import read_settings

    return read_settings(config, {key: str(value) if isinstance(value, Path | StrEnum) else value for key, value in options.items()})


@contextmanager
def opened_memory(location: str | None) -> Iterator[Any]:
    """The translation memory at a location, or None for `none`; without a location, that of TRANSLATOR_MEMORY or the user's own."""
    import os

    if (os.environ.get("TRANSLATOR_MEMORY") if location is None else location) == "none":
        yield None
        return
    from translator.memory.store import Memory

    with Memory.open(location) as memory:
        yield memory


def progress_bar(quiet: bool, unit: str) -> Callable[[int], Any]:
    """Makes a progress bar on standard error for a total; nothing is shown where that is no terminal."""

    @contextmanager
    def progress(total: int) -> Iterator[Callable[[int], object]]:
        from tqdm import tqdm

        hidden = quiet or not sys.stderr.isatty()
        with tqdm(total=total, unit=unit, unit_scale=True, disable=hidden, smoothing=0.05, file=sys.stderr) as bar:
            yield bar.update

    return progress


def output_path(text: str) -> Path:
    """What --output names. Raises UserError for an empty text, which a path would take for the current folder."""
    from translator.errors import UserError

    if not text:
        raise UserError('--output is empty: name where to write to (in `--output "$OUT"`, OUT is not set)')
    return Path(text)


def output_option(help_text: str) -> Any:
    """The option --output of a command, as every command reads it."""
    return typer.Option("--output", "-o", help=help_text, parser=output_path, metavar="PATH")


def need_packages(what: str, extra: str, modules: Sequence[str]) -> None:
    """Raises UserError where a module of an extra is not installed; `what` needs it, such as `newsletters need`."""
    from importlib.util import find_spec

    from translator.errors import UserError

    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise UserError(f"{what} {', '.join(missing)}, which is not installed: pip install 'translator[{extra}]'")


def write_out(text: str) -> None:
    """Writes a text on standard output, in UTF-8 wherever it goes and with its line ends. Raises UserError where that is closed."""
    from translator.errors import UserError

    if sys.stdout is None:
        raise UserError("standard output is closed: nothing can be written there")
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def say(text: str) -> None:
    """Writes a line on standard error."""
    typer.echo(text, err=True)


def log_to_stderr(verbose: int, quiet: bool) -> None:
    """Sends the package's log to standard error."""
    level = logging.ERROR if quiet else (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("translator").setLevel(level)
