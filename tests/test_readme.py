"""What the README and the documentation promise exists and runs."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def test_every_linked_file_exists() -> None:
    for page in [REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("*.md"), *REPOSITORY.glob("translator/models/*/README.md")]:
        text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.S)
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_examples_of_the_api_page_run() -> None:
    page = (REPOSITORY / "docs/api.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.S)
    assert len(blocks) == 4
    names: dict[str, object] = {}
    for block in blocks[:3]:  # the last one translates a folder of the reader's
        exec(block, names)
