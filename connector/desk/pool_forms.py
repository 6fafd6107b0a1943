"""A pool as a form and back: the text is the pool, the form changes parts of it and leaves the rest to the letter.

What a form cannot show (conditions of a member, absences, skills that leads are told apart by) stays as it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import ClassVar

import yaml
from yaml.nodes import MappingNode, Node

from connector.desk import item_text, rule_words
from connector.desk.faults import Unusable
from connector.desk.gaps import Gap, of_goals
from connector.desk.item_text import Cut
from connector.desk.rule_goals import Goal, written
from rules.calendar import Hours
from rules.parsing.pool_reading import CHOICES, MEMBER_KEYS, POOL_KEYS
from rules.parts import Cap, Member, Pool

SHOWN = frozenset({"pool", "members", "by", "cap", "open leads", "hours", "overflow"})
"""The keys of a pool that a form shows."""
SHOWN_OF_MEMBER = ("user", "weight", "cap", "open leads", "hours", "skills")
"""The keys of a member that a form shows, in the order in which a new one is written."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member as boxes. `kept` is what only the text shows; `raw` their text as it stands ("": a new member).

    `after` are comments between them and the next.
    """

    user: str = ""
    weight: str = ""
    cap: str = ""
    open_leads: str = ""
    hours: str = ""
    zone: str = ""
    skills: str = ""
    kept: tuple[str, ...] = ()
    raw: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class PoolForm:
    """A pool as a form; boxes are texts as they are typed. `kept` are keys it cannot show."""

    kind: ClassVar[str] = "pool"

    name: str = ""
    by: str = CHOICES[0]
    members: tuple[MemberRow, ...] = ()
    cap: str = ""
    open_leads: str = ""
    hours: str = ""
    zone: str = ""
    overflow: tuple[Goal, ...] = ()
    kept: tuple[str, ...] = ()


def form_of(text: str) -> PoolForm | None:
    """Return a pool's text as a form; None for what is no pool, or has faults of its own."""
    read = rule_words.item(text)
    if not isinstance(read.part, Pool):
        return None
    part, nodes = read.part, item_text.values_of(item_text.node_of(text))
    raws = item_text.entries(text, nodes["members"])
    hours, zone = _hours(part.hours)
    return PoolForm(
        name=part.name,
        by=part.by,
        members=tuple(_row(member, *raw) for member, raw in zip(part.members, raws, strict=True)),
        cap=_caps(part.caps),
        open_leads=_number(part.open_leads),
        hours=hours,
        zone=zone,
        overflow=tuple(Goal(each.kind, each.name) for each in part.overflow),
        kept=tuple(name for name in nodes if name not in SHOWN),
    )


def text_of(form: PoolForm, base: str) -> str:
    """Return `base` with what the form says otherwise. Raises RuleFault when `base` is no item.

    What the form says wrong is written as it is: checking the text tells it by line.
    """
    found, was = item_text.cut(base), form_of(base) or PoolForm()
    values = {
        "pool": (form.name, was.name, form.name),
        "by": (form.by, was.by, "" if form.by == CHOICES[0] else form.by),
        "cap": (form.cap, was.cap, form.cap),
        "open leads": (form.open_leads, was.open_leads, form.open_leads),
        "hours": ((form.hours, form.zone), (was.hours, was.zone), f"{form.hours} {form.zone}"),
    }
    for key, (now, before, value) in values.items():
        if now != before:
            found = _with(found, key, value)
    members = tuple(each for each in form.members if _says(each))
    if members != was.members:
        lines = [line for each in members for line in _entry(each)]
        found = found.put("members", ["members:", *_above(found), *lines] if lines else ["members: []"], POOL_KEYS)
    if form.overflow != was.overflow:
        found = _with_overflow(found, form.overflow)
    return found.text()


def gaps(form: PoolForm) -> Iterator[Gap]:
    """Tell every box that :func:`text_of` leaves out, or whose other half is missing; rows without a word are none."""
    for at, row in enumerate(form.members):
        number = at + 1
        if not row.user.strip() and (row.raw or any(_boxes(row).values())):
            why = Unusable(
                "Member %(number)s: who is it? Write the e-mail address, or drop the member.",
                field=f"member-{at}-user",
                number=number,
            )
            yield Gap(why, is_lost=not row.raw)
        if row.zone.strip() and not row.hours.strip():
            why = Unusable(
                "Member %(number)s: a time zone needs hours. Write when they work, or empty the time zone.",
                field=f"member-{at}-hours",
                number=number,
            )
            yield Gap(why, is_lost=False)
    if form.zone.strip() and not form.hours.strip():
        why = Unusable("A time zone needs hours. Write when they work, or empty the time zone.", field="hours")
        yield Gap(why, is_lost=False)
    yield from of_goals(form.overflow)


def _with(found: Cut, key: str, value: str) -> Cut:
    if key != "pool" and not value.strip():
        return found.without(key)
    return found.put(key, [f"{key}: {_value(key, value.strip())}"], POOL_KEYS)


