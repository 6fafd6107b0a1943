"""What every subscription can report on: properties of contacts and companies that say what was last decided.

They repeat what the audit says. So they never hold it up: what of them cannot be written is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.errors import Ignored, Refused
from connector.hubspot import reading
from connector.hubspot.batches import Batch, Row
from connector.hubspot.definitions import COMPANY_SCOPES
from connector.hubspot.fields import COMPANY, DECISION, chunks, text
from connector.hubspot.properties import answer_properties, company_properties, unstamped_properties
from rules.actions import Unstamp
from rules.labels import is_label
from rules.model import Stamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.acts import ResponseRow
    from connector.hubspot.client import HubSpotClient
    from connector.work import Work
    from rules.model import Outcome

    Json = Mapping[str, Any]
    Lacking = Mapping[str, frozenset[str]]

WRITE_SIZE = 100
ROUTED: frozenset[Outcome] = frozenset({"assigned", "suggested", "observed", "kept"})
"""What counts as a decision about who gets a lead; reminders and the like follow from one."""
DECIDED: frozenset[Outcome] = ROUTED | {"waiting", "ignored"}


def companies(client: HubSpotClient, work: Sequence[Work], scopes: frozenset[str], lacking: Lacking) -> None:
    """Write on companies what was last decided about a contact of theirs, a hundred a call, where that is granted.

    Raises Later or Revoked, before anything else of the step was done.
    """
    if not scopes >= COMPANY_SCOPES:
        return
    found: dict[str, dict[str, str]] = {}
    for item in sorted(work, key=lambda each: each.entry.decided_at):
        if item.entry.account_id and item.entry.outcome in ROUTED:
            found[item.entry.account_id] = company_properties(item.entry)
    _write(client, COMPANY, found, lacking)


def leads(client: HubSpotClient, lead_type: str, work: Sequence[Work], lacking: Lacking) -> None:
    """Write on contacts (or leads) what was decided without changing anything on them, and so without a stamp.

    What people said of two records decides nothing about either; and a company may have the id of a contact.
    """
    found = {
        item.entry.lead_id: unstamped_properties(item)
        for item in sorted(work, key=lambda each: each.entry.decided_at)
        if item.entry.outcome in DECIDED
        and item.decision.lead.kind == "lead"
        and not is_label(item.decision.key)
        and not any(isinstance(each, Stamp | Unstamp) for each in item.decision.actions)
    }
    _write(client, lead_type, found, lacking)


def answers(client: HubSpotClient, lead_type: str, of_leads: Mapping[str, ResponseRow], lacking: Lacking) -> None:
    """Write on contacts (or leads) what came of waiting for an answer, where that decision is still the last."""
    last = reading.living(client, lead_type, list(of_leads), [DECISION]) if of_leads else {}
    found = {
        lead: answer_properties(row)
        for lead, row in of_leads.items()
        if lead in last and text(last[lead]["properties"].get(DECISION)) == row.key
    }
    _write(client, lead_type, found, lacking)


def _write(client: HubSpotClient, object_type: str, found: Mapping[str, Mapping[str, str]], lacking: Lacking) -> None:
    """Update records, a hundred a call; a row or a whole call that is refused is left out."""
    without = lacking.get(object_type, frozenset())
    for part in chunks(list(found), WRITE_SIZE):
        rows = [
            Row(each, {"id": each, "properties": kept, "objectWriteTraceId": each}, marks=frozenset({each}))
            for each in part
            if (kept := {name: value for name, value in found[each].items() if name not in without})
        ]
        batch = Batch(lambda inputs: client.update(object_type, inputs), _id, repeatable=True)
        try:
            batch.send(rows)
        except (Refused, Ignored):
            continue


def _id(result: Json) -> str:
    return str(result["id"])
