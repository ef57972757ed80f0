"""The command that opens the review page: arguments in, a server out."""

from pathlib import Path
from typing import Annotated

import typer

from translator.cli_options import GlossaryOption, MemoryOption, QuietOption, need_packages, opened_memory, say


def review(
    folder: Annotated[Path, typer.Argument(help="The folder that `translator translate` wrote to.")],
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port on this machine; 0: any that is free.")] = 8765,
    memory: MemoryOption = None,
    glossary: GlossaryOption = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
    quiet: QuietOption = False,
) -> None:
    """Opens a page in the browser to polish a translation: what is saved there goes to the memory and the outputs at once."""
    from translator.errors import UserError
    from translator.glossary import Glossary, read_glossary

    need_packages("the review page needs", "review", ("fastapi", "rapidfuzz", "uvicorn"))
    from translator.review.folder import ReviewFolder
    from translator.review.serving import ReviewServer

    with opened_memory(memory) as store:
        if store is None:
            raise UserError("the review keeps corrections in the memory: give --memory FILE in place of `none`")
        reviewed = ReviewFolder(folder, store)
        server = ReviewServer(reviewed, store, read_glossary(glossary) if glossary else Glossary(), port)
        server.run(lambda url: _announce(url, browser, quiet))


def _announce(url: str, browser: bool, quiet: bool) -> None:
    import threading
    import webbrowser

    typer.echo(url)
    if not quiet:
        say("Open this link in your browser; it is good for one. Ctrl-C ends the review: what was saved stays saved.")
    if browser:  # which in a terminal waits until it is left
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
