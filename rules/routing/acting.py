"""From a route to what is done: the outcome, the actions, and what waits for its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from rules import explain
from rules.calendar import Shift
from rules.model import Action, Assign, Link, Notify, Outcome, Past, Record, Route, Stamp, Task, Timer, User
from rules.parts import Escalation, Rule
from rules.routing.case import Case, Scene
from rules.routing.presence import off_work, shift
from rules.telling import Bell
from rules.wording.words import say


@dataclass(frozen=True, slots=True)
class History:
    """What was decided before: the key, who held the lead after it, and who holds it now.

    Outside of act nothing is changed, so there whoever was named last counts as the holder. `is_first`: nobody has been
    given the lead yet, for there was no decision or it only waited.
    """

    previous: str
    last_assignee: str | None
    holder: str | None
    is_first: bool

    @classmethod
    def of(cls, lead: Record, scene: Scene, previous: str, last_assignee: str | None, past: Past) -> History:
        """Return the history of a lead; `last_assignee` is what decide.owner_after says of its last decision."""
        shadow = scene.mode != "act" and bool(last_assignee)
        is_first = not previous or (past.waited_since is not None and not past.assignees)
        holder = last_assignee if shadow else lead.owner_id
        return cls(previous, last_assignee if previous else None, holder, is_first)

    @property
    def is_ours(self) -> bool:
        """Whether whoever holds the lead does so by our decision."""
        return bool(self.last_assignee) and self.holder == self.last_assignee

    @property
    def is_a_persons(self) -> bool:
        """Whether somebody else has given the lead away since."""
        return self.last_assignee is not None and self.holder is not None and self.holder != self.last_assignee


@dataclass(frozen=True, slots=True)
class Plan:
    """Turns a route into an outcome, actions and timers."""

    key: str
    case: Case
    route: Route
    history: History
    task_due: timedelta

    def outcome(self) -> Outcome:
        """Return what comes of the decision."""
        taken, mode = self.route, self.case.scene.mode
        if taken.until is not None:
            return "waiting"
        changes = taken.assignee is not None and taken.assignee.id != self.history.holder
        if mode == "observe":
            return "observed"
        if taken.target == "keep" or taken.assignee is None:
            return "kept"
        if mode == "suggest":
            return "suggested" if changes or self.history.is_first else "kept"
        return "assigned" if changes else "kept"

    def actions(self) -> tuple[Action, ...]:
        """Return what is to be done now.

        While the lead waits that is only the stamp: should our database be lost, it tells that somebody waits for us.
        """
        mode, waits = self.case.scene.mode, self.route.until is not None
        known = self.case.duplicate
        older = known.of_id or "" if known.status == "same" else ""
        stamp = Stamp(self.key, self.route.rule, self.case.match.confidence, self.case.now, older)
        if waits or mode == "observe":
            return (stamp,) if waits and mode == "act" else ()
        told = self._telling()
        if mode == "suggest":
            return told
        return (*self._link(), *self._assign(), stamp, *told)

    def timers(self) -> tuple[Timer, ...]:
        """Return what waits for its time: to ask again, or what the rule says for when nobody acts.

        Who keeps the lead by an earlier decision keeps the timers of that one too: an update of the lead does not begin
        them anew.
        """
        if self.route.until is not None:
            return (Timer("ask", self.route.until),)
        taker, rule = self.route.assignee, self._rule()
        if taker is None or taker.queue or rule is None or self.case.scene.mode == "observe":
            return ()
        if not self.history.is_first and taker.id == self.history.holder:
            return ()
        now, at_work = self.case.now, shift(taker, self.route.turn, self.case)
        idle = (Timer("idle", now + rule.idle),) if rule.idle else ()
        return (*_escalations(rule, now, at_work), *idle)

    def _link(self) -> tuple[Action, ...]:
        """Link what is matched. An existing link is never overwritten: a person may have made it."""
        matched = self.case.match
        if matched.status != "matched" or matched.account is None or self.case.lead.text("account_id"):
            return ()
        return (Link(matched.account.account_id),)

    def _assign(self) -> tuple[Action, ...]:
        taker = self.route.assignee
        return (Assign(taker.id),) if taker and taker.id != self.case.lead.owner_id else ()

    def untold(self) -> tuple[str, ...]:
        """Return why whoever gets the lead, and would be told of it, has no task or no notification."""
        taker, rule, mode = self.route.assignee, self._rule(), self.case.scene.mode
        if taker is None or rule is None or mode == "observe" or self.route.until or not self._is_news(taker):
            return ()
        if taker.queue:
            return (say("untold.queue", user=taker.name),)
        return tuple(why for each in (self._no_task(rule), self._no_bell(taker, rule)) if (why := each))

    def _telling(self) -> tuple[Action, ...]:
        """Tell the person who takes it; not a queue, and not again when neither owner nor account changes."""
        taker, rule = self.route.assignee, self._rule()
        if taker is None or taker.queue or rule is None or not self._is_news(taker):
            return ()
        return (*self._task(taker.id, rule), *self._notify(taker, rule))

    def _is_news(self, taker: User) -> bool:
        moved = taker.id != self.history.holder or (bool(self._link()) and self.case.scene.mode == "act")
        return self.history.is_first or moved

    def _rule(self) -> Rule | None:
        return self.case.scene.rules.get(self.route.rule)

    def _task(self, owner_id: str, rule: Rule) -> tuple[Action, ...]:
        if rule.task is None or self._no_task(rule):
            return ()
        case, due = self.case, self.case.now + (rule.task.due or self.task_due)
        subject = explain.task_subject(rule.task, case.facts)
        body = explain.task_body(rule.task, self.route, case.match, case.duplicate, case.facts, mode=case.scene.mode)
        return (Task(owner_id, subject, body, due),)

    def _no_task(self, rule: Rule) -> str:
        """Return why there is no task; "" when there is one, or when a rule leaves leads where they are."""
        if rule.says_task:
            return say("untold.task.rule", rule=rule.name) if rule.task is None else ""
        return "" if self.case.scene.telling.task or rule.task is None else say("untold.task.install", rule=rule.name)

    def _notify(self, taker: User, rule: Rule) -> tuple[Action, ...]:
        if self._bell(rule) == "never" or self._no_bell(taker, rule):
            return ()
        title, body = explain.notification(self.route, self.case.facts, mode=self.case.scene.mode)
        return (Notify(taker.id, title, body),)

    def _bell(self, rule: Rule) -> Bell:
        """Return when the rule notifies; one that leaves leads where they are does so only when it says it."""
        return rule.notify or ("never" if rule.assign.kind == "keep" else self.case.scene.telling.bell)

    def _no_bell(self, taker: User, rule: Rule) -> str:
        """Return why there is no notification; "" when there is one, or when a rule leaves leads where they are."""
        bell, by = self._bell(rule), "rule" if rule.notify else "install"
        if bell == "at work" and (why := off_work(taker, self.route.turn, self.case)):
            return say(f"untold.bell.hours.{by}", user=taker.name, why=why, rule=rule.name)
        is_quiet = bell == "never" and (rule.notify or rule.assign.kind != "keep")
        return say(f"untold.bell.{by}", rule=rule.name) if is_quiet else ""


def _escalations(rule: Rule, now: datetime, at_work: Shift) -> tuple[Timer, ...]:
    """Return the rule's escalations with their times; one that counts working time counts the assignee's."""

    def due_at(step: Escalation) -> datetime:
        return at_work.add(now, at_work.working_time(step.after)) if step.working else now + step.after

    return tuple(Timer(step.step, due_at(step), step.to, number) for number, step in enumerate(rule.escalate))
