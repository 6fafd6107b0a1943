"""The audit row of a decision: flat values for reports, the story for people, the detail (JSON) for machines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rules import explain, labels, response
from rules.detail import beside, fitted, plain
from rules.model import (
    Action,
    ActionResult,
    AuditEntry,
    Candidate,
    Decision,
    Evidence,
    Turn,
    User,
)
from rules.wording import catalogue
from rules.wording.words import say

VERSION = 2
"""Version of the detail's layout; it stands in the detail as ``v``. 2: a turn has counters for each member."""

_TITLE_LENGTH = 80


def entry(
    decision: Decision, results: Sequence[ActionResult] = (), *, users: Mapping[str, User] | None = None
) -> AuditEntry:
    """Return the audit row of a decision with what has become of its actions so far."""
    route, match, lead = decision.route, decision.match, decision.lead
    latency = decision.decided_at - decision.received_at
    due = response.due_at(decision)
    return AuditEntry(
        key=decision.key,
        title=_title_in_its_language(decision),
        lead_id=lead.id,
        account_id=match.account.account_id if match.account else None,
        assignee_id=route.assignee.id if route.assignee else None,
        previous_owner_id=lead.owner_id,
        outcome=decision.outcome,
        mode=decision.mode,
        rule=route.rule,
        reason=route.reason,
        # What a person said is no match that was looked for: reports on these must not count it.
        match_status=None if labels.is_label(decision.key) else match.status,
        confidence=match.confidence,
        duplicate_status=decision.duplicate.status,
        duplicate_of=decision.duplicate.of_id,
        story=explain.story(decision, users, results),
        detail=detail(decision, results),
        received_at=decision.received_at,
        decided_at=decision.decided_at,
        latency_ms=max(0, round(latency.total_seconds() * 1000)),
        ruleset_version=decision.ruleset_version,
        trace_id=decision.trace_id,
        results=tuple(results),
        lead_source=lead.text("source"),
        pool=response.pool(decision),
        entitled_share=response.entitled_share(decision),
        why_unmatched=match.reason if match.status == "none" else "",
        response_due_at=due,
        response_status="waiting" if due else "none",
    )


def _title_in_its_language(decision: Decision) -> str:
    with catalogue.speaking(decision.language):
        return _title(decision)


def _title(decision: Decision) -> str:
    user = decision.route.assignee.name if decision.route.assignee else say("nobody")
    name = explain.lead_name(explain.lead_facts(decision.lead))
    if labels.is_label(decision.key):
        title = say("audit.title.label", record=name)
    else:
        title = say("audit.title", lead=name, user=user)
    return title if len(title) <= _TITLE_LENGTH else title[: _TITLE_LENGTH - 1] + "…"


def detail(decision: Decision, results: Iterable[ActionResult] = ()) -> str:
    """Return all a decision was made from and led to as compact JSON: enough to decide it again."""
    route, match, duplicate = decision.route, decision.match, decision.duplicate
    told = {
        "v": VERSION,
        "key": decision.key,
        "inputs": {name: plain(value) for name, value in sorted(decision.lead.fields.items())},
        "owner": decision.lead.owner_id,
        "duplicate": {"status": duplicate.status, "kind": duplicate.of_kind, "id": duplicate.of_id,
                      "owner": duplicate.owner_id, "evidence": _evidence(duplicate.evidence),
                      "confidence": duplicate.confidence,
                      **({"log_odds": duplicate.log_odds} if duplicate.log_odds is not None else {})},
        "match": {"status": match.status, "account": _candidate(match.account),
                  "others": [_candidate(other) for other in match.runners_up], "reason": match.reason,
                  "tie": match.tie, "filtered": [[each.account_id, each.name, each.why] for each in match.filtered],
                  "needed": match.needed},
        "rules": [[trace.rule, trace.held, trace.failed, trace.found] for trace in route.path],
        "route": {"rule": route.rule, "target": route.target, "fallback": route.fallback,
                  "assignee": route.assignee.id if route.assignee else None,
                  "refused": [list(each) for each in route.refused],
                  "until": route.until.isoformat() if route.until else None},
        "turn": _turn(route.turn),
        "timers": [[timer.kind, timer.due_at.isoformat(), timer.to, timer.step] for timer in decision.timers],
        "actions": [_action(action) for action in decision.actions],
        **({"merging": list(decision.merging)} if decision.merging else {}),
        **({"untold": list(decision.untold)} if decision.untold else {}),
        **({"label": labels.told(decision.label)} if decision.label else {}),
        "results": [[result.action, result.status, result.ref, result.detail] for result in results],
        "ruleset": decision.ruleset_version,
        **beside(decision),
    }  # fmt: skip
    return fitted(told)


def _evidence(evidence: Iterable[Evidence]) -> list[list[str | float]]:
    return [[clue.kind, clue.weight] for clue in evidence]


def _candidate(candidate: Candidate | None) -> dict[str, object] | None:
    if candidate is None:
        return None
    return {
        "id": candidate.account_id,
        "name": candidate.name,
        "owner": candidate.owner_id,
        "p": candidate.confidence,
        "evidence": _evidence(candidate.evidence),
    }


def _turn(turn: Turn | None) -> dict[str, object] | None:
    if turn is None:
        return None
    return {
        "pool": turn.pool,
        "member": turn.member_id,
        "how": turn.how,
        "before": {member_id: dict(counters) for member_id, counters in turn.before.items()},
        "after": {member_id: dict(counters) for member_id, counters in turn.after.items()},
    }


def _action(action: Action) -> dict[str, object]:
    return {"do": action.key, **{name: _part(value) for name, value in asdict(action).items()}}


def _part(value: Any) -> Any:
    """Return a part of an action as JSON knows it; a merge has records and values in it."""
    if isinstance(value, Mapping):
        return {name: _part(each) for name, each in value.items()}
    return [_part(each) for each in value] if isinstance(value, list | tuple) else plain(value)
