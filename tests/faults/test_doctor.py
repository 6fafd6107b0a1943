"""`switchyard doctor` about installs in which things are really broken, at both local CRMs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from connector.desk import doctor_install
from connector.desk.findings import Finding, worst
from connector.erased import Left
from connector.store import erasures, rulesets
from tests.faults.shop import STEPS, Shop
from tests.local.world import CrmName

Open = Callable[..., Shop]
RUNBOOK = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text()


def bad(shop: Shop) -> dict[str, Finding]:
    """Examine the install; return what is not in order, by its part. What to do is told, and where to read on."""
    found = doctor_install.examine(shop, shop.install)
    sick = [each for each in found if each.state != "ok"]
    assert all(each.remedy and f"## {each.section}\n" in RUNBOOK for each in sick), sick
    assert all(each.install == shop.install.id for each in found)
    return {each.part: each for each in sick}


@pytest.mark.parametrize("crm", STEPS)
def test_an_install_that_works_has_a_token_rules_and_an_index(open_shop: Open, crm: CrmName) -> None:
    shop = open_shop(crm)
    shop.leads()
    shop.drain()
    found = {each.part: each for each in doctor_install.examine(shop, shop.install)}
    for part in ("grant", "inbox", "parked", "privacy", "API calls", "rules", "index"):
        assert found[part].state == "ok", found[part]
    assert "1 accounts" in found["index"].text


@pytest.mark.parametrize("crm", STEPS)
def test_a_token_that_was_revoked_at_the_crm_is_found_by_asking_it(open_shop: Open, crm: CrmName) -> None:
    shop = open_shop(crm)
    assert "grant" not in bad(shop)
    shop.withdraw()
    found = bad(shop)["grant"]
    assert (found.state, found.section) == ("problem", "Revoked")
    assert "connect again" in found.remedy


@pytest.mark.parametrize("crm", STEPS)
def test_what_was_parked_is_counted_by_kind_without_the_crms_words(open_shop: Open, crm: CrmName) -> None:
    shop = open_shop(crm)
    shop.leads(1)
    words = "Kim is not welcome"
    body = [{"errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": words}] if crm == "salesforce" else {
        "status": "error", "category": "VALIDATION_ERROR", "message": words}  # fmt: skip
    shop.fault_at({"salesforce": "record", "hubspot": "update"}[crm], status=400, body=body, times=9)
    shop.drain()
    for _ in range(3):
        shop.drain(minutes=20)
    found = bad(shop)["parked"]
    assert found.text.startswith("1 things stand still: 1 ")
    assert "Kim" not in found.text


@pytest.mark.parametrize("crm", STEPS)
def test_changes_that_nobody_decides_are_a_warning_and_then_a_problem(open_shop: Open, crm: CrmName) -> None:
    shop = open_shop(crm)
    shop.leads()
    shop.ahead_by(minutes=3)
    assert bad(shop)["inbox"].state == "warning"
    shop.ahead_by(minutes=10)
    assert bad(shop)["inbox"].state == "problem"
    assert worst(bad(shop).values()) == "problem"


def test_an_object_that_is_hidden_is_told_with_what_to_click(open_shop: Open) -> None:
    shop = open_shop("salesforce")
    before = bad(shop).get("rights")
    hidden = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
    shop.fault("/sobjects/Routing_Audit__c/describe", status=404, body=hidden, times=9)
    found = bad(shop)["rights"]
    assert found != before
    assert found.state == "problem"


def test_rules_that_are_not_valid_and_people_who_wait_to_be_forgotten_are_told(open_shop: Open) -> None:
    shop = open_shop("hubspot")
    with shop.database.write() as connection:
        rulesets.set_fault(connection, shop.install.id, shop.seal(shop.install), "no such pool", now=shop.clock())
        erasures.ask(connection, shop.install.id, ["4711"], now=shop.clock())
    shop.ahead_by(minutes=2)
    found = bad(shop)
    assert found["rules"].text.endswith("newer text is not valid.")
    privacy = found["privacy"]
    assert (privacy.state, privacy.section, "4711" in privacy.text) == ("problem", "Forgetting", False)
    with shop.database.write() as connection:
        erasures.forgotten_here(connection, shop.install.id, "4711", Left(tasks=frozenset({"t1"})))
    privacy = bad(shop)["privacy"]
    assert (privacy.state, privacy.section) == ("warning", "ForgettingInCrm")


def test_a_key_that_was_taken_away_is_told_and_nothing_else_is_looked_at(open_shop: Open) -> None:
    shop = open_shop("hubspot")
    install = shop.install
    shop.keyring = type(shop.keyring)("ZmFzdC1hbmQtdmFsaWQta2V5LWZvci10ZXN0cy0wMDE=")
    (found,) = doctor_install.examine(shop, install)
    assert (found.part, found.state, found.section) == ("key", "problem", "Keys")
