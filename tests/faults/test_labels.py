"""What a person said of two companies, in both CRMs: told there once, and known again when our database forgot it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import delete

from connector.rows import RuleRow
from connector.store import pair_labels, pairs, progress
from connector.store.decisions import decision
from connector.store.pairs import Asked
from jobs import cleanup, cleanup_labels, recall
from rules import labels
from rules.labels import Label
from tests.faults.shop import Shop
from tests.faults.test_cleanup import rules_of
from tests.local.world import CrmName

POLICY = "- duplicates: One company, one record\n  mode: suggest\n  objects: [account with account]\n"


@pytest.fixture(params=["salesforce", "hubspot"])
def shop(request: pytest.FixtureRequest, open_shop: Callable[..., Shop]) -> Iterator[Shop]:
    """An install whose policy has companies suggested, and two companies that may be one."""
    name: CrmName = request.param
    found = open_shop(name)
    retire(found)
    crm = found.crm(found.install)
    crm.put_rules([RuleRow("One company, one record", "duplicates", 90, POLICY)])
    crm.close()
    for called in ("Thorium Works International", "Thorium Works International Inc."):
        found.place.account(called, found.place.ana, domain="thorium.example")
    with found.database.write() as connection:
        for kind in ("account", "contact", "lead"):
            progress.start(connection, found.install.id, f"backfill:{kind}", now=found.clock())
    found.drain(minutes=30)
    yield found
    retire(found)


def retire(shop: Shop) -> None:
    """Have no policy in force: there is one at most, and other tests of this place have their own."""
    crm = shop.crm(shop.install)
    crm.put_rules([replace(each, state="draft") for each in crm.rules() if each.kind == "duplicates"])
    crm.close()


def scan(shop: Shop) -> list[Asked]:
    """Look through the CRM; return what waits for a person."""
    seal, now = shop.seal(shop.install), shop.clock()
    cleanup.ask(shop.database, shop.install, seal, rules_of(shop), by="Ana", applies=False, calls=0, now=now)
    shop.drain()
    shop.drain(seconds=30)
    with shop.database.read() as connection:
        return pairs.open_(connection, shop.install.id, seal, limit=9)


def told(shop: Shop) -> list[Label]:
    """Return what the CRM holds of what people said of companies."""
    crm = shop.crm(shop.install)
    try:
        page = crm.audit_page()
        rows = [*page.rows]
        while page.after is not None:  # tests before this one have left audits too
            page = crm.audit_page(page.after)
            rows += page.rows
    finally:
        crm.close()
    found = [label for row in rows if (label := labels.read(row)) is not None]
    return [each for each in found if {one.kind for one in each.records} == {"account"}]


def test_that_two_companies_are_not_the_same_stands_in_the_crm_and_counts_again(shop: Shop) -> None:
    (asked,) = scan(shop)
    seal, install_id, now = shop.seal(shop.install), shop.install.id, shop.clock()
    assert cleanup_labels.answer(shop.database, install_id, seal, asked, same=False, by="Ana", now=now)
    shop.drain()
    shop.drain(seconds=30)
    (label,) = told(shop)
    assert {each.id for each in label.records} == set(asked.ids)
    assert (label.verdict, label.by, label.log_odds) == ("different", "Ana", asked.suggestion.log_odds)
    with shop.database.write() as connection:
        before = pairs.said(connection, install_id, seal)
        for table in (pairs.pair_member, pairs.pair, pair_labels.pair_label, decision):
            connection.execute(delete(table))
        progress.start(connection, install_id, recall.NAME, now=shop.clock())
    shop.drain(minutes=1)
    with shop.database.read() as connection:
        again = pairs.said(connection, install_id, seal)
    assert [each for each in again if each.companies] == [each for each in before if each.companies]
    assert scan(shop) == [], "nobody is asked again"
    assert told(shop) == [label]
    # What is parked is what tests before this one left in the audits of the CRM, which were read back.
    assert shop.inbox() == {"waiting": 0, "parked": 0}
