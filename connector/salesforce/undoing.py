"""Taking back: what became of our tasks, and the nodes that delete them.

The nodes go into the graph of the undo decision, so all of it happens or nothing does (connector/salesforce/graph.py).
Who may edit tasks may delete them too. [U] Whether that holds for tasks of somebody else without rights over all data:
a refusal is told in the audit and the rest goes back all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from connector.salesforce import soql
from connector.salesforce.fields import OWNER, TASK_PREFIX, begins
from connector.salesforce.history import IDS
from connector.salesforce.payloads import SUBJECT_LENGTH, cut, task_fields
from connector.salesforce.session import Session
from connector.work import Made, TaskNow
from rules.actions import Action, Withdraw
from rules.model import Task

WITHDRAWAL = "withdraw"
"""What the names of the nodes that delete tasks begin with; the task's id follows."""
GONE = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND", "INVALID_CROSS_REFERENCE_KEY"})
"""What Salesforce says of a record that is not there (any more)."""

_CLOCK_SKEW = timedelta(minutes=5)
_COMPARED = (OWNER, "Subject", "Description", "ActivityDate")


def withdrawals(actions: Sequence[Action], root: str, leave_out: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Yield a node for each task that is to be deleted, but for those of `leave_out`."""
    refs = (ref for action in actions if isinstance(action, Withdraw) for ref in action.tasks)
    for ref in refs:
        if ref not in leave_out:
            yield {"referenceId": f"{WITHDRAWAL}{ref}", "method": "DELETE", "url": f"{root}/Task/{ref}"}


def tasks_now(session: Session, made: Sequence[Made]) -> dict[str, TaskNow]:
    """Return what became of the tasks of some decisions, by decision key: two queries for 400 of them at most."""
    found: dict[str, TaskNow] = {}
    wanted = [one for one in made if _task(one) is not None]
    for start in range(0, len(wanted), IDS):
        part = wanted[start : start + IDS]
        refs = _refs(session, part)
        rows = _rows(session, refs.values())
        found.update({one.decision.key: _now(one, rows.get(refs.get(one.decision.key, "")[:15])) for one in part})
    return found


def _rows(session: Session, refs: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return the tasks that are there by the first 15 characters of their ids."""
    return {str(row["Id"])[:15]: row for row in session.query(soql.tasks(sorted(set(refs))))} if refs else {}


def _refs(session: Session, made: Sequence[Made]) -> dict[str, str]:
    """Return the ids of tasks by decision key; where we never learned one, the task is looked for by what it says."""
    refs = {one.decision.key: one.ref for one in made if begins(one.ref, TASK_PREFIX)}
    unknown = [one for one in made if one.decision.key not in refs]
    if unknown:
        since = min(one.decision.decided_at for one in unknown) - _CLOCK_SKEW
        rows = session.query(soql.tasks_since([one.decision.lead.id for one in unknown], since))
        by_words = {(row["WhoId"], row[OWNER], row["Subject"]): str(row["Id"]) for row in rows}
        for one in unknown:
            task = _task(one)
            words = (one.decision.lead.id, task.owner_id, cut(task.subject, SUBJECT_LENGTH)) if task else None
            refs |= {one.decision.key: by_words[words]} if words in by_words else {}
    return refs


def _now(one: Made, row: Mapping[str, Any] | None) -> TaskNow:
    task = _task(one)
    if row is None or task is None:
        return TaskNow("gone")
    ref = str(row["Id"])
    if row["IsClosed"]:
        return TaskNow("done", ref)
    ours = task_fields(task, one.decision.lead.id, one.decision.route.assignee)
    same = all(_plain(row[name]) == _plain(ours[name]) for name in _COMPARED)
    return TaskNow("open" if same else "changed", ref)


def _task(one: Made) -> Task | None:
    return next((action for action in one.decision.actions if isinstance(action, Task)), None)


def _plain(value: Any) -> str:
    """Return a text without what Salesforce may do to it: line ends, and space at both ends."""
    return str(value or "").replace("\r\n", "\n").strip()
