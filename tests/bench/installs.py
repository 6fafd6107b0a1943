"""What installs cost that do nothing, and what they cost one lead of another: from one install to a thousand.

The store, the clock's steps, the listener's look and the drain are the product's own; the CRM is one in memory, so that
what is measured is ours alone.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table as Shown
from sqlalchemy import select

from connector.store import installs, leases, migrate, streams
from connector.store.base import Database, metadata
from connector.telemetry import configure_logs
from jobs import arrears, clock, journal, privacy, standings, worker
from jobs import responses as answers
from jobs.drain import drain
from jobs.listen import Share
from jobs.tools import Tools
from rules.model import Record
from tests.bench import synthetic, usage
from tests.jobs.conftest import House, set_up

TIMES = 15
LEADS = 120
ACCOUNTS = 200
TICK = (privacy.sweep, journal.tick, clock.sweep, clock.clear, arrears.pay, standings.ask, answers.ask)
"""The clock's steps of each tick, but for the round of the portals."""


@dataclass(frozen=True)
class Row:
    """The figures with so many installs; milliseconds of CPU: a machine with other work then says the same."""

    installs: int
    tick_ms: float
    look_ms: float
    idle_drain_ms: float
    lead_p50_ms: float
    lead_p99_ms: float
    database_mb: float


def run(sizes: Sequence[int], url: str | None) -> int:
    """Measure at each size and print a table and JSON."""
    configure_logs("ERROR", process="bench")
    worker.warm_up()
    with tempfile.TemporaryDirectory(prefix="sy-installs-") as name:
        database = Database(url or f"sqlite:///{Path(name) / 'bench.sqlite'}")
        try:
            migrate.upgrade(database)
            house = set_up(Path(name), database)
            house.now = datetime.now(UTC)
            rows = list(_measured(house, sorted(sizes)))
        finally:
            database.close()
    shown = Shown("installs", "a tick", "a look", "an idle round", "a lead p50", "p99", "database")
    for row in rows:
        figures = (row.tick_ms, row.look_ms, row.idle_drain_ms, row.lead_p50_ms, row.lead_p99_ms)
        shown.add_row(f"{row.installs:,}", *(f"{each:.1f} ms" for each in figures), f"{row.database_mb:.1f} MB")
    Console().print(shown)
    print(json.dumps([asdict(row) for row in rows]))
    return 0


def _measured(house: House, sizes: Sequence[int]) -> Iterator[Row]:
    for each in synthetic.accounts(ACCOUNTS, 1):
        house.account(each.id, **_texts(each))
    made, leads = 1, iter(range(10**9))
    for size in sizes:
        _add(house, size - made)
        made = size
        tools, share, looks = house.tools, Share(house.tools), clock.Looks()
        mine = _held(house, share.holder)
        _one_lead(house, next(leads))
        waits = sorted(_one_lead(house, next(leads)) for _ in range(LEADS))
        cuts = statistics.quantiles(waits, n=100, method="inclusive")
        yield Row(
            size,
            _cpu(partial(_each, tools, (*TICK, looks.ring))),
            _cpu(partial(share.look, mine, frozenset())),
            _cpu(partial(drain, tools, house.install.id)),
            round(cuts[49], 1),
            round(cuts[98], 1),
            round(usage.stored(house.database) / 2**20, 1),
        )


def _each(tools: Tools, steps: Sequence[Callable[[Tools], object]]) -> None:
    for step in steps:
        step(tools)


def _add(house: House, count: int) -> None:
    """Connect more installs, half of each CRM, each as the first one stands: set up, with rules and no letter."""
    tables = [each for each in metadata.sorted_tables if "install_id" in each.c and each.name not in {"letter", "term"}]
    with house.database.read() as connection:
        first = dict(connection.execute(select(installs.install).where(_is(house.install.id))).mappings().one())
        rows: dict[str, list[dict[str, Any]]] = {}
        for table in tables:
            found = connection.execute(select(table).where(table.c.install_id == house.install.id)).mappings()
            rows[table.name] = [dict(each) for each in found]
    kept = {"progress", "ruleset", "admin", "member", "shelf", "memo", "cursor", "usage"}
    with house.database.write() as connection:
        for _ in range(count):
            number = uuid.uuid4().hex
            crm = "hubspot" if int(number, 16) % 2 else "salesforce"
            values = {"id": number, "tenant_id": number[:18], "name": f"Install {number[:6]}", "crm": crm}
            connection.execute(installs.install.insert().values({**first, **values}))
            for table in tables:
                if table.name in kept and rows[table.name]:
                    connection.execute(table.insert(), [{**row, "install_id": number} for row in rows[table.name]])


def _texts(record: Record) -> dict[str, Any]:
    return dict(record.fields)


def _is(install_id: str) -> Any:
    return installs.install.c.id == install_id


def _held(house: House, holder: str) -> frozenset[str]:
    """Have a listener hold every org; return them."""
    with house.database.write() as connection:
        leases.purge(connection, streams.PREFIX, now=datetime.max.replace(tzinfo=UTC))
        wanted = streams.wanted(connection)
        names = [f"{streams.PREFIX}{each}" for each in wanted]
        leases.take_all(connection, names, holder, now=house.now, seconds=86_400)
    return frozenset(wanted)


def _one_lead(house: House, number: int) -> float:
    """Have a lead come and be routed; return the milliseconds of CPU from its letter to its owner."""
    ((lead, _),) = synthetic.leads(1, number + 10, ACCOUNTS)
    record: Record = house.lead(f"00Q{number:015}", **_texts(lead))
    began = time.process_time()
    house.post(house.event(record.id))
    house.drain()
    return (time.process_time() - began) * 1000


def _cpu(work: Callable[[], object]) -> float:
    """Return the median of a step's CPU time in milliseconds; the first time is not counted."""
    work()
    spent = []
    for _ in range(TIMES):
        began = time.process_time()
        work()
        spent.append((time.process_time() - began) * 1000)
    return round(statistics.median(spent), 2)
