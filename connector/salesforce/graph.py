"""One decision as one all-or-none graph: audit row, lead, task. PURE.

The audit row goes first and its key is unique, so a graph that was done before is refused whole: exactly once.
A graph that is refused for another reason had no effect; what was refused is then left out and the rest is sent again,
with an audit row that tells so. Source: REST API guide "Composite Graph": 75 graphs of together 500 nodes a call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from connector.crm import Effect, Work
from connector.errors import Later, Revoked
from connector.salesforce.answers import CANNOT_OWN, DUPLICATE, HALTED, Fault, StaleSchema, faults, judge_row, words
from connector.salesforce.describe import ObjectShape
from connector.salesforce.fields import AUDIT_OBJECT, OWNER, packaged
from connector.salesforce.headers import HEADERS, ORIGIN_HEADERS
from connector.salesforce.payloads import (
    KEY_FIELD,
    LOOKUPS,
    audit_fields,
    lead_fields,
    task_fields,
    with_refusals,
)
from connector.salesforce.undoing import GONE, WITHDRAWAL, withdrawals
from rules.actions import Unassign, Unlink, Unstamp, Withdraw
from rules.model import AUDIT, Assign, Link, Stamp, Task

GRAPHS = 75
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
ON_LEAD = frozenset({Assign.key, Link.key, Stamp.key, Unassign.key, Unlink.key, Unstamp.key})
RECORD_ACTIONS = ON_LEAD | {Task.key, Withdraw.key, AUDIT}


@dataclass(frozen=True, slots=True)
class Org:
    """What the graphs need to know of the org: API version, namespace, the shapes of lead and audit row."""

    version: str
    namespace: str
    lead: ObjectShape
    audit: ObjectShape


@dataclass(frozen=True, slots=True)
class Attempt:
    """One decision on its way through the record step.

    `effects` are the actions settled so far, `leave_out` the audit fields that were refused, `duplicate` the id of
    the audit row that was there before ("" when it is not known; None when there was none).
    """

    work: Work
    effects: Mapping[str, Effect] = field(default_factory=dict)
    leave_out: frozenset[str] = frozenset()
    duplicate: str | None = None

    @property
    def open(self) -> frozenset[str]:
        """The pending actions of this step that are not settled yet."""
        return (self.work.pending & RECORD_ACTIONS) - self.effects.keys()

    @property
    def refused(self) -> dict[str, str]:
        """The actions that were refused, with Salesforce's words."""
        return {name: effect.detail for name, effect in self.effects.items() if effect.status == "refused"}

    def settle(self, actions: frozenset[str], effect: Effect) -> Attempt:
        """Return the attempt with those of `actions` that are open settled as `effect` says."""
        settled = {name: replace(effect, action=name) for name in actions & self.open}
        return replace(self, effects=dict(self.effects) | settled)

    def effect(self, status: Any, *, detail: str = "", ref: str = "", seconds: float = 0.0) -> Effect:
        """Return an effect of this decision, the action still to be named."""
        return Effect(self.work.decision.key, "", status, ref=ref, detail=detail, seconds=seconds)


def screen(attempt: Attempt, org: Org) -> Attempt:
    """Refuse at once what the connected user cannot write, so that the rest gets through."""
    for action, values in _lead_parts(attempt, org).items():
        missing = [name for name in values if not _writable(org.lead, name)]
        if action != Assign.key and len(missing) == len(values):
            detail = f"Missing or read-only for the connected user: {', '.join(sorted(missing))}"
            attempt = attempt.settle(frozenset({action}), attempt.effect("refused", detail=detail))
    return attempt


