"""The drain: answers an install's letters, up to DRAIN_BATCH a round, live before backfill, until none is due.

A round: resume what was intended and not settled; then letters -> one batch read -> candidates from the index ->
rules.decide -> store.intend -> perform -> settle; then timers that are due. A worker may die between any two of these:
the next one resumes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from time import monotonic, sleep

import structlog
from sqlalchemy import Connection

from connector import telemetry
from connector.errors import Later, Refused, Revoked
from connector.store import erasures, installs, leases, letters, progress, timers, tokens, unfinished
from connector.store.installs import Install
from connector.store.leases import LeaseLost
from connector.store.letters import Letter
from connector.store.progress import Progress
from connector.store.seal import Unreadable
from jobs import (
    backfill,
    budget,
    choice,
    longwork,
    policy,
    privacy,
    recall,
    reconcile,
    rulebook,
    setup,
    stale,
)
from jobs import timers as due_timers
from jobs.attempts import attempt
from jobs.budget import Meter
from jobs.decide import decide
from jobs.shift import Shift, drain_lease, holding
from jobs.sort import sort
from jobs.tools import Tools
from rules.wording.words import english

log = structlog.get_logger()

PAGE_EVERY = 5
"""Rounds of letters before one page of long work, so that a busy install still gets its index."""
LONGEST_BREATH = 1.0
"""Seconds between two rounds at most while the CRM's rate limit is near."""
SHIFT_SECONDS = 2.0
"""A drain that still has work goes to the end of the queue after this long, so that no install starves another; at once
when others wait there."""


def drain(tools: Tools, install_id: str) -> None:
    """Answer every due letter of an install. Returns at once when another worker is at it or the CRM wants quiet."""
    with tools.database.read() as connection:
        install = installs.by_id(connection, install_id)
        quiet = policy.paused(connection, install_id, now=tools.clock())
    if install is None or install.status != "active" or quiet:
        return
    with holding(tools, drain_lease(install_id)) as holder:
        if holder is not None:
            _work(tools, install, holder)
    if holder is None and _is_answered(tools, install_id):
        return
    tools.door.closed(install_id)
    # A ring may have found the lease taken just before it was given back: look once more.
    with tools.database.read() as connection:
        more = _due(tools, connection, install_id)
    if more:
        tools.ring(install_id)


def _is_answered(tools: Tools, install_id: str) -> bool:
    """Leave rings to the drain that is at work until it has ended; False when it has by now."""
    name = drain_lease(install_id)
    with tools.database.read() as connection:
        ends, now = leases.ends(connection, name), tools.clock()
    if ends is None or ends < now:
        return False
    tools.door.answered(install_id, (ends - now).total_seconds())
    # It looks for that when it has given its lease back, so one of us two sees what the other did.
    with tools.database.read() as connection:
        return leases.held(connection, name, now=tools.clock())


def _work(tools: Tools, install: Install, holder: str) -> None:
    """Do rounds until nothing is due, the shift is over, or the CRM says stop."""
    with tools.database.read() as connection:
        grant = tokens.version(connection, install.id)
    try:
        seal, crm = tools.seal(install), tools.open_crm(install)
    except Unreadable as error:
        with tools.database.write() as connection:
            installs.set_status(connection, install.id, "paused", english("work.key", error=error))
        return
    shift = Shift(tools, install, crm, seal, drain_lease(install.id), holder)
    meter = Meter(shift)
    ends = monotonic() + SHIFT_SECONDS
    try:
        # Turns may be of one round, so the clock says which of them it is: each comes to its page of long work.
        number = 1 + int(tools.clock().timestamp()) % PAGE_EVERY
        while monotonic() < ends and (privacy.forget(shift) or _round(shift, meter, number)):
            number += 1
            meter.keep()
            if tools.door.others_wait(install.id):
                break  # what comes meanwhile is answered together at the next turn, which costs little more than one
            # Waiting before the letters are read, so that what comes meanwhile goes into the same calls.
            sleep(min(crm.breath, LONGEST_BREATH))
    except LeaseLost:
        log.warning("another worker took over", install=install.id)
    except Later as error:
        log.info("the CRM asked for quiet", install=install.id, reason=str(error), seconds=error.seconds)
        with tools.database.write() as connection:
            policy.pause_install(connection, install.id, error, now=tools.clock())
    except Revoked as error:
        log.warning("access revoked", install=install.id, reason=str(error))
        with tools.database.write() as connection:
            # An admin may have connected again meanwhile: that grant is not the one that was revoked.
            if tokens.version(connection, install.id) == grant:
                installs.set_status(connection, install.id, "revoked", str(error))
    except Exception as error:  # whatever it is, this install rests for a moment and the others go on
        log.exception("drain failed", install=install.id)
        telemetry.report(error)
        with tools.database.write() as connection:
            rest = Later(type(error).__name__, seconds=policy.FIRST_PAUSE)
            policy.pause_install(connection, install.id, rest, now=tools.clock())
    finally:
        _count(meter, install)
        crm.close()


