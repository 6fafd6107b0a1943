"""Cleaning: what nobody needs any more goes, so that no table only grows."""

from __future__ import annotations

from connector.store import assignments, progress
from connector.work import Effect
from jobs import clock, undo
from tests.jobs.conftest import House
from tests.jobs.routes import POOL, come, held, made, rules

LEADS = f"""
- rule: Leads
  assign: pool "Desk"
{POOL}"""


def test_what_is_over_goes_each_after_its_time(house: House) -> None:
    rules(house, LEADS)
    come(house, "l1")
    house.crm.answer = lambda work, action: (
        Effect(work.decision.key, action, "refused", detail="NO") if action == "assign" else None
    )
    come(house, "l2")
    with house.database.write() as connection:
        progress.start(connection, house.install.id, f"{undo.PREFIX}1", now=house.now)
        progress.move(connection, house.install.id, f"{undo.PREFIX}1", now=house.now, state="done")
    house.later(days=house.settings.decision_days + 1)
    clock.clean(house.tools)
    with house.database.read() as connection:
        names = [each.name for each in progress.of(connection, house.install.id)]
    assert f"{undo.PREFIX}1" not in names
    assert "setup" in names
    assert (len(made(house, "l1")), len(made(house, "l2"))) == (0, 1)
    house.later(days=house.settings.parked_days - house.settings.decision_days)
    clock.clean(house.tools)
    assert (made(house, "l2"), held(house, "l1")) == ([], [("u1", "")])
    house.later(days=house.settings.assignment_days)
    clock.clean(house.tools)
    with house.database.read() as connection:
        assert assignments.of_leads(connection, house.install.id, ["l1", "l2"], mode="act") == {}
