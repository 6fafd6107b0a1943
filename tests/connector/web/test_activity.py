"""Finding any lead's story: by whatever is known of it, page by page, by one's own days; and taking one back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from connector.desk import activity, undoing
from connector.desk.activity import Wanted
from connector.desk.faults import NotThere, Unusable
from connector.errors import Later
from connector.store import aliases, changes, letters, progress
from connector.store.aliases import Alias
from connector.store.installs import Install
from rules.model import Decision, Record, Task, User
from tests.connector.store.kit import event
from tests.connector.web.kit import ANA, DONE, Browser, CheckedCrm, House, browser, decision, main, section
from tests.fakes import FakeCrm

BOB = User("005000000000008AAA", "Bob Łukasz", "bob@example.com")


def lead(key: str, lead_id: str, name: str, email: str, company: str, **changes: Any) -> Decision:
    made = decision(key, **changes)
    return replace(made, lead=Record("lead", lead_id, {"name": name, "email": email, "company": company}, ANA.id))


@pytest.fixture
def own(acme: Install) -> str:
    return f"/installs/{acme.id}/decisions"


@pytest.fixture(autouse=True)
def known(house: House, acme: Install) -> None:
    house.decide(acme, lead("d1", "00Q000000000001AAA", "José Núñez", "jose@globex.example.com", "Globex"), ledger=DONE)
    route = replace(decision().route, rule="Partners", assignee=BOB)
    yuki = lead("d2", "00Q000000000002AAA", "田中 由紀", "yuki@initech.example.org", "Initech 日本", route=route)
    house.decide(acme, replace(yuki, outcome="kept"), at=house.now + timedelta(minutes=1))


def keys(page: BeautifulSoup) -> list[str]:
    return [str(item["id"]).removeprefix("d-") for item in page.select("ol.decisions li")]


def found(alice: Browser, own: str, **query: str) -> list[str]:
    answer = alice.get(own, query_string=query)
    assert answer.status_code == 200, answer.status_code
    return keys(BeautifulSoup(answer.text, "html.parser"))


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"q": "jose"}, ["d1"]),
        ({"q": "NÚÑEZ José"}, ["d1"]),
        ({"q": "jose@globex.example.com"}, ["d1"]),
        ({"q": "@example.com"}, ["d1"]),
        ({"q": "example.org"}, ["d2"]),
        ({"q": "由紀"}, ["d2"]),
        ({"q": "lukasz"}, ["d2"]),
        ({"q": "globex jose"}, ["d1"]),
        ({"q": "globex yuki"}, []),
        ({"company": "initech"}, ["d2"]),
        ({"name": "jose", "company": "globex"}, ["d1"]),
        ({"email": "yuki@initech.example.org"}, ["d2"]),
        ({"domain": "example.org"}, ["d2"]),
        ({"rep": "bob@example.com"}, ["d2"]),
        ({"rep": BOB.id}, ["d2"]),
        ({"rule": "partners"}, ["d2"]),
        ({"outcome": "assigned"}, ["d1"]),
        ({"state": "settled", "q": "jose"}, ["d1"]),
        ({"state": "parked"}, []),
        ({"outcome": "assigned", "rule": "Partners"}, []),
    ],
)
def test_a_lead_is_found_by_whatever_is_known_of_it(
    alice: Browser, own: str, query: dict[str, str], wanted: Sequence[str]
) -> None:
    assert found(alice, own, **query) == wanted


def test_the_short_form_of_an_id_leads_to_the_story_as_well(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    house.decide(acme, lead("d3", "00Q000000000007EAA", "Kim", "kim@x.example.net", "X"))
    answer = alice.get(own, query_string={"q": "00Q000000000007"})
    assert answer.headers["Location"] == f"{own}/lead/00Q000000000007EAA"


@pytest.mark.parametrize(
    "typed",
    [
        "00Q000000000001AAA",
        "https://acme.lightning.force.com/lightning/r/Lead/00Q000000000001AAA/view",
    ],
)
def test_an_id_or_address_in_the_one_box_leads_to_the_story(
    alice: Browser, own: str, acme: Install, typed: str
) -> None:
    answer = alice.get(own, query_string={"q": typed})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{own}/lead/00Q000000000001AAA")
    assert "José Núñez" in main(alice.page(answer.headers["Location"]))


TRACE = "30552273b72f49a893a1e49ba31b4904"
MADE = "00Q000000000004AAA-4b4bb96111eb-d9b80d23f247"


@pytest.mark.parametrize("typed", [TRACE, f"{TRACE}-814c92a98a3d2d98", f"{TRACE}-814c92a98a3d2d98-1", MADE])
def test_what_sentry_names_leads_to_the_story(
    house: House, alice: Browser, acme: Install, own: str, typed: str
) -> None:
    """Support comes with the id of a trace or of a decision, and by their leave has no other way in than this page."""
    made = lead(MADE, "00Q000000000004AAA", "Kim", "kim@x.example.net", "X")
    house.decide(acme, made, trace=f"{TRACE}-814c92a98a3d2d98-1")
    answer = alice.get(own, query_string={"q": typed})
    assert (answer.status_code, answer.headers.get("Location")) == (303, f"{own}/lead/00Q000000000004AAA")


def test_a_trace_of_several_leads_lists_them_narrowed_by_the_rest(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    for number in (4, 5):
        made = lead(f"d{number}", f"00Q00000000000{number}AAA", f"Kim {number}", "kim@x.example.net", "X")
        house.decide(acme, made, trace=f"{TRACE}-814c92a98a3d2d98-1")
    assert found(alice, own, q=TRACE) == ["d4", "d5"]
    narrowed = alice.get(own, query_string={"q": TRACE, "name": "5"})
    assert narrowed.headers["Location"] == f"{own}/lead/00Q000000000005AAA"
    assert found(alice, own, q=TRACE.replace("3", "4")) == []


def test_a_lead_that_is_not_decided_yet_says_why(house: House, alice: Browser, acme: Install, own: str) -> None:
    """Why a lead was not routed is the first question: that its change waits, or stands still, is the answer."""
    with house.database.write() as connection:
        for number in (8, 9):
            about = event(f"e{number}", f"00Q00000000000{number}AAA")
            letters.receive(connection, acme.id, [about], now=house.now, trace=f"{TRACE}-814c92a98a3d2d98-1")
        (stands,) = letters.about(connection, acme.id, event="e9")
        letters.park(connection, acme.id, [stands.letter.id], reason="Acme says no.")
    for typed in ("00Q000000000008AAA", "https://acme.lightning.force.com/lightning/r/Lead/00Q000000000008AAA/view"):
        told = main(alice.page(f"{own}?q={typed}"))
        assert "Nothing is decided about it yet: its change waits." in told
    told = main(alice.page(f"{own}?q=00Q000000000009AAA"))
    assert "stands still until somebody asks for another try." in told
    assert "Acme says no." in told
    assert "Nothing is decided about it yet" in main(alice.page(f"{own}?q={TRACE}"))


def test_of_an_id_that_nothing_is_known_of_it_is_said_and_not_that_fewer_words_may_help(
    alice: Browser, own: str
) -> None:
    told = main(alice.page(f"{own}?q=00Q00000000000XAAA"))
    assert "Switchyard holds no decision about 00Q00000000000XAAA." in told
    assert "fewer" not in told


def test_a_number_that_is_no_lead_is_a_word(house: House, alice: Browser, acme: Install, own: str) -> None:
    house.decide(acme, lead("d3", "00Q000000000003AAA", "Agent 4711", "x@y.example.net", "Number 4711"))
    assert found(alice, own, q="4711") == ["d3"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"email": "nobody"}, "no e-mail address: nobody"),
        ({"domain": "???"}, "no domain of an e-mail address"),
        ({"q": "!!!"}, "Type a name, an e-mail address"),
        ({"outcome": "lost"}, "comes to “lost”"),
        ({"state": "gone"}, "in the state “gone”"),
        ({"from": "yesterday"}, "Write the day like"),
        ({"to": "9999-12-31"}, "Write the day like"),
    ],
)
def test_what_cannot_be_looked_for_gets_a_sentence(alice: Browser, own: str, query: dict[str, str], words: str) -> None:
    page = BeautifulSoup(alice.get(own, query_string=query).text, "html.parser")
    fault = page.select_one("#find-fault")
    assert fault is not None
    assert words in fault.text
    assert keys(page) == []


def test_what_finds_nothing_says_what_to_try(alice: Browser, own: str) -> None:
    page = BeautifulSoup(alice.get(own, query_string={"q": "nobody"}).text, "html.parser")
    assert "try fewer of them" in main(page)


def test_days_are_those_of_the_viewer(house: House, alice: Browser, acme: Install, own: str) -> None:
    at = house.now.replace(hour=22, minute=30) - timedelta(days=5)
    house.decide(acme, lead("late", "00Q000000000009AAA", "Late", "l@x.example", "X"), at=at)
    day, after = (each.date().isoformat() for each in (at, at + timedelta(days=1)))
    assert found(alice, own, **{"from": day, "to": day}) == ["late"]
    alice.set_cookie("zone", "Asia/Kolkata", domain="route.example.com")
    assert found(alice, own, **{"from": day, "to": day}) == []
    assert found(alice, own, **{"from": after, "to": after}) == ["late"]


def test_what_was_looked_for_stays_on_older_pages(house: House, alice: Browser, acme: Install, own: str) -> None:
    many = [lead(f"m{n:03}", f"00Q0000000001{n:02}AAA", "Marie", f"m{n}@many.example.com", "Many") for n in range(60)]
    house.decide(acme, *many, at=house.now + timedelta(minutes=5))
    seen, path = list[str](), f"{own}?company=many&outcome=assigned"
    while path:
        page = alice.page(path)
        seen += keys(page)
        older = page.find("a", string="Older decisions")
        path = str(older["href"]) if older else ""
    assert seen == [each.key for each in many]


def test_another_tenant_finds_and_sees_nothing_of_it(house: House, app: Flask, acme: Install, own: str) -> None:
    other = house.connect("hubspot", "77", "Portal", admin="7")
    client = browser(app)
    client.sign_in("hubspot", "77", "7")
    assert found(client, f"/installs/{other.id}/decisions", q="jose") == []
    assert activity.find(house, other, Wanted(text="jose")).decisions == ()
    for path in ("", "/d1", "/lead/00Q000000000001AAA", "/d1/undo"):
        assert client.get(f"{own}{path}").status_code == 404
    assert client.submit(f"{own}/d1/undo").status_code == 404
    assert client.get(f"/installs/{other.id}/decisions/d1").status_code == 404


# The story of a lead


def test_a_lead_that_nobody_decided_about_has_no_story(house: House, alice: Browser, acme: Install, own: str) -> None:
    alice.page(f"{own}/lead/00Q000000000099AAA", status=404)
    with pytest.raises(NotThere):
        activity.lead(house, acme, "00Q000000000099AAA")


def test_a_story_tells_all_that_was_decided_in_its_order(house: House, alice: Browser, acme: Install, own: str) -> None:
    first = lead("d1", "00Q000000000001AAA", "José Núñez", "jose@globex.example.com", "Globex")
    house.decide(acme, replace(first, key="d4", outcome="undone", undoes="d1"), at=house.now + timedelta(hours=1))
    house.decide(acme, replace(first, key="d5"), at=house.now + timedelta(hours=2))
    page = alice.page(f"{own}/lead/00Q000000000001AAA")
    entries = [" ".join(each.text.split()) for each in page.select("section[aria-labelledby=history] li")]
    assert [entry.split("Diaz")[0].split("by rule")[0][:50] for entry in entries] == [
        "22 Nov 2026, 09:30 Assigned to Ana ",
        "22 Nov 2026, 10:30 Undone back to where it was, ",
        "22 Nov 2026, 11:30 Assigned to Ana ",
    ]
    assert "Taken back" in entries[0]
    assert "takes an earlier decision back" in entries[1]
    assert "This was taken back since" in main(alice.page(f"{own}/d1"))


def test_a_merged_lead_says_where_it_lives_on(house: House, alice: Browser, acme: Install, own: str) -> None:
    with house.database.write() as connection:
        old = Alias("lead", "00Q000000000008AAA", "lead", "00Q000000000001AAA", "merged", "d1", house.now)
        aliases.put(connection, acme.id, [old])
    assert "lives on there" in main(alice.page(f"{own}/lead/00Q000000000008AAA"))
    assert found(alice, own, lead="00Q000000000008AAA") == ["d1"]


def test_a_story_tells_how_long_each_action_took(alice: Browser, own: str) -> None:
    deeds = section(alice.page(f"{own}/d1"), "actions")
    assert "Done Make Ana Diaz" in deeds
    assert "Take it back…" in deeds


def test_a_trace_leads_to_sentry_where_somebody_said_where_that_is(house: House, alice: Browser, own: str) -> None:
    assert alice.page(f"{own}/d1").select("a[href*=sentry]") == []
    url = "https://acme.sentry.example/traces/{trace}/"
    house.settings = house.settings.model_copy(update={"sentry_trace_url": url})
    (link,) = alice.page(f"{own}/d1").select("a[href*=sentry]")
    assert link["href"] == url.replace("{trace}", "0123456789abcdef0123456789abcdef")


def test_the_address_of_a_story_can_be_copied(alice: Browser, own: str) -> None:
    page = alice.page(f"{own}/d1")
    field = page.select_one("#address")
    assert field is not None
    assert field["value"] == f"https://route.example.com{own}/d1"
    assert page.select("button[data-copies=address][hidden]"), "shown where the browser can copy"


# Taking back


@pytest.fixture
def crm(house: House, acme: Install) -> FakeCrm:
    """A CRM in which the lead is as the decision left it."""
    made = FakeCrm(people=[ANA, BOB, User("005000000000007AAA", "Old Owner")])
    fields = {"name": "José Núñez", "account_id": "001000000000001AAA"}
    made.add(Record("lead", "00Q000000000001AAA", fields, owner_id=ANA.id, modified_at=house.now))
    task = next(each for each in decision().actions if isinstance(each, Task))
    made.tasks.append(("00Q000000000001AAA", task))
    house.crms[acme.id] = cast("CheckedCrm", made)
    return made


def test_an_undo_is_shown_before_it_is_done_and_asks(
    house: House, alice: Browser, acme: Install, own: str, crm: FakeCrm
) -> None:
    page = alice.page(f"{own}/d1/undo")
    assert "Take this back for José Núñez?" in main(page)
    assert page.select("form[method=post] button.danger")
    with house.database.read() as connection:
        assert progress.of(connection, acme.id) == [], "nothing is done by looking"
    part = alice.get(f"{own}/d1/undo", headers={"HX-Request": "true"}).text
    assert "<html" not in part


def test_an_undo_is_asked_for_noted_and_rung_for(
    house: House, alice: Browser, acme: Install, own: str, crm: FakeCrm
) -> None:
    answer = alice.submit(f"{own}/d1/undo")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{own}/d1")
    with house.database.read() as connection:
        assert [each.name.partition(":")[0] for each in progress.of(connection, acme.id)] == ["undo"]
        assert connection.execute(select(changes.change.c.did)).scalars().all() == ["decision undone"]
    assert house.rung == [acme.id]
    assert "It is being taken back." in alice.page(f"{own}/d1").text


def test_what_cannot_go_back_says_why(house: House, alice: Browser, acme: Install, own: str, crm: FakeCrm) -> None:
    house.decide(acme, decision("d3", outcome="ignored", actions=()), at=house.now + timedelta(minutes=2))
    assert "Nothing goes back." in main(alice.page(f"{own}/d3/undo"))
    assert not undoing.preview(house, acme, "d3").can


def test_a_crm_that_does_not_answer_is_told_and_nothing_is_done(alice: Browser, own: str, crm: FakeCrm) -> None:
    def away(*_given: object) -> None:
        raise Later("Salesforce is down", seconds=5)

    crm.before = away
    assert "so nothing was done: Salesforce is down" in main(alice.page(f"{own}/d1/undo"))


def test_an_undo_of_what_there_is_not_is_not_found(alice: Browser, own: str, crm: FakeCrm) -> None:
    alice.page(f"{own}/nothing/undo", status=404)
    assert alice.submit(f"{own}/nothing/undo").status_code == 404


def test_what_is_asked_of_the_desk_is_checked_there(house: House, acme: Install) -> None:
    typed = {"outcome": Wanted(outcome="lost"), "email": Wanted(email="x"), "text": Wanted(text="?")}
    for field, wanted in typed.items():
        with pytest.raises(Unusable) as refused:
            activity.find(house, acme, wanted)
        assert refused.value.field == field
    page = activity.find(house, acme, Wanted(), limit=1)
    assert page.older is not None
    rest = activity.find(house, acme, Wanted(), after=page.older)
    assert [each.decision.key for each in (*page.decisions, *rest.decisions)] == ["d2", "d1"]
