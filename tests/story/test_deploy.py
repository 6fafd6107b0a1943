"""A deploy while leads come: every process is asked to stop and started again, one after the other."""

from __future__ import annotations

import signal

from tests.bench.arrivals import Arrivals
from tests.bench.running import Side
from tests.local.processes import Process, until
from tests.story.conftest import Connected

STOP_SECONDS = 30.0
LAND_SECONDS = 90.0
PROCESSES = ("web", "listener", "worker", "clock")
EACH = 3
"""Leads that come to either CRM while a process is being replaced."""


def test_every_process_is_replaced_while_leads_come_and_each_lead_is_given_once(connected: Connected) -> None:
    sides = [Side(crm, install, connected.eye(crm)) for crm, install in connected.installs.items()]
    arrivals = [Arrivals(side, connected.companies, seed=77) for side in sides]
    made: list[list[str]] = [[] for _ in sides]
    for name in PROCESSES:
        process: Process = connected.product.processes[name]
        for ids, source in zip(made, arrivals, strict=True):
            ids.extend(source.at_once(EACH))
        process.send_signal(signal.SIGTERM)
        for ids, source in zip(made, arrivals, strict=True):
            ids.extend(source.at_once(EACH))
        assert process.wait(STOP_SECONDS) == 0, name
        connected.product.start(name)
    for ids, side in zip(made, sides, strict=True):

        def is_whole(ids: list[str] = ids, side: Side = side) -> bool:
            audits, tasks = side.eye.audits(), side.eye.tasks()
            return all(each in audits and tasks[each] for each in ids)

        until(is_whole, seconds=LAND_SECONDS, what=f"{len(ids)} leads of {side.crm} with owner and task", every=0.5)
        connected.product.wait_until_idle(side.install)
        audits, tasks, owners = side.eye.audits(), side.eye.tasks(), side.eye.owners()
        assert {each: len(audits[each]) for each in ids} == dict.fromkeys(ids, 1)
        assert {each: tasks[each] for each in ids} == dict.fromkeys(ids, 1)
        assert {each: owners[each] for each in ids} == {each: audits[each][0].owner_id for each in ids}
