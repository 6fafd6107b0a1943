"""A street: a database in which Alice and Bob have something of everything, and Charlie has nothing yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from connector.crm import Allowance
from connector.index import Index
from connector.rows import RuleRow
from connector.store import (
    absences,
    aliases,
    api_keys,
    asked,
    assignments,
    books,
    changes,
    cleanups,
    cursors,
    decisions,
    editions,
    endings,
    erasures,
    finding,
    grants,
    installs,
    leaves,
    ledger,
    letters,
    migrate,
    notes,
    pairs,
    pauses,
    progress,
    replies,
    responses,
    reviews,
    rotation,
    rulesets,
    shelves,
    streams,
    tallies,
    tellings,
    timers,
    tokens,
    unfinished,
    usage,
)
from connector.store.api_keys import ApiKey
from connector.store.assignments import Assignment
from connector.store.base import Database
from connector.store.decisions import Intent, Stored
from connector.store.grants import Grant
from connector.store.ledger import Entry
from connector.store.memos import StoredMemo
from connector.store.responses import Awaited
from connector.store.schema import metadata
from connector.store.shelves import Standing
from connector.store.timers import Waiting
from rules.actions import Member
from rules.model import Candidate, Match, Record
from rules.response import Response
from rules.ruleset import Source
from rules.telling import Telling
from tests.connector.store import kit
from tests.connector.store.kit import NOW, Tenant, after, decision, tenant

LEAD = Record("lead", "new", {"email": "kim@globex.com", "company": "Globex", "account_id": "a1"})
MINE = Record("account", "a1", {"name": "Mine"})
COLLEAGUE = Record("contact", "c1", {"email": "kim@globex.com", "account_id": "a1"})
UNSURE = decision("d1", "l1", match=Match("review", Candidate("a1", "Globex", None, 0.7), log_odds=0.8))
SURE = decision("d2", "l2", match=UNSURE.match, lead=Record("lead", "l2", {"company": "Globex"}))
REJECTED = reviews.rejection(UNSURE, by="Ana", now=NOW)
ANSWER: dict[str, Any] = {"lead_id": "l1", "account_id": "a1", "verdict": "accepted", "by": "Ana", "now": NOW}
TERMS: dict[str, Any] = {"until": after(hours=1), "reason": "x", "failed": True}

GIVEN = Assignment("d1", "l1", "u1", 7, "Everyone", "act", NOW)
AWAITED = Awaited("d1", "l1", NOW, NOW, NOW)
LATE = Response("late", NOW, 1.0)
PAIR = (Member("lead", "l1"), Member("contact", "c1"))
SUGGESTED = pairs.Suggestion(PAIR, 0.9, names=("Kim", "Kim"))
ASKED = pairs.Asked(SUGGESTED.key, SUGGESTED, "open", "", NOW)
ALIAS = aliases.Alias("lead", "l0", "lead", "l1", "restored", "d1", NOW)
CLEANUP = cleanups.Cleanup("cleanup:1", "Ana", NOW)
TIE = cleanups.Tie("l1", "c1", ("lead", "contact"), 0.9)
AWAY = absences.planned("u1", date(2026, 12, 24), date(2027, 1, 2), zone=UTC, by="u1", now=NOW)
REQUEST = asked.Request("l1", "undo", "u1", "d1", NOW, note="Not mine.")
TIMER = Waiting("d1", 0, "l1", "remind", NOW)
STORED = Stored(decision("d1"), "settled", (), {}, 0, "", "", NOW, NOW)
SOUGHT = finding.Sought(((("rule", "everyone"),),))
EDITION: dict[str, Any] = {"sources": [Source("r", "text")], "version": "v1", "now": NOW, "by": "Ana"}
KEY = ApiKey("0" * 16, "Export", frozenset({"read"}), "u1", NOW)
CHANGED: dict[str, Any] = {"by": "u1", "did": "mode", "about": "act", "before": "observe", "now": NOW}

Call = Callable[[Connection, Tenant], Any]
"""Something that a tenant asks of the store."""


def admit(connection: Connection, who: Tenant) -> None:
    """Give an install what people and programs get in with, and what is noted about that."""
    api_keys.put(connection, who.id, who.seal, replace(KEY, id=who.id[:16]), digest=who.id)
    changes.add(connection, who.id, who.seal, **CHANGED)
    grants.give(connection, who.id, Grant("u1", "manager", "u0", NOW))
    installs.add_admin(connection, who.id, "u1", NOW)
    for code in ("ALICE", "OPEN"):
        leaves.make(connection, who.id, code=f"{code}{who.id}", by="u1", now=NOW, until=after(hours=4))
    leaves.enter(connection, who.id, who.seal, f"ALICE{who.id}", name="Sue", now=NOW)
    notes.put(connection, who.id, "days", "7", now=NOW)
    tellings.put(connection, who.id, Telling(task=False, language="fr"), now=NOW)
    tellings.put_console(connection, who.id, "fr", now=NOW)
    for key in ("k", "k2"):
        replies.claim(connection, who.id, who.seal, key, "r", now=NOW)


def furnish(database: Database, who: Tenant) -> None:
    """Give an install something of everything, under the same names as everybody's."""
    with database.write() as connection:
        letters.receive(connection, who.id, [kit.event("e1"), kit.event("e2", "l2")], now=NOW)
        mine = select(letters.letter.c.id).where(letters.letter.c.install_id == who.id)
        last = max(connection.execute(mine).scalars())
        letters.park(connection, who.id, [last], reason="No.")
        intents = [Intent(decision(key), (last,)) for key in ("d0", "d1", "parked")]
        decisions.intend(connection, who.id, who.seal, intents, now=NOW)
        lines = [("d1", "task", Entry("refused")), ("parked", "task", Entry("refused"))]
        ledger.record(connection, who.id, lines, now=NOW)
        ledger.begin(connection, who.id, [("d1", "audit")], now=NOW)
        unfinished.park(connection, who.id, {"parked": "No."})
        assignments.add(connection, who.id, [GIVEN, replace(GIVEN, decision_key="d2", lead_id="l2")])
        assignments.end(connection, who.id, "d2", "rejected", now=NOW, gives_back=True)
        asked.put(connection, who.id, who.seal, REQUEST)
        timers.add(connection, who.id, [TIMER, replace(TIMER, step=1, kind="ask")], now=NOW)
        responses.add(connection, who.id, [AWAITED], now=NOW)
        pauses.put(connection, who.id, "u1", until=None, by="u1", now=NOW)
        absences.put(connection, who.id, AWAY, now=NOW)
        editions.add(connection, who.id, who.seal, **EDITION)
        cursors.put(connection, who.id, "salesforce", b"place", NOW)
        shelves.choose(connection, who.id, Standing("properties", "custom_objects", "No."), now=NOW)
        shelves.put(connection, who.id, who.seal, [RuleRow("Desk", "pool", 1, "- pool: Desk")])
        streams.put(connection, who.id, "polling", now=NOW, reason="No.", next_try=after(hours=1), asked_at=NOW)
        rotation.put(connection, who.id, {"Everyone": {"u1": {"got": 1}}})
        rulesets.put(connection, who.id, who.seal, sources=[Source("r", "text")], version="v1", now=NOW)
        connection.execute(insert(endings.ending).values(install_id=who.id, since=NOW))
        erasures.ask(connection, who.id, ["gone"], now=NOW)
        erasures.note_mergers(connection, who.id, "lead", [("l0", "l1")], now=NOW)
        progress.start(connection, who.id, "setup", now=NOW)
        progress.start(connection, who.id, "paused", now=NOW)
        progress.pause(connection, who.id, ["paused"], now=NOW)
        reviews.follow(connection, who.id, who.seal, [UNSURE, SURE], now=NOW)
        reviews.answer(connection, who.id, who.seal, **(ANSWER | {"lead_id": "l2"}))
        aliases.put(connection, who.id, [ALIAS])
        pairs.suggest(connection, who.id, who.seal, [SUGGESTED], now=NOW)
        pairs.label(connection, who.id, who.seal, PAIR, same=False, by="Ana", at=NOW)
        cleanups.put(connection, who.id, who.seal, CLEANUP)
        cleanups.tie(connection, who.id, CLEANUP.name, [TIE])
        admit(connection, who)
        tokens.put(connection, who.id, b"token", expires_at=NOW)
        tallies.add(connection, who.id, who.seal, [(NOW, {("rule", "Everyone"): 3})])
        usage.add(connection, who.id, {"live": 3}, now=NOW)
        usage.tell(connection, who.id, Allowance(used=5, total=100), now=NOW)
        usage.quiet(connection, who.id, "No.")
        records = [
            Record("account", "a1", {"name": "Globex", "website": "globex.com"}),
            Record("lead", "l1", {"email": "kim@globex.com", "company": "Globex"}),
            Record("contact", "c1", {"email": "kim@globex.com", "account_id": "a1"}),
            Record("contact", "c2", {"email": "kim@mail.example", "account_id": "a1"}),
        ]
        index = Index(connection, who.id, who.seal)
        index.put(records)
        index.write(index.prepare([Record("account", "a2", {"name": "Initech"})]), staged=True)
    StoredMemo(database, who.id, who.seal, lambda: NOW).put("users", ["Ana"], seconds=60)


