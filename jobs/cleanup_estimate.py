"""What a clean-up of a whole CRM would find and cost, guessed from the first records of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from connector.crm import CrmName
from connector.index import Index
from connector.settings import Settings
from connector.store.installs import Install
from connector.store.seal import Seal
from jobs import budget, cleanup_pairs
from jobs.cleanup_labels import learned
from jobs.cleanup_pairs import Measure
from rules.merging.policy import MergePolicy
from rules.ruleset import RuleSet

SAMPLE = 400
"""Records of a kind that are looked at: some tenths of a second."""
READING = 0.1
"""Calls by which one suggestion is read again: a page of them shares a few."""
MERGING: Mapping[CrmName, float] = {"salesforce": 4.0, "hubspot": 9.0}
"""Calls by which one merge is done: snapshot, merge, audit. [U] Guesses for records with few relations, between one
that is done alone (5 and 19 calls on the local CRMs) and many at once (0.2 and 1.4)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a clean-up may come to: `sets` of records to be asked about, `sure` of them surely the same.

    `looking` are API calls for showing and reading again, `merging` those for merging what is sure. `left` is how many
    we may spend today on what can wait; None where the CRM has no daily limit that we know of.
    """

    records: int
    sampled: int
    sets: int
    sure: int
    looking: int
    merging: int
    left: int | None = None

    @property
    def fits(self) -> bool:
        """Whether today's calls are enough to merge all that is sure."""
        return self.left is None or self.looking + self.merging <= self.left


def estimate(
    connection: Connection, install: Install, seal: Seal, ruleset: RuleSet, settings: Settings, *, now: datetime
) -> Estimate:
    """Guess what a clean-up would come to."""
    policy = ruleset.duplicates or MergePolicy()
    known = learned(connection, install.id, seal)
    measure = Measure(policy, install.crm, known.people, known.companies)
    index = Index(connection, install.id, seal)
    records = sampled = 0
    sets = sure = 0.0
    for kind in cleanup_pairs.kinds_of(policy, install.crm):
        count, ids = index.count(kind), index.page(kind, size=SAMPLE)
        found = {frozenset({each.one, each.other}): each for each in cleanup_pairs.ties(index, kind, ids, measure)}
        # A tie with a record outside the sample would be found from there too: it is counted half.
        whole = set(ids)
        weights = {pair: 1.0 if pair <= whole else 0.5 for pair in found}
        share = count / len(ids) if ids else 0.0
        records, sampled = records + count, sampled + len(ids)
        sets += share * sum(weights.values())
        certain = (pair for pair, each in found.items() if kind != "account" and each.confidence >= policy.merge)
        sure += share * sum(weights[pair] for pair in certain)
    stands = budget.standing(connection, install.id, settings, now=now)
    left = None if stands.rests_at is None else max(0, stands.rests_at - stands.used)
    looking, merging = round(sets * READING), round(sure * MERGING[install.crm])
    return Estimate(records, sampled, round(sets), round(sure), looking, merging, left)
