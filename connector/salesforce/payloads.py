"""What we write: the stamp on the lead, the task, the audit row, the rule, the notification. PURE.

Every function returns a JSON body with API names, the package's namespace applied, texts cut to `lengths` (API name ->
characters, from the object's describe; a name that is missing is not cut).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from connector.acts import ResponseRow
from connector.rows import RuleRow
from connector.salesforce.fields import (
    LEAD_LINK,
    LEAD_STAMP,
    OWNER,
    PREFIXES,
    REQUEST,
    REQUEST_REFUSED,
    USER_PREFIX,
    packaged,
    timestamp,
)
from rules.actions import Answer, Unassign, Unlink, Unstamp
from rules.model import Action, Assign, AuditEntry, Link, Notify, Stamp, Task, User

KEY_FIELD = "Decision_Key__c"
"""Unique and external: the same decision can be recorded once only."""

AUDIT_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "key": KEY_FIELD,
        "lead_id": "Record_Id__c",
        "account_id": "Account__c",
        "assignee_id": "Assignee__c",
        "previous_owner_id": "Previous_Owner__c",
        "outcome": "Outcome__c",
        "mode": "Mode__c",
        "rule": "Rule__c",
        "reason": "Reason__c",
        "match_status": "Match_Status__c",
        "confidence": "Confidence__c",
        "duplicate_status": "Duplicate_Status__c",
        "duplicate_of": "Duplicate_Of__c",
        "story": "Story__c",
        "detail": "Detail__c",
        "received_at": "Received_At__c",
        "decided_at": "Decided_At__c",
        "latency_ms": "Latency_Ms__c",
        "ruleset_version": "Rule_Set_Version__c",
        "trace_id": "Trace_Id__c",
    }
)
"""Field of AuditEntry -> field of Routing_Audit__c; the title is the record's auto number."""
RESPONSE_FIELDS: Mapping[str, str] = MappingProxyType(
    {"status": "Response_Status__c", "responded_at": "Responded_At__c", "minutes": "Response_Minutes__c"}
)
"""Field of ResponseRow -> field of Routing_Audit__c: what is written long after the row."""
REPORT_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "lead_source": "Lead_Source__c",
        "pool": "Pool__c",
        "entitled_share": "Entitled_Share__c",
        "why_unmatched": "Why_Unmatched__c",
        "response_due_at": "Response_Due_At__c",
        "response_status": RESPONSE_FIELDS["status"],
        "responded_at": RESPONSE_FIELDS["responded_at"],
        "response_minutes": RESPONSE_FIELDS["minutes"],
    }
)
"""Field of AuditEntry -> field of Routing_Audit__c, which the package's first version has not got."""
DUPLICATES: Mapping[str, str] = MappingProxyType(
    {PREFIXES["contact"]: "Contact__c", PREFIXES["lead"]: "Duplicate_Lead__c"}
)
"""First characters of a duplicate's id -> the lookup of the audit row to it, beside the text that keeps the id."""
_SUBJECTS: Mapping[str, str] = MappingProxyType({PREFIXES["contact"]: "Contact__c", PREFIXES["account"]: "Account__c"})
"""First characters of the id of what an audit row is about -> its lookup; of anything else it is the lead."""
LOOKUPS = frozenset({"Lead__c", "Account__c", "Assignee__c", *DUPLICATES.values()})
"""Audit fields that point to records, and so can be refused when the record is gone."""

RULE_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "name": "Name",
        "kind": "Kind__c",
        "position": "Position__c",
        "state": "State__c",
        "definition": "Definition__c",
        "error": "Error__c",
        "version": "Version__c",
    }
)
"""Field of RuleRow -> field of Routing_Rule__c."""

ERROR_FLAG = "Has_Error__c"
"""Whether a rule row has an error, because list views cannot filter by a long text. The package's first version has
not got it."""

STANDING_FIELDS: Mapping[str, str] = MappingProxyType(
    {"standing": "Standing__c", "received": "Received__c", "difference": "Largest_Difference__c"}
)
"""Field of RuleRow -> field of Routing_Rule__c, which the package's first version has not got."""

REFUSED_KEY = "refused"
"""Where an audit row's detail names the actions that Salesforce refused, with its words."""

SUBJECT_LENGTH, DESCRIPTION_LENGTH, TITLE_LENGTH, BODY_LENGTH = 255, 32_000, 250, 750
_NO_LENGTHS: Mapping[str, int] = MappingProxyType({})


