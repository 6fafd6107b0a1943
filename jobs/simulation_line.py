"""A simulation in the line: somebody asked for it elsewhere, and workers do it behind what happens live.

A page is a slice of two seconds. After each, all that the simulation knows is kept, sealed, so a worker that dies or a
restart costs one slice; what cannot be read any more, after an update, begins anew. The rules of both sides, and leads
that are not ours, are kept as they were when it was asked for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from connector.store import codec, progress
from connector.store.base import Database
from connector.store.memos import StoredMemo
from connector.store.progress import Progress
from jobs import past_leads, simulation
from jobs.past_leads import BATCH, Sides
from jobs.preview import Looking
from jobs.shift import Shift
from jobs.simulation import CANCELLED, KEPT
from rules.faults import RuleSetError
from rules.ruleset import Source, load
from rules.simulate import PastLead, Simulation, State
from rules.typed_leads import Arrival
from rules.wording.words import english

log = structlog.get_logger()

SLICE_SECONDS = 2.0
"""How long a page of it takes: live letters wait no longer for a simulation."""
GONE = english("work.not kept")
ANEW = english("work.anew")
UNREADABLE = english("work.unreadable")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: texts of both sides and what they are called, how far back (days), by whom, since when.

    `has_table`: the leads were handed in.
    """

    by: str
    at: datetime
    since: datetime
    days: int
    open_days: int
    before_name: str
    after_name: str
    before: tuple[Source, ...]
    after: tuple[Source, ...]
    has_table: bool = False


@dataclass(frozen=True, slots=True)
class _Leads:
    """The leads of a simulation by number: those that we decided about, or such as were handed in or scanned."""

    keys: Sequence[str]
    arrivals: Sequence[Arrival]

    @property
    def total(self) -> int:
        return len(self.keys) or len(self.arrivals)

    def batch(self, look: Looking, sides: Sides, place: int) -> Iterator[list[PastLead]]:
        """Yield the leads from `place` on, one batch."""
        if self.keys:
            return past_leads.from_store(look, sides, self.keys[place : place + BATCH])
        return past_leads.from_arrivals(look, sides, self.arrivals[place : place + BATCH])


def ask(memo: StoredMemo, database: Database, install_id: str, asked: Asked, table: Sequence[Arrival] | None) -> str:
    """Have a simulation done by workers; return its name. `table` are leads that were handed in, with their moments.

    Ring for the install afterwards.
    """
    name = simulation.new_name()
    memo.put(_order(name), codec.plain(replace(asked, has_table=table is not None)), seconds=KEPT.total_seconds())
    if table is not None:
        memo.put(_leads(name), codec.plain(list(table)), seconds=KEPT.total_seconds())
    with database.write() as connection:
        progress.start(connection, install_id, name, now=asked.at)
    return name


def asked_for(memo: StoredMemo, name: str) -> Asked | None:
    """Return what was asked for under this name; None for a simulation of the command line, or one long over."""
    told = memo.get(_order(name))
    return None if told is None else codec.structured(told, Asked)


def cancel(connection: Connection, install_id: str, name: str, *, now: datetime) -> bool:
    """Have a simulation end without a result; False when it is not under way."""
    states = {each.name: each.state for each in progress.of(connection, install_id)}
    if not name.startswith(simulation.PREFIX) or states.get(name) not in {"waiting", "running", "paused"}:
        return False
    # Not as failed: that is what the console tries again.
    progress.move(connection, install_id, name, now=now, state="done", reason=CANCELLED)
    return True


def page(shift: Shift, work: Progress) -> None:
    """Do the next slice of a simulation; with the last one, keep what came of it."""
    memo = StoredMemo(shift.tools.database, shift.install.id, shift.seal, shift.tools.clock)
    asked = asked_for(memo, work.name)
    if asked is None:
        _stands(shift, work, state="failed", reason=GONE)
        return
    look = Looking(shift.tools, shift.install, shift.crm, shift.seal)
    try:
        sides = Sides.of(look, look.scene(load(asked.before)), look.scene(load(asked.after)))
    except RuleSetError:
        _stands(shift, work, state="failed", reason=UNREADABLE)
        return
    run, place, note = _resumed(memo, work, asked, sides)
    leads = _all(memo, look, work, asked, sides)
    place = _slice(look, sides, run, leads, place)
    if place >= leads.total:
        found = run.finish()
        simulation.keep(memo, work.name, found)
        reason = simulation.outcome(found.leads, found.moves)
        if _stands(shift, work, state="done", done=found.leads, total=found.leads, reason=reason):
            _clear(memo, work.name)
            log.info("simulation done", install=shift.install.id, work=work.name, leads=found.leads)
        else:  # paused or cancelled meanwhile
            memo.forget(work.name)
        return
    memo.put(_state(work.name), {"place": place, "state": codec.plain(run.state())}, seconds=KEPT.total_seconds())
    values = {"done": place, "total": leads.total, "reason": note or work.reason}
    _stands(shift, work, state="running", after=json.dumps({"place": place}), **values)


def _slice(look: Looking, sides: Sides, run: Simulation, leads: _Leads, place: int) -> int:
    """Let leads come in for SLICE_SECONDS; return the number of the next one."""
    ends = time.monotonic() + SLICE_SECONDS
    while place < leads.total:
        for batch in leads.batch(look, sides, place):
            run.take(batch)
        place += BATCH
        if time.monotonic() >= ends:
            break
    return place


def _resumed(memo: StoredMemo, work: Progress, asked: Asked, sides: Sides) -> tuple[Simulation, int, str]:
    """Return the simulation where it was, the number of its next lead, and what to say of that."""
    run = Simulation(sides.before, sides.after, open_for=timedelta(days=asked.open_days))
    kept = memo.get(_state(work.name))
    if kept is None:
        return run, 0, ""
    try:
        run.resume(codec.structured(kept["state"], State))
    except Exception as error:  # noqa: BLE001 - an older version kept it otherwise: nothing is lost by beginning anew
        log.warning("simulation begins anew", work=work.name, error=type(error).__name__)
        return Simulation(sides.before, sides.after, open_for=timedelta(days=asked.open_days)), 0, ANEW
    return run, int(kept["place"]), ""


def _all(memo: StoredMemo, look: Looking, work: Progress, asked: Asked, sides: Sides) -> _Leads:
    """Return the leads: those handed in, else those decided about, else those of the CRM, read once and kept."""
    kept = memo.get(_leads(work.name))
    if kept is None and not asked.has_table:
        keys = past_leads.decided(look, asked.since)
        if keys:
            return _Leads(keys, ())
        kept = codec.plain(past_leads.from_crm(look, sides, asked.since))
        memo.put(_leads(work.name), kept, seconds=KEPT.total_seconds())
    return _Leads((), codec.structured(kept or [], list[Arrival]))


def _stands(shift: Shift, work: Progress, **values: Any) -> bool:
    """Write where it stands; False when somebody has paused or cancelled it meanwhile."""
    now = shift.tools.clock()
    with shift.write() as connection:
        started = work.started_at or now
        return progress.advance(connection, shift.install.id, work.name, now=now, started_at=started, **values)


def _clear(memo: StoredMemo, name: str) -> None:
    memo.forget(_state(name))
    memo.forget(_leads(name))


def _order(name: str) -> str:
    return f"{name}:order"


def _state(name: str) -> str:
    return f"{name}:state"


def _leads(name: str) -> str:
    return f"{name}:leads"
