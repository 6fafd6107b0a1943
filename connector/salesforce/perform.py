"""The two steps in which a decision is performed: the record (audit, lead, task) and the bell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from connector.crm import Memo
from connector.errors import Later, Next, Refused, Revoked
from connector.salesforce import graph, results, soql
from connector.salesforce.answers import faults, judge_row, sayings, words
from connector.salesforce.describe import Shapes
from connector.salesforce.fields import AUDIT_OBJECT, OWNER, packaged
from connector.salesforce.graph import Attempt, Org
from connector.salesforce.payloads import KEY_FIELD, SUBJECT_LENGTH, cut, notification, refusals
from connector.salesforce.session import Session
from connector.work import Effect, Work
from rules.model import AUDIT, Notify, Task

NOTIFICATIONS = 200
INSTALL_HINT = "Install the Switchyard package and give the connected user the permission set Switchyard Integration"

_DAY = 86_400.0
_CLOCK_SKEW = timedelta(minutes=5)
_STRANGERS = "salesforce.cannot_own_audits"


class Performer:
    """Performs decisions in one org."""

    def __init__(self, session: Session, shapes: Shapes, memo: Memo, *, version: str, namespace: str) -> None:
        self._session = session
        self._shapes = shapes
        self._memo = memo
        self._version = version
        self._namespace = namespace

    def record(self, work: Sequence[Work]) -> list[Effect]:
        """Write audit rows, leads and tasks: one graph a decision, one call for all (more only for refused ones)."""
        org = self._org()
        strangers = set(self._memo.get(_STRANGERS) or ())
        attempts = [
            Attempt(one, leave_out=frozenset({OWNER}) if one.entry.assignee_id in strangers else frozenset())
            for one in work
        ]
        attempts = self._find_tasks(attempts)
        calls = self._session.calls
        try:
            attempts = self._settle_duplicates(self._until_settled(attempts, org))
        except Later as error:
            # After the first call some decisions are performed, whatever the last call says of itself.
            error.applied = error.applied or self._session.calls > calls + 1
            raise
        self._remember_strangers(attempts, strangers)
        return [effect for attempt in attempts for effect in attempt.effects.values()]

    def notify(self, work: Sequence[Work]) -> list[Effect]:
        """Ring the assignees in one call. Best effort: a bell that may have rung is never rung again."""
        effects: list[Effect] = []
        rings: list[tuple[Work, Notify]] = []
        for one in work:
            action = next((action for action in one.decision.actions if isinstance(action, Notify)), None)
            if action is None or Notify.key not in one.pending:
                continue
            if Notify.key in one.uncertain:
                effects.append(_rung(one, "unknown"))
            else:
                rings.append((one, action))
        return effects + (self._ring(rings) if rings else [])

    def _until_settled(self, attempts: list[Attempt], org: Org) -> list[Attempt]:
        """Send the graphs, and again without what was refused, until nothing is open; every round leaves out more."""
        described_again = False
        while True:
            attempts = [graph.screen(attempt, org) for attempt in attempts]
            answers = self._send(attempts, org)
            if not answers:
                return attempts
            stale = {place for place, answer in answers.items() if not described_again and results.is_stale(answer)}
            for place in answers.keys() - stale:
                attempts[place] = results.read_answer(attempts[place], answers[place])
            if stale:
                org, described_again = self._org(again=True), True

    def notification_type(self) -> str | None:
        """Return the id of our notification type in this org, or None when it is not installed."""
        known = self._memo.get("salesforce.notification_type")
        if known is None:
            try:
                rows = self._session.query(soql.notification_type(self._namespace), tooling=True)
            except Later as error:
                error.applied = False  # a question: no bell has rung yet
                raise
            known = str(rows[0]["Id"]) if rows else ""
            if known:
                self._memo.put("salesforce.notification_type", known, seconds=_DAY)
        return known or None

    def _org(self, *, again: bool = False) -> Org:
        """Return the shapes that the graphs need. Raises Refused when the package is not installed."""
        audit_object = packaged(AUDIT_OBJECT, self._namespace)
        if again:
            for sobject in ("Lead", "Task", audit_object):
                self._shapes.forget(sobject)
        lead, audit = self._shapes.get("Lead"), self._shapes.get(audit_object)
        if lead is None or audit is None:
            raise Refused(f"{'Lead' if lead is None else audit_object} is not there. {INSTALL_HINT}")
        return Org(self._version, self._namespace, lead, audit, self._shapes.get("Task"))

    def _send(self, attempts: Sequence[Attempt], org: Org) -> dict[int, dict[str, Any]]:
        """Send what is open and return the answers by place in `attempts`; nothing when nothing was open."""
        graphs = [graph.graph(attempt, org, f"g{place}") for place, attempt in enumerate(attempts)]
        answers: dict[int, dict[str, Any]] = {}
        for part in graph.calls([one for one in graphs if one is not None]):
            answer = self._session.call("POST", "composite/graph", json={"graphs": part})
            answers.update({int(str(one["graphId"])[1:]): one for one in answer["graphs"]})
        return answers

    def _find_tasks(self, attempts: list[Attempt]) -> list[Attempt]:
        """Look for tasks that an interrupted retry may have made: there the audit row is no guard any more."""
        unsure = [
            attempt
            for attempt in attempts
            if Task.key in attempt.work.uncertain & attempt.work.pending and AUDIT not in attempt.work.pending
        ]
        if not unsure:
            return attempts
        since = min(attempt.work.decision.decided_at for attempt in unsure) - _CLOCK_SKEW
        rows = self._session.query(soql.tasks_since([one.work.decision.lead.id for one in unsure], since))
        made = {(row["WhoId"], row["OwnerId"], row["Subject"]): str(row["Id"]) for row in rows}
        return [_with_task(attempt, made) if attempt in unsure else attempt for attempt in attempts]

    def _settle_duplicates(self, attempts: list[Attempt]) -> list[Attempt]:
        """Read what was recorded of the decisions that had been performed before, and settle them so."""
        keys = [attempt.work.decision.key for attempt in attempts if attempt.duplicate is not None]
        if not keys:
            return attempts
        key_field, detail = packaged(KEY_FIELD, self._namespace), packaged("Detail__c", self._namespace)
        rows = {row[key_field]: row for row in self._session.query(soql.audits_by_key(keys, self._namespace))}
        settled = []
        for attempt in attempts:
            if attempt.duplicate is None:
                settled.append(attempt)
                continue
            row = rows.get(attempt.work.decision.key) or {}
            ref = str(row.get("Id") or attempt.duplicate)
            settled.append(results.found_before(attempt, ref, refusals(row.get(detail))))
        return settled

    def _remember_strangers(self, attempts: Sequence[Attempt], known: set[str]) -> None:
        """Remember who cannot own audit rows (no access to the object), so that the next batch is right at once."""
        found = {one.work.entry.assignee_id for one in attempts if one.leave_out == {OWNER}} - {None} - known
        if found:
            self._memo.put(_STRANGERS, sorted(known | {str(one) for one in found}), seconds=_DAY)

    def _ring(self, rings: Sequence[tuple[Work, Notify]]) -> list[Effect]:
        """Make the one call that rings all. An outage is raised; a refusal is an effect, since nothing hangs on it."""
        try:
            type_id = self.notification_type()
            if type_id is None:
                detail = f"The notification type {soql.NOTIFICATION_TYPE} is not there. {INSTALL_HINT}"
                return [_rung(one, "refused", detail) for one, _ in rings]
            inputs = [notification(action, one.decision.lead.id, type_id) for one, action in rings]
            rows = self._session.call("POST", "actions/standard/customNotificationAction", json={"inputs": inputs})
        except (Later, Revoked):
            raise
        except Next as error:
            # The type may have been removed and installed again, with another id.
            self._memo.forget("salesforce.notification_type")
            return [_rung(one, "refused", str(error)) for one, _ in rings]
        return [_rung_as(one, row) for (one, _), row in zip(rings, rows, strict=True)]


def _with_task(attempt: Attempt, made: dict[tuple[Any, Any, Any], str]) -> Attempt:
    """Settle the task of an attempt when it is among those made."""
    task = next(action for action in attempt.work.decision.actions if isinstance(action, Task))
    ref = made.get((attempt.work.decision.lead.id, task.owner_id, cut(task.subject, SUBJECT_LENGTH)))
    return attempt.settle(frozenset({Task.key}), attempt.effect("already", ref=ref)) if ref else attempt


def _rung(work: Work, status: Any, detail: str = "") -> Effect:
    """Return what became of one notification."""
    return Effect(work.decision.key, Notify.key, status, detail=detail)


def _rung_as(work: Work, row: dict[str, Any]) -> Effect:
    """Read one row of the notification action's answer; a row that says nothing may have rung."""
    if row.get("isSuccess"):
        return _rung(work, "done")
    found = faults(row.get("errors"))
    verdict = judge_row(found)
    if isinstance(verdict, Later):
        return replace(_rung(work, "later", str(verdict)), seconds=verdict.seconds, applied=verdict.applied)
    told = sayings(work.decision.lead.fields)
    return _rung(work, "refused", words(found[0], told) if found else str(verdict))
