"""The match policy as it works in a round: other names, pairs, own free mail, and what only the CRM knows."""

from __future__ import annotations

from typing import Any

import pytest

from connector.rows import RuleRow
from rules.model import AuditEntry, Record
from tests.jobs.conftest import House


def policy(house: House, text: str) -> None:
    house.crm.rule_rows.append(RuleRow("default", "match", -1, f"- match: default\n{text}", id="policy"))
    house.post(house.event("policy", kind="rule"))
    house.drain()


def accounts(house: House, **names: str) -> None:
    """Make accounts by id and name, each of another owner's."""
    for at, (account_id, name) in enumerate(names.items()):
        house.account(account_id, owner=f"u{at + 1}", name=name, country="US", city="Springfield")
        house.post(house.event(account_id, kind="account"))
    house.drain()


def decided(house: House, **fields: Any) -> AuditEntry:
    house.lead("l1", country="US", city="Springfield", **{"email": "", **fields})
    house.post(house.event("l1"))
    house.drain()
    (entry,) = [each for each in house.crm.entries.values() if each.lead_id == "l1"]
    return entry


def test_a_company_is_found_by_its_other_name(house: House) -> None:
    accounts(house, a1="International Business Machines")
    policy(house, "  synonyms:\n    - [Big Blue, International Business Machines]\n")
    entry = decided(house, company="Big Blue")
    assert (entry.match_status, entry.account_id) == ("matched", "a1")
    assert "Big Blue" in entry.story
    assert "International Business Machines" in entry.story


def test_without_the_dictionary_it_is_not(house: House) -> None:
    accounts(house, a1="International Business Machines")
    assert decided(house, company="Big Blue").match_status == "none"


def test_a_bought_company_belongs_to_its_buyer(house: House) -> None:
    accounts(house, a1="Initech Holdings")
    policy(house, "  acquired:\n    - {company: Globex, by: Initech Holdings}\n")
    assert decided(house, company="Globex").account_id == "a1"


@pytest.mark.parametrize("account", ["a1", "Umbrella"])
def test_a_pair_gives_the_account_whatever_the_evidence(house: House, account: str) -> None:
    accounts(house, a1="Umbrella", a2="Globex")
    policy(house, f"  always:\n    - {{company: Globex, account: {account}}}\n")
    entry = decided(house, company="Globex")
    assert (entry.match_status, entry.account_id) == ("matched", "a1")


def test_a_pair_takes_the_account_away_whatever_the_evidence(house: House) -> None:
    accounts(house, a2="Globex")
    policy(house, "  never:\n    - {company: Globex, account: Globex}\n")
    assert decided(house, company="Globex").match_status == "none"


def test_mail_of_the_customers_own_provider_says_nothing_about_a_company(house: House) -> None:
    house.account("a1", owner="u1", name="Townweb", website="townweb.example")
    house.post(house.event("a1", kind="account"))
    house.drain()
    policy(house, "  own free mail: [townweb.example]\n")
    assert decided(house, email="kim@townweb.example").match_status == "none"


def test_without_being_told_it_does(house: House) -> None:
    house.account("a1", owner="u1", name="Townweb", website="townweb.example")
    house.post(house.event("a1", kind="account"))
    house.drain()
    assert decided(house, email="kim@townweb.example").account_id == "a1"


def test_what_only_the_crm_knows_decides_a_tie(house: House) -> None:
    accounts(house, a1="Globex", a2="Globex")
    house.crm.add(Record("opportunity", "o1", {"account_id": "a2", "name": "Lake"}, owner_id="u2"))
    policy(house, "  prefer:\n    - open opportunities\n")
    entry = decided(house, company="Globex")
    assert (entry.match_status, entry.account_id) == ("matched", "a2")
    assert "opportunit" in entry.story


def test_a_tie_that_nothing_decides_is_for_a_person(house: House) -> None:
    accounts(house, a1="Globex", a2="Globex")
    policy(house, "  prefer:\n    - open opportunities\n")
    assert decided(house, company="Globex").match_status == "review"


def test_a_filter_leaves_an_account_out_and_says_why(house: House) -> None:
    house.account("a1", owner="u1", name="Globex", website="globex.com", type="Competitor")
    house.post(house.event("a1", kind="account"))
    house.drain()
    policy(house, "  only:\n    - account.type is not Competitor\n")
    entry = decided(house, email="kim@globex.com", company="Globex")
    assert entry.match_status == "none"
    assert "account.type is not Competitor" in entry.story
