"""Mass match: every lead of the index is matched again, a page at a time, behind everything that happens now.

``match:`` posts letters, which are answered like any other; ``try:`` only counts what would come of it and asks the CRM
for nothing but what the policy reads beside an account. Where it stands is the row of progress, so it survives a
restart and can be paused.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeAlias, get_args

from sqlalchemy import Connection

from connector.index import Index
from connector.store import decisions, letters, progress
from connector.store.progress import Progress
from jobs import accounts, rematch, reviews, rulebook
from jobs.shift import Shift
from rules.decide import Scene
from rules.match import choose
from rules.model import Match, MatchStatus, Record
from rules.wording.words import english

Work: TypeAlias = Literal["match", "try"]
Which: TypeAlias = Literal["all", "unmatched"]

PAGE = 200
"""Leads a page: as many as a round of letters answers."""
NAMES: tuple[str, ...] = tuple(f"{work}:{which}" for work in get_args(Work) for which in get_args(Which))
"""The names of its rows of progress."""


def start(connection: Connection, install_id: str, *, work: Work, which: Which, now: datetime) -> str:
    """Ask for a mass match of all leads, or of those without an account, or for a try; return its name. Then ring."""
    name = f"{work}:{which}"
    progress.start(connection, install_id, name, now=now)
    return name


def page(shift: Shift, work: Progress) -> None:
    """Take the next leads of the index: post letters to them, or count what they would be matched to."""
    kind, _, which = work.name.partition(":")
    place = json.loads(work.after) if work.after else {}
    with shift.read() as connection:
        index = Index(connection, shift.install.id, shift.seal)
        total = index.count("lead")
        ids = index.page("lead", after=place.get("after", ""), size=PAGE)
        leads = index.get("lead", ids)
        chosen = _chosen(shift, connection, list(leads.values()), which)
    counts = Counter(place.get("counts", {}))
    counts.update([each.status for each in matches(shift, chosen)] if kind == "try" else {"asked": len(chosen)})
    done, is_last = work.done + len(ids), len(ids) < PAGE
    now = shift.tools.clock()
    after = json.dumps({"after": ids[-1] if ids else "", "counts": counts})
    values = work.turned(
        done=done, after=after, is_last=is_last, now=now, total=max(total, done), reason=told(kind, counts)
    )
    with shift.write() as connection:
        if progress.advance(connection, shift.install.id, work.name, now=now, **values) and kind == "match":
            events = rematch.asks([each.id for each in chosen], now=now)
            letters.receive(connection, shift.install.id, events, now=now, priority=letters.BACKFILL)


def told(kind: str, counts: Mapping[str, int]) -> str:
    """Return what came of it, as a sentence."""
    if kind == "match":
        return english("work.asked", count=f"{counts.get('asked', 0):,}")
    return english("work.tried", **{status: f"{counts.get(status, 0):,}" for status in get_args(MatchStatus)})


def _chosen(shift: Shift, connection: Connection, leads: Sequence[Record], which: str) -> list[Record]:
    """Return the leads of a page that are meant: no converted ones, and perhaps only those without an account."""
    open_ones = [each for each in leads if not each.fields.get("converted")]
    if which == "all":
        return open_ones
    free = [each for each in open_ones if not each.text("account_id")]
    last = decisions.latest(connection, shift.install.id, shift.seal, [each.id for each in free])
    return [each for each in free if each.id not in last or last[each.id].match.status != "matched"]


def matches(shift: Shift, leads: Sequence[Record]) -> list[Match]:
    """Match leads, or contacts, as they stand in the index by the rules in force; nothing is stored."""
    if not leads:
        return []
    scene: Scene = rulebook.scene(shift)
    with shift.read() as connection:
        learned = reviews.learned(connection, shift.install.id, shift.seal)
        index = Index(connection, shift.install.id, shift.seal)
        found = accounts.find(index, leads, scene.ruleset.match, learned.pairs)
    found = accounts.with_history(found, shift.crm, scene.ruleset.history)
    return [
        choose(
            lead,
            found.rankings.get(lead.id, ()),
            {account.id: account for account in found.of(lead.id)},
            policy=scene.ruleset.match,
            users=scene.users,
            pairs=learned.pairs,
            calibration=learned.calibration,
        )
        for lead in leads
    ]
