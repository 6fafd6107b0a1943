"""Moving a portal's rules and audits to a better place within its CRM, a page at a time, behind what happens live.

Set-up asks for it where the CRM has found a better place (an upgraded subscription, objects that were granted). Until
the last page everything is read and written where it was; a worker that dies goes on at the page it stood at, and what
was written before is not written again.
"""

from __future__ import annotations

import structlog

from connector.store import ledger, progress, rulesets
from connector.store.progress import Progress
from jobs.shift import Shift
from rules.model import AUDIT
from rules.wording.words import english

log = structlog.get_logger()

NAME = "move"


def ask(shift: Shift) -> bool:
    """Begin to move, unless there is nothing to move or it is under way; say whether it is now."""
    if NAME not in shift.crm.can:
        return False
    now, install_id = shift.tools.clock(), shift.install.id
    with shift.write() as connection:
        known = next((each for each in progress.of(connection, install_id) if each.name == NAME), None)
        if known is None or known.state not in {"waiting", "running"}:
            progress.start(connection, install_id, NAME, now=now)
    return True


def page(shift: Shift, work: Progress) -> None:
    """Move the next page; after the last one the rules are read from where they stand now."""
    found = shift.crm.move(work.after)
    now, install_id = shift.tools.clock(), shift.install.id
    done, is_last = work.done + found.count, found.after is None
    reason = english("work.moved", count=f"{done:,}")
    values = work.turned(done=done, after=found.after, is_last=is_last, now=now, reason=reason)
    with shift.write() as connection:
        if is_last:
            rulesets.expire(connection, install_id)
            ledger.forget_refs(connection, install_id, AUDIT)
        progress.move(connection, install_id, NAME, now=now, **values)
    if is_last:
        log.info("moved", install=install_id, audits=done)
