"""Who of a pool takes the next lead.

Those can take it who are active users of the CRM, for whom `when` holds, who are at work, not paused, below their caps
and their limit of open leads, and whom nothing about this lead rules out. Of them: who has a lead of the same account
(`sticky`), else who has the fewest open leads for their weight, or whose skills fit best, or whose turn it is
(:mod:`rules.routing.rotation`), which also decides between equals.

What counts for the rotation. Every lead that a pool gives away counts as received by the taker, and accrues to all who
could have taken it; so it does when `sticky` or the fewest open leads chose, and the rotation makes up for it. A lead
given by best fit accrues to those alone who fit it best: the others could not have got it. A lead that stays with who
has it is no turn.

Caps count the leads of this pool, in fixed windows of the member's zone. A member's standing keeps the counters of the
windows in which the member's last lead came, and no older ones. `open leads: 20` is a limit: who has 20 gets no more.
When a lead would find nobody at all for that, caps and limits give way (:func:`beyond`): of those who are at work, who
is least over them takes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from rules.model import Mode, Standing, Turn
from rules.parts import Pool
from rules.routing import rotation, skills
from rules.routing.rotation import UNIT, give_back
from rules.routing.seats import NOTHING, Desk, Seating, back, counted, next_chance, obstacle, overrun, seating
from rules.wording.said import strung
from rules.wording.words import say

__all__ = ["Desk", "Refusal", "Share", "beyond", "give_back", "lane", "returns", "shares", "stays", "take"]

_TOLD = 3
"""How many members a refusal names."""
WINDOWS = 2
"""Of each kind of cap so many of a member's windows stay counted, the latest: by two clocks it is not the same hour at
the same moment, and whoever looks by the slower one must still find what it has counted."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nobody can take the lead: `why` as part of a sentence, and for a pool that holds leads when somebody can."""

    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What a member has received of a pool, and what was due to them by weight, in leads."""

    user_id: str
    got: int
    entitled: float


class _Choice(NamedTuple):
    how: str
    taker: str
    among: Mapping[str, int]  # the weights of those to whom the lead accrues


def lane(pool: str, mode: Mode) -> str:
    """Return the name under which a pool's rotation is kept: one for each mode, so that watching moves nothing."""
    return pool if mode == "act" else f"{pool} ({mode})"


def take(pool: Pool, desk: Desk) -> Turn | Refusal:
    """Return who of the pool takes the lead, with the standing of its lane before and after, or why nobody can.

    `Turn.how` is ``turn``, ``fewest``, ``fit``, ``account`` (sticky) or ``stays``: the holder keeps the lead, and the
    standing is what it was. `Turn.passed` names the members who could not take it.
    """
    table = seating(pool, desk)
    name = lane(pool.name, desk.mode)
    standing = desk.rotation.get(name, {})
    if stays(pool, desk):
        return Turn(name, desk.holder or "", standing, standing, "stays")
    ready, passed = _sorted_out(pool, table, desk, standing)
    if not ready:
        return Refusal(_why(pool, passed), _until(pool, table, desk, standing))
    before = rotation.settle(standing, table.seats.keys())
    return _turn(pool, desk, before, _chosen(pool, table, desk, before, ready), passed)


def beyond(pool: Pool, desk: Desk) -> Turn | None:
    """Return who takes a lead that nobody can take within caps and limits: who is at work and least over theirs.

    Of several, the pool chooses as ever; None when nobody of it is at work. `Turn.how` is ``over``. It counts as a turn
    as any other: it accrues to those who are equally little over, and caps go on counting.
    """
    table = seating(pool, desk)
    standing = desk.rotation.get(lane(pool.name, desk.mode), {})
    found = {id_: overrun(seat, pool, desk, standing.get(id_, NOTHING)) for id_, seat in table.seats.items()}
    over = {id_: count for id_, count in found.items() if count is not None}
    if not over:
        return None
    least = min(over.values())
    ready = {id_: table.weights[id_] for id_, count in over.items() if count == least}
    before = rotation.settle(standing, table.seats.keys())
    choice = _chosen(pool, table, desk, before, ready)._replace(how="over")
    passed = [
        (seat.user.name, obstacle(seat, pool, desk, standing.get(id_, NOTHING)))
        for id_, seat in table.seats.items()
        if id_ != choice.taker
    ]
    passed += [(address, say("pool.why.unknown")) for address in table.strangers]
    return _turn(pool, desk, before, choice, tuple(passed))


def returns(pool: Pool, desk: Desk) -> datetime | None:
    """Return when the first of the pool is at work again; seats.UNTOLD when nobody has said, None when nobody is."""
    return _earliest(back(seat, pool, desk) for seat in seating(pool, desk).seats.values())


