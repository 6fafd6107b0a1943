"""The audit step, and reading audits back. The decision's key is a unique property: HubSpot refuses a second row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.crm import Effect
from connector.errors import Later, Refused
from connector.hubspot.answers import Fault
from connector.hubspot.batches import Batch, Done, Row
from connector.hubspot.effects import already, effects, user_defined
from connector.hubspot.fields import CONTACT, chunks
from connector.hubspot.properties import (
    AUDIT_NAMES,
    DECISION_KEY,
    RESPONSE_NAMES,
    audit_properties,
    audit_texts,
    response_properties,
)
from connector.hubspot.reading import READ_SIZE, associations, results
from rules.model import AUDIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.acts import ResponseRow
    from connector.crm import Work
    from connector.hubspot.batches import Verdict
    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.storage import Storage

AUDIT_ACTIONS = frozenset({AUDIT})
WRITE_SIZE = 100
WITHOUT_LINKS = "Written without its links to the contact and company"


def audit(client: HubSpotClient, storage: Storage, work: Sequence[Work]) -> list[Effect]:
    """Create one audit record a decision, in one call, associated with its contact and company.

    Rows of an earlier attempt are looked for first. A refused row may be there already; and one whose company or
    contact was deleted meanwhile is written without the links, because an audit is worth more than its links.
    """
    there = _find(client, storage, [item for item in work if AUDIT in item.uncertain])
    verdicts = _create(client, storage, [item for item in work if item.decision.key not in there], linked=True)
    refusals = {key: verdict for key, verdict in verdicts.items() if isinstance(verdict, Fault)}
    there |= _find(client, storage, [item for item in work if item.decision.key in refusals])
    bare = [item for item in work if item.decision.key in refusals.keys() - there.keys()]
    verdicts |= _create_bare(client, storage, bare)
    found: list[Effect] = []
    for item in work:
        key = item.decision.key
        if key in there:
            found.extend(already(item, AUDIT_ACTIONS, there[key]))
        elif key in refusals and isinstance(done := verdicts[key], Done):
            detail = f"{WITHOUT_LINKS}. {refusals[key].words}"
            found.append(Effect(key, AUDIT, "done", ref=str(done.result["id"]), detail=detail))
        else:
            found.extend(effects(item, AUDIT_ACTIONS, verdicts[key]))
    return found


def _find(client: HubSpotClient, storage: Storage, work: Sequence[Work]) -> dict[str, str]:
    """Look for audits by their unique key: record id by decision key."""
    return _by_key(client, storage, [item.decision.key for item in work])


def _by_key(client: HubSpotClient, storage: Storage, keys: Sequence[str]) -> dict[str, str]:
    found = {}
    for part in chunks(list(keys), READ_SIZE):
        for result in results(client, storage.audit_type, part, [DECISION_KEY], id_property=DECISION_KEY):
            found[_key(result)] = str(result["id"])
    return found


def _create(client: HubSpotClient, storage: Storage, work: Sequence[Work], *, linked: bool) -> dict[str, Verdict]:
    """Create the rows of these decisions, with or without their links."""
    batch = Batch(lambda inputs: client.create(storage.audit_type, inputs), _key, repeatable=False)
    return batch.send([_row(item, storage, linked=linked) for item in work])


def _create_bare(client: HubSpotClient, storage: Storage, work: Sequence[Work]) -> dict[str, Verdict]:
    """Try again without links; what was done in this step so far stands, whatever becomes of it."""
    try:
        return _create(client, storage, work, linked=False)
    except Later as wait:
        return {item.decision.key: wait for item in work}


def _row(item: Work, storage: Storage, *, linked: bool) -> Row:
    """Write one audit record, with its associations in the same call."""
    entry = item.entry
    links = [(entry.lead_id, storage.audit_to_contact)]
    if entry.account_id:
        links.append((entry.account_id, storage.audit_to_company))
    properties = {name: value for name, value in audit_properties(entry).items() if name not in storage.lacking}
    given: dict[str, Any] = {"properties": properties, "objectWriteTraceId": item.decision.key}
    if linked:
        given["associations"] = [{"to": {"id": other}, "types": user_defined(kind)} for other, kind in links]
    shared = frozenset(other for other, _ in links) if linked else frozenset[str]()
    return Row(item.decision.key, given, marks=frozenset({item.decision.key}), shared=shared)


def _key(result: Mapping[str, Any]) -> str:
    """Return the decision key of an audit record: from its own property, else from the trace id it was made with."""
    return str((result.get("properties") or {}).get(DECISION_KEY) or result.get("objectWriteTraceId") or "")


def mark_responses(client: HubSpotClient, storage: Storage, rows: Sequence[ResponseRow]) -> dict[str, str]:
    """Write only what came of waiting for an answer, a hundred records a call; what was refused, by decision key.

    Those whose id is not known are looked for. Raises Later, Revoked, or Refused where the properties are missing.
    """
    if missing := set(RESPONSE_NAMES) & set(storage.lacking):
        raise Refused(f"The audit object in HubSpot has no {', '.join(sorted(missing))}; run the set-up again")
    ids = {row.key: row.ref for row in rows if row.ref}
    ids |= _by_key(client, storage, [row.key for row in rows if not row.ref])
    refused: dict[str, str] = {}
    for part in chunks([row for row in rows if row.key in ids], WRITE_SIZE):
        sent = [
            Row(row.key, {"id": ids[row.key], "properties": response_properties(row)}, frozenset({ids[row.key]}))
            for row in part
        ]
        batch = Batch(lambda inputs: client.update(storage.audit_type, inputs), _id, repeatable=True)
        for key, verdict in batch.send(sent).items():
            if isinstance(verdict, Later):
                raise verdict
            if isinstance(verdict, Fault) and not verdict.gone:
                refused[key] = verdict.words
    return refused


def _id(result: Mapping[str, Any]) -> str:
    return str(result["id"])


def audits(client: HubSpotClient, storage: Storage, lead_id: str) -> tuple[Mapping[str, str], ...]:
    """Return the audits of a contact, newest first, by our names. Read through associations: search lags behind."""
    linked = associations(client, CONTACT, storage.audit_type, [lead_id])
    ids = list(dict.fromkeys(str(other["toObjectId"]) for other in linked[lead_id]))
    found = [
        audit_texts(result.get("properties") or {})
        for part in chunks(ids, READ_SIZE)
        for result in results(client, storage.audit_type, part, list(AUDIT_NAMES.values()))
    ]
    return tuple(sorted(found, key=lambda row: row.get("decided_at", ""), reverse=True))
