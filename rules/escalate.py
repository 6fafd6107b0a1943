"""Telling somebody that nobody has acted: what a timer of a decision leads to, as a small decision of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rules import explain, normalize
from rules.decision_keys import timer_key
from rules.model import Action, Decision, Notify, Outcome, Task, Timer, User
from rules.telling import USUAL, Reminders, Telling
from rules.wording import catalogue, retelling
from rules.wording.words import say

TELLING = frozenset({"remind", "tell"})
"""The timers that tell somebody; the others ask the rules again."""
MANAGER = "manager"
DUE = timedelta(hours=1)
"""When the task of whoever is told is due."""

_UNITS = ((24 * 60, "day"), (60, "hour"), (1, "minute"))
"""Minutes and name, the largest first."""


@dataclass(frozen=True, slots=True)
class _Told:
    """Whom an escalation tells; without a `user`, `why` names the sentence that says why nobody is."""

    user: User | None
    why: str = ""
    to: str = ""


def escalation(
    decision: Decision, place: int, users: Mapping[str, User], now: datetime, *, telling: Telling = USUAL
) -> Decision:
    """Return the decision to tell somebody, by the timer at `place` among those of `decision`.

    `decision.lead` is the lead as it is now, `users` are by id. Owner and fields stay: it has a task and a notification
    for the assignee, their manager or the user whom the rule names; only its audit when there is nobody. The install
    may have chosen (`telling`) that it is one of both.
    """
    timer = decision.timers[place]
    told = _told(timer, decision.route.assignee, users)
    with catalogue.speaking(telling.language_for(told.user.language if told.user else "")):
        # What it says of the decision before was said to whoever got the lead, in their language.
        decision = retelling.told(decision)
        reason = _reason(decision, timer, told)
        return replace(
            decision,
            key=timer_key(decision.key, place),
            outcome=_outcome(timer, told),
            route=replace(decision.route, reason=reason, path=(), turn=None, until=None, refused=()),
            actions=_wanted(_actions(decision, timer, told.user, reason, now), telling) if told.user else (),
            untold=(say(f"untold.reminder.{telling.reminders}"),) if told.user and telling.reminders != "both" else (),
            received_at=min(timer.due_at, now),
            decided_at=now,
            timers=(),
            basis=None,
            language=catalogue.spoken(),
        )


def _told(timer: Timer, assignee: User | None, users: Mapping[str, User]) -> _Told:
    """Return whom the timer tells: as the CRM's users are now, not as they were when the lead was given away."""
    holder = users.get(assignee.id, assignee) if assignee else None
    if timer.kind == "remind":
        found, unknown = holder, "escalation.no user"
    elif timer.to == MANAGER:
        found, unknown = users.get(holder.manager_id or "") if holder else None, "escalation.no manager"
    else:
        address = normalize.email(timer.to)
        same = [user for user in users.values() if user.email and normalize.email(user.email) == address]
        # Two users of one address: the active one, then the smaller id, as in rules.routing.case.
        found = min(same, key=lambda user: (not user.active, user.id), default=None)
        unknown = "escalation.no user"
    if found is None:
        return _Told(None, unknown, timer.to)
    return _Told(found, to=found.name) if found.active else _Told(None, "escalation.inactive", found.name)


def _outcome(timer: Timer, told: _Told) -> Outcome:
    if told.user is None:
        return "kept"
    return "reminded" if timer.kind == "remind" else "escalated"


def _reason(decision: Decision, timer: Timer, told: _Told) -> str:
    holder = decision.route.assignee
    values = {
        "span": _span(timer.due_at - decision.decided_at),
        "user": holder.name if holder else say("nobody"),
        "to": told.to,
    }
    return say(told.why or f"escalation.{timer.kind}", **values)


def _wanted(actions: tuple[Task, Notify], telling: Telling) -> tuple[Action, ...]:
    task, bell = actions
    ways: dict[Reminders, tuple[Action, ...]] = {"both": actions, "task": (task,), "notification": (bell,)}
    return ways[telling.reminders]


def _actions(decision: Decision, timer: Timer, user: User, reason: str, now: datetime) -> tuple[Task, Notify]:
    lead = explain.lead_name(explain.lead_facts(decision.lead))
    title = say(f"escalation.title.{timer.kind}", lead=lead)
    if len(title) > explain.SUBJECT_LENGTH:
        title = title[: explain.SUBJECT_LENGTH - 1] + "…"
    holder = decision.route.assignee
    before = say("escalation.holder", user=holder.name, reason=decision.route.reason) if holder else ""
    body = "\n".join(filter(None, (reason, before)))
    return (Task(user.id, title, body, now + DUE), Notify(user.id, title, reason))


def _span(span: timedelta) -> str:
    """Return a time as people say it, in the largest unit that it is a whole number of, else rounded to minutes."""
    minutes = max(1, round(span.total_seconds() / 60))
    size, name = next(unit for unit in _UNITS if minutes % unit[0] == 0)
    count = minutes // size
    return say(f"span.{name}") if count == 1 else say(f"span.{name}s", count=count)
