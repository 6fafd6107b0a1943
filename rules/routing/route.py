"""Who takes the lead: the first rule that holds, and whose target can take it; every rule asked leaves its trace."""

from __future__ import annotations

from datetime import datetime

from rules.clauses import compare
from rules.clauses.checking import Gate
from rules.model import Route, RuleTrace
from rules.parts import Rule
from rules.routing.case import Case, Scene
from rules.routing.last_resort import last_resort
from rules.routing.targets import Refusals, Taker, take
from rules.wording import phrases
from rules.wording.said import strung
from rules.wording.words import say

__all__ = ["Case", "Scene", "route"]


def route(case: Case, *, is_owned: bool = False) -> Route:
    """Ask the rules in order and return who takes the lead, with the path of rules up to there.

    A rule that waits for a value ends the path too: ``until`` says how long, and nobody is given the lead before. When
    nobody can take it, the last resort finds somebody, unless the lead `is_owned` by whom a person chose.
    """
    path: list[RuleTrace] = []
    refused: list[tuple[Rule, Refusals]] = []
    told: dict[str, str] = {}
    facts, openings = case.facts, case.scene.openings
    answers = openings.answers(facts, told)
    reached = 0
    for place in answers.open:
        path += answers.traces[reached:place]
        reached, gate = place + 1, openings.gates[place]
        until = _waits(gate.rule, case) if gate.rule.wait else None
        for check in gate.early if until else gate.checks:
            if not check.test(facts):
                path.append(check.traces.get(told.get(check.key, "")) or check.trace(facts, told))
                break
        else:
            found = _waiting(gate, until, path) if until else _taken(gate.rule, case, path, refused)
            if found:
                return found
    path += answers.traces[reached:]
    if refused and not is_owned and (found := last_resort(case, refused, path)):
        return found
    reason = say("reason.nobody" if refused else "reason.no rule")
    return Route("", "", None, reason, path=tuple(path))


def _waits(rule: Rule, case: Case) -> datetime | None:
    """Return until when the rule waits for a value; None when it has all it waits for, or has waited long enough."""
    if rule.wait is None or case.since is None:
        return None
    until = case.since + rule.wait.at_most
    is_missing = any(compare.is_empty(case.facts.get(name)) for name in rule.wait.fields)
    return until if is_missing and case.now < until else None


def _waiting(gate: Gate, until: datetime, path: list[RuleTrace]) -> Route:
    rule = gate.rule
    fields = ", ".join(rule.wait.fields) if rule.wait else ""
    reason = say("reason.waits", rule=rule.name, fields=fields, until=compare.shown(until))
    return Route(rule.name, "", None, reason, path=(*path, RuleTrace(rule.name, held=True)), until=until)


def _taken(rule: Rule, case: Case, path: list[RuleTrace], refused: list[tuple[Rule, Refusals]]) -> Route | None:
    """Return the route when one of the rule's targets can take the lead; else leave the trace that says why not."""
    taker, refusals = take((rule.assign, *rule.otherwise), case)
    path.append(RuleTrace(rule.name, held=True, failed="" if taker else strung("; ", [each.why for each in refusals])))
    if taker is None:
        refused.append((rule, refusals))
        return None
    return Route(
        rule=rule.name,
        target=str(taker.target),
        assignee=taker.user,
        reason=_reason(rule, taker, refusals, phrases.leads(rule.when, case.facts, first=len(path) == 1)),
        fallback=bool(refusals),
        path=tuple(path),
        turn=taker.turn,
        until=taker.until,
        refused=tuple((str(each.target), each.why) for each in refusals),
    )


def _reason(rule: Rule, taker: Taker, refusals: Refusals, leads: str) -> str:
    values = {"user": taker.user.name if taker.user else say("nobody"), **taker.values}
    how = taker.how
    if taker.row:
        taken = say(f"taken.{how}", **values)
        how, values = "territory", {"row": taker.row, "territory": taker.territory, "taken": taken}
    if not refusals:
        return say(f"reason.{how}", rule=rule.name, leads=leads, **values)
    first, then = refusals[0], say(f"instead.{how}", **values)
    return say("reason.instead", rule=rule.name, target=first.target, refusal=first.why, then=then)
