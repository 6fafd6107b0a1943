"""Who takes the lead: the first rule that holds, and whose target can take it; every rule asked leaves its trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from rules import normalize, phrases, pools
from rules.model import Match, Mode, Record, Route, RuleTrace, Turn, User, Value, Verdict
from rules.parts import Pool, Rule, Target
from rules.ruleset import RuleSet
from rules.words import say


@dataclass(frozen=True, slots=True)
class Scene:
    """What is the same for every lead of a round: the rule set, the users by id, the install's mode."""

    ruleset: RuleSet
    users: Mapping[str, User]
    mode: Mode
    by_email: Mapping[str, User] = field(init=False, repr=False, compare=False)
    by_queue: Mapping[str, User] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        people = sorted(self.users.values(), key=lambda user: (not user.active, user.id), reverse=True)
        mails = {normalize.email(user.email): user for user in people if user.email and not user.queue}
        queues = {normalize.fold(user.name): user for user in people if user.queue}
        object.__setattr__(self, "by_email", MappingProxyType(mails))
        object.__setattr__(self, "by_queue", MappingProxyType(queues))


@dataclass(frozen=True, slots=True)
class Case:
    """One lead before the rules: what is known of it, the rotation of each pool, and who holds it by our own doing."""

    lead: Record
    scene: Scene
    match: Match
    duplicate: Verdict
    facts: Mapping[str, Value]
    rotation: Mapping[str, Mapping[str, int]]
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Taker:
    """Who a target gives the lead to, and the sentence ids' ending and values that say so."""

    user: User | None
    how: str
    target: Target
    turn: Turn | None = None
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    refusals: tuple[tuple[str, str], ...] = ()


class _Unable(Exception):  # noqa: N818 - it is an answer, caught right here
    """The target cannot take the lead; the text says why."""


def route(case: Case) -> Route:
    """Ask the rules in order and return who takes the lead, with the path of rules up to there."""
    path: list[RuleTrace] = []
    for rule in case.scene.ruleset.rules:
        if failed := _first_failed(rule, case.facts):
            path.append(failed)
            continue
        taker, refusal = _take(rule, case)
        path.append(RuleTrace(rule.name, held=True, failed="" if taker else refusal))
        if taker:
            reason = _reason(rule, taker, case, first=len(path) == 1)
            fallback = bool(taker.refusals)
            return Route(rule.name, str(taker.target), taker.user, reason, fallback, tuple(path), taker.turn)
    reason = say("reason.nobody" if any(trace.held for trace in path) else "reason.no rule")
    return Route("", "", None, reason, path=tuple(path))


def _first_failed(rule: Rule, facts: Mapping[str, Value]) -> RuleTrace | None:
    for part in rule.when:
        held, found = part.holds(facts)
        if not held:
            return RuleTrace(rule.name, held=False, failed=str(part), found=found)
    return None


def _take(rule: Rule, case: Case) -> tuple[Taker | None, str]:
    """Try the rule's targets; return the taker, or None and why the first of them could not."""
    refusals: tuple[tuple[str, str], ...] = ()
    for target in filter(None, (rule.assign, rule.otherwise)):
        taker, refused = _follow(target, case)
        refusals += refused
        if taker:
            return Taker(taker.user, taker.how, taker.target, taker.turn, taker.values, refusals), ""
    return None, "; ".join(why for _, why in refusals)


def _follow(target: Target, case: Case) -> tuple[Taker | None, tuple[tuple[str, str], ...]]:
    """Try a target and then the overflow of its pool, and that one's; return also who refused and why."""
    refusals: list[tuple[str, str]] = []
    at: Target | None = target
    while at:
        try:
            return _TAKE[at.kind](at, case), tuple(refusals)
        except _Unable as unable:
            refusals.append((str(at), str(unable)))
        pool = case.scene.ruleset.pools.get(at.name) if at.kind == "pool" else None
        at = pool.overflow if pool else None
    return None, tuple(refusals)


def _reason(rule: Rule, taker: Taker, case: Case, *, first: bool) -> str:
    leads = phrases.leads(rule.when, case.facts, first=first)
    values = {"user": taker.user.name if taker.user else say("nobody"), **taker.values}
    if not taker.refusals:
        return say(f"reason.{taker.how}", rule=rule.name, leads=leads, **values)
    target, refusal = taker.refusals[0]
    then = say(f"instead.{taker.how}", **values)
    return say("reason.instead", rule=rule.name, target=target, refusal=refusal, then=then)


def _able(user: User | None, what: str) -> User:
    if user is None:
        raise _Unable(say("refusal.unknown", what=what))
    if not user.active:
        raise _Unable(say("refusal.inactive", user=user.name))
    return user


def _owner(owner_id: str | None, what: str, case: Case) -> User:
    if not owner_id:
        raise _Unable(say("refusal.no owner", what=what))
    return _able(case.scene.users.get(owner_id), what)


def _account_owner(target: Target, case: Case) -> Taker:
    account = case.match.account
    if account is None or case.match.status != "matched":
        raise _Unable(say("refusal.no match"))
    user = _owner(account.owner_id, account.name, case)
    return Taker(user, "account owner", target, values={"account": account.name})


def _duplicate_owner(target: Target, case: Case) -> Taker:
    duplicate = case.duplicate
    if duplicate.status != "same":
        raise _Unable(say("refusal.no duplicate"))
    kind = duplicate.of_kind or "record"
    return Taker(
        _owner(duplicate.owner_id, f"the earlier {kind}", case), "duplicate owner", target, values={"kind": kind}
    )


def _user(target: Target, case: Case) -> Taker:
    user = case.scene.by_email.get(normalize.email(target.name))
    if user is None:
        raise _Unable(say("refusal.no user", user=target.name))
    return Taker(_able(user, target.name), "user", target)


def _queue(target: Target, case: Case) -> Taker:
    queue = case.scene.by_queue.get(normalize.fold(target.name))
    if queue is None:
        raise _Unable(say("refusal.no queue", user=target.name))
    return Taker(_able(queue, target.name), "queue", target)


def _keep(target: Target, case: Case) -> Taker:
    return Taker(case.scene.users.get(case.lead.owner_id or ""), "keep", target)


def _pool(target: Target, case: Case) -> Taker:
    """Give the pool's next turn, unless a member has the lead already by an earlier decision: they stay."""
    pool = case.scene.ruleset.pools[target.name]
    seats = _seats(pool, case.scene)
    values = {"pool": pool.name}
    if any(seat.id == case.holder and seat.available for seat in seats):
        return Taker(case.scene.users[case.holder or ""], "pool.stays", target, values=values)
    lane = pools.lane(pool.name, case.scene.mode)
    turn = pools.take(lane, seats, case.rotation.get(lane, {}))
    if turn is None:
        raise _Unable(say("refusal.empty pool", pool=pool.name))
    return Taker(case.scene.users[turn.member_id], "pool", target, turn, values)


def _seats(pool: Pool, scene: Scene) -> tuple[pools.Seat, ...]:
    """Return the members that are users of the CRM; two addresses of one user make one seat."""
    members = ((scene.by_email.get(member.user), member.weight) for member in pool.members)
    seats = {user.id: pools.Seat(user.id, weight, user.active) for user, weight in members if user}
    return tuple(seats.values())


_TAKE: dict[str, Callable[[Target, Case], Taker]] = {
    "account owner": _account_owner,
    "duplicate owner": _duplicate_owner,
    "user": _user,
    "queue": _queue,
    "keep": _keep,
    "pool": _pool,
}
