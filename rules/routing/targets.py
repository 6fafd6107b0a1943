"""Who a target gives the lead to, or why it cannot: one function for each kind of target.

A person whom the records or a rule name takes no lead while they are inactive, absent, at their cap, or have had this
very lead taken from them. Working hours do not count here: who owns the account gets its leads at night too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from rules import normalize, pools
from rules.clauses import compare
from rules.model import Turn, User
from rules.parts import Target
from rules.routing import presence
from rules.routing.case import Case
from rules.wording.words import say


@dataclass(frozen=True, slots=True)
class Refused:
    """A target that was asked and could not take the lead, why, and the active person it names, if it names one."""

    target: Target
    why: str
    person: User | None = None


Refusals = tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class Taker:
    """Who a target gives the lead to; `how` and `values` are the id's ending and the values of the sentence about it.

    `until`: it waits for somebody of a pool. `row` and `territory` say where the target stood, if in a territory.
    """

    user: User | None
    how: str
    target: Target
    turn: Turn | None = None
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    until: datetime | None = None
    row: str = ""
    territory: str = ""


class Unable(Exception):  # noqa: N818 - it is an answer, caught right here
    """The target cannot take the lead; the text says why, `person` who it would have been."""

    def __init__(self, why: str, person: User | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.person = person


def take(targets: Iterable[Target], case: Case) -> tuple[Taker | None, Refusals]:
    """Ask the targets in order, each followed by its overflow; return who takes the lead, and who refused before."""
    asked = _Asked(case)
    taker = asked.first(targets)
    return taker, tuple(asked.refusals)


@dataclass(slots=True)
class _Asked:
    """The targets asked so far; none is asked twice, so pools that overflow into each other come to an end."""

    case: Case
    refusals: list[Refused] = field(default_factory=list)
    targets: set[Target] = field(default_factory=set)

    def first(self, targets: Iterable[Target]) -> Taker | None:
        return next((taker for target in targets if (taker := self._follow(target))), None)

    def _follow(self, target: Target) -> Taker | None:
        if target in self.targets:
            return None
        self.targets.add(target)
        if target.kind == "territory":
            return self._territory(target)
        try:
            return _TAKE[target.kind](target, self.case)
        except Unable as unable:
            self.refusals.append(Refused(target, unable.why, unable.person))
        return self.first(self.case.scene.ruleset.pools[target.name].overflow) if target.kind == "pool" else None

    def _territory(self, target: Target) -> Taker | None:
        territory = self.case.scene.ruleset.territories[target.name]
        row = territory.find(self.case.facts)
        if row is None:
            self.refusals.append(Refused(target, say("refusal.no row", territory=territory.name)))
        elif taker := self._follow(row.target):
            return taker if taker.row else replace(taker, row=str(row), territory=territory.name)
        return self.first(territory.otherwise)


def _able(user: User | None, case: Case, unknown: str) -> User:
    if user is None:
        raise Unable(unknown)
    if not user.active:
        raise Unable(say("refusal.inactive", user=user.name))
    if not user.queue and (why := presence.why_not(user, case)):
        raise Unable(why, user)
    return user


def _owner(owner_id: object, what: str, case: Case) -> User:
    if not owner_id:
        raise Unable(say("refusal.no owner", what=what))
    return _able(case.scene.users.get(str(owner_id)), case, say("refusal.unknown", what=what))


def _account_name(case: Case) -> str:
    if case.match.account is None or case.match.status != "matched":
        raise Unable(say("refusal.no match"))
    return case.match.account.name


def _account_owner(target: Target, case: Case) -> Taker:
    name = _account_name(case)
    owner_id = case.match.account.owner_id if case.match.account else None
    return Taker(_owner(owner_id, name, case), "account owner", target, values={"account": name})


def _parent_owner(target: Target, case: Case) -> Taker:
    """Give it to the owner of the account's parent, which the CRM tells as the account's ``parent_owner_id``."""
    name = _account_name(case)
    owner_id = case.facts.get("account.parent_owner_id")
    if not owner_id:
        raise Unable(say("refusal.no parent", account=name))
    return Taker(_owner(owner_id, name, case), "parent owner", target, values={"account": name})


def _contact_owner(target: Target, case: Case) -> Taker:
    duplicate = case.duplicate
    if (duplicate.status, duplicate.of_kind) != ("same", "contact"):
        raise Unable(say("refusal.no contact"))
    return Taker(_owner(duplicate.owner_id, say("kind.the contact"), case), "contact owner", target)


def _duplicate_owner(target: Target, case: Case) -> Taker:
    duplicate = case.duplicate
    if duplicate.status != "same":
        raise Unable(say("refusal.no duplicate"))
    kind = duplicate.of_kind or "record"
    owner = _owner(duplicate.owner_id, say("kind.the earlier", kind=say(f"kind.{kind}")), case)
    return Taker(owner, "duplicate owner", target, values={"kind": say(f"kind.{kind}")})


def _opportunity_owner(target: Target, case: Case) -> Taker:
    owner_id = case.facts.get("opportunity.owner_id")
    if not owner_id:
        raise Unable(say("refusal.no opportunity"))
    known = case.facts.get("opportunity.name") or case.facts.get("opportunity.id")
    name = compare.shown(known) if known else say("kind.it")
    return Taker(_owner(owner_id, name, case), "opportunity owner", target, values={"opportunity": name})


def _previous_assignee(target: Target, case: Case) -> Taker:
    if not case.past.assignees:
        raise Unable(say("refusal.no previous"))
    user = _able(case.scene.users.get(case.past.assignees[-1]), case, say("refusal.gone"))
    return Taker(user, "previous assignee", target)


def _user(target: Target, case: Case) -> Taker:
    user = case.scene.by_email.get(normalize.email(target.name))
    return Taker(_able(user, case, say("refusal.no user", user=target.name)), "user", target)


def _queue(target: Target, case: Case) -> Taker:
    queue = case.scene.by_queue.get(normalize.fold(target.name))
    return Taker(_able(queue, case, say("refusal.no queue", user=target.name)), "queue", target)


def _keep(target: Target, case: Case) -> Taker:
    return Taker(case.scene.users.get(case.lead.owner_id or ""), "keep", target)


def _pool(target: Target, case: Case) -> Taker:
    """Give the pool's next turn, unless a member has the lead already by an earlier decision: they stay."""
    pool = case.scene.ruleset.pools[target.name]
    values = {"pool": pool.name}
    found = pools.take(pool, case.desk())
    if isinstance(found, Turn):
        how = "pool" if found.how == "turn" else f"pool.{found.how}"
        turn = None if found.how == "stays" else found
        return Taker(case.scene.users[found.member_id], how, target, turn, values)
    if found.until and pool.hold and found.until <= (case.past.waited_since or case.now) + pool.hold:
        until = compare.shown(found.until)
        return Taker(None, "pool.held", target, values={**values, "why": found.why, "until": until}, until=found.until)
    raise Unable(found.why)


_TAKE: dict[str, Callable[[Target, Case], Taker]] = {
    "account owner": _account_owner,
    "parent owner": _parent_owner,
    "contact owner": _contact_owner,
    "duplicate owner": _duplicate_owner,
    "opportunity owner": _opportunity_owner,
    "previous assignee": _previous_assignee,
    "user": _user,
    "queue": _queue,
    "keep": _keep,
    "pool": _pool,
}
