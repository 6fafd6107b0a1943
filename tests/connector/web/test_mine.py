"""A page of one's own: pausing oneself and handing back a lead. Nothing of anybody else's is shown or moved."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from connector.errors import Later, Next
from connector.store import assignments, installs, pauses, rotation, rulesets
from connector.store.assignments import Assignment
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.web import desks
from jobs.rulebook import DIRECTORY
from oauth import reps
from oauth.flow import REP, WHO
from rules.model import Mode, Standing, User
from rules.rotation import after
from rules.ruleset import Source, load, split
from tests.connector.web import test_safety
from tests.connector.web.conftest import ALICE, ORG
from tests.connector.web.kit import ANA, PUBLIC_URL, Browser, CheckedCrm, House, browser, decision
from tests.connector.web.test_access import routes
from tests.fakes import FakeCrm

SAM = User("005000000000002AAA", "Sam Seller", "sam@example.com", zone="America/New_York")
TOM = User("005000000000003AAA", "Tom Turner", "tom@example.com", zone="Europe/Paris")
RULES = """
- rule: Enterprise EMEA
  assign: pool "EMEA enterprise"
- pool: EMEA enterprise
  members: [{user: sam@example.com, cap: 3 per day}, tom@example.com]
- pool: Only Tom
  members: [tom@example.com, ana@example.com]
