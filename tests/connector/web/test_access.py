"""Tenancy: whatever the address and the method, an install that is not mine does not exist."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import delete, select
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from connector.rows import Check
from connector.store import cleanups, installs, pairs
from connector.store.installs import Install, admin
from oauth.flow import WHO
from rules.actions import Member
from tests.connector.web.conftest import ALICE, ORG
from tests.connector.web.kit import PUBLIC_URL, Browser, CheckedCrm, House, browser, decision
from tests.fakes import FakeCrm

TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')
BOB, CHARLIE = "005000000000002AAA", "77"


VALUES = {"first": "2026-12-24"}
"""What stands in an address where a key of ours would be no value."""


def value(rule: Rule, name: str, key: str) -> Any:
    """Something that may stand in this place of an address."""
    converter = rule._converters.get(name)
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, IntegerConverter) else VALUES.get(name, key)


@dataclass(frozen=True)
class Way:
    """A way to ask for something of an install: the view, the method, the address, and whether it names more."""

    endpoint: str
    method: str
    path: str
    deeper: bool


def ways(app: Flask, install_id: str, key: str) -> list[Way]:
    """Every way that names an install, from the application's own map."""
    adapter, found = app.url_map.bind("route.example.com"), []
    for rule in app.url_map.iter_rules():
        if "install_id" not in rule.arguments:
            continue
        values = {name: value(rule, name, key) for name in rule.arguments} | {"install_id": install_id}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = adapter.build(rule.endpoint, values, method=method).split("?")[0]
            found.append(Way(rule.endpoint, method, path, deeper=len(rule.arguments) > 1))
    return found


def routes(app: Flask, install_id: str, key: str) -> list[tuple[str, str]]:
    """Every (method, address) that names an install, from the application's own map."""
    return [(each.method, each.path) for each in ways(app, install_id, key)]


@pytest.fixture
def bobs(house: House) -> Install:
    install = house.connect("salesforce", "00D000000000002AAA", "Bob's org", admin=BOB)
    house.decide(install, decision("d1"), parked="Bob's secret reason")
    house.crms[install.id] = CheckedCrm([])
    return install


@pytest.fixture
def charlies(house: House) -> Install:
    install = house.connect("hubspot", "247187887", "Charlie's portal", admin=CHARLIE)
    house.decide(install, decision("d1"), parked="Charlie's secret reason")
    return install


class Everything(FakeCrm):
    """A CRM in which there is nothing, and that answers whatever it is asked."""

    def check(self) -> tuple[Check, ...]:
        return ()

    def probe(self, *, watch: bool = False) -> tuple[Check, ...]:
        _ = watch
        return ()


class Named(pairs.Suggestion):
    """A pair whose key is that of the decision which these routes are asked for."""

    @property
    def key(self) -> str:
        return "d1"


def ask(client: Browser, method: str, path: str, token: str) -> tuple[int, str]:
    verdict = "different" if "/duplicates/" in path else "never"
    fields = {"csrf_token": token, "mode": "act", "verdict": verdict, "do": "pause"}
    answer = client.open(path, method=method, data=fields if method == "POST" else None)
    return answer.status_code, TOKEN.sub("", answer.text)


def test_the_enumeration_finds_the_routes_it_should(app: Flask) -> None:
    found = {(method, path.removeprefix("/installs/x")) for method, path in routes(app, "x", "k")}
    assert {("GET", ""), ("POST", "/settings/mode"), ("POST", "/disconnect"), ("GET", "/decisions/k")} <= found
    assert {("POST", "/access/keys"), ("POST", "/access/keys/k/revoke"), ("GET", "/changes")} <= found
    views = {rule.endpoint for rule in app.url_map.iter_rules() if str(rule).startswith("/installs/")}
    assert views == {each.endpoint for each in ways(app, "x", "k")}, "nothing of an install is asked for without it"


