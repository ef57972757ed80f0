"""What may import what, and what costs nothing."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import translator

PACKAGE = Path(translator.__file__).parent
HEAVY = (
    "torch", "transformers", "ctranslate2", "sentencepiece", "huggingface_hub", "pydantic", "yaml", "markdown_it", "matplotlib", "jinja2",
    "sqlalchemy", "lxml", "translate", "numpy", "nh3",
)  # fmt: skip


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, also inside functions."""
    package = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join([package.rsplit(".", node.level - 1)[0] if node.level else "", node.module or ""]).strip(".")
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(
    ("folder", "others"),
    [
        ("document", ("engine", "quality", "translation", "masking", "repair", "config", "archive", "files", "cli", "training")),
        ("engine", ("document", "quality", "translation", "masking", "repair", "config", "archive", "files", "cli", "training")),
        ("quality", ("engine", "translation", "masking", "repair", "config", "archive", "files", "cli", "training")),
        ("training", ("translation", "archive", "cli")),
        ("memory", ("document", "engine", "quality", "translation", "masking", "repair", "config", "archive", "cli", "training")),
        ("postediting", ("engine", "translation", "masking", "repair", "config", "archive", "cli", "training")),
        ("review", ("engine", "masking", "repair", "translation", "archive", "cli", "training", "newsletter")),
        ("newsletter", ("engine", "masking", "repair", "translation", "archive", "cli", "training")),
    ],
)
def test_the_parts_do_not_know_each_other(folder: str, others: tuple[str, ...]) -> None:
    paths = list((PACKAGE / folder).rglob("*.py"))
    assert paths
    for path in paths:
        for name in imported(path):
            assert not any(name == f"translator.{other}" or name.startswith(f"translator.{other}.") for other in others), (path, name)


def test_only_the_engine_and_training_know_the_model_libraries() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name not in ("engine", "training"):
            assert not {name.partition(".")[0] for name in imported(path)} & {"torch", "transformers", "ctranslate2", "sentencepiece"}, path


def test_only_the_memory_knows_the_database_libraries() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name != "memory" and path.name != "journal.py":  # which is a file of the output folder alone
            assert not {name.partition(".")[0] for name in imported(path)} & {"sqlalchemy", "sqlite3", "psycopg"}, path


def modules_after(code: str) -> set[str]:
    program = f"import sys\n{code}\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    return set(done.stderr.splitlines())


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert not modules_after("import translator") & set(HEAVY)


def test_documents_and_settings_need_no_model_library() -> None:
    loaded = modules_after("from translator import Document, Settings\nDocument.parse('모델이다.').render({})\nSettings()")
    assert not loaded & {"torch", "transformers", "ctranslate2", "sentencepiece", "huggingface_hub"}


def test_a_newsletter_needs_no_model_library() -> None:
    loaded = modules_after("from translator.newsletter import building, sending")
    assert "jinja2" in loaded
    assert not loaded & {"torch", "transformers", "ctranslate2", "sentencepiece", "huggingface_hub"}


def test_help_imports_nothing_heavy() -> None:
    code = "import contextlib\nsys.argv = ['translator', 'translate', '--help']\nfrom translator.__main__ import main\n"
    loaded = modules_after(code + "with contextlib.suppress(SystemExit):\n    main()")
    assert "typer" in loaded
    assert not sorted(loaded & set(HEAVY) - {"pydantic"})  # typer itself imports pydantic


def test_what_a_memory_holds_is_said_without_a_database_library() -> None:
    loaded = modules_after("from translator.memory import Context, Entry\nEntry('모델이다.', 'A model.').dated()\nContext('a', 'b').digest")
    assert not loaded & {"sqlalchemy", "lxml", "translate"}


def test_translating_with_ctranslate2_needs_no_torch(one_thread: None) -> None:
    """Once a model is converted, which the first translation of this session does."""
    from translator import Settings, Translator

    Translator(Settings(threads=1)).engine().close()
    code = "from translator import Translator, Settings\nprint(Translator(Settings(threads=1)).translate_lines(['모델이다.']))"
    assert not modules_after(code) & {"torch", "transformers"}
