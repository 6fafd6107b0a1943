"""What we write: our stamp, tasks, audit rows and rule rows as HubSpot properties, and the latter two back. Pure."""

from __future__ import annotations

import html
import json
import re
from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connector.hubspot.fields import CONFIDENCE, DECISION, OWNER, ROUTED_AT, RULE, iso, milliseconds, number, text
from connector.rows import RuleRow
from rules.model import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.acts import ResponseRow
    from connector.work import Work
    from rules.model import Stamp

TEXT_LIMIT = 65_536
"""Characters a text property holds (HubSpot, "Properties": the documented limit of single and multi-line text)."""

TASK_BODY, TASK_REMINDERS = "hs_task_body", "hs_task_reminders"
TASK_SUBJECT, TASK_DUE = "hs_task_subject", "hs_timestamp"
NOT_STARTED = "NOT_STARTED"
DECISION_KEY = "decision_key"

OUTCOME = "switchyard_outcome"
MODE = "switchyard_mode"
ACCOUNT = "switchyard_account"
DUPLICATE_OF = "switchyard_duplicate_of"
RESPONSE = "switchyard_response"
RESPONSE_MINUTES = "switchyard_response_minutes"
RESTORED = "switchyard_restored"
LAST_LEAD_AT = "switchyard_last_lead_at"
LAST_LEAD_RULE = "switchyard_last_lead_rule"
LAST_LEAD_OUTCOME = "switchyard_last_lead_outcome"
LAST_LEAD_CONFIDENCE = "switchyard_last_lead_confidence"

_REF = "Switchyard ref: "
_REF_LINE = re.compile(rf"{_REF}([^\s<]+)")

AUDIT_NAMES = {
    field.name: {"key": DECISION_KEY, "ruleset_version": "rule_set_version"}.get(field.name, field.name)
    for field in dataclass_fields(AuditEntry)
    if field.name != "results"
}
"""AuditEntry field -> property of the routing_audit object. The results stand in `detail`."""

RESPONSE_NAMES = ("response_status", "responded_at", "response_minutes")
STANDING_NAMES = ("standing", "received", "largest_difference")
RULE_NAMES = ("rule_name", "kind", "position", "state", "definition", "error", "version", *STANDING_NAMES)


def stamp_properties(stamp: Stamp) -> dict[str, str]:
    """Write on the contact what was decided: the key above all, so that a lost database can be rebuilt."""
    return {
        DECISION: stamp.decision,
        RULE: _cut(stamp.rule),
        CONFIDENCE: f"{stamp.confidence:.4f}",
        ROUTED_AT: iso(stamp.routed_at),
    }


def report_properties(item: Work) -> dict[str, str]:
    """Write beside the stamp what every subscription can report on; of an earlier decision nothing stays."""
    entry, matched = item.entry, item.decision.match.account
    return {
        OUTCOME: entry.outcome,
        MODE: entry.mode,
        ACCOUNT: _cut((matched.name or matched.account_id) if matched and entry.account_id else ""),
        DUPLICATE_OF: entry.duplicate_of or "",
        RESPONSE: entry.response_status,
        RESPONSE_MINUTES: "",
    }


def unstamped_properties(item: Work) -> dict[str, str]:
    """Write what can be reported on of a decision that leaves no stamp, because it changed nothing on the contact."""
    entry = item.entry
    said = {RULE: _cut(entry.rule), CONFIDENCE: f"{entry.confidence:.4f}", ROUTED_AT: iso(entry.decided_at)}
    return said | report_properties(item)


def company_properties(entry: AuditEntry) -> dict[str, str]:
    """Write on a company what was last decided about a contact of it."""
    return {
        LAST_LEAD_AT: iso(entry.decided_at),
        LAST_LEAD_RULE: _cut(entry.rule),
        LAST_LEAD_OUTCOME: entry.outcome,
        LAST_LEAD_CONFIDENCE: f"{entry.confidence:.4f}",
    }


def task_properties(
    *, key: str, owner_id: str, subject: str, body: str, due_at: datetime, remind_at: datetime | None
) -> dict[str, str]:
    """Make the properties of a task (HubSpot, "Tasks"); `key` is the decision's, kept as the body's last line.

    HubSpot shows the body as HTML, so our plain text is escaped and its lines are broken with <br>. A reminder is
    what rings inside HubSpot: apps have no other way to notify a person.
    """
    ref = f"{_REF}{html.escape(key, quote=False)}"
    plain = html.escape(body.strip(), quote=False).replace("\r\n", "\n").replace("\n", "<br>\n")
    room = TEXT_LIMIT - len(ref) - len("<br>\n")
    properties = {
        TASK_DUE: milliseconds(due_at),
        TASK_SUBJECT: _cut(subject.strip() or "New lead"),
        TASK_BODY: f"{_cut(plain, room)}<br>\n{ref}" if plain else ref,
        "hs_task_status": NOT_STARTED,
        "hs_task_type": "TODO",
        OWNER: owner_id,
    }
    if remind_at is not None:
        properties[TASK_REMINDERS] = milliseconds(remind_at)
    return properties