def everything_of(connection: Connection, *people: Tenant) -> dict[str, str]:
    """Return the SQL that reads every row of these installs and of their books, of every table."""
    found = {}
    numbers = [each.number for who in people for each in books.of(connection, who.id)]
    for table in metadata.sorted_tables:
        column = table.c.id if table.name == "install" else table.c.get("install_id")
        if column is not None:
            where = column.in_([who.id for who in people])
        elif table.name != "lease":
            where = table.c.book.in_(numbers)
        else:
            continue
        statement = select(table).where(where)
        found[table.name] = str(statement.compile(connection, compile_kwargs={"literal_binds": True}))
    return found


def rows_of(connection: Connection, everything: dict[str, str]) -> dict[str, list[str]]:
    """Return these rows as they are stored, in an order of their own."""
    return {name: sorted(map(repr, connection.exec_driver_sql(sql))) for name, sql in everything.items()}


@dataclass(frozen=True)
class Street:
    """A database in which Alice and Bob have something of everything and Charlie has nothing yet."""

    database: Database
    alice: Tenant
    bob: Tenant
    charlie: Tenant
    everything: dict[str, str]
    before: dict[str, list[str]]
    """What Alice and Bob have, and the SQL that reads it."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def street(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """One for all cases; each undoes what it did."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path_factory.mktemp('street') / 'store.sqlite'}")
    else:
        database = Database(request.getfixturevalue("postgres").create())
    migrate.upgrade(database)
    alice, bob, charlie = (tenant(database, each) for each in ("alice", "bob", "charlie"))
    for who in (alice, bob):
        furnish(database, who)
    with database.read() as connection:
        everything = everything_of(connection, alice, bob)
        before = rows_of(connection, everything)
    yield Street(database, alice, bob, charlie, everything, before)
    database.close()
