"""Attempts at performing decisions: one that cannot be performed must hold up no other.

A batch that fails is tried one by one; the one that fails alone waits, and parks in the end (see jobs/policy.py).
"""

from __future__ import annotations

import structlog

from connector import telemetry
from connector.errors import Later, Refused, Revoked
from connector.store import decisions, letters, unfinished
from connector.store.decisions import Stored
from connector.store.leases import LeaseLost
from jobs import policy
from jobs.perform import perform
from jobs.shift import Shift

log = structlog.get_logger()

NARROW_AFTER = 5
"""Times a batch was put off before its decisions are tried one by one."""
AWAY_AFTER = 3
"""Decisions put off in a row, each alone, that mean the CRM is away and none of them to blame."""


def attempt(shift: Shift, stored: list[Stored]) -> None:
    """Perform decisions; a fault is narrowed down to the decision that causes it. Raises Later, Revoked, LeaseLost."""
    if len(stored) > 1 and any(each.attempts >= NARROW_AFTER for each in stored):
        _one_by_one(shift, stored)
        return
    try:
        perform(shift, stored)
    except Later as error:
        keys = [each.decision.key for each in stored]
        with shift.write() as connection:
            now = shift.tools.clock()
            # A CRM that says it did nothing (no calls left, nobody there) blames no decision.
            failed = error.applied
            unfinished.postpone(connection, shift.install.id, keys, until=now, reason=str(error), failed=failed)
        raise
    except (Revoked, LeaseLost):
        raise
    except Exception as error:
        if len(stored) > 1:
            log.warning("performing failed, trying one by one", install=shift.install.id, error=type(error).__name__)
            for each in _unsettled(shift, stored):
                attempt(shift, [each])
            return
        decision = stored[0]
        key, attempts = decision.decision.key, decision.attempts
        log.exception("decision failed", install=shift.install.id, decision=key)
        telemetry.report(error)
        with shift.write() as connection:
            if isinstance(error, Refused) or attempts + 1 >= shift.tools.settings.park_after_attempts:
                reason = str(error) if isinstance(error, Refused) else type(error).__name__
                unfinished.park(connection, shift.install.id, {key: reason})
                letters.settle(connection, shift.install.id, decision.letters)
            else:
                until = shift.tools.clock() + policy.pause_after(attempts)
                reason = type(error).__name__
                unfinished.postpone(connection, shift.install.id, [key], until=until, reason=reason, failed=True)


def _one_by_one(shift: Shift, stored: list[Stored]) -> None:
    """The CRM put this batch off again and again: find the decision that makes it, or learn that the CRM is away."""
    in_a_row = 0
    for each in stored:
        try:
            perform(shift, [each])
            in_a_row = 0
        except Later as error:
            in_a_row += 1
            if not error.applied or in_a_row >= AWAY_AFTER or len(stored) < AWAY_AFTER:
                raise
            until = shift.tools.clock() + policy.pause_after(each.attempts)
            with shift.write() as connection:
                keys = [each.decision.key]
                unfinished.postpone(connection, shift.install.id, keys, until=until, reason=str(error), failed=True)


def _unsettled(shift: Shift, stored: list[Stored]) -> list[Stored]:
    """Read these decisions again: part of the batch may have been settled before the fault."""
    with shift.read() as connection:
        again = [decisions.by_key(connection, shift.install.id, shift.seal, each.decision.key) for each in stored]
    return [each for each in again if each is not None and each.state == "intended"]
