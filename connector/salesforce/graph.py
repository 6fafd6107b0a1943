"""One decision as one all-or-none graph: audit row, lead, task. PURE.

The audit row goes first and its key is unique, so a graph that was done before is refused whole: exactly once.
A graph that is refused for another reason had no effect; what was refused is then left out and the rest is sent again,
with an audit row that tells so (connector/salesforce/results.py). No node refers to another, so depth is no matter.
Source: REST API guide "Composite Graph": 75 graphs of together 500 nodes a call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from connector.salesforce.describe import ObjectShape
from connector.salesforce.fields import AUDIT_OBJECT, OWNER, packaged
from connector.salesforce.headers import HEADERS, ORIGIN_HEADERS
from connector.salesforce.payloads import (
    KEY_FIELD,
    audit_fields,
    lead_fields,
    task_fields,
    with_refusals,
)
from connector.salesforce.undoing import withdrawals
from connector.work import Effect, Work
from rules.actions import Answer, Unassign, Unlink, Unstamp, Withdraw
from rules.model import AUDIT, Assign, Link, Stamp, Task

GRAPHS = 75
NODES = 500
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
ON_LEAD = frozenset({Assign.key, Link.key, Stamp.key, Unassign.key, Unlink.key, Unstamp.key, Answer.key})
RECORD_ACTIONS = ON_LEAD | {Task.key, Withdraw.key, AUDIT}


@dataclass(frozen=True, slots=True)
class Org:
    """What the graphs need to know of the org: API version, namespace, the shapes of lead, audit row and task.

    `task` is None when the connected user has no tasks.
    """

    version: str
    namespace: str
    lead: ObjectShape
    audit: ObjectShape
    task: ObjectShape | None


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

    def put_off(self, effect: Effect) -> Attempt:
        """Return the attempt with all that is open put off, and what was refused too: it was not written, nor told."""
        kept = {name: each for name, each in self.effects.items() if each.status != "refused"}
        unsettled = replace(self, effects=kept)
        return unsettled.settle(unsettled.open, effect)

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
    if not _can_make_tasks(org.task):
        detail = "The connected user may not create tasks on leads"
        attempt = attempt.settle(frozenset({Task.key}), attempt.effect("refused", detail=detail))
    return attempt


def calls(graphs: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Yield as many of the graphs as one call may hold, in their order."""
    part: list[Mapping[str, Any]] = []
    for one in graphs:
        nodes = sum(len(each["compositeRequest"]) for each in (*part, one))
        if part and (len(part) == GRAPHS or nodes > NODES):
            yield part
            part = []
        part.append(one)
    if part:
        yield part


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
        nodes.append(_node("lead", "PATCH", f"{root}/Lead/{lead_id}", values, {**HEADERS, **_guard(attempt)}))
    for action in attempt.work.decision.actions:
        if isinstance(action, Task) and Task.key in attempt.open:
            body = task_fields(action, lead_id, attempt.work.decision.route.assignee)
            if org.task is not None:
                # Status and Priority are not ours to name: orgs rename them, and have their defaults.
                body = {name: value for name, value in body.items() if _createable(org.task, name)}
            nodes.append(_node("task", "POST", f"{root}/Task", body))
    if Withdraw.key in attempt.open:
        nodes += withdrawals(attempt.work.decision.actions, root, attempt.leave_out)
    return {"graphId": graph_id, "compositeRequest": nodes}


def _lead_parts(attempt: Attempt, org: Org) -> dict[str, dict[str, Any]]:
    """Return what the open actions write on the lead, per action."""
    parts = lead_fields(attempt.work.decision.actions, namespace=org.namespace, lengths=org.lead.lengths)
    return {action: values for action, values in parts.items() if action in attempt.open}


def _writable(shape: ObjectShape, name: str) -> bool:
    """Whether the connected user may write a field."""
    known = shape.fields.get(name)
    return known is not None and known.updateable


def _can_make_tasks(shape: ObjectShape | None) -> bool:
    """Whether the connected user may make a task on a lead for somebody."""
    return shape is not None and shape.createable and all(_createable(shape, name) for name in ("WhoId", OWNER))


def _createable(shape: ObjectShape, name: str) -> bool:
    """Whether the connected user may fill a field of a new record."""
    known = shape.fields.get(name)
    return known is not None and known.createable


def _guard(attempt: Attempt) -> Mapping[str, str]:
    """Return the header that refuses a new owner for a lead that was changed since it was read.

    It knows whole seconds only; what slips through is found by the change event. [U] That a node of a graph heeds it
    as a call does. Source: REST API guide "Conditional Request Headers".
    """
    since = attempt.work.unchanged_since
    if since is None or Assign.key not in attempt.open:
        return NO_HEADERS
    return {"If-Unmodified-Since": format_datetime(since.astimezone(UTC), usegmt=True)}


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
    # "@{audit.id}" in a value would refer to another node: what people fill in must not speak to the graph.
    plain = {name: value.replace("@{", "@ {") if isinstance(value, str) else value for name, value in body.items()}
    node = {"referenceId": reference, "method": method, "url": url, "body": plain}
    return node | {"httpHeaders": dict(headers)} if headers else node
