"""What is kept, told in the language of whoever looks: every desk passes what it shows of kept sentences through here.

What stands in the CRM stays in the language of whoever it was written for, and nothing that is told here is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from connector.rows import Check
from connector.store import sentences
from connector.store.decisions import Stored
from connector.store.letters import Letter
from connector.store.pairs import Asked
from connector.store.progress import Progress
from connector.store.reviews import Review
from rules.faults import Fault
from rules.lint import Finding
from rules.wording import catalogue
from rules.wording.retelling import evidence_told, retold_of_any, told
from rules.wording.retold import retold
from rules.wording.told_answers import answer_told
from rules.wording.told_faults import fault_told, listing_told

__all__ = [
    "asked", "check", "decision", "faults", "findings", "kept_fault", "letter", "reason", "review", "simulated", "work",
]  # fmt: skip

_OF_WORK = ("work", "overtaken", "ignored", "request.refused")


def reason(text: str) -> str:
    """Return why something rests, waits or was not done; what a CRM said in its own words stays as it is."""
    found = retold(text, *_OF_WORK, said=catalogue.ENGLISH)
    return answer_told(text) if found == text else found


def check(line: Check) -> Check:
    """Return a line of the permission check told; click paths keep the names that the CRM gives its menus."""
    name, detail = answer_told(line.name), answer_told(line.detail)
    return replace(line, name=name, detail=detail, remedy=answer_told(line.remedy), without=answer_told(line.without))


def decision(stored: Stored) -> Stored:
    """Return a kept decision with all its sentences told."""
    return replace(stored, decision=told(stored.decision), reason=reason(stored.reason))


def work(progress: Progress) -> Progress:
    """Return long work with why it stands where it does."""
    return replace(progress, reason=reason(progress.reason)) if progress.reason else progress


def letter(parked: Letter) -> Letter:
    """Return a letter with why it waits."""
    return replace(parked, reason=reason(parked.reason)) if parked.reason else parked


def faults(found: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return what is wrong with rules, with messages and remedies told."""
    return tuple(map(fault_told, found))


def kept_fault(text: str) -> str:
    """Return why the newest rules are not in force, which is kept as the text of their faults."""
    return listing_told(text)


def findings(hints: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what the linter found with its messages and remedies told."""
    return tuple(replace(each, message=retold(each.message), remedy=retold(each.remedy)) for each in hints)


def review(kept: Review) -> Review:
    """Return a question about a match with its evidence told."""
    detail = kept.detail
    candidates = tuple(replace(each, evidence=evidence_told(each.evidence)) for each in detail.candidates)
    why, needed = retold_of_any(detail.reason, ("match", "pair", "tie")), retold_of_any(detail.needed, ("needed",))
    return replace(kept, detail=replace(detail, candidates=candidates, reason=why, needed=needed))


def asked(kept: Asked) -> Asked:
    """Return a question about records that may be one with its reasons and evidence told."""
    suggestion = kept.suggestion
    found = replace(
        suggestion,
        evidence=evidence_told(suggestion.evidence),
        why=tuple(retold_of_any(each, ("blocked", "work")) for each in suggestion.why),
        names=tuple(retold_of_any(each, ()) for each in suggestion.names),
    )
    return replace(kept, suggestion=found)


def simulated(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what came of a simulation with the reasons of both rule sets told."""
    kept: sentences.Recipes = result.get(sentences.KEY) or {}
    heard: dict[str, str] = {}

    def said(text: str) -> str:
        if text not in heard:
            heard[text] = retold_of_any(sentences.remembering(text, kept), ("reason",))
        return heard[text]

    sides = ("reason_before", "reason_after")
    moved = [{**each, **{side: said(each[side]) for side in sides}} for each in result["moved"]]
    return {name: value for name, value in result.items() if name != sentences.KEY} | {"moved": moved}