def test_alice_gets_404_for_every_route_of_bob_and_charlie(
    app: Flask, house: House, alice: Browser, bobs: Install, charlies: Install
) -> None:
    token = alice.token()
    before = [house.install(bobs.id), house.install(charlies.id)]
    of_nobody = [ask(alice, method, absent, token) for method, absent in routes(app, "f" * 32, "d1")]
    for install in (bobs, charlies):
        side_by_side = zip(routes(app, install.id, "d1"), of_nobody, strict=True)
        for (method, path), (status_of_none, text_of_none) in side_by_side:
            status, text = ask(alice, method, path, token)
            assert status == 404, (method, path)
            same = text.replace(install.id, "f" * 32) == text_of_none
            assert (status, same) == (status_of_none, True), "as if it did not exist"
            polled = alice.open(path, method=method, headers={"HX-Request": "true"}, data={"csrf_token": token})
            assert (polled.status_code, polled.text) == (404, "Not Found\n"), (method, path)
    assert [house.install(bobs.id), house.install(charlies.id)] == before
    assert house.rung == []


def test_alice_gets_her_own_on_the_same_routes(app: Flask, house: House, alice: Browser, acme: Install) -> None:
    house.decide(acme, decision("d1"))
    house.crms[acme.id] = cast("CheckedCrm", Everything())
    with house.database.write() as connection:
        told = Named((Member("lead", "k1"), Member("lead", "k2")), 0.9)
        pairs.suggest(connection, acme.id, house.seal(acme), [told], now=house.now)
        cleanups.put(connection, acme.id, house.seal(acme), cleanups.Cleanup("d1", "Ana", house.now))
    token = alice.token()
    for way in ways(app, acme.id, "d1"):
        status, _ = ask(alice, way.method, way.path, token)
        assert status < 500, way
        assert way.deeper or status != 404, way
        assert way.deeper or way.method != "GET" or status in {200, 303}, way


def test_a_decision_of_another_install_is_not_found_under_my_own(
    house: House, alice: Browser, acme: Install, bobs: Install
) -> None:
    alice.page(f"/installs/{acme.id}/decisions/d1", status=404)
    assert alice.submit(f"/installs/{acme.id}/decisions/d1/retry").status_code == 404


def test_who_is_not_signed_in_is_sent_to_the_front_page(app: Flask, anyone: Browser, bobs: Install) -> None:
    app.config["WTF_CSRF_ENABLED"] = False  # so that it is the sign-in that refuses
    for method, path in routes(app, bobs.id, "d1"):
        answer = anyone.open(path, method=method)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/"), (method, path)


def test_the_page_that_somebody_signed_out_asked_for_is_remembered_and_said(anyone: Browser, bobs: Install) -> None:
    """A link in a mail, a ticket or a task is gone on to after signing in; see tests/oauth/test_sign_in.py."""
    page = f"/installs/{bobs.id}/decisions/d1"
    anyone.get(f"{page}?x=1")
    with anyone.session_transaction(base_url=PUBLIC_URL) as session:
        assert session["wanted"] == f"{page}?x=1"
    assert "Sign in to go on to the page that you asked for." in anyone.page("/").text
    for path in (f"{page}?x={'x' * 1000}", "/"):
        anyone.get(path)
    anyone.post(f"{page}/retry")
    with anyone.session_transaction(base_url=PUBLIC_URL) as session:
        assert session["wanted"] == f"{page}?x=1"


def test_the_page_is_remembered_also_where_a_session_has_ended(house: House, alice: Browser, acme: Install) -> None:
    house.now += timedelta(hours=12, seconds=1)
    assert alice.get(f"/installs/{acme.id}/health").headers["Location"] == "/"
    with alice.session_transaction(base_url=PUBLIC_URL) as session:
        assert session["wanted"] == f"/installs/{acme.id}/health"


def test_a_polling_script_of_somebody_signed_out_gets_no_page_to_swap_in(anyone: Browser, bobs: Install) -> None:
    answer = anyone.get(f"/installs/{bobs.id}/decisions", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.mimetype) == (403, "text/plain")


