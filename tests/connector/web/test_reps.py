"""Reps: a session that opens one's own page and nothing else, and when it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from flask import Flask

from connector.errors import Later
from connector.store import installs
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from jobs.rulebook import DIRECTORY
from oauth import reps
from oauth.flow import REP, WHO
from rules.model import User
from tests.connector.web.conftest import ORG
from tests.connector.web.kit import ANA, PUBLIC_URL, Browser, CheckedCrm, House, browser
from tests.connector.web.sellers import (
    LEAD,
    SAM,
    TOM,
    Directory,
    Rep,
    crm,
    desk,
    mode,
    out,
    paused,
    rep_of,
    sam,
    session_of,
)
from tests.connector.web.test_access import routes

__all__ = ["crm", "desk", "sam"]


def test_no_page_of_administrators_opens_for_a_rep(app: Flask, house: House, sam: Rep, desk: Install) -> None:
    """Neither those of their own org nor those that do not exist, by any method, for a person or a script."""
    token, before = sam.token(), house.install(desk.id)
    for install_id in (desk.id, "f" * 32):
        for method, path in routes(app, install_id, "d1"):
            fields = {"csrf_token": token, "mode": "observe", "verdict": "never", "do": "pause"}
            answer = sam.open(path, method=method, data=fields if method == "POST" else None)
            assert out(answer), (method, path, answer.status_code)
            polled = sam.open(path, method=method, headers={"HX-Request": "true"}, data={"csrf_token": token})
            assert (polled.status_code, polled.mimetype) == (403, "text/plain"), (method, path)
    front = sam.page("/")
    assert "Acme Corp" not in front.text
    assert (house.install(desk.id), house.rung) == (before, [])


def test_the_name_of_the_product_leads_everybody_to_their_own_first_page(sam: Rep, anyone: Browser) -> None:
    for person, address in ((sam, "/me"), (anyone, "/")):
        brand = person.page("/").select_one("a.brand")
        assert brand is not None
        assert brand["href"] == address


def test_a_reps_session_does_not_pass_for_an_administrators(house: House, app: Flask, desk: Install) -> None:
    """Even of somebody who has an administrator's row: what the sign-in called them is what counts."""
    with house.database.write() as connection:
        installs.add_admin(connection, desk.id, SAM.id, house.now)
    sam = rep_of(app, desk, SAM)
    assert out(sam.get(f"/installs/{desk.id}"))
    assert sam.get("/me").status_code == 200


def test_an_epoch_of_one_kind_opens_nothing_of_the_other(house: House, app: Flask, desk: Install) -> None:
    client = rep_of(app, desk, SAM)
    with client.session_transaction(base_url=PUBLIC_URL) as session:
        session[WHO] = session.pop(REP)
    assert client.get(f"/installs/{desk.id}").status_code == 404
    assert out(client.get("/me"))
    with house.database.write() as connection:
        epoch = installs.add_admin(connection, desk.id, SAM.id, house.now)
    client = rep_of(app, desk, SAM)
    with client.session_transaction(base_url=PUBLIC_URL) as session:
        session[REP] = session[REP] | {"epoch": epoch}
    assert out(client.get("/me"))


def test_a_rep_of_another_org_reaches_nothing_here(house: House, app: Flask, desk: Install) -> None:
    """A sandbox has the users of its org with their ids, and here even the leads."""
    other = house.connect("salesforce", "00D000000000009AAA", "Acme sandbox")
    mode(house, other, "act")
    house.crms[other.id] = cast("CheckedCrm", Directory(people=[SAM, TOM]))
    client = rep_of(app, other, SAM)
    page = client.page("/me")
    assert "Switchyard has given you no lead yet." in page.text
    client.submit("/me/reject", lead=LEAD, sure="yes")
    client.submit("/me/pause", **{"for": "notice"})
    assert [each.user_id for each in paused(house, other)] == [SAM.id]
    assert (paused(house, desk), house.rung) == ([], [])
    with client.session_transaction(base_url=PUBLIC_URL) as session:
        session[REP] = session[REP] | {"tenant_id": desk.tenant_id}
    assert out(client.get("/me")), "their epoch is of the other org"


def test_an_id_of_hubspot_says_nothing_in_salesforce(house: House, app: Flask, desk: Install) -> None:
    client = rep_of(app, desk, SAM)
    with client.session_transaction(base_url=PUBLIC_URL) as session:
        session[REP] = session[REP] | {"crm": "hubspot"}
    assert out(client.get("/me"))


