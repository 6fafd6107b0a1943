"""What our decisions left on leads, to compare with what is there now: so it shows whether anybody has acted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import structlog

from connector.acts import Act, Acted, Deed
from connector.errors import Refused
from connector.store.decisions import Stored
from connector.store.seal import Seal
from connector.store.timers import Waiting
from jobs.shift import Shift
from rules.model import Record

log = structlog.get_logger()

WORKED: frozenset[Act] = frozenset({"task done", "status changed", "activity logged"})
"""Acts that leave the lead with whoever has it."""
_TASK_DONE: Act = "task done"


def deed(stored: Stored) -> Deed:
    """Return what the decision left on its lead. Outside of act the owner stayed."""
    decision, task = stored.decision, stored.ledger.get("task")
    taker = decision.route.assignee if decision.mode == "act" else None
    return Deed(
        since=stored.settled_at or decision.decided_at,
        owner_id=(taker.id if taker else decision.lead.owner_id) or "",
        status=decision.lead.text("status"),
        task_ref=task.ref if task is not None and task.state in {"done", "already"} else "",
    )


def acted(shift: Shift, stored: Mapping[str, Stored]) -> Mapping[str, Acted]:
    """Return what somebody did with leads since these decisions about them, by lead id; one question for all.

    Where the CRM refuses to tell, nothing is known. Raises Later, Revoked.
    """
    if not stored:
        return {}
    try:
        return shift.crm.acted({lead_id: deed(each) for lead_id, each in stored.items()})
    except Refused as error:
        log.warning("nobody tells who acted", install=shift.install.id, reason=str(error))
        return {}


def noted(seal: Seal, act: str, timer: Waiting, lead: Record) -> str:
    """Return the note of an act that an idle timer keeps: what it was, and a mark of the status of the lead then.

    That our task is done stays in it, since a task is done only once.
    """
    told = _TASK_DONE if timer.reason.startswith(_TASK_DONE) else act
    return f"{told}, {_mark(seal, lead)}"


def since_noted(seal: Seal, left: Deed, timer: Waiting, lead: Record) -> Deed:
    """Return what is to be compared for an idle timer: what the decision left, or what the last act did if one did."""
    if not timer.reason or timer.changed_at is None:
        return left
    told, _, mark = timer.reason.partition(", ")
    status = lead.text("status")
    return replace(
        left,
        since=timer.changed_at,
        # The status of then is known by its mark only; any other text than now says that it has changed.
        status=status if mark == _mark(seal, lead) else f"not {status}",
        task_ref="" if told == _TASK_DONE else left.task_ref,
    )


def _mark(seal: Seal, lead: Record) -> str:
    return f"{seal.hash('lead status ' + lead.text('status')) & 0xFFFFFFFF:08x}"
