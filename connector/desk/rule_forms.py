"""A rule as a form and back: the text is the rule, the form changes parts of it and leaves the rest to the letter.

What a form cannot show (blocks of conditions, waiting, and the like) stays in the text as it is, and is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from yaml.nodes import Node, ScalarNode, SequenceNode

from connector.desk import item_text, rule_words
from connector.desk.faults import Unusable
from connector.desk.gaps import Gap, of_goals
from connector.desk.item_text import Cut
from connector.desk.rule_goals import Goal, written
from rules import conditions
from rules.clauses import operators
from rules.clauses.operators import ALLOWED, MANY, OPERATORS, UNARY
from rules.clauses.written import quoted
from rules.conditions import Condition
from rules.faults import RuleFault
from rules.fields import type_of
from rules.parsing.rule_reading import RULE_KEYS
from rules.parts import Rule, TaskPlan

USUAL = "usual"
"""The rule leaves it open: the install's settings decide."""
_BELLS = {"always": "true", "at work": "at work", "never": "false"}
SHOWN = frozenset({"rule", "when", "assign", "otherwise", "task", "notify", "escalate"})
"""The keys that a form shows."""
_FIELD = re.compile(r"\s*[A-Za-z_]\w*(?:\.\w+)?")
_DEEDS = {"remind": "remind: true", "reassign": "reassign: true", "return": "return: true"}


@dataclass(frozen=True, slots=True)
class Row:
    """One condition, in three boxes; or, as `raw` text, one that does not fit into them."""

    field: str = ""
    operator: str = "is"
    value: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step when nobody acts: after how long, what is done, to whom it is told; `working`: in working time."""

    after: str = ""
    deed: str = "remind"
    to: str = ""
    working: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A rule as a form. `kept` are keys it cannot show.

    `task` is ``usual`` (the settings decide), ``none`` or ``own`` (with its texts), `notify` a Bell or ``usual``.
    """

    kind: ClassVar[str] = "rule"

    name: str = ""
    when: tuple[Row, ...] = ()
    goals: tuple[Goal, ...] = ()
    task: str = USUAL
    subject: str = ""
    body: str = ""
    due: str = ""
    notify: str = USUAL
    steps: tuple[StepRow, ...] = ()
    kept: tuple[str, ...] = ()


def form_of(text: str) -> Form | None:
    """Return a rule's text as a form; None for what is no rule, or has faults of its own."""
    read = rule_words.item(text)
    if not isinstance(read.part, Rule):
        return None
    part, node = read.part, item_text.node_of(text)
    nodes = {" ".join(str(key.value).casefold().replace("_", " ").split()): value for key, value in node.value}
    plan = part.task
    return Form(
        name=part.name,
        when=tuple(_row(text, each) for each in _entries(nodes.get("when"))),
        goals=tuple(Goal(each.kind, each.name) for each in (part.assign, *part.otherwise)),
        task=_task(plan, nodes.get("task")),
        subject=plan.subject if plan else "",
        body=plan.body if plan else "",
        due=rule_words.time(plan.due) if plan and plan.due else "",
        notify=part.notify or USUAL,
        steps=tuple(
            StepRow(rule_words.time(each.after, working=each.working), each.step, each.to, each.working)
            for each in part.escalate
        ),
        kept=tuple(name for name in nodes if name not in SHOWN),
    )


def text_of(form: Form, base: str) -> str:
    """Return `base` with what the form says otherwise. Raises RuleFault when `base` is no item.

    What the form says wrong is written as it is: checking the text tells it by line.
    """
    found, was = item_text.cut(base), form_of(base) or Form()
    if form.name != was.name:
        found = found.put("rule", [f"rule: {item_text.scalar(form.name)}"], RULE_KEYS)
    when = tuple(each for each in form.when if each.raw or each.field.strip())
    if when != was.when:
        found = _with_when(found, when, was.when, base)
    if form.goals != was.goals:
        found = _with_goals(found, [each for each in form.goals if each.kind])
    if _task_of(form) != _task_of(was):
        found = _with_task(found, form)
    if form.notify != was.notify:
        word = _BELLS.get(form.notify)
        found = found.put("notify", [f"notify: {word}"], RULE_KEYS) if word else found.without("notify")
    steps = tuple(each for each in form.steps if each.after.strip())
    if steps != was.steps:
        found = _with_steps(found, steps)
    return found.text()


