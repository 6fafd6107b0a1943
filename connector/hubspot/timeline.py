"""The app event "Routed" on the timeline of contacts: told once per decision, a hundred in one call, when all is done.

It repeats what the audit says, so it is best effort: it comes after the audit, it holds nothing up, and what HubSpot
refuses is left out. HubSpot must approve the app's events, so they are switched on by HUBSPOT_APP_EVENTS alone.

[U] What a batch may hold (a hundred, as elsewhere), and that the event's uid in the project names it: HubSpot's page
"Send event occurrences" allows that beside the full name, which differs from app to app.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.errors import Later, Next
from connector.hubspot.answers import Fault
from connector.hubspot.batches import Batch, Row
from connector.hubspot.effects import contact_of
from connector.hubspot.fields import LEAD, iso
from connector.rows import Check
from rules.model import AUDIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from connector.crm import Memo
    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.storage import Portal
    from connector.work import Effect, Work
    from rules.model import Outcome, User

    Json = Mapping[str, Any]

EVENT = "routed"
"""The event's uid in the project (manifests/hubspot/src/app/app-events)."""
FINAL: frozenset[Outcome] = frozenset(
    {"assigned", "suggested", "observed", "kept", "escalated", "refused", "undone", "merged"}
)
"""What is told. A lead that waits is decided about again, a reminder changes nothing, what was ignored is no news."""
MOST_CALLS = 16
"""Calls that a batch may cost in which HubSpot refuses single events: enough to find one of a hundred."""
TEXT_LIMIT = 1000
"""[U] Characters of a value; a timeline shows a line or two."""

MEMO = "hubspot.timeline.1"
PAUSE_SECONDS = 300.0
REFUSED_SECONDS = 3600.0
"""How long nothing is told after HubSpot did not answer, or refused everything: live leads must not pay for it."""


def tell(portal: Portal, work: Sequence[Work], effects: Iterable[Effect], users: Callable[[], Iterable[User]]) -> None:
    """Put the decisions whose audits are written on the timelines of their contacts.

    One that was told before is refused by its id, the decision's key, and nothing happens twice. Raises nothing.
    """
    written = {each.decision_key: each.status for each in effects if each.action == AUDIT}
    told = [item for item in work if item.entry.outcome in FINAL and written.get(item.decision.key) in _WRITTEN]
    if not told or portal.memo.get(MEMO):
        return
    try:
        names = {user.id: user.name for user in users()}
        rows = [row for item in told if (row := _row(item, portal.lead_type, names))]
        again = [row for row in rows if written[row.key] == "already"]  # alone, as one that is there costs all
        refused = _send(portal.client, [row for row in rows if row not in again]) or _send(portal.client, again)
    except Next as error:
        seconds = PAUSE_SECONDS if isinstance(error, Later) else REFUSED_SECONDS
        portal.memo.put(MEMO, str(error), seconds=seconds)
        return
    if refused:
        portal.memo.put(MEMO, refused, seconds=REFUSED_SECONDS)


_WRITTEN = frozenset({"done", "already"})


def check(memo: Memo) -> tuple[Check, ...]:
    """Say whether events are taken; nothing needs to be sent to find out."""
    if refused := memo.get(MEMO):
        return (
            Check(
                "App events (optional)",
                ok=False,
                detail=f"Not told for now. {refused}",
                remedy="Have HubSpot approve the app's events, or switch HUBSPOT_APP_EVENTS off",
                optional=True,
            ),
        )
    return (Check("App events (optional)", ok=True, detail="Told on the timeline of contacts", optional=True),)


def _send(client: HubSpotClient, rows: Sequence[Row]) -> str:
    """Send events in one call; return why when HubSpot took none of them, for another reason than being there."""
    batch = Batch(client.send_events, lambda result: str(result.get("id")), repeatable=False, most_calls=MOST_CALLS)
    verdicts = list(batch.send(rows).values())
    refused = [each for each in verdicts if isinstance(each, Fault) and not each.conflict]
    return refused[0].words if refused and len(refused) == len(verdicts) else ""


def _row(item: Work, lead_type: str, names: Mapping[str, str]) -> Row | None:
    """Write one event; None where a lead has no contact. Empty values are left out: the template asks what is there."""
    entry, matched = item.entry, item.decision.match.account
    contact = contact_of(item.decision) if lead_type == LEAD else entry.lead_id
    if not contact:
        return None
    said = {
        "outcome": entry.outcome,
        "owner": names.get(entry.assignee_id or "", ""),
        "account": (matched.name or matched.account_id) if matched and entry.account_id else "",
        "confidence": f"{entry.confidence:.4f}",
        "rule": entry.rule,
        "reason": entry.reason,
        "decision": entry.key,
    }
    given = {
        "eventTypeName": EVENT,
        "id": entry.key,
        "objectId": contact,
        "timestamp": iso(entry.decided_at),
        "properties": {name: value[:TEXT_LIMIT] for name, value in said.items() if value},
    }
    return Row(item.decision.key, given, marks=frozenset({entry.key}), shared=frozenset({contact}))
