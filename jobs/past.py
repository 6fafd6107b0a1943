"""What happened before: who had each lead of a batch, who has leads of its account, who can take more.

It follows the batch while that is decided: what one lead changes, the next one sees, so that a batch gives what single
events give. What is to be written in the end stands in jobs.trail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.store import assignments, decisions, pauses, rotation
from connector.store.assignments import REFUSING, Assignment, Ending, holding
from connector.store.seal import Seal
from jobs import workload
from jobs.accounts import Found
from jobs.shift import Shift
from rules.decide import Scene
from rules.model import Decision, Mode, Past, Record, Standing, Turn, Workload
from rules.pools import give_back

OWED_A_ROUND = 200
"""Turns that go back in one round of letters."""


@dataclass
class Ground:
    """The past of a batch of leads. `rows` are their assignments by lead id, `turns` the turns of those by decision."""

    mode: Mode
    rotation: dict[str, Standing]
    rows: dict[str, list[Assignment]] = field(default_factory=dict)
    turns: Mapping[str, Turn] = field(default_factory=dict)
    neighbours: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Account id -> who has leads of it, the latest first."""
    paused: Mapping[str, datetime | None] = field(default_factory=dict)
    open_leads: dict[str, int] = field(default_factory=dict)
    hash: Callable[[str], int] = lambda _account: 0
    moved: set[str] = field(default_factory=set)
    """Lanes whose standing is another one now."""
    credited: set[str] = field(default_factory=set)
    """Keys of the decisions whose turn has gone back."""
    given: list[Assignment] = field(default_factory=list)
    ended: dict[str, tuple[Assignment, Ending]] = field(default_factory=dict)
    """Lead id -> what was lost otherwise than by a decision of ours."""

    def past(self, lead_id: str, account_id: str, waited_since: datetime | None) -> Past:
        """Return the past of a lead that may belong to this account ("" for none)."""
        rows = self.rows.get(lead_id, [])
        return Past(
            assignees=tuple(each.user_id for each in rows),
            neighbours=self.neighbours.get(account_id, ()),
            refused=frozenset(each.user_id for each in rows if each.ending in REFUSING),
            waited_since=waited_since,
        )

    def work(self) -> Workload:
        """Return who has how much, as it is at this place of the batch."""
        return Workload(dict(self.open_leads), self.paused)

    def keeps(self, decision: Decision) -> bool:
        """Whether a decision leaves the lead with who has it by us."""
        held, taker = holding(self.rows.get(decision.lead.id, [])), decision.route.assignee
        if held is None or taker is None or decision.route.until is not None:
            return False
        return held.user_id == taker.id and given_to(decision, held) is None

    def follow(self, decision: Decision) -> None:
        """Take in a decision: the turn that was taken, who has the lead now, and the turn that goes back for it."""
        turn = decision.route.turn
        if turn is not None:
            self.rotation[turn.pool] = turn.after
            self.moved.add(turn.pool)
        rows = self.rows.setdefault(decision.lead.id, [])
        held, taker = holding(rows), given_to(decision, holding(rows))
        if taker is None:
            return
        if held is not None:
            self.give_back(held)
            self._count(held.user_id, -1)
            rows[rows.index(held)] = replace(held, ended_at=decision.decided_at, ending="replaced")
        account_id = matched(decision)
        row = Assignment(
            decision_key=decision.key,
            lead_id=decision.lead.id,
            user_id=taker,
            account=self.hash(account_id) if account_id else None,
            lane=turn.pool if turn else "",
            mode=decision.mode,
            at=decision.decided_at,
        )
        rows.append(row)
        self.given.append(row)
        self._count(taker, 1)
        if account_id:
            others = (each for each in self.neighbours.get(account_id, ()) if each != taker)
            self.neighbours[account_id] = (taker, *others)

    def lose(self, lead_id: str, ending: Ending, now: datetime, *, gives_back: bool) -> bool:
        """Take in that whoever had a lead has lost it otherwise than by us; False when nobody had it by us.

        That a lead was merged away may be told after a timer has found it gone: then that was how it was lost.
        """
        rows = self.rows.get(lead_id, [])
        held = holding(rows) or (_gone(rows) if ending == "merged" else None)
        if held is None:
            return False
        if gives_back:
            self.give_back(held)
        if held.ended_at is None:
            self._count(held.user_id, -1)
        rows[rows.index(held)] = replace(held, ended_at=now, ending=ending)
        self.ended[lead_id] = (held, ending)
        return True

    def give_back(self, row: Assignment) -> None:
        """Give the turn of an assignment back to its lane, once; nothing when it was none, or is forgotten by now."""
        if not row.lane or row.credit == "given" or row.decision_key in self.credited:
            return
        self.credited.add(row.decision_key)
        turn = self.turns.get(row.decision_key)
        if turn is not None:
            self.rotation[turn.pool] = give_back(self.rotation.get(turn.pool, {}), turn)
            self.moved.add(turn.pool)

    def _count(self, user_id: str, change: int) -> None:
        if user_id in self.open_leads:
            self.open_leads[user_id] = max(0, self.open_leads[user_id] + change)


