"""Suggestions as things are now: records read again, judged again, and the plan by which they would become one."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import combinations
from types import MappingProxyType

from connector.index import Index
from connector.merging import Mergeable
from connector.store import decisions, pairs
from connector.store.pairs import Asked
from jobs import accounts, reviews
from jobs.cleanup_labels import learned
from jobs.cleanup_pairs import PEOPLE, Measure, likeness
from jobs.takeback import Scope
from rules import normalize
from rules.actions import Member
from rules.clauses import compare
from rules.detail import plain
from rules.match import choose
from rules.merging.blockers import Ground
from rules.merging.facts import named_fields
from rules.merging.groups import Group, Judgement, judged
from rules.merging.likely import Likely
from rules.merging.plan import Edit, Plan, plan
from rules.merging.policy import MergePolicy, own_name
from rules.model import Record, Value
from rules.wording.said import Said, made_of

NO_EDITS: Mapping[str, Edit] = MappingProxyType({})
NOTHING = Likely(0.0, 0.0, ())
_Pair = frozenset[str]


@dataclass(frozen=True, slots=True)
class Looked:
    """A suggestion as it is now. `plan` is None when fewer than two of its records are left.

    `why` is what the evidence says of its least sure two; of accounts it is what the scan found.
    `doubts` are why a person is asked, which their word settles; what it cannot settle is in the plan.
    """

    asked: Asked
    records: tuple[Record, ...]
    plan: Plan | None = None
    why: Likely = NOTHING
    doubts: tuple[str, ...] = ()

    @property
    def gone(self) -> tuple[str, ...]:
        """The ids of its records that are gone, or have become another one."""
        left = {each.id for each in self.records}
        return tuple(each for each in self.asked.ids if each not in left)

    @property
    def seen(self) -> str:
        """What is another one as soon as anything else would be done: it says which plan somebody has seen."""
        return fingerprint(self.plan) if self.plan else ""


def fingerprint(made: Plan) -> str:
    """Return a text of 24 letters for who survives, who goes, what is written, and who owns it.

    It is the same in every language.
    """
    told = [
        made.survivor.id,
        sorted(each.id for each in made.losers),
        {name: plain(chosen.value) for name, chosen in sorted(made.changes.items())},
        sorted(made.converts),
        made.convert_to_account,
        made.owner_id,
        [made_of(each) if isinstance(each, Said) else each for each in made.blocked],
    ]
    return sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:24]


def look(
    scope: Scope, batch: Sequence[Asked], *, now: datetime, by: str = "", edits: Mapping[str, Edit] = NO_EDITS
) -> list[Looked]:
    """Read the records of suggestions again and plan what would become of them; nothing is written.

    `by` is a person who is shown what would be done if they said yes. `edits` are what they want otherwise, by a
    suggestion's key; else it is what somebody said when they answered.
    """
    if not batch:
        return []
    policy = scope.ruleset.duplicates or MergePolicy()
    members = list(dict.fromkeys(each for asked in batch for each in asked.suggestion.members))
    found = scope.crm.mergeable(members)
    with scope.database.read() as connection:
        said = pairs.labels(connection, scope.install.id, scope.seal, [each.id for each in members])
        known = learned(connection, scope.install.id, scope.seal)
    ground = Ground(policy, found.abilities, found.facts, now, _matched(scope, policy, found), found.writable)
    judge = _Judge(found, ground, said, Measure(policy, scope.install.crm, known.people, known.companies), by)
    return [judge.looked(asked, edits.get(asked.key, asked.answer.edit)) for asked in batch]


@dataclass(frozen=True, slots=True)
class _Judge:
    """What suggestions are judged by."""

    found: Mergeable
    ground: Ground
    said: Mapping[_Pair, Judgement]
    measure: Measure
    by: str

    def looked(self, asked: Asked, edit: Edit) -> Looked:
        """Return a suggestion as it is now."""
        known = self.found.records
        records = tuple(known[each] for each in asked.suggestion.members if each in known)
        if len(records) < 2:  # noqa: PLR2004 - one record is no pair
            return Looked(asked, records)
        two = [frozenset({one.id, other.id}) for one, other in combinations(records, 2)]
        every = {
            frozenset({one.id, other.id}): likeness(one, other, self.measure)
            for one, other in combinations(records, 2)
            if one.kind in PEOPLE and other.kind in PEOPLE
        }
        confidences = {pair: every[pair].confidence if pair in every else asked.suggestion.confidence for pair in two}
        found = judged(confidences, self.ground.policy, _about(self.said, records))
        alone = plan(Group(records, found), self.ground, edit)
        made = alone
        if self.by:
            yes = {pair: Judgement("same", confidences[pair], self.by) for pair in two}
            made = plan(Group(records, yes), self.ground, edit)
        doubts = tuple(each for each in alone.blocked if each not in made.blocked)
        told = asked.suggestion
        least = min(
            every.values(),
            key=lambda each: each.confidence,
            default=Likely(told.confidence, told.log_odds or 0.0, told.evidence),
        )
        return Looked(asked, records, made, least, doubts)


def _about(said: Mapping[_Pair, Judgement], records: Collection[Record]) -> dict[_Pair, Judgement]:
    ids = {each.id for each in records}
    return {pair: judgement for pair, judgement in said.items() if pair <= ids}


def _matched(scope: Scope, policy: MergePolicy, found: Mergeable) -> dict[str, str]:
    """Return the account that each lead is matched to for certain, by the lead's id, where the policy asks for it."""
    leads = [record for member, record in found.records.items() if member.kind == "lead"]
    if not leads or not found.abilities.converts or policy.convert != "onto matched account":
        return {}
    rules = scope.ruleset
    with scope.database.read() as connection:
        latest = decisions.latest(connection, scope.install.id, scope.seal, [each.id for each in leads])
        learnt = reviews.learned(connection, scope.install.id, scope.seal)
        index = Index(connection, scope.install.id, scope.seal)
        known = accounts.find(index, leads, rules.match, learnt.pairs)
    known = accounts.with_history(known, scope.crm, rules.history)
    matches = {
        each.id: latest[each.id].match
        if each.id in latest
        else choose(
            each,
            known.rankings.get(each.id, ()),
            {account.id: account for account in known.of(each.id)},
            policy=rules.match,
            users=scope.users,
            pairs=learnt.pairs,
            calibration=learnt.calibration,
        )
        for each in leads
    }
    return {
        lead_id: match.account.account_id
        for lead_id, match in matches.items()
        if match.status == "matched" and match.account
    }


