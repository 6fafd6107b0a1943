"""Leads are matched again when an account changes in what matching reads, and only then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete

from connector.index import search
from connector.store import letters, progress
from jobs import rematch
from rules.model import Change, Record, Value
from tests.jobs.conftest import RULES, House
from tests.jobs.routes import rules
from tests.jobs.test_reviews import matches

NOTHING: Mapping[str, Value] = {}
GLOBEX: dict[str, Any] = {"name": "Globex Corporation", "website": "globex.com", "phone": "+1 650 253 0000"}


def lead(house: House, lead_id: str = "l1", own: Mapping[str, Value] = NOTHING) -> None:
    fields: dict[str, Any] = {"email": f"{lead_id}@globex.com", "company": "Globex Corporation", **own}
    house.lead(lead_id, **fields)
    house.post(house.event(lead_id))
    house.drain()
    house.later(minutes=1)


def account(house: House, account_id: str = "a1", change: Change = "updated", **fields: Value) -> None:
    house.account(account_id, owner="u2", **fields)
    house.post(house.event(account_id, kind="account", change=change))


@pytest.fixture
def posted(house: House, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of all letters that sorting the mail posts."""
    found: list[str] = []
    receive = letters.receive

    def watched(connection, install_id, events, **more):  # type: ignore[no-untyped-def]
        events = list(events)
        found.extend(each.key for each in events)
        return receive(connection, install_id, events, **more)

    monkeypatch.setattr(letters, "receive", watched)
    return found


def ask(house: House) -> None:
    """Drain, without what the test itself posts being counted."""
    house.drain()
    house.later(minutes=1)


def test_an_account_that_is_new_finds_the_lead_that_waited_for_it(house: House) -> None:
    lead(house)
    assert matches(house) == [("none", "")]
    account(house, change="created", **GLOBEX)
    ask(house)
    assert matches(house) == [("none", ""), ("matched", "a1")]
    assert house.crm.records[("lead", "l1")].text("account_id") == "a1"


@pytest.mark.parametrize(
    "own",
    [
        {"email": "kim@globex.com", "company": ""},
        {"email": "", "company": "Globex Corporation"},
        {"email": "", "company": "Corporation, Globex"},
        {"email": "", "company": "Other words", "phone": "+1 650 253 0000"},
        {"email": "", "company": "Other words", "website": "https://www.globex.com/about"},
    ],
    ids=["domain", "name", "words", "phone", "website"],
)
def test_each_strong_key_leads_from_the_account_to_the_lead(
    house: House, posted: list[str], own: dict[str, Value]
) -> None:
    lead(house, own=own)
    account(house, change="created", **GLOBEX)
    posted.clear()
    house.drain()
    assert "rematch:l1" in posted


def test_a_change_that_matching_does_not_read_asks_nobody(house: House, posted: list[str]) -> None:
    lead(house)
    account(house, change="created", **GLOBEX)
    ask(house)
    account(house, **GLOBEX, employees=5000, description="Now with a lake", status="VIP")
    posted.clear()
    ask(house)
    assert posted == []
    assert len(matches(house)) == 2


def test_a_field_that_the_policy_prefers_by_counts_as_read_by_matching(house: House, posted: list[str]) -> None:
    lead(house)
    account(house, change="created", **GLOBEX)
    ask(house)
    account(house, **GLOBEX, type="Customer")
    posted.clear()
    ask(house)
    assert posted == ["rematch:l1"]
    assert len(matches(house)) == 2


def test_an_event_without_any_change_asks_nobody(house: House, posted: list[str]) -> None:
    lead(house)
    account(house, change="created", **GLOBEX)
    ask(house)
    house.post(house.event("a1", kind="account", change="updated"))
    posted.clear()
    ask(house)
    assert posted == []


def test_a_change_that_matching_reads_asks_each_lead_once_and_decides_only_what_differs(
    house: House, posted: list[str]
) -> None:
    lead(house)
    lead(house, "l2", {"email": "kim@elsewhere.example", "company": "Elsewhere"})
    account(house, change="created", **GLOBEX)
    ask(house)
    account(house, **{**GLOBEX, "city": "Springfield"})
    posted.clear()
    ask(house)
    assert posted == ["rematch:l1"]
    assert len(matches(house)) == 2, "it is matched to the same account"
    assert len(matches(house, "l2")) == 1


def test_a_lead_that_belongs_to_another_account_is_left_alone(house: House, posted: list[str]) -> None:
    account(house, change="created", **GLOBEX)
    house.drain()
    lead(house)
    account(house, "a2", change="created", name="Globex Corporation")
    posted.clear()
    ask(house)
    assert posted == []


def test_a_converted_lead_is_not_found(house: House, posted: list[str]) -> None:
    lead(house)
    old = house.crm.records[("lead", "l1")]
    house.crm.add(replace(old, fields={**old.fields, "converted": True}, modified_at=house.now))
    house.post(house.event("l1", change="updated"))
    ask(house)
    account(house, change="created", **GLOBEX)
    posted.clear()
    ask(house)
    assert posted == []


def test_an_account_that_is_deleted_lets_its_leads_be_matched_again(house: House) -> None:
    house.mode("observe")
    account(house, change="created", **GLOBEX)
    house.drain()
    lead(house)
    assert matches(house) == [("matched", "a1")]
    del house.crm.records[("account", "a1")]
    house.post(house.event("a1", kind="account", change="deleted"))
    ask(house)
    assert matches(house) == [("matched", "a1"), ("none", "")]


