"""The review page's server: requests in, answers as JSON out."""

from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from translator.errors import TranslatorError
from translator.review.folder import ConflictError, ReviewFolder, ReviewUnit
from translator.review.selection import Filter, next_open
from translator.review.shown import shown_text, shown_unit
from translator.review.suggestions import Suggestions

_PAGE = 100  # units of a search at once
_ASSETS = {"review.js": "text/javascript", "review.css": "text/css"}


class Edit(BaseModel):
    """What the page sends to save a unit."""

    file: str = Field(max_length=4096)
    id: str = Field(max_length=64)
    target: str = Field(max_length=100_000)
    version: str = Field(max_length=64)


def make_app(folder: ReviewFolder, suggestions: Suggestions, csrf_token: str, memory: str) -> FastAPI:
    """The server of a review; `memory` is where the page says that corrections go."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    _add_errors(app)
    _add_pages(app)

    @app.get("/api/session")
    def session() -> dict[str, Any]:
        return {"csrf": csrf_token, "folder": str(folder.output), "memory": memory}

    @app.get("/api/files")
    def list_files() -> list[dict[str, Any]]:
        folder.refresh()
        by_file: dict[str, list[ReviewUnit]] = {}
        for unit in folder.units():
            by_file.setdefault(unit.file, []).append(unit)
        return [_summary(file, units) for file, units in by_file.items()]

    @app.get("/api/units")
    def list_units(file: str = "", q: str = "", show: str = "all", check: str = "", offset: int = 0) -> dict[str, Any]:
        wanted = Filter(q, show, check)
        found = [unit for unit in folder.units(file or None) if wanted.fits(unit)]
        page = found if file else found[offset : offset + _PAGE]
        return {"total": len(found), "units": [shown_unit(unit) for unit in page]}

    @app.get("/api/next")
    def find_next(file: str = "", id: str = "", check: str = "") -> dict[str, str] | None:
        found = next_open(list(folder.units()), file, id, check)
        return {"file": found.file, "id": found.id} if found else None

    @app.get("/api/context")
    def context(file: str, id: str) -> dict[str, Any]:
        unit = folder.unit(file, id)
        matches = [{**asdict(match), "source": shown_text(match.source)} for match in suggestions.matches(unit.source)]
        hits, terms = suggestions.glossary(unit.source, unit.target), suggestions.terms(unit.source)
        return {"glossary": hits, "terms": terms, "matches": matches}

    @app.get("/api/terms")
    def terms(q: str = "") -> list[Any]:
        return suggestions.find_terms(q)

    @app.put("/api/unit")
    def save(edit: Edit) -> dict[str, Any]:
        saved = folder.save(edit.file, edit.id, edit.target, edit.version)
        return {"unit": shown_unit(saved.unit), "others": saved.others, "notes": saved.notes}

    @app.post("/api/undo")
    def undo() -> dict[str, Any]:
        return {"unit": shown_unit(folder.undo())}

    return app


def _summary(file: str, units: Sequence[ReviewUnit]) -> dict[str, Any]:
    checks = sorted({flag.check for unit in units if unit.is_open for flag in unit.flags})
    reviewed, still_open = sum(unit.origin == "human" for unit in units), sum(unit.is_open for unit in units)
    return {"file": file, "units": len(units), "reviewed": reviewed, "open": still_open, "checks": checks}


def _add_pages(app: FastAPI) -> None:
    assets = files("translator.review") / "assets"

    @app.get("/")
    def page() -> Response:
        return Response((assets / "review.html").read_bytes(), media_type="text/html")

    @app.get("/assets/{name}")
    def asset(name: str) -> Response:
        if name not in _ASSETS:
            return Response(status_code=404)
        return Response((assets / name).read_bytes(), media_type=_ASSETS[name])


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(ConflictError)
    def conflict(request: Request, error: ConflictError) -> JSONResponse:
        return JSONResponse({"message": str(error), "unit": shown_unit(error.unit)}, 409)

    @app.exception_handler(TranslatorError)
    def refused(request: Request, error: TranslatorError) -> JSONResponse:
        return JSONResponse({"message": str(error)}, 400)

    @app.exception_handler(KeyError)
    def missing(request: Request, error: KeyError) -> JSONResponse:
        return JSONResponse({"message": "this is no longer in the folder: load the page again"}, 404)