def gaps(form: Form, base: str) -> Iterator[Gap]:
    """Tell every box that :func:`text_of` leaves out, or whose other half is missing; rows without a word are none."""
    for at, row in enumerate(form.when):
        yield from () if row.raw else _of_condition(at, row)
    yield from of_goals(form.goals)
    if form.task != "own":
        was = form_of(base) or Form()
        for box in ("subject", "body", "due"):
            typed = getattr(form, box)
            if typed.strip() and typed != getattr(was, box):
                yield Gap(Unusable("No task has these words. Choose “With these words”, or empty this.", field=box))
    for at, step in enumerate(form.steps):
        yield from _of_step(at, step)


def _of_condition(at: int, row: Row) -> Iterator[Gap]:
    field, value, number = row.field.strip(), row.value.strip(), at + 1
    if value and not field:
        why = Unusable(
            "Condition %(number)s: which field? Choose it, or drop the condition.",
            field=f"when-{at}-field",
            number=number,
        )
        yield Gap(why)
    elif value and row.operator in UNARY:
        why = Unusable(
            "Condition %(number)s: “%(operator)s” needs no value. Empty it, or choose another comparison.",
            field=f"when-{at}-value",
            number=number,
            operator=row.operator,
        )
        yield Gap(why)
    elif field and not value and row.operator not in UNARY:
        why = Unusable(
            "Condition %(number)s: write the value to compare with, or drop the condition.",
            field=f"when-{at}-value",
            number=number,
        )
        yield Gap(why, is_lost=False)


def _of_step(at: int, step: StepRow) -> Iterator[Gap]:
    number, blank = at + 1, StepRow()
    if not step.after.strip():
        if step.to.strip() or step.deed != blank.deed or step.working:
            why = Unusable(
                "Step %(number)s: after how long? Write a time such as 30 minutes, or drop the step.",
                field=f"step-{at}-after",
                number=number,
            )
            yield Gap(why)
    elif step.to.strip() and step.deed in _DEEDS:
        why = Unusable(
            "Step %(number)s: nobody is told by it. Choose “tell somebody”, or empty this.",
            field=f"step-{at}-to",
            number=number,
        )
        yield Gap(why)


def line_of(row: Row) -> str:
    """Return a condition as a rule writes it; a value that only quotes make a text gets them."""
    if row.raw:
        return row.raw
    field, value = row.field.strip(), row.value.strip()
    head = f"{field} {row.operator}"
    if row.operator in UNARY:
        return head
    if row.operator in MANY and not value.startswith(("[", "list ")):
        return f"{head} [{value}]"
    line = f"{head} {value}".rstrip()
    if value and not value.startswith(('"', "'", "[")) and not _parses(line) and _parses(f"{head} {quoted(value)}"):
        return f"{head} {quoted(value)}"
    return line


def operators_of(field: str) -> tuple[str, ...]:
    """Return the operators that fit a field; all of them for one that nobody knows yet."""
    fitting = ALLOWED[type_of(field.strip())] if "." in field else frozenset(OPERATORS)
    return tuple(each for each in _ORDER if each in fitting)


_ORDER = (
    "is", "is not", "in", "not in", "contains", "contains all of", "does not contain", "starts with", "ends with",
    "matches", ">=", "<=", ">", "<", "between", "within last", "within next", "is empty", "is not empty", "changed",
)  # fmt: skip


def _entries(node: Node | None) -> Sequence[Node]:
    if node is None:
        return ()
    return node.value if isinstance(node, SequenceNode) else (node,)