def _turn(pool: Pool, desk: Desk, before: Standing, choice: _Choice, passed: tuple[tuple[str, str], ...]) -> Turn:
    """Return the turn of a choice, with what it adds to the standing and to the counters of caps."""
    seat = seating(pool, desk).seats[choice.taker]
    windows = counted(seat, desk.at) if seat.caps else []
    before = _without_past(before, choice.taker, windows)
    after = rotation.after(before, choice.taker, choice.among)
    if windows:
        row = after[choice.taker]
        after[choice.taker] = {**row, **{key: row.get(key, 0) + 1 for key in windows}}
    return Turn(lane(pool.name, desk.mode), choice.taker, before, after, choice.how, passed)


def stays(pool: Pool, desk: Desk) -> bool:
    """Tell whether who has the lead by our earlier decision keeps it: an active member for this lead, not ruled out.

    Hours, caps and absences do not take a lead away from who has it.
    """
    seat = seating(pool, desk).seats.get(desk.holder) if desk.holder else None
    if seat is None or not seat.user.active or seat.user.id in desk.refused:
        return False
    return all(part.holds(desk.facts)[0] for part in seat.member.when)


def shares(standing: Standing) -> list[Share]:
    """Return what each member of a lane has received and was entitled to, by user id."""
    rows = sorted(standing.items())
    return [Share(member, row.get("got", 0), row.get("entitled", 0) / UNIT) for member, row in rows]


def _sorted_out(
    pool: Pool, table: Seating, desk: Desk, standing: Standing
) -> tuple[Mapping[str, int], tuple[tuple[str, str], ...]]:
    """Return the weights of those who can take the lead, and who cannot with why."""
    ruled_out = desk.refused or desk.paused or (pool.never_back and desk.before)
    if table.easy and not ruled_out and not table.strangers:
        return table.weights, ()
    ready: dict[str, int] = {}
    passed: list[tuple[str, str]] = []
    for id_, seat in table.seats.items():
        why = "" if seat.easy and not ruled_out else obstacle(seat, pool, desk, standing.get(id_, NOTHING))
        if why:
            passed.append((seat.user.name, why))
        else:
            ready[id_] = seat.member.weight
    passed += [(address, say("pool.why.unknown")) for address in table.strangers]
    return ready, tuple(passed)


def _chosen(pool: Pool, table: Seating, desk: Desk, before: Standing, ready: Mapping[str, int]) -> _Choice:
    if pool.sticky and (near := next((id_ for id_ in desk.neighbours if id_ in ready), None)):
        return _Choice("account", near, ready)
    if pool.by == "fewest open leads":
        return _Choice("fewest", rotation.next_taker(before, _least_loaded(desk, ready)), ready)
    if pool.by == "best fit" and (fitting := _fitting(pool, table, desk, ready)):
        return _Choice("fit", rotation.next_taker(before, fitting), fitting)
    return _Choice("turn", rotation.next_taker(before, ready), ready)


def _least_loaded(desk: Desk, ready: Mapping[str, int]) -> dict[str, int]:
    """Return those with the fewest open leads for their weight."""
    # Weights are at most 1,000, so loads that differ at all differ by far more than 1/UNIT.
    loads = {id_: desk.open_leads.get(id_, 0) * UNIT // weight for id_, weight in ready.items()}
    least = min(loads.values())
    return {id_: weight for id_, weight in ready.items() if loads[id_] == least}


def _fitting(pool: Pool, table: Seating, desk: Desk, ready: Mapping[str, int]) -> dict[str, int]:
    """Return those whose skills cover most of what the lead wants; nobody when nobody covers anything."""
    wanted = skills.wishes(pool.fit, desk.facts)
    seats = {id_: table.seats[id_] for id_ in ready} if wanted else {}
    fits = {id_: skills.covered(wanted, seat.member.skills, seat.user.language) for id_, seat in seats.items()}
    best = max(fits.values(), default=0)
    return {id_: ready[id_] for id_, fit in fits.items() if fit == best} if best else {}


def _without_past(standing: Standing, member: str, windows: list[str]) -> Standing:
    """Return the standing without the member's counters of windows that are over."""
    row = standing[member]
    if len(row) == len(rotation.LEVEL):
        return standing
    lasting = {*rotation.LEVEL, *windows}
    for each in windows:
        kind = each.partition(" ")[0]
        lasting.update(sorted({each, *(name for name in row if name.startswith(kind))})[-WINDOWS:])
    kept = {name: count for name, count in row.items() if name in lasting}
    return {**standing, member: kept} if len(kept) < len(row) else standing


def _why(pool: Pool, passed: tuple[tuple[str, str], ...]) -> str:
    told = [say("pool.member", user=user, why=why) for user, why in passed[:_TOLD]]
    if len(passed) > _TOLD:
        told.append(say("more", count=len(passed) - _TOLD))
    members = told[0] if len(told) == 1 else say("and", first=strung(", ", told[:-1]), last=told[-1])
    return say("pool.nobody", pool=pool.name, members=members)


def _until(pool: Pool, table: Seating, desk: Desk, standing: Standing) -> datetime | None:
    """Return when the first of the seats can take a lead, if the pool holds leads until then."""
    if pool.hold is None:
        return None
    return _earliest(next_chance(seat, pool, desk, standing.get(id_, NOTHING)) for id_, seat in table.seats.items())


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)
