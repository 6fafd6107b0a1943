"""Leads that no rule takes: the set as a whole, holes between ranges, and values that are named but led nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from rules.linting.finding import example, several, value
from rules.linting.holes import NAMED, OF_A_LEAD, Gap, holes, left_out, unled
from rules.linting.regions import TooComplex, bits, meet
from rules.linting.study import ANY_LEAD, Claim, Study
from rules.wording.words import say

__all__ = ["gaps", "no_catch_all"]

_MOST_TOLD = 20
"""Gaps told of one rule set; who has more of them misses something that the first will show."""


def no_catch_all(study: Study) -> bool:
    """Note when a lead meets no rule, or only rules whose targets may refuse it; tell whether every lead meets one."""
    remedy = say("lint.no rule.remedy")
    if study.unknown:
        return True
    try:
        missed = study.ground.uncovered(ANY_LEAD, study.covers(study.living))
        if missed is not None:
            lead = example(missed, study.ground) if missed else say("lint.any lead")
            study.say("no-catch-all", "warning", "", say("lint.no rule", lead=lead), remedy)
            return False
        sure = [claim for claim in study.living if not _refuses(study, claim)]
        refused = study.ground.uncovered(ANY_LEAD, study.covers(sure))
    except TooComplex:
        if not any(claim.is_general for claim in study.living):
            study.say("no-catch-all", "note", "", say("lint.no rule.unknown"), remedy)
        return True
    if refused is not None:
        last = [claim for claim in study.living if any(meet(box, refused) is not None for box in claim.region)][-1]
        lead = example(refused, study.ground) if refused else say("lint.any lead")
        message = say("lint.nobody", lead=lead, why=_refuses(study, last))
        study.say("no-catch-all", "warning", last.record, message, say("lint.nobody.remedy"))
    return True


def _refuses(study: Study, claim: Claim) -> str:
    return study.refusal((claim.rule.assign, *claim.rule.otherwise), pools=False)


def gaps(study: Study, *, has_catch_all: bool) -> None:
    """Note holes between ranges, and values for which a segment is led nowhere that it is led to for others."""
    if study.unknown:  # they may take what seems to be left
        return
    specific = [claim for claim in study.living if not claim.is_general]
    severity = "note" if has_catch_all else "warning"
    every = chain(holes(study, specific), left_out(study, specific), unled(study, specific))
    found = list(islice(every, _MOST_TOLD))
    if not has_catch_all and not found:
        found = list(_fallen_through(study, specific))
    for gap in found:
        sentence = "lint.gap.catch-all" if has_catch_all else "lint.gap"
        message = say(sentence, what=gap.what, lead=example(gap.box, study.ground))
        study.say("gap", severity, gap.record, message, say("lint.gap.remedy"))


def _fallen_through(study: Study, specific: Sequence[Claim]) -> Iterator[Gap]:
    """Yield the values that rules name although some leads that have them reach no rule: one gap for each field."""
    covers = study.covers(specific)
    for name, axis in study.ground.axes.items():
        if axis.kind not in NAMED or not name.startswith(OF_A_LEAD):
            continue
        left = [
            (cell, found)
            for cell in bits(axis.named & axis.full)
            if (found := study.uncovered({name: cell}, covers)) is not None
        ]
        if left:
            names = several(value(axis, cell) for cell, _ in left)
            yield Gap("", left[0][1], say("lint.gap.values", values=names, field=name))