def task_ref(body: Any) -> str:
    """Return the decision key that a task's body ends with, whatever markup stands around it; empty without one."""
    found = _REF_LINE.findall(text(body))
    return html.unescape(found[-1]) if found else ""


def audit_properties(entry: AuditEntry) -> dict[str, str]:
    """Write an audit row; values that are None are left out."""
    found: dict[str, str] = {}
    for name, api in AUDIT_NAMES.items():
        value = getattr(entry, name)
        if isinstance(value, datetime):
            found[api] = iso(value)
        elif name == "confidence":
            found[api] = f"{value:.4f}"
        elif name == "detail":
            found[api] = _cut_json(value)
        elif value is not None:
            found[api] = _cut(str(value))
    return found


def response_properties(row: ResponseRow) -> dict[str, str]:
    """Write what came of waiting for an answer; an empty text clears a property (HubSpot, "Properties")."""
    at = iso(row.responded_at) if row.responded_at else ""
    minutes = "" if row.minutes is None else str(row.minutes)
    return dict(zip(RESPONSE_NAMES, (row.status, at, minutes), strict=True))


def answer_properties(row: ResponseRow) -> dict[str, str]:
    """Write the same on the contact, as far as it is reported on there."""
    return {RESPONSE: row.status, RESPONSE_MINUTES: "" if row.minutes is None else str(row.minutes)}


def audit_texts(properties: Mapping[str, Any]) -> dict[str, str]:
    """Return an audit record's values under our own names; missing ones have no key."""
    return {name: value for name, api in AUDIT_NAMES.items() if (value := text(properties.get(api)))}


def rule_properties(row: RuleRow) -> dict[str, str]:
    """Write a rule row. The definition is never cut: check :func:`rule_fits` first."""
    return {
        "rule_name": row.name,
        "kind": row.kind,
        "position": str(row.position),
        "state": row.state,
        "definition": row.definition,
        "error": _cut(row.error),
        "version": row.version,
    }


def standing_properties(row: RuleRow) -> dict[str, str]:
    """Write what members of a pool have received; an empty text clears a property (HubSpot, "Properties")."""
    numbers = ("" if value is None else str(value) for value in (row.received, row.difference))
    return dict(zip(STANDING_NAMES, (_cut(row.standing), *numbers), strict=True))


def rule_fits(row: RuleRow) -> bool:
    """Say whether HubSpot can hold the definition whole; half a rule would be another rule."""
    return len(row.definition) <= TEXT_LIMIT


def to_rule(result: Mapping[str, Any]) -> RuleRow:
    """Make a RuleRow of a routing_rule record. Whatever is not ``draft`` is live; text is kept as it was typed."""
    properties: Mapping[str, Any] = result.get("properties") or {}
    received = number(properties.get("received"))
    return RuleRow(
        name=text(properties.get("rule_name")),
        kind=text(properties.get("kind")),
        position=int(number(properties.get("position")) or 0),
        definition=str(properties.get("definition") or ""),
        state="draft" if text(properties.get("state")).lower() == "draft" else "live",
        error=text(properties.get("error")),
        version=text(properties.get("version")),
        id=str(result["id"]),
        standing=text(properties.get("standing")),
        received=int(received) if received is not None else None,
        difference=number(properties.get("largest_difference")),
    )


REPORT_NAMES = (OUTCOME, MODE, ACCOUNT, DUPLICATE_OF, RESPONSE, RESPONSE_MINUTES)
EMPTY_STAMP = dict.fromkeys((DECISION, RULE, CONFIDENCE, ROUTED_AT, *REPORT_NAMES), "")
"""A contact without our stamp: an empty text clears a property (HubSpot, "Properties")."""


def _cut(value: str, limit: int = TEXT_LIMIT) -> str:
    """Shorten a text to what the property holds, with a sign that something is missing."""
    return value if len(value) <= limit else value[: limit - 1] + "…"


def _cut_json(value: str) -> str:
    """Shorten JSON to JSON: keep the members that fit, smallest first, and say that it was cut."""
    if len(value) <= TEXT_LIMIT:
        return value
    try:
        whole = json.loads(value)
    except ValueError:
        whole = {}
    kept: dict[str, Any] = {"cut": True, "length": len(value)}
    size = len(json.dumps(kept))
    members = whole.items() if isinstance(whole, dict) else ()
    for cost, name, member in sorted((len(json.dumps({name: member})), name, member) for name, member in members):
        size += cost
        if size > TEXT_LIMIT:
            break
        kept.setdefault(name, member)
    return json.dumps(kept)
