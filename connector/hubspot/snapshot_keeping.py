"""The parts of snapshots where audits stand: as records of the audit object, or as notes on the record that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.hubspot import audits, snapshot_parts
from connector.hubspot.batches import Batch, Row
from connector.hubspot.effects import hubspot_defined
from connector.hubspot.fields import COMPANY, CONTACT, chunks, milliseconds, text
from connector.hubspot.notetext import BODY, NOTE, TIME, note_body, read_note
from connector.hubspot.properties import AUDIT_NAMES, DECISION_KEY, audit_texts
from connector.hubspot.reading import READ_SIZE, associations, results

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from connector.hubspot.batches import Verdict
    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.objects import Places
    from connector.hubspot.snapshot_parts import Part

    Json = Mapping[str, Any]

WRITE_SIZE = 100
MOST_GROUPS, MOST_FOUND = 5, 200
"""What one search may ask for and returns (HubSpot, "Search the CRM")."""
_NOTE_TO = {CONTACT: 202, COMPANY: 190}
"""note -> contact, note -> company; the list is on HubSpot's page "Associate records"."""
_DETAIL = AUDIT_NAMES["detail"]


def keep_records(
    client: HubSpotClient, places: Places, parts: Sequence[Part], uncertain: Collection[str]
) -> dict[str, Verdict]:
    """Write parts as records of the audit object, a hundred a call; return verdicts by the parts' keys.

    Those of `uncertain` decisions may be there: they are looked for, and written anew.
    """
    there = audits.by_key(client, places, [part.key for part in parts if part.decision in uncertain])
    new = [audits.row(part.key, part.properties, (), places) for part in parts if part.key not in there]
    old = [_anew(part.key, there[part.key], {_DETAIL: part.text}) for part in parts if part.key in there]
    found: dict[str, Verdict] = {}
    for some in chunks(new, WRITE_SIZE):
        found |= audits.create_rows(client, places, some)
    return found | _rewritten(client, places.audit_type, old, _record_key)


def record_parts(client: HubSpotClient, places: Places, decisions: Iterable[str]) -> dict[str, list[str]]:
    """Read the parts of decisions' snapshots by their unique keys, which no search index delays."""
    first = {snapshot_parts.part_key(each, 1): each for each in decisions}
    read = _details(client, places, list(first))
    found = {first[key]: [told] for key, told in read.items() if key in first}
    rest = {
        snapshot_parts.part_key(decision, number): decision
        for decision, texts in found.items()
        for number in range(2, snapshot_parts.more(texts) + 1)
    }
    for key, told in _details(client, places, list(rest)).items():
        found[rest[key]].append(told)
    return found


def _details(client: HubSpotClient, places: Places, keys: Sequence[str]) -> dict[str, str]:
    rows = [
        result.get("properties") or {}
        for some in chunks(keys, READ_SIZE)
        for result in results(client, places.audit_type, some, [DECISION_KEY, _DETAIL], id_property=DECISION_KEY)
    ]
    return {text(row.get(DECISION_KEY)): text(row.get(_DETAIL)) for row in rows}


def keep_notes(client: HubSpotClient, parts: Sequence[Part], uncertain: Collection[str]) -> dict[str, Verdict]:
    """Write parts as notes on the survivor, a hundred a call; return verdicts by the parts' keys."""
    there = _notes_of(client, {part.about for part in parts if part.decision in uncertain})
    ids = {values["key"]: note for note, values in there.items()}
    new = [_note(part) for part in parts if part.key not in ids]
    old = [_anew(part.key, ids[part.key], {BODY: _body(part)}) for part in parts if part.key in ids]
    found: dict[str, Verdict] = {}
    for some in chunks(new, WRITE_SIZE):
        batch = Batch(lambda inputs: client.create(NOTE, inputs), _note_key, repeatable=False)
        found |= batch.send(some)
    return found | _rewritten(client, NOTE, old, _note_key)


def note_parts(client: HubSpotClient, about: Mapping[str, tuple[str, str]]) -> dict[str, list[str]]:
    """Read the parts of decisions' snapshots among the notes of their survivors (object and id as they are now)."""
    found: dict[str, list[str]] = {}
    for values in _notes_of(client, set(about.values())).values():
        decision = snapshot_parts.decision_of(values["key"])
        if decision in about:
            found.setdefault(decision, []).append(values.get("detail", ""))
    return found


def notes_naming(client: HubSpotClient, decisions: Collection[str]) -> set[str]:
    """Search the notes that are parts of these decisions' snapshots, whoever they were about, by the words in them.

    A deleted contact cannot be asked for its notes. Search is seconds behind what is written. [U] That it finds
    a word of a note's body.
    """
    found: set[str] = set()
    for some in chunks(sorted(decisions), MOST_GROUPS):
        words = [snapshot_parts.word_of(key) for key in some]
        groups = [{"filters": [{"propertyName": BODY, "operator": "CONTAINS_TOKEN", "value": word}]} for word in words]
        query: dict[str, Any] = {"filterGroups": groups, "properties": [BODY], "limit": MOST_FOUND}
        for row in client.search(NOTE, query).get("results") or ():
            key = read_note((row.get("properties") or {}).get(BODY)).get("key", "")
            if snapshot_parts.is_part(key) and snapshot_parts.decision_of(key) in some:
                found.add(str(row["id"]))
    return found


def _notes_of(client: HubSpotClient, about: Collection[tuple[str, str]]) -> dict[str, dict[str, str]]:
    """Read the parts among the notes of records, by note id."""
    ids: set[str] = set()
    for type_ in sorted({type_ for type_, _ in about}):
        mine = sorted(record_id for each, record_id in about if each == type_)
        ids |= {str(each["toObjectId"]) for far in associations(client, type_, NOTE, mine).values() for each in far}
    rows = [row for some in chunks(sorted(ids, key=int), READ_SIZE) for row in results(client, NOTE, some, [BODY])]
    told = {str(row["id"]): read_note((row.get("properties") or {}).get(BODY)) for row in rows}
    return {note: values for note, values in told.items() if snapshot_parts.is_part(values.get("key", ""))}


def _note(part: Part) -> Row:
    type_, record_id = part.about
    given = {
        "properties": {TIME: milliseconds(part.at), BODY: _body(part)},
        "objectWriteTraceId": part.key,
        "associations": [{"to": {"id": record_id}, "types": hubspot_defined(_NOTE_TO[type_])}],
    }
    return Row(part.key, given, marks=frozenset({part.key}), shared=frozenset({record_id}))


def _body(part: Part) -> str:
    return note_body(audit_texts(part.properties) | {"story": f"Reference: {snapshot_parts.word_of(part.decision)}"})


def _anew(key: str, record_id: str, properties: Mapping[str, str]) -> Row:
    given = {"id": record_id, "objectWriteTraceId": key, "properties": properties}
    return Row(key, given, marks=frozenset({key}), shared=frozenset({record_id}))


def _rewritten(
    client: HubSpotClient, object_type: str, rows: Sequence[Row], match: Callable[[Json], str]
) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {}
    for some in chunks(rows, WRITE_SIZE):
        found |= Batch(lambda inputs: client.update(object_type, inputs), match, repeatable=True).send(some)
    return found


def _record_key(result: Json) -> str:
    return str(result.get("objectWriteTraceId") or (result.get("properties") or {}).get(DECISION_KEY) or result["id"])


def _note_key(result: Json) -> str:
    values = read_note((result.get("properties") or {}).get(BODY))
    return str(result.get("objectWriteTraceId") or values.get("key") or result.get("id"))
