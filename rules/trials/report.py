"""What became of tests, as lines for a terminal or the console."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rules.explain import tried
from rules.model import Route, RuleTrace
from rules.trials.parts import Miss, Report, Result
from rules.wording.words import say

MOST_RULES = 30
"""How many rules of a path are told: of the rest those are left out that stand between the first and the last."""
_FIRST = 10


def summary(report: Report) -> str:
    """Return how many tests passed or failed, as a sentence."""
    count, red = len(report.results), len(report.red)
    if not count:
        return say("trial.no tests")
    if red:
        return say("trial.some red", red=red, count=count)
    return say("trial.one green") if count == 1 else say("trial.all green", count=count)


def lines(result: Result) -> Iterator[str]:
    """Yield what became of a test: one line when it is green, else what was expected and found, and why."""
    trial = result.trial
    if result.is_green:
        yield say("trial.green", name=trial.name)
        return
    yield say("trial.red", name=trial.name, record=trial.record, line=trial.line)
    for miss in result.misses:
        yield from _missed(miss, result)
    number = next((miss.lead for miss in result.misses if miss.lead), 0)
    route = result.steps[max(number, 1) - 1].told.route
    yield say("trial.why", reason=route.reason)
    yield say("trial.rules.lead", lead=number) if number else say("trial.rules")
    yield from _path(route, _expected_rules(result))


def _missed(miss: Miss, result: Result) -> Iterator[str]:
    told = {"what": miss.what, "expected": miss.expected, "found": miss.found}
    yield say("trial.miss.lead", lead=miss.lead, **told) if miss.lead else say("trial.miss", **told)
    if miss.what == "duplicate" and miss.expected == "same":
        lead = result.steps[max(miss.lead, 1) - 1].decision.lead
        yield say("trial.duplicate", mail=lead.text("email"))


def _expected_rules(result: Result) -> frozenset[str]:
    return frozenset(miss.expected for miss in result.misses if miss.what == "rule")


def _path(route: Route, wanted: frozenset[str]) -> Iterator[str]:
    """Yield the rules that were asked, each with its first condition that failed, and who refused the lead."""
    left_out = 0
    for place, trace in enumerate(route.path):
        if _is_told(place, trace, route.path, wanted):
            if left_out:
                yield say("trial.more", count=left_out)
            left_out = 0
            yield f"    {tried(trace)}"
        else:
            left_out += 1
    yield from (f"    {say('story.refused', target=target, why=why)}" for target, why in route.refused)
    yield from (
        f"    {say('story.passed', user=who, why=why)}" for who, why in (route.turn.passed if route.turn else ())
    )


def _is_told(place: int, trace: RuleTrace, path: Sequence[RuleTrace], wanted: frozenset[str]) -> bool:
    if len(path) <= MOST_RULES or trace.held or trace.rule in wanted:
        return True
    return place < _FIRST or place >= len(path) - (MOST_RULES - _FIRST)
