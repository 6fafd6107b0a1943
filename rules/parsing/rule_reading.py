"""From YAML nodes to rules: conditions, targets, the task, waiting, and what happens when nobody acts."""

from __future__ import annotations

import re
from datetime import timedelta

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from rules.limits import MOST_STEPS
from rules.parsing.nodes import DURATION_EXAMPLES, Fields, time_of
from rules.parsing.target_reading import TARGETS, TargetReader
from rules.parts import Escalation, Rule, Step, Target, TaskPlan, Wait
from rules.telling import Bell
from rules.wording import templates

RULE_KEYS = (
    "rule", "when", "assign", "otherwise", "task", "notify", "wait", "escalate", "respect owner", "reroute",
)  # fmt: skip
LONGEST_WAIT = timedelta(days=30)
"""Who waits longer for a value has forgotten the lead."""
SHORTEST_IDLE = timedelta(minutes=5)
"""The rules are asked again about each idle lead: more often would be all that the install does."""
WORKING_DAYS_A_WEEK = 5
WORKING_HOURS_A_DAY = 8

STEP_KEYS = ("after", "clock", "remind", "to", "notify", "reassign", "return")
WORKING = ("working", "business")
"""What makes a time one of the assignee's working time: ``2 business hours``."""
AT_WORK = ("at work", "working hours")
"""How a rule says that nobody is notified outside working hours."""
_MANAGERS = frozenset({"manager", "the manager", "their manager", "owner's manager", "assignee's manager"})
_ASSIGNEES = frozenset({"assignee", "owner", "the assignee", "the owner"})
_STEP_EXAMPLE = "Write it like - {after: 30 minutes, to: manager}."
_DAYS = re.compile(r"\d\s*[dw]")