def gather(shift: Shift, scene: Scene, leads: Sequence[Record], lead_ids: Sequence[str], found: Found) -> Ground:
    """Look up the past of a batch: `lead_ids` are all of it, `leads` those that are there, `found` their accounts.

    Turns that are due to go back go back first. Raises Later while the CRM is still counting open leads.
    """
    install_id, seal, now = shift.install.id, shift.seal, shift.tools.clock()
    accounts = {each for lead in leads for each in _thinkable(lead, found)} if scene.ruleset.needs_neighbours else set()
    hashes = {account_hash(seal, each): each for each in accounts}
    with shift.read() as connection:
        rows = assignments.of_leads(connection, install_id, lead_ids, mode=scene.mode)
        owed = assignments.owed(connection, install_id, limit=OWED_A_ROUND)
        held = [each for pile in rows.values() if (each := holding(pile) or _gone(pile)) is not None]
        keys = {each.decision_key for each in (*owed, *held) if each.lane}
        turned = decisions.by_keys(connection, install_id, seal, sorted(keys))
        near = assignments.neighbours(connection, install_id, list(hashes), mode=scene.mode)
        ground = Ground(
            mode=scene.mode,
            rotation=rotation.states(connection, install_id),
            rows=rows,
            turns={key: each.decision.route.turn for key, each in turned.items() if each.decision.route.turn},
            neighbours={hashes[each]: users for each, users in near.items()},
            paused=pauses.of(connection, install_id, now=now),
            hash=lambda account_id: account_hash(seal, account_id),
        )
    for row in owed:
        ground.give_back(row)
    ground.open_leads = workload.open_leads(shift, scene) if leads else {}
    return ground


def account_hash(seal: Seal, account_id: str) -> int:
    """Return the keyed hash by which leads of one account find each other."""
    return seal.hash(f"assigned account {account_id}")


def guessed_account(lead: Record, found: Found) -> str:
    """Return the account that a lead most likely belongs to, before it is decided: linked, or the best; "" if none."""
    ranking = found.rankings.get(lead.id, ())
    return lead.text("account_id") or (ranking[0].profile.id if ranking else "")


def matched(decision: Decision) -> str:
    """Return the id of the account that a lead was matched to; "" for none."""
    match = decision.match
    return match.account.account_id if match.status == "matched" and match.account else ""


def given_to(decision: Decision, held: Assignment | None) -> str | None:
    """Return whom a decision gives the lead to; None when it gives it to nobody, or whoever has it just keeps it."""
    route = decision.route
    if route.assignee is None or route.until is not None or route.target == "keep" or not route.rule:
        return None
    if held is not None and held.user_id == route.assignee.id and route.turn is None:
        return None
    return route.assignee.id


def _gone(rows: Sequence[Assignment]) -> Assignment | None:
    """Return by which of a lead's assignments somebody had it when it was gone, if the turn has not gone back."""
    last = rows[-1] if rows else None
    return last if last is not None and last.ending == "gone" and not last.credit else None


def _thinkable(lead: Record, found: Found) -> set[str]:
    return {guessed_account(lead, found), *found.wanted.get(lead.id, ())} - {""}
