"""A page of one's own: pausing oneself and handing back a lead."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from connector.desk import own as desks
from connector.desk import people
from connector.store import absences, assignments, installs, pauses, responses
from connector.store.assignments import Assignment
from connector.store.installs import Install
from connector.store.responses import Awaited
from rules.model import User
from rules.response import Response
from tests.connector.web import test_safety
from tests.connector.web.conftest import ALICE
from tests.connector.web.kit import ANA, NOW, Browser, CheckedCrm, House, browser
from tests.connector.web.sellers import (
    LEAD,
    SAM,
    TOM,
    TOMS,
    Directory,
    Rep,
    crm,
    desk,
    flashed,
    give,
    holders,
    mode,
    out,
    paused,
    rep_of,
    sam,
    words,
)

__all__ = ["crm", "desk", "sam"]


def without_tokens(page: BeautifulSoup) -> str:
    """Return what a page is about: names of files and tokens hold anything short by chance."""
    main = page.select_one("main")
    assert main is not None
    for each in main.select("input[name=csrf_token]"):
        each.decompose()
    return str(main)


def test_a_rep_sees_whether_they_take_leads_their_place_and_their_leads(sam: Rep) -> None:
    page = sam.page("/me")
    assert page.h1 is not None
    assert page.h1.text == "Sam Seller"
    assert "Takes leads You get leads when it is your turn." in words(page, "taking")
    row = [each.get_text(" ", strip=True) for each in page.select("section[aria-labelledby=pools] tbody tr > *")]
    assert row == ["EMEA enterprise", "1", "1.5", "0.5 behind", "0 of 3 today", "Takes leads"]
    leads = page.select("section[aria-labelledby=leads] tbody tr")
    assert len(leads) == 1
    told = leads[0].get_text(" ", strip=True)
    assert "Lead of Sam Seller" in told
    assert "It was the turn of Sam Seller (d1)." in told
    link = leads[0].select_one("th a")
    assert link is not None
    assert link["href"] == f"https://acme.my.salesforce.com/{LEAD}"


def test_every_time_on_the_page_is_by_the_reps_own_clock_which_nobody_changes_at_its_foot(sam: Rep) -> None:
    """That of the CRM, by which their pauses and days end: no other zone stands there, nor a choice without effect."""
    foot = sam.page("/me").select_one("footer small")
    assert foot is not None
    assert re.sub(r"\s+", " ", foot.text).strip().endswith(f"{SAM.zone}.")
    assert "UTC" not in foot.text
    assert not foot.select("a")


def test_a_rep_sees_nothing_of_anybody_else(sam: Rep) -> None:
    text = without_tokens(sam.page("/me"))
    for secret in ("Tom", TOM.id, TOMS, "Only Tom", "d2", ANA.name, ANA.email):
        assert secret not in text, secret


def test_a_lead_that_is_theirs_no_more_is_told_without_its_name_and_its_reason(
    house: House, sam: Rep, desk: Install
) -> None:
    give(house, desk, ("d3", LEAD, TOM))
    told = words(sam.page("/me"), "leads")
    assert "Somebody else has it now" in told
    assert LEAD in told
    assert "Lead of" not in told
    assert "It was the turn of" not in told, "a reason may name accounts and people"
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
    assert "00Q" not in without_tokens(page)
    sam.submit("/me/reject", lead="00Q000000000009AAA", sure="yes")
    assert house.rung == []


def test_a_rep_pauses_until_further_notice_and_takes_leads_again(house: House, sam: Rep, desk: Install) -> None:
    answer = sam.submit("/me/pause", **{"for": "notice"})
    assert (answer.status_code, answer.location) == (303, "/me")
    [pause] = paused(house, desk)
    assert (pause.user_id, pause.until, pause.by) == (SAM.id, None, SAM.id)
    page = sam.page("/me")
    assert "Paused You get no leads until further notice. Set by you. just now" in words(page, "taking")
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
    answer = sam.submit("/me/pause", **{"for": "until", "until": until})
    refused(answer, "until", "Give a date and time that is ahead, within a year.", until=until)
    assert paused(house, desk) == []


def test_a_time_that_goes_with_no_choice_is_told_and_stays(house: House, sam: Rep, desk: Install) -> None:
    answer = sam.submit("/me/pause", **{"for": "week", "until": "2026-12-24T09:00"})
    page = refused(
        answer, "until", "A date and time goes with “until a date and time” alone.", until="2026-12-24T09:00"
    )
    assert [each["value"] for each in page.select("input[name=for][checked]")] == ["week"]
    assert page.select_one("details[open] #until")
    assert paused(house, desk) == []


def refused(answer: TestResponse, box: str, why: str, **typed: str) -> BeautifulSoup:
    """See that a form was refused at a box, with what was typed still in its boxes; return the page."""
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    (marked,) = page.select("[aria-invalid=true]")
    assert (marked["name"], str(marked["aria-describedby"]).split()[-1]) == (box, f"{box}-why")
    told = page.select_one(f"#{box}-why")
    assert told
    assert why in told.get_text()
    assert [why in each.get_text() for each in page.select("[role=alert]")] == [True]
    for name, value in typed.items():
        (field,) = page.select(f"input[name={name}]")
        assert field["value"] == value
    return page


def planned(house: House, install: Install) -> list[tuple[str, str, str]]:
    """Who is away from when until when, in UTC."""
    with house.database.read() as connection:
        found = absences.every(connection, install.id, now=house.now)
    return [(each.user_id, each.begins_at.isoformat(), each.ends_at.isoformat()) for each in found]


def test_a_rep_plans_days_away_in_their_own_zone_and_takes_them_back(house: House, sam: Rep, desk: Install) -> None:
    assert "You have planned none" in words(sam.page("/me"), "absences")
    assert sam.submit("/me/absences", first="2026-12-24", last="2027-01-01").location == "/me"
    assert planned(house, desk) == [(SAM.id, "2026-12-24T05:00:00+00:00", "2027-01-02T05:00:00+00:00")]
    page = sam.page("/me")
    assert "Planned. No leads come on these days" in page.text
    assert "24 Dec 2026 to 1 Jan 2027" in words(page, "absences")
    assert "Takes leads" in words(page, "taking"), "not yet"
    sam.submit("/me/absences/2026-12-24")
    assert planned(house, desk) == []
    assert "Leads come on these days again" in flashed(sam)
    sam.submit("/me/absences/2026-12-24")
    assert "No absence begins on that day." in flashed(sam)
    assert sam.submit("/me/absences/christmas").status_code == 404


@pytest.mark.parametrize(
    ("days", "why"),
    [
        (("", "2026-12-24"), "Give the first and the last day."),
        (("2026-12-24", "soon"), "Give the first and the last day."),
        (("2026-12-24", "2026-12-23"), "The last day is before the first."),
        (("2026-11-20", "2026-11-21"), "These days are over already."),
        (("2020-01-01", "2026-12-24"), "These days are over already."),
        (("2028-12-24", "2029-12-24"), "too far ahead"),
        (("0001-01-01", "9999-12-31"), "These days are over already."),
    ],
)
def test_days_that_cannot_be_planned_are_refused_with_the_reason(
    house: House, sam: Rep, desk: Install, days: tuple[str, str], why: str
) -> None:
    box = "first" if not days[0] else "last"
    refused(sam.submit("/me/absences", first=days[0], last=days[1]), box, why, first=days[0], last=days[1])
    assert planned(house, desk) == []


def test_the_day_that_is_today_for_the_rep_can_be_planned_though_it_is_another_day_in_utc(
    house: House, sam: Rep, desk: Install
) -> None:
    house.now = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # ten in the evening of the 22nd in New York
    sam = rep_of(sam.application, desk, SAM)
    sam.submit("/me/absences", first="2026-11-22", last="2026-11-22")
    assert planned(house, desk) == [(SAM.id, "2026-11-22T05:00:00+00:00", "2026-11-23T05:00:00+00:00")]
    page = sam.page("/me")
    assert "Away You get no leads until 23 Nov 2026, 00:00 America/New_York. Set by you." in words(page, "taking")
    assert "Takes none now Away." in words(page, "pools")
    assert page.select_one("form[action='/me/resume']") is None, "an absence ends where it is listed"


def test_nobody_plans_more_than_a_person_can_take_in(house: House, sam: Rep, desk: Install) -> None:
    with house.database.write() as connection:
        for number in range(people.MOST_ABSENCES):
            day = NOW.date() + timedelta(days=number)
            away = absences.planned(SAM.id, day, day, zone=UTC, by=SAM.id, now=NOW)
            absences.put(connection, desk.id, away, now=NOW)
    refused(sam.submit("/me/absences", first="2027-06-01", last="2027-06-01"), "first", "too many absences")
    assert len(planned(house, desk)) == people.MOST_ABSENCES


def test_a_lead_says_whether_it_was_answered_and_by_when_it_is_due(house: House, sam: Rep, desk: Install) -> None:
    def cell() -> str:
        found = sam.page("/me").select_one("td[data-label=Answered]")
        return "" if found is None else found.get_text(" ", strip=True)

    assert cell() == "–"  # noqa: RUF001 - as shown
    awaited = Awaited("d1", LEAD, NOW, NOW + timedelta(minutes=30), NOW)
    with house.database.write() as connection:
        responses.add(connection, desk.id, [awaited], now=NOW)
    assert cell() == "Not answered yet due 22 Nov 2026, 05:00 America/New_York"
    house.now = NOW + timedelta(hours=1)
    assert cell() == "Overdue since 22 Nov 2026, 05:00 America/New_York"
    with house.database.write() as connection:
        responses.find(connection, desk.id, "d1", Response("late", NOW + timedelta(minutes=50), 50.0), now=house.now)
    assert cell() == "Answered late 10 minutes ago"


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
    for path in ("/me/reject", "/me/pause", "/me/resume", "/me/absences", "/me/absences/2026-12-24"):
        fields = {"lead": LEAD, "sure": "yes", "for": "notice", "first": "2026-12-24", "last": "2026-12-24"}
        assert sam.post(path, data=fields).status_code == 400
        assert sam.post(path, data={**fields, "csrf_token": "forged"}).status_code == 400
        assert sam.get(path).status_code == 405
    assert (house.rung, paused(house, desk)) == ([], [])


def test_a_token_of_another_rep_is_refused(house: House, app: Flask, sam: Rep, desk: Install) -> None:
    token = rep_of(app, desk, TOM).token()
    answer = sam.post("/me/reject", data={"csrf_token": token, "lead": LEAD, "sure": "yes"})
    assert (answer.status_code, house.rung) == (400, [])


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
