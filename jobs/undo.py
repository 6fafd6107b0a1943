"""Taking decisions back: one, or a whole run of them, newest first, a page at a time behind what happens live.

A person asks (:func:`ask`); the drain takes pages. A page plans what goes back (rules/undo.py) and stores that as
decisions of outcome ``undone`` together with what follows from them here (timers, who has which lead, turns); the next
round performs them like any others. So each is done once, whenever a worker dies. Of one lead only one decision is in
a page: the one before it is compared with what the CRM says after the later one has gone back. A lead about which
something is still being done is put off until the others are through (jobs/course.py).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from connector.store import assignments, decisions, merges, pairs, progress, timers, unfinished
from connector.store.assignments import holding
from connector.store.base import Database
from connector.store.decisions import Intent, Stored
from connector.store.memos import StoredMemo
from connector.store.progress import Progress
from connector.store.seal import Seal
from jobs import cleanup_labels, course, expiry, rulebook
from jobs.course import Course, Place
from jobs.shift import Shift
from jobs.takeback import STOPPED, Plan, Scope, plans
from rules import undo as rules
from rules.model import Decision
from rules.wording.words import english

PREFIX = progress.UNDO
"""What the names of its rows of progress begin with."""
PAGE = 200
"""Decisions a page."""
SAME_MOMENT = timedelta(microseconds=1)
MOMENTS = ("asked", "since", "until")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person, called `by`, wants taken back; `asked` is when they said so.

    Either the decisions `keys`, or all made from `since` until `until` (default: when it was asked), by the rule called
    `rule` or by the version of the rules `version` where these are not empty. `kept_for` is how long the install wanted
    merges kept then (expiry.chosen): :func:`ask` notes it, None where that was not done.
    """

    by: str
    asked: datetime
    keys: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    rule: str = ""
    version: str = ""
    kept_for: str | None = None

    def wants(self, stored: Stored) -> bool:
        """Tell whether a decision is meant."""
        decision = stored.decision
        if self.keys:
            return decision.key in self.keys
        mine = (not self.rule or decision.route.rule == self.rule) and (
            not self.version or decision.ruleset_version == self.version
        )
        return mine and rules.is_effective(decision)


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
    with database.read() as connection:
        told = _told(replace(wish, kept_for=expiry.chosen(connection, install_id)))
    StoredMemo(database, install_id, seal, clock).put(name, told, seconds=course.KEPT_SECONDS)
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
            key=_age,
            reverse=True,
        )
        return [each for each in found if place is None or _age(each) < (place.at, place.key)], None
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
    if told is None:
        with shift.write() as connection:
            gone, now = english("work.undo unknown"), shift.tools.clock()
            progress.move(connection, shift.install.id, work.name, now=now, state="failed", reason=gone)
        return
    wish, before = _wish(told), course.read(memo, work)
    batch, after = _second(shift, before) if before.walked else _first(shift, wish, before)
    scene, now = rulebook.scene(shift), shift.tools.clock()
    scope = Scope(
        shift.tools.database, shift.install, shift.seal, shift.crm, scene.users, scene.ruleset, shift.tools.settings
    )
    found = plans(scope, batch, asked=wish.asked, kept_for=wish.kept_for)
    undone = [(plan, plan.decision(scope, by=wish.by, asked=wish.asked, now=now)) for plan in found if plan.found]
    after = after.counting(undone=len(undone), left=len(found) - len(undone))
    after, text = course.keep(memo, work, before, after)
    with shift.write() as connection:
        values = {"after": text, **_standing(work, after, now)}
        if not progress.advance(connection, shift.install.id, work.name, now=now, **values):
            return
        intents = [Intent(decision, (), plan.stored.trace) for plan, decision in undone]
        new = decisions.intend(connection, shift.install.id, shift.seal, intents, now=now)
        for plan, decision in undone:
            if decision.key in new:
                follow(connection, shift.install.id, plan, decision.key, now)
                tell_apart(connection, shift, decision)
    course.forget(memo, work, before, after)


def _first(shift: Shift, wish: Wish, before: Course) -> tuple[Sequence[Stored], Course]:
    """Return the next decisions of the walk that can be taken back, and where it stands after them."""
    with shift.read() as connection:
        found, rest = wanted(connection, shift.install.id, shift.seal, wish, before.place)
        busy = unfinished.leads(connection, shift.install.id)
    part = course.part(found, busy | set(before.put_off.values()))
    if not part.whole and part.last is not None:
        rest = Place(part.last.created_at, part.last.decision.key)
    return part.batch, replace(before, place=rest, walked=rest is None, put_off={**before.put_off, **part.put_off})


