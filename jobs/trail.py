"""What a round of decisions leaves behind: who has which lead, turns that went back, what waits for its time.

All of it is written in the transaction that stores the decisions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from connector.store import assignments, responses, rotation, timers
from connector.store.timers import Waiting
from jobs.past import Ground
from jobs.responses import awaited
from rules.model import Decision

ANEW = "decided anew"
TAKEN = "owner changed"


class Repeated(Exception):  # noqa: N818 - a state, not a fault
    """A decision of a batch was stored before: its turn has been taken."""


@dataclass
class Trail:
    """What happens to the timers of a batch.

    `stopped` says why, by lead id; leads in `asked` wait on, by the decision of this key, until then.
    """

    stopped: dict[str, str] = field(default_factory=dict)
    asked: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def write(
        self,
        connection: Connection,
        install_id: str,
        ground: Ground,
        made: Sequence[Decision],
        new: Collection[str],
        *,
        now: datetime,
    ) -> None:
        """Store what the decisions of a batch lead to, in the caller's transaction; `new` are the keys not stored yet.

        What was stored already has taken its turn. In a batch the others have followed it all the same, so then this
        raises Repeated, and the letters are tried one by one; alone it takes none.
        """
        repeated = {each.key for each in made if each.key not in new and each.route.turn is not None}
        repeated |= {each.decision_key for each in ground.given if each.decision_key not in new}
        if repeated and len(made) > 1:
            raise Repeated(", ".join(sorted(repeated)))
        for row, ending in ground.ended.values():
            # Where no turn is moved, one that goes back is left to the next round.
            owes = bool(repeated) and row.decision_key in ground.credited
            assignments.end(connection, install_id, row.decision_key, ending, now=now, gives_back=owes)
        given = [each for each in ground.given if each.decision_key in new]
        assignments.add(connection, install_id, given)
        if not repeated:
            assignments.credited(connection, install_id, ground.credited)
            rotation.put(connection, install_id, {lane: ground.rotation[lane] for lane in ground.moved})
        fresh = [each for each in made if each.key in new]
        self._write_timers(connection, install_id, fresh, {each.lead_id for each in given}, now)

    def _write_timers(
        self, connection: Connection, install_id: str, fresh: Sequence[Decision], given: set[str], now: datetime
    ) -> None:
        stopped = self.stopped | {each.lead.id: ANEW for each in fresh if each.lead.id in given or begins_anew(each)}
        for reason, lead_ids in _by_reason(stopped).items():
            timers.stop(connection, install_id, lead_ids, reason, now=now)
        timers.add(connection, install_id, [one for each in fresh for one in waiting(each)], now=now)
        responses.add(connection, install_id, awaited(fresh), now=now)
        for lead_id, (key, until) in self.asked.items():
            timers.ask_at(connection, install_id, key, lead_id, until, now=now)


def waiting(decision: Decision) -> list[Waiting]:
    """Return the timers of a decision as they are stored; `step` is the place among the decision's own."""
    return [
        Waiting(decision.key, place, decision.lead.id, timer.kind, timer.due_at)
        for place, timer in enumerate(decision.timers)
    ]


def idle_again(decision: Decision, timer: Waiting, now: datetime) -> list[Waiting]:
    """Return the timer that follows one about an idle lead: after as long again, should nobody act until then."""
    every = idle_after(decision)
    step = max(timer.step + 1, len(decision.timers))
    return [Waiting(decision.key, step, timer.lead_id, "idle", now + every, reason=timer.reason)] if every else []


def idle_after(decision: Decision) -> timedelta | None:
    """Return after how long without an act the rules are asked again; None when they never are."""
    return next((each.due_at - decision.decided_at for each in decision.timers if each.kind == "idle"), None)


def begins_anew(decision: Decision) -> bool:
    """Whether what was to happen before is over. Who just keeps the lead keeps its timers."""
    a_persons = decision.route.target == "keep" and not decision.route.rule
    return bool(decision.timers) or decision.outcome in {"waiting", "ignored"} or a_persons


def _by_reason(stopped: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for lead_id, reason in stopped.items():
        found.setdefault(reason, []).append(lead_id)
    return found
