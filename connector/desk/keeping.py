"""For how many days things are kept: decisions here, and in the CRM the snapshots by which merges are taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connector.desk import log
from connector.desk.faults import Unusable, sentence
from connector.services import Services
from connector.settings import Settings
from connector.store import notes, progress
from connector.store.installs import Install
from jobs import expiry


@dataclass(frozen=True, slots=True)
class Days:
    """For so many days something is kept, of as many as the operator allows."""

    count: int
    most: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that is kept for some days.

    `note` is where an install's choice lies, `allowed` what the operator says, and `did` how a change is noted. In a
    form `field` holds the days, and `fewer` is the box by which `warning` is understood. `work` deletes at once what is
    older; without it the clock does, within the hour.
    """

    note: str
    allowed: Callable[[Settings], int]
    did: str
    field: str
    fewer: str
    warning: str
    work: str = ""


DECISIONS = Kept(
    notes.DECISION_DAYS,
    lambda settings: settings.decision_days,
    did="decision days",
    field="days",
    fewer="fewer_days",
    warning=sentence(
        "Nothing was changed. Tick the box that says that older decisions are deleted here for good, then choose."
    ),
)
"""Decisions here; the CRM keeps its audit records."""
MERGES = Kept(
    notes.MERGE_UNDO_DAYS,
    lambda settings: settings.merge_undo_days,
    did="undo days",
    field="undo_days",
    fewer="fewer",
    warning=sentence(
        "Nothing was changed. Tick the box that says that older merges cannot be taken back any more, then choose."
    ),
    work=expiry.NAME,
)
"""Merges that can be taken back, by their snapshots in the CRM."""


def days(what: Kept, chosen: Mapping[str, str], settings: Settings) -> Days:
    """Return how long something is kept, by what an install has `chosen` (notes.of) and its operator allows."""
    most = what.allowed(settings)
    return Days(notes.days(chosen.get(what.note), most=most), most)


def may_keep(services: Services, install: Install, what: Kept, count: int, *, understood: bool) -> Days:
    """Return how long something is kept now; raise Unusable unless it may be kept for so many days (see keep())."""
    with services.database.read() as connection:
        before = days(what, notes.of(connection, install.id), services.settings)
    if not 1 <= count <= before.most:
        raise Unusable("Choose from 1 to %(most)s days.", field=what.field, most=before.most)
    if count < before.count and not understood:
        raise Unusable(what.warning, field=what.fewer)
    return before


def keep(services: Services, install: Install, what: Kept, count: int, *, understood: bool, by: str) -> None:
    """Keep something for so many days from now on. Raises Unusable.

    For fewer days than before only when it was `understood` that nobody can bring back what goes.
    """
    before = may_keep(services, install, what, count, understood=understood)
    if count == before.count:
        return
    with services.database.write() as connection:
        now = services.clock()
        notes.put(connection, install.id, what.note, str(count), now=now)
        if what.work:
            progress.start(connection, install.id, what.work, now=now)
    if what.work:
        services.ring(install.id)
    log.note(services, install, by=by, did=what.did, about=str(count), before=str(before.count))
