"""The same words everywhere: audit, task, card, console and command line. Sentences stand in rules.wording.words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from rules.actions import Merge, Unmerge, Withdraw
from rules.clauses import compare
from rules.model import (
    Action,
    ActionResult,
    Candidate,
    Decision,
    Evidence,
    Match,
    Mode,
    Record,
    Route,
    RuleTrace,
    Task,
    Timer,
    User,
    Value,
    Verdict,
)
from rules.parts import TaskPlan
from rules.routing.rotation import UNIT
from rules.wording import catalogue, templates
from rules.wording.words import percent, say

_ENDED = frozenset({"done", "already"})
SUBJECT_LENGTH = 255
"""The longest task subject both CRMs take."""


def reason(decision: Decision) -> str:
    """Return the one sentence that says who gets the lead and why."""
    return decision.route.reason


def lead_name(facts: Mapping[str, Value]) -> str:
    """Return how a lead is called: name and company, or what there is of them."""
    who, company = _who(facts), _first(facts, "lead.company")
    if who and company:
        return say("lead.of", name=who, company=company)
    return who or company or say("lead.unnamed")


def _who(facts: Mapping[str, Value]) -> str:
    parts = filter(None, (_first(facts, "lead.first_name"), _first(facts, "lead.last_name")))
    return _first(facts, "lead.name") or " ".join(parts) or _first(facts, "lead.email", "lead.phone", "lead.mobile")


def _filled(template: str, facts: Mapping[str, Value]) -> str:
    """Fill a rule's own text; where it names a lead without a name, it says what the lead is called by."""
    return templates.fill(template, {**facts, "lead.name": _who(facts)})


def _first(facts: Mapping[str, Value], *names: str) -> str:
    return next((compare.shown(facts[name]) for name in names if not compare.is_empty(facts.get(name))), "")


def task_subject(plan: TaskPlan, facts: Mapping[str, Value]) -> str:
    """Return the subject of a task: the rule's own, else the lead's name."""
    own = _filled(plan.subject, facts) if plan.subject else ""
    subject = own or say("task.subject", lead=lead_name(facts))
    return subject if len(subject) <= SUBJECT_LENGTH else subject[: SUBJECT_LENGTH - 1] + "…"


def task_body(
    plan: TaskPlan, route: Route, match: Match, duplicate: Verdict, facts: Mapping[str, Value], *, mode: Mode
) -> str:
    """Return the text of a task: the rule's own, then why, how to reach the lead, its account and its duplicate."""
    lines = [_filled(plan.body, facts), route.reason, say("task.suggest") if mode == "suggest" else ""]
    contact = ", ".join(filter(None, (_first(facts, "lead.phone", "lead.mobile"), _first(facts, "lead.email"))))
    if contact:
        lines.append(say("task.contact", contact=contact))
    if match.account and match.status == "matched":
        lines.append(say("task.account", name=match.account.name, percent=percent(match.confidence)))
    if duplicate.status != "different":
        lines.append(say("task.duplicate", kind=say(f"kind.{duplicate.of_kind or 'record'}"), id=duplicate.of_id))
    return "\n".join(filter(None, lines))


def notification(route: Route, facts: Mapping[str, Value], *, mode: Mode) -> tuple[str, str]:
    """Return title and body of a notification."""
    title = "notice.title.suggest" if mode == "suggest" else "notice.title"
    return say(title, lead=lead_name(facts)), route.reason


def lead_facts(lead: Record) -> dict[str, Value]:
    """Return a lead's fields as facts, for naming it."""
    return {f"lead.{name}": value for name, value in lead.fields.items()}


def story(decision: Decision, users: Mapping[str, User] | None = None, results: Iterable[ActionResult] = ()) -> str:
    """Return the whole decision as plain text: event, lead, duplicate, account, rules, result, actions.

    It is told in the language in which the decision was made: that of whoever got the lead.
    """
    with catalogue.speaking(decision.language):
        return _story(decision, users or {}, results)


