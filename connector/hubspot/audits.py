"""The audit step, and reading audits back. The decision's key is a unique property: HubSpot refuses a second row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from connector.errors import Later, Refused
from connector.hubspot.answers import Fault
from connector.hubspot.batches import Batch, Done, Row
from connector.hubspot.effects import already, effects
from connector.hubspot.fields import chunks
from connector.hubspot.properties import (
    AUDIT_NAMES,
    DECISION_KEY,
    RESPONSE_NAMES,
    audit_properties,
    audit_texts,
    response_properties,
)
from connector.hubspot.reading import READ_SIZE, associations, results
from connector.work import Effect
from rules.model import AUDIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from connector.acts import ResponseRow
    from connector.hubspot.batches import Verdict
    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.objects import Places
    from connector.work import Work

    Json = Mapping[str, Any]
    Find = Callable[[Sequence[Work]], dict[str, str]]
    Tell = Callable[[Sequence[tuple[Work, str]]], dict[str, Verdict]]

AUDIT_ACTIONS = frozenset({AUDIT})
WRITE_SIZE = 100
WITHOUT_LINKS = "Written without its links to the contact and company"


class Create(Protocol):
    """Writes the audits of some decisions, with or without links; returns a verdict for each, by key."""

    def __call__(self, work: Sequence[Work], /, *, linked: bool) -> dict[str, Verdict]:
        """Write them."""
        ...


def audit(client: HubSpotClient, places: Places, work: Sequence[Work]) -> list[Effect]:
    """Create one audit record a decision, in one call, associated with its contact (or lead) and company."""

    def find(some: Sequence[Work]) -> dict[str, str]:
        return by_key(client, places, [item.decision.key for item in some])

    def create(some: Sequence[Work], *, linked: bool) -> dict[str, Verdict]:
        return create_rows(client, places, [_row(item, places, linked=linked) for item in some])

    def tell(some: Sequence[tuple[Work, str]]) -> dict[str, Verdict]:
        sent = [anew(item, record_id, _row(item, places, linked=False).input) for item, record_id in some]
        return Batch(lambda inputs: client.update(places.audit_type, inputs), _key, repeatable=True).send(sent)

    return written(work, find, create, tell)


def written(work: Sequence[Work], find: Find, create: Create, tell: Tell) -> list[Effect]:
    """Write audits by `create` and say what became of each; `find` returns the ids of those that are there, by key.

    Rows of an earlier attempt are looked for first, and told anew by `tell`: they may say that something was refused
    which a retry has done since. A refused row may be there already; and one whose company or contact was deleted
    meanwhile is written without the links, because an audit is worth more than its links.
    """
    there = find([item for item in work if AUDIT in item.uncertain])
    told = tell([(item, there[item.decision.key]) for item in work if item.decision.key in there]) if there else {}
    verdicts = create([item for item in work if item.decision.key not in there], linked=True)
    refusals = {key: verdict for key, verdict in verdicts.items() if isinstance(verdict, Fault)}
    there |= find([item for item in work if item.decision.key in refusals])
    bare = [item for item in work if item.decision.key in refusals.keys() - there.keys()]
    verdicts |= _create_bare(create, bare)
    found: list[Effect] = []
    for item in work:
        key = item.decision.key
        if isinstance(late := told.get(key), Later):
            found.extend(effects(item, AUDIT_ACTIONS, late))
        elif key in there:
            found.extend(already(item, AUDIT_ACTIONS, there[key]))
        elif key in refusals and isinstance(done := verdicts[key], Done):
            detail = f"{WITHOUT_LINKS}. {refusals[key].words}"
            found.append(Effect(key, AUDIT, "done", ref=str(done.result["id"]), detail=detail))
        else:
            found.extend(effects(item, AUDIT_ACTIONS, verdicts[key]))
    return found


def anew(item: Work, record_id: str, given: Mapping[str, Any]) -> Row:
    """Return the update of an audit that is there with what a new one would say; its unique key stays."""
    key = item.decision.key
    properties = {name: value for name, value in given["properties"].items() if name != DECISION_KEY}
    sent = {"id": record_id, "objectWriteTraceId": key, "properties": properties}
    return Row(key, sent, marks=frozenset({key, record_id}))


def _create_bare(create: Create, work: Sequence[Work]) -> dict[str, Verdict]:
    """Try again without links; what was done in this step so far stands, whatever becomes of it."""
    try:
        return create(work, linked=False)
    except Later as wait:
        return {item.decision.key: wait for item in work}


def by_key(client: HubSpotClient, places: Places, keys: Sequence[str]) -> dict[str, str]:
    """Look for audits by their unique key: record id by decision key."""
    return {
        _key(result): str(result["id"])
        for part in chunks(list(keys), READ_SIZE)
        for result in results(client, places.audit_type, part, [DECISION_KEY], id_property=DECISION_KEY)
    }


def create_rows(client: HubSpotClient, places: Places, rows: Sequence[Row]) -> dict[str, Verdict]:
    """Create audit records; return a verdict for each, by key."""
    return Batch(lambda inputs: client.create(places.audit_type, inputs), _key, repeatable=False).send(rows)


def _row(item: Work, places: Places, *, linked: bool) -> Row:
    """Write one audit record, with its associations in the same call."""
    entry, kind = item.entry, item.decision.lead.kind
    # A company may have the id of a contact: what is about the one must never be linked to the other.
    types = {"account": places.audit_to_company, "contact": places.audit_to_contact}
    links = [(entry.lead_id, types.get(kind, places.audit_to_lead))]
    if entry.account_id and kind != "account":
        links.append((entry.account_id, places.audit_to_company))
    links = [(each, type_id) for each, type_id in links if type_id]
    return row(item.decision.key, audit_properties(entry), links if linked else (), places)


def row(key: str, properties: Mapping[str, str], links: Sequence[tuple[str, int]], places: Places) -> Row:
    """Write one audit record with its associations (record id, association type), without what the object lacks."""
    kept = {name: value for name, value in properties.items() if name not in places.lacking}
    given: dict[str, Any] = {"properties": kept, "objectWriteTraceId": key}
    if links:
        given["associations"] = [{"to": {"id": other}, "types": _types(places, kind)} for other, kind in links]
    return Row(key, given, marks=frozenset({key}), shared=frozenset(other for other, _ in links))


def _types(places: Places, type_id: int) -> list[Json]:
    return [{"associationCategory": places.category, "associationTypeId": type_id}]


def _key(result: Json) -> str:
    """Return the decision key of an audit record: from its own property, else from the trace id it was made with."""
    return str((result.get("properties") or {}).get(DECISION_KEY) or result.get("objectWriteTraceId") or "")


def mark_responses(client: HubSpotClient, places: Places, rows: Sequence[ResponseRow]) -> dict[str, str]:
    """Write only what came of waiting for an answer, a hundred records a call; what was refused, by decision key.

    Every record is named by its key: its id is another once the audits were moved. Raises Later, Revoked, or Refused
    where the properties are missing.
    """
    if missing := set(RESPONSE_NAMES) & set(places.lacking):
        raise Refused(f"The audit object in HubSpot has no {', '.join(sorted(missing))}; run the set-up again")
    sent = [
        Row(
            row.key,
            {
                "id": row.key,
                "idProperty": DECISION_KEY,
                "objectWriteTraceId": row.key,
                "properties": response_properties(row),
            },
            frozenset({row.key}),
        )
        for row in rows
    ]
    return updated(client, places.audit_type, sent, _key)


def updated(
    client: HubSpotClient, object_type: str, rows: Sequence[Row], match: Callable[[Json], str]
) -> dict[str, str]:
    """Update records, a hundred a call; return what was refused, by key. Those that are gone are passed over."""
    refused: dict[str, str] = {}
    for part in chunks(rows, WRITE_SIZE):
        batch = Batch(lambda inputs: client.update(object_type, inputs), match, repeatable=True)
        for key, verdict in batch.send(part).items():
            if isinstance(verdict, Later):
                raise verdict
            if isinstance(verdict, Fault) and not verdict.gone:
                refused[key] = verdict.words
    return refused


def audits(client: HubSpotClient, places: Places, lead_id: str) -> tuple[Mapping[str, str], ...]:
    """Return the audits of a lead, newest first, by our names. Read through associations: search lags behind."""
    linked = associations(client, places.lead_type, places.audit_type, [lead_id])
    ids = list(dict.fromkeys(str(other["toObjectId"]) for other in linked[lead_id]))
    found = [
        audit_texts(result.get("properties") or {})
        for part in chunks(ids, READ_SIZE)
        for result in results(client, places.audit_type, part, list(AUDIT_NAMES.values()))
    ]
    return newest_first(found)


def newest_first(found: Iterable[Mapping[str, str]]) -> tuple[Mapping[str, str], ...]:
    """Sort audits by when they were decided."""
    return tuple(sorted(found, key=lambda each: each.get("decided_at", ""), reverse=True))
