"""Simulation: two rule sets over the same past leads, each with a rotation of its own from the same start.

Every lead is decided at its own time; one that has to wait is asked about again when its time has come. What the leads
themselves cannot tell is assumed, the same for both: everybody starts level, people take leads as the CRM has them
now, nobody but the rules gives a lead away, and a lead that was given away counts as open for `open_for`.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from rules import decide, explain
from rules.comparison import Comparison, Ending, Fate, Moved, Tally
from rules.model import Basis, Decision, Match, Past, Record, Standing, Verdict, Workload
from rules.routing.case import Scene

__all__ = ["OPEN_FOR", "PastLead", "SideState", "Simulation", "State", "View"]

OPEN_FOR = timedelta(days=7)
"""How long a lead counts as open after it was given away, unless told otherwise."""
MOST_ASKS = 100
"""How often a lead that waits is asked about: a month of nights."""
_ESCALATIONS = frozenset({"remind", "tell", "reassign", "return"})
_NEIGHBOURS = 20


@dataclass(frozen=True, slots=True)
class View:
    """What matching says of a lead: the account by one match policy, and its whole record."""

    match: Match
    account: Record | None = None


@dataclass(frozen=True, slots=True)
class PastLead:
    """A lead as it came. `before` and `after` are one and the same where both rule sets match alike.

    `paused` were those people then, as far as known; `neighbours` had leads of the account before; `acted_at` is when
    somebody first worked on the lead, None when that is not known.
    """

    lead: Record
    received_at: datetime
    duplicate: Verdict
    before: View
    after: View
    contact: Record | None = None
    paused: Mapping[str, datetime | None] = field(default_factory=dict)
    neighbours: tuple[str, ...] = ()
    acted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SideState:
    """How far one rule set is, as values that can be kept: what :class:`Simulation` knows beside its scene."""

    tally: Tally
    rotation: dict[str, Standing]
    open_leads: dict[str, int]
    closing: list[tuple[datetime, str]]
    near: dict[str, tuple[str, ...]]
    asks: list[tuple[datetime, int, int, PastLead]]
    fates: dict[str, Fate]
    clock: datetime | None


@dataclass(frozen=True, slots=True)
class State:
    """How far a simulation is: who came (name and moment, by lead id), and both sides."""

    came: dict[str, tuple[str, datetime]]
    before: SideState
    after: SideState


@dataclass(slots=True)
class _Side:
    """One rule set on its way through the leads, with whatever its own decisions change."""

    scene: Scene
    open_for: timedelta
    is_after: bool
    tally: Tally
    rotation: dict[str, Standing] = field(default_factory=dict)
    open_leads: dict[str, int] = field(default_factory=dict)
    closing: deque[tuple[datetime, str]] = field(default_factory=deque)
    near: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asks: list[tuple[datetime, int, int, PastLead]] = field(default_factory=list)
    fates: dict[str, Fate] = field(default_factory=dict)
    order: Iterable[int] = field(default_factory=count)
    clock: datetime | None = None

    def state(self) -> SideState:
        """Return how far it is."""
        kept = (self.tally, self.rotation, self.open_leads, list(self.closing), self.near, self.asks, self.fates)
        return SideState(*kept, self.clock)

    def resume(self, state: SideState) -> None:
        """Go on where it was."""
        self.tally, self.rotation, self.open_leads = state.tally, state.rotation, state.open_leads
        self.closing, self.near, self.asks = deque(state.closing), state.near, list(state.asks)
        self.fates, self.clock = state.fates, state.clock
        heapq.heapify(self.asks)
        self.order = count(max((number for _, number, _, _ in self.asks), default=-1) + 1)

    def take(self, past: PastLead) -> None:
        """Let a lead come in, after whatever had to be asked again before it."""
        self.ask_until(past.received_at)
        self._decide(past, past.received_at, 0)

    def ask_until(self, moment: datetime | None) -> None:
        """Ask again about the leads whose time has come by then; None: about all."""
        while self.asks and (moment is None or self.asks[0][0] <= moment):
            at, _, times, past = heapq.heappop(self.asks)
            self._decide(past, at, times)

    def _decide(self, past: PastLead, at: datetime, times: int) -> None:
        self._close(at)
        view = past.after if self.is_after else past.before
        decision = decide.conclude(
            past.lead,
            scene=self.scene,
            match=view.match,
            duplicate=past.duplicate,
            basis=self._basis(past, view, times),
            received_at=past.received_at,
            now=at,
        )
        until = decision.route.until
        if until and times < MOST_ASKS:
            later = max(until, at + timedelta(seconds=1))
            heapq.heappush(self.asks, (later, next(iter(self.order)), times + 1, past))
        fate = _fate(decision, held=bool(times))
        self.fates[past.lead.id] = fate
        if not until or times >= MOST_ASKS:
            self._settle(decision, fate, view, past)

    def _basis(self, past: PastLead, view: View, times: int) -> Basis:
        account = view.match.account
        near = self.near.get(account.account_id, past.neighbours) if account else ()
        waited = past.received_at if times else None
        return Basis(
            account=view.account,
            contact=past.contact,
            past=Past(neighbours=near, waited_since=waited),
            work=Workload(self.open_leads, past.paused),
            rotation=self.rotation,
        )

    def _settle(self, decision: Decision, fate: Fate, view: View, past: PastLead) -> None:
        self.tally.add(fate)
        if turn := decision.route.turn:
            self.rotation[turn.pool] = turn.after
        if fate.ending != "given":
            return
        due = [(timer.kind, timer.due_at) for timer in decision.timers if timer.kind in _ESCALATIONS]
        self.tally.escalates(due, past.acted_at)
        self.open_leads[fate.owner] = self.open_leads.get(fate.owner, 0) + 1
        self.closing.append((fate.given_at + self.open_for, fate.owner))
        if account := view.match.account:
            others = self.near.get(account.account_id, past.neighbours)
            self.near[account.account_id] = (fate.owner, *(each for each in others if each != fate.owner))[:_NEIGHBOURS]

    def _close(self, at: datetime) -> None:
        """Count those leads as open no more that were given away long enough ago."""
        while self.closing and self.closing[0][0] <= at:
            _, owner = self.closing.popleft()
            self.open_leads[owner] -= 1


def _fate(decision: Decision, *, held: bool) -> Fate:
    route = decision.route
    owner = route.assignee.id if route.assignee else ""
    ending: Ending = "given" if owner else "unassigned"
    if route.until:
        ending, owner = "waiting", ""
    elif route.target == "keep":
        ending = "kept"
    return Fate(
        ending,
        route.rule,
        route.target,
        owner,
        route.reason,
        decision.decided_at,
        route.fallback,
        held or bool(route.until),
    )


class Simulation:
    """Two rule sets over past leads, which are handed in some at a time, in the order in which they came.

    Both scenes are run as if their mode were act. Of the leads that change hands the first `most` are kept.
    """

    def __init__(self, before: Scene, after: Scene, *, open_for: timedelta = OPEN_FOR, most: int = 100_000) -> None:
        self._sides = tuple(
            _Side(replace(scene, mode="act"), open_for, number == 1, Tally(scene.ruleset.version))
            for number, scene in enumerate((before, after))
        )
        self._most = most
        self._came: dict[str, tuple[str, datetime]] = {}

    def take(self, leads: Iterable[PastLead]) -> int:
        """Let leads come in; return how many came so far. One that came already is left out: a lead counts once."""
        for past in leads:
            if past.lead.id in self._came:
                continue
            name = explain.lead_name(explain.lead_facts(past.lead))
            self._came[past.lead.id] = (name, past.received_at)
            for side in self._sides:
                side.take(past)
        return len(self._came)

    def state(self) -> State:
        """Return how far it is, to be resumed in another process; the values are still its own."""
        before, after = self._sides
        return State(self._came, before.state(), after.state())

    def resume(self, state: State) -> None:
        """Go on where another one was, over the same two scenes."""
        self._came = state.came
        for side, kept in zip(self._sides, (state.before, state.after), strict=True):
            side.resume(kept)

    def finish(self) -> Comparison:
        """Ask about everything that still waits, and return what came of it all."""
        before, after = self._sides
        for side in self._sides:
            side.ask_until(None)
        moved: list[Moved] = []
        moves = 0
        for lead_id, (name, received_at) in self._came.items():
            one, other = before.fates[lead_id], after.fates[lead_id]
            if (one.owner, one.ending) == (other.owner, other.ending):
                continue
            moves += 1
            if len(moved) < self._most:
                moved.append(Moved(lead_id, name, received_at, one, other))
        return Comparison(len(self._came), before.tally, after.tally, moves, tuple(moved), self._names(moved))

    def _names(self, moved: Iterable[Moved]) -> dict[str, str]:
        """Return the names of everybody who got or kept a lead, by user id."""
        known = {id_: user.name for side in self._sides for id_, user in side.scene.users.items()}
        owners = {owner for side in self._sides for owner in side.tally.owners}
        owners |= {fate.owner for each in moved for fate in (each.before, each.after)}
        return {owner: known[owner] for owner in sorted(owners) if owner in known}
