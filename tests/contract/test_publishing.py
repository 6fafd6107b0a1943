"""Writing a whole rule set: whenever the writer dies, no new record is live before the others are as they are to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from connector.crm import Crm
from connector.rows import RuleRow
from jobs.publish import is_draft, write


class Killed(BaseException):
    """The process is no more."""


def live(crm: Crm, names: set[str]) -> set[tuple[str, str]]:
    return {(row.name, row.definition) for row in crm.rules() if row.name in names and row.state == "live"}


def test_new_records_are_live_when_all_are_written_and_not_before(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    (old,) = crm.put_rules([RuleRow("Here", "rule", 810, "- rule: Here")])
    wanted = [
        RuleRow("Came", "rule", 800, "- rule: Came"),
        RuleRow("Here", "rule", 810, "- rule: Here # changed", id=old),
        RuleRow("Came too", "rule", 820, "- rule: Came too"),
    ]
    names, before = {row.name for row in wanted}, {("Here", "- rule: Here")}
    put, calls, seen = crm.put_rules, iter(range(9)), []

    def dying(rows: Sequence[RuleRow]) -> tuple[str, ...]:
        if next(calls) == 1:
            raise Killed
        ids = put(rows)
        seen.append(live(crm, names))
        return ids

    with monkeypatch.context() as patch:
        patch.setattr(crm, "put_rules", dying)
        with pytest.raises(Killed):
            write(crm, wanted)
    assert seen == [before]
    mine = [row for row in crm.rules() if row.name in names]
    assert [row.name for row in mine if is_draft(row)] == [], "what was left behind is nobody's draft"
    ids = {row.name: row.id for row in mine}
    calls_before = crm.calls
    assert write(crm, [replace(row, id=ids[row.name]) for row in wanted]) == tuple(ids[row.name] for row in wanted)
    assert crm.calls - calls_before <= 1, "they change together"
    assert live(crm, names) == {(row.name, row.definition) for row in wanted}


def test_records_are_written_and_their_ids_told_in_order(crm: Crm) -> None:
    (old,) = crm.put_rules([RuleRow("Second", "list", 830, "- list: Second")])
    changed = RuleRow("Second", "list", 830, "- list: Second", state="draft", id=old)
    ids = write(crm, [RuleRow("First", "list", 825, "- list: First"), changed, RuleRow("Third", "list", 835, "- list")])
    found = {row.id: row for row in crm.rules()}
    assert [(found[one].name, found[one].state) for one in ids] == [
        ("First", "live"),
        ("Second", "draft"),
        ("Third", "live"),
    ]
