"""Whose turn it is: R. Tijdeman's rule for the chairman assignment problem (Discrete Mathematics 32, 1980).

**The rule.** With every lead that a pool gives away, each member who can take it accrues a share of it, their weight
over the sum of the weights of all who can. What a member has accrued and not yet received is their *due*; who takes a
lead pays one whole lead. Of k members who can take it,

1. those are eligible whose due, with this share, is at least 1/(2k-2); some always are, as the dues sum to one lead;
2. of these, the one takes it whose due would be the first to pass 1 - 1/(2k-2) if nothing changed: the earliest
   deadline. Who would pass it now is overdue and goes first, the largest due ahead; ties go to the smaller id.

**The theorem.** As long as the same members can take leads and their weights stay, after every single lead the leads
that each member has received differ from the sum of their shares by at most 1 - 1/(2k-2), so by less than 1, whatever
the weights. (Nobody is ahead by more, as only the eligible pay. Nobody is behind by more: eligibility and deadlines
make this a schedule of jobs of length one, Tijdeman proved that one exists, and earliest deadline first finds it.)

**Rounding** cannot break it. Shares are whole numbers of 1/UNIT: rounded down, and what is missing to UNIT goes in ones
to the smallest ids of those that were rounded. They sum to UNIT exactly and are the same at every turn, so they are
shares in their own right, and the theorem holds for them exactly; nothing is ever rounded again. From weight / sum of
weights each differs by less than 1/UNIT, n turns by less than n/UNIT, and the theorem leaves 1/(2k-2) to spare: with 30
members for 40 thousand million leads. Where the sum of the weights divides UNIT (any up to 30, many more) there is no
difference at all.

**Who comes and goes.** Dues always sum to 0.

- Who cannot take leads (absent, capped, off shift) accrues nothing meanwhile and comes back with the due they left
  with: neither flooded for the time away nor starved for it.
- A newcomer starts level, with a due of 0: the first lead comes after about 1/share turns, as for everybody.
- Who leaves the pool is forgotten. Were they owed something, those who are ahead pay for it; were they ahead, those who
  are owed something give up that much, in proportion to their dues. So nobody's due grows, nor changes its sign.
- When weights change, dues stay: only what is accrued from now on is shared by the new weights.

**What then holds.** A change of who can take leads is a change of the future that no rule can know, so the theorem says
nothing about a due across it. Proved for any comings and goings, as long as turns are given by this rule: no due ever
passes 3/2 (K-1), where K is the most members that were in the pool at once (:func:`bound`). In random streams (shifts,
caps, absences, joins, leaves, new weights; up to 30 members) no due reached 2; with joins, leaves and new weights alone
none reached 1. A turn that goes back is on top of that: whoever is at a cap meanwhile is owed it until they can take
leads again.

Proof of the bound. Let S(j) be the largest sum of dues of any j members; claim: S(j) <= 3/2 j(K-j). Let x take, and let
the set J of j members gain by it: x is not in J, some z of J could have taken it. All accruals together are 1, so the
dues of J without z sum to at most S(j-1) + 1 (a), and those of J and x, before x pays, to at most S(j+1) + 1 (b). If x
is overdue or nobody was eligible, x had the largest due, so z has at most half of what x and z have together, and J
sums to at most half of (a) and (b): (S(j-1) + S(j+1)) / 2 + 1. Else nobody is overdue, so z has less than 1 and x has
more than 0: J sums to less than S(j-1) + 2 and to less than S(j+1) + 1, so to less than half of both together,
(S(j-1) + S(j+1)) / 2 + 3/2. The claim meets both, as its second difference is -3, and S(0) = S(K) = 0. A newcomer takes
the place of a member with due 0, a leaver gives it back, and settling their due moves dues towards each other, which
raises no S(j).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from math import lcm
from typing import TypeAlias

from rules.model import Standing, Turn

__all__ = ["UNIT", "Standing", "after", "bound", "give_back", "next_taker", "settle", "split"]

UNIT = lcm(*range(1, 31))
"""One lead in fixed point. Every whole number up to 30 divides it, so the usual weights are shared without a rest."""

LEVEL: Mapping[str, int] = {"due": 0, "got": 0, "entitled": 0}
"""Where a newcomer starts. All other counters of a member are leads received in a window of a cap, by its key."""

_Row: TypeAlias = Mapping[str, int]


def bound(most_members: int) -> float:
    """Return what no due can pass, in leads, when members come and go in a pool of at most so many at once."""
    return 1.5 * (most_members - 1)


def split(weights: Mapping[str, int]) -> Mapping[str, int]:
    """Return each member's share of one lead in 1/UNIT; the shares sum to UNIT. `weights` are positive, by id."""
    return _split(tuple(weights.items()))


