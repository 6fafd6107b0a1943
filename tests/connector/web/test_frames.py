"""Frames: a page of an install may stand in its own CRM and nowhere else, and shows no data there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from connector.store.installs import Install
from connector.web import frames
from tests.connector.web.kit import Browser, House

ACME = ("https://acme.my.salesforce.com", "https://acme.lightning.force.com")
FRAMED = {"Sec-Fetch-Dest": "iframe"}


def ancestors(policy: str) -> str:
    return next(each for each in policy.split("; ") if each.startswith("frame-ancestors ")).partition(" ")[2]


@pytest.mark.parametrize(
    ("crm", "base_url", "expected"),
    [
        ("salesforce", ACME[0], ACME),
        (
            "salesforce",
            "https://acme--uat.sandbox.my.salesforce.com",
            ("https://acme--uat.sandbox.my.salesforce.com", "https://acme--uat.sandbox.lightning.force.com"),
        ),
        ("hubspot", "https://app-eu1.hubspot.com", ("https://app-eu1.hubspot.com",)),
        ("hubspot", "https://app.hubspot.com/", ("https://app.hubspot.com",)),
        ("salesforce", "http://acme.my.salesforce.com", ("https://acme.lightning.force.com",)[:0]),
        ("hubspot", "https://app.hubspot.com; script-src *", ()),
        ("hubspot", "https://*", ()),
        ("hubspot", "", ()),
    ],
)
def test_the_origins_are_those_of_the_crm_alone(
    acme: Install, crm: str, base_url: str, expected: tuple[str, ...]
) -> None:
    assert frames.origins(replace(acme, crm=crm, base_url=base_url)) == expected  # type: ignore[arg-type]


def test_a_page_of_an_install_may_be_framed_by_its_own_crm_only(
    house: House, alice: Browser, acme: Install, anyone: Browser
) -> None:
    mine = alice.get(f"/installs/{acme.id}/changes")
    assert ancestors(mine.headers["Content-Security-Policy"]) == " ".join(ACME)
    assert "X-Frame-Options" not in mine.headers
    other = house.connect("hubspot", "77", "Other portal")
    for client, path in ((alice, "/"), (alice, f"/installs/{other.id}/changes"), (anyone, "/"), (anyone, "/support")):
        answer = client.get(path)
        assert ancestors(answer.headers["Content-Security-Policy"]) == "'none'", path
        assert answer.headers["X-Frame-Options"] == "DENY", path


def test_in_the_frame_nobody_is_signed_in_and_a_link_opens_a_window(anyone: Browser, acme: Install) -> None:
    answer = anyone.get(f"/installs/{acme.id}/decisions?lead=00Q1", headers=FRAMED)
    assert answer.status_code == 200
    assert ancestors(answer.headers["Content-Security-Policy"]) == " ".join(ACME)
    assert f'href="/installs/{acme.id}/decisions?lead=00Q1" target="_blank"' in answer.text
    assert "Acme" not in answer.text
    nobodys = anyone.get(f"/installs/{'f' * 32}/decisions", headers=FRAMED)
    assert (nobodys.status_code, ancestors(nobodys.headers["Content-Security-Policy"])) == (200, "'none'")


def test_the_cookie_does_not_go_along_into_a_frame(app: Flask, alice: Browser) -> None:
    cookie = alice.get_cookie("__Host-switchyard", domain="route.example.com")
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert cookie is not None
    assert cookie.http_only or app.config["SESSION_COOKIE_HTTPONLY"]
    assert app.config["SESSION_COOKIE_SECURE"]


@pytest.mark.parametrize("evil", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_no_address_leads_to_another_site(app: Flask, alice: Browser, acme: Install, evil: str) -> None:
    """Whatever a query or a form calls the place to go on to; only the CRMs' own sign-in is elsewhere."""
    names = ("next", "back", "url", "to", "return", "return_to", "continue", "redirect", "redirect_uri", "goto", "from")
    told = dict.fromkeys(names, evil)
    app.config["WTF_CSRF_ENABLED"] = False
    adapter, asked = app.url_map.bind("route.example.com"), 0
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) & ({"POST"} if rule.arguments else {"GET", "POST"})
        if rule.endpoint.startswith(("oauth.", "api.", "static")) or rule.arguments - {"install_id"}:
            continue
        values = {"install_id": acme.id} if rule.arguments else {}
        path = adapter.build(rule.endpoint, values, method=min(methods)).split("?")[0] if methods else "/disconnect"
        for method in sorted(methods if not path.endswith("/disconnect") else ()):
            sent = {"query_string": told} if method == "GET" else {"data": told | {"language": "de"}}
            to = alice.open(path, method=method, **sent).headers.get("Location", "/")
            assert to.startswith("/"), (method, path, to)
            assert "evil" not in to.partition("?")[0], (method, path, to)
            asked += 1
    assert asked > 20
