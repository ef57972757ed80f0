"""Who the review page answers, and who not."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Result, Run
from tests.review.conftest import Caller, Serving, Translated

pytest.importorskip("fastapi", reason="fastapi is not installed")
FIRST = "2026/11/02.md"


@pytest.fixture
def stranger(served: Serving) -> Caller:
    return Caller(served.url)


@pytest.fixture
def browser(served: Serving) -> Caller:
    return Caller(served.url).enter()


def an_edit(browser: Caller) -> dict[str, str]:
    unit = json.loads(browser.ask("GET", f"/api/units?file={FIRST}")[2])["units"][1]
    return {"file": unit["file"], "id": unit["id"], "version": unit["version"], "target": "Another translation, 7.4%: RiverFlow."}


def test_the_link_is_good_once(browser: Caller) -> None:
    link = browser.url.split(str(browser.port))[1]
    assert browser.ask("GET", link)[0] == 303  # the same browser may come again
    status, headers, text = Caller(browser.url).ask("GET", link)
    assert (status, "set-cookie" in headers) == (403, False)
    assert "used already" in text


@pytest.mark.parametrize("path", ["/", "/?token=", "/?token=guess", "/assets/review.js", "/api/session", "/api/files", "/api/units"])
def test_without_the_link_nothing_is_told(stranger: Caller, path: str) -> None:
    status, _, text = stranger.ask("GET", path, Cookie=f"review-{stranger.port}=guess")
    assert status == 403
    assert "RiverFlow" not in text


def test_the_cookie_is_kept_from_scripts_and_other_sites(stranger: Caller) -> None:
    _, headers, _ = stranger.ask("GET", stranger.url.split(str(stranger.port))[1])
    cookie = headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1", "[::1]:1", "127.0.0.1:notaport", ""])
def test_another_name_for_this_machine_is_refused(browser: Caller, host: str) -> None:
    assert browser.ask("GET", "/api/files", Host=host)[0] == 403


def test_another_sites_page_changes_nothing(browser: Caller, translated: Translated) -> None:
    edit, before = an_edit(browser), translated.outputs()
    assert browser.ask("PUT", "/api/unit", edit, Origin="https://evil.example")[0] == 403
    assert browser.ask("PUT", "/api/unit", edit, Origin="null")[0] == 403
    assert browser.ask("PUT", "/api/unit", edit, X_CSRF_Token="guess")[0] == 403
    del browser.headers["X-CSRF-Token"]
    assert browser.ask("PUT", "/api/unit", edit)[0] == 403
    assert browser.ask("POST", "/api/undo")[0] == 403
    assert translated.outputs() == before


def test_our_own_page_changes_it(browser: Caller, translated: Translated) -> None:
    edit = an_edit(browser)
    status, _, text = browser.ask("PUT", "/api/unit", edit, Origin=f"http://127.0.0.1:{browser.port}")
    assert (status, json.loads(text)["unit"]["target"]) == (200, edit["target"])
    status, _, text = browser.ask("PUT", "/api/unit", edit)
    assert (status, json.loads(text)["unit"]["target"]) == (409, edit["target"])
    assert edit["target"].encode() in translated.outputs()["2026/11/02.english.md"]


@pytest.mark.parametrize(
    "file",
    ["../secret.md", "/etc/passwd", "2026/11/../../../secret.md", "..\\secret.md", "2026/11/02.md\0", ".translator/lock"],
)
def test_no_path_outside_the_folder_is_reached(browser: Caller, translated: Translated, file: str) -> None:
    from urllib.parse import quote

    (translated.output.parent / "secret.md").write_text("- 비밀입니다.\n", encoding="utf-8")
    edit = {**an_edit(browser), "file": file}
    before = translated.outputs()
    assert browser.ask("GET", f"/api/units?file={quote(file)}")[0] == 404
    assert browser.ask("PUT", "/api/unit", edit)[0] in (400, 404)
    assert translated.outputs() == before


@pytest.mark.parametrize("path", ["/assets/../folder.py", "/assets/..%2ffolder.py", "/assets/%2e%2e/folder.py", "/docs", "/openapi.json"])
def test_nothing_else_is_served(browser: Caller, path: str) -> None:
    assert browser.ask("GET", path)[0] == 404


def test_every_answer_forbids_the_page_all_but_its_own(browser: Caller, stranger: Caller) -> None:
    for caller, path in ((browser, "/"), (browser, "/assets/review.js"), (browser, "/api/files"), (stranger, "/")):
        headers = caller.ask("GET", path)[1]
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_it_listens_on_this_machine_alone(served: Serving) -> None:
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {"127.0.0.1"}
    for address in [*others, "127.0.0.2"]:
        with pytest.raises(OSError, match=r"refused|unreachable|timed out"), socket.create_connection((address, served.port), timeout=2):
            pass


def test_a_bad_edit_is_refused_with_a_sentence(browser: Caller) -> None:
    status, _, text = browser.ask("PUT", "/api/unit", {**an_edit(browser), "target": " "})
    assert (status, "write a translation" in json.loads(text)["message"]) == (400, True)
    assert browser.ask("PUT", "/api/unit", {"file": FIRST})[0] == 422
    assert browser.ask("PUT", "/api/unit", {**an_edit(browser), "id": "0"})[0] == 404


def test_what_helps_with_a_unit(browser: Caller, translated: Translated) -> None:
    units = json.loads(browser.ask("GET", f"/api/units?file={FIRST}")[2])["units"]
    shared = next(unit for unit in units if "품질이" in unit["source"][0][0])
    browser.ask("PUT", "/api/unit", {"file": FIRST, "id": shared["id"], "version": shared["version"], "target": "Data matters."})
    first = json.loads(browser.ask("GET", f"/api/context?file={FIRST}&id={shared['id']}")[2])
    assert [(match["target"], match["likeness"]) for match in first["matches"]] == [("Data matters.", 100)]
    diffusion = json.loads(browser.ask("GET", f"/api/context?file={FIRST}&id={units[0]['id']}")[2])
    assert [(term["source"], term["target"], term["count"]) for term in diffusion["terms"]] == [("확산 모델", "diffusion model", 2)]
    assert [term["source"] for term in json.loads(browser.ask("GET", "/api/terms?q=DIFFUSION")[2])] == ["확산 모델"]


def refusal(run: Run, *arguments: str | Path) -> Result:
    return run("review", *arguments, "--no-browser")


def test_the_command_refuses_with_a_sentence(run: Run, refused: Any, translated: Translated, served: Serving, tmp_path: Path) -> None:
    memory = str(tmp_path / "m.sqlite")
    assert "not an output folder" in refused(refusal(run, tmp_path / "in", "--memory", memory))
    assert "no such" in refused(refusal(run, tmp_path / "nothing", "--memory", memory))
    assert "in place of `none`" in refused(refusal(run, translated.output, "--memory", "none"))
    assert f"port {served.port} cannot be had" in refused(refusal(run, translated.output, "--memory", memory, "--port", str(served.port)))