def _with_overflow(found: Cut, goals: Sequence[Goal]) -> Cut:
    texts = [written(each) for each in goals if each.kind]
    if not texts:
        return found.without("overflow")
    if len(texts) == 1:
        return found.put("overflow", [f"overflow: {texts[0]}"], POOL_KEYS)
    lines = [line for text in texts for line in item_text.entry(text)]
    return found.put("overflow", ["overflow:", *lines], POOL_KEYS)


def _entry(row: MemberRow) -> list[str]:
    return [*item_text.entry(_member(row)), *(f"  {line}" for line in row.after.splitlines())]


def _above(found: Cut) -> list[str]:
    """Return the comments above the first member."""
    body = next((each.body for each in found.pieces if each.key == "members"), "")
    lines = (line.strip() for line in body.splitlines()[1:])
    return [f"  {line}" for line in takewhile(lambda line: line.startswith("#"), lines)]


def _says(row: MemberRow) -> bool:
    return bool(row.user.strip() or row.raw)


def _row(member: Member, raw: str, after: str = "") -> MemberRow:
    hours, zone = _hours(member.hours)
    node = _node(raw)
    kept = item_text.values_of(node) if isinstance(node, MappingNode) else {}
    return MemberRow(
        user=member.user,
        weight=str(member.weight),
        cap=_caps(member.caps),
        open_leads=_number(member.open_leads),
        hours=hours,
        zone=zone,
        skills=", ".join(member.skills),
        kept=tuple(name for name in kept if name not in SHOWN_OF_MEMBER),
        raw=raw,
        after=after,
    )


def _member(row: MemberRow) -> str:
    """Return a member's text: as it stood where the boxes say the same, else with what they say otherwise."""
    was = _read(row.raw)
    if was is not None and _boxes(row) == _boxes(was):
        return row.raw
    told, before = _boxes(row), _boxes(was) if was else {}
    node = _node(row.raw)
    if isinstance(node, MappingNode) and not node.flow_style:
        found = item_text.cut(row.raw)
        for key, value in told.items():
            if value != before.get(key, ""):
                found = found.put(key, [f"{key}: {_value(key, value)}"], MEMBER_KEYS) if value else found.without(key)
        return found.text().rstrip("\n")
    return _on_one_line(row.raw, node, told, before)


def _on_one_line(raw: str, node: Node | None, told: Mapping[str, str], before: Mapping[str, str]) -> str:
    """Return a member in braces, or by their name alone; a comment behind them stays, and within braces if it can."""
    values: dict[str, Node] = item_text.values_of(node) if isinstance(node, MappingNode) else {}
    changed = {key: value for key, value in told.items() if value != before.get(key, "")}
    if values and changed.keys() <= values.keys() and all(changed.values()):
        return item_text.spliced(raw, {values[key]: _value(key, value) for key, value in changed.items()})
    texts = {name: item_text.slice_of(raw, value) for name, value in values.items()}
    for key, value in told.items():
        if value and (key not in texts or key in changed):
            texts[key] = _value(key, value)
        elif not value:
            texts.pop(key, None)
    alone = list(texts) == ["user"]
    line = item_text.scalar(told["user"]) if alone else _in_braces(texts)
    return f"{line}{item_text.behind(raw, node)}" if node else line


def _in_braces(texts: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in texts.items()) + "}"


def _boxes(row: MemberRow) -> dict[str, str]:
    """Return what the boxes say, by key; a weight of 1 needs no word."""
    weight, hours = row.weight.strip(), f"{row.hours} {row.zone}".strip()
    texts = (row.user, "" if weight == "1" else weight, row.cap, row.open_leads, hours, row.skills)
    return {key: text.strip() for key, text in zip(SHOWN_OF_MEMBER, texts, strict=True)}


def _read(raw: str) -> MemberRow | None:
    """Return a member's text as boxes; None for none, and for one with faults."""
    if not raw:
        return None
    lines = "\n".join(item_text.entry(raw, 4))
    part = rule_words.item(f"- pool: A\n  members:\n{lines}\n").part
    return _row(part.members[0], raw) if isinstance(part, Pool) and len(part.members) == 1 else None


def _node(raw: str) -> Node | None:
    try:
        return yaml.compose(raw, Loader=yaml.SafeLoader) if raw else None
    except yaml.YAMLError:
        return None


def _value(key: str, text: str) -> str:
    """Return a value as YAML that may stand in braces too; several caps or skills become a list."""
    if key in {"cap", "skills"} and "," in text:
        return f"[{', '.join(item_text.within(each.strip()) for each in text.split(',') if each.strip())}]"
    return text if text.isdecimal() and key not in {"user", "pool"} else item_text.within(text)


def _hours(hours: Hours | None) -> tuple[str, str]:
    return (str(replace(hours, zone="")), hours.zone) if hours else ("", "")


def _caps(caps: Sequence[Cap]) -> str:
    return ", ".join(str(each) for each in caps)


def _number(count: int | None) -> str:
    return "" if count is None else str(count)
