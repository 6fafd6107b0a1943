"""What stands about a lead before it is decided: its last decision, or what is left of that on the lead itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from connector.store import decisions
from connector.store.assignments import holding
from jobs.past import Ground
from jobs.shift import Shift
from rules import decide as door
from rules.decide import Scene
from rules.model import Decision, Record, Task

FORGOTTEN = "?"
"""Stands for an assignee we no longer know; equal to no id."""


@dataclass(frozen=True)
class Before:
    """The key of a lead's last decision, and whether (and why) nothing speaks for another one.

    `waits`: the lead waits by a decision that only its stamp still tells of; `taken` says that somebody has taken it.
    """

    previous: str
    is_same: bool
    reason: str = ""
    waits: bool = False
    taken: bool = False


def before(shift: Shift, scene: Scene, lead: Record, last: Decision | None, *, created: bool) -> Before:
    """Return what stands about a lead, and whether there is no reason of its own to decide about it again."""
    previous = last.key if last else lead.text("decision")
    if last is None and door.is_waiting(previous):
        # Our database was lost while it waited, and the timer with it: it is as if it had begun to wait now.
        return Before(previous, is_same=False, waits=True, taken=_is_taken(shift, lead, previous))
    if previous and last is None and _told_nobody(shift, previous):
        return Before("", is_same=False)
    if previous:
        is_same = door.unchanged(lead, previous, scene.ruleset)
        return Before(previous, is_same, "Nothing changed that matching or rules read.")
    days = timedelta(days=shift.tools.settings.decision_days)
    known_since = max(shift.install.leads_since, shift.tools.clock() - days)
    if not created and lead.created_at and lead.created_at < known_since:
        # When it is matched all the same, only its account is asked for: whoever has it keeps it.
        return Before(FORGOTTEN, is_same=True, reason="The lead is older than what we remember.")
    return Before("", is_same=False)


def _told_nobody(shift: Shift, key: str) -> bool:
    """Whether a lead's stamp is of a decision about another record, merged into it before anybody was told.

    The owner whom that decision gave the record then is no person's choice, and nobody knows of the lead yet.
    """
    with shift.read() as connection:
        found = decisions.by_key(connection, shift.install.id, shift.seal, key)
    if found is None or found.state != "parked":
        return False
    task = found.ledger.get(Task.key)
    return task is not None and task.state == "refused"


def last_assignee(lead: Record, last: Decision | None, stood: Before, ground: Ground) -> str | None:
    """Return whom the lead's last decision named, in this mode; while it waits, who has it by an earlier one.

    A lead that carries our stamp while we no longer know the decision may have been given away since: as long as nobody
    can tell, the owner counts as a person's choice and stays.
    """
    if last is None:
        return FORGOTTEN if stood.previous and (not stood.waits or stood.taken) else None
    if last.outcome == "undone" and stood.is_same:
        # A person took the last decision back and the lead says the same since: the owner it has then stays.
        return ""
    held = holding(ground.rows.get(lead.id, ()))
    if last.outcome == "waiting" and held is not None:
        return held.user_id
    if last.mode != ground.mode or last.outcome == "waiting":
        # It gave the lead to nobody: whoever has got it since was chosen by a person.
        return None if lead.owner_id == last.lead.owner_id else FORGOTTEN
    return door.owner_after(last, ground.mode)


def _is_taken(shift: Shift, lead: Record, key: str) -> bool:
    """Whether the lead has another owner than when it began to wait, as its audit tells; also where that has gone."""
    audit = next((each for each in shift.crm.audits(lead.id) if each.get("key") == key), None)
    return audit is None or audit.get("previous_owner_id", "") != (lead.owner_id or "")
