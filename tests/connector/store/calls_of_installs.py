"""A call of every function of the store that is about an install, its people and its work, and what Charlie is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from connector.crm import Allowance
from connector.rows import RuleRow
from connector.store import (
    absences,
    api_keys,
    books,
    changes,
    cursors,
    editions,
    endings,
    grants,
    installs,
    leaves,
    letters,
    notes,
    pauses,
    progress,
    replies,
    rotation,
    rulesets,
    shelves,
    streams,
    tallies,
    tellings,
    tokens,
    usage,
)
from connector.store.grants import Grant
from connector.store.shelves import Standing
from rules.telling import Telling
from tests.connector.store.kit import NOW, Tenant, after
from tests.connector.store.street import AWAY, CHANGED, EDITION, KEY, Call

CALLS: dict[str, tuple[Call, Any]] = {
    "absences.put": (lambda c, me: absences.put(c, me.id, replace(AWAY, last=AWAY.first), now=after(days=1)), None),
    "absences.remove": (lambda c, me: absences.remove(c, me.id, "u1", AWAY.first, now=NOW), False),
    "absences.every": (lambda c, me: absences.every(c, me.id, now=NOW), []),
    "absences.count": (lambda c, me: absences.count(c, me.id, "u1", now=NOW), 0),
    "api_keys.put": (lambda c, me: api_keys.put(c, me.id, me.seal, replace(KEY, id="c" * 16), digest="c"), None),
    "api_keys.get": (lambda c, me: [api_keys.get(c, me.id, me.seal, each) for each in key_ids(c)], [None, None]),
    "api_keys.every": (lambda c, me: api_keys.every(c, me.id, me.seal), []),
    "api_keys.used": (lambda c, me: use_all(c, me.id), None),
    "api_keys.revoke": (
        lambda c, me: [api_keys.revoke(c, me.id, each, now=NOW) for each in key_ids(c)],
        [False, False],
    ),
    "books.of": (lambda c, me: books.of(c, me.id), ()),
    "books.begin": (lambda c, me: books.begin(c, me.id, version=1).staged, 0),
    "books.finish": (lambda c, me: books.finish(c, me.id), None),
    "changes.add": (lambda c, me: changes.add(c, me.id, me.seal, **CHANGED), None),
    "changes.page": (lambda c, me: changes.page(c, me.id, me.seal, limit=9), []),
    "changes.kinds": (lambda c, me: changes.kinds(c, me.id), ([], [])),
    "changes.empty": (lambda c, me: changes.empty(c, me.id, me.seal, range(100)), None),
    "cursors.get": (lambda c, me: cursors.get(c, me.id, "salesforce"), None),
    "cursors.put": (lambda c, me: cursors.put(c, me.id, "salesforce", b"mine", NOW), None),
    "cursors.drop": (lambda c, me: cursors.drop(c, me.id, "salesforce"), None),
    "editions.add": (lambda c, me: editions.add(c, me.id, me.seal, **EDITION), 1),
    "editions.of": (lambda c, me: editions.of(c, me.id, me.seal), []),
    "editions.get": (lambda c, me: editions.get(c, me.id, me.seal, 1), None),
    "editions.by_version": (lambda c, me: editions.by_version(c, me.id, me.seal, "v1"), None),
    "endings.since": (lambda c, me: endings.since(c, me.id), None),
    "grants.give": (lambda c, me: grants.give(c, me.id, Grant("u9", "manager", "me", NOW)), True),
    "grants.take": (lambda c, me: grants.take(c, me.id, "u1"), False),
    "grants.of": (lambda c, me: grants.of(c, me.id, "u1"), None),
    "grants.every": (lambda c, me: grants.every(c, me.id), []),
    "installs.by_id": (lambda c, me: getattr(installs.by_id(c, me.id), "name", ""), "Charlie"),
    "installs.set_status": (lambda c, me: installs.set_status(c, me.id, "paused", "x"), None),
    "installs.set_mode": (lambda c, me: installs.set_mode(c, me.id, "suggest"), None),
    "installs.set_routes": (lambda c, me: installs.set_routes(c, me.id, "leads", now=NOW), None),
    "installs.set_key": (lambda c, me: installs.set_key(c, me.id, b""), None),
    "installs.add_admin": (lambda c, me: epochs(c).count(installs.add_admin(c, me.id, "u1", NOW)), 0),
    "installs.last_admitted": (lambda c, me: installs.last_admitted(c, me.id), None),
    "installs.remove_admin": (lambda c, me: installs.remove_admin(c, me.id, "u1"), None),
    "installs.end_sessions": (lambda c, me: end_all(c, me.id), None),
    "installs.is_admin": (
        lambda c, me: [installs.is_admin(c, me.id, "u1", epoch=each, now=NOW) for each in epochs(c)],
        [False, False],
    ),
    "installs.remove": (lambda c, me: installs.remove(c, me.id), None),
    "leaves.make": (lambda c, me: len(leaves.make(c, me.id, code="C", by="me", now=NOW, until=after(hours=1))), 32),
    "leaves.enter": (
        lambda c, me: [leaves.enter(c, me.id, me.seal, each, name="me", now=NOW) for each in codes(c)],
        [None] * 2,
    ),
    "leaves.stays": (lambda c, me: [leaves.stays(c, me.id, *each, now=NOW) for each in visits(c)], [False] * 2),
    "leaves.leave": (lambda c, me: [leaves.leave(c, me.id, *each, now=NOW) for each in visits(c)], [False] * 2),
    "leaves.end": (lambda c, me: [leaves.end(c, me.id, each[0], now=NOW) for each in visits(c)], [False] * 2),
    "leaves.every": (lambda c, me: leaves.every(c, me.id, me.seal), []),
    "notes.put": (lambda c, me: notes.put(c, me.id, "days", "9", now=NOW), None),
    "notes.drop": (lambda c, me: notes.drop(c, me.id, "days"), False),
    "notes.of": (lambda c, me: notes.of(c, me.id), {}),
    "pauses.put": (lambda c, me: pauses.put(c, me.id, "u1", until=None, by="me", now=after(days=1)), None),
    "pauses.end": (lambda c, me: pauses.end(c, me.id, "u1", now=NOW), False),
    "pauses.of": (lambda c, me: pauses.of(c, me.id, now=NOW), {}),
    "pauses.every": (lambda c, me: pauses.every(c, me.id, now=NOW), []),
    "progress.start": (lambda c, me: progress.start(c, me.id, "setup", now=after(days=1)), None),
    "progress.move": (lambda c, me: progress.move(c, me.id, "setup", now=NOW, done=99), None),
    "progress.advance": (lambda c, me: progress.advance(c, me.id, "setup", now=NOW, done=99), False),
    "progress.pause": (lambda c, me: progress.pause(c, me.id, ["setup"], now=after(days=1)), 0),
    "progress.resume": (lambda c, me: progress.resume(c, me.id, ["paused"], now=after(days=1)), 0),
    "progress.of": (lambda c, me: progress.of(c, me.id), []),
    "progress.due": (lambda c, me: progress.due(c, me.id, now=after(days=1)), []),
    "replies.claim": (lambda c, me: replies.claim(c, me.id, me.seal, "k", "r", now=NOW), "new"),
    "replies.keep": (lambda c, me: replies.keep(c, me.id, me.seal, "k", replies.Reply(200, "mine")), None),
    "replies.drop": (lambda c, me: replies.drop(c, me.id, me.seal, "k"), None),
    "rotation.states": (lambda c, me: rotation.states(c, me.id), {}),
    "rotation.put": (lambda c, me: rotation.put(c, me.id, {"Everyone": {"u9": {"got": 9}}}), None),
    "rulesets.ids": (lambda c, me: rulesets.ids(c, me.id), ()),
    "rulesets.get": (lambda c, me: rulesets.get(c, me.id, me.seal), None),
    "rulesets.put": (lambda c, me: rulesets.put(c, me.id, me.seal, sources=(), version="x", now=NOW), None),
    "rulesets.set_fault": (lambda c, me: rulesets.set_fault(c, me.id, me.seal, "x", now=NOW), None),
    "rulesets.expire": (lambda c, me: rulesets.expire(c, me.id), None),
    "shelves.standing": (lambda c, me: shelves.standing(c, me.id), Standing()),
    "shelves.choose": (lambda c, me: shelves.choose(c, me.id, Standing("properties"), now=after(days=1)), None),
    "shelves.rules": (lambda c, me: shelves.rules(c, me.id, me.seal), ()),
    "shelves.put": (lambda *given: refused_rules(*given), "refused"),  # noqa: PLW0108 - it stands below
    "shelves.mark": (lambda c, me: shelves.mark(c, me.id, me.seal, shelved(c), ["error"]), None),
    "shelves.clear": (lambda c, me: shelves.clear(c, me.id), None),
    "streams.get": (lambda c, me: streams.get(c, me.id), None),
    "streams.put": (lambda c, me: streams.put(c, me.id, "broken", now=after(days=1), reason="x"), None),
    "streams.asked": (lambda c, me: streams.asked(c, me.id, after(days=1)), None),
    "tallies.add": (lambda c, me: tallies.add(c, me.id, me.seal, [(NOW, {("rule", "Mine"): 9})]), None),
    "tallies.read": (lambda c, me: list(tallies.read(c, me.id, me.seal, since=NOW, until=after(days=1))), []),
    "tallies.first": (lambda c, me: tallies.first(c, me.id), None),
    "tellings.put": (lambda c, me: tellings.put(c, me.id, Telling(language="de"), now=NOW), None),
    "tellings.of": (lambda c, me: tellings.of(c, me.id), Telling()),
    "tellings.put_console": (lambda c, me: tellings.put_console(c, me.id, "de", now=NOW), None),
    "tellings.console": (lambda c, me: tellings.console(c, me.id), ""),
    "tokens.get": (lambda c, me: tokens.get(c, me.id), None),
    "tokens.version": (lambda c, me: tokens.version(c, me.id), 0),
    "tokens.put": (lambda c, me: tokens.put(c, me.id, b"mine", expires_at=None), None),
    "usage.by_hour": (lambda c, me: usage.by_hour(c, me.id, since=after(days=-1)), {}),
    "usage.add": (lambda c, me: usage.add(c, me.id, {"live": 9}, now=NOW), None),
    "usage.tell": (lambda c, me: usage.tell(c, me.id, Allowance(9, 10), now=after(days=1)), None),
    "usage.quiet": (lambda c, me: usage.quiet(c, me.id, "x"), None),
    "usage.why_quiet": (lambda c, me: usage.why_quiet(c, me.id), ""),
    "usage.told": (lambda c, me: usage.told(c, me.id), None),
    "usage.spent": (lambda c, me: usage.spent(c, me.id, since=after(days=-1)), {}),
}


def ids(connection: Connection) -> list[int]:
    """Return the ids of all letters there are: what an attacker would guess."""
    return list(connection.execute(select(letters.letter.c.id)).scalars())


def key_ids(connection: Connection) -> list[str]:
    """Return the ids of everybody's API keys, which are no secret."""
    return list(connection.execute(select(api_keys.api_key.c.id)).scalars())