def _story(decision: Decision, known: Mapping[str, User], results: Iterable[ActionResult]) -> str:
    head = [*_event(decision), _about(decision.lead)]
    if decision.outcome in {"ignored", "refused"}:
        return "\n".join([*filter(None, head), *_result(decision, known)])
    told = {result.action: result for result in results}
    if decision.outcome in {"undone", "merged"}:
        lines = [*head, *_merging(decision), *_result(decision, known), _actions(decision, known, told), *_left(told)]
        return "\n".join(filter(None, lines))
    sections = (
        head,
        _duplicate(decision.duplicate, known),
        decision.merging,
        _account(decision.match, known),
        _rules(decision.route),
        _result(decision, known),
        _timers(decision, known),
        [_actions(decision, known, told)],
        decision.untold,
    )
    return "\n".join(line for section in sections for line in section if line)


def _about(record: Record) -> str:
    name = lead_name(lead_facts(record))
    return say("story.company", name=name) if record.kind == "account" else say("story.lead", lead=name)


def _event(decision: Decision) -> list[str]:
    moment = {"received": _moment(decision.received_at), "decided": _moment(decision.decided_at)}
    latency = _span(decision.decided_at - decision.received_at)
    version = decision.ruleset_version or "-"
    return [say("story.event", latency=latency, version=version, **moment), say(f"story.mode.{decision.mode}")]


def _moment(value: Value) -> str:
    return compare.shown(value)


def _span(span: timedelta) -> str:
    seconds = max(0.0, span.total_seconds())
    if seconds < 120:  # noqa: PLR2004 - two minutes
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"  # noqa: PLR2004 - two hours


def _duplicate(verdict: Verdict, users: Mapping[str, User]) -> list[str]:
    owner = _owner(verdict.owner_id, users)
    told = say(
        f"story.duplicate.{verdict.status}",
        kind=say(f"kind.{verdict.of_kind or 'record'}"),
        id=verdict.of_id,
        owner=owner,
    )
    return [told, *_evidence(verdict.evidence)]


def _merging(decision: Decision) -> list[str]:
    """Return why these are one person, and what becomes of them."""
    return [*_evidence(decision.duplicate.evidence), *decision.merging] if decision.merging else []


def _left(results: Mapping[str, ActionResult]) -> list[str]:
    """Return what a merge, or its undo, could not do although it is done."""
    ended = (results[key] for key in (Merge.key, Unmerge.key) if key in results)
    return [say("merge.left", parts=each.detail) for each in ended if each.status in _ENDED and each.detail]


def _account(match: Match, users: Mapping[str, User]) -> list[str]:
    if match.account is None:
        lines = [say("story.account.none", reason=match.reason)]
    else:
        owner = _owner(match.account.owner_id, users)
        values = {
            "name": match.account.name,
            "percent": percent(match.confidence),
            "owner": owner,
            "reason": match.reason,
        }
        lines = [say(f"story.account.{match.status}", **values), *_evidence(_beside(match))]
    lines += [say("story.tie", text=match.tie)] if match.tie else []
    lines += [line for candidate in match.runners_up for line in _runner_up(candidate)]
    lines += [say("story.filtered", name=each.name, why=each.why) for each in match.filtered]
    return lines + ([say("story.needed", text=match.needed)] if match.needed else [])


def _beside(match: Match) -> Iterable[Evidence]:
    """Return the evidence for the account; what weighs nothing and is the reason has been told with it."""
    told = match.account.evidence if match.account else ()
    return (clue for clue in told if clue.weight or clue.text != match.reason)


def _runner_up(candidate: Candidate) -> list[str]:
    told = say("story.runner up", name=candidate.name, percent=percent(candidate.confidence))
    return [told, *(f"  {line}" for line in _evidence(candidate.evidence))]


def _evidence(evidence: Iterable[Evidence]) -> list[str]:
    return [_clue(clue) for clue in evidence]


def _clue(clue: Evidence) -> str:
    """Return one clue with its weight; what weighs nothing is only remarked."""
    weight = f"{clue.weight:+.1f}"
    if not float(weight):
        return say("story.remark", text=clue.text)
    return say("story.evidence", weight=weight, text=clue.text)


def _owner(owner_id: str | None, users: Mapping[str, User]) -> str:
    if not owner_id:
        return say("nobody")
    return users[owner_id].name if owner_id in users else owner_id