class RuleReader(TargetReader):
    """Reads the rules of a record."""

    def rule(self, node: MappingNode) -> Rule:
        """Return the rule that an item's mapping describes."""
        fields = self.fields(node, RULE_KEYS)
        targets = self._assign(node, fields)
        default_task = None if targets[0].kind == "keep" else TaskPlan()
        return Rule(
            name=self.text(fields["rule"][1], "The rule's name") if "rule" in fields else "",
            when=self.conditions_within(fields["when"][1]) if "when" in fields else (),
            assign=targets[0],
            otherwise=targets[1:],
            task=self._task(fields["task"][1]) if "task" in fields else default_task,
            notify=self._notify(fields["notify"][1]) if "notify" in fields else None,
            wait=self._wait(fields["wait"][1]) if "wait" in fields else None,
            escalate=self._escalate(fields["escalate"][1]) if "escalate" in fields else (),
            respect_owner=self.flag(fields["respect owner"][1], "respect owner") if "respect owner" in fields else True,
            idle=self._idle(fields["reroute"][1]) if "reroute" in fields else None,
            says_task="task" in fields,
        )

    def _assign(self, node: MappingNode, fields: Fields) -> tuple[Target, ...]:
        """Return the targets in the order in which they are tried, at least one."""
        found: tuple[Target, ...] = ()
        if "assign" in fields:
            found = self.targets(fields["assign"][1], "assign")
        else:
            remedy = f"Add assign: with one of: {', '.join(TARGETS)}."
            self.fault(node, "The rule does not say who gets the lead.", remedy)
        if "otherwise" in fields:
            found += self.targets(fields["otherwise"][1], "otherwise")
        return found or (Target("keep"),)

    def _task(self, node: Node) -> TaskPlan | None:
        if isinstance(node, ScalarNode):
            return TaskPlan() if self.flag(node, "task") else None
        if not isinstance(node, MappingNode):
            self.fault(node, "task must be false, true, or say subject, body and due.")
            return None
        fields = self.fields(node, ("subject", "body", "due"))
        return TaskPlan(
            subject=self._template(fields["subject"][1]) if "subject" in fields else "",
            body=self._template(fields["body"][1]) if "body" in fields else "",
            due=self.duration(fields["due"][1], "The time for the task") if "due" in fields else None,
        )

    def _notify(self, node: Node) -> Bell:
        told = " ".join(node.value.casefold().split()) if isinstance(node, ScalarNode) else ""
        if told in AT_WORK:
            return "at work"
        rings = self.maybe_flag(node)
        if rings is None:
            remedy = "Write true, false, or at work: not outside the working hours of whoever gets the lead."
            self.fault(node, "notify must be true, false or at work.", remedy)
        return "always" if rings else "never"

    def _template(self, node: Node) -> str:
        text = self.text(node, "The text")
        for name in templates.unknown(text):
            self.fault(node, f"There is no {{{name}}} to put in.", f"Use one of: {', '.join(templates.EXAMPLES)} …")
        return text

    def _wait(self, node: Node) -> Wait | None:
        example = "Write it like wait: {for: account.employees, at most: 10 minutes}."
        if not isinstance(node, MappingNode):
            self.fault(node, "wait must say what it waits for, and at most how long.", example)
            return None
        fields = self.fields(node, ("for", "at most"))
        for name, missing in (("for", "what it waits for"), ("at most", "at most how long")):
            if name not in fields:
                self.fault(node, f"wait does not say {missing}.", example)
        asked = self.asked(fields["for"][1], "for") if "for" in fields else ()
        at_most = self.duration(fields["at most"][1], "The time to wait") if "at most" in fields else None
        if at_most and at_most > LONGEST_WAIT:
            self.fault(fields["at most"][1], f"A lead waits at most {LONGEST_WAIT.days} days.", "Write a shorter time.")
        return Wait(asked, at_most) if asked and at_most else None

    def _idle(self, node: Node) -> timedelta | None:
        if self.maybe_flag(node) is False:
            return None
        fields = self.fields(node, ("idle",)) if isinstance(node, MappingNode) else {}
        if "idle" not in fields:
            self.fault(node, "reroute does not say when.", "Write it like reroute: {idle: 3 days}.")
            return None
        idle = self.duration(fields["idle"][1], "The time without a sign of life")
        if idle and idle < SHORTEST_IDLE:
            self.fault(fields["idle"][1], "A lead is idle after 5 minutes at the earliest.", "Write a longer time.")
        return idle

    def _escalate(self, node: Node) -> tuple[Escalation, ...]:
        single = isinstance(node, MappingNode)
        entries = [node] if single else self.entries(node, "escalate", MOST_STEPS, "Keep those that people act on.")
        if not entries and isinstance(node, SequenceNode):
            self.fault(node, "escalate has no steps.", "Add one, or leave it out.")
        steps = [self._step(entry) for entry in entries]
        for number, (entry, step) in enumerate(zip(entries, steps, strict=True)):
            if step and step in steps[:number]:
                self.fault(entry, "This step stands here twice.", "Keep one of them.")
        return tuple(step for step in steps if step)

    def _step(self, node: Node) -> Escalation | None:
        if not isinstance(node, MappingNode):
            self.fault(node, "This is not a step.", _STEP_EXAMPLE)
            return None
        fields = self.fields(node, STEP_KEYS)
        before = len(self.faults)
        does = [name for name in STEP_KEYS[2:] if name in fields]
        if len(does) != 1:
            remedy = "Write one of: remind: true, to: manager, reassign: true, return: true."
            self.fault(node, "A step does one thing." if does else "The step does nothing.", remedy)
        if "after" not in fields:
            self.fault(node, "The step does not say after how long.", _STEP_EXAMPLE)
        if len(self.faults) > before:
            return None
        after, working = self._after(fields)
        step, to = self._deed(does[0], fields[does[0]][1])
        return Escalation(after, step, to, working) if after and step else None

    def _deed(self, name: str, node: Node) -> tuple[Step | None, str]:
        """Return what a step does, and to whom it tells it."""
        told = " ".join(node.value.casefold().split()) if isinstance(node, ScalarNode) else ""
        if name in {"to", "notify"}:
            if told in _ASSIGNEES:
                self.fault(node, "The assignee is reminded, not told.", "Write remind: true.")
                return None, ""
            return "tell", "manager" if told in _MANAGERS else self.mail(node, "Who is told")
        if name == "remind" and told in _ASSIGNEES:
            return "remind", ""
        deeds: dict[str, Step] = {"remind": "remind", "reassign": "reassign", "return": "return"}
        if not self.flag(node, name):
            self.fault(node, f"{name}: false does nothing.", "Leave the step out.")
        return deeds[name], ""

    def _after(self, fields: Fields) -> tuple[timedelta | None, bool]:
        """Return how long after the assignment, and whether only the assignee's working time counts."""
        node = fields["after"][1]
        words = node.value.casefold().split() if isinstance(node, ScalarNode) else []
        clock = self._clock(fields["clock"][1]) if "clock" in fields else ""
        is_working = any(word in words for word in WORKING)
        if is_working and clock == "wall":
            self.fault(fields["clock"][1], "The time is working time, and the clock is not.", "Keep one of them.")
        working = clock == "working" or is_working
        plain = " ".join(word for word in words if word not in WORKING)
        after = time_of(plain, days_a_week=WORKING_DAYS_A_WEEK if working else 7)
        if after is None:
            example = f"Write it like {DURATION_EXAMPLES}, 2 working hours or 1 working day."
            self.fault(node, "The time of the step cannot be read.", example)
        elif working and after >= timedelta(days=1) and not _DAYS.search(plain):
            days = max(1, round(after / timedelta(hours=WORKING_HOURS_A_DAY)))
            remedy = f"Write {days} working days: a working day is as long as the assignee's."
            self.fault(node, "That is more than a day of working hours.", remedy)
        return after, working

    def _clock(self, node: Node) -> str:
        word = self.text(node, "clock")
        if word and word not in {"working", "wall"}:
            self.fault(node, f"“{word}” is not a clock.", "Write working (the assignee's hours) or wall.")
        return word
