"""Audits as notes on the contact (or lead), and rules on our own shelf: for portals that have objects for neither.

A note is not linked to a company: HubSpot would count it as an activity of the company, which rules ask about. What is
about companies alone (a merge of two, or what a person said of them) stands in notes that are linked to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connector.errors import Refused
from connector.hubspot import audits as records
from connector.hubspot import erasing, expiring, snapshot_keeping, snapshot_parts
from connector.hubspot.batches import Batch, Row
from connector.hubspot.effects import hubspot_defined
from connector.hubspot.fields import CONTACT, LEAD, chunks, milliseconds, text
from connector.hubspot.moving import Kept, KeptPage, next_page
from connector.hubspot.notetext import BODY, NOTE, TIME, marked, note_body, read_note
from connector.hubspot.properties import AUDIT_NAMES, audit_properties, audit_texts, response_properties
from connector.hubspot.reading import READ_SIZE, associations, living, results

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from connector.acts import ResponseRow
    from connector.erased import Left
    from connector.hubspot.batches import Verdict
    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.expiring import Old
    from connector.hubspot.shelf import Kind, Shelf
    from connector.hubspot.snapshot_parts import Part
    from connector.rows import Expired, RuleRow
    from connector.work import Effect, Work

    Json = Mapping[str, Any]

NOTE_TO = {CONTACT: 202, LEAD: 855}
"""note -> contact, note -> lead; the list is on HubSpot's page "Associate records"."""
MOST_FOUND = 200
"""Records that a search returns at most (HubSpot, "Search the CRM")."""
_STANDING = ("standing", "received", "difference")


