"""What every answer must have, and what no page may hold."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask, abort
from structlog.testing import capture_logs

from connector.app import create_app
from connector.store import installs
from connector.store.installs import Install
from connector.web import words
from tests.browser import furnished
from tests.browser import pages as examples
from tests.connector.web.conftest import ALICE, ORG, open_house
from tests.connector.web.kit import Browser, House, browser, decision
from tests.connector.web.test_access import routes


@pytest.fixture(scope="module")
def pages(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, BeautifulSoup]]:
    """Every page there is, full and empty, as a person sees it and as the polling script does."""
    house = open_house(empty, tmp_path_factory.mktemp("pages"))
    app = create_app(house)
    anyone, alice = browser(app), browser(app)
    acme = furnished.furnish(house)
    alice.sign_in("salesforce", furnished.ORG, furnished.ALICE)
    found = {path: alice.page(path) for path in examples.addresses(acme.id)}
    found |= {
        f"{path} polled": BeautifulSoup(alice.get(path, headers={"HX-Request": "true"}).text, "html.parser")
        for path in list(found)
    }
    found["found"] = alice.page(f"/installs/{acme.id}/decisions?lead=00Q000000000001AAA")
    found["home"] = alice.page("/")
    found["front"] = anyone.page("/")
    found["own domain"] = anyone.page("/own-domain?domain=acme.my.salesforce.com")
    found["no domain"] = anyone.page("/own-domain?domain=evil.example.com", status=400)
    found["404"] = anyone.page("/nothing", status=404)
    found["problem"] = anyone.page("/oauth/salesforce/callback?state=x", status=400)
    with house.database.write() as connection:
        installs.set_status(connection, acme.id, "revoked", "The app was removed.")
    found["revoked"] = alice.page(f"/installs/{acme.id}")
    yield found
    house.close()


def test_no_page_has_inline_script_or_style(pages: dict[str, BeautifulSoup]) -> None:
    for name, page in pages.items():
        assert not page.find_all("style"), name
        assert all(script.get("src") and not script.text for script in page.find_all("script")), name
        for element in page.find_all(True):
            bad = [each for each in element.attrs if each == "style" or each.startswith(("on", "hx-on", "data-hx-on"))]
            assert not bad, (name, element)
            assert not str(element.get("href", "")).lower().startswith(("javascript:", "data:")), (name, element)
            assert "js:" not in str(element.get("hx-vals", "")), (name, element)


def test_every_page_can_be_used_by_keyboard_and_screen_reader(pages: dict[str, BeautifulSoup]) -> None:
    for name, page in pages.items():
        if page.html is None:
            continue  # a part that is swapped into a page
        assert page.html["lang"] == "en", name
        assert len(page.find_all("h1")) == 1, name
        assert page.select_one("a.skip[href='#main']"), name
        assert page.select_one("main#main"), name
        assert page.title, name
        ids = [element["id"] for element in page.find_all(id=True)]
        assert len(ids) == len(set(ids)), (name, sorted(ids))
        for element in page.find_all(["input", "progress"]):
            if element.get("type") == "hidden" or element.find_parent("label") or "aria-label" in element.attrs:
                continue
            assert page.select_one(f"label[for='{element['id']}']"), (name, element)
        for section in page.find_all("section"):
            assert section["aria-labelledby"] in ids, (name, section)
        for image in page.find_all("img"):
            assert "alt" in image.attrs, (name, image)


def test_every_form_that_changes_something_carries_the_token(pages: dict[str, BeautifulSoup]) -> None:
    forms = [form for page in pages.values() for form in page.select("form[method=post]")]
    assert len(forms) > 5
    assert all(form.select_one("input[name=csrf_token]") for form in forms)


def test_every_file_a_page_loads_is_ours_and_is_there(pages: dict[str, BeautifulSoup], anyone: Browser) -> None:
    loaded = {
        str(element.get("src") or element.get("href"))
        for page in pages.values()
        for element in page.find_all(["script", "link", "img"])
    }
    assert any("htmx" in each for each in loaded)
    for path in loaded:
        answer = anyone.get(path)
        assert (path.startswith("/static/"), answer.status_code) == (True, 200), path
        assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_the_style_sheets_load_nothing_from_elsewhere(anyone: Browser) -> None:
    ours = {path.name: anyone.get(f"/static/{path.name}").text for path in words.STATIC.glob("*.css")}
    assert set(ours) >= {"console.css", "icons.css", "parts.css", "shell.css"}
    for name, css in ours.items():
        assert "data:" not in css.replace("data: addresses", ""), name
        assert "//" not in css, name
    for icon in ("/static/calendar.svg", "/static/check.svg", "/static/chevron.svg"):
        assert icon in ours["icons.css"]
        assert anyone.get(icon).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/nothing", 404), ("/health/live", 200), ("/static/console.css", 200), ("/own-domain", 400)],
)
def test_the_policy_allows_our_own_files_and_nothing_else(anyone: Browser, path: str, status: int) -> None:
    answer = anyone.get(path)
    assert answer.status_code == status
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_pages_with_customer_data_stay_out_of_caches(alice: Browser, acme: Install) -> None:
    assert alice.get(f"/installs/{acme.id}").headers["Cache-Control"] == "no-store"


def test_the_oauth_pages_keep_their_stricter_referrer_policy(anyone: Browser) -> None:
    assert anyone.get("/oauth/salesforce/callback?state=x").headers["Referrer-Policy"] == "no-referrer"


def test_without_https_there_is_neither_hsts_nor_a_secure_cookie(house: House) -> None:
    house.settings = house.settings.model_copy(update={"public_url": "http://localhost:8000"})
    client = browser(create_app(house))
    answer = client.get("/oauth/hubspot/install", base_url="http://localhost:8000")
    assert "Strict-Transport-Security" not in answer.headers
    assert answer.headers["Set-Cookie"].startswith("switchyard=")
    assert "Secure" not in answer.headers["Set-Cookie"]


def test_the_session_cookie_is_for_this_host_over_https_and_not_for_scripts(anyone: Browser) -> None:
    cookie = anyone.get("/oauth/hubspot/install").headers["Set-Cookie"]
    assert cookie.startswith("__Host-switchyard=")
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= parts
    assert not any(part.startswith("Domain") for part in parts)


def test_a_session_ends_after_twelve_hours(alice: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    alice.page("/")  # writes the CSRF token, so that the session does not change any more
    began = time.time()
    monkeypatch.setattr(time, "time", lambda: began + 12 * 3600 - 60)
    assert "Sign out" in alice.page("/").text
    monkeypatch.setattr(time, "time", lambda: began + 12 * 3600 + 60)
    assert "Sign out" not in alice.page("/").text


def test_a_session_ends_twelve_hours_after_signing_in_whatever_is_done_meanwhile(
    house: House, alice: Browser, acme: Install
) -> None:
    for _ in range(12):
        assert alice.submit(f"/installs/{acme.id}/retry").status_code == 303  # its message signs the cookie anew
        house.now += timedelta(hours=1)
        with house.database.write() as connection:
            installs.add_admin(connection, acme.id, ALICE, house.now)  # signed in elsewhere: the row stays fresh
    assert alice.get(f"/installs/{acme.id}").status_code == 303
    assert "Sign out" not in alice.page("/").text


def test_looking_at_pages_does_not_prolong_the_session(alice: Browser, acme: Install) -> None:
    alice.get(f"/installs/{acme.id}")  # writes the CSRF token into the session once
    assert "Set-Cookie" not in alice.get(f"/installs/{acme.id}/decisions", headers={"HX-Request": "true"}).headers


@pytest.mark.parametrize("token", ["", "forged"])
def test_no_post_is_taken_without_the_token(
    app: Flask, house: House, alice: Browser, acme: Install, token: str
) -> None:
    house.decide(acme, decision("d1"), parked="Not allowed")
    before = house.install(acme.id)
    posts = [path for method, path in routes(app, acme.id, "d1") if method == "POST"]
    for path in [*posts, "/signout"]:
        answer = alice.post(path, data={"csrf_token": token, "mode": "suggest"})
        assert answer.status_code == 400, path
        assert "out of date" in answer.text
    assert (house.install(acme.id), house.rung) == (before, [])


def test_a_token_of_another_session_is_refused(app: Flask, house: House, alice: Browser, acme: Install) -> None:
    mallory = browser(app)
    mallory.sign_in("salesforce", ORG, "005000000000666AAA")
    answer = alice.post(f"/installs/{acme.id}/settings/mode", data={"csrf_token": mallory.token(), "mode": "suggest"})
    assert answer.status_code == 400


def test_signing_out_forgets_who_was_there(alice: Browser, acme: Install) -> None:
    assert alice.submit("/signout").status_code == 303
    assert alice.get(f"/installs/{acme.id}").status_code == 303


def test_a_copy_of_the_cookie_is_dead_after_signing_out(app: Flask, alice: Browser, acme: Install) -> None:
    alice.page("/")
    copied = alice.get_cookie("__Host-switchyard", domain="route.example.com")
    assert copied is not None
    thief = browser(app)
    thief.set_cookie("__Host-switchyard", copied.value, domain="route.example.com", secure=True)
    assert thief.get(f"/installs/{acme.id}").status_code == 200
    alice.submit("/signout")
    assert thief.get(f"/installs/{acme.id}").status_code == 404
    assert "Acme Corp" not in thief.page("/").text


def test_a_cookie_that_was_signed_out_ends_no_later_session(app: Flask, alice: Browser, acme: Install) -> None:
    alice.page("/")
    old = browser(app)
    copied = alice.get_cookie("__Host-switchyard", domain="route.example.com")
    assert copied is not None
    old.set_cookie("__Host-switchyard", copied.value, domain="route.example.com", secure=True)
    alice.submit("/signout")
    alice.sign_in("salesforce", ORG, ALICE)
    assert old.submit("/signout").status_code == 303
    assert alice.get(f"/installs/{acme.id}").status_code == 200


def test_a_form_that_is_too_long_is_refused(alice: Browser, acme: Install) -> None:
    answer = alice.post(f"/installs/{acme.id}/settings/mode", data={"csrf_token": alice.token(), "mode": "x" * 70_000})
    assert answer.status_code == 413
    assert "longer than we accept" in answer.text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "not understood"),
        (403, "not signed in"),
        (404, "nothing here"),
        (405, "cannot be done"),
        (413, "too long"),
        (418, "not understood"),
        (429, "Too many requests"),
        (500, "Something broke"),
        (502, "Something broke"),
        (503, "not available"),
    ],
)
def test_every_error_has_a_page_in_plain_words(house: House, status: int, words: str) -> None:
    app = create_app(house)
    app.add_url_rule("/fails", "fails", lambda: abort(status))
    page = browser(app).page("/fails", status=status)
    assert page.h1 is not None
    assert words in page.h1.text
    assert page.select_one("main a[href='/']")


def test_a_fault_of_ours_shows_the_trace_id_that_is_in_the_log_and_nothing_of_the_fault(house: House) -> None:
    app = create_app(house)

    def fail() -> str:
        raise RuntimeError("marie@acme.fr is not a number")

    app.add_url_rule("/fails", "fails", fail)
    with capture_logs() as logs:
        page = browser(app).page("/fails?email=marie@acme.fr", status=500)
    line = next(line for line in logs if line["event"] == "request failed")
    assert line["error"] == "RuntimeError"
    assert any("fail" in frame for frame in line["frames"])
    assert len(line["trace"]) == 32
    assert line["trace"] in page.text
    assert "marie" not in repr(logs)
    assert "marie" not in page.text


def test_the_request_log_names_the_route_and_no_value(alice: Browser, acme: Install) -> None:
    with capture_logs() as logs:
        alice.get(f"/installs/{acme.id}/decisions?lead=marie@acme.fr")
    line = next(line for line in logs if line["event"] == "request")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/installs/<install_id>/decisions", 200)
    assert line["ms"] >= 0
    assert "marie" not in repr(logs)


HOSTILE = "<script>alert(1)</script>\"'{{7*7}}"


def test_names_from_the_crm_are_shown_as_text(house: House, app: Flask) -> None:
    install = house.connect("salesforce", ORG, HOSTILE, admin=ALICE)
    made = decision("d1")
    account = made.match.account
    assert account is not None
    lead = replace(made.lead, fields={"name": HOSTILE, "company": HOSTILE})
    route = replace(made.route, rule=HOSTILE, reason=HOSTILE, target=HOSTILE)
    match = replace(made.match, account=replace(account, name=HOSTILE), reason=HOSTILE)
    house.decide(install, replace(made, lead=lead, route=route, match=match), parked=HOSTILE)
    client = browser(app)
    client.sign_in("salesforce", ORG, ALICE)
    for path in ("/", f"/installs/{install.id}", f"/installs/{install.id}/decisions/d1"):
        page = client.page(path)
        assert HOSTILE in page.text, path
        assert all(script.get("src") for script in page.find_all("script")), path


def test_an_id_from_the_crm_cannot_leave_its_place_in_an_address(house: House, alice: Browser, acme: Install) -> None:
    made = decision("d1")
    house.decide(acme, replace(made, lead=replace(made.lead, id='../"><b>?x=1#')))
    links = [str(link["href"]) for link in alice.page(f"/installs/{acme.id}/decisions/d1").select("a[target=_blank]")]
    assert "https://acme.my.salesforce.com/..%2F%22%3E%3Cb%3E%3Fx%3D1%23" in links