def lead_fields(
    actions: Iterable[Action], *, namespace: str = "", lengths: Mapping[str, int] = _NO_LENGTHS
) -> dict[str, dict[str, Any]]:
    """Return, per action key, the fields of the lead that the action writes: owner, link, stamp or answer."""
    wanted: dict[str, dict[str, Any]] = {}
    for action in actions:
        match action:
            case Assign(owner_id=owner):
                wanted[action.key] = {OWNER: owner}
            case Link(account_id=account):
                wanted[action.key] = {packaged(LEAD_LINK, namespace): account}
            case Stamp():
                values = {
                    "rule": action.rule,
                    "confidence": round(action.confidence, 3),
                    "routed_at": timestamp(action.routed_at),
                    "decision": action.decision,
                    "duplicate_of": action.duplicate_of or None,
                }
                names = {packaged(LEAD_STAMP[part], namespace): value for part, value in values.items()}
                wanted[action.key] = {name: cut(value, lengths.get(name)) for name, value in names.items()}
            case Unassign() | Unlink() | Unstamp():
                wanted[action.key] = emptied(action, namespace)
            case Answer(refused=refused):
                wanted[action.key] = answer(refused, namespace=namespace, lengths=lengths)
            case _:
                continue
    return wanted


def emptied(action: Unassign | Unlink | Unstamp, namespace: str) -> dict[str, Any]:
    """Return the fields of the lead that an undo empties: its owner, its account, or the whole stamp."""
    names = {Unassign.key: [OWNER], Unlink.key: [LEAD_LINK], Unstamp.key: list(LEAD_STAMP.values())}[action.key]
    return {packaged(name, namespace) if name.endswith("__c") else name: None for name in names}


def answer(refused: str, *, namespace: str = "", lengths: Mapping[str, int] = _NO_LENGTHS) -> dict[str, Any]:
    """Return the fields that answer a request: it is emptied, and why it was refused stands beside it ("": done)."""
    why = packaged(REQUEST_REFUSED, namespace)
    return {packaged(REQUEST, namespace): None, why: cut(refused, lengths.get(why)) or None}


def task_fields(task: Task, lead_id: str, assignee: User | None = None) -> dict[str, Any]:
    """Return the body of a task on the lead; Status and Priority are left to the org's defaults.

    A task is due on a day: the day in the owner's time zone. The reminder keeps the exact minute.
    """
    zone = assignee.zone if assignee and assignee.id == task.owner_id else "UTC"
    return {
        "WhoId": lead_id,
        OWNER: task.owner_id,
        "Subject": cut(task.subject, SUBJECT_LENGTH),
        "Description": cut(task.body, DESCRIPTION_LENGTH),
        "ActivityDate": task.due_at.astimezone(_zone(zone)).date().isoformat(),
        "IsReminderSet": True,
        "ReminderDateTime": timestamp(task.due_at),
    }


def audit_fields(
    entry: AuditEntry, *, namespace: str = "", lengths: Mapping[str, int] = _NO_LENGTHS, leave_out: frozenset[str]
) -> dict[str, Any]:
    """Return the body of an audit row; `leave_out` names fields (without namespace) to leave empty.

    The row belongs to the assignee when that is a person, so that people see their own; queues cannot be looked up.
    """
    values: dict[str, Any] = {api: getattr(entry, name) for name, api in {**AUDIT_FIELDS, **REPORT_FIELDS}.items()}
    # A merge is told of its survivor, which may be a contact or an account; so is what people said of two records.
    values[_SUBJECTS.get(entry.lead_id[:3], "Lead__c")] = entry.lead_id
    for prefix, lookup in DUPLICATES.items():
        if entry.duplicate_of and entry.duplicate_of.startswith(prefix):
            values[lookup] = entry.duplicate_of
    values["Detail__c"] = cut_json(entry.detail, lengths.get(packaged("Detail__c", namespace)))
    values["Confidence__c"] = round(entry.confidence, 3)
    if entry.assignee_id and entry.assignee_id.startswith(USER_PREFIX):
        values[OWNER] = entry.assignee_id
    else:
        values["Assignee__c"] = None
    body: dict[str, Any] = {}
    for api, value in values.items():
        if api in leave_out or value in (None, ""):
            continue
        name = packaged(api, namespace) if api.endswith("__c") else api
        body[name] = timestamp(value) if isinstance(value, datetime) else cut(value, lengths.get(name))
    return body


def rule_fields(row: RuleRow, *, namespace: str = "", lengths: Mapping[str, int] = _NO_LENGTHS) -> dict[str, Any]:
    """Return the body of a rule row. Only the error is cut: a cut definition would be another rule."""
    body = {
        packaged(api, namespace) if api.endswith("__c") else api: getattr(row, name)
        for name, api in RULE_FIELDS.items()
    }
    error = packaged(RULE_FIELDS["error"], namespace)
    body[error] = cut(row.error, lengths.get(error))
    body[packaged(ERROR_FLAG, namespace)] = bool(row.error)
    return body


