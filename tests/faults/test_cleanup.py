"""A clean-up on both CRMs: what is surely one person becomes one record, and the run is taken back as a whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connector.store import aliases, decisions, pairs, progress, rulesets
from jobs import cleanup
from rules.ruleset import RuleSet, load
from tests.faults.shop import Shop
from tests.local.world import CrmName

POLICY = "- duplicates: One person, one record\n  mode: act\n"


@pytest.fixture(params=["salesforce", "hubspot"])
def shop(request: pytest.FixtureRequest, open_shop: Callable[..., Shop]) -> Shop:
    """An install with a policy that acts."""
    name: CrmName = request.param
    return open_shop(name)


def clean(shop: Shop) -> str:
    """Look through the CRM and merge what is sure; return the run's name."""
    install = shop.install
    shop.add_rule("One person, one record", "duplicates", POLICY)
    with shop.database.write() as connection:
        for kind in ("account", "contact", "lead"):
            progress.start(connection, install.id, f"backfill:{kind}", now=shop.clock())
    shop.drain(minutes=30)
    seal, now = shop.seal(install), shop.clock()
    name = cleanup.ask(shop.database, install, seal, rules_of(shop), by="Ana", applies=True, calls=0, now=now)
    shop.drain()
    shop.drain(seconds=30)
    return name


def rules_of(shop: Shop) -> RuleSet:
    """Return the rules in force."""
    with shop.database.read() as connection:
        live = rulesets.get(connection, shop.install.id, shop.seal(shop.install))
    assert live is not None
    return load(live.sources)


def states(shop: Shop, name: str) -> dict[str, int]:
    with shop.database.read() as connection:
        return pairs.counts(connection, shop.install.id, run=name)


def there(shop: Shop, ids: list[str]) -> list[str]:
    """Return which of these leads the CRM has."""
    crm = shop.crm(shop.install)
    try:
        found = crm.read("lead", ids)
    finally:
        crm.close()
    return [each for each in ids if each in found]


def test_a_run_merges_what_is_sure_and_is_taken_back_as_a_whole(shop: Shop) -> None:
    told = {"last_name": "Curie", "first_name": "Marie", "company": "Radium Works"}
    ids = [
        shop.place.lead(**told, email="marie.curie@radium.example"),
        shop.place.lead(**told, email="Marie.Curie+news@radium.example"),
        shop.place.lead(last_name="Meitner", email="lise@uranium.example", company="Uranium"),
    ]
    name = clean(shop)
    assert states(shop, name) == {"merged": 1}
    left = there(shop, ids)
    assert len(left) <= 2, "in HubSpot the one that stays may have a new id"
    assert left[-1] == ids[-1]
    with shop.database.read() as connection:
        (key,) = pairs.merged_by(connection, shop.install.id, name)
    seal, now = shop.seal(shop.install), shop.clock()
    assert cleanup.undo_run(shop.database, shop.install, seal, name, by="Ana", now=now) == 1
    shop.drain(minutes=1)
    shop.drain(minutes=1)
    with shop.database.read() as connection:
        undone = [
            each for each in decisions.recent(connection, shop.install.id, seal, limit=20) if each.decision.undoes
        ]
        now_called = aliases.of(connection, shop.install.id, "lead", ids)
    assert [(each.decision.undoes, each.state) for each in undone] == [(key, "settled")]
    living = there(shop, [now_called[each].new_id if each in now_called else each for each in ids])
    assert len(living) == 3
    shop.check_nothing_left()
