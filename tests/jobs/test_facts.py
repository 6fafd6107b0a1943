"""What rules may ask beside the lead and its account: the contact it is, and the account's open opportunity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connector.rows import RuleRow
from rules.fields import type_of
from rules.model import Record, Value
from rules.ruleset import RuleSetError, Source, load
from tests.jobs.conftest import START, House

GLOBEX = {"name": "Globex Corporation", "website": "globex.com", "phone": "+1 650 253 0000"}
CLOSES = datetime(2026, 12, 24, tzinfo=UTC)


def rule(house: House, *conditions: str) -> None:
    when = "\n".join(f"    - {each}" for each in conditions)
    text = f'- rule: Special\n  when:\n{when}\n  assign: user "bob@example.com"\n'
    house.crm.rule_rows.append(RuleRow("Special", "rule", -1, text, id="special"))
    house.post(house.event("special", kind="rule"))
    house.drain()


def special(house: House) -> bool:
    """Whether a lead of Globex is taken by the rule."""
    house.account("a1", owner="u1", **GLOBEX)
    house.post(house.event("a1", kind="account"))
    house.lead("l1", email="kim@globex.com", company="Globex Corporation")
    house.post(house.event("l1"))
    house.drain()
    (entry,) = [each for each in house.crm.entries.values() if each.lead_id == "l1"]
    return entry.rule == "Special"


def contact(house: House) -> None:
    fields = {"email": "kim@globex.com", "name": "Kim Lee", "title": "CFO", "account_id": "a1"}
    made = START - timedelta(days=3)
    house.crm.add(Record("contact", "c1", fields, owner_id="u2", created_at=made, modified_at=made))
    house.post(house.event("c1", kind="contact"))


def deal(house: House, **more: Value) -> None:
    fields: dict[str, Value] = {
        "account_id": "a1",
        "name": "Lake",
        "stage": "Negotiation",
        "amount": 90000,
        "close_date": CLOSES,
    }
    house.crm.add(Record("opportunity", "o1", {**fields, **more}, owner_id="u2"))


@pytest.mark.parametrize(
    "condition",
    [
        "contact.title is CFO",
        "contact.email is kim@globex.com",
        "contact.account_id is a1",
        "contact.owner_id is u2",
        "contact.id is c1",
    ],
)
def test_a_rule_may_ask_which_contact_the_lead_is(house: House, condition: str) -> None:
    contact(house)
    rule(house, condition)
    assert special(house)


def test_a_lead_that_is_nobody_we_know_has_no_contact(house: House) -> None:
    rule(house, "contact.id is not empty")
    assert not special(house)


@pytest.mark.parametrize(
    "condition",
    [
        "opportunity.stage is Negotiation",
        "opportunity.amount >= 50000",
        "opportunity.close_date < 2027-01-01",
        "opportunity.owner_id is u2",
        "opportunity.name is Lake",
        "account.open_opportunities >= 1",
    ],
)
def test_a_rule_may_ask_for_the_open_opportunity_of_the_account(house: House, condition: str) -> None:
    deal(house)
    rule(house, condition)
    assert special(house)


def test_a_closed_opportunity_is_none(house: House) -> None:
    deal(house, closed=True)
    rule(house, "opportunity.id is not empty")
    assert not special(house)


def test_the_crm_is_asked_for_opportunities_only_when_a_rule_reads_them(house: House) -> None:
    called: list[str] = []
    house.crm.before = called.append
    assert not special(house)
    assert "account_history" not in called
    assert load(()).history == frozenset()
    text = "- rule: A\n  when: [opportunity.amount > 5]\n  assign: keep\n"
    assert load([Source("A", text)]).history == {"opportunity"}


def test_a_name_that_these_scopes_do_not_have_is_a_fault_with_a_hint() -> None:
    text = "- rule: A\n  when: [opportunity.stages is Won]\n  assign: keep\n"
    with pytest.raises(RuleSetError, match=r"opportunity\.stage"):
        load([Source("A", text)])
    assert [type_of(f"account.{name}") for name in ("open_opportunities", "contacts", "last_activity_at")] == [
        "number", "number", "time"
    ]  # fmt: skip