def _count(meter: Meter, install: Install) -> None:
    """Write down the calls of the last round; that this fails must not hide what ended the shift."""
    try:
        meter.keep()
    except Exception as error:  # noqa: BLE001 - the database may be what failed
        log.warning("calls not counted", install=install.id, error=type(error).__name__)


_FIRST: Mapping[str, Callable[[Shift, Progress], None]] = {
    choice.NAME: choice.run,
    setup.NAME: setup.run,
    recall.NAME: recall.page,
}
"""What goes before every letter, in this order."""


def _round(shift: Shift, meter: Meter, number: int) -> bool:
    """Do the most urgent piece of work; False when nothing is due. `number` counts the rounds of this shift."""
    tools, install_id, now = shift.tools, shift.install.id, shift.tools.clock()
    with shift.read() as connection:
        work = {each.name: each for each in progress.due(connection, install_id, now=now)}
    if choice.NAME in work and choice.is_stale(shift):
        return False
    for name, do in _FIRST.items():
        if name in work:
            with meter.on(budget.kind_of(name)):
                return _guarded(shift, work[name], partial(do, shift, work[name]))
    if not rulebook.refresh_if_old(shift):
        return False
    backfill.renew(shift)
    reconcile.if_due(shift)
    limit = tools.settings.drain_batch
    with shift.read() as connection:
        open_ones, damaged = unfinished.due(connection, install_id, shift.seal, now=now, limit=limit)
        inbox = letters.waiting(connection, install_id, now=now, records=limit)
        work = {each.name: each for each in progress.due(connection, install_id, now=now)}
    if choice.NAME in work:
        return True  # chosen just now: these letters may mean other records than this shift's CRM reads
    if damaged:
        with shift.write() as connection:
            unfinished.park(connection, install_id, dict.fromkeys(damaged, english("work.damaged")))
    if open_ones:
        trace = open_ones[0].trace
        with (
            meter.on("live"),
            telemetry.continued(trace, op="queue.process", name="switchyard.resume", install=install_id),
        ):
            attempt(shift, stale.freshened(shift, open_ones))
        return True
    if inbox:
        # Letters come live before backfill, so the first one tells.
        with meter.on("backfill" if inbox[0].priority == letters.BACKFILL else "live"):
            _answer(shift, inbox)
    with meter.on("live"):
        fired = _fire_timers(shift)
    if work and (not inbox or number % PAGE_EVERY == 0):
        _long_work(shift, meter, work)
    return bool(inbox or work or fired)


def _long_work(shift: Shift, meter: Meter, work: dict[str, Progress]) -> None:
    """Do a page of the most urgent long work for which there are calls to spend."""
    meter.keep()  # what the CRM has just said of its allowance, in the calls for this round's letters, counts
    work = budget.allowed(shift, work)
    if work:
        name = min(work, key=longwork.place)
        with meter.on(budget.kind_of(name)):
            _guarded(shift, work[name], lambda: longwork.page(name)(shift, work[name]))


