"""Changing the rules an item at a time: texts, order and copies are drafts; switching off, on and removing is at once.

A draft is a record of its own, which nothing acts on before it is published (connector/desk/drafts.py). It stands
instead of the live record of its kind and name.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Literal

from connector.desk import rule_words, rulebook
from connector.desk.faults import NotThere, Overtaken, Unusable, sentence
from connector.desk.rulebook import CHANGED, Faulty
from connector.desk.rules import OFF, is_off, of_record
from connector.retiring import retired
from connector.rows import RuleRow
from connector.services import Services
from connector.store.installs import Install
from jobs.publish import STEP, Proposal, drafted, is_draft
from rules.conditions import Condition
from rules.faults import Fault, RuleSetError
from rules.parsing import yamltext
from rules.parsing.pieces import LONGEST_PIECE
from rules.parsing.yamltext import KINDS, split
from rules.parts import Rule

HAS_DRAFT = sentence("There is a draft of %(name)s. Publish it or discard it first.")
TAKEN = sentence("There is a %(kind)s “%(name)s” already. Give it another name.")
NOT_LIVE = sentence("%(name)s is not live, so it cannot be switched off.")


def save(services: Services, install: Install, text: str, *, record: str = "", seen: str = "", by: str) -> str:
    """Keep a text as a draft, instead of the item of `record` ("" for a new one); return the draft's record.

    A text with faults is kept, too, as long as it is one item: publishing refuses it. The text that is live already
    needs no draft: then the live record is returned. Raises Faulty for what is no item, Unusable for a name that is
    taken, Overtaken when the text is not the one that was `seen`.
    """
    plain = _tidy(text)
    kind, name = _heading(plain)

    def change(known: Sequence[RuleRow]) -> tuple[Sequence[RuleRow], str]:
        rows = drafted(known)
        if not record:
            _free(rows, kind, name)
            return [_new(known, rows, kind, name, plain)], name
        old = of_record(known, record)
        _as_seen(old, seen)
        if old.kind.strip() != kind:
            raise Unusable(
                "It was a %(old)s and would be a %(new)s. Make a new one instead.", old=old.kind, new=kind, field="text"
            )
        if name != rule_words.item(old.definition).name.strip():
            _free([row for row in rows if row is not old], kind, name)
        return _drafts(known, replace(old, definition=plain)), name

    ids = rulebook.write(services, install, change, by=by, did="draft saved")
    return ids[0] if ids else record


def discard(services: Services, install: Install, record: str, *, seen: str = "", by: str) -> None:
    """Drop the draft of an item: what is live stays as it is, and a new item is gone.

    Raises NotThere, and Overtaken when its text is not the one that was `seen`.
    """

    def change(known: Sequence[RuleRow]) -> tuple[Sequence[RuleRow], str]:
        old = of_record(known, record)
        if not is_draft(old):
            raise NotThere("There is no draft of it.")
        _as_seen(old, seen)
        return [retired(old)], old.name

    rulebook.write(services, install, change, by=by, did="draft discarded")


def move(
    services: Services, install: Install, record: str, where: Literal["top", "up", "down"], *, seen: str = "", by: str
) -> None:
    """Have a rule asked first (``top``), one place earlier (``up``) or later, as a draft.

    Raises NotThere, Unusable or Overtaken.
    """

    def change(known: Sequence[RuleRow]) -> tuple[Sequence[RuleRow], str]:
        rulebook.unchanged(known, seen)
        row, rows = of_record(known, record), drafted(known)
        rules = [each for each in rows if each.kind.strip() == "rule"]
        if row not in rules:
            raise Unusable("Only rules have an order.", field="where")
        at = rules.index(row)
        other = {"top": 0 if at else -1, "up": at - 1, "down": at + 1}[where]
        if other < 0:
            raise Unusable("It is the first already.", field="where")
        if other == len(rules):
            raise Unusable("It is the last already.", field="where")
        left = [each for each in rows if each is not row]
        place = left.index(rules[other]) + (where == "down")
        moved = _ordered([*left[:place], row, *left[place:]], place)
        return [draft for each in moved for draft in _drafts(known, each)], row.name

    rulebook.write(services, install, change, by=by, did="rule moved")


def duplicate(services: Services, install: Install, record: str, *, by: str) -> str:
    """Make a copy of an item, right behind it, as a draft of another name; return its record. Raises NotThere."""

    def change(known: Sequence[RuleRow]) -> tuple[Sequence[RuleRow], str]:
        row, rows = of_record(known, record), drafted(known)
        kind, name = _heading(row.definition)
        if not name:
            raise Unusable("There can be only one %(kind)s.", kind=kind, field="record")
        names = {rule_words.item(each.definition).name.strip() for each in rows if each.kind.strip() == kind}
        new = next(each for each in (f"{name} ({number})" for number in count(2)) if each not in names)
        text = renamed(row.definition, new)
        made = RuleRow(new, kind, row.position, text, state="draft", id=_spare(known, kind, new))
        place = rows.index(row) + 1 if row in rows else len(rows)
        moved = _ordered([*rows[:place], made, *rows[place:]], place)
        others = [draft for each in moved if each.definition is not text for draft in _drafts(known, each)]
        return [next(each for each in moved if each.definition is text), *others], new

    return rulebook.write(services, install, change, by=by, did="rule copied")[0]


def switch_off(services: Services, install: Install, record: str, *, seen: str = "", by: str, name: str) -> None:
    """Take a live item out of force at once; its record stays, and :func:`switch_on` brings it back.

    Raises Faulty when others need it, Red when tests do, Unusable when it is not live or has a draft.
    """
    _take_out(services, install, record, seen=seen, by=by, name=name, is_off_only=True)


def remove(services: Services, install: Install, record: str, *, seen: str = "", by: str, name: str) -> None:
    """Remove an item at once: a live one by publishing the others, a new draft by discarding it.

    An earlier edition brings it back (connector/desk/editions.py). Raises as :func:`switch_off` does.
    """
    found = of_record(rulebook.read(services, install, ask=True).rows, record)
    if not (is_draft(found) or is_off(found)):
        _take_out(services, install, record, seen=seen, by=by, name=name, is_off_only=False)
        return

    def change(known: Sequence[RuleRow]) -> tuple[Sequence[RuleRow], str]:
        rulebook.unchanged(known, seen)
        old = of_record(known, record)
        if old.state != found.state or is_off(old) != is_off(found):
            raise Overtaken(CHANGED)
        return [retired(old)], old.name

    rulebook.write(services, install, change, by=by, did="draft discarded" if is_draft(found) else "rule removed")


def switch_on(services: Services, install: Install, record: str, *, by: str, name: str) -> None:
    """Put an item that was switched off into force again, at its old place. Raises Faulty, Red, NotThere."""
    old = of_record(rulebook.read(services, install, ask=True).rows, record)
    if not is_off(old):
        raise NotThere("It is not switched off.")
    written = (replace(old, state="live", error="", version=""),)
    rulebook.go_live(
        services,
        install,
        lambda crm: rulebook.proposal(crm.rules(), written),
        by=by,
        name=name,
        did="rule switched on",
        why=f"{old.name} switched on",
        about=old.name,
    )


def renamed(text: str, name: str) -> str:
    """Return an item's text with another name, the rest as it is. Raises RuleFault for what is no item."""
    plain = yamltext.bare(text)
    node = yamltext.items(plain)[0]
    kind, _ = yamltext.heading(node)
    value = next(value for key, value in node.value if key.value == kind)
    rest = plain[value.end_mark.index :]
    return f"{plain[: value.start_mark.index]}{json.dumps(name, ensure_ascii=False)}{rest}"