def _row(text: str, node: Node) -> Row:
    """Return one entry of the conditions as a row; a block, or what is written in an odd way, as raw text."""
    raw = item_text.slice_of(text, node)
    if not isinstance(node, ScalarNode):
        return Row(operator="", raw=raw)
    found = _split(str(node.value))
    return found if found and _means(line_of(found), str(node.value)) else Row(operator="", raw=raw)


def _split(line: str) -> Row | None:
    field = _FIELD.match(line)
    word = operators.PATTERN.match(line, field.end()) if field else None
    try:
        known = conditions.parse(line)
    except RuleFault:
        return None
    if not word:
        return None
    rest = line[word.end() :].strip()
    operator = {"==": "is", "!=": "is not"}.get(known.operator, known.operator)
    if operator in MANY and rest.startswith("["):
        rest = rest[1:-1].strip()
    row = Row(known.field, operator, rest)
    bare = rest[1:-1] if len(rest) > 1 and rest[0] == rest[-1] == '"' and "\\" not in rest else rest
    if bare != rest and _means(line_of(replace(row, value=bare)), line):
        return replace(row, value=bare)
    return row


def _means(one: str, other: str) -> bool:
    first, second = _parsed(one), _parsed(other)
    return first is not None and second is not None and _bare(first) == _bare(second)


def _bare(found: Condition) -> tuple[object, ...]:
    operator = {"==": "is", "!=": "is not"}.get(found.operator, found.operator)
    return found.field, operator, tuple(found.operands), found.list_name


def _parsed(line: str) -> Condition | None:
    try:
        return conditions.parse(line)
    except RuleFault:
        return None


def _parses(line: str) -> bool:
    return _parsed(line) is not None


def _task(plan: TaskPlan | None, node: Node | None) -> str:
    if plan is None:
        return "none"
    return USUAL if node is None else "own"


def _task_of(form: Form) -> tuple[str, ...]:
    return (form.task, form.subject, form.body, form.due) if form.task == "own" else (form.task,)


def _with_when(found: Cut, rows: Sequence[Row], was: Sequence[Row], base: str) -> Cut:
    if not rows:
        return found.without("when")
    nodes = {" ".join(str(key.value).casefold().split()): value for key, value in item_text.node_of(base).value}
    old = dict(zip(was, (item_text.slice_of(base, each) for each in _entries(nodes.get("when"))), strict=False))
    texts = [old.get(each) or each.raw or item_text.scalar(line_of(each)) for each in rows]
    return found.put("when", ["when:", *(line for text in texts for line in item_text.entry(text))], RULE_KEYS)


def _with_goals(found: Cut, goals: Sequence[Goal]) -> Cut:
    texts = [written(each) for each in goals]
    found = found.without("otherwise")
    if not texts:
        return found.without("assign")
    found = found.put("assign", [f"assign: {texts[0]}"], RULE_KEYS)
    if len(texts) == 1:
        return found
    entries = [line for text in texts[1:] for line in item_text.entry(text)]
    return found.put("otherwise", ["otherwise:", *entries], RULE_KEYS)


def _with_task(found: Cut, form: Form) -> Cut:
    if form.task == USUAL:
        return found.without("task")
    if form.task == "none":
        return found.put("task", ["task: false"], RULE_KEYS)
    told = {"subject": form.subject, "body": form.body, "due": form.due}
    lines = [f"  {name}: {item_text.scalar(value.strip())}" for name, value in told.items() if value.strip()]
    return found.put("task", ["task:", *lines] if lines else ["task: true"], RULE_KEYS)


def _with_steps(found: Cut, steps: Sequence[StepRow]) -> Cut:
    if not steps:
        return found.without("escalate")
    lines = ["escalate:"]
    for each in steps:
        deed = _DEEDS.get(each.deed) or f"to: {item_text.scalar(each.to.strip() or 'manager')}"
        told = [f"after: {item_text.scalar(each.after.strip())}", deed, *(["clock: working"] if each.working else [])]
        lines += item_text.entry("\n".join(told))
    return found.put("escalate", lines, RULE_KEYS)
