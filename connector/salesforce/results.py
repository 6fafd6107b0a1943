"""What Salesforce's answer to a graph makes of the decision in it: done, refused in part, later, done before. PURE.

Whatever is refused is left out of the next graph, and the audit row says so; without the audit row nothing is done,
since its key is what makes a decision happen once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from connector.errors import Later, Revoked
from connector.salesforce.answers import (
    CANNOT_OWN,
    CHANGED_SINCE,
    DUPLICATE,
    HALTED,
    MISSING,
    Fault,
    StaleSchema,
    faults,
    judge_row,
    sayings,
    words,
)
from connector.salesforce.fields import LEAD_LINK, LEAD_STAMP, OWNER, REQUEST, REQUEST_REFUSED
from connector.salesforce.graph import ON_LEAD, Attempt
from connector.salesforce.payloads import AUDIT_FIELDS, KEY_FIELD, LOOKUPS, REPORT_FIELDS
from connector.salesforce.undoing import GONE, WITHDRAWAL
from connector.work import CHANGED, Effect
from rules.actions import Answer, Unlink, Unstamp, Withdraw
from rules.model import AUDIT, Link, Stamp, Task

_OPTIONAL: Mapping[str, frozenset[str]] = MappingProxyType(
    {LEAD_LINK: frozenset({Link.key, Unlink.key})}
    | dict.fromkeys(LEAD_STAMP.values(), frozenset({Stamp.key, Unstamp.key}))
    | dict.fromkeys((REQUEST, REQUEST_REFUSED), frozenset({Answer.key}))
)
"""Field of the lead -> the actions that write it, without which the lead can still be given to its owner."""
_CHANGED = 412


def read_answer(attempt: Attempt, answer: Mapping[str, Any]) -> Attempt:
    """Return the attempt after Salesforce's answer to its graph. Raises Revoked when we were shut out."""
    rows = answer["graphResponse"]["compositeResponse"]
    if answer.get("isSuccessful"):
        return _done(attempt, rows)
    node, found = _failed(rows)
    if found and found[0].code == CHANGED_SINCE:
        return attempt.put_off(replace(attempt.effect("later", detail=CHANGED), applied=False))
    verdict = judge_row(found)
    if isinstance(verdict, Revoked):
        raise verdict
    if isinstance(verdict, Later):
        later = attempt.effect("later", detail=str(verdict), seconds=verdict.seconds)
        return attempt.put_off(replace(later, applied=verdict.applied))
    detail = words(found[0], sayings(attempt.work.decision.lead.fields)) if found else str(verdict)
    refused = attempt.effect("refused", detail=detail)
    if node == "audit":
        return _audit_refused(attempt, found, refused)
    if node == "task":
        return attempt.settle(frozenset({Task.key}), refused)
    if node.startswith(WITHDRAWAL):
        # Somebody has deleted the task since we looked: it need not be withdrawn.
        is_gone = bool(found) and found[0].code in GONE
        leave_out = attempt.leave_out | {node.removeprefix(WITHDRAWAL)}
        return replace(attempt, leave_out=leave_out) if is_gone else attempt.settle(frozenset({Withdraw.key}), refused)
    if node == "lead" and (optional := _optional(found)) & attempt.open:
        return attempt.settle(optional, refused)
    # A task for somebody who did not get the lead would mislead; it is made when the lead can be written. Who keeps a
    # lead keeps its task.
    after_lead = attempt.settle(ON_LEAD | {Task.key, Withdraw.key}, refused)
    return after_lead if node == "lead" else after_lead.settle(attempt.open, refused)


def is_stale(answer: Mapping[str, Any]) -> bool:
    """Whether a graph was refused because a field is not what we believed: describe again, then send it again."""
    _, found = _failed(answer["graphResponse"]["compositeResponse"])
    return bool(found) and isinstance(judge_row(found), StaleSchema)


def found_before(attempt: Attempt, ref: str, refused: Mapping[str, str]) -> Attempt:
    """Settle a decision whose audit row (id `ref`) was there before; `refused` is what that row says was refused."""
    for action, detail in refused.items():
        attempt = attempt.settle(frozenset({action}), attempt.effect("refused", detail=detail))
    attempt = attempt.settle(frozenset({AUDIT}), attempt.effect("already", ref=ref))
    return attempt.settle(attempt.open, attempt.effect("already"))


def _optional(found: Sequence[Fault]) -> frozenset[str]:
    """Return the actions that a refused lead can do without, when the errors are about nothing else."""
    names = [next((api for api in _OPTIONAL if name.endswith(api)), "") for fault in found for name in fault.fields]
    if not names or not all(names) or not all(fault.fields for fault in found):
        return frozenset()
    return frozenset().union(*(_OPTIONAL[name] for name in names))


def _done(attempt: Attempt, rows: Sequence[Mapping[str, Any]]) -> Attempt:
    """Settle everything open as done, with the ids of what was made."""
    made = {str(row["referenceId"]): _made_id(row) for row in rows}
    attempt = attempt.settle(frozenset({AUDIT}), attempt.effect("done", ref=made.get("audit", "")))
    attempt = attempt.settle(frozenset({Task.key}), attempt.effect("done", ref=made.get("task", "")))
    return attempt.settle(attempt.open, attempt.effect("done"))


def _made_id(row: Mapping[str, Any]) -> str:
    """Return the id in the answer of one node; an update answers without a body."""
    body = row.get("body")
    return str(body.get("id") or "") if isinstance(body, Mapping) else ""


def _failed(rows: Sequence[Mapping[str, Any]]) -> tuple[str, tuple[Fault, ...]]:
    """Return the node that made its graph fail, and its errors; the others were only rolled back."""
    for row in rows:
        found = tuple(fault for fault in faults(row.get("body")) if fault.code not in HALTED)
        if row.get("httpStatusCode") == _CHANGED:
            found = (Fault(CHANGED_SINCE),)
        if found:
            return str(row.get("referenceId")), found
    return "", ()


def _audit_refused(attempt: Attempt, found: Sequence[Fault], refused: Effect) -> Attempt:
    """Decide what to leave out of an audit row that was refused; with nothing left to leave out, all is refused."""
    code = found[0].code
    if code == DUPLICATE and AUDIT in attempt.work.pending:
        return replace(attempt, duplicate=_id_in(found[0].message))
    if code in CANNOT_OWN and OWNER not in attempt.leave_out:
        return replace(attempt, leave_out=attempt.leave_out | {OWNER})
    if named := _named(found) - attempt.leave_out:
        return replace(attempt, leave_out=attempt.leave_out | named)
    if code != MISSING and LOOKUPS - attempt.leave_out:
        return replace(attempt, leave_out=attempt.leave_out | LOOKUPS | {OWNER})
    return attempt.settle(attempt.open, refused)


def _named(found: Sequence[Fault]) -> frozenset[str]:
    """Return the fields of ours, without namespace, that errors of an audit row are about: a poorer row is still one.

    Not its key, which makes the decision happen once; and what is missing is not mended by leaving out more.
    """
    ours = {name for name in (*AUDIT_FIELDS.values(), *REPORT_FIELDS.values(), *LOOKUPS, OWNER) if name != KEY_FIELD}
    said = [name for fault in found if fault.code != MISSING for name in fault.fields]
    return frozenset(api for api in ours for name in said if name == api or name.endswith(f"__{api}"))


def _id_in(message: str) -> str:
    """Return the record id at the end of ``duplicates value on record with id: a01…``."""
    _, found, record_id = message.rpartition(": ")
    return record_id.strip(" .") if found and record_id.strip(" .").isalnum() else ""
