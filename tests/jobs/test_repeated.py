"""A decision that was stored before takes no second turn, and no other lead of its batch loses one."""

from __future__ import annotations

from typing import Any

import pytest

from connector.store import decisions
from jobs import trail
from jobs.past import Ground
from tests.connector.store.kit import NOW, decision
from tests.jobs.conftest import House
from tests.jobs.routes import POOL, come, got, rules

LEADS = f"""
- rule: Leads
  assign: pool "Desk"
{POOL}"""


def test_a_batch_with_a_decision_that_is_stored_already_is_tried_one_by_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules(house, LEADS)
    real: Any = decisions.intend
    sizes: list[int] = []

    def intend(*args: object, **more: object) -> set[str]:
        new: set[str] = real(*args, **more)
        sizes.append(len(new))
        return {each for each in new if not each.startswith("l1-")}

    monkeypatch.setattr(decisions, "intend", intend)
    for number in range(3):
        house.lead(f"l{number}")
    house.post(*(house.event(f"l{number}") for number in range(3)))
    house.drain()
    assert sizes == [3, 1, 1, 1]
    assert sum(got(house).values()) == 2, "the one that was stored before took its turn then"
    monkeypatch.undo()
    come(house, "late")
    assert sum(got(house).values()) == 3


def test_a_repeated_decision_alone_moves_no_turn(house: House) -> None:
    rules(house, LEADS)
    ground = Ground("act", {"Desk": {"u1": {"got": 9}}}, moved={"Desk"}, credited={"d0"})
    made = decision("d1", "l1")
    ground.follow(made)
    with house.database.write() as connection:
        trail.Trail().write(connection, house.install.id, ground, [made], set(), now=NOW)
    assert got(house) == {}
