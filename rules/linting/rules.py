"""Rules that can never hold, and rules that no lead can reach: proved, with the rules that stand before them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from rules.conditions import Block
from rules.conditions import Part as ConditionPart
from rules.linting.finding import heading, several
from rules.linting.regions import Box, Region, TooComplex, touches, within
from rules.linting.study import Claim, Study
from rules.wording.words import say

__all__ = ["contradictions", "dead_rules", "impossible"]


def contradictions(study: Study) -> None:
    """Note rules, members and filters of the match policy whose conditions no lead can meet, and idle alternatives."""
    for rule in study.ruleset.rules:
        record = heading("rule", rule.name)
        if (why := impossible(study, rule.when)) is not None:
            study.say("contradiction", "error", record, say("lint.never", why=why), say("lint.correct"))
        else:
            _idle_alternatives(study, rule.when, record)
    for pool in study.ruleset.pools.values():
        for member in pool.members:
            if (why := impossible(study, member.when)) is not None:
                message = say("lint.never.member", user=member.user, why=why)
                study.say("contradiction", "error", heading("pool", pool.name), message, say("lint.correct.when"))
    if (why := impossible(study, study.ruleset.match.only)) is not None:
        study.say("contradiction", "error", "match", say("lint.never.match", why=why), say("lint.correct"))


def impossible(study: Study, when: Sequence[ConditionPart]) -> str | None:
    """Return why conditions can never hold together; None when they can, or when that is too complex to say."""
    if _possible(study, when):
        return None
    for part in when:
        if not _possible(study, [part]):
            return say("lint.never.one", condition=part)
    for one, other in combinations(when, 2):
        if not _possible(study, [one, other]):
            return say("lint.never.two", one=one, other=other)
    return say("lint.never.all")


def _possible(study: Study, when: Sequence[ConditionPart]) -> bool:
    try:
        return any(study.ground.possible(box) for box in study.ground.region(when))
    except TooComplex:
        return True


def _idle_alternatives(study: Study, when: Sequence[ConditionPart], record: str) -> None:
    """Note lines of an any: block that cannot hold beside the conditions around it."""
    for block in when:
        if not isinstance(block, Block) or block.kind != "any":
            continue
        others = [part for part in when if part is not block]
        for part in block.parts:
            if not _possible(study, [*others, part]):
                message = say("lint.never.line", condition=part)
                study.say("contradiction", "warning", record, message, say("lint.correct.line"))


def dead_rules(study: Study) -> None:
    """Note rules all of whose leads are taken by earlier ones: an error when those always can take them."""
    earlier: list[Claim] = []
    for claim in list(study.claims):
        if not claim.region:
            continue
        try:
            covered = _covered(study, claim.region, study.covers(earlier))
            for_sure = covered and _covered(study, claim.region, study.covers(c for c in earlier if not c.refuses))
        except TooComplex:
            message = say("lint.complex.order")
            study.say("too-complex", "note", claim.record, message, say("lint.complex.order.remedy"))
            covered = for_sure = False
        if covered:
            _tell_dead(study, claim, earlier, for_sure=for_sure)
        else:
            earlier.append(claim)
        if for_sure:
            study.bury(claim)


def _covered(study: Study, region: Region, covers: Sequence[Box]) -> bool:
    return all(study.ground.uncovered(box, covers) is None for box in region)


def _tell_dead(study: Study, claim: Claim, earlier: Sequence[Claim], *, for_sure: bool) -> None:
    before = _responsible(study, claim, [each for each in earlier if not each.refuses] if for_sure else earlier)
    names = several(f"“{each.rule.name}”" for each in before)
    if for_sure:
        study.say(
            "dead-rule",
            "error",
            claim.record,
            say("lint.dead", rules=names),
            say("lint.dead.remedy"),
        )
        return
    why = next((each.refuses for each in before if each.refuses), "")
    message = say("lint.dead.nearly", rules=names, why=why)
    study.say("dead-rule", "warning", claim.record, message, say("lint.dead.nearly.remedy"))


def _responsible(study: Study, claim: Claim, earlier: Sequence[Claim]) -> list[Claim]:
    """Return the fewest earlier rules that we find to cover a rule: one if one does, else none that is not needed."""
    near = [each for each in earlier if any(touches(one, other) for one in each.region for other in claim.region)]
    for each in near:
        if all(any(within(box, outer) for outer in each.region) for box in claim.region):
            return [each]
    needed = list(near)
    for each in near:
        rest = [other for other in needed if other is not each]
        if _still_covered(study, claim.region, rest):
            needed = rest
    return needed


def _still_covered(study: Study, region: Region, claims: Iterable[Claim]) -> bool:
    try:
        return _covered(study, region, study.covers(claims))
    except TooComplex:
        return False