def rule_mark(row: RuleRow, *, namespace: str = "", lengths: Mapping[str, int] = _NO_LENGTHS) -> dict[str, Any]:
    """Return the body that writes only what we say about a rule row: its error and the version it is part of."""
    wanted = {packaged(name, namespace) for name in (RULE_FIELDS["error"], RULE_FIELDS["version"], ERROR_FLAG)}
    body = rule_fields(row, namespace=namespace, lengths=lengths)
    return {name: value for name, value in body.items() if name in wanted}


def rule_standing(row: RuleRow, *, namespace: str = "", lengths: Mapping[str, int] = _NO_LENGTHS) -> dict[str, Any]:
    """Return the body that writes only who of a pool has received what; what is None is emptied."""
    body = {packaged(api, namespace): getattr(row, name) for name, api in STANDING_FIELDS.items()}
    text = packaged(STANDING_FIELDS["standing"], namespace)
    body[text] = cut(row.standing, lengths.get(text))
    return body


def notification(action: Notify, lead_id: str, type_id: str) -> dict[str, Any]:
    """Return one input of the custom notification action; the recipient may be a user or a queue."""
    return {
        "customNotifTypeId": type_id,
        "recipientIds": [action.user_id],
        "title": cut(action.title, TITLE_LENGTH),
        "body": cut(action.body, BODY_LENGTH),
        "targetId": lead_id,
    }


def response_fields(row: ResponseRow, *, namespace: str = "") -> dict[str, Any]:
    """Return the body that writes only what came of waiting for an answer; what is None is emptied."""
    at = timestamp(row.responded_at) if row.responded_at else None
    values = {"status": row.status, "responded_at": at, "minutes": row.minutes}
    return {packaged(api, namespace): values[name] for name, api in RESPONSE_FIELDS.items()}


def with_refusals(entry: AuditEntry, refused: Mapping[str, str], *, assigns: bool) -> AuditEntry:
    """Return the audit entry as it must read when Salesforce refused some actions (action key -> its words).

    The outcome is ``refused`` when the lead did not get its owner, or when the decision gives it to nobody (not
    `assigns`: a suggestion, a reminder) and the task was refused.
    """
    if not refused:
        return entry
    said = "\n".join(dict.fromkeys(refused.values()))
    try:
        detail = json.loads(entry.detail or "{}")
    except ValueError:
        detail = {}
    if not isinstance(detail, dict):
        detail = {"detail": detail}
    failed = Assign.key in refused or (not assigns and Task.key in refused)
    if failed:
        entry = replace(entry, response_due_at=None, response_status="none")
    return replace(
        entry,
        outcome="refused" if failed else entry.outcome,
        reason=f"{entry.reason}\n{said}".strip(),
        story=f"{entry.story}\n{said}".strip(),
        detail=json.dumps(detail | {REFUSED_KEY: dict(refused)}, ensure_ascii=False),
    )


def refusals(detail: str | None) -> dict[str, str]:
    """Read back from an audit row's detail which actions were refused, with Salesforce's words."""
    try:
        found = json.loads(detail or "{}")
    except (ValueError, RecursionError):
        return {}
    refused = found.get(REFUSED_KEY) if isinstance(found, dict) else None
    return {str(action): str(text) for action, text in refused.items()} if isinstance(refused, dict) else {}


def cut(value: Any, length: int | None) -> Any:
    """Shorten a text to `length` characters with an ellipsis; other values pass."""
    if not isinstance(value, str) or not length or len(value) <= length:
        return value
    return f"{value[: length - 1]}…"


def cut_json(text: str, length: int | None) -> str:
    """Shorten a JSON object to `length` characters by leaving out its longest parts, so that it stays valid."""
    if not length or len(text) <= length:
        return text
    try:
        found = json.loads(text)
    except ValueError:
        found = {}
    parts = dict(found) if isinstance(found, dict) else {}
    parts = {"cut": True, **parts}
    by_size = sorted(parts, key=lambda name: len(json.dumps(parts[name], ensure_ascii=False)))
    droppable = [name for name in by_size if name not in ("cut", REFUSED_KEY)]
    while len(short := json.dumps(parts, ensure_ascii=False)) > length and droppable:
        del parts[droppable.pop()]
    return short if len(short) <= length else '{"cut": true}'


def _zone(name: str) -> ZoneInfo:
    """Return a time zone; UTC for a name that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