def graph(attempt: Attempt, org: Org, graph_id: str) -> dict[str, Any] | None:
    """Return the graph of what is open, or None when nothing is left to send."""
    if not attempt.open or attempt.duplicate is not None:
        return None
    root = f"/services/data/v{org.version}/sobjects"
    nodes = [_audit_node(attempt, org, root)]
    values: dict[str, Any] = {}
    for part in _lead_parts(attempt, org).values():
        values.update({name: value for name, value in part.items() if name == OWNER or _writable(org.lead, name)})
    lead_id = attempt.work.decision.lead.id
    if values:
        nodes.append(_node("lead", "PATCH", f"{root}/Lead/{lead_id}", values, HEADERS))
    for action in attempt.work.decision.actions:
        if isinstance(action, Task) and Task.key in attempt.open:
            body = task_fields(action, lead_id, attempt.work.decision.route.assignee)
            nodes.append(_node("task", "POST", f"{root}/Task", body))
    if Withdraw.key in attempt.open:
        nodes += withdrawals(attempt.work.decision.actions, root, attempt.leave_out)
    return {"graphId": graph_id, "compositeRequest": nodes}


def read_answer(attempt: Attempt, answer: Mapping[str, Any]) -> Attempt:
    """Return the attempt after Salesforce's answer to its graph. Raises Revoked when we were shut out."""
    rows = answer["graphResponse"]["compositeResponse"]
    if answer.get("isSuccessful"):
        return _done(attempt, rows)
    node, found = _failed(rows)
    verdict = judge_row(found)
    if isinstance(verdict, Revoked):
        raise verdict
    if isinstance(verdict, Later):
        later = attempt.effect("later", detail=str(verdict), seconds=verdict.seconds)
        return attempt.settle(attempt.open, replace(later, applied=verdict.applied))
    detail = words(found[0]) if found else str(verdict)
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


def _lead_parts(attempt: Attempt, org: Org) -> dict[str, dict[str, Any]]:
    """Return what the open actions write on the lead, per action."""
    parts = lead_fields(attempt.work.decision.actions, namespace=org.namespace, lengths=org.lead.lengths)
    return {action: values for action, values in parts.items() if action in attempt.open}


def _writable(shape: ObjectShape, name: str) -> bool:
    """Whether the connected user may write a field."""
    known = shape.fields.get(name)
    return known is not None and known.updateable


def _audit_node(attempt: Attempt, org: Org, root: str) -> dict[str, Any]:
    """Return the audit row as a node: an insert, or an update of the row when it was recorded before.

    It is recorded before when a person retries what was refused: the row must then tell how it ended.
    """
    assigns = any(isinstance(action, Assign) for action in attempt.work.decision.actions)
    entry = with_refusals(attempt.work.entry, attempt.refused, assigns=assigns)
    body = audit_fields(entry, namespace=org.namespace, lengths=org.audit.lengths, leave_out=attempt.leave_out)
    key_field = packaged(KEY_FIELD, org.namespace)
    # A hidden field makes the row poorer; it must not keep the lead from its owner.
    body = {name: value for name, value in body.items() if name == key_field or _writable(org.audit, name)}
    url = f"{root}/{packaged(AUDIT_OBJECT, org.namespace)}"
    if AUDIT in attempt.work.pending:
        return _node("audit", "POST", url, body, ORIGIN_HEADERS)
    key = quote(str(body.pop(key_field)), safe="")
    return _node("audit", "PATCH", f"{url}/{key_field}/{key}", body, ORIGIN_HEADERS)


def _node(
    reference: str, method: str, url: str, body: Mapping[str, Any], headers: Mapping[str, str] = NO_HEADERS
) -> dict[str, Any]:
    """Return one request of a graph.

    A node does not inherit the call's headers, and one with headers is processed on its own, which is slower: so only
    where they matter. [U] Whether the origin of a change is its own node's or the first node's: both name us.
    Source: REST API guide "Composite Graph: Composite Subrequest".
    """
    node = {"referenceId": reference, "method": method, "url": url, "body": dict(body)}
    return node | {"httpHeaders": dict(headers)} if headers else node


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
    if LOOKUPS - attempt.leave_out:
        return replace(attempt, leave_out=attempt.leave_out | LOOKUPS | {OWNER})
    return attempt.settle(attempt.open, refused)


def _id_in(message: str) -> str:
    """Return the record id at the end of ``duplicates value on record with id: a01…``."""
    _, found, record_id = message.rpartition(": ")
    return record_id.strip(" .") if found and record_id.strip(" .").isalnum() else ""
