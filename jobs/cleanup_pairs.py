"""Which records of the index may be one person, or one company: ties for a clean-up, with the evidence for each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from connector.crm import CrmName
from connector.index import Index
from connector.store.cleanups import Tie
from connector.store.pairs import Suggestion
from rules import dedupe
from rules.actions import Member
from rules.matching.calibrate import IDENTITY, Calibration, logistic
from rules.matching.ranking import Shortlist, rank
from rules.merging.abilities import HUBSPOT, SALESFORCE, Abilities
from rules.merging.blockers import is_converted
from rules.merging.groups import Judgement, groups, judged
from rules.merging.likely import Likely, likely
from rules.merging.names import Names
from rules.merging.policy import MergePolicy
from rules.model import Kind, Record

ABILITIES: Mapping[CrmName, Abilities] = {"salesforce": SALESFORCE, "hubspot": HUBSPOT}
"""What each CRM can do, as far as a scan asks: which kinds are one object there."""
PEOPLE: tuple[Kind, ...] = ("lead", "contact")
EVIDENCE = 6
"""Clues that are kept with a suggestion: what people are shown is read again."""


@dataclass(frozen=True, slots=True)
class Measure:
    """By what records are compared: the policy, the CRM, and how far this install bears probabilities out.

    `calibration` is that of people, `companies` that of accounts.
    """

    policy: MergePolicy
    crm: CrmName
    calibration: Calibration = IDENTITY
    companies: Calibration = IDENTITY

    @property
    def least(self) -> float:
        """The probability, before calibration, from which a person is asked."""
        return logistic(self.calibration.before(self.policy.review))


def likeness(one: Record, other: Record, measure: Measure) -> Likely:
    """Say how likely two leads or contacts are one person, as far as this install bears the evidence out."""
    return likely(one, other, ids=measure.policy.ids, calibration=measure.calibration)


def kinds_of(policy: MergePolicy, crm: CrmName) -> tuple[Kind, ...]:
    """Return the kinds of records that a clean-up by this policy looks through."""
    every: tuple[Kind, ...] = ("lead", "contact", "account")
    alike = ABILITIES[crm].alike
    return tuple(one for one in every if any(policy.covers(one, other, alike=alike) for other in every))


def ties(index: Index, kind: Kind, ids: Collection[str], measure: Measure) -> list[Tie]:
    """Return what ties records of the index to others, from the policy's threshold for reviews on."""
    policy = measure.policy
    records = [each for each in index.get(kind, ids).values() if not is_converted(each)]
    if kind == "account":
        return _companies(records, index.alike(records), measure)
    others = (each for found in index.people(records).values() for each in found if not is_converted(each))
    every = list({(each.kind, each.id): each for each in (*records, *others)}.values())
    alike, found = ABILITIES[measure.crm].alike, list[Tie]()
    for pair in dedupe.pairs(every, ids=policy.ids, least=measure.least):
        one, other = every[pair.one], every[pair.other]
        if policy.covers(one.kind, other.kind, alike=alike):
            sure = measure.calibration.probability(pair.probability)
            found.append(Tie(one.id, other.id, (one.kind, other.kind), sure))
    return found


def _companies(records: Sequence[Record], lists: Mapping[str, Shortlist], measure: Measure) -> list[Tie]:
    """Return accounts that may be one; a parent and its child are none."""
    found = []
    for record in records:
        for each in rank(record, lists[record.id]):
            other, sure = each.profile, measure.companies.probability(logistic(each.score))
            is_kin = other.id == record.text("parent_id") or other.parent_id == record.id
            if not is_kin and measure.policy.judge(sure) != "different":
                found.append(Tie(record.id, other.id, ("account", "account"), sure))
    return found


def together(
    found: Sequence[Tie], said: Mapping[frozenset[str], Judgement], measure: Measure
) -> list[tuple[Member, ...]]:
    """Return the sets of records that somebody is to be asked about, in a stable order.

    What is surely the same hangs together as one set; of the rest every two are a set of their own. What people said
    counts instead of the evidence: two that they called different are no pair.
    """
    policy = measure.policy
    sure = {frozenset({each.one, each.other}): each.confidence for each in found}
    known = {pair: judgement for pair, judgement in said.items() if pair in sure}
    all_of = judged(sure, policy, known)
    kinds: dict[str, Kind] = {}
    for each in found:
        kinds |= {each.one: each.kinds[0], each.other: each.kinds[1]}
    people = [Record(kind, record_id, {}) for record_id, kind in sorted(kinds.items()) if kind != "account"]
    grouped = groups(people, all_of, policy, alike=ABILITIES[measure.crm].alike)
    sets = [tuple(Member(each.kind, each.id) for each in group.records) for group in grouped]
    whole = {frozenset(pair) for group in grouped for pair in combinations([each.id for each in group.records], 2)}
    for pair, judgement in sorted(all_of.items(), key=lambda each: sorted(each[0])):
        companies = all(kinds[each] == "account" for each in pair)
        if pair not in whole and (judgement.status == "unsure" or (companies and judgement.status == "same")):
            sets.append(tuple(Member(kinds[each], each) for each in sorted(pair)))
    return sets


def suggestions(
    index: Index,
    sets: Iterable[Sequence[Member]],
    confidences: Mapping[frozenset[str], float],
    measure: Measure,
) -> list[Suggestion]:
    """Return what people are asked about sets of records, as the index knows these; what it has lost is left out."""
    wanted = [tuple(members) for members in sets]
    ids: dict[Kind, set[str]] = {}
    for member in (each for members in wanted for each in members):
        ids.setdefault(member.kind, set()).add(member.id)
    known = {Member(kind, each): record for kind, some in ids.items() for each, record in index.get(kind, some).items()}
    return [
        _suggestion(members, [known[each] for each in members], confidences, measure)
        for members in wanted
        if all(each in known for each in members)
    ]


def _suggestion(
    members: tuple[Member, ...],
    records: Sequence[Record],
    confidences: Mapping[frozenset[str], float],
    measure: Measure,
) -> Suggestion:
    two = [frozenset({one.id, other.id}) for one, other in combinations(members, 2)]
    least = min(two, key=lambda pair: (confidences.get(pair, 1.0), sorted(pair)))
    one, other = (next(record for record in records if record.id == each) for each in sorted(least))
    sure = min((confidences[pair] for pair in two if pair in confidences), default=0.0)
    # Of accounts the scan knows how sure their evidence is; it is the ranking's, and not put together again here.
    known = Likely(sure, measure.companies.before(sure), ())
    found = likeness(one, other, measure) if one.kind in PEOPLE else known
    names = Names(tuple(records))
    return Suggestion(
        members=members,
        confidence=round(sure, 6),
        evidence=found.evidence[:EVIDENCE],
        names=tuple(names(record) for record in records),
        lead_id=next((each.id for each in members if each.kind == "lead"), ""),
        log_odds=found.log_odds if len(members) == 2 else None,  # noqa: PLR2004 - a pair
    )