@lru_cache(maxsize=4096)  # the same people are on shift for many leads
def _split(weights: tuple[tuple[str, int], ...]) -> Mapping[str, int]:
    total = sum(weight for _, weight in weights)
    shares = {member: weight * UNIT // total for member, weight in weights}
    missing = UNIT - sum(shares.values())
    for member in sorted(member for member, weight in weights if weight * UNIT % total)[:missing]:
        shares[member] += 1
    return shares


def next_taker(standing: Standing, weights: Mapping[str, int]) -> str:
    """Return whose turn it is among those who can take a lead: `weights` by member id, not empty.

    A member that `standing` does not know is a newcomer.
    """
    if len(weights) == 1:
        return next(iter(weights))
    shares, parts = split(weights), 2 * len(weights) - 2
    best: tuple[int, int, str] | None = None
    for member, share in shares.items():
        row = standing.get(member)
        due = row["due"] + share if row else share
        if parts * due < UNIT:
            continue
        room = parts * (UNIT - due) - UNIT  # until the due passes 1 - 1/(2k-2), in 1/(2k-2) of UNIT
        deadline = (room * UNIT // share, 0, member) if room >= 0 else (-1, -due, member)
        if best is None or deadline < best:
            best = deadline
    return best[2] if best else _most_owed(standing, shares)


def _most_owed(standing: Standing, shares: Mapping[str, int]) -> str:
    """Nobody is eligible: all who can take it are ahead, as those who are owed something are away."""
    return min(shares, key=lambda member: (-standing.get(member, LEVEL)["due"] - shares[member], member))


def after(standing: Standing, taker: str, weights: Mapping[str, int]) -> dict[str, _Row]:
    """Return the standing after `taker` got a lead that all of `weights` (with the taker) could have taken."""
    rows = dict(standing)
    for member, share in split(weights).items():
        row = rows.get(member, LEVEL)
        rows[member] = {**row, "due": row["due"] + share, "entitled": row["entitled"] + share}
    row = rows.get(taker, LEVEL)
    rows[taker] = {**row, "due": row["due"] - UNIT, "got": row["got"] + 1}
    return rows


def settle(standing: Standing, members: Collection[str]) -> Standing:
    """Return the standing of exactly these members: newcomers start level, what leavers leave is settled."""
    if standing.keys() == members or (len(standing) == len(members) and all(each in standing for each in members)):
        return standing
    stay = frozenset(members)
    rows = dict(standing)
    for leaver in sorted(rows.keys() - stay):
        _pay_off(rows, rows.pop(leaver)["due"])
    return rows | dict.fromkeys(sorted(stay - rows.keys()), LEVEL)


def _pay_off(rows: dict[str, _Row], left: int) -> None:
    """Take a leaver's due off the dues of the opposite sign, in proportion; the rest of rounding from smaller ids."""
    against = {member: abs(row["due"]) for member, row in sorted(rows.items()) if row["due"] * left < 0}
    total = sum(against.values())
    amount = min(abs(left), total)
    parts = {member: amount * due // total for member, due in against.items()}
    missing = amount - sum(parts.values())
    sign = 1 if left > 0 else -1
    for member, part in parts.items():
        extra = 1 if missing and part < against[member] else 0
        missing -= extra
        change = sign * (part + extra)
        row = rows[member]
        rows[member] = {**row, "due": row["due"] + change, "entitled": row["entitled"] + change}


def give_back(standing: Standing, turn: Turn) -> Standing:
    """Return the standing as if a turn had not been taken: what it added is subtracted, and later turns stay.

    ``give_back(turn.after, turn)`` is ``turn.before``; turns may be given back in any order. Of a cap's windows only
    those are counted down that still run. The part of members who have left since is settled as when they left.
    """
    rows: dict[str, _Row] = dict(standing)
    for member, row in turn.after.items():
        old = turn.before.get(member, LEVEL)
        if row is not old and row != old:
            rows[member] = _less(rows.get(member, LEVEL), old, row)
    return settle(rows, standing.keys())


def _less(row: _Row, old: _Row, new: _Row) -> _Row:
    """Return a member's counters without what a turn added to them; a window's counter that comes to 0 goes."""
    changes = {name: count - old.get(name, 0) for name, count in new.items() if count != old.get(name, 0)}
    less = {name: count - changes.get(name, 0) for name, count in row.items()}
    return {name: count for name, count in less.items() if count > 0 or name in LEVEL}
