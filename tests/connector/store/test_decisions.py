"""Decisions: the intent is kept first, and what was decided is found again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from connector.store import decisions, ledger, standing, unfinished
from connector.store.base import Database
from connector.store.decisions import Intent
from connector.store.ledger import Entry
from tests.connector.store.kit import NOW, Tenant, after, decision, intend, stored


def test_a_decision_comes_out_as_it_went_in(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision())
    found = stored(database, alice)
    assert found.decision == decision()
    assert (found.state, found.letters, found.trace, found.attempts) == ("intended", (1, 2), "trace", 0)
    assert (found.created_at, found.settled_at, found.ledger) == (NOW, None, {})


def test_intending_again_leaves_the_first_as_it_is(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision())
    with database.write() as connection:
        ledger.record(connection, alice.id, [("d1", "assign", Entry("done"))], now=NOW)
        unfinished.settle(connection, alice.id, ["d1"], now=after(seconds=5))
    intend(database, alice, decision(outcome="kept"), decision("d2"), now=after(minutes=1))
    first = stored(database, alice)
    assert (first.decision.outcome, first.state, first.created_at) == ("assigned", "settled", NOW)
    assert (first.settled_at, first.ledger) == (after(seconds=5), {"assign": Entry("done")})
    assert stored(database, alice, "d2").state == "intended"


def test_intending_says_which_decisions_are_new(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        pairs = [[decision("d1"), decision("d2")], [decision("d2"), decision("d3")], []]
        said = [
            decisions.intend(connection, alice.id, alice.seal, [Intent(each, ()) for each in some], now=NOW)
            for some in pairs
        ]
    assert said == [{"d1", "d2"}, {"d3"}, set()]


def test_a_damaged_decision_stops_nobody_elses_and_is_named(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision("broken"), decision("fine", "l2"))
    with database.write() as connection:
        broken = decisions.decision.c.key == "broken"
        connection.execute(update(decisions.decision).where(broken).values(sealed=b"damaged"))
        found, unreadable = unfinished.due(connection, alice.id, alice.seal, now=NOW, limit=9)
        assert ([each.decision.key for each in found], unreadable) == (["fine"], ["broken"])
        assert decisions.by_key(connection, alice.id, alice.seal, "broken") is None
        assert set(decisions.latest(connection, alice.id, alice.seal, ["l1", "l2"])) == {"l2"}
        assert unfinished.given(connection, alice.id, alice.seal) == {"l2": "u1"}


def test_the_latest_decision_that_is_parked_counts_as_refused(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision())
    with database.write() as connection:
        unfinished.park(connection, alice.id, {"d1": "No."})
        (found,) = decisions.latest(connection, alice.id, alice.seal, ["l1"]).values()
    assert found.outcome == "refused"


def test_nothing_to_intend_is_no_error(database: Database, alice: Tenant) -> None:
    intend(database, alice)
    with database.write() as connection:
        unfinished.settle(connection, alice.id, [], now=NOW)
        ledger.begin(connection, alice.id, [], now=NOW)
        ledger.record(connection, alice.id, [], now=NOW)
        ledger.forget_begun(connection, alice.id, [])
        unfinished.postpone(connection, alice.id, [], until=NOW, reason="", failed=True)
        assert decisions.latest(connection, alice.id, alice.seal, []) == {}
        assert decisions.by_keys(connection, alice.id, alice.seal, []) == {}


@pytest.mark.parametrize("order", [["d2", "nobody", "d3", "d1"], ["d1", "d2", "d3"]])
def test_decisions_by_key_come_in_the_order_asked_for(database: Database, alice: Tenant, order: list[str]) -> None:
    intend(database, alice, decision("d3"), decision("d1"), decision("d2"))
    with database.read() as connection:
        found = decisions.by_keys(connection, alice.id, alice.seal, order)
    assert list(found) == [key for key in order if key != "nobody"]
    assert all(found[key].decision.key == key for key in found)


def test_the_latest_decision_of_each_lead_is_found(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision("z", "l1"), decision("m", "l2"), now=NOW)
    intend(database, alice, decision("a", "l1"), now=after(seconds=1))
    with database.read() as connection:
        found = decisions.latest(connection, alice.id, alice.seal, ["l1", "l2", "l3"])
        mine = decisions.of_lead(connection, alice.id, alice.seal, "l1")
    assert {lead_id: each.key for lead_id, each in found.items()} == {"l1": "a", "l2": "m"}
    assert [each.decision.key for each in mine] == ["a", "z"], "newest first"


def test_recent_decisions_page_back(database: Database, alice: Tenant) -> None:
    for minute in range(5):
        intend(database, alice, decision(f"d{minute}"), now=after(minutes=minute))
    with database.read() as connection:
        page = decisions.recent(connection, alice.id, alice.seal, limit=2)
        rest = decisions.recent(connection, alice.id, alice.seal, limit=9, before=page[-1].created_at)
    assert [each.decision.key for each in (*page, *rest)] == ["d4", "d3", "d2", "d1", "d0"]


def test_counts_say_outcomes_since_then_and_what_is_open(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision("old"), now=after(days=-2))
    intend(database, alice, decision("a"), decision("b"), decision("c", outcome="kept"))
    with database.write() as connection:
        unfinished.settle(connection, alice.id, ["a"], now=NOW)
        unfinished.park(connection, alice.id, {"b": "No."})
        found = standing.counts(connection, alice.id, since=after(days=-1))
    assert found == {"assigned": 2, "kept": 1, "parked": 1, "intended": 2}


def test_only_old_settled_decisions_are_purged_and_their_ledger_with_them(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision("old"), decision("open"), decision("parked"), now=after(days=-40))
    intend(database, alice, decision("new"), now=after(days=-1))
    with database.write() as connection:
        ledger.record(connection, alice.id, [("old", "assign", Entry("done"))], now=NOW)
        unfinished.settle(connection, alice.id, ["old", "new"], now=NOW)
        unfinished.park(connection, alice.id, {"parked": "No."})
        assert decisions.purge(connection, before=after(days=-30)) == 1
        left = set(connection.execute(select(decisions.decision.c.key)).scalars())
        lines = connection.execute(select(func.count()).select_from(ledger.ledger)).scalar_one()
    assert (left, lines) == ({"open", "parked", "new"}, 0)


def test_an_intent_of_a_few_hundred_goes_in_at_once(database: Database, alice: Tenant) -> None:
    many = [replace(decision(), key=f"d{number:03}") for number in range(300)]
    with database.write() as connection:
        decisions.intend(connection, alice.id, alice.seal, [Intent(each, ()) for each in many], now=NOW)
        pairs = [(each.key, action) for each in many for action in ("assign", "task", "audit")]
        ledger.begin(connection, alice.id, pairs, now=NOW)
        ledger.forget_begun(connection, alice.id, pairs[:450])
        found, _ = unfinished.due(connection, alice.id, alice.seal, now=NOW, limit=300)
    assert [len(each.ledger) for each in found] == [0] * 150 + [3] * 150
