"""What the README and the documentation promise exists and runs."""

import json
import re
from pathlib import Path

from translator import Document

REPOSITORY = Path(__file__).resolve().parent.parent


def test_every_linked_file_exists() -> None:
    for page in [REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("*.md"), *REPOSITORY.glob("translator/models/*/README.md")]:
        text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.S)
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_example_references_are_of_the_examples() -> None:
    paths = list((REPOSITORY / "examples/references").glob("*.jsonl"))
    assert paths
    for path in paths:
        units = Document.parse((REPOSITORY / "examples" / path.with_suffix(".md").name).read_text(encoding="utf-8")).units
        assert [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()] == [unit.id for unit in units]


def test_the_examples_of_the_api_page_run() -> None:
    page = (REPOSITORY / "docs/api.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.S)
    assert len(blocks) == 6
    names: dict[str, object] = {}
    for block in blocks[:5]:  # the last one translates a folder of the reader's
        exec(block, names)
