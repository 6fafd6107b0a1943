"""A worker killed at any step of a merge, or of its undo: the next one finishes what was begun, and repeats nothing."""

from __future__ import annotations

from collections import Counter

import pytest

from jobs.undo import Wish, ask
from tests.jobs.conftest import House
from tests.jobs.joining import JoiningCrm
from tests.jobs.killing import run_killed
from tests.jobs.routes import got, outcomes
from tests.jobs.test_merge import DESK, crm_of, merges, policy

pytestmark = [
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
    pytest.mark.parametrize("renames", [False, True], ids=["ids stay", "new ids"]),
]


STEPS = 6
"""A worker dies at every sixth step, and where ids change, at other ones than where they stay."""


def twins(house: House, step: int) -> tuple[str, str]:
    """Have two leads of one person come, of whom nothing is done yet."""
    ids = (f"a{step}", f"b{step}")
    for lead_id in ids:
        house.later(seconds=1)
        house.lead(lead_id, email=f"kim{step}@globex.example", last_name=f"Lee{step}", name=f"Kim Lee{step}")
        house.post(house.event(lead_id))
    return ids


def living(crm: JoiningCrm, step: int) -> list[str]:
    return [each.id for each in crm.records.values() if each.text("last_name") == f"Lee{step}"]


def settle(house: House) -> None:
    """Let everything be done that is put off."""
    for _ in range(2):
        house.later(minutes=6)
        house.drain()
    assert house.waiting() == {"waiting": 0, "parked": 0}


def test_a_merge_is_done_once_and_its_survivor_routed_once(
    house: House, monkeypatch: pytest.MonkeyPatch, *, renames: bool
) -> None:
    crm, step, died = crm_of(house, policy() + DESK, renames=renames), int(renames), True
    while died:
        step += STEPS
        twins(house, step)
        died = run_killed(house, step, monkeypatch)
        settle(house)
        (left,) = living(crm, step)
        came = outcomes(house, left)
        assert came.count("merged") == 1, f"killed at step {step}: {came}"
        assert came.count("assigned") == 1, f"killed at step {step}: {came}"
        assert "refused" not in came
    assert step > 12, "a merge has more steps than this: the killing does not work"
    assert set(Counter(crm.merged).values()) == {1}
    assert sum(got(house).values()) == step // STEPS
    assert Counter(lead_id for lead_id, _ in crm.tasks).most_common(1)[0][1] == 1


def test_an_undo_is_done_once_and_nobody_is_routed_anew(
    house: House, monkeypatch: pytest.MonkeyPatch, *, renames: bool
) -> None:
    crm, step, died = crm_of(house, policy() + DESK, renames=renames), int(renames), True
    while died:
        step += STEPS
        twins(house, step)
        house.drain()
        wish = Wish("Kim", house.now, keys=(merges(house)[0].decision.key,))
        ask(house.database, house.install.id, house.tools.seal(house.install), wish, clock=lambda: house.now)
        died = run_killed(house, step, monkeypatch)
        settle(house)
        both = living(crm, step)
        assert len(both) == 2, f"killed at step {step}: {both}"
        came = [each for one in both for each in outcomes(house, one)]
        assert (came.count("undone"), came.count("assigned")) == (1, 1), f"killed at step {step}: {came}"
    assert step > 8, "an undo has more steps than this: the killing does not work"
    assert sum(got(house).values()) == step // STEPS
