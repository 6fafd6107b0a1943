"""Accounts for contacts that have none: looked for by the drain, kept as ids, told as they are when somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import delete

from connector.desk import suggestions
from connector.desk.faults import NotThere
from connector.index import Index
from connector.services import Services
from connector.store import cleanups, decisions, forgetting, progress, reviews
from connector.store.progress import Progress
from jobs import accounts, clock, contacts
from jobs.recall import NAME
from jobs.reviews import recall
from rules import labels
from rules.model import Candidate, Kind, Match, Record, Value
from rules.wording import catalogue
from tests.connector.store.kit import decision
from tests.jobs.conftest import START, House, Prologue
from tests.jobs.test_massmatch import stands
from tests.jobs.test_reviews import say

LONG_AGO = START - timedelta(days=400)
PEOPLE: dict[str, dict[str, Value]] = {
    "c1": {"name": "Kim Lee", "email": "kim@globex.com", "company": "Globex Corporation"},
    "c2": {"name": "Ray Ito", "email": "ray@globex.com", "account_id": "a1"},
    "c3": {"name": "Sue Poe", "email": "sue@nowhere.example", "company": "Nowhere"},
    "c4": {"first_name": "Ann", "last_name": "Day", "email": "ann@initech.example", "company": "Initech"},
    "c5": {"email": "joe@globex.com", "company": "Globex Corporation"},
}


def has_contacts(house: House, kind: Kind = "contact") -> None:
    """Two contacts of Globex and one of Initech have no account, one has, and one is of nobody we know."""
    house.account("a1", name="Globex Corporation", website="globex.com")
    house.account("a2", name="Initech", website="initech.example")
    for contact_id, more in PEOPLE.items():
        house.crm.add(Record(kind, contact_id, more, owner_id="u0", created_at=LONG_AGO, modified_at=LONG_AGO))
    house.read_all("account", "contact", "lead")
    house.later(minutes=1)


@pytest.fixture
def full(begin: Callable[[Prologue], House], monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(contacts, "PAGE", 2)
    return begin(has_contacts)


def start(house: House) -> str:
    with house.database.write() as connection:
        return contacts.start(
            connection, house.install, house.tools.seal(house.install), by="Ana", version="v1", now=house.now
        )


class Desk:
    """What the desk needs of services, of a house."""

    def __init__(self, house: House) -> None:
        self.database, self.clock, self.seal = house.database, lambda: house.now, house.tools.seal
        self.rung: list[str] = []
        self.ring = self.rung.append


def services(house: House) -> Services:
    return cast("Services", Desk(house))


def listed(house: House) -> list[tuple[str, str]]:
    found = suggestions.listing(services(house), house.install).found
    return [(each.contact_id, each.account_id) for each in found]


def ran(house: House) -> Progress:
    name = start(house)
    house.drain()
    return stands(house, name)


def put(house: House, *records: Record) -> None:
    with house.database.write() as connection:
        Index(connection, house.install.id, house.tools.seal(house.install)).put(records)


def test_contacts_without_an_account_get_one_suggested_and_nothing_is_written(full: House) -> None:
    before = dict(full.crm.records)
    done = ran(full)
    assert (done.state, done.done, done.total) == ("done", 5, 5)
    assert done.reason == "3 of 4 contacts without an account may belong to one."
    assert set(listed(full)) == {("c1", "a1"), ("c4", "a2"), ("c5", "a1")}
    assert full.crm.records == before
    assert not full.crm.entries
    assert full.waiting() == {"waiting": 0, "parked": 0}


def test_they_are_told_by_name_the_surest_first_with_the_evidence_in_the_viewers_language(full: House) -> None:
    ran(full)
    found = suggestions.listing(services(full), full.install).found
    assert {(each.contact, each.account) for each in found} == {
        ("Kim Lee", "Globex Corporation"), ("Ann Day", "Initech"), ("joe@globex.com", "Globex Corporation"),
    }  # fmt: skip
    sure = [each.confidence for each in found]
    assert sure == sorted(sure, reverse=True)
    assert min(sure) >= 0.6, "less is not worth asking a person"
    assert all(each.clues for each in found)
    with catalogue.speaking("de"):
        german = suggestions.listing(services(full), full.install).found
    assert [each.confidence for each in german] == sure
    assert german[0].clues[0].text != found[0].clues[0].text


def test_only_ids_and_how_sure_it_is_are_kept(full: House) -> None:
    name = start(full)
    full.drain()
    with full.database.read() as connection:
        found = cleanups.likeliest(connection, full.install.id, name, limit=9)
        assert {each.kinds for each in found} == {("account", "contact")}
        assert cleanups.every(connection, full.install.id, full.tools.seal(full.install)) == [], "it is no clean-up"


def test_pages_follow_each_other_and_the_table_has_them_all(full: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ran(full)
    whole = suggestions.listing(services(full), full.install)
    assert (whole.kept, whole.more, whole.looked_at) == (3, None, full.now)
    paged: list[suggestions.Suggested] = []
    after = None
    for _ in range(3):
        page = suggestions.listing(services(full), full.install, after=after, limit=1)
        paged += page.found
        after = page.more
    assert (tuple(paged), after) == (whole.found, None)
    monkeypatch.setattr(suggestions, "AT_ONCE", 2)
    head, *lines = "".join(suggestions.table(services(full), full.install)).splitlines()
    assert head == "contact_id,contact,account_id,account,confidence,evidence"
    assert [line.split(",")[0] for line in lines] == [each.contact_id for each in whole.found]


def test_a_name_that_is_a_formula_is_text_in_the_table(full: House) -> None:
    put(full, Record("contact", "c1", {**PEOPLE["c1"], "name": "=1+1"}, created_at=LONG_AGO))
    ran(full)
    assert "c1,'=1+1,a1," in "".join(suggestions.table(services(full), full.install))


def test_who_has_an_account_meanwhile_or_is_gone_is_suggested_no_more(full: House) -> None:
    ran(full)
    put(full, Record("contact", "c1", {**PEOPLE["c1"], "account_id": "a2"}, created_at=LONG_AGO))
    with full.database.write() as connection:
        index = Index(connection, full.install.id, full.tools.seal(full.install))
        index.remove("contact", ["c5"])
        index.remove("account", ["a2"])
    assert listed(full) == []
    assert suggestions.listing(services(full), full.install).kept == 3


def test_a_person_who_is_forgotten_is_in_no_suggestion(full: House) -> None:
    ran(full)
    with full.database.write() as connection:
        seal = full.tools.seal(full.install)
        forgetting.forget(connection, full.install.id, seal, forgetting.Mentions(leads=frozenset({"c1"})))
        kept = cleanups.likeliest(connection, full.install.id, contacts.NAME, limit=9)
    assert {contacts.sides(each)[1] for each in kept} == {"c4", "c5"}


def test_what_people_said_never_belongs_together_is_not_suggested(full: House) -> None:
    globex = Candidate("a1", "Globex Corporation", None, 0.7)
    match = Match("review", globex, (), "Not sure enough.", log_odds=0.8)
    asks = decision("d1", "l9", match=match, lead=Record("lead", "l9", {"name": "Pat", "email": "pat@globex.com"}))
    seal = full.tools.seal(full.install)
    with full.database.write() as connection:
        reviews.follow(connection, full.install.id, seal, [asks], now=full.now)
    assert say(full, "never", lead_id="l9") is not None
    ran(full)
    assert ("c4", "a2") in listed(full)
    assert not {("c1", "a1"), ("c5", "a1")} & set(listed(full))


def test_the_surest_are_kept_when_there_are_too_many(full: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ran(full)
    surest = listed(full)[:1]
    monkeypatch.setattr(contacts, "KEPT", 1)
    done = ran(full)
    assert done.reason == "3 of 4 contacts without an account may belong to one; the surest 1 are listed."
    assert listed(full) == surest


def test_looking_again_replaces_what_was_found(full: House) -> None:
    ran(full)
    full.later(minutes=1)
    put(full, Record("contact", "c1", {**PEOPLE["c1"], "account_id": "a1"}, created_at=LONG_AGO))
    assert ran(full).reason == "2 of 3 contacts without an account may belong to one."
    assert suggestions.listing(services(full), full.install).kept == 2


def test_what_was_found_goes_a_year_after_it_was_last_looked_for(full: House) -> None:
    ran(full)
    full.later(days=300)
    ran(full)
    full.later(days=100)
    clock.clean(full.tools)
    assert len(listed(full)) == 3, "the first time was longer ago"
    full.later(days=300)
    clock.clean(full.tools)
    with full.database.read() as connection:
        assert cleanups.count(connection, full.install.id, contacts.NAME) == 0
        assert contacts.NAME not in {each.name for each in progress.of(connection, full.install.id)}


def test_a_pause_during_a_page_holds_and_it_goes_on_where_it_stood(
    full: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, find = start(full), accounts.find

    def meanwhile(*given, **more):  # type: ignore[no-untyped-def]
        with full.database.write() as connection:
            progress.pause(connection, full.install.id, [name], now=full.now)
        return find(*given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(accounts, "find", meanwhile)
        full.drain()
    assert (stands(full, name).state, stands(full, name).done, listed(full)) == ("paused", 0, [])
    with full.database.write() as connection:
        progress.resume(connection, full.install.id, [name], now=full.now)
    full.drain()
    assert stands(full, name).reason == "3 of 4 contacts without an account may belong to one."
    assert len(listed(full)) == 3


def test_the_contacts_that_hubspot_has_routed_are_looked_at_too(begin: Callable[[Prologue], House]) -> None:
    house = begin(lambda each: has_contacts(each, "lead"))
    house.install = replace(house.install, crm="hubspot", routes="contacts")
    assert contacts.kind_of(house.install) == "lead"
    with house.database.write() as connection:
        seal = house.tools.seal(house.install)
        contacts.start(connection, house.install, seal, by="Ana", version="v1", now=house.now)
    house.drain()
    assert set(listed(house)) == {("c1", "a1"), ("c4", "a2"), ("c5", "a1")}
    wrong(house)
    house.drain()
    labelled = [label for row in house.crm.audit_page().rows if (label := labels.read(row)) is not None]
    assert [(each.verdict, each.records[0].kind) for each in labelled] == [("rejected", "lead")]
    assert set(listed(house)) == {("c4", "a2"), ("c5", "a1")}


def test_what_a_review_asks_of_a_routed_contact_is_answered_there_and_taken_back_there(
    begin: Callable[[Prologue], House],
) -> None:
    house = begin(lambda each: has_contacts(each, "lead"))
    house.install = replace(house.install, crm="hubspot", routes="contacts")
    globex = Candidate("a1", "Globex Corporation", None, 0.7)
    match = Match("review", globex, (), "Not sure enough.", log_odds=0.8)
    lead = Record("lead", "c1", PEOPLE["c1"])
    seal = house.tools.seal(house.install)
    with house.database.write() as connection:
        contacts.start(connection, house.install, seal, by="Ana", version="v1", now=house.now)
    house.drain()
    with house.database.write() as connection:
        reviews.follow(
            connection, house.install.id, seal, [decision("d1", "c1", match=match, lead=lead)], now=house.now
        )
    wrong(house)
    with house.database.read() as connection:
        (known,) = reviews.of_lead_all(connection, house.install.id, seal, "c1")
    assert (known.state, known.detail.log_odds) == ("rejected", 0.8), "an answer to what was asked teaches"
    assert house.waiting()["waiting"] == 1, "the lead is decided anew"
    suggestions.undo(services(house), house.install, by="u9", name="Ana")
    with house.database.read() as connection:
        (known,) = reviews.of_lead_all(connection, house.install.id, seal, "c1")
    assert known.state == "open"


def test_without_contacts_there_is_nothing_and_it_says_so(house: House) -> None:
    assert suggestions.listing(services(house), house.install).looked_at is None
    assert ran(house).reason == "0 of 0 contacts without an account may belong to one."
    assert listed(house) == []


def wrong(house: House, contact_id: str = "c1", account_id: str = "a1") -> None:
    suggestions.reject(services(house), house.install, contact_id, account_id, by="u9", name="Ana")


def said(house: House) -> list[tuple[str, str, str]]:
    """What the audits of the CRM say of contacts and accounts: the verdict, and both ids."""
    found = [label for row in house.crm.audit_page().rows if (label := labels.read(row)) is not None]
    found.sort(key=lambda each: each.at)
    assert all(each.records[0].kind == "contact" for each in found)
    return [(each.verdict, each.records[0].id, each.records[1].id) for each in found]


def test_what_somebody_says_is_wrong_is_suggested_no_more_and_the_crm_keeps_it(full: House) -> None:
    ran(full)
    wrong(full)
    assert set(listed(full)) == {("c4", "a2"), ("c5", "a1")}, "at once"
    full.drain()
    assert said(full) == [("rejected", "c1", "a1")]
    (row,) = full.crm.audit_page().rows
    assert row["reason"] == "Ana said: this contact does not belong to Globex Corporation."
    full.later(minutes=1)
    done = ran(full)
    assert done.reason == "2 of 4 contacts without an account may belong to one."
    assert set(listed(full)) == {("c4", "a2"), ("c5", "a1")}, "nor by a later run"


def test_an_answer_is_taken_back_as_long_as_nobody_else_has_answered(full: House) -> None:
    ran(full)
    wrong(full)
    full.drain()
    full.later(minutes=1)
    assert suggestions.can_undo(services(full), full.install, by="u9")
    suggestions.undo(services(full), full.install, by="u9", name="Ana")
    full.drain()
    assert set(listed(full)) == {("c1", "a1"), ("c4", "a2"), ("c5", "a1")}
    assert said(full) == [("rejected", "c1", "a1"), ("open", "c1", "a1")]
    with pytest.raises(NotThere):
        suggestions.undo(services(full), full.install, by="u9")


def test_only_what_is_suggested_can_be_wrong_and_only_once(full: House) -> None:
    ran(full)
    for both in (("c1", "a2"), ("c2", "a1"), ("nobody", "a1")):
        with pytest.raises(NotThere):
            wrong(full, *both)
    wrong(full)
    with pytest.raises(NotThere):
        wrong(full)


def test_what_is_wrong_teaches_no_probability(full: House) -> None:
    ran(full)
    wrong(full)
    seal = full.tools.seal(full.install)
    with full.database.read() as connection:
        (known,) = reviews.decided(connection, full.install.id, seal)
    assert (known.state, known.kind, known.detail.log_odds, known.detail.by) == ("rejected", "contact", None, "Ana")


def test_it_is_known_again_from_the_crm_when_the_database_was_lost(full: House) -> None:
    ran(full)
    wrong(full)
    full.drain()
    seal = full.tools.seal(full.install)
    rows = full.crm.audit_page().rows
    with full.database.write() as connection:
        connection.execute(delete(reviews.review))
    assert ("c1", "a1") in listed(full)
    for row in (*rows, {**rows[0], "detail": ""}):  # a detail that was cut: its key tells as much
        label = labels.read(row)
        assert label is not None
        with full.database.write() as connection:
            connection.execute(delete(reviews.review))
            recall(connection, full.install.id, seal, label, None)
        assert ("c1", "a1") not in listed(full)


def test_reading_all_audits_after_a_loss_brings_it_back_as_what_was_said_of_a_contact(full: House) -> None:
    ran(full)
    wrong(full)
    full.drain()
    seal, install_id = full.tools.seal(full.install), full.install.id
    with full.database.write() as connection:
        (before,) = reviews.decided(connection, install_id, seal)
        for table in (reviews.review, decisions.decision):
            connection.execute(delete(table))
        progress.start(connection, install_id, NAME, now=full.now)
    full.drain()
    with full.database.read() as connection:
        (again,) = reviews.decided(connection, install_id, seal)
    assert (again.kind, again.lead_id, again.account_id, again.state) == ("contact", "c1", "a1", "rejected")
    assert (again.detail.lead, again.detail.by, again.decided_at) == ("Kim Lee", "Ana", before.decided_at)
    assert ("c1", "a1") not in listed(full)


def test_an_answer_follows_a_contact_that_is_merged_and_no_lead_of_the_same_id(full: House) -> None:
    ran(full)
    wrong(full)
    seal, now = full.tools.seal(full.install), full.now
    with full.database.write() as connection:
        reviews.renamed(connection, full.install.id, seal, "lead", {"c1": "x1"}, now=now)
        reviews.renamed(connection, full.install.id, seal, "contact", {"c1": "c5"}, now=now)
    assert set(listed(full)) == {("c1", "a1"), ("c4", "a2")}


def test_a_contact_that_must_be_forgotten_takes_what_was_said_with_it(full: House) -> None:
    ran(full)
    wrong(full)
    seal = full.tools.seal(full.install)
    with full.database.write() as connection:
        forgetting.forget(connection, full.install.id, seal, forgetting.Mentions(leads=frozenset({"c1"})))
    with full.database.read() as connection:
        assert reviews.decided(connection, full.install.id, seal) == []
