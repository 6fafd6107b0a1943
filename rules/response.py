"""How fast a lead is answered: by when somebody is to work on it, and what came of that.

A decision that gives a lead to a person with a task waits for an answer until the task is due. What counts as one is
the CRM's to tell (Crm.acted): a task done, another status, an activity, a conversion. A lead that went to somebody else
before anybody answered was not left lying by whoever had it, unless its time had passed by then.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from rules.model import Decision, ResponseStatus, Task
from rules.routing.rotation import UNIT

ASK_AGAIN = (timedelta(hours=1), timedelta(hours=4), timedelta(days=1), timedelta(days=3), timedelta(days=7))
"""How long after the due time it is asked again who has answered: an answer that is late by days is rare, and matters
by the day. After the last one nobody is waited for any more."""
_MINUTE = timedelta(minutes=1)
_PROMISING = frozenset({"assigned", "suggested"})


class Response(NamedTuple):
    """What came of waiting; `at` and `minutes` (since the decision, one digit) are None when nobody answered."""

    status: ResponseStatus
    at: datetime | None = None
    minutes: float | None = None


def due_at(decision: Decision) -> datetime | None:
    """Return by when the person who got a lead is to work on it; None when nobody did, or there is no task."""
    taker = decision.route.assignee
    if taker is None or taker.queue or decision.outcome not in _PROMISING:
        return None
    mine = (each.due_at for each in decision.actions if isinstance(each, Task) and each.owner_id == taker.id)
    return next(mine, None)


def pool(decision: Decision) -> str:
    """Return the pool whose turn was taken, without the mode that is part of its lane's name; "" without a turn."""
    turn = decision.route.turn
    if turn is None or turn.how == "stays":
        return ""
    return turn.pool if decision.mode == "act" else turn.pool.removesuffix(f" ({decision.mode})")


def entitled_share(decision: Decision) -> float | None:
    """Return the share of this lead that was due to its taker, in percent: by weight among those who could take it."""
    turn = decision.route.turn
    if turn is None or turn.how == "stays":
        return None
    before, after = (each.get(turn.member_id, {}).get("entitled", 0) for each in (turn.before, turn.after))
    return round(100 * (after - before) / UNIT, 2)


def answered(due: datetime, decided: datetime, at: datetime) -> Response:
    """Return what came of a lead on which somebody worked at `at`; not before it was decided, whatever clocks say."""
    at = max(at, decided)
    return Response("in_time" if at <= due else "late", at, round((at - decided) / _MINUTE, 1))


def given_up(due: datetime, at: datetime) -> Response:
    """Return what came of a lead that was gone, or somebody else's, at `at`, before anybody had worked on it."""
    return Response("late" if at > due else "none")


NEVER = Response("never")


def next_question(due: datetime, now: datetime) -> datetime | None:
    """Return when to ask again who has worked on a lead; None when it has been waited for long enough."""
    return next((due + after for after in ASK_AGAIN if due + after > now), None)