def _fire_timers(shift: Shift) -> bool:
    """Fire some of the timers that are due, and tell whom they tell; False when none was due."""
    fired, told = due_timers.fire(shift)
    if told:
        with telemetry.continued(told[0].trace, op="queue.process", name="switchyard.timers", install=shift.install.id):
            attempt(shift, told)
    return fired


def _answer(shift: Shift, inbox: list[Letter]) -> None:
    """Answer a batch of letters; a fault of ours is narrowed down to the letter that causes it."""
    trace, others = inbox[0].trace, {letter.trace for letter in inbox[1:]} - {inbox[0].trace, ""}
    with telemetry.continued(trace, op="queue.process", name="switchyard.drain", install=shift.install.id):
        telemetry.refer(others, name="switchyard.drained-together", install=shift.install.id)
        telemetry.tag(event=inbox[0].event.key)
        started, calls = monotonic(), shift.crm.calls
        shift.round.calls = calls
        try:
            leads = sort(shift, inbox)
            intended = decide(shift, leads)
        except (Later, Revoked, LeaseLost):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, no letter may be lost or hold up the others
            _fault(shift, inbox, error)
            return
        if intended:
            first = intended[0].decision
            telemetry.tag(decision=first.key, ruleset=first.ruleset_version)
            attempt(shift, intended)
        log.info(
            "round",
            install=shift.install.id,
            letters=len(inbox),
            decisions=len(intended),
            calls=shift.crm.calls - calls,
            ms=round((monotonic() - started) * 1000),
        )


def _fault(shift: Shift, inbox: list[Letter], error: Exception) -> None:
    """One letter must not hold up the others: try each alone; the one that fails again waits, and parks in the end."""
    if len(inbox) > 1:
        log.warning("a batch failed, trying one by one", install=shift.install.id, error=type(error).__name__)
        for letter in inbox:
            _answer(shift, [letter])
        return
    letter, reason = (
        inbox[0],
        f"{type(error).__name__}: {error}" if isinstance(error, Refused) else type(error).__name__,
    )
    ids, now = [letter.id], shift.tools.clock()
    final = isinstance(error, Refused) or letter.attempts + 1 >= shift.tools.settings.park_after_attempts
    log.error("letter failed", install=shift.install.id, event_key=letter.event.key, parked=final, exc_info=error)
    telemetry.report(error)
    with shift.write() as connection:
        if final:
            letters.park(connection, shift.install.id, ids, reason=reason)
        else:
            until = now + policy.pause_after(letter.attempts)
            letters.postpone(connection, shift.install.id, ids, until=until, reason=reason, failed=True)


def _guarded(shift: Shift, work: Progress, run: Callable[[], None]) -> bool:
    """Run a piece of long work; a refusal or a fault is shown with it and does not stop the letters."""
    try:
        run()
    except (Later, Revoked, LeaseLost):
        raise
    except Exception as error:
        refused = isinstance(error, Refused)
        reason = str(error) if refused else type(error).__name__
        log.exception("long work failed", install=shift.install.id, work=work.name)
        if not refused:
            telemetry.report(error)
        with shift.write() as connection:
            values = {"state": "failed"} if refused else {"not_before": shift.tools.clock() + timedelta(minutes=1)}
            progress.move(connection, shift.install.id, work.name, now=shift.tools.clock(), reason=reason, **values)
    return True


def _due(tools: Tools, connection: Connection, install_id: str) -> bool:
    """Whether anything of an install can be done now and the CRM lets us."""
    now, only = tools.clock(), install_id
    install = installs.by_id(connection, install_id)
    if install is None or install.status != "active" or policy.paused(connection, install_id, now=now):
        return False
    if erasures.installs_due(connection, now=now, install_id=only):
        return True
    if not rulebook.ready(connection, install_id):
        return any(each.name == setup.NAME for each in progress.due(connection, install_id, now=now))
    return bool(
        letters.installs_waiting(connection, now=now, install_id=only)
        or unfinished.installs(connection, now=now, install_id=only)
        or progress.installs_due(connection, now=now, install_id=only)
        or timers.installs_due(connection, now=now, install_id=only)
    )
