"""Replay: a decision is made again from what was kept of it, and compared with what it was.

The match and the duplicate are taken as they were found (accounts change, and the index with them); everything after
them is worked out anew: which rule, which target, whose turn, which actions, which timers. Words are not compared: they
follow the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from rules import decide
from rules.actions import Answer, Unlink, Withdraw
from rules.model import Action, Decision, Task, Turn, User
from rules.routing.case import Scene
from rules.ruleset import RuleSet
from rules.undo import ROUTING_NOTHING

__all__ = ["Difference", "Replay", "replay"]

NO_RULES = "The rule set of version {version} is not kept any more."
NO_BASIS = "The decision was made by an older version, which did not keep the account, the counters and the history."
NOT_DECIDED = "Nothing was decided about the lead then: {reason}"
ROUTES_NOTHING = "It is {outcome}: it belongs to another decision, and routes nothing itself."
NO_USER = "{user} ({id}) is no user of the CRM any more."
INACTIVE = "{user} is not active any more, or was not then."
CHANGED = "{user}'s {what} is {now} now and was {then}."
UNEXPLAINED = "Rules, counters, account and people are as they were: Switchyard itself decides otherwise now."

_WORDS = frozenset({"subject", "body", "title"})
"""Parts of an action that follow the reader's language."""
_MINUTE = timedelta(minutes=1)
_HOUR = 60


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of the decision that comes out otherwise: as it was `then`, and as it is worked out `now`."""

    what: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of it: `differences` between then and now, and what is `gone` or has changed since, as sentences.

    `again` is the decision as it was made again; None when it could not be.
    """

    differences: tuple[Difference, ...] = ()
    gone: tuple[str, ...] = ()
    again: Decision | None = None

    @property
    def same(self) -> bool:
        """Whether it was made again and came out the same."""
        return self.again is not None and not self.differences


def replay(then: Decision, ruleset: RuleSet | None, users: Mapping[str, User]) -> Replay:
    """Make a decision again with the rule set of its version (None: not kept) and the CRM's users by id."""
    if then.outcome == "ignored":
        return Replay(gone=(NOT_DECIDED.format(reason=then.route.reason),))
    if then.outcome in ROUTING_NOTHING:
        return Replay(gone=(ROUTES_NOTHING.format(outcome=then.outcome),))
    if ruleset is None:
        return Replay(gone=(NO_RULES.format(version=then.ruleset_version or "-"),))
    if then.basis is None:
        return Replay(gone=(NO_BASIS,))
    again = _again(then, Scene(ruleset, users, then.mode, then.basis.telling))
    differences = tuple(_differences(then, again))
    gone = tuple(_changes(then, again, users)) if differences else ()
    return Replay(differences, gone or ((UNEXPLAINED,) if differences else ()), again)


def _again(then: Decision, scene: Scene) -> Decision:
    """Decide again: the lane of the turn stood where the turn found it."""
    basis, turn = then.basis, then.route.turn
    if basis is None:
        raise ValueError("a decision without its basis cannot be made again")
    if turn:
        basis = replace(basis, rotation={**basis.rotation, turn.pool: turn.before})
    return decide.conclude(
        then.lead,
        scene=scene,
        match=then.match,
        duplicate=then.duplicate,
        basis=basis,
        received_at=then.received_at,
        now=then.decided_at,
        trace_id=then.trace_id,
        task_due_minutes=_task_minutes(then),
    )


def _task_minutes(then: Decision) -> int:
    """Return how long tasks had by default: the setting may have changed, the task tells."""
    task = next((each for each in then.actions if isinstance(each, Task)), None)
    return (task.due_at - then.decided_at) // _MINUTE if task else _HOUR


def _differences(then: Decision, again: Decision) -> Iterator[Difference]:
    for (what, was), (_, now) in zip(_parts(then), _parts(again), strict=True):
        if was != now:
            yield Difference(what, was, now)


def _parts(decision: Decision) -> Iterator[tuple[str, str]]:
    """Yield what is compared, by name, as text that can be shown."""
    route = decision.route
    yield "key", decision.key
    # A CRM's refusal came after the decision, and is told in its outcome.
    yield "outcome", "assigned" if decision.outcome == "refused" else decision.outcome
    yield "rule", route.rule
    yield "target", route.target
    yield "assignee", route.assignee.id if route.assignee else ""
    yield "fallback", "yes" if route.fallback else "no"
    yield "refused targets", ", ".join(target for target, _ in route.refused)
    yield "rules asked", "; ".join(f"{each.rule}: {'held' if each.held else each.failed}" for each in route.path)
    yield "until", route.until.isoformat() if route.until else ""
    yield "turn", _turn(route.turn)
    # What a person asked for is answered, and who loses the lead loses their tasks, beside what the rules say.
    beside = Answer | Unlink | Withdraw
    yield "actions", "; ".join(_action(each) for each in decision.actions if not isinstance(each, beside))
    yield "timers", "; ".join(f"{each.kind} {each.to} {each.due_at.isoformat()}" for each in decision.timers)


def _turn(turn: Turn | None) -> str:
    if turn is None:
        return ""
    got = turn.after.get(turn.member_id, {})
    return f"{turn.pool}: {turn.member_id} ({turn.how}) " + ", ".join(f"{name} {got[name]}" for name in sorted(got))


def _action(action: Action) -> str:
    """Return an action without its words."""
    told = (str(value) for name, value in asdict(action).items() if name not in _WORDS)
    return " ".join((action.key, *told))


def _changes(then: Decision, again: Decision, users: Mapping[str, User]) -> Iterator[str]:
    """Yield what has changed around the decision since: people, as far as the decision says what they were."""
    was, now = then.route.assignee, again.route.assignee
    if was and was.id not in users:
        yield NO_USER.format(user=was.name, id=was.id)
    elif was and users[was.id].active != was.active:
        yield INACTIVE.format(user=was.name)
    elif was and users[was.id].zone != was.zone:
        yield CHANGED.format(user=was.name, what="time zone", now=users[was.id].zone, then=was.zone)
    turn = then.route.turn
    for id_ in turn.before if turn else ():
        if id_ not in users and (was is None or id_ != was.id):
            yield NO_USER.format(user="A member", id=id_)
    if turn and now and now.id not in turn.before:
        yield CHANGED.format(user=now.name, what="place in the pool", now="there", then="not there")
