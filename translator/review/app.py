"""The review page's server: requests in, answers as JSON out."""

from contextlib import suppress
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from translator.errors import TranslatorError
from translator.review.folder import ConflictError, MissingUnitError, ReviewFolder
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


class Undo(BaseModel):
    """What the page sends to take a save back: the last one that it knows of."""

    step: int


def make_app(folder: ReviewFolder, suggestions: Suggestions, csrf_token: str, memory: str) -> FastAPI:
    """The server of a review; `memory` is where the page says that corrections go."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    _add_errors(app, folder)
    _add_pages(app)

    @app.get("/api/session")
    def session() -> dict[str, Any]:
        with suppress(TranslatorError):  # a run writes just now: what it adds is found the next time
            folder.refresh()
        suggestions.forget()
        return {"csrf": csrf_token, "folder": str(folder.output), "memory": memory, "step": folder.last_step}

    @app.get("/api/files")
    def list_files() -> list[dict[str, Any]]:
        return [_summary(folder, file) for file in folder.files]

    @app.get("/api/units")
    def list_units(
        file: str = "", q: str = "", show: str = "all", check: str = "", after_file: str = "", after_id: str = ""
    ) -> dict[str, Any]:
        wanted = Filter(q, show, check)
        units = folder.units(file) if file else list(folder.all_units())
        first = next((n + 1 for n, unit in enumerate(units) if (unit.file, unit.id) == (after_file, after_id)), 0)
        found = [unit for unit in units[first:] if wanted.fits(unit)]
        page = found if file else found[:_PAGE]
        return {"more": len(found) > len(page), "units": [shown_unit(unit) for unit in page]}

    @app.get("/api/next")
    def find_next(file: str = "", id: str = "", check: str = "") -> dict[str, str] | None:
        found = next_open(list(folder.all_units()), file, id, check)
        return {"file": found.file, "id": found.id} if found else None

    @app.get("/api/context")
    def context(file: str, id: str) -> dict[str, Any]:
        unit = folder.unit(file, id)
        matches = [
            {"source": shown_text(m.source), "target": m.target, "shown_target": shown_text(m.target), "likeness": m.likeness}
            for m in suggestions.matches(unit.source)
        ]
        return {"glossary": suggestions.glossary(unit.source, unit.target), "terms": suggestions.terms(unit.source), "matches": matches}

    @app.get("/api/terms")
    def terms(q: str = "") -> list[Any]:
        return suggestions.find_terms(q)

    @app.put("/api/unit")
    def save(edit: Edit) -> dict[str, Any]:
        saved = folder.save(edit.file, edit.id, edit.target, edit.version)
        suggestions.forget()
        return {"unit": shown_unit(saved.unit), "others": saved.others, "notes": saved.notes, "step": saved.step}

    @app.post("/api/undo")
    def undo(undone: Undo) -> dict[str, Any]:
        unit = folder.undo(undone.step)
        suggestions.forget()
        return {"unit": shown_unit(unit), "step": folder.last_step}

    return app


def _summary(folder: ReviewFolder, file: str) -> dict[str, Any]:
    try:
        units = folder.units(file)
    except TranslatorError as error:
        return {"file": file, "units": 0, "reviewed": 0, "open": 0, "checks": [], "problem": str(error)}
    checks = sorted({flag.check for unit in units if unit.is_open for flag in unit.flags})
    reviewed, still_open = sum(unit.origin == "human" for unit in units), sum(unit.is_open for unit in units)
    return {"file": file, "units": len(units), "reviewed": reviewed, "open": still_open, "checks": checks, "problem": ""}


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


def _add_errors(app: FastAPI, folder: ReviewFolder) -> None:
    def refusal(status: int, message: str, **more: Any) -> JSONResponse:
        return JSONResponse({"message": message, "step": folder.last_step, **more}, status)

    @app.exception_handler(ConflictError)
    def conflict(request: Request, error: ConflictError) -> JSONResponse:
        return refusal(409, str(error), unit=shown_unit(error.unit))

    @app.exception_handler(TranslatorError)
    def refused(request: Request, error: TranslatorError) -> JSONResponse:
        return refusal(400, str(error))

    @app.exception_handler(MissingUnitError)
    def missing(request: Request, error: MissingUnitError) -> JSONResponse:
        return refusal(404, "this is not in the folder any more: its digest was changed, and translated anew")

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        what = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors())
        return refusal(422, f"this cannot be saved as it is ({what})")
