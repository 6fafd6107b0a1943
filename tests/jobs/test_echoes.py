"""Changes that come of our own writes decide nothing, whoever HubSpot says made them, in whatever order they come."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.store import decisions
from rules.model import Event
from tests.jobs.conftest import House

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def made(house: House, lead_id: str) -> list[str]:
    with house.database.read() as connection:
        found = decisions.of_lead(connection, house.install.id, house.keyring.seal(house.install.key), lead_id)
    return [each.decision.route.rule for each in found]


def changed(house: House, lead_id: str, *names: str) -> Event:
    """The record was written again a moment later; HubSpot tells of it as of anybody's change."""
    house.later(seconds=5)
    key = ("lead", lead_id)
    house.crm.records[key] = replace(house.crm.records[key], modified_at=house.now)
    return replace(house.event(lead_id, change="updated"), changed=names)


def test_the_value_we_wrote_last_coming_back_without_our_mark_decides_nothing(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    owner = house.owner("l1")
    for names in (("owner_id",), ("switchyard_decision",), ("owner_id", "lifecycle")):
        house.post(changed(house, "l1", *names))
        house.drain()
    assert made(house, "l1") == ["Everyone else"]
    assert house.owner("l1") == owner
    assert len(house.crm.tasks) == 1
    assert house.waiting() == {"waiting": 0, "parked": 0}


def test_an_echo_with_our_mark_is_not_even_stored(house: House) -> None:
    house.lead("l1")
    assert house.post(house.event("l1", ours=True)) == 0


def test_events_out_of_order_are_one_decision_about_the_record_as_it_is_now(house: House) -> None:
    house.lead("l1")
    created = house.event("l1")
    newest, older = changed(house, "l1", "company"), changed(house, "l1", "email")
    house.post(newest, older)
    house.drain()
    house.post(replace(created, key="late"))
    house.drain()
    assert made(house, "l1") == ["Everyone else"]
    assert len(house.crm.tasks) == 1


def test_a_deletion_heard_after_the_restore_leaves_the_lead_to_its_owner(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    house.later(seconds=5)
    back, gone = house.event("l1", change="restored"), house.event("l1", change="deleted")
    house.post(back, replace(gone, at=house.now))
    house.drain()
    assert made(house, "l1") == ["Everyone else"]
    assert len(house.crm.tasks) == 1
