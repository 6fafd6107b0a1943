"""A simulation as a job: past leads through two rule sets, with progress that can be paused and cancelled.

It runs in the process that asked for it; one that the console asked for is done by workers (jobs/simulation_line.py).
Its row of progress tells others how far it is, and takes their word to pause or to cancel; a drain never finds it due.
Beside that only what came of it is written, sealed, for a month. The CRM is only read.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from connector.store import progress, sentences
from connector.store.memos import StoredMemo
from connector.store.progress import Progress
from jobs import past_leads
from jobs.past_leads import Sides
from jobs.preview import Looking
from rules.comparison import Comparison
from rules.ruleset import RuleSet
from rules.simulate import OPEN_FOR, PastLead, Simulation
from rules.typed_leads import Arrival, spread
from rules.wording.words import english

PREFIX = "simulation:"
KEPT = timedelta(days=30)
"""How long what came of a simulation can be looked up."""
MOST_KEPT = 5_000
"""Leads that change hands that are kept with it; all of them are counted, and go to the file that was asked for."""
NEVER_DRAINED = timedelta(days=3650)
REST_SECONDS = 0.5
"""How often a paused simulation looks whether it may go on."""
CANCELLED = english("work.cancelled")


def outcome(leads: int, moves: int) -> str:
    """Return what came of a simulation, as a sentence."""
    return english("work.simulated", count=f"{leads:,}", moves=f"{moves:,}")


class Cancelled(Exception):  # noqa: N818 - it is what somebody did
    """Somebody has cancelled the simulation."""


@dataclass(frozen=True)
class Order:
    """What is to be simulated: two rule sets over the last `days`, or over the leads of a table."""

    before: RuleSet
    after: RuleSet
    days: int = 30
    table: Sequence[Arrival] | None = None
    open_for: timedelta = OPEN_FOR


@dataclass(frozen=True)
class _Source:
    """The leads, some at a time, and how many there are at most."""

    total: int
    batches: Iterator[list[PastLead]]


def new_name() -> str:
    """Return the name of a new simulation's row of progress."""
    return f"{PREFIX}{secrets.token_hex(4)}"


def run(
    look: Looking,
    order: Order,
    name: str,
    *,
    seen: Callable[[int, int], None] = lambda _done, _total: None,
    rest: Callable[[float], None] = time.sleep,
) -> Comparison:
    """Simulate, tell `seen` how many leads of how many are done, and keep what came of it under `name`.

    Raises Cancelled when somebody has cancelled it; a paused one waits, `rest` by `rest`.
    """
    sides = Sides.of(look, look.scene(order.before), look.scene(order.after))
    with look.tools.database.write() as connection:
        now = look.tools.clock()
        progress.start(connection, look.install.id, name, now=now)
        progress.move(
            connection, look.install.id, name, now=now, not_before=now + NEVER_DRAINED, state="running", started_at=now
        )

    def tell(done: int, total: int) -> None:
        seen(done, total)
        _go_on(look, name, done, total, rest)

    try:
        found = _through(look, order, sides, tell)
    except Cancelled:
        raise
    except BaseException as error:  # an interrupt too: nobody must believe that it still runs
        _finish(look, name, state="failed", reason=CANCELLED if isinstance(error, KeyboardInterrupt) else str(error))
        raise
    keep(_memo(look), name, found)
    reason = outcome(found.leads, found.moves)
    _finish(look, name, state="done", done=found.leads, total=found.leads, reason=reason)
    return found


def cancel(connection: Connection, install_id: str, name: str, *, now: datetime) -> bool:
    """Have a simulation end; False when none of that name is under way."""
    states = {each.name: each.state for each in progress.of(connection, install_id)}
    if states.get(name) not in {"waiting", "running", "paused"}:
        return False
    progress.move(connection, install_id, name, now=now, state="failed", reason=CANCELLED)
    return True


def keep(memo: StoredMemo, name: str, found: Comparison) -> None:
    """Keep what came of a simulation, with the first leads that change hands."""
    plain, moved = found.plain(), found.moved[:MOST_KEPT]
    kept = sentences.recipes({fate.reason for each in moved for fate in (each.before, each.after)})
    told = {**plain, "moved": plain["moved"][:MOST_KEPT], sentences.KEY: kept}
    memo.put(name, told, seconds=KEPT.total_seconds())


def known(connection: Connection, install_id: str) -> list[Progress]:
    """Return the simulations of an install, the newest first."""
    found = [each for each in progress.of(connection, install_id) if each.name.startswith(PREFIX)]
    return sorted(found, key=lambda each: each.updated_at, reverse=True)


def result(look: Looking, name: str) -> dict[str, Any] | None:
    """Return what came of a simulation as JSON values (see Comparison.plain), None when it is not kept."""
    found: dict[str, Any] | None = _memo(look).get(name)
    return found


def _through(look: Looking, order: Order, sides: Sides, tell: Callable[[int, int], None]) -> Comparison:
    source = _source(look, order, sides)
    simulation = Simulation(sides.before, sides.after, open_for=order.open_for)
    tell(0, source.total)
    for batch in source.batches:
        tell(simulation.take(batch), source.total)
    return simulation.finish()


def _source(look: Looking, order: Order, sides: Sides) -> _Source:
    now, days = look.tools.clock(), timedelta(days=order.days)
    if order.table is not None:
        leads = spread(list(order.table), now, days)
        return _Source(len(leads), past_leads.from_arrivals(look, sides, leads))
    keys = past_leads.decided(look, now - days)
    if keys:
        return _Source(len(keys), past_leads.from_store(look, sides, keys))
    found = past_leads.from_crm(look, sides, now - days)
    return _Source(len(found), past_leads.from_arrivals(look, sides, found))


def _go_on(look: Looking, name: str, done: int, total: int, rest: Callable[[float], None]) -> None:
    """Write how far it is. Waits while somebody has paused it; raises Cancelled."""
    while True:
        with look.tools.database.write() as connection:
            now = look.tools.clock()
            values = {"state": "running", "done": done, "total": max(total, done)}
            if progress.advance(connection, look.install.id, name, now=now, **values):
                return
            states = {each.name: each.state for each in progress.of(connection, look.install.id)}
        if states.get(name) != "paused":
            raise Cancelled
        rest(REST_SECONDS)


def _finish(look: Looking, name: str, **values: Any) -> None:
    with look.tools.database.write() as connection:
        progress.move(connection, look.install.id, name, now=look.tools.clock(), **values)


def _memo(look: Looking) -> StoredMemo:
    return StoredMemo(look.tools.database, look.install.id, look.seal, look.tools.clock)
