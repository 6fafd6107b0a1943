"""A lead that was merged away, which is told after a timer has found it gone: its turn goes back all the same, once."""

from __future__ import annotations

from tests.jobs.conftest import House
from tests.jobs.routes import POOL, change, come, got, held, rules, tick

DESK = '- rule: Leads\n  assign: pool "Desk"\n  escalate: [{after: 15 minutes, remind: true}]\n' + POOL


def gone(house: House) -> str:
    """Have a lead routed, deleted, and found gone by its timer; return who had it."""
    rules(house, DESK)
    come(house, "l1")
    taker = str(house.owner("l1"))
    del house.crm.records[("lead", "l1")]
    tick(house, minutes=16)
    assert held(house, "l1") == [(taker, "gone")]
    assert sum(got(house).values()) == 1
    return taker


def test_the_turn_goes_back_although_a_timer_found_the_lead_gone_first(house: House) -> None:
    taker = gone(house)
    change(house, "l1", "merged")
    assert (held(house, "l1"), sum(got(house).values())) == ([(taker, "merged")], 0)
    come(house, "l2")
    assert house.owner("l2") == taker


def test_it_goes_back_once_however_often_the_merge_is_told(house: House) -> None:
    gone(house)
    come(house, "l2")
    for _ in range(3):
        change(house, "l1", "merged")
    assert sum(got(house).values()) == 1


def test_a_lead_that_was_only_deleted_was_had(house: House) -> None:
    taker = gone(house)
    change(house, "l1", "deleted")
    assert (held(house, "l1"), sum(got(house).values())) == ([(taker, "gone")], 1)
