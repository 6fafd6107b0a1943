"""Who takes the next lead: smooth weighted rotation over plain integer credits.

At each turn every member who can take a lead gains its weight in credit; the one with most credit takes the lead and
pays the sum of the weights that were gained. Ties go to the smaller id, never to the order of a list. Members who
cannot take a lead are skipped: they gain nothing and lose nothing. A newcomer starts at 0; who left is forgotten.

What this guarantees while the same members are available, for a share s = weight / sum of weights after k turns:
nobody is ever a whole turn ahead of k*s (proved: the one who takes holds at least the mean, which is positive); nobody
is behind by as much as n-1 turns (credits sum to 0 and none is below minus the sum of weights; in tests the lag stays
below 2 for up to 12 members); credits are back at 0 after every full round; equal weights give exact round robin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rules.model import Mode, Turn


@dataclass(frozen=True, slots=True)
class Seat:
    """A member of a pool as the rotation sees it: user id, weight, and whether they can take a lead now."""

    id: str
    weight: int = 1
    available: bool = True


def lane(pool: str, mode: Mode) -> str:
    """Return the name under which a pool's rotation is kept: one for each mode, so that watching moves nothing."""
    return pool if mode == "act" else f"{pool} ({mode})"


def take(pool: str, seats: Sequence[Seat], state: Mapping[str, int]) -> Turn | None:
    """Return whose turn it is in this pool (or lane) and the state after it; None when nobody is available.

    `state` is credit by user id, as :attr:`Turn.after` of the turn before left it.
    """
    before = {seat.id: state.get(seat.id, 0) for seat in seats}
    after = before | {seat.id: before[seat.id] + seat.weight for seat in seats if seat.available}
    ready = [seat for seat in seats if seat.available]
    if not ready:
        return None
    taker = min(ready, key=lambda seat: (-after[seat.id], seat.id))
    after[taker.id] -= sum(seat.weight for seat in ready)
    return Turn(pool, taker.id, before, after)