def _take_out(
    services: Services, install: Install, record: str, *, seen: str, by: str, name: str, is_off_only: bool
) -> None:
    found = of_record(rulebook.read(services, install, ask=True).rows, record)
    if found.state != "live":
        raise Unusable(HAS_DRAFT if is_draft(found) else NOT_LIVE, name=found.name, field="record")
    told = "switched off" if is_off_only else "removed"
    gone = replace(retired(found), error=OFF if is_off_only else "")

    def propose(known: Sequence[RuleRow]) -> Proposal:
        rulebook.unchanged(known, seen)
        return rulebook.proposal(known, (gone,))

    rulebook.go_live(
        services,
        install,
        lambda crm: propose(crm.rules()),
        by=by,
        name=name,
        did=f"rule {told}",
        why=f"{found.name} {told}",
        about=found.name,
    )


def _as_seen(row: RuleRow, seen: str) -> None:
    """Raise Overtaken unless a record's text is the one that somebody saw; "" was seen by who does not ask."""
    if seen and rulebook.seen_as(row.definition) != seen:
        raise Overtaken(CHANGED)


def _tidy(text: str) -> str:
    """Return a text with one form of line breaks and one at its end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip() + "\n"


def _heading(text: str) -> tuple[str, str]:
    """Return kind and name of the one item that a text is. Raises Faulty."""
    if len(text) > LONGEST_PIECE:
        fault = Fault("", 1, 1, f"The text is longer than {LONGEST_PIECE:,} characters.", "Make several items of it.")
        raise Faulty(RuleSetError([fault]))
    try:
        found = split(text)
    except RuleSetError as error:
        raise Faulty(error) from None
    if len(found) != 1:
        message = "The text is empty." if not found else "Here are several items."
        fault = Fault("", 1, 1, message, f"Write one item. It begins with one of: {', '.join(KINDS)}.")
        raise Faulty(RuleSetError([fault]))
    return found[0].kind, found[0].name.strip()


def _free(rows: Sequence[RuleRow], kind: str, name: str) -> None:
    names = [
        rule_words.item(row.definition).name.strip() or row.name.strip() for row in rows if row.kind.strip() == kind
    ]
    if (name or kind) in names:
        raise Unusable(TAKEN, kind=kind, name=name or kind, field="text")


def _drafts(known: Sequence[RuleRow], wanted: RuleRow) -> list[RuleRow]:
    """Return what to write so that an item is drafted as `wanted`; what is live needs no draft."""
    key = wanted.kind.strip(), wanted.name.strip()
    live = next((row for row in known if row.state == "live" and _key(row) == key), None)
    draft = next((row for row in known if is_draft(row) and _key(row) == key), None)
    if live and live.definition.strip() == wanted.definition.strip() and live.position == wanted.position:
        return [retired(draft)] if draft else []
    id_ = draft.id if draft else _spare(known, *key)
    return [replace(wanted, state="draft", error="", version="", id=id_)]


def _spare(known: Sequence[RuleRow], kind: str, name: str) -> str | None:
    """Return a retired record of that kind and name to write over: each edit would leave one behind otherwise."""
    return next(
        (row.id for row in known if row.state == "draft" and not is_draft(row) and _key(row) == (kind, name)), None
    )


def _new(known: Sequence[RuleRow], rows: Sequence[RuleRow], kind: str, name: str, text: str) -> RuleRow:
    """Return the record of a new item: at the end, a rule before the last one if that takes all that is left."""
    title = name or kind
    made = RuleRow(title, kind, 0, text, state="draft", id=_spare(known, kind, title))
    rules = [row for row in rows if row.kind.strip() == "rule"]
    if kind == "rule" and rules and _takes_all(rules[-1]):
        place = rows.index(rules[-1])
        low, high = (rows[place - 1].position if place else 0), rows[place].position
        if high - low > 1:
            return replace(made, position=(low + high) // 2)
        return replace(made, position=high - 1)
    return replace(made, position=max((row.position for row in rows), default=0) + STEP)


def _takes_all(row: RuleRow) -> bool:
    part = rule_words.item(row.definition).part
    if not isinstance(part, Rule):
        return False
    return not part.when or all(isinstance(each, Condition) and each.field == "event.first" for each in part.when)


def _ordered(rows: Sequence[RuleRow], place: int) -> list[RuleRow]:
    """Return the rows whose position must change so that they stand in this order; the one at `place` is new there."""
    row = rows[place]
    low = rows[place - 1].position if place else 0
    high = rows[place + 1].position if place + 1 < len(rows) else low + 2 * STEP
    if high - low > 1:
        return [replace(row, position=(low + high) // 2)]
    numbered = [replace(each, position=number * STEP) for number, each in enumerate(rows, start=1)]
    return [new for new, old in zip(numbered, rows, strict=True) if new.position != old.position or old is row]


def _key(row: RuleRow) -> tuple[str, str]:
    return row.kind.strip(), row.name.strip()