def test_a_merged_account_hands_its_leads_to_the_one_that_stays(house: House) -> None:
    house.mode("observe")
    account(house, change="created", **GLOBEX)
    house.drain()
    lead(house)
    del house.crm.records[("account", "a1")]
    house.account("a2", **GLOBEX)
    house.post(house.event("a1", kind="account", change="merged"), house.event("a2", kind="account", change="updated"))
    ask(house)
    assert matches(house) == [("matched", "a1"), ("matched", "a2")]


def test_letters_of_accounts_wait_behind_what_happens_now(house: House) -> None:
    lead(house)
    account(house, change="created", **GLOBEX)
    house.drain()
    with house.database.read() as connection:
        assert letters.counts(connection, house.install.id) == {"waiting": 0, "parked": 0}
    events = rematch.asks(["l1", "l1"], now=house.now)
    assert house.post(*events, priority=letters.BACKFILL) == 1, "one letter a lead, as long as it waits"


def test_reading_everything_anew_matches_nobody_again(house: House, posted: list[str]) -> None:
    lead(house)
    account(house, change="created", **GLOBEX)
    ask(house)
    with house.database.write() as connection:
        progress.start(connection, house.install.id, "backfill:account", now=house.now)
    posted.clear()
    ask(house)
    assert posted == []


def test_a_key_that_too_many_leads_share_asks_none_of_them(
    house: House, posted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LEADS_CAP", 1)
    lead(house)
    lead(house, "l2", {"company": "Other words", "phone": "+1 650 253 0000"})
    account(house, change="created", **GLOBEX)
    posted.clear()
    house.drain()
    assert posted == ["rematch:l1", "rematch:l2"], "each by a key of its own, though they share a domain"
    account(house, "a2", change="created", website="globex.com")
    posted.clear()
    house.drain()
    assert posted == []


# What contacts teach an account.

UMBRELLA: dict[str, Any] = {"name": "Umbrella Logistics Holding", "website": "umbrella-holding.example"}


def contact(house: House, contact_id: str = "c1", account_id: str = "a1", domain: str = "globex.com") -> None:
    """A contact of an account comes, or is changed."""
    fields = {"email": f"{contact_id}@{domain}", "last_name": contact_id, "account_id": account_id}
    house.crm.add(Record("contact", contact_id, fields, owner_id="u2", created_at=house.now, modified_at=house.now))
    house.post(house.event(contact_id, kind="contact", change="updated"))


def test_a_contact_that_gives_an_account_a_mail_domain_finds_the_lead_that_waited_for_it(
    house: House, posted: list[str]
) -> None:
    rules(house, "- match: default\n  accept: 0.7\n" + RULES)
    account(house, **UMBRELLA)
    lead(house, own={"company": "Umbrella Logistics"})
    assert matches(house) == [("none", "")]
    contact(house)
    posted.clear()
    ask(house)
    assert posted == ["rematch:l1"]
    assert matches(house) == [("none", ""), ("matched", "a1")]
    assert house.crm.records[("lead", "l1")].text("account_id") == "a1"
    assert house.owner("l1") == "u2"


def test_only_the_first_contact_of_an_account_with_a_domain_asks(house: House, posted: list[str]) -> None:
    account(house, **UMBRELLA)
    contact(house)
    lead(house, own={"company": "Nobody"})
    contact(house, "c2")
    contact(house, "c1")
    contact(house, "c3", domain="elsewhere.example")
    contact(house, "c4", domain="gmail.com")
    posted.clear()
    ask(house)
    assert posted == []
    contact(house, "c2", "a2")
    posted.clear()
    ask(house)
    assert posted == ["rematch:l1"], "the same domain is new for another account"


def test_a_lead_that_has_its_account_is_not_asked_again_by_contacts(house: House, posted: list[str]) -> None:
    account(house, **GLOBEX)
    house.drain()
    lead(house)
    assert matches(house) == [("matched", "a1")]
    for account_id in ("a1", "a2"):
        contact(house, f"c{account_id}", account_id)
    posted.clear()
    ask(house)
    assert posted == []


def test_a_domain_that_the_customer_calls_free_mail_asks_nobody(house: House, posted: list[str]) -> None:
    rules(house, "- match: default\n  own free mail: [globex.com]\n" + RULES)
    account(house, **UMBRELLA)
    lead(house, own={"company": "Umbrella Logistics"})
    contact(house)
    posted.clear()
    ask(house)
    assert posted == []


@pytest.mark.parametrize("work", ["backfill", "reconcile"])
def test_contacts_that_a_backfill_reads_ask_nobody_and_those_of_a_comparison_do(
    house: House, posted: list[str], work: str
) -> None:
    account(house, **UMBRELLA)
    lead(house, own={"company": "Umbrella Logistics"})
    contact(house)
    with house.database.write() as connection:
        connection.execute(delete(letters.letter))
        progress.start(connection, house.install.id, f"{work}:contact", now=house.now)
    posted.clear()
    house.drain()
    house.drain()
    assert posted == ([] if work == "backfill" else ["rematch:l1"])


def test_asking_by_contacts_takes_no_call_of_its_own_and_is_bounded(
    house: House, monkeypatch: pytest.MonkeyPatch, posted: list[str]
) -> None:
    account(house, **UMBRELLA)
    lead(house, own={"company": "Nobody"})
    lead(house, "l2", {"company": "Nobody else"})
    monkeypatch.setattr(search, "LEADS_CAP", 1)
    contact(house)
    posted.clear()
    before = house.crm.calls
    ask(house)
    assert posted == []
    assert house.crm.calls - before <= 1, "the contact is read, and nothing else"
