"""What the CRM knows about accounts: the same sentences for the fake and both real adapters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from connector.crm import (
    CONTACTS,
    HISTORY,
    LAST_ACTIVITY,
    LAST_LOST,
    LOST_OPPORTUNITIES,
    OPEN_OPPORTUNITIES,
    OPPORTUNITY,
    PARENT_OWNER,
    Crm,
)
from rules.matching import policy
from rules.ruleset import Source, load
from tests import fake_history
from tests.contract.place import Place

JAN, FEB, MAR = date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)
NOTHING = {OPEN_OPPORTUNITIES: 0, LOST_OPPORTUNITIES: 0, LAST_LOST: None, CONTACTS: 0, LAST_ACTIVITY: None}
LOST = frozenset({LOST_OPPORTUNITIES, LAST_LOST})
LOST_STAGE = {"salesforce": fake_history.LOST, "hubspot": "closedlost"}

Lose = Callable[[str, date], str]


@pytest.fixture
def lose(place: Place, crm: Crm, monkeypatch: pytest.MonkeyPatch) -> Lose:
    """Put an opportunity there that is lost already: a place makes its opportunities in the stage it names."""

    def make(account_id: str, closes: date) -> str:
        with monkeypatch.context() as patch:
            patch.setattr(place, "open_stage", LOST_STAGE[crm.name])
            return place.opportunity(account_id, closes, owner=place.ana)

    return make


def start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def test_an_account_that_nothing_happened_to_has_zeros_and_no_opportunity(place: Place, crm: Crm) -> None:
    quiet = place.account("Quiet", place.ana)
    assert crm.account_history([quiet], wanted=HISTORY) == {quiet: NOTHING}


def test_contacts_and_open_opportunities_are_counted_for_each_account(place: Place, crm: Crm) -> None:
    busy, other = place.account("Busy", place.ana), place.account("Other", place.bob)
    for _ in range(3):
        place.contact(busy)
    place.contact(other)
    for closes in (FEB, JAN):
        place.opportunity(busy, closes, owner=place.ana)
    found = crm.account_history([busy, other], wanted=frozenset({OPEN_OPPORTUNITIES, CONTACTS}))
    assert found == {busy: {OPEN_OPPORTUNITIES: 2, CONTACTS: 3}, other: {OPEN_OPPORTUNITIES: 0, CONTACTS: 1}}


def test_the_opportunity_is_the_open_one_that_closes_first(place: Place, crm: Crm) -> None:
    account = place.account("Muster", place.ana)
    won = place.opportunity(account, JAN, owner=place.ana)
    place.win(won)
    place.opportunity(account, MAR, owner=place.ana, name="Later", amount=1.0)
    first = place.opportunity(account, FEB, owner=place.bob, name="Größe & Söhne", amount=12_500.5)
    found = crm.account_history([account], wanted=frozenset({OPPORTUNITY}))
    assert found[account] == {
        "opportunity.id": first,
        "opportunity.name": "Größe & Söhne",
        "opportunity.stage": place.open_stage,
        "opportunity.amount": 12_500.5,
        "opportunity.close_date": start(FEB),
        "opportunity.owner_id": place.bob.id,
    }


def test_an_empty_field_of_the_opportunity_has_no_key(place: Place, crm: Crm) -> None:
    account = place.account("No amount", place.ana)
    place.opportunity(account, FEB, owner=place.ana)
    found = crm.account_history([account], wanted=frozenset({OPPORTUNITY}))[account]
    assert "opportunity.amount" not in found
    assert found["opportunity.name"] == "Deal"


def test_closed_opportunities_do_not_count(place: Place, crm: Crm) -> None:
    account = place.account("Won", place.ana)
    place.win(place.opportunity(account, JAN, owner=place.ana))
    found = crm.account_history([account], wanted=frozenset({OPEN_OPPORTUNITIES, OPPORTUNITY}))
    assert found == {account: {OPEN_OPPORTUNITIES: 0}}


def test_lost_opportunities_are_counted_and_the_latest_close_date_is_told(place: Place, crm: Crm, lose: Lose) -> None:
    twice, once = place.account("Lost twice", place.ana), place.account("Lost once", place.ana)
    for account, closes in ((twice, FEB), (twice, JAN), (once, MAR)):
        lose(account, closes)
    found = crm.account_history([twice, once], wanted=LOST)
    assert found == {
        twice: {LOST_OPPORTUNITIES: 2, LAST_LOST: start(FEB)},
        once: {LOST_OPPORTUNITIES: 1, LAST_LOST: start(MAR)},
    }


def test_open_won_and_deleted_opportunities_are_not_lost(place: Place, crm: Crm, lose: Lose) -> None:
    account = place.account("Never lost", place.ana)
    place.opportunity(account, MAR, owner=place.ana)
    place.win(place.opportunity(account, FEB, owner=place.ana))
    place.remove("opportunity", lose(account, JAN))
    assert crm.account_history([account], wanted=LOST) == {account: {LOST_OPPORTUNITIES: 0, LAST_LOST: None}}


def test_a_lost_opportunity_is_not_open(place: Place, crm: Crm, lose: Lose) -> None:
    account = place.account("Lost and open", place.ana)
    lose(account, JAN)
    still_open = place.opportunity(account, MAR, owner=place.ana)
    found = crm.account_history([account], wanted=HISTORY)[account]
    assert (found[OPEN_OPPORTUNITIES], found[LOST_OPPORTUNITIES], found[LAST_LOST]) == (1, 1, start(JAN))
    assert found["opportunity.id"] == still_open


@pytest.mark.parametrize("name", sorted(LOST))
def test_each_fact_about_lost_opportunities_can_be_asked_alone(place: Place, crm: Crm, lose: Lose, name: str) -> None:
    account = place.account("Asked alone", place.ana)
    lose(account, JAN)
    known = {LOST_OPPORTUNITIES: 1, LAST_LOST: start(JAN)}
    assert crm.account_history([account], wanted=frozenset({name})) == {account: {name: known[name]}}


@pytest.mark.parametrize(
    ("condition", "asked"),
    [
        ("account.lost_opportunities >= 1", {LOST_OPPORTUNITIES}),
        ("account.last_lost_at within last 90 days", {LAST_LOST}),
        ("account.open_opportunities >= 1", {OPEN_OPPORTUNITIES}),
    ],
)
def test_only_what_a_rule_reads_is_asked(condition: str, asked: set[str]) -> None:
    rules = load([Source("A", f"- rule: A\n  when: [{condition}]\n  assign: keep\n")])
    assert rules.history == asked
    assert not rules.reads_account, "no field of the customer's own"


def test_rules_may_ask_what_a_crm_can_tell() -> None:
    assert policy.HISTORY | {OPPORTUNITY} == HISTORY


def test_deleted_contacts_and_opportunities_do_not_count(place: Place, crm: Crm) -> None:
    account = place.account("Deleted", place.ana)
    place.contact(account)
    place.remove("contact", place.contact(account))
    place.remove("opportunity", place.opportunity(account, JAN, owner=place.ana, name="Gone"))
    place.opportunity(account, FEB, owner=place.ana, name="Here")
    found = crm.account_history([account], wanted=HISTORY)[account]
    assert (found[OPEN_OPPORTUNITIES], found[CONTACTS], found["opportunity.name"]) == (1, 1, "Here")


def test_the_latest_activity_is_told_as_a_time(place: Place, crm: Crm) -> None:
    account = place.account("Called", place.ana)
    for day in (date(2026, 11, 2), date(2026, 11, 20), date(2026, 10, 5)):
        place.activity(account, day)
    found = crm.account_history([account], wanted=frozenset({LAST_ACTIVITY}))
    assert found == {account: {LAST_ACTIVITY: start(date(2026, 11, 20))}}


def test_the_owner_of_the_parent_is_told_and_an_account_without_one_has_none(place: Place, crm: Crm) -> None:
    parent = place.account("Group", place.bob)
    child = place.child(parent)
    found = crm.account_history([parent, child], wanted=frozenset({PARENT_OWNER}))
    assert found == {parent: {}, child: {PARENT_OWNER: place.bob.id}}
    assert PARENT_OWNER not in crm.account_history([child], wanted=HISTORY - {PARENT_OWNER})[child]


def test_a_parent_that_was_deleted_has_no_owner(place: Place, crm: Crm) -> None:
    parent = place.account("Group", place.bob)
    child = place.child(parent)
    place.remove("account", parent)
    assert crm.account_history([child], wanted=frozenset({PARENT_OWNER})) == {child: {}}


def test_accounts_that_are_gone_or_never_were_are_left_out(place: Place, crm: Crm) -> None:
    here, gone = place.account("Here", place.ana), place.account("Gone", place.ana)
    place.contact(gone)
    place.remove("account", gone)
    found = crm.account_history([here, gone, "nonsense", here], wanted=HISTORY)
    assert found == {here: NOTHING}


def test_asking_nothing_calls_nobody(place: Place, crm: Crm) -> None:
    here = place.account("Here", place.ana)
    before, heard = crm.calls, place.heard()
    assert crm.account_history([], wanted=HISTORY) == {}
    assert crm.account_history([here], wanted=frozenset()) == {}
    assert (crm.calls, place.heard()) == (before, heard)


def test_calls_grow_with_batches_and_not_with_accounts(place: Place, crm: Crm) -> None:
    ids = place.accounts(200)
    for account in ids[:30]:
        place.opportunity(account, FEB, owner=place.ana)
    crm.account_history(ids[:1], wanted=HISTORY)
    before, heard = crm.calls, place.heard()
    found = crm.account_history(ids, wanted=HISTORY)
    assert crm.calls - before == place.heard() - heard <= 4
    assert found.keys() == set(ids)
    assert sum("opportunity.id" in each for each in found.values()) == 30