@pytest.mark.parametrize("path", ["/me", "/me/pause", "/me/resume", "/me/reject"])
def test_who_is_not_signed_in_is_sent_to_the_front_page(app: Flask, anyone: Browser, desk: Install, path: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False  # so that it is the sign-in that refuses
    assert out(anyone.get(path) if path == "/me" else anyone.post(path, data={"lead": LEAD, "sure": "yes"}))


def test_a_session_ends_after_twelve_hours_whatever_is_done_meanwhile(house: House, sam: Rep, desk: Install) -> None:
    for _ in range(12):
        assert sam.submit("/me/resume").status_code == 303  # its message signs the cookie anew
        house.now += timedelta(hours=1)
        memo = StoredMemo(house.database, desk.id, house.seal(desk), house.clock)
        reps.enter(memo, SAM.id)  # signed in elsewhere: the sign-in stays fresh
    assert out(sam.get("/me"))
    assert "Sign out" not in sam.page("/").text


def test_a_fresh_cookie_beside_a_sign_in_that_ran_out_opens_nothing(house: House, sam: Rep, desk: Install) -> None:
    house.now += timedelta(hours=12)
    with sam.session_transaction(base_url=PUBLIC_URL) as session:
        session[REP] = session[REP] | {"at": house.now.timestamp()}
    assert out(sam.get("/me"))
    page = sam.page("/")
    assert "Your sign-in has ended" in page.text
    assert "Sign out" not in page.text


def test_signing_out_ends_every_copy_of_the_cookie(app: Flask, sam: Rep, desk: Install) -> None:
    sam.page("/me")
    copied = sam.get_cookie("__Host-switchyard", domain="route.example.com")
    assert copied is not None
    thief = browser(app)
    thief.set_cookie("__Host-switchyard", copied.value, domain="route.example.com", secure=True)
    assert thief.get("/me").status_code == 200
    assert out(sam.submit("/signout"))
    assert out(thief.get("/me"))
    assert out(sam.get("/me"))


def test_a_session_ends_when_the_org_is_disconnected_or_its_access_withdrawn(
    house: House, app: Flask, desk: Install
) -> None:
    for change in (installs.remove, lambda c, id_: installs.set_status(c, id_, "revoked", "The app was removed.")):
        install = house.install(desk.id) or house.connect("salesforce", ORG, "Acme Corp")
        house.crms[install.id] = cast("CheckedCrm", Directory(people=[SAM]))
        client = rep_of(app, install, SAM)
        assert client.get("/me").status_code == 200
        with house.database.write() as connection:
            change(connection, install.id)
        assert out(client.get("/me"))
        assert "rep" not in dict(session_of(client))


@pytest.mark.parametrize("left", [[], [replace(SAM, active=False)], [replace(SAM, queue=True)], [TOM]])
def test_a_session_ends_when_the_user_is_not_active_any_more(
    house: House, sam: Rep, desk: Install, crm: Directory, left: Sequence[User]
) -> None:
    assert sam.get("/me").status_code == 200
    crm.people[:] = left
    house.now += timedelta(seconds=house.settings.directory_seconds + 1)
    token = sam.token()
    assert out(sam.post("/me/reject", data={"csrf_token": token, "lead": LEAD, "sure": "yes"}))
    assert REP not in session_of(sam)
    assert "not among the active users" in sam.page("/").text
    assert house.rung == []


def test_a_crm_that_does_not_say_who_is_who_lets_nobody_in(house: House, sam: Rep, crm: Directory) -> None:
    crm.answer_users = Later("Busy.", seconds=30)
    token = sam.token()
    assert sam.get("/me").status_code == 503
    assert sam.post("/me/reject", data={"csrf_token": token, "lead": LEAD, "sure": "yes"}).status_code == 503
    assert house.rung == []
    crm.answer_users = None
    assert sam.get("/me").status_code == 200, "the session is kept meanwhile"


def test_however_often_the_page_is_loaded_the_crm_is_asked_once(
    house: House, sam: Rep, desk: Install, crm: Directory
) -> None:
    for _ in range(5):
        sam.page("/me")
    assert crm.asked == 1
    kept = StoredMemo(house.database, desk.id, house.seal(desk), house.clock).get(DIRECTORY)
    assert [each["id"] for each in kept or ()] == [ANA.id, SAM.id, TOM.id], "where the workers look"