@dataclass(frozen=True, slots=True)
class NoteStorage:
    """Audits as notes, rules on the shelf. `lead_type` is the object that is routed."""

    client: HubSpotClient = field(compare=False)
    shelf: Shelf = field(compare=False)
    lead_type: str = CONTACT
    kind: Kind = "properties"

    def rules(self) -> tuple[RuleRow, ...]:
        """Return all rows by position."""
        return self.shelf.rules()

    def put_rules(self, rows: Sequence[RuleRow]) -> tuple[str, ...]:
        """Create or rewrite rows; return their ids in order. Raises Refused when one is gone."""
        try:
            return self.shelf.put(rows)
        except KeyError:
            raise Refused("A rule is not there any more; read the rules again and repeat") from None

    def mark_rules(self, rows: Sequence[RuleRow]) -> None:
        """Write only error and version of these rows."""
        self.shelf.mark(rows, ("error", "version"))

    def mark_standings(self, rows: Sequence[RuleRow]) -> None:
        """Write only what members of pools have received."""
        self.shelf.mark(rows, _STANDING)

    def audit(self, work: Sequence[Work]) -> list[Effect]:
        """Create one note a decision, in one call."""

        def create(some: Sequence[Work], *, linked: bool) -> dict[str, Verdict]:
            batch = Batch(lambda inputs: self.client.create(NOTE, inputs), _key, repeatable=False)
            return batch.send([self._row(item, linked=linked) for item in some])

        def tell(some: Sequence[tuple[Work, str]]) -> dict[str, Verdict]:
            batch = Batch(lambda inputs: self.client.update(NOTE, inputs), _key, repeatable=True)
            return batch.send([records.anew(item, note, self._row(item, linked=False).input) for item, note in some])

        return records.written(work, self._find, create, tell)

    def _row(self, item: Work, *, linked: bool) -> Row:
        key, lead_id = item.decision.key, item.entry.lead_id
        values = audit_texts(audit_properties(item.entry))
        properties = {TIME: milliseconds(item.entry.decided_at), BODY: note_body(values)}
        given: dict[str, Any] = {"properties": properties, "objectWriteTraceId": key}
        on = {"lead": self.lead_type, "contact": CONTACT}.get(item.decision.lead.kind)
        if linked and on:
            given["associations"] = [{"to": {"id": lead_id}, "types": hubspot_defined(NOTE_TO[on])}]
        return Row(key, given, marks=frozenset({key}), shared=frozenset({lead_id} if linked and on else ()))

    def _find(self, work: Sequence[Work]) -> dict[str, str]:
        """Look for the notes of decisions: note id by decision key."""
        if not work:
            return {}
        wanted = {item.decision.key for item in work}
        there: dict[str, str] = {}
        for kind, on in {"lead": self.lead_type, "contact": CONTACT}.items():
            mine = [item.entry.lead_id for item in work if item.decision.lead.kind == kind]
            there |= _by_key(self._of_leads(mine, on)) if mine else {}
        lost = [item for item in work if item.decision.key not in there]
        there |= _by_key(self._of_times([milliseconds(item.entry.decided_at) for item in lost]))
        return {key: note for key, note in there.items() if key in wanted}

    def _of_times(self, times: Sequence[str]) -> dict[str, str]:
        """Search notes of these very times: that of a contact that is gone is linked to nothing."""
        found: dict[str, str] = {}
        for part in chunks(list(dict.fromkeys(times)), READ_SIZE):
            filters = [{"propertyName": TIME, "operator": "IN", "values": list(part)}]
            query = {"filterGroups": [{"filters": filters}], "properties": [BODY], "limit": MOST_FOUND}
            for each in self.client.search(NOTE, query).get("results") or ():
                found[str(each["id"])] = text((each.get("properties") or {}).get(BODY))
        return found

    def _of_leads(self, lead_ids: Sequence[str], on: str = "") -> dict[str, str]:
        """Read the audits among the notes of leads, or of records of the type `on`: their bodies by note id."""
        linked = associations(self.client, on or self.lead_type, NOTE, list(dict.fromkeys(lead_ids)))
        ids = dict.fromkeys(str(other["toObjectId"]) for others in linked.values() for other in others)
        read = [result for part in chunks(list(ids), READ_SIZE) for result in results(self.client, NOTE, part, [BODY])]
        found = {str(each["id"]): text(each["properties"].get(BODY)) for each in read}
        return {note: body for note, body in found.items() if read_note(body).get("key")}

    def mark_responses(self, rows: Sequence[ResponseRow]) -> dict[str, str]:
        """Write what came of waiting for an answer into the notes, a hundred in two calls.

        A note whose id was never learned is looked for among those of its lead. What is no note (of that decision) is
        passed over: the audits of the time in which a portal had objects are none.
        """
        there = living(self.client, NOTE, [row.ref for row in rows if row.ref], [BODY])
        bodies = {note: text(each["properties"].get(BODY)) for note, each in there.items()}
        found = {row.key: row.ref for row in rows if read_note(bodies.get(row.ref)).get("key") == row.key}
        if lost := [row.lead_id for row in rows if row.lead_id and row.key not in found]:
            more = self._of_leads(lost)
            bodies |= more
            found = _by_key(more) | found
        sent = [
            Row(
                row.key,
                {"id": note, "properties": {BODY: marked(bodies[note], response_properties(row))}},
                frozenset({note}),
            )
            for row in rows
            if (note := found.get(row.key))
        ]
        return records.updated(self.client, NOTE, sent, lambda result: str(result["id"]))

    def audits(self, lead_id: str) -> tuple[Mapping[str, str], ...]:
        """Return the audits of a lead, newest first."""
        every = map(read_note, self._of_leads([lead_id]).values())
        return records.newest_first(each for each in every if not snapshot_parts.is_part(each["key"]))

    def keep_parts(self, parts: Sequence[Part], uncertain: Collection[str]) -> dict[str, Verdict]:
        """Write parts of snapshots as notes on the records that are kept."""
        return snapshot_keeping.keep_notes(self.client, parts, uncertain)

    def parts(self, about: Mapping[str, tuple[str, str]]) -> dict[str, list[str]]:
        """Read the parts of snapshots among the notes of the records that were kept."""
        return snapshot_keeping.note_parts(self.client, about)

    def forget(self, left: Left) -> None:
        """Delete the notes about people who must be forgotten, and take out of those of others what says of them.

        They are known by the ids that we remember: of a deleted contact nobody can ask for its notes any more. Such an
        id may be that of a record of another time, so only what is read as the note of that decision is touched.
        """
        found = living(self.client, NOTE, sorted(left.audits | left.others), [BODY])
        values = {note: read_note(each["properties"].get(BODY)) for note, each in found.items()}
        own = {note for note in left.audits if values.get(note, {}).get("key") in left.keys}
        others = {note: values[note] | erasing.WITHOUT_OTHERS for note in left.others - own if values.get(note)}
        bodies = {note: note_body(kept) for note, kept in others.items()} | dict.fromkeys(own, erasing.ERASED)
        parts = snapshot_keeping.notes_naming(self.client, left.keys)
        bodies |= dict.fromkeys(parts, erasing.ERASED)
        erasing.rewrite(self.client, NOTE, {note: {BODY: body} for note, body in bodies.items()})
        erasing.archive(self.client, NOTE, own | parts)

    def expire(self, wanted: Old) -> Expired:
        """Delete the notes that are the next parts of old snapshots."""
        return expiring.notes(self.client, wanted)

    def clear_page(self, after: str | None) -> str | None:
        """Delete the audits among a hundred notes, as they stand elsewhere; return where to go on (None = the end)."""
        page = self.client.page(NOTE, [BODY], limit=READ_SIZE, after=after)
        ours = [each for each in page.get("results") or () if read_note(each["properties"].get(BODY)).get("key")]
        if ours:
            self.client.archive(NOTE, [{"id": str(each["id"])} for each in ours])
        return next_page(page)

    def audit_page(self, after: str | None) -> KeptPage:
        """List a hundred notes by id and keep those that are audits, with what they are linked to."""
        answer = self.client.page(NOTE, [BODY], limit=READ_SIZE, after=after)
        found = {str(each["id"]): read_note(each["properties"].get(BODY)) for each in answer.get("results") or ()}
        ours = [note for note, values in found.items() if values.get("key")]
        linked = associations(self.client, NOTE, self.lead_type, ours) if ours else {}
        kept = [
            Kept(
                found[note]["key"],
                {AUDIT_NAMES[name]: value for name, value in found[note].items() if name in AUDIT_NAMES and value},
                tuple(str(other["toObjectId"]) for other in linked[note]),
                tuple(filter(None, [found[note].get("account_id", "")])),
                note,
            )
            for note in ours
        ]
        return KeptPage(kept, next_page(answer))


def _by_key(bodies: Mapping[str, str]) -> dict[str, str]:
    return {key: note for note, body in bodies.items() if (key := read_note(body).get("key"))}


def _key(result: Json) -> str:
    """Return the decision key of a note that was just made: by the trace id it was made with, else from its body."""
    values = read_note((result.get("properties") or {}).get(BODY))
    return str(result.get("objectWriteTraceId") or values.get("key") or "")
