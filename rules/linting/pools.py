"""Pools that nothing leads to or nobody is in, members who never get a lead, and hours that leave everybody out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce

from rules import normalize
from rules.assembly import targets_of
from rules.clauses import compare
from rules.fields import type_of
from rules.linting import reach
from rules.linting.axes import MISSING
from rules.linting.finding import example, heading, several
from rules.linting.regions import EVERYTHING, Box, Region, TooComplex, projection, touches
from rules.linting.study import Claim, Study, limits, never
from rules.linting.texts import TextAxis, key_of
from rules.normalizing import languages
from rules.parts import Member, Pool, Target
from rules.routing.skills import FIT
from rules.wording.words import say

__all__ = ["pools"]

_OFF = ("hours", "absences", "caps", "open leads")


def pools(study: Study) -> None:
    """Note everything that is odd about the pools and what nothing refers to."""
    regions = _reached(study)
    for pool in study.ruleset.pools.values():
        record = heading("pool", pool.name)
        if pool.name not in regions:
            members = several(member.user for member in pool.members)
            sentence = "lint.pool.unused.one" if len(pool.members) == 1 else "lint.pool.unused"
            study.say("pool-unused", "warning", record, say(sentence, users=members), say("lint.pool.unused.remedy"))
        _members(study, pool, record, regions.get(pool.name))
        _skills(study, pool, record, regions.get(pool.name))
        _overflow(study, pool, record)
    for territory in study.ruleset.territories.values():
        if territory.name not in _territories(study):
            message = say("lint.territory.unused")
            study.say(
                "territory-unused",
                "warning",
                heading("territory", territory.name),
                message,
                say("lint.territory.unused.remedy"),
            )


def reached(study: Study, claim: Claim) -> Iterator[Target]:
    """Yield every target that a rule may lead to, by overflows and rows too."""
    return reach.reached(study.ruleset, targets_of(claim.rule))


def _reached(study: Study) -> Mapping[str, Region]:
    """Return for each pool that something leads to the leads that may come to it."""
    found: dict[str, Region] = defaultdict(tuple)
    for claim in (*study.living, *study.unknown):
        for target in reached(study, claim):
            if target.kind == "pool":
                found[target.name] += claim.region or (EVERYTHING,)
    return found


def _territories(study: Study) -> frozenset[str]:
    targets = (target for claim in study.claims for target in reached(study, claim))
    return frozenset(target.name for target in targets if target.kind == "territory")


def _members(study: Study, pool: Pool, record: str, reached: Region | None) -> None:
    """Note members who never take a lead here, and a pool in which nobody does."""
    able: list[tuple[Member, Region]] = []
    for member in pool.members:
        why = never(pool, member) or study.closed(pool, member)
        region = study.region(member.when, record)
        if why:
            message = say("lint.member", user=member.user, why=why)
            study.say("member-unreachable", "warning", record, message, say("lint.member.remedy"))
        elif region is None or reached is None or _meets(region, reached):
            able.append((member, region or (EVERYTHING,)))
        elif region:  # an empty one is a contradiction, which is told already
            message = say("lint.member.leads", user=member.user)
            study.say("member-unreachable", "warning", record, message, say("lint.member.leads.remedy"))
    present = [pair for pair in able if not study.user_refusal(pair[0].user)]
    if not present:
        _tell_empty(study, pool, record)
    elif reached is not None and not pool.overflow:
        _partly_empty(study, record, [box for _, region in present for box in region], reached)


def _meets(one: Region, other: Region) -> bool:
    return any(touches(left, right) for left in one for right in other)


def _tell_empty(study: Study, pool: Pool, record: str) -> None:
    message = say("lint.pool.empty.overflow" if pool.overflow else "lint.pool.empty")
    study.say("pool-empty", "error", record, message, say("lint.pool.empty.remedy"))


def _partly_empty(study: Study, record: str, covers: Sequence[Box], reached: Region) -> None:
    """Note when the conditions of the members leave nobody for a lead that comes to the pool."""
    for box in reached:
        try:
            left = study.ground.uncovered(box, covers)
        except TooComplex:
            continue
        if left is not None:
            lead = example(left, study.ground) if left else say("lint.any lead")
            message = say("lint.pool.partly", lead=lead)
            study.say("pool-empty", "warning", record, message, say("lint.pool.partly.remedy"))
            return


def _skills(study: Study, pool: Pool, record: str, reached: Region | None) -> None:
    """Note fits without skills, and skills that no lead can be asked for."""
    if pool.by != "best fit":
        return
    if not any(member.skills for member in pool.members):
        study.say("skill-unused", "warning", record, say("lint.skills"), say("lint.skills.remedy"))
        return
    fit = pool.fit or FIT
    for member in pool.members:
        for skill in member.skills:
            if not any(_may_ask(study, name, skill, reached) for name in fit):
                message = say("lint.skill", skill=skill, user=member.user)
                study.say("skill-unused", "warning", record, message, say("lint.skill.remedy", fields=several(fit)))


def _may_ask(study: Study, name: str, skill: str, reached: Region | None) -> bool:
    """Tell whether a lead that comes to a pool may ask for a skill by a field."""
    kind = type_of(name)
    code = languages.language(skill).partition("-")[0] if kind == "language" else ""
    if kind in {"number", "bool", "time"} or (kind == "language" and not code):
        return False
    if kind == "country" and not normalize.country(skill):
        return False
    axis = study.ground.axes.get(name)
    if axis is None or reached is None:
        return True
    cells = projection(reached, name, study.ground.full)
    if kind == "language":
        same = [languages.language(compare.plain(sample)).partition("-")[0] == code for sample in axis.samples]
        wanted = sum(1 << at for at, is_same in enumerate(same) if is_same)
    else:
        wanted = 1 << axis.index.get(key_of(kind, skill), 0) if isinstance(axis, TextAxis) else 0
    return bool(cells & (wanted & ~MISSING or axis.others))


def _overflow(study: Study, pool: Pool, record: str) -> None:
    """Note when everybody may be kept from leads at once, and neither an overflow nor a later rule helps out."""
    if pool.overflow or any(never(pool, member) for member in pool.members) or _helped(study, pool):
        return
    reasons = [limits(study.ruleset, pool, member) - {"when"} for member in pool.members]
    if pool.hold is not None:  # who is off duty comes back
        reasons = [each - {"hours", "absences"} for each in reasons]
    if not all(reasons):
        return
    shared = frozenset.intersection(*reasons) or frozenset.union(*reasons)
    told = [say(f"lint.off.{name}") for name in _OFF if name in shared]
    why = reduce(lambda first, last: say("or", first=first, last=last), told)
    message = say("lint.overflow", why=why)
    study.say("overflow-missing", "warning", record, message, say("lint.overflow.remedy"))


def _helped(study: Study, pool: Pool) -> bool:
    """Tell whether every rule that leads to a pool has another sure target, or is followed by rules that have."""
    sure = [claim for claim in study.living if not claim.refuses]
    for claim in study.living:
        if claim.refuses and any(target.name == pool.name for target in reached(study, claim) if target.kind == "pool"):
            later = study.covers(each for each in sure if each.number > claim.number)
            if any(study.uncovered(box, later) is not None for box in claim.region):
                return False
    return True
