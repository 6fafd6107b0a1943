"""A person who is erased in the CRM is forgotten within a minute: every store of the real product is searched."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
import redis
from sqlalchemy import inspect, select

from connector.desk import person
from connector.desk.faults import NotThere
from connector.services import opened
from connector.settings import Settings
from connector.store.base import Database
from connector.store.schema import metadata
from tests.local.processes import until
from tests.local.world import CrmName
from tests.story.conftest import Connected
from tests.story.test_line import CRMS, landed

PROMISED_SECONDS = 60
CANARY = "Kakapocanary"
pytestmark = pytest.mark.timeout(240)  # the first test here may also start the product and both CRMs


def test_what_looks_for_people_to_forget_comes_by_several_times_a_minute() -> None:
    """The clock's sweep; a drain that is rung for an event does it at once."""
    assert 4 * Settings.model_fields["sweep_seconds"].default <= PROMISED_SECONDS


@pytest.mark.parametrize("crm", CRMS)
def test_who_is_erased_in_the_crm_is_forgotten_in_every_store_within_a_minute(
    connected: Connected, crm: CrmName
) -> None:
    eye = connected.eye(crm)
    email = f"{CANARY}.{crm}@{CANARY.lower()}.example"
    names = ["FirstName", "LastName", "Company", "Email"]
    names = names if crm == "salesforce" else [each.lower() for each in names]
    (lead_id,) = eye.create([dict(zip(names, (CANARY, f"{CANARY}{crm}", f"{CANARY} Ltd", email), strict=True))])
    landed(eye, [lead_id], seconds=60)
    connected.product.wait_until_idle(connected.installs[crm])
    before = traces(connected, crm, lead_id)
    assert {"opened", "database", "rows", "CRM"} <= before, "the search finds what is there"
    erase(connected, crm, lead_id)
    with contextlib.suppress(TimeoutError):
        until(lambda: not traces(connected, crm, lead_id), seconds=PROMISED_SECONDS, what="nothing left", every=0.25)
    assert traces(connected, crm, lead_id) == set()
    assert CANARY.lower() not in connected.product.log.read_text(encoding="utf-8", errors="replace").lower()


def erase(connected: Connected, crm: CrmName, lead_id: str) -> None:
    """Have the CRM erase a person, as its admin does."""
    if crm == "salesforce":
        connected.eye(crm).delete([lead_id])
    else:
        order = {"portalId": int(connected.installs[crm].tenant_id), "object": "contacts", "id": lead_id}
        connected.product.world.hubspot_control.post("gdpr-delete", order)


def traces(connected: Connected, crm: CrmName, lead_id: str) -> set[str]:
    """Return the places in which something of a person is still found."""
    return {name for name, there in (
        ("opened", is_known(connected, crm, lead_id)),
        ("rows", any(lead_id in text for text in rows(connected))),
        ("database", any(holds(each, lead_id) for each in stored(connected))),
        ("Redis", any(holds(each, lead_id) for each in keys(connected))),
        ("CRM", any(CANARY in text for text in written(connected, crm))),
    ) if there}  # fmt: skip


def holds(content: bytes, lead_id: str) -> bool:
    """Whether some bytes hold a person's id or name."""
    return lead_id.encode() in content or CANARY.lower().encode() in content.lower()


def is_known(connected: Connected, crm: CrmName, lead_id: str) -> bool:
    """Whether anything that is sealed says something of them, once it is opened."""
    product = connected.product
    logging.disable(logging.CRITICAL)
    try:
        with opened(product.world.settings(product.data, **product.settings)) as services:
            person.held(services, connected.installs[crm], lead_id)
    except NotThere:
        return False
    finally:
        logging.disable(logging.NOTSET)
    return True


def rows(connected: Connected) -> list[str]:
    """Every row of every table, as text."""
    with connected.product.store() as database, database.read() as connection:
        return [repr(connection.execute(select(table)).all()) for table in metadata.sorted_tables]


def stored(connected: Connected) -> list[bytes]:
    """The whole database, table by table as PostgreSQL copies it, or SQLite's files.

    In those what was deleted is overwritten and the write-ahead log emptied; PostgreSQL keeps its own until it expires.
    """
    with connected.product.store() as database:
        if database.engine.dialect.name == "postgresql":
            return [copied(database, name) for name in inspect(database.engine).get_table_names()]
    return [each.read_bytes() for each in connected.product.data.glob("switchyard.sqlite*")]


def copied(database: Database, table: str) -> bytes:
    """All columns of all rows of a table of PostgreSQL, known to the product or not, as they are."""
    with database.read() as connection:
        driver: Any = connection.connection.driver_connection
        with driver.cursor().copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as rows:
            return b"".join(rows)


def keys(connected: Connected) -> list[bytes]:
    """All that Redis holds: jobs with their payloads and results, bells, budgets; and its append-only file."""
    product = connected.product
    connection = redis.Redis.from_url(product.world.settings(product.data).redis)
    try:
        found = [each + repr(_value(connection, each)).encode() for each in connection.scan_iter()]
    finally:
        connection.close()
    return found + [each.read_bytes() for each in product.data.glob("appendonlydir/*")]


def _value(connection: redis.Redis, key: bytes) -> Any:
    readers: dict[bytes, Callable[[bytes], Any]] = {
        b"string": connection.get, b"hash": connection.hgetall, b"set": connection.smembers,
        b"list": lambda name: connection.lrange(name, 0, -1), b"zset": lambda name: connection.zrange(name, 0, -1),
        b"stream": connection.xrange,
    }  # fmt: skip
    kind = connection.type(key)
    return readers[kind](key) if kind in readers else None


def written(connected: Connected, crm: CrmName) -> list[str]:
    """What we wrote in the CRM: audits and tasks. One that Salesforce deletes with its lead lies in the bin with it."""
    eye = connected.eye(crm)
    if crm == "salesforce":
        tasks = [each for each in eye.rows("Task") if not each["IsDeleted"]]
        return [json.dumps([*tasks, *eye.rows("Routing_Audit__c"), *eye.rows("Routing_Snapshot__c")])]
    return [json.dumps(eye.rows(name)) for name in (f"p{connected.installs[crm].tenant_id}_routing_audit", "tasks")]
