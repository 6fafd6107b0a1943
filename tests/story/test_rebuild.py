"""The database and Valkey are deleted, both CRMs connected again: all comes back, and nobody is routed twice."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy import text

from connector.store import progress
from connector.store.base import Database
from tests.demo.watch import HubSpotEye
from tests.local.person import Person
from tests.local.product import PROCESSES
from tests.local.world import CrmName
from tests.story.conftest import Connected
from tests.story.test_line import CRMS, check, fresh, landed, rows

pytestmark = pytest.mark.timeout(240)
LEADS = 12
REMEMBERED = {
    "assignment": "decision_key, lead_id, user_id, lane, mode, at, ended_at, ending, credit",
    "rotation": "pool, state",
    "timer": "decision_key, step, lead_id, kind, due_at, state",
    "response": "decision_key, lead_id, due_at, state",
    "decision": "key, lead_id, state, outcome, part_of",
}
"""What must stand in the new database as in the old one; installs have other ids and keys there."""
_QUERY = "SELECT {} FROM {} WHERE install_id = :install"


def known(connected: Connected, crm: CrmName) -> Mapping[str, list[str]]:
    """Return what our database knows of a CRM, by plain SQL."""
    install_id = connected.installs[crm].id
    with connected.product.store() as database, database.read() as connection:
        return {
            table: sorted(
                repr(tuple(row))
                for row in connection.execute(text(_QUERY.format(columns, table)), {"install": install_id})
            )
            for table, columns in REMEMBERED.items()
        }


def lose(connected: Connected) -> None:
    """Stop everything, delete the database and what Valkey keeps, start, and connect both CRMs again."""
    product = connected.product
    product.stop()
    with product.store() as database:
        _empty(database)
    for file in product.data.glob("*"):
        if file.is_file():
            file.unlink()
    product.start(*PROCESSES)
    product.wait_until_ready(Person(product.world))
    for crm, admin in connected.admins.items():
        connected.installs[crm] = product.connect(admin, crm)
        product.act(admin, connected.installs[crm])


def _empty(database: Database) -> None:
    if database.engine.dialect.name == "postgresql":
        with database.write() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))


def came(connected: Connected, crm: CrmName, seed: int) -> list[str]:
    """Have leads come, and wait until they are routed."""
    eye = connected.eye(crm)
    ids = eye.create(rows(crm, fresh(connected, LEADS, seed)))
    landed(eye, ids)
    connected.product.wait_until_idle(connected.installs[crm])
    return ids


def touch(connected: Connected, crm: CrmName, ids: list[str]) -> None:
    """Change what no rule reads, so that the CRM tells of these leads again."""
    eye = connected.eye(crm)
    for each in ids:
        if isinstance(eye, HubSpotEye):
            eye.change("contacts", each, jobtitle="Head of Rebuilding")
        else:
            eye.change("Lead", each, Description="Somebody looked at it")


def rebuilt(connected: Connected) -> None:
    """Lose all, and find it again."""
    old = {crm: came(connected, crm, seed=71) for crm in CRMS}
    versions = {crm: connected.product.version(connected.installs[crm]) for crm in CRMS}
    before = {crm: known(connected, crm) for crm in CRMS}
    seen = {crm: (connected.eye(crm).audits(), connected.eye(crm).tasks(), connected.eye(crm).owners()) for crm in CRMS}
    lose(connected)
    for crm in CRMS:
        assert all(before[crm][table] for table in REMEMBERED if table != "timer")
        assert known(connected, crm) == before[crm]
        assert connected.product.version(connected.installs[crm]) == versions[crm]
        touch(connected, crm, old[crm])
        new = came(connected, crm, seed=72)
        eye = connected.eye(crm)
        check(eye, new)
        audits, tasks, owners = seen[crm]
        now, tasks_now = eye.audits(), eye.tasks()
        assert {each: now[each] for each in audits} == audits
        assert sum(map(len, now.values())) == sum(map(len, audits.values())) + len(new)
        assert {each: tasks_now[each] for each in tasks} == dict(tasks)
        assert owners.items() <= eye.owners().items()


def test_a_deleted_database_comes_back_from_both_crms_and_nobody_is_routed_twice(connected: Connected) -> None:
    rebuilt(connected)
    with connected.product.store() as database, database.read() as connection:
        for install in connected.installs.values():
            work = {each.name: each for each in progress.of(connection, install.id)}
            assert work["recall"].state == "done"
            assert work["recall"].done >= LEADS