def use_all(connection: Connection, install_id: str) -> None:
    """Use everybody's keys, in one install."""
    for each in key_ids(connection):
        api_keys.used(connection, install_id, each, now=NOW)


def visits(connection: Connection) -> list[tuple[str, str]]:
    """Return the leaves for support and the epochs of their sessions: what a thief of a cookie would know."""
    columns = leaves.support_leave.c.id, leaves.support_leave.c.epoch
    wanted = leaves.support_leave.c.entered_at.is_not(None)
    return [(row.id, row.epoch) for row in connection.execute(select(*columns).where(wanted))]


def codes(connection: Connection) -> list[str]:
    """Return codes for support that open something, of everybody else."""
    return [f"OPEN{each}" for each in connection.execute(select(installs.install.c.id)).scalars()][:2]


def epochs(connection: Connection) -> list[str]:
    """Return the epochs of everybody's sessions: what a thief of a cookie would know."""
    return list(connection.execute(select(installs.admin.c.epoch)).scalars())


def end_all(connection: Connection, install_id: str) -> None:
    """End the sessions of every epoch there is, in one install."""
    for each in epochs(connection):
        installs.end_sessions(connection, install_id, "u1", each)


def shelved(connection: Connection) -> list[RuleRow]:
    """Return rules with the ids of everybody's: what an attacker would guess."""
    numbers = connection.execute(select(shelves.shelf_rule.c.id)).scalars()
    return [RuleRow("Mine", "rule", 1, "mine", error="mine", id=str(number)) for number in numbers]


def refused_rules(connection: Connection, who: Tenant) -> str:
    """Rewrite everybody's rules: none of them is there for Charlie."""
    try:
        shelves.put(connection, who.id, who.seal, shelved(connection))
    except KeyError:
        return "refused"
    return "done"
