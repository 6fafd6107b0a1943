"""Which records of a batch of leads seem to be one person: found by the index, judged again by what they say now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import structlog

from connector.errors import Ignored, Refused
from connector.merging import Mergeable
from connector.store import pairs
from connector.store.pairs import Suggestion
from jobs import cleanup_labels
from jobs.shift import Shift
from rules.dedupe import Crowd
from rules.matching.calibrate import Calibration
from rules.merging.course import member
from rules.merging.groups import Group, Judged, Judgement, groups, judged
from rules.merging.likely import Likely, crowd, likely
from rules.merging.policy import MergePolicy
from rules.model import Record

log = structlog.get_logger()

Likes: TypeAlias = Mapping[frozenset[str], Likely]
"""How like two records are, by both ids."""


@dataclass(frozen=True)
class Case:
    """Records that seem to be one person, how like they are, and the leads among them that are asked about."""

    group: Group
    likes: Likes
    asking: tuple[str, ...]

    @property
    def weakest(self) -> Likely:
        """The evidence for the least sure two."""
        found = (self.likes[frozenset({one.id, other.id})] for one, other in self.group.pairs)
        return min(found, key=lambda each: each.confidence)


@dataclass(frozen=True)
class Near:
    """Who is near the leads of a batch, by evidence of the index and by what people said."""

    records: Mapping[str, Record]
    likes: Likes
    labels: Mapping[frozenset[str], Judgement]
    judged: Judged
    is_alike: bool
    calibration: Calibration
    crowd: Crowd


def near(
    shift: Shift, asking: Mapping[str, Record], people: Mapping[str, Sequence[Record]], policy: MergePolicy
) -> Near:
    """Return who is near leads: `people` are those that share a key with each, by the lead's id."""
    is_alike = shift.crm.name == "hubspot"
    with shift.read() as connection:
        calibration = cleanup_labels.learned(connection, shift.install.id, shift.seal).people
    records = {each.id: each for lead_id in asking for each in people.get(lead_id, ())} | dict(asking)
    shared = crowd(records.values(), policy.ids)
    likes = {
        frozenset({lead.id, other.id}): likely(lead, other, ids=policy.ids, calibration=calibration, crowd=shared)
        for lead in asking.values()
        for other in people.get(lead.id, ())
        if policy.covers(lead.kind, other.kind, alike=is_alike)
    }
    with shift.read() as connection:
        labels = pairs.labels(connection, shift.install.id, shift.seal, list(records))
    sure = {pair: each.confidence for pair, each in likes.items()}
    return Near(records, likes, labels, judged(sure, policy, labels), is_alike, calibration, shared)


def cases(
    shift: Shift, asking: Mapping[str, Record], by: Near, policy: MergePolicy
) -> tuple[list[Case], Mergeable | None]:
    """Read the records that seem to be one person, and judge them again by what they say now."""
    seeming = groups(list(by.records.values()), by.judged, policy, alike=by.is_alike)
    wanted = {member(record) for group in seeming for record in group.records}
    if not wanted:
        return [], None
    try:
        fresh = shift.crm.mergeable(wanted)
    except (Refused, Ignored) as error:
        # No lead may wait for that: it is routed as it is.
        log.warning("duplicates not read", install=shift.install.id, reason=str(error))
        return [], None
    found: list[Case] = []
    for group in seeming:
        live = [fresh.records[each] for record in group.records if (each := member(record)) in fresh.records]
        likes = {
            frozenset({one.id, other.id}): likely(
                one, other, ids=policy.ids, calibration=by.calibration, crowd=by.crowd
            )
            for one, other in combinations(live, 2)
        }
        again = judged({pair: each.confidence for pair, each in likes.items()}, policy, by.labels)
        for whole in groups(live, again, policy, alike=fresh.abilities.alike):
            ids = tuple(record.id for record in whole.records if record.id in asking)
            found += [Case(whole, likes, ids)] if ids else []
    return found, fresh


def unsure(asking: Mapping[str, Record], by: Near, planned: Collection[str]) -> list[Suggestion]:
    """Return what a person is asked because the evidence is not enough: for each lead its likeliest other."""
    found: dict[str, Suggestion] = {}
    for lead_id, lead in asking.items():
        found_unsure = [
            (each.confidence, by.records[next(iter(pair - {lead_id}))], each)
            for pair, each in by.likes.items()
            if lead_id in pair and by.judged[pair].status == "unsure"
        ]
        if found_unsure and lead_id not in planned:
            _, other, why = max(found_unsure, key=lambda one: (one[0], one[1].id))
            asked = suggestion((lead, other), why, (), lead_id)
            found[asked.key] = asked
    return list(found.values())


def suggestion(records: Sequence[Record], why: Likely, reasons: Sequence[str], lead_id: str) -> Suggestion:
    """Return what a person is asked about records: why they seem the same, and the `reasons` for not merging them."""
    names = tuple(each.text("name") or each.text("last_name") or each.text("email") or each.id for each in records)
    members = tuple(map(member, records))
    return Suggestion(members, why.confidence, why.evidence, tuple(reasons), lead_id, names, why.log_odds)
