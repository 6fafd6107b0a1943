"""All sentences of a decision: where they stand, and the decision told in the language that is spoken now.

What the CRM holds of a decision (task, notification, answer to who asked) stays as it was written there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeAlias

from rules import catalogue
from rules.model import Candidate, Decision, Evidence, Match, Route
from rules.retold import retold

__all__ = ["Tell", "evidence_told", "match_told", "told", "with_sentences"]

Tell: TypeAlias = Callable[[str, tuple[str, ...]], str]
"""What becomes of a sentence: it, and the families of sentences (see :mod:`rules.retold`) that it may be of."""

_REASON = ("reason", "ignored", "overtaken", "request", "escalation", "undo", "merge")
_REFUSED = ("refusal", "pool")


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
    return replace(
        decision,
        duplicate=replace(decision.duplicate, evidence=_evidence(decision.duplicate.evidence, tell)),
        match=_match(decision.match, tell),
        route=_route(decision.route, tell),
        merging=tuple(tell(each, ("merge", "lost")) for each in decision.merging),
    )


def _route(route: Route, tell: Tell) -> Route:
    turn = route.turn
    if turn and turn.passed:
        turn = replace(turn, passed=tuple((user, tell(why, ("pool.why", "closed"))) for user, why in turn.passed))
    path = tuple(
        replace(each, failed=tell(each.failed, _REFUSED) if each.held else each.failed, found=tell(each.found, _FOUND))
        if each.found or (each.held and each.failed)
        else each
        for each in route.path
    )
    refused = tuple((target, tell(why, _REFUSED)) for target, why in route.refused)
    return replace(route, reason=tell(route.reason, _REASON), path=path, turn=turn, refused=refused)


_FOUND = ("value",)


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
    return replace(candidate, evidence=_evidence(candidate.evidence, tell))


def _evidence(evidence: tuple[Evidence, ...], tell: Tell) -> tuple[Evidence, ...]:
    return tuple([replace(each, text=tell(each.text, _families(each.kind))) for each in evidence])


def _families(kind: str) -> tuple[str, ...]:
    return (f"clue.{kind}", f"person.{kind}", "evidence", "alias", "pair", "match", "clue", "person")
