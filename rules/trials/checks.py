"""Whether what was found is what a test expects, and both in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from rules.clauses.compare import folded, shown
from rules.model import Decision, Task, Timer, User
from rules.parsing.target_reading import target_of
from rules.trials.parts import Due, Miss, Step, Trial, Wanted, Wish, WishKind
from rules.trials.people import id_of
from rules.wording.words import say

_QUOTES = re.compile("[\"'“”„\u2018\u2019«»]")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400

_Check: TypeAlias = Callable[[Wanted, Step], str | None]
"""Returns None when it is as wanted, else what was found."""


def misses(trial: Trial, steps: Sequence[Step]) -> tuple[Miss, ...]:
    """Return what is not as the test expects; of several leads, each wish is told by the first that fails it."""
    found = [miss for wish in trial.wishes if (miss := _missed(wish, steps))]
    return (*_premises(trial, steps), *found)


def _missed(wish: Wish, steps: Sequence[Step]) -> Miss | None:
    if wish.what == "assignees":
        there = _assignees(wish.wanted, steps)
        return None if there is None else Miss(wish.what, told(wish.wanted), there)
    for number, step in enumerate(steps, start=1):
        there = _CHECKS[wish.what](wish.wanted, step)
        if there is not None:
            return Miss(wish.what, told(wish.wanted), there, number if len(steps) > 1 else 0)
    return None


def _premises(trial: Trial, steps: Sequence[Step]) -> list[Miss]:
    """Return where the door did not see the duplicate that the test tells of: by ``info@`` it is never certain."""
    return [
        Miss("duplicate", arrival.duplicate.status, step.decision.duplicate.status, number if len(steps) > 1 else 0)
        for number, (arrival, step) in enumerate(zip(trial.arrivals, steps, strict=True), start=1)
        if arrival.duplicate and arrival.duplicate.status != step.decision.duplicate.status
    ]


def address(user: User | None) -> str:
    """Return how a user stands in a test; "" for nobody."""
    if user is None:
        return ""
    return f'queue "{user.name}"' if user.queue else user.email or user.name


def told(wanted: Wanted) -> str:
    """Return what is expected, as text."""
    if isinstance(wanted, bool):
        return "true" if wanted else "false"
    if isinstance(wanted, str):
        return _or_none(wanted)
    if isinstance(wanted, datetime):
        return shown(wanted)
    if isinstance(wanted, Mapping):
        return _counts(wanted)
    return _or_none(", ".join(_step_text(each) if isinstance(each, Due) else _or_none(each) for each in wanted))


def _or_none(text: str) -> str:
    return text or say("trial.none")


def _counts(counts: Mapping[str, int]) -> str:
    return _or_none(", ".join(f"{_or_none(who)}: {count}" for who, count in sorted(counts.items())))


def _same(wanted: Wanted, found: str) -> str | None:
    return None if folded(str(wanted)) == folded(found) else _or_none(found)


def _of_target(kind: str) -> _Check:
    """Return the check of the pool or queue that gave the lead to whoever has it, or holds it."""

    def check(wanted: Wanted, step: Step) -> str | None:
        target = target_of(step.decision.route.target)
        return _same(wanted, target.name if target and target.kind == kind else "")

    return check


def _assignee(wanted: Wanted, step: Step) -> str | None:
    user = step.decision.route.assignee
    is_wanted = user.id == id_of(str(wanted)) if user else not wanted
    return None if is_wanted else _or_none(address(user))


def _assignees(wanted: Wanted, steps: Sequence[Step]) -> str | None:
    found = [address(step.decision.route.assignee) for step in steps]
    if isinstance(wanted, Mapping):
        counts = Counter(map(id_of, found))
        if {id_of(who): count for who, count in wanted.items() if count} == dict(counts):
            return None
        return _counts(Counter(found))
    texts = [str(each) for each in wanted] if isinstance(wanted, tuple) else []
    return None if list(map(id_of, texts)) == list(map(id_of, found)) else ", ".join(map(_or_none, found))


def _fallback(wanted: Wanted, step: Step) -> str | None:
    route = step.decision.route
    there = route.target if route.fallback else told(wanted=False)
    if isinstance(wanted, bool):
        return None if wanted == route.fallback else there
    text = str(wanted)
    is_target = (target_of(text) or text) == (target_of(route.target) or route.target)
    is_person = route.assignee is not None and route.assignee.id == id_of(text)
    return None if route.fallback and (is_target or is_person) else there


def _because(wanted: Wanted, step: Step) -> str | None:
    """Look for each part in the reason as it is said in English, and as the assignee reads it."""
    parts = wanted if isinstance(wanted, tuple) else ()
    reasons = [_plain(each.route.reason) for each in (step.told, step.decision)]
    is_told = all(any(_plain(str(part)) in there for there in reasons) for part in parts)
    return None if is_told else step.told.route.reason


def _plain(text: str) -> str:
    return folded(_QUOTES.sub("", text))


def _task(wanted: Wanted, step: Step) -> str | None:
    each = (*step.told.actions, *step.decision.actions)
    subjects = [action.subject for action in each if isinstance(action, Task)]
    if isinstance(wanted, bool):
        is_wanted = wanted == bool(subjects)
    else:
        is_wanted = any(folded(str(wanted)) in folded(subject) for subject in subjects)
    return None if is_wanted else _or_none(subjects[0] if subjects else "")


def _until(wanted: Wanted, step: Step) -> str | None:
    until = step.decision.route.until
    return None if until and until.replace(microsecond=0) == wanted else _or_none(shown(until) if until else "")


def _escalations(wanted: Wanted, step: Step) -> str | None:
    """Compare the steps in the order of their times; asking again, and ``idle``, only where the test speaks of them."""
    dues = [each for each in wanted if isinstance(each, Due)] if isinstance(wanted, tuple) else []
    spoken = {"remind", "tell", "reassign", "return", *(due.kind for due in dues)}
    timers = sorted(step.decision.timers, key=lambda timer: (timer.due_at, timer.step))
    timers = [timer for timer in timers if timer.kind in spoken]
    if len(dues) == len(timers) and all(_is_due(*pair, step.decision) for pair in zip(dues, timers, strict=True)):
        return None
    now = step.decision.decided_at
    return _or_none(", ".join(_step_text(Due(each.kind, each.due_at, each.due_at - now, each.to)) for each in timers))


def _is_due(due: Due, timer: Timer, decision: Decision) -> bool:
    return (
        due.kind == timer.kind
        and due.at in {None, timer.due_at}
        and due.after in {None, timer.due_at - decision.decided_at}
        and due.to in {"", timer.to}
    )


def _step_text(due: Due) -> str:
    """Return a step in words: ``remind at 2026-01-31 10:15 UTC (after 15 minutes)``."""
    after = "" if due.after is None else f"after {_span(int(due.after.total_seconds()))}"
    at = "" if due.at is None else f"at {shown(due.at)}"
    when = f"{at} ({after})" if at and after else at or after
    return " ".join(filter(None, (due.kind, due.to, when)))


def _span(seconds: int) -> str:
    size, unit = next(
        ((size, unit) for size, unit in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")) if not seconds % size),
        (1, "second"),
    )
    count = seconds // size
    return f"{count} {unit}" + ("" if count == 1 else "s")


_CHECKS: Mapping[WishKind, _Check] = {
    "rule": lambda wanted, step: _same(wanted, step.decision.route.rule),
    "assignee": _assignee,
    "pool": _of_target("pool"),
    "territory": lambda wanted, step: _same(wanted, step.territory),
    "queue": _of_target("queue"),
    "fallback": _fallback,
    "because": _because,
    "outcome": lambda wanted, step: _same(wanted, step.decision.outcome),
    "task": _task,
    "until": _until,
    "escalations": _escalations,
}