def rest_of(looked: Looked) -> tuple[Member, ...]:
    """Return the records of a suggestion that there still are."""
    left = {each.id for each in looked.records}
    return tuple(each for each in looked.asked.suggestion.members if each.id in left)


@dataclass(frozen=True, slots=True)
class Line:
    """A field of the records side by side, in the order of a plan's records, and what it says after the merge.

    `taken` is the id of the record that it comes from, "" when several have a part in it. `differs`: not all say the
    same. `is_ruled`: consent or the CRM decides, no person.
    """

    field: str
    values: tuple[str, ...]
    after: str
    taken: str
    differs: bool
    is_ruled: bool = False


RULED = frozenset({"strict", "consent", "basis"})
"""What chose a value that no person may change (see rules.merging.survivorship)."""


def side_by_side(made: Plan) -> list[Line]:
    """Return the fields that any of a plan's records has, those that differ first."""
    told = {record.id: named_fields(record) for record in made.records}
    lines = []
    for name, chosen in made.values.items():
        own = own_name(name)
        values = tuple(_shown(told[each.id].get(own, ("", None))[1]) for each in made.records)
        if not any(values):
            continue
        after = _shown(chosen.value)
        # Capitals of an address mean nothing; those of a name are worth choosing.
        differs = len({normalize.email(each) or each for each in values} if own == "email" else set(values)) > 1
        lines.append(Line(name, values, after, chosen.from_id, differs, chosen.rule in RULED))
    return sorted(lines, key=lambda line: not line.differs)


def _shown(value: Value) -> str:
    return "" if compare.is_empty(value) else compare.shown(value)
