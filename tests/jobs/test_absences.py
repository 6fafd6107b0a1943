"""Who planned to be away gets no leads on these days, as with a pause."""

from __future__ import annotations

from datetime import UTC, timedelta

from connector.store import absences
from tests.jobs.conftest import House
from tests.jobs.routes import come, rules
from tests.jobs.test_held import HOLDING
from tests.jobs.test_past import LEADS


def plan(house: House, user_id: str, *, first: int, last: int) -> None:
    """Have somebody away from so many days ahead until so many."""
    today = house.now.date()
    days = (today + timedelta(days=first), today + timedelta(days=last))
    with house.database.write() as connection:
        away = absences.planned(user_id, *days, zone=UTC, by=user_id, now=house.now)
        absences.put(connection, house.install.id, away, now=house.now)


def test_who_is_away_gets_nothing_until_they_are_back(house: House) -> None:
    rules(house, LEADS)
    plan(house, "u1", first=0, last=1)
    come(house, "l1")
    come(house, "l2")
    assert (house.owner("l1"), house.owner("l2")) == ("u2", "u2")
    house.later(days=2)
    come(house, "l3")
    assert house.owner("l3") == "u1"


def test_an_absence_to_come_keeps_nobody_from_leads_today(house: House) -> None:
    rules(house, LEADS)
    plan(house, "u1", first=1, last=2)
    come(house, "l1")
    assert house.owner("l1") == "u1"


def test_a_lead_that_waits_is_asked_about_when_an_absence_is_taken_back(house: House) -> None:
    rules(house, HOLDING)
    plan(house, "u1", first=0, last=9)
    come(house, "l1")
    assert house.owner("l1") != "u1"
    house.later(minutes=5)
    with house.database.write() as connection:
        first = (house.now - timedelta(minutes=5)).date()
        assert absences.remove(connection, house.install.id, "u1", first, now=house.now)
    house.drain()
    assert house.owner("l1") == "u1"
