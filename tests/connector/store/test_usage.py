"""Calls are counted by hour and kind of work, and what the CRM says is kept beside them."""

from __future__ import annotations

from collections import Counter

from connector.crm import Allowance
from connector.store import usage
from connector.store.base import Database
from connector.store.usage import Told
from tests.connector.store.kit import NOW, after, tenant


def test_calls_of_an_hour_add_up_by_kind_of_work(database: Database) -> None:
    who = tenant(database, "acme")
    for minutes, spent in ((0, {"live": 3}), (40, {"live": 4, "backfill": 10}), (70, {"live": 5, "poll": 0})):
        with database.write() as connection:
            usage.add(connection, who.id, spent, now=after(minutes=minutes))  # type: ignore[arg-type]
    with database.read() as connection:
        assert usage.spent(connection, who.id, since=NOW) == Counter(live=12, backfill=10)
        assert usage.spent(connection, who.id, since=after(hours=1)) == Counter(live=5)
        assert usage.spent(connection, who.id, since=after(hours=2)) == Counter()


def test_the_last_word_of_the_crm_counts(database: Database) -> None:
    who = tenant(database, "acme")
    with database.write() as connection:
        assert usage.told(connection, who.id) is None
        usage.quiet(connection, who.id, "Busy.")
        assert usage.told(connection, who.id) is None, "why it asked for quiet says nothing of calls"
        usage.tell(connection, who.id, Allowance(used=10, total=15_000), now=NOW)
        usage.tell(connection, who.id, Allowance(used=12, total=15_000), now=after(minutes=1))
    with database.read() as connection:
        assert usage.told(connection, who.id) == Told(Allowance(used=12, total=15_000), after(minutes=1))
        assert usage.why_quiet(connection, who.id) == "Busy."


def test_old_hours_are_forgotten(database: Database) -> None:
    who = tenant(database, "acme")
    with database.write() as connection:
        usage.add(connection, who.id, {"live": 1}, now=after(days=-9))
        usage.add(connection, who.id, {"live": 2}, now=NOW)
        assert usage.purge(connection, before=after(days=-8)) == 1
        assert usage.spent(connection, who.id, since=after(days=-30)) == Counter(live=2)
