"""What differs between two rule sets, item by item."""

from __future__ import annotations

import pytest

from rules.changes import changes
from rules.parsing.yamltext import split

A, B, C, D = (f"- rule: {name}\n  when: [lead.city is {name}]\n  assign: keep\n" for name in "ABCD")
POOL = "- pool: P\n  members: [ana@example.com]\n"


def told(before: str, after: str) -> list[tuple[str, str, str]]:
    return [(each.how, each.kind, each.name) for each in changes(split(before), split(after))]


def test_equal_texts_do_not_differ() -> None:
    assert told(A + POOL, A + POOL) == []


def test_items_are_added_removed_and_changed() -> None:
    found = changes(split(A + B + POOL), split(A + C + POOL.replace("ana", "bob")))
    assert [(each.how, each.name) for each in found] == [("removed", "B"), ("added", "C"), ("changed", "P")]
    assert found[2].diff.splitlines()[-2:] == ["-  members: [ana@example.com]", "+  members: [bob@example.com]"]


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        (A + B + C + D, A + C + D + B, ["B"]),
        (A + B + C + D, D + A + B + C, ["D"]),
        (A + B, B + A, ["B"]),
        (A + B + C, B + C, []),
        (A + B + C, D + A + B + C, []),
    ],
)
def test_the_fewest_rules_are_moved(before: str, after: str, moved: list[str]) -> None:
    assert [name for how, _, name in told(before, after) if how == "moved"] == moved


def test_a_rule_can_be_changed_and_moved() -> None:
    found = changes(split(A + B + C), split(B + C + A.replace("keep", "account owner")))
    assert [(each.how, each.before, each.after) for each in found] == [("changed", 1, 3), ("moved", 1, 3)]


def test_pools_have_no_order() -> None:
    other = POOL.replace("P", "Q", 1)
    assert told(POOL + other, other + POOL) == []


@pytest.mark.parametrize(
    "after",
    ["# why\n" + A, A.replace("[lead.city is A]", "\n    - lead.city  is  A"), A.replace("is A", "is 'A'")],
)
def test_what_means_the_same_is_only_reworded(after: str) -> None:
    assert told(A, after) == [("reworded", "rule", "A")]


def test_a_faulty_item_is_compared_as_text() -> None:
    broken = A.replace("lead.city is", "lead.city isnt")
    assert told(broken, A) == [("changed", "rule", "A")]
    assert told(broken, broken) == []


def test_items_without_a_name_are_told_apart_by_their_number() -> None:
    one, other = "- users: [ana@example.com]\n", "- users: [bob@example.com]\n"
    assert told(one, one + other) == [("added", "users", "2")]
