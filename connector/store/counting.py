"""What is counted of a decision and of an answer, for tallies: nothing of the lead but where it came from.

A decision is counted once, in the transaction that settles it, in the half hour in which it was stored; so reports and
the list of decisions go by one clock.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from sqlalchemy import Connection

from connector.store import tallies
from connector.store.decisions import Stored
from connector.store.ledger import FINAL
from connector.store.seal import Seal
from connector.store.tallies import Label
from rules import normalize, response
from rules.decide import is_merging
from rules.model import Assign, Decision, Task
from rules.normalizing import free_mail
from rules.response import Response

Unmatched: TypeAlias = Literal["unknown company", "nothing in common", "unlikely", "left out", "review"]
"""Why a lead has no account: it names no company, no account is like it, the best one is not likely enough, the match
policy left out those that are, or people are asked."""

GIVEN = frozenset({"assigned", "suggested", "observed"})
"""Outcomes by which somebody gets a lead, is told to take it, or would get it."""
PROMISED = frozenset({"assigned", "suggested"})
"""Outcomes after which somebody knows of a lead."""
CAUGHT = GIVEN | {"kept", "refused"}
"""Outcomes in which a rule said the last word about a lead."""

SPEEDS: tuple[float, ...] = (
    0.5, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1_800, 3_600, 7_200, 14_400,
    28_800, 86_400, 259_200,
)  # fmt: skip
"""Upper bounds in seconds from the event to the owner; one bucket more holds what took longer. Never to be changed:
what was counted by other bounds could not be added."""
ANSWERS: tuple[float, ...] = (
    1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1_440, 2_880, 4_320, 7_200, 10_080,
)  # fmt: skip
"""Upper bounds in minutes from the decision to the answer; as above."""


def count(connection: Connection, install_id: str, seal: Seal, settled: Iterable[Stored], *, now: datetime) -> None:
    """Count decisions that are settled at `now`, in the transaction that settles them."""
    found = [(each.created_at, of_decision(replace(each, settled_at=now))) for each in settled]
    tallies.add(connection, install_id, seal, found)


def answered(connection: Connection, install_id: str, seal: Seal, stored: Stored, found: Response) -> None:
    """Count what came of waiting for an answer, in the transaction that notes it first."""
    taker = stored.decision.route.assignee
    counts: Counter[Label] = Counter({("answer", found.status): 1})
    if taker is not None:
        counts["answer of", found.status, taker.id] = 1
    if found.minutes is not None:
        counts["answered after", str(bisect_left(ANSWERS, found.minutes))] = 1
    tallies.add(connection, install_id, seal, [(stored.created_at, counts)])


def of_decision(stored: Stored) -> Counter[Label]:
    """Return what a settled decision counts as; one that only tells somebody, or merges, by its outcome alone."""
    made, route = stored.decision, stored.decision.route
    counts: Counter[Label] = Counter({("outcome", made.outcome): 1})
    if stored.part_of or is_merging(made.key) or made.outcome not in CAUGHT:
        return counts
    if route.rule:
        counts["rule", route.rule] = 1
    source = made.lead.text("source")
    counts["source", source, made.match.status] = 1
    if (why := why_unmatched(made)) is not None:
        counts["unmatched", why] = 1
    if route.assignee is not None and made.outcome in GIVEN:
        counts["taker", made.outcome, route.assignee.id, route.assignee.name] = 1
        if pool := response.pool(made):
            counts["pool", pool] = 1
    if made.outcome in PROMISED and stored.settled_at is not None and _is_done(stored):
        counts["speed", str(bucket(stored.settled_at - made.received_at))] = 1
    return counts


def why_unmatched(made: Decision) -> Unmatched | None:
    """Return why a lead was matched with no account for certain; None when it was."""
    match, lead = made.match, made.lead
    if match.status == "matched":
        return None
    if match.status == "review":
        return "review"
    if match.runners_up:
        return "unlikely"
    if match.filtered:
        return "left out"
    domain = normalize.domain(lead.text("email"))
    is_bare = not lead.text("company") or normalize.is_placeholder(lead.text("company"))
    if is_bare and (not domain or free_mail.is_free_mail(domain)):
        return "unknown company"
    return "nothing in common"


def bucket(took: timedelta) -> int:
    """Return which of SPEEDS holds a length of time; their number for what is longer than all."""
    return bisect_left(SPEEDS, took.total_seconds())


def _is_done(stored: Stored) -> bool:
    """Whether the lead or its taker was reached: one that was overtaken gave nothing to anybody."""
    reached = (stored.ledger.get(key) for key in (Assign.key, Task.key))
    return any(entry is not None and entry.state in FINAL and entry.state != "refused" for entry in reached)
