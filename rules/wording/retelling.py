"""All sentences of a decision: where they stand, and the decision told in the language that is spoken now.

What the CRM holds of a decision (task, notification, answer to who asked) stays as it was written there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from typing import TypeAlias

from rules.model import Candidate, Decision, Evidence, Match, Route, RuleTrace
from rules.wording import catalogue
from rules.wording.retold import retold

__all__ = ["Tell", "evidence_told", "match_told", "told", "with_sentences"]

Tell: TypeAlias = Callable[[str, tuple[str, ...]], str]
"""What becomes of a sentence: it, and the families of sentences (see :mod:`rules.wording.retold`) that it may be of."""

_REASON = ("reason", "ignored", "overtaken", "request", "escalation", "undo", "merge", "label")
_REFUSED = ("refusal", "pool")
_PASSED, _FOUND, _MERGING, _UNTOLD = ("pool.why", "closed"), ("value",), ("merge", "lost"), ("untold",)


def told(decision: Decision) -> Decision:
    """Return a decision with its sentences in the language spoken now; itself when it was made in that language."""
    now, before = catalogue.spoken(), decision.language
    if now == before:
        return decision
    made = with_sentences(decision, lambda text, families: retold(text, *families, said=before))
    return replace(made, language=now)


def match_told(match: Match) -> Match:
    """Return a match with its sentences in the language spoken now, whatever it was made in."""
    return _match(match, retold_of_any)


def evidence_told(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return evidence in the language spoken now, whatever it was found in."""
    return _evidence(tuple(evidence), retold_of_any)


def retold_of_any(text: str, families: tuple[str, ...]) -> str:
    """Say a sentence in the language spoken now; each language is tried for one that remembers nothing."""
    return retold(text, *families)


def with_sentences(decision: Decision, tell: Tell) -> Decision:
    """Return a decision with every sentence in it put through `tell`."""
    verdict = decision.duplicate
    if verdict.evidence:
        verdict = replace(verdict, evidence=_evidence(verdict.evidence, tell))
    return replace(
        decision,
        duplicate=verdict,
        match=_match(decision.match, tell),
        route=_route(decision.route, tell),
        merging=tuple([tell(each, _MERGING) for each in decision.merging]),
        untold=tuple([tell(each, _UNTOLD) for each in decision.untold]),
    )


def _route(route: Route, tell: Tell) -> Route:
    turn = route.turn
    if turn and turn.passed:
        turn = replace(turn, passed=tuple((user, tell(why, _PASSED)) for user, why in turn.passed))
    refused = tuple([(target, tell(why, _REFUSED)) for target, why in route.refused])
    path = tuple([_trace(each, tell) for each in route.path])
    return replace(route, reason=tell(route.reason, _REASON), path=path, turn=turn, refused=refused)


def _trace(trace: RuleTrace, tell: Tell) -> RuleTrace:
    """Return a trace with what was found, and why nobody could take the lead; a condition stays as rules write it."""
    if trace.held:
        return RuleTrace(trace.rule, True, tell(trace.failed, _REFUSED), trace.found) if trace.failed else trace
    found = tell(trace.found, _FOUND)
    return trace if found is trace.found else RuleTrace(trace.rule, trace.held, trace.failed, found)


def _match(match: Match, tell: Tell) -> Match:
    return replace(
        match,
        account=_candidate(match.account, tell) if match.account else None,
        runners_up=tuple(_candidate(each, tell) for each in match.runners_up),
        reason=tell(match.reason, ("match", "pair", "tie")),
        tie=tell(match.tie, ("tie",)),
        filtered=tuple(replace(each, why=tell(each.why, ("filtered", "pair"))) for each in match.filtered),
        needed=tell(match.needed, ("needed",)),
    )


def _candidate(candidate: Candidate, tell: Tell) -> Candidate:
    evidence = _evidence(candidate.evidence, tell)
    return Candidate(candidate.account_id, candidate.name, candidate.owner_id, candidate.confidence, evidence)


def _evidence(evidence: tuple[Evidence, ...], tell: Tell) -> tuple[Evidence, ...]:
    return tuple([Evidence(each.kind, tell(each.text, _families(each.kind)), each.weight) for each in evidence])


@cache
def _families(kind: str) -> tuple[str, ...]:
    return (f"clue.{kind}", f"person.{kind}", "evidence", "alias", "pair", "match", "clue", "person")
