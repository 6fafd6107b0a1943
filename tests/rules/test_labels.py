"""A label as audits hold it: read again as it was, and nothing that a person made of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rules import labels
from rules.actions import Member
from rules.labels import Label

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
LEADS = (Member("lead", "l1"), Member("lead", "l2"))
MATCH = (Member("lead", "l1"), Member("account", "a1"))
CONTACT = (Member("contact", "c1"), Member("account", "a1"))
EVERY = [
    Label("same", LEADS, "Ana", AT, 1.5), Label("different", LEADS, "Ana", AT), Label("open", LEADS, "Ana", AT),
    Label("accepted", MATCH, "Ana", AT), Label("rejected", MATCH, "Ana", AT), Label("never", MATCH, "Ana", AT),
    Label("open", MATCH, "Ana", AT),
    *(Label(verdict, CONTACT, "Ana", AT) for verdict in ("accepted", "rejected", "never", "open")),
]  # fmt: skip


@pytest.mark.parametrize("label", EVERY, ids=lambda label: f"{label.verdict} {label.records[0].kind}")
def test_it_is_read_as_it_was_and_by_its_key_alone_all_but_who_and_how_sure(label: Label) -> None:
    row = {"key": labels.key(label), "detail": json.dumps({"label": labels.told(label)})}
    assert labels.is_label(row["key"])
    assert labels.read(row) == label
    cut = labels.read({**row, "detail": row["detail"][:30]})
    assert cut == Label(label.verdict, label.records, labels.SOMEBODY, AT)


@pytest.mark.parametrize(
    ("label", "changed"),
    [
        (EVERY[0], {"at": "2026-11-23T10:00:00"}),
        (EVERY[0], {"at": "yesterday"}),
        (EVERY[0], {"verdict": "perhaps"}),
        (EVERY[0], {"records": [["lead", "l1"], ["lead", "l" * 65]]}),
        (EVERY[0], {"records": [["lead", "l1"], ["lead", ""]]}),
        (EVERY[0], {"records": [["lead", "l1"], ["lead", 2]]}),
        (EVERY[0], {"records": [["lead", "l1"], ["person", "l2"]]}),
        (EVERY[0], {"by": ["Ana"]}),
        (EVERY[0], {"log_odds": "sure"}),
        (EVERY[0], {"log_odds": float("nan")}),
        (EVERY[0], {"records": [["lead", "l1"], ["lead", "l\0"]]}),
        (EVERY[0], {"records": [["lead", "l1"], ["account", "a1"]]}),
        (EVERY[3], {"verdict": "different"}),
        (EVERY[5], {"records": [["lead", "l1"], ["lead", "l2"]]}),
        (EVERY[5], {"records": [["account", "a1"], ["lead", "l1"]]}),
    ],
)
def test_what_somebody_changed_is_no_label_and_its_key_tells(label: Label, changed: dict[str, Any]) -> None:
    plain = labels.told(label) | changed
    with pytest.raises((ValueError, TypeError), match=r"zone|verdict|isoformat|no CRM|is none|real number"):
        labels.of(plain)
    found = labels.read({"key": labels.key(label), "detail": json.dumps({"label": plain})})
    assert found == Label(label.verdict, label.records, labels.SOMEBODY, AT)


def test_another_zone_is_the_same_moment() -> None:
    at = (AT + timedelta(hours=0)).isoformat().replace("+00:00", "Z")
    assert labels.of(labels.told(EVERY[0]) | {"at": at}) == EVERY[0]


@pytest.mark.parametrize(
    "changed", ["same:l1:l2", "same::l2:1", f"same:l1:{'l' * 65}:1", "same:l1:l2:soon", "x:l1:l2:1"]
)
def test_a_key_that_somebody_changed_is_none_of_a_label(changed: str) -> None:
    assert not labels.is_label(changed)
