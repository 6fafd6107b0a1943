"""What an item of the rules says, in plain words: for lists of rules and beside the editors.

The words of the rule language stay as they are; pages put the sentence around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Literal, TypeAlias

from rules.clauses import compare
from rules.clauses.operators import UNARY
from rules.conditions import Block, Condition
from rules.conditions import Part as ConditionPart
from rules.faults import Fault, RuleFault
from rules.parsing import yamltext
from rules.parsing.people_reading import TrialText
from rules.parsing.reading import Reader
from rules.parts import Escalation, Part, Rule
from rules.telling import Bell
from rules.wording.called import country_said, field_label
from rules.wording.words import operator_word, say

Notice: TypeAlias = Bell | Literal["settings"]
"""When a rule notifies; ``settings``: when the install's settings say so."""
KEPT_ITEMS = 4_096
"""Items whose reading a process keeps at hand: a page of many rules is asked for again and again."""
SHOWN = 6
"""Values of a condition that are told; the text has all."""
_UNITS = ((7 * 24 * 60, "week"), (24 * 60, "day"), (60, "hour"), (1, "minute"))


@dataclass(frozen=True, slots=True)
class Read:
    """One item as it was read: its kind and name, the part it is (None: it has faults), and what is wrong with it."""

    kind: str
    name: str
    part: Part | TrialText | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class ToldStep:
    """What happens when nobody has acted: `deed` is ``remind``, ``tell``, ``reassign`` or ``return``."""

    after: str
    deed: str
    to: str
    working: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What a rule says. `conditions` must all hold; `targets` are tried in order; `task` None: no task is made.

    Without `says_task` the install's settings may have none made. `notify` is ``settings`` where they decide.
    """

    conditions: tuple[str, ...]
    targets: tuple[str, ...]
    task: str | None
    due: str
    says_task: bool
    notify: Notice
    waits: tuple[str, ...]
    at_most: str
    steps: tuple[ToldStep, ...]
    idle: str


@lru_cache(maxsize=KEPT_ITEMS)
def item(text: str) -> Read:
    """Read one item by itself; what it names elsewhere in the rules is not looked at."""
    plain = yamltext.bare(text)
    try:
        nodes = yamltext.items(plain)
    except RuleFault as fault:
        return Read("", "", None, (fault.within(""),))
    if not nodes:
        return Read("", "", None, (Fault("", 1, 1, "The text is empty.", "Write one item."),))
    kind, name = yamltext.heading(nodes[0])
    reader = Reader("")
    if len(nodes) > 1:
        reader.fault(nodes[1], "A record holds one item, and here begins a second.", "Make an item of its own of it.")
    part = reader.part(nodes[0], plain)
    return Read(kind, name, None if reader.faults else part, tuple(reader.faults))


def told(part: object) -> Told | None:
    """Return what a rule says; None for any other item."""
    if not isinstance(part, Rule):
        return None
    plan = part.task
    return Told(
        conditions=tuple(condition(each) for each in part.when),
        targets=tuple(str(each) for each in (part.assign, *part.otherwise)),
        task=None if plan is None else plan.subject,
        due=time(plan.due) if plan and plan.due else "",
        says_task=part.says_task,
        notify=part.notify or ("never" if part.assign.kind == "keep" else "settings"),
        waits=part.wait.fields if part.wait else (),
        at_most=time(part.wait.at_most) if part.wait else "",
        steps=tuple(_step(each) for each in part.escalate),
        idle=time(part.idle) if part.idle else "",
    )


def condition(part: ConditionPart) -> str:
    """Return a condition, or a block of them, in words: ``country is France, Spain or Italy``."""
    if isinstance(part, Block):
        return f"{part.kind}: ({'; '.join(condition(each) for each in part.parts)})"
    return f"{field_label(part.field)} {_rest(part)}".rstrip()


def time(span: timedelta, *, working: bool = False) -> str:
    """Return a time as a rule writes it: ``15 minutes``, ``1 hour 30 minutes``; a working week has other days."""
    left, words = span // timedelta(minutes=1), []
    for size, unit in _UNITS[working:]:
        count, left = divmod(left, size)
        if count:
            words.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return " ".join(words)


def _rest(part: Condition) -> str:
    word = operator_word(part.operator)
    if part.operator in UNARY:
        return word
    if part.list_name:
        return f"{part.operator} list “{part.list_name}”"
    is_country = part.field.endswith(".country")
    values = [country_said(shown) if is_country else shown for shown in map(compare.shown, part.operands)]
    if part.operator == "between":
        return f"{word} {say('phrase.range', first=values[0], last=values[1])}"
    if part.operator == "contains all of":
        return f"{operator_word('contains')} {_several(values, 'and')}"
    return f"{word} {_several(values, 'or')}"


def _several(values: Sequence[str], joint: str) -> str:
    shown = [*values[:SHOWN], "…"] if len(values) > SHOWN else list(values)
    if len(shown) < 2:  # noqa: PLR2004 - one value needs no joint
        return "".join(shown)
    return say(joint, first=", ".join(shown[:-1]), last=shown[-1])


def _step(step: Escalation) -> ToldStep:
    return ToldStep(time(step.after, working=step.working), step.step, step.to, step.working)
