"""How far an undo has come: where its walk stands, what came of it, and which decisions were put off.

A decision is put off while something is still being done about its lead: it must not hold up the others. Its older
decisions are put off with it, as a lead's decisions go back in order. When the walk is over, those are tried again,
less and less often, and left in the end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connector.store.decisions import Stored
from connector.store.memos import StoredMemo
from connector.store.progress import Progress

KEPT_SECONDS = 30 * 86_400.0
"""How long we know what is to be undone: longer than any undo takes, paused or not."""
TRIES = 12
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
"""With these, decisions that were put off are left after about an hour in which none of them could be taken back."""


@dataclass(frozen=True, slots=True)
class Place:
    """The moment and key of the decision looked at last."""

    at: datetime
    key: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """Where an undo stands. `put_off` are lead ids by decision key, `number` that of the memo that holds them.

    `walked`: all decisions were looked at once. `tries`: how often in a row nothing that was put off could be done.
    """

    place: Place | None = None
    walked: bool = False
    undone: int = 0
    left: int = 0
    tries: int = 0
    number: int = 0
    put_off: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to be done."""
        return self.walked and (not self.put_off or self._gives_up)

    @property
    def wait(self) -> timedelta:
        """How long to wait for what was put off."""
        return min(FIRST_WAIT * int(2 ** (self.tries - 1)), LONGEST_WAIT)

    @property
    def _gives_up(self) -> bool:
        return self.tries >= TRIES

    def counting(self, *, undone: int, left: int) -> Course:
        """Return the course with so many more decisions undone or left; what is given up is left too."""
        given_up = len(self.put_off) if self._gives_up else 0
        return replace(self, undone=self.undone + undone, left=self.left + left + given_up)

    def sentence(self) -> str:
        """Say what came of it so far."""
        said = f"{self.undone:,} undone, {self.left:,} left as they are."
        waiting = len(self.put_off)
        if not waiting:
            return said
        if self._gives_up:
            return f"{said[:-1]}, {waiting:,} of them because something is still being done about the lead."
        return f"{said} {waiting:,} put off: something is still being done about the lead."


@dataclass(frozen=True, slots=True)
class Part:
    """What can be taken back of a page, what must be put off (lead ids by key), and the last decision looked at.

    `whole`: that is the last of the page.
    """

    batch: Sequence[Stored]
    put_off: Mapping[str, str]
    last: Stored | None
    whole: bool


def part(found: Sequence[Stored], blocked: set[str]) -> Part:
    """Take decisions, newest first, up to a lead that comes a second time; those of `blocked` leads are put off."""
    batch: list[Stored] = []
    put_off: dict[str, str] = {}
    seen: set[str] = set()
    last: Stored | None = None
    for each in found:
        lead_id = each.decision.lead.id
        if lead_id in seen:
            return Part(batch, put_off, last, whole=False)
        if lead_id in blocked:
            put_off[each.decision.key] = lead_id
        else:
            seen.add(lead_id)
            batch.append(each)
        last = each
    return Part(batch, put_off, last, whole=True)


def free(found: Sequence[Stored], busy: set[str], *, size: int) -> list[Stored]:
    """Return the newest decision of each lead about which nothing is being done, so many at most."""
    newest: dict[str, Stored] = {}
    for each in found:
        newest.setdefault(each.decision.lead.id, each)
    return [each for lead_id, each in newest.items() if lead_id not in busy][:size]


def read(memo: StoredMemo, work: Progress) -> Course:
    """Return where an undo stands."""
    told: dict[str, Any] = json.loads(work.after) if work.after else {}
    place = Place(datetime.fromisoformat(told.pop("at")), told.pop("key")) if "at" in told else None
    found = Course(place=place, **told)
    return replace(found, put_off=memo.get(_name(work, found)) or {}) if found.number else found


def keep(memo: StoredMemo, work: Progress, before: Course, after: Course) -> tuple[Course, str]:
    """Keep what is put off; return the course with its memo's number, and what to write as `after` of the progress.

    Each list is a memo of its own: it counts when its number is written, together with what it goes with.
    """
    if after.put_off != before.put_off:
        after = replace(after, number=before.number + 1)
        memo.put(_name(work, after), dict(after.put_off), seconds=KEPT_SECONDS)
    told: dict[str, Any] = {name: getattr(after, name) for name in ("walked", "undone", "left", "tries", "number")}
    if after.place is not None:
        told |= {"at": after.place.at.isoformat(), "key": after.place.key}
    return after, json.dumps(told)


def forget(memo: StoredMemo, work: Progress, before: Course, after: Course) -> None:
    """Drop the list that another one has replaced."""
    if before.number and before.number != after.number:
        memo.forget(_name(work, before))


def _name(work: Progress, course: Course) -> str:
    return f"{work.name}:{course.number}"
