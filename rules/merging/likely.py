"""How likely two records are one person, as merging asks it: the one place where it gets its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rules import dedupe
from rules.dedupe import NO_CROWD, Crowd
from rules.matching.calibrate import IDENTITY, Calibration
from rules.model import Evidence, Record

__all__ = ["Likely", "crowd", "likely"]


@dataclass(frozen=True, slots=True)
class Likely:
    """A probability (0 to 1) that two records are one person, its log-odds, and why."""

    confidence: float
    log_odds: float
    evidence: tuple[Evidence, ...]


def likely(
    one: Record,
    other: Record,
    *,
    ids: Sequence[str] = (),
    calibration: Calibration = IDENTITY,
    crowd: Crowd = NO_CROWD,
) -> Likely:
    """Return how likely two people's records are one person; the same in both directions but for the words.

    Records without any clue that they are the same are none, however little tells them apart. `ids` are fields in which
    one value is one person, `calibration` is how far the install bears the evidence out; `log_odds` is without it.
    `crowd` is what many are known to share.
    """
    found = dedupe.judge(one, other, ids=ids, crowd=crowd)
    return Likely(calibration.probability(found.probability), found.log_odds, found.evidence)


def crowd(records: Iterable[Record], ids: Sequence[str] = ()) -> Crowd:
    """Return the mailboxes and numbers that several of these people share: by them alone nobody is somebody else."""
    return dedupe.crowd_of([dedupe.person(each, ids) for each in records])