"""
LEAD, TOMS = "00Q000000000001AAA", "00Q000000000002AAA"


class Directory(FakeCrm):
    """A CRM that says who its users are, or raises; it counts how often it is asked."""

    answer_users: Next | None = None
    asked: int = 0

    def users(self) -> tuple[User, ...]:
        self.asked += 1
        if self.answer_users:
            raise self.answer_users
        return super().users()


class Rep(Browser):
    """The browser of somebody who is no administrator."""

    def sign_in_as_rep(self, install: Install, user: User) -> dict[str, Any]:
        """What the OAuth flow leaves in the session."""
        house = cast("House", self.application.extensions["switchyard"])
        epoch = reps.enter(StoredMemo(house.database, install.id, house.seal(install), house.clock), user.id)
        person = {"crm": install.crm, "tenant_id": install.tenant_id, "user_id": user.id, "name": user.name}
        noted = {**person, "at": house.clock().timestamp(), "epoch": epoch}
        with self.session_transaction(base_url=PUBLIC_URL) as session:
            session[REP] = noted
        return noted


def rep_of(app: Flask, install: Install, user: User) -> Rep:
    app.test_client_class = Rep
    client = cast("Rep", app.test_client())
    client.sign_in_as_rep(install, user)
    return client


@pytest.fixture
def crm(house: House, acme: Install) -> Directory:
    made = Directory(people=[ANA, SAM, TOM])
    house.crms[acme.id] = cast("CheckedCrm", made)
    return made


def mode(house: House, install: Install, wanted: Mode) -> None:
    with house.database.write() as connection:
        installs.set_mode(connection, install.id, wanted)


def give(house: House, install: Install, *given: tuple[str, str, User], how: Mode = "act") -> None:
    """Have decisions (key, lead id, person) give leads away."""
    for key, lead_id, user in given:
        made = decision(key, mode=how)
        route = replace(made.route, assignee=user, reason=f"It was the turn of {user.name} ({key}).")
        lead = replace(made.lead, id=lead_id, fields={"name": f"Lead of {user.name}"})
        house.decide(install, replace(made, lead=lead, route=route))
        with house.database.write() as connection:
            row = Assignment(key, lead_id, user.id, None, "EMEA enterprise", how, house.now)
            assignments.add(connection, install.id, [row])


@pytest.fixture
def desk(house: House, acme: Install, crm: Directory) -> Install:
    """Sam got a lead and Tom two, in the mode act."""
    mode(house, acme, "act")
    standing: Standing = {}
    for taker in (TOM, SAM, TOM):
        standing = after(standing, taker.id, {SAM.id: 1, TOM.id: 1})
    sources = [Source(item.name, item.text) for item in split(RULES)]
    with house.database.write() as connection:
        rotation.put(connection, acme.id, {"EMEA enterprise": standing})
        version = load(sources).version
        rulesets.put(connection, acme.id, house.seal(acme), sources=sources, version=version, now=house.now)
    give(house, acme, ("d1", LEAD, SAM), ("d2", TOMS, TOM))
    return acme


@pytest.fixture
def sam(app: Flask, desk: Install) -> Rep:
    return rep_of(app, desk, SAM)


def words(page: BeautifulSoup, section: str) -> str:
    found = page.select_one(f"section[aria-labelledby={section}]")
    assert found is not None
    return found.get_text(" ", strip=True)


def holders(house: House, install: Install) -> dict[str, tuple[str, str]]:
    """Who was given each lead last, and how that ended."""
    with house.database.read() as connection:
        rows = assignments.of_leads(connection, install.id, [LEAD, TOMS], mode=install.mode)
    return {lead_id: (given[-1].user_id, given[-1].ending) for lead_id, given in rows.items()}


def paused(house: House, install: Install) -> list[pauses.Pause]:
    with house.database.read() as connection:
        return pauses.every(connection, install.id, now=house.now)


def flashed(client: Browser) -> str:
    found = client.page("/me").select_one(".flash")
    return "" if found is None else found.get_text(" ", strip=True)


def out(answer: TestResponse) -> bool:
    """Whether somebody was sent to the front page."""
    return (answer.status_code, answer.headers.get("Location")) == (303, "/")


def test_a_rep_sees_whether_they_take_leads_their_place_and_their_leads(sam: Rep) -> None:
    page = sam.page("/me")
    assert page.h1 is not None
    assert page.h1.text == "Sam Seller"
    assert "Takes leads You get leads when it is your turn." in words(page, "taking")
    row = [each.get_text(" ", strip=True) for each in page.select("section[aria-labelledby=pools] tbody tr > *")]
    assert row == ["EMEA enterprise", "1", "1.50", "0.50 behind", "0 of 3 per day", "Takes leads"]
    leads = page.select("section[aria-labelledby=leads] tbody tr")
    assert len(leads) == 1
    told = leads[0].get_text(" ", strip=True)
    assert "Lead of Sam Seller" in told
    assert "It was the turn of Sam Seller (d1)." in told
    link = leads[0].select_one("th a")
    assert link is not None
    assert link["href"] == f"https://acme.my.salesforce.com/{LEAD}"


def test_a_rep_sees_nothing_of_anybody_else(sam: Rep) -> None:
    text = str(sam.page("/me"))
    for secret in ("Tom", TOM.id, TOMS, "Only Tom", "d2", ANA.name, ANA.email):
        assert secret not in text, secret


def test_a_lead_that_is_theirs_no_more_is_told_without_its_name(house: House, sam: Rep, desk: Install) -> None:
    give(house, desk, ("d3", LEAD, TOM))
    told = words(sam.page("/me"), "leads")
    assert "Somebody else has it now" in told
    assert LEAD in told
    assert "Lead of" not in told
    assert "Not for me" not in told


def test_the_latest_twenty_leads_are_shown_also_when_their_decision_is_forgotten(
    house: House, sam: Rep, desk: Install
) -> None:
    many = [Assignment(f"x{n}", f"00Qx{n}", SAM.id, None, "", "act", house.now) for n in range(25)]
    with house.database.write() as connection:
        assignments.add(connection, desk.id, many)
    page = sam.page("/me")
    rows = page.select("section[aria-labelledby=leads] tbody tr")
    assert len(rows) == desks.LEADS_SHOWN
    assert "00Qx24" in rows[0].text
    assert "the audit record in your CRM has it" in rows[0].text


def test_in_observe_nobody_is_shown_a_lead_or_can_hand_one_back(house: House, app: Flask, desk: Install) -> None:
    mode(house, desk, "observe")
    give(house, desk, ("d4", "00Q000000000009AAA", SAM), how="observe")
    sam = rep_of(app, desk, SAM)
    page = sam.page("/me")
    assert "Switchyard only observes so far" in words(page, "leads")
    assert "00Q" not in str(page)
    sam.submit("/me/reject", lead="00Q000000000009AAA", sure="yes")
    assert house.rung == []


def test_a_rep_pauses_until_further_notice_and_takes_leads_again(house: House, sam: Rep, desk: Install) -> None:
    answer = sam.submit("/me/pause", **{"for": "notice"})
    assert (answer.status_code, answer.location) == (303, "/me")
    [pause] = paused(house, desk)
    assert (pause.user_id, pause.until, pause.by) == (SAM.id, None, SAM.id)
    page = sam.page("/me")
    assert "Paused You get no leads until further notice. Set just now by you." in words(page, "taking")
    assert "Takes none now Paused." in words(page, "pools")
    assert sam.submit("/me/resume").location == "/me"
    assert flashed(sam) == "You take leads again."
    assert paused(house, desk) == []
    sam.submit("/me/resume")
    assert "Nothing was changed" in flashed(sam)


@pytest.mark.parametrize(
    ("fields", "until"),
    [
        ({"for": "today"}, "2026-11-23T05:00:00+00:00"),  # midnight in New York
        ({"for": "day"}, "2026-11-23T09:30:00+00:00"),
        ({"for": "week"}, "2026-11-29T09:30:00+00:00"),
        ({"for": "until", "until": "2026-12-24T09:00"}, "2026-12-24T14:00:00+00:00"),
        ({"for": "until", "until": "2027-07-01T09:00"}, "2027-07-01T13:00:00+00:00"),
    ],
)
def test_a_pause_ends_by_the_reps_own_clock(
    house: House, sam: Rep, desk: Install, fields: dict[str, str], until: str
) -> None:
    sam.submit("/me/pause", **fields)
    [pause] = paused(house, desk)
    assert pause.until == datetime.fromisoformat(until)
    assert "America/New_York" in words(sam.page("/me"), "taking")


@pytest.mark.parametrize(
    "until",
    ["", "soon", "2026-11-22T04:29", "2026-11-22", "2026-13-01T09:00", "2028-01-01T09:00", "0001-01-01T00:00",
     "9999-12-31T23:59", "2026-12-24T09:00+05:00", "٢٠٢٦-12-24T09:00"],
)  # fmt: skip
def test_a_time_that_is_none_or_over_or_too_far_changes_nothing(
    house: House, sam: Rep, desk: Install, until: str
) -> None:
    assert sam.submit("/me/pause", **{"for": "until", "until": until}).status_code == 303
    assert "Give a date and time that is ahead of you" in flashed(sam)
    assert paused(house, desk) == []


def test_a_choice_that_is_none_is_refused(house: House, sam: Rep, desk: Install) -> None:
    for fields in ({}, {"for": "ever"}):
        assert sam.submit("/me/pause", **fields).status_code == 400
    assert paused(house, desk) == []


def test_nobody_can_be_named_to_be_paused_or_resumed_in_somebodys_place(house: House, sam: Rep, desk: Install) -> None:
    with house.database.write() as connection:
        pauses.put(connection, desk.id, TOM.id, until=None, by=ALICE, now=house.now)
    forged = {"user": TOM.id, "user_id": TOM.id, "key": TOM.id, "by": TOM.id}
    sam.submit("/me/resume", **forged)
    sam.submit("/me/pause", **forged, **{"for": "notice"})
    assert {each.user_id: each.by for each in paused(house, desk)} == {TOM.id: ALICE, SAM.id: SAM.id}


def test_a_lead_is_handed_back_once_routed_anew_and_the_workers_are_rung_for(
    house: House, sam: Rep, desk: Install
) -> None:
    form = sam.page("/me").select_one("form[action='/me/reject']")
    assert form is not None
    answer = sam.submit("/me/reject", lead=LEAD, sure="yes")
    assert (answer.status_code, answer.location) == (303, "/me")
    assert house.rung == [desk.id]
    assert house.stored_when_rung == [1], "the letter is there before anybody is rung for"
    install = house.install(desk.id)
    assert install is not None
    assert holders(house, install) == {LEAD: (SAM.id, "rejected"), TOMS: (TOM.id, "")}
    page = sam.page("/me")
    assert "Handed back. The lead is routed anew, and not to you." in page.text
    assert "Handed back, just now" in words(page, "leads")
    sam.submit("/me/reject", lead=LEAD, sure="yes")
    assert "you do not have that lead" in flashed(sam)
    assert len(house.letters(desk.id)) == 1


@pytest.mark.parametrize("lead", [TOMS, "00Q000000000404AAA", "d2", "' or 1=1 --", "x" * 5000])
def test_a_lead_of_somebody_else_or_of_nobody_stays_where_it_is(
    house: House, sam: Rep, desk: Install, lead: str
) -> None:
    assert sam.submit("/me/reject", lead=lead, sure="yes", by=TOM.id).status_code == 303
    assert "you do not have that lead" in flashed(sam)
    install = house.install(desk.id)
    assert install is not None
    assert holders(house, install) == {LEAD: (SAM.id, ""), TOMS: (TOM.id, "")}
    assert (house.rung, house.letters(desk.id)) == ([], [])


def test_handing_back_wants_to_be_confirmed_and_to_carry_the_token(house: House, sam: Rep, desk: Install) -> None:
    assert sam.submit("/me/reject", lead=LEAD).status_code == 400
    assert sam.submit("/me/reject", sure="yes").status_code == 400
    for path in ("/me/reject", "/me/pause", "/me/resume"):
        fields = {"lead": LEAD, "sure": "yes", "for": "notice"}
        assert sam.post(path, data=fields).status_code == 400
        assert sam.post(path, data={**fields, "csrf_token": "forged"}).status_code == 400
        assert sam.get(path).status_code == 405
    assert (house.rung, paused(house, desk)) == ([], [])


def test_a_token_of_another_rep_is_refused(house: House, app: Flask, sam: Rep, desk: Install) -> None:
    token = rep_of(app, desk, TOM).token()
    answer = sam.post("/me/reject", data={"csrf_token": token, "lead": LEAD, "sure": "yes"})
    assert (answer.status_code, house.rung) == (400, [])


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
        assert "rep" not in dict(_session(client))


@pytest.mark.parametrize("left", [[], [replace(SAM, active=False)], [replace(SAM, queue=True)], [TOM]])
def test_a_session_ends_when_the_user_is_not_active_any_more(
    house: House, sam: Rep, desk: Install, crm: Directory, left: Sequence[User]
) -> None:
    assert sam.get("/me").status_code == 200
    crm.people[:] = left
    house.now += timedelta(seconds=house.settings.directory_seconds + 1)
    token = sam.token()
    assert out(sam.post("/me/reject", data={"csrf_token": token, "lead": LEAD, "sure": "yes"}))
    assert REP not in _session(sam)
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


def test_an_administrator_has_a_page_of_their_own_too(house: House, alice: Browser, desk: Install) -> None:
    header = alice.page("/").select_one("header form")
    assert header is not None
    assert [str(each["href"]) for each in header.select("a")] == ["/me"]
    page = alice.page("/me")
    assert page.h1 is not None
    assert page.h1.text == ANA.name
    assert "Only Tom" in words(page, "pools")
    alice.submit("/me/pause", **{"for": "week"})
    assert [each.user_id for each in paused(house, desk)] == [ANA.id]
    alice.submit("/me/reject", lead=LEAD, sure="yes")
    assert "you do not have that lead" in flashed(alice), "only their own"


def test_an_administrator_who_owns_no_leads_is_told_so(alice: Browser, desk: Install, crm: Directory) -> None:
    crm.people[:] = [SAM]
    assert out(alice.get("/me"))
    page = alice.page("/")
    assert "not among the active users" in page.text
    assert "Sign out" in page.text


def test_an_administrator_without_rights_any_more_has_no_page(house: House, alice: Browser, desk: Install) -> None:
    with house.database.write() as connection:
        installs.remove_admin(connection, desk.id, ALICE)
    assert out(alice.get("/me"))


def test_in_hubspot_an_administrator_is_found_by_the_id_they_sign_in_with(house: House, app: Flask) -> None:
    """One number may be somebody's login id and somebody else's owner id."""
    portal = house.connect("hubspot", "1", "A portal", admin="77")
    own, other = User("500", "Own", login_id="77"), User("77", "Other", login_id="78")
    house.crms[portal.id] = cast("CheckedCrm", Directory(people=[other, own]))
    client = browser(app)
    client.sign_in("hubspot", "1", "77")
    page = client.page("/me")
    assert page.h1 is not None
    assert page.h1.text == "Own"


def test_what_the_crm_calls_people_and_leads_is_shown_as_text(house: House, app: Flask, desk: Install) -> None:
    hostile = test_safety.HOSTILE
    sam = replace(SAM, name=hostile, zone=hostile)
    house.crms[desk.id] = cast("CheckedCrm", Directory(people=[sam]))
    give(house, desk, ("d7", '../"><b>?x=1#', sam))
    page = rep_of(app, desk, sam).page("/me")
    assert page.h1 is not None
    assert page.h1.text == hostile
    assert not page.find_all("b")
    links = [str(link["href"]) for link in page.select("a[target=_blank]")]
    assert "https://acme.my.salesforce.com/..%2F%22%3E%3Cb%3E%3Fx%3D1%23" in links


def test_the_page_keeps_the_rules_of_all_pages(house: House, sam: Rep, desk: Install, anyone: Browser) -> None:
    full = sam.page("/me")
    sam.submit("/me/pause", **{"for": "notice"})
    pages = {"full": full, "paused": sam.page("/me")}
    test_safety.test_no_page_has_inline_script_or_style(pages)
    test_safety.test_every_page_can_be_used_by_keyboard_and_screen_reader(pages)
    forms = [form for page in pages.values() for form in page.select("form[method=post]")]
    assert len(forms) > 5
    assert all(form.select_one("input[name=csrf_token]") for form in forms)
    assert sam.get("/me").headers["Cache-Control"] == "no-store"
    for label in full.select("details summary"):
        assert re.search(r"\w", label.text)


def _session(client: Browser) -> dict[str, Any]:
    with client.session_transaction(base_url=PUBLIC_URL) as session:
        return dict(session)
