"""What members of pools have received and were entitled to: the lines that the console shows, written to the records.

The pools' records are written for people and reports, never read back for a decision. The clock asks for it where turns
were taken since the last time, at most every STANDINGS_SECONDS an install; the drain writes what has changed, in one
batch. A package that lacks the fields refuses: that is noted with the work, and asked again after RETRY_AFTER, or when
a person has what stopped tried again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, select

from connector.errors import Refused
from connector.rows import RuleRow
from connector.store import installs, progress, rotation, rulesets
from connector.store.installs import Install
from connector.store.progress import Progress
from jobs import rulebook
from jobs.shift import Shift
from jobs.tools import Tools
from rules.decide import Scene
from rules.model import Mode, Standing, User
from rules.parts import Pool
from rules.pools import Share, lane, shares
from rules.ruleset import RuleSetError, split

log = structlog.get_logger()

NAME = "standings"
RETRY_AFTER = timedelta(days=7)
"""How long a refusal holds: by then somebody may have updated the package."""

_HEADS: Mapping[Mode, str] = {
    "act": "",
    "suggest": "What the mode suggest proposed; no lead changed owner by it.\n",
    "observe": "What the mode observe would have given; no lead changed owner by it.\n",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A member of a pool: their share of its leads by weight (0 to 1), leads received, leads entitled to."""

    user: User
    share: float
    got: int
    entitled: float

    @property
    def ahead(self) -> float:
        """By how many leads they are ahead; behind, when negative."""
        return self.got - self.entitled


def lines(pool: Pool, standing: Standing, by_email: Mapping[str, User]) -> tuple[Line, ...]:
    """Return the members of a pool who are users of the CRM, in the order of its text; two addresses of one are one."""
    seats: dict[str, tuple[User, int]] = {}
    for member in pool.members:
        user = by_email.get(member.user)
        if user is not None:
            seats.setdefault(user.id, (user, member.weight))
    whole = sum(weight for _, weight in seats.values())
    found = {each.user_id: each for each in shares(standing)}
    level = Share("", 0, 0.0)
    return tuple(
        Line(user, weight / whole, found.get(id_, level).got, found.get(id_, level).entitled)
        for id_, (user, weight) in seats.items()
    )


def difference(found: Sequence[Line]) -> float:
    """Return by how many leads a member is ahead or behind at most, two digits, never rounded up to the bound."""
    most = max((abs(each.ahead) for each in found), default=0.0)
    return int(most * 100 + 1e-6) / 100


def ask(tools: Tools) -> int:
    """Ask for the standings of every active install where turns were taken, and ring; return how many."""
    now, wanted = tools.clock(), []
    with tools.database.read() as connection:
        known = progress.named(connection, NAME)
        for install in installs.every(connection, status="active"):
            last = known.get(install.id)
            if _is_time(tools, last, now) and _mark(connection, install) != ((last and last.after) or ""):
                wanted.append((install.id, last))
    for install_id, last in wanted:
        with tools.database.write() as connection:
            if last is None:
                progress.start(connection, install_id, NAME, now=now)
            else:  # what was written last stays noted until it is written again
                progress.move(connection, install_id, NAME, now=now, state="waiting", not_before=now, reason="")
        tools.ring(install_id)
    return len(wanted)


def refusal(connection: Connection, install_id: str) -> str:
    """Return why the CRM refused to have standings written; "" when it did not."""
    work = {each.name: each for each in progress.of(connection, install_id)}
    return work[NAME].reason if NAME in work and work[NAME].state == "failed" else ""


def page(shift: Shift, work: Progress) -> None:
    """Write what has changed since the records were written, in one batch. Raises Refused when there are no fields."""
    scene = rulebook.scene(shift)
    with shift.read() as connection:
        mark = _mark(connection, shift.install)
        lanes = rotation.states(connection, shift.install.id)
    changed = [new for old in shift.crm.rules() if (new := _marked(old, scene, lanes)) != old]
    if changed:
        _write(shift, changed)
    now = shift.tools.clock()
    values = {"state": "done", "done": len(changed), "total": len(changed), "after": mark, "reason": ""}
    with shift.write() as connection:
        progress.move(connection, shift.install.id, work.name, now=now, **values)
    log.info("standings", install=shift.install.id, records=len(changed))


def _is_time(tools: Tools, last: Progress | None, now: datetime) -> bool:
    if last is None:
        return True
    pause = {"done": timedelta(seconds=tools.settings.standings_seconds), "failed": RETRY_AFTER}.get(last.state)
    return pause is not None and now - last.updated_at >= pause


def _mark(connection: Connection, install: Install) -> str:
    """Return a mark of everything that standings are told from; "" before the first turn."""
    states = rotation.states(connection, install.id)
    if not states:
        return ""
    query = select(rulesets.ruleset.c.version).where(rulesets.ruleset.c.install_id == install.id)
    version = connection.execute(query).scalar_one_or_none()
    told = json.dumps([install.mode, version, states], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _marked(row: RuleRow, scene: Scene, lanes: Mapping[str, Standing]) -> RuleRow:
    """Return a record with the standing of the pool that it holds; without any, where it holds none in force."""
    pool = scene.ruleset.pools.get(_pool(row)) if row.state == "live" else None
    standing = lanes.get(lane(pool.name, scene.mode)) if pool else None
    found = lines(pool, standing, scene.by_email) if pool and standing else ()
    if not found:
        return replace(row, standing="", received=None, difference=None)
    text = _HEADS[scene.mode] + "\n".join(map(_told, found))
    return replace(row, standing=text, received=sum(each.got for each in found), difference=difference(found))


def _pool(row: RuleRow) -> str:
    """Return the name of the pool in a record's text; "" for everything else."""
    try:
        return next((item.name for item in split(row.definition) if item.kind == "pool"), "")
    except RuleSetError:
        return ""


def _told(line: Line) -> str:
    off = abs(line.ahead)
    side = "level" if off < 0.005 else f"{off:.2f} {'ahead' if line.ahead > 0 else 'behind'}"  # noqa: PLR2004 - two digits
    return f"{line.user.name}: received {line.got}, entitled to {line.entitled:.2f} ({side})"


def _write(shift: Shift, rows: Sequence[RuleRow]) -> None:
    """Write standings; where the fields are missing, have made what can be made, and try once more."""
    try:
        shift.crm.mark_standings(rows)
    except Refused:
        shift.crm.prepare()
        shift.crm.mark_standings(rows)
