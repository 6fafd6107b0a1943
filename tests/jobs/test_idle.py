"""Idle: an act has the time begin anew, and only what is done after it counts as the next act."""

from __future__ import annotations

import pytest

from connector.acts import Act
from tests.jobs.conftest import House
from tests.jobs.routes import POOL, act, come, rules, set_timers, tick

IDLE = f"""
- rule: Leads
  assign: pool "Desk"
  reroute: {{idle: 3 days}}
{POOL}"""
NAGGING = IDLE.replace("  reroute", "  task: {subject: Call}\n  escalate: [{after: 1 hour, remind: true}]\n  reroute")


def idle(house: House) -> list[tuple[str, float]]:
    """Return the state of each idle timer, and in how many hours it is due."""
    found = [each for each in set_timers(house, "l1") if each.kind == "idle"]
    return [(each.state, (each.due_at - house.now).total_seconds() / 3600) for each in found]


@pytest.mark.parametrize("kind", ["activity logged", "task done", "status changed"])
def test_an_act_has_the_idle_time_begin_anew_and_counts_once(house: House, kind: Act) -> None:
    rules(house, NAGGING)
    come(house, "l1")
    house.later(minutes=30)
    act(house, kind)
    tick(house, minutes=30)
    assert idle(house) == [("waiting", 72)]
    tick(house, days=3)
    assert idle(house) == [("fired", 0), ("waiting", 72)], "nobody has acted since: the rules are asked"
    tick(house, days=2)
    act(house, "status changed")
    tick(house, days=1)
    assert idle(house)[1:] == [("waiting", 72)], "somebody has: asked again later"
    tick(house, days=3)
    assert [state for state, _ in idle(house)] == ["fired", "fired", "waiting"]


def test_somebody_who_acts_in_time_again_and_again_keeps_the_lead_without_a_question(house: House) -> None:
    rules(house, IDLE)
    come(house, "l1")
    for _ in range(4):
        tick(house, days=2)
        act(house, "activity logged")
        tick(house, days=1)
        assert idle(house) == [("waiting", 72)]
