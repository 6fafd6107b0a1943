"""Taking decisions back: one, or a whole run of them, newest first, a page at a time behind what happens live.

A person asks (:func:`ask`); the drain takes pages. A page plans what goes back (rules/undo.py) and stores that as
decisions of outcome ``undone`` together with what follows from them here (timers, who has which lead, turns); the next
round performs them like any others. So each is done once, whenever a worker dies. Of one lead only one decision is in
a page: the one before it is compared with what the CRM says after the later one has gone back.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from connector.store import assignments, decisions, progress, timers
from connector.store.base import Database
from connector.store.decisions import Intent, Stored
from connector.store.memos import StoredMemo
from connector.store.progress import Progress
from connector.store.seal import Seal
from jobs import rulebook
from jobs.shift import Shift
from jobs.takeback import Plan, Scope, plans
from rules import undo as rules

PREFIX = "undo:"
"""What the names of its rows of progress begin with."""
PAGE = 200
"""Decisions a page."""
KEPT_SECONDS = 30 * 86_400.0
"""How long a wish is kept: longer than any undo takes, paused or not."""
WAIT = timedelta(seconds=5)
"""How long a page waits for a lead about which something is still being done."""
SAME_MOMENT = timedelta(microseconds=1)
MOMENTS = ("asked", "since", "until")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person, called `by`, wants taken back; `asked` is when they said so.

    Either the decisions `keys`, or all made from `since` until `until` (default: when it was asked), by the rule called
    `rule` or by the version of the rules `version` where these are not empty.
    """

    by: str
    asked: datetime
    keys: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    rule: str = ""
    version: str = ""

    def wants(self, stored: Stored) -> bool:
        """Tell whether a decision is meant."""
        decision = stored.decision
        if self.keys:
            return decision.key in self.keys
        mine = (not self.rule or decision.route.rule == self.rule) and (
            not self.version or decision.ruleset_version == self.version
        )
        return mine and rules.is_effective(decision)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a wish has come: the moment and key of the decision looked at last."""

    at: datetime
    key: str = ""


def ask(
    database: Database,
    install_id: str,
    seal: Seal,
    wish: Wish,
    *,
    clock: Callable[[], datetime],
    total: int | None = None,
) -> str:
    """Have a wish fulfilled; return the name of its row of progress. Ring for the install afterwards.

    `total`: how many decisions are meant, if that was counted.
    """
    name = f"{PREFIX}{uuid.uuid4().hex[:8]}"
    StoredMemo(database, install_id, seal, clock).put(name, _told(wish), seconds=KEPT_SECONDS)
    with database.write() as connection:
        progress.start(connection, install_id, name, now=clock())
        progress.move(connection, install_id, name, now=clock(), total=total)
    return name


def wanted(
    connection: Connection, install_id: str, seal: Seal, wish: Wish, place: Place | None, *, size: int = PAGE
) -> tuple[list[Stored], Place | None]:
    """Return the next decisions that a wish means, newest first, and where to go on; None at the end."""
    if wish.keys:
        found = sorted(
            decisions.by_keys(connection, install_id, seal, wish.keys).values(),
            key=lambda each: (each.created_at, each.decision.key),
            reverse=True,
        )
        return [each for each in found if place is None or (each.created_at, each.decision.key) < _at(place)], None
    start = place or Place((wish.until or wish.asked) + SAME_MOMENT)
    rows = decisions.recent(connection, install_id, seal, limit=size, before=start.at, key=start.key)
    fresh = [each for each in rows if wish.since is None or each.created_at >= wish.since]
    is_last = not rows or len(fresh) < len(rows)
    last = Place(rows[-1].created_at, rows[-1].decision.key) if rows else start
    return [each for each in fresh if wish.wants(each)], None if is_last else last


def page(shift: Shift, work: Progress) -> None:
    """Take the next decisions of a wish back: store what goes back; the next round performs it."""
    memo = StoredMemo(shift.tools.database, shift.install.id, shift.seal, shift.tools.clock)
    told = memo.get(work.name)
    now = shift.tools.clock()
    if told is None:
        with shift.write() as connection:
            gone = "What was to be undone is not known any more."
            progress.move(connection, shift.install.id, work.name, now=now, state="failed", reason=gone)
        return
    wish, state = _wish(told), _state(work)
    place = Place(datetime.fromisoformat(state["at"]), state["key"]) if "at" in state else None
    with shift.read() as connection:
        found, rest = wanted(connection, shift.install.id, shift.seal, wish, place)
        busy = decisions.unfinished_leads(connection, shift.install.id)
    batch = _one_each(found, busy)
    if found and not batch:
        with shift.write() as connection:
            progress.advance(connection, shift.install.id, work.name, now=now, not_before=now + WAIT)
        return
    if len(batch) < len(found):
        rest = Place(batch[-1].created_at, batch[-1].decision.key)
    _take_back(shift, work, wish, batch, rest)


def _take_back(shift: Shift, work: Progress, wish: Wish, batch: Sequence[Stored], rest: Place | None) -> None:
    """Store what goes back of a page, and where the wish stands then, in one transaction."""
    scene = rulebook.scene(shift)
    scope = Scope(shift.tools.database, shift.install, shift.seal, shift.crm, scene.users, scene.ruleset)
    found = plans(scope, batch)
    now = shift.tools.clock()
    undone = [(plan, plan.decision(scope, by=wish.by, asked=wish.asked, now=now)) for plan in found if plan.found]
    counts = Counter(_state(work).get("counts", {}))
    counts.update({"undone": len(undone), "left": len(found) - len(undone)})
    values = {
        "state": "running" if rest else "done",
        "done": work.done + len(batch),
        "after": json.dumps({**({"at": rest.at.isoformat(), "key": rest.key} if rest else {}), "counts": counts}),
        "started_at": work.started_at or now,
        "reason": _sentence(counts),
        **({} if rest else {"total": work.done + len(batch)}),
    }
    with shift.write() as connection:
        if not progress.advance(connection, shift.install.id, work.name, now=now, **values):
            return
        intents = [Intent(decision, (), plan.stored.trace) for plan, decision in undone]
        new = decisions.intend(connection, shift.install.id, shift.seal, intents, now=now)
        for plan, decision in undone:
            if decision.key in new:
                _follow(connection, shift.install.id, plan, now)


def _follow(connection: Connection, install_id: str, plan: Plan, now: datetime) -> None:
    """Take back what a decision led to here: its timers, that somebody has the lead by it, and the turn."""
    key, lead_id = plan.stored.decision.key, plan.stored.decision.lead.id
    timers.stop(connection, install_id, [lead_id], "undone", now=now, but=plan.others)
    if plan.found is not None and plan.found.ends:
        assignments.end(connection, install_id, key, "undone", now=now, gives_back=True)
    if plan.stored.state == "parked":
        # What the CRM refused of it must not be done by a later click.
        decisions.settle(connection, install_id, [key], now=now)


def _one_each(found: Sequence[Stored], busy: set[str]) -> list[Stored]:
    """Return the first decisions up to a lead that comes a second time, or about which something is still done."""
    batch: list[Stored] = []
    seen = set(busy)
    for each in found:
        if each.decision.lead.id in seen:
            break
        seen.add(each.decision.lead.id)
        batch.append(each)
    return batch


def _state(work: Progress) -> dict[str, Any]:
    return dict(json.loads(work.after)) if work.after else {}


def _at(place: Place) -> tuple[datetime, str]:
    return place.at, place.key


def _sentence(counts: Counter[str]) -> str:
    return f"{counts['undone']:,} undone, {counts['left']:,} left as they are."


def _told(wish: Wish) -> dict[str, Any]:
    """Return a wish as JSON."""
    return {
        "by": wish.by,
        "asked": wish.asked.isoformat(),
        "keys": list(wish.keys),
        "since": wish.since.isoformat() if wish.since else None,
        "until": wish.until.isoformat() if wish.until else None,
        "rule": wish.rule,
        "version": wish.version,
    }


def _wish(told: dict[str, Any]) -> Wish:
    """Return the wish that :func:`_told` wrote."""
    asked, since, until = (datetime.fromisoformat(told[name]) if told[name] else None for name in MOMENTS)
    if asked is None:
        raise ValueError("a wish was asked at some time")
    return Wish(told["by"], asked, tuple(told["keys"]), since, until, told["rule"], told["version"])