def _rules(route: Route) -> list[str]:
    if not route.path:
        return [say("story.rules.none")]
    refused = [say("story.refused", target=target, why=why) for target, why in route.refused]
    passed = [say("story.passed", user=user, why=why) for user, why in (route.turn.passed if route.turn else ())]
    return [say("story.rules"), *map(tried, route.path), *refused, *passed]


def tried(trace: RuleTrace) -> str:
    """Return what came of trying one rule."""
    if not trace.held:
        return say("story.rule.failed", rule=trace.rule, failed=trace.failed, found=trace.found)
    if trace.failed:
        return say("story.rule.refused", rule=trace.rule, failed=trace.failed)
    return say("story.rule.held", rule=trace.rule)


def _result(decision: Decision, users: Mapping[str, User]) -> list[str]:
    route = decision.route
    named = {
        "user": route.assignee.name if route.assignee else _owner(decision.lead.owner_id, users),
        "reason": route.reason,
    }
    nobody = decision.outcome == "observed" and (route.assignee is None or route.target == "keep")
    sentence = f"story.outcome.{decision.outcome}" + (".nobody" if nobody else "")
    if decision.outcome in {"ignored", "refused"}:
        lines = [say("story.outcome.other", outcome=decision.outcome, reason=route.reason)]
    else:
        lines = [say(sentence, **named)]
    return lines + ([_turn(route, users)] if route.turn else [])


def _turn(route: Route, users: Mapping[str, User]) -> str:
    """Return whose turn it was, and what they have got of the pool by now beside what was due to them."""
    turn = route.turn
    if turn is None:
        return ""
    user = route.assignee.name if route.assignee else _owner(turn.member_id, users)
    told = turn.after.get(turn.member_id, {})
    if "entitled" not in told:
        return say("story.got", user=user, pool=turn.pool)
    entitled = f"{told['entitled'] / UNIT:.1f}"
    return say("story.got.share", user=user, pool=turn.pool, got=told.get("got", 0), entitled=entitled)


def _timers(decision: Decision, users: Mapping[str, User]) -> list[str]:
    """Return what happens when nobody acts, one line for each timer, the next first."""
    ordered = sorted(decision.timers, key=lambda timer: timer.due_at)
    return [_timer(timer, decision.route.assignee, users) for timer in ordered]


def _timer(timer: Timer, assignee: User | None, users: Mapping[str, User]) -> str:
    user = assignee.name if assignee else say("nobody")
    told = {"user": user, "to": _told_to(timer.to, assignee, users), "due": _moment(timer.due_at)}
    return say(f"story.timer.{timer.kind}", **told)


def _told_to(to: str, assignee: User | None, users: Mapping[str, User]) -> str:
    """Return the name of whoever would be told: the manager is the one of now, and looked up again at that time."""
    if to == "manager":
        manager = users.get(assignee.manager_id or "") if assignee else None
        return manager.name if manager else say("manager", user=assignee.name if assignee else say("nobody"))
    return next((user.name for user in users.values() if user.email.casefold() == to.casefold()), to) if to else ""


def _actions(decision: Decision, users: Mapping[str, User], results: Mapping[str, ActionResult]) -> str:
    told = [_action(action, results.get(action.key), _loser(decision, users)) for action in decision.actions]
    return say("story.actions", actions=", ".join(told)) if told else say("story.actions.none")


def _loser(decision: Decision, users: Mapping[str, User]) -> str:
    """Return who loses the lead by a decision, and their tasks with it; an undo deletes those of whoever had it."""
    return "" if decision.outcome == "undone" else _owner(decision.lead.owner_id, users)


def _action(action: Action, result: ActionResult | None, loser: str) -> str:
    values = {"subject": action.subject, "due": _moment(action.due_at)} if isinstance(action, Task) else {}
    ending = say(f"result.{result.status}", detail=result.detail) if result else ""
    if isinstance(action, Withdraw) and loser:
        return say("action.withdraw.from", user=loser, count=len(action.tasks)) + ending
    return say(f"action.{action.key}", **values) + ending