def _second(shift: Shift, before: Course) -> tuple[Sequence[Stored], Course]:
    """Return what can be taken back of what was put off; when that is nothing for too long, the rest is left."""
    with shift.read() as connection:
        known = decisions.by_keys(connection, shift.install.id, shift.seal, list(before.put_off))
        busy = unfinished.leads(connection, shift.install.id)
    batch = course.free(sorted(known.values(), key=_age, reverse=True), busy, size=PAGE)
    done = {each.decision.key for each in batch}
    rest = {key: lead_id for key, lead_id in before.put_off.items() if key in known and key not in done}
    return batch, replace(before, tries=0 if batch else before.tries + 1, put_off=rest)


def _standing(work: Progress, after: Course, now: datetime) -> dict[str, Any]:
    """Return what the row of progress says of a course."""
    done = after.undone + after.left
    return {
        "state": "done" if after.is_over else "running",
        "done": done,
        "started_at": work.started_at or now,
        "reason": after.sentence(),
        **({"total": done} if after.is_over else {}),
        **({"not_before": now + after.wait} if after.tries else {}),
    }


def follow(connection: Connection, install_id: str, plan: Plan, undo_key: str, now: datetime) -> None:
    """Take back what a decision led to here: its timers, that somebody has the lead by it, and the turn.

    Part of the transaction that stores the undo.
    """
    key, lead_id = plan.stored.decision.key, plan.stored.decision.lead.id
    timers.stop(connection, install_id, [lead_id], STOPPED, now=now, but=plan.others)
    if plan.found is not None and plan.found.ends:
        assignments.end(connection, install_id, key, "undone", now=now, gives_back=True)
        if plan.stored.decision.mode == "act":
            _hold_again(connection, install_id, plan, undo_key, now)
    if plan.stored.state == "parked":
        # What the CRM refused of it must not be done by a later click.
        unfinished.settle(connection, install_id, [key], now=now)


def tell_apart(connection: Connection, shift: Shift, undo: Decision) -> None:
    """Note that the records of a merge that is taken back are not the same: or they were merged again at once.

    What was said of them before goes, under the ids that they had then.
    """
    if undo.label is not None:
        pairs.unsay(connection, shift.install.id, {each.id for each in merges.members(undo)})
        cleanup_labels.keep(connection, shift.install.id, shift.seal, [undo.label])


def _hold_again(connection: Connection, install_id: str, plan: Plan, undo_key: str, now: datetime) -> None:
    """Note that whoever had the lead by us before has it again; or no more, if that was by an undo of a later decision.

    The turn that they had for it went back when they lost it; it is not taken again.
    """
    decision, holder = plan.stored.decision, plan.found.holder if plan.found else None
    rows = assignments.of_leads(connection, install_id, [decision.lead.id], mode="act").get(decision.lead.id, [])
    held, taker = holding(rows), decision.route.assignee
    if held is not None and taker is not None and held.user_id == taker.id and (not holder or holder.id != taker.id):
        assignments.end(connection, install_id, held.decision_key, "undone", now=now)
        held = None
    earlier = rows[: next((place for place, row in enumerate(rows) if row.decision_key == decision.key), 0)]
    lost = [row for row in earlier if holder and row.user_id == holder.id and row.ending == "replaced"]
    if held is None and lost:
        again = replace(lost[-1], decision_key=undo_key, lane="", at=now, ended_at=None, ending="", credit="")
        assignments.add(connection, install_id, [again])


def _age(stored: Stored) -> tuple[datetime, str]:
    return stored.created_at, stored.decision.key


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
        "kept_for": wish.kept_for,
    }


def _wish(told: dict[str, Any]) -> Wish:
    """Return the wish that :func:`_told` wrote."""
    asked, since, until = (datetime.fromisoformat(told[name]) if told[name] else None for name in MOMENTS)
    if asked is None:
        raise ValueError("a wish was asked at some time")
    return Wish(
        told["by"], asked, tuple(told["keys"]), since, until, told["rule"], told["version"], told.get("kept_for")
    )
