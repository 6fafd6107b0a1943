"""Absences planned ahead: they count as pauses do, one after the other, in the zone of whoever is away."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from connector.store import absences, pauses
from connector.store.base import Database
from tests.connector.store.kit import NOW, Tenant, after

PARIS = ZoneInfo("Europe/Paris")


def away(first: str, last: str, zone: ZoneInfo = PARIS, who: str = "u1") -> absences.Absence:
    days = (date.fromisoformat(first), date.fromisoformat(last))
    return absences.planned(who, *days, zone=zone, by="u1", now=NOW)


def test_days_begin_and_end_at_midnight_where_the_person_is_also_when_clocks_change() -> None:
    found = away("2027-03-28", "2027-03-28")
    assert found.begins_at == datetime(2027, 3, 27, 23, 0, tzinfo=UTC)
    assert found.ends_at == datetime(2027, 3, 28, 22, 0, tzinfo=UTC), "a day of 23 hours"


def test_only_an_absence_that_runs_keeps_somebody_from_leads(database: Database, alice: Tenant) -> None:
    found = away("2026-12-24", "2026-12-26")
    with database.write() as connection:
        absences.put(connection, alice.id, found, now=NOW)
        assert pauses.of(connection, alice.id, now=NOW) == {}
        assert pauses.of(connection, alice.id, now=found.begins_at) == {"u1": found.ends_at}
        assert pauses.of(connection, alice.id, now=found.ends_at) == {}


def test_what_follows_at_once_is_one_absence(database: Database, alice: Tenant) -> None:
    first, second, later = (
        away("2026-12-24", "2026-12-26"),
        away("2026-12-27", "2027-01-02"),
        away("2027-01-04", "2027-01-05"),
    )
    with database.write() as connection:
        for each in (later, second, first):
            absences.put(connection, alice.id, each, now=NOW)
        pauses.put(connection, alice.id, "u1", until=first.begins_at, by="u1", now=NOW)
        assert pauses.of(connection, alice.id, now=NOW) == {"u1": second.ends_at}, "a pause that ends in it as well"
        pauses.put(connection, alice.id, "u1", until=None, by="u1", now=NOW)
        assert pauses.of(connection, alice.id, now=first.begins_at) == {"u1": None}


def test_an_absence_is_replaced_by_one_with_the_same_first_day_and_removed_by_it(
    database: Database, alice: Tenant
) -> None:
    with database.write() as connection:
        absences.put(connection, alice.id, away("2026-12-24", "2026-12-24"), now=NOW)
        absences.put(connection, alice.id, away("2026-12-24", "2026-12-31"), now=NOW)
        absences.put(connection, alice.id, away("2026-12-24", "2026-12-24", who="u2"), now=NOW)
        (mine,) = absences.every(connection, alice.id, now=NOW, user_id="u1")
        assert (mine.first, mine.last) == (date(2026, 12, 24), date(2026, 12, 31))
        assert absences.remove(connection, alice.id, "u1", mine.first, now=NOW)
        assert not absences.remove(connection, alice.id, "u1", mine.first, now=NOW)
        assert absences.count(connection, alice.id, "u2", now=NOW) == 1


def test_what_is_over_is_deleted_with_the_pauses(database: Database, alice: Tenant) -> None:
    found = away("2026-12-24", "2026-12-24")
    with database.write() as connection:
        absences.put(connection, alice.id, found, now=NOW)
        pauses.purge(connection, now=after(hours=1))
        assert absences.every(connection, alice.id, now=NOW) == [found]
        pauses.purge(connection, now=found.ends_at)
        assert absences.every(connection, alice.id, now=NOW) == []
