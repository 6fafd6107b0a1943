"""Who has acted on which lead since our decisions, and how many open leads people own.

What was done shows in the lead's own fields, in our tasks, and in what was logged: one composite call asks it of up to
400 leads. An activity counts when it is done (a closed task, which every sent e-mail is as well) or arranged (an
event). An open task is a plan, and flows make one whenever the owner changes, as we do. LastActivityDate would not do:
it is a day, and that of the due date. A task was done when it was closed, an event is an act when it was entered; of
another status or a conversion only the lead's last change is known, so that it counts as late rather than early.
Sources: Object Reference "Task", "Event", "EmailMessage" (an e-mail to a lead has a task of its own).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connector.acts import Act, Acted, Deed, summed_up
from connector.errors import Refused
from connector.salesforce import soql
from connector.salesforce.answers import StaleSchema
from connector.salesforce.describe import Shapes
from connector.salesforce.fields import OWNER, TASK_PREFIX, begins, is_id, moment
from connector.salesforce.history import IDS
from connector.salesforce.session import Session

STATUS, CONVERTED, CHANGED = "Status", "IsConverted", "LastModifiedDate"
FIELDS = (OWNER, STATUS, CONVERTED, CHANGED)
CLOSED_AT, ENTERED_AT = "CompletedDateTime", "CreatedDate"
"""When a task was closed (older API versions have no such field: then when it was last changed), an event entered."""
_OBJECTS = ("Lead", "Task", "Event")
_LEADS, _DONE = "leads", "done"
_CLOSED = "IsClosed = true"
_Rows = Mapping[str, list[dict[str, Any]]]


class Acts:
    """Asks one org. What the connected user may not see does not count."""

    def __init__(self, session: Session, shapes: Shapes) -> None:
        self._session = session
        self._shapes = shapes

    def of(self, leads: Mapping[str, Deed]) -> dict[str, Acted]:
        """Return what was done with leads, by the id asked for; see :meth:`connector.crm.Crm.acted`.

        Raises Later, Revoked or Refused. When an object or a field has gone since we looked, looks again, once.
        """
        try:
            return self._of(leads)
        except StaleSchema:
            for sobject in _OBJECTS:
                self._shapes.forget(sobject)
        return self._of(leads)

    def open_leads(self, user_ids: Collection[str]) -> dict[str, int]:
        """Return how many open leads each user owns; see :meth:`connector.crm.Crm.open_leads`.

        Raises Later, Revoked or Refused.
        """
        asked = list(dict.fromkeys(one for one in user_ids if is_id("user", one)))
        found: dict[str, int] = {}
        for start in range(0, len(asked), IDS):
            part = asked[start : start + IDS]
            rows = self._session.query(soql.open_leads(part))
            counts = {str(row[OWNER])[:15]: int(row[soql.COUNTED]) for row in rows}
            found.update({one: counts.get(one[:15], 0) for one in part})
        return found

    def _of(self, leads: Mapping[str, Deed]) -> dict[str, Acted]:
        asked = [one for one in leads if is_id("lead", one)]
        found = {one: Acted("gone") for one in leads if not is_id("lead", one)}
        for start in range(0, len(asked), IDS):
            part = {one: leads[one] for one in asked[start : start + IDS]}
            found.update(_acts(part, self._session.queries(self._queries(part))))
        return found

    def _queries(self, leads: Mapping[str, Deed]) -> dict[str, str]:
        """Return what to ask about some leads, by name; objects that the user cannot see are not asked for."""
        ids, since = list(leads), min(deed.since for deed in leads.values())
        lead = self._shapes.get("Lead")
        if lead is None:
            raise Refused("Lead is missing or hidden from the connected user")
        queries = {_LEADS: soql.leads(ids, [name for name in FIELDS if name in lead.fields])}
        task = self._shapes.get("Task")
        if task is not None:
            closed_at = CLOSED_AT if CLOSED_AT in task.fields else CHANGED
            queries["Task"] = soql.activities("Task", ids, since, closed_at, _CLOSED)
            if ours := _tasks(leads):
                queries[_DONE] = soql.done_tasks(ours, closed_at)
        if self._shapes.get("Event") is not None:
            queries["Event"] = soql.activities("Event", ids, since, ENTERED_AT)
        return queries


def _tasks(leads: Mapping[str, Deed]) -> Sequence[str]:
    """Return the ids of our tasks; one that can be none would spoil the query."""
    return list(dict.fromkeys(deed.task_ref for deed in leads.values() if begins(deed.task_ref, TASK_PREFIX)))


def _acts(leads: Mapping[str, Deed], rows: _Rows) -> dict[str, Acted]:
    """Put the rows together, by the ids asked for (an id may have 15 of its 18 characters)."""
    known = {str(row["Id"])[:15]: row for row in rows[_LEADS]}
    done = {str(row["Id"])[:15]: moment(row.get(CLOSED_AT) or row.get(CHANGED)) for row in rows.get(_DONE, ())}
    logged: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in (*rows.get("Task", ()), *rows.get("Event", ())):
        logged[str(row["WhoId"])[:15]].append(row)
    found: dict[str, Acted] = {}
    for one, deed in leads.items():
        acts = dict(_changes(deed, known.get(one[:15])))
        if deed.task_ref[:15] in done:
            acts["task done"] = done[deed.task_ref[:15]]
        if times := [at for row in logged[one[:15]] if (at := _first(row, deed))]:
            acts["activity logged"] = min(times)
        if acted := summed_up(acts):
            found[one] = acted
    return found


def _first(row: Mapping[str, Any], deed: Deed) -> datetime | None:
    """Return when the first of a lead's activities since a decision was; None when the latest is from before.

    Leads are asked about together, from the oldest decision on: the first of all may be from before this one. Then the
    latest is told, as nothing is known of those between.
    """
    first, latest = moment(row[soql.EARLIEST]), moment(row[soql.LATEST])
    if latest is None or latest <= deed.since:
        return None
    return first if first is not None and first > deed.since else latest


def _changes(deed: Deed, row: Mapping[str, Any] | None) -> Iterator[tuple[Act, datetime | None]]:
    """Say in what a lead is not as we left it; a field that is hidden from us tells nothing."""
    if row is None:
        yield "gone", None
        return
    changed = moment(row.get(CHANGED))
    if row.get(CONVERTED):
        yield "converted", changed
    if OWNER in row and str(row[OWNER] or "")[:15] != deed.owner_id[:15]:
        yield "owner changed", None
    if STATUS in row and str(row[STATUS] or "").strip() != deed.status:
        yield "status changed", changed