def test_an_admin_who_was_removed_sees_nothing_from_that_moment(house: House, alice: Browser, acme: Install) -> None:
    assert alice.get(f"/installs/{acme.id}").status_code == 200
    with house.database.write() as connection:
        connection.execute(delete(admin).where(admin.c.user_id == ALICE))
    assert alice.get(f"/installs/{acme.id}").status_code == 404
    assert "Acme Corp" not in alice.page("/").text


def test_the_same_user_id_in_a_sandbox_does_not_open_the_production_org(
    house: House, app: Flask, acme: Install
) -> None:
    """A Salesforce sandbox copies its org's users with their ids; its admin can sign in as any of them."""
    sandbox = house.connect("salesforce", "00D000000000009AAA", "Acme sandbox", admin=ALICE)
    client = browser(app)
    client.sign_in("salesforce", sandbox.tenant_id, ALICE)
    assert client.get(f"/installs/{sandbox.id}").status_code == 200
    assert client.get(f"/installs/{acme.id}").status_code == 404
    assert "Acme Corp" not in client.page("/").text


def test_a_hubspot_user_sees_only_the_portal_they_signed_in_to(house: House, app: Flask) -> None:
    """What the first portal says about its users does not hold in the second, where they may be no admin any more."""
    first = house.connect("hubspot", "1", "First portal", admin=CHARLIE)
    second = house.connect("hubspot", "2", "Second portal", admin=CHARLIE)
    client = browser(app)
    client.sign_in("hubspot", first.tenant_id, CHARLIE)
    page = client.page("/")
    assert {link.text for link in page.select("main article h2 a")} == {"First portal"}
    assert client.get(f"/installs/{first.id}").status_code == 200
    assert client.get(f"/installs/{second.id}").status_code == 404


def test_admin_rights_must_be_shown_again_after_twelve_hours(
    house: House, app: Flask, alice: Browser, acme: Install
) -> None:
    house.now += timedelta(hours=12)
    alice.sign_in("salesforce", ORG, ALICE)  # a session that is fresh beside a row that is not
    assert alice.get(f"/installs/{acme.id}").status_code == 404
    with house.database.write() as connection:
        installs.add_admin(connection, acme.id, ALICE, house.now)
    assert alice.get(f"/installs/{acme.id}").status_code == 200


def test_a_renewal_does_not_hide_who_installed_it(house: House, acme: Install) -> None:
    with house.database.write() as connection:
        for user, days in ((BOB, 1), (ALICE, 2)):
            installs.add_admin(connection, acme.id, user, house.now + timedelta(days=days))
        by_age = connection.execute(select(admin.c.user_id).order_by(admin.c.since)).scalars().all()
    assert by_age == [ALICE, BOB]


def test_a_session_of_an_older_shape_or_epoch_is_no_session(app: Flask, house: House, acme: Install) -> None:
    client = browser(app)
    person = {"crm": "salesforce", "tenant_id": ORG, "user_id": ALICE, "name": "Alice Adams"}
    with client.session_transaction(base_url=PUBLIC_URL) as session:
        session[WHO] = person
    assert client.get(f"/installs/{acme.id}").status_code == 303
    with client.session_transaction(base_url=PUBLIC_URL) as session:
        session[WHO] = {**person, "at": house.now.timestamp(), "epoch": "of another time"}
    assert client.get(f"/installs/{acme.id}").status_code == 404


def test_a_user_id_of_one_crm_says_nothing_in_the_other(house: House, app: Flask) -> None:
    org = house.connect("salesforce", "1", "An org", admin=CHARLIE)
    client = browser(app)
    client.sign_in("hubspot", "1", CHARLIE)
    assert client.get(f"/installs/{org.id}").status_code == 404


def test_a_session_that_was_forged_is_no_session(app: Flask, anyone: Browser, acme: Install) -> None:
    anyone.set_cookie("__Host-switchyard", "eyJ3aG8iOnsiY3JtIjoic2FsZXNmb3JjZSJ9fQ.aaaa.bbbb", secure=True)
    assert anyone.get(f"/installs/{acme.id}").status_code == 303
    assert ORG not in anyone.page("/").text
