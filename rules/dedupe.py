"""Whether a lead is a person the CRM has already: the door to :mod:`rules.people`.

``keys`` is what a person is found by, ``judge`` says how likely two records are one person and why, ``verdict`` what
that comes to for a lead among those who were there before, ``pairs`` does the same for many records at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rules.merging.policy import MergePolicy
from rules.model import DuplicateStatus, Evidence, Record, Verdict
from rules.people import clues, model
from rules.people import keys as blocking
from rules.people.bulk import Pair, crowd_of, pairs
from rules.people.compare import NO_CROWD, Crowd, compare
from rules.people.person import Person, person

__all__ = [
    "KINDS", "NO_CROWD", "SENTENCES", "Crowd", "Judged", "Pair", "Person", "crowd_of", "judge", "judge_all", "keys",
    "pairs", "person", "verdict",
]  # fmt: skip

KINDS = blocking.KINDS
SENTENCES: Mapping[str, str] = clues.SENTENCES
_UNDATED = datetime.max.replace(tzinfo=UTC)
_STANDARD = MergePolicy()


@dataclass(frozen=True, slots=True)
class Judged:
    """How likely two records are one person (0 to 1, and in log-odds), and why: the weights add up to the log-odds."""

    probability: float
    log_odds: float
    evidence: tuple[Evidence, ...]

    def status(self, policy: MergePolicy = _STANDARD) -> DuplicateStatus:
        """Return what it comes to by the thresholds of a policy."""
        return policy.judge(self.probability)


def keys(record: Record, ids: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the blocking keys of a person, each ``kind:value``. `ids`: fields in which one value is one person."""
    return blocking.keys(person(record, ids))


def judge(one: Record, other: Record, *, ids: Sequence[str] = (), crowd: Crowd = NO_CROWD) -> Judged:
    """Return how likely two leads or contacts are one person; the same in both directions but for the words.

    `ids` are fields in which one value is one person, beside LinkedIn's. `crowd` are mailboxes and numbers that others
    are known to share.
    """
    return _judged(person(one, ids), person(other, ids), crowd)


def judge_all(one: Record, others: Iterable[Record], *, ids: Sequence[str] = ()) -> list[Judged]:
    """Return how likely each of the others is the same person as `one`; who they are tells whose numbers are shared."""
    who, known = person(one, ids), [person(other, ids) for other in others]
    crowd = crowd_of([who, *known])
    return [_judged(who, each, crowd) for each in known]


def verdict(lead: Record, others: Sequence[Record], policy: MergePolicy | None = None) -> Verdict:
    """Say whether one of the other records is the same person as the lead, and which of them survives.

    Only a record that is older (created earlier; then by id) counts, so that of N leads in one batch exactly those are
    duplicates that would have been one by one. Of several that are the same, a contact stands before a lead, and then
    the oldest; of several that may be, the likeliest. Without a policy its standard thresholds hold.
    """
    policy = policy or _STANDARD
    older = sorted((other for other in others if _is_older(other, lead)), key=_standing)
    if not older:
        return Verdict("different")
    who, known = person(lead, policy.ids), [person(other, policy.ids) for other in older]
    crowd = crowd_of([who, *known])
    sure = [model.probability(model.score(compare(who, each, crowd))) for each in known]
    place = next((at for at, likely in enumerate(sure) if policy.judge(likely) == "same"), sure.index(max(sure)))
    status, other = policy.judge(sure[place]), older[place]
    if status == "different":
        return Verdict("different")
    # Evidence is worked out for the one that is told: it costs more than all the comparing.
    found = _judged(who, known[place], crowd)
    return Verdict(status, other.kind, other.id, other.owner_id, found.evidence, found.probability)


def _judged(one: Person, other: Person, crowd: Crowd) -> Judged:
    alike = compare(one, other, crowd)
    found = model.score(alike)
    if found <= model.UNRELATED:
        return Judged(model.probability(found), found, ())
    _, gave = model.contributions(alike)
    return Judged(model.probability(found), found, clues.evidence(clues.Two(one, other, alike), found, gave))


def _is_older(other: Record, lead: Record) -> bool:
    return (other.kind, other.id) != (lead.kind, lead.id) and _age(other) < _age(lead)


def _age(record: Record) -> tuple[datetime, str]:
    """Order by age, oldest first; a record without a date counts as newest, so that the order is total."""
    return record.created_at or _UNDATED, record.id


def _standing(record: Record) -> tuple[bool, datetime, str]:
    return record.kind != "contact", *_age(record)
