"""Audits and rules as records of the portal's objects, whether they came with the app or were made by us."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.hubspot import audits, erasing, expiring, rulebook, snapshot_keeping
from connector.hubspot.fields import COMPANY, chunks, text
from connector.hubspot.moving import Kept, KeptPage, next_page, take
from connector.hubspot.prefixed import PrefixedClient
from connector.hubspot.properties import AUDIT_NAMES, DECISION_KEY
from connector.hubspot.reading import READ_SIZE, associations

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from connector.acts import ResponseRow
    from connector.erased import Left
    from connector.hubspot.batches import Verdict
    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.expiring import Old
    from connector.hubspot.objects import Places
    from connector.hubspot.shelf import Kind
    from connector.hubspot.snapshot_parts import Part
    from connector.rows import Expired, RuleRow
    from connector.work import Effect, Work


@dataclass(frozen=True, slots=True)
class RecordStorage:
    """Rules and audits as records at these places."""

    client: HubSpotClient = field(compare=False)
    places: Places
    kind: Kind

    def rules(self) -> tuple[RuleRow, ...]:
        """Return all rows by position, then id."""
        return rulebook.rules(self.client, self.places)

    def put_rules(self, rows: Sequence[RuleRow]) -> tuple[str, ...]:
        """Create or update rows; return their ids in order. Raises Refused when one is refused."""
        return rulebook.put_rules(self.client, self.places, rows)

    def mark_rules(self, rows: Sequence[RuleRow]) -> None:
        """Write only error and version of these rows."""
        rulebook.mark_rules(self.client, self.places, rows)

    def mark_standings(self, rows: Sequence[RuleRow]) -> None:
        """Write only what members of pools have received."""
        rulebook.mark_standings(self.client, self.places, rows)

    def audit(self, work: Sequence[Work]) -> list[Effect]:
        """Create one record a decision, in one call."""
        return audits.audit(self.client, self.places, work)

    def mark_responses(self, rows: Sequence[ResponseRow]) -> dict[str, str]:
        """Write what came of waiting for an answer."""
        return audits.mark_responses(self.client, self.places, rows)

    def audits(self, lead_id: str) -> tuple[Mapping[str, str], ...]:
        """Return the audits of a lead, newest first."""
        return audits.audits(self.client, self.places, lead_id)

    def keep_parts(self, parts: Sequence[Part], uncertain: Collection[str]) -> dict[str, Verdict]:
        """Write parts of snapshots as records beside the audits."""
        return snapshot_keeping.keep_records(self.client, self.places, parts, uncertain)

    def parts(self, about: Mapping[str, tuple[str, str]]) -> dict[str, list[str]]:
        """Read the parts of the decisions' snapshots."""
        return snapshot_keeping.record_parts(self.client, self.places, about)

    def forget(self, left: Left) -> None:
        """Delete what the audits say about people who must be forgotten."""
        erasing.audits(self.client, self.places, left)

    def expire(self, wanted: Old) -> Expired:
        """Delete the next parts of old snapshots."""
        return expiring.records(self.client, self.places, wanted)

    def audit_page(self, after: str | None) -> KeptPage:
        """List a hundred audits by id, with what they are linked to now: contacts may have been merged since."""
        names = list(AUDIT_NAMES.values())
        answer = self.client.page(self.places.audit_type, names, limit=READ_SIZE, after=after)
        found = {str(each["id"]): each.get("properties") or {} for each in answer.get("results") or ()}
        leads = associations(self.client, self.places.audit_type, self.places.lead_type, list(found)) if found else {}
        firms = associations(self.client, self.places.audit_type, COMPANY, list(found)) if found else {}
        rows = [
            Kept(
                text(properties.get(DECISION_KEY)),
                {name: value for name in names if (value := text(properties.get(name)))},
                tuple(str(other["toObjectId"]) for other in leads[record]),
                tuple(str(other["toObjectId"]) for other in firms[record]),
                record,
            )
            for record, properties in found.items()
            if text(properties.get(DECISION_KEY))
        ]
        return KeptPage(rows, next_page(answer))

    def take(self, rows: Sequence[Kept]) -> None:
        """Write audits that come from elsewhere, unless they are there."""
        for part in chunks(list(rows), READ_SIZE):
            take(self.client, self.places, part)


def opened(client: HubSpotClient, places: Places, kind: Kind) -> RecordStorage:
    """Return the storage at these places, by our own names of properties."""
    if places.prefix:
        client = PrefixedClient(client, places.prefix, {places.rule_type, places.audit_type})
    return RecordStorage(client, places, kind)
