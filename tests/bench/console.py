"""How long the console takes for its first page with many decisions.

On a machine with other work the CPU's own time says more: the rest is waiting for a turn.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import click
from flask import Flask

from connector.app import create_app
from connector.store import counting, decisions, migrate, unfinished
from connector.store.decisions import Intent
from connector.store.installs import Install
from connector.store.ledger import record
from connector.telemetry import configure_logs
from rules.model import Decision, Outcome, User
from tests.connector.web.kit import DONE, Browser, House, browser, decision, settings

BATCH = 50
TIMES = 20
LIMIT_MS = 200
ORG, ADMIN = "00D000000000001AAA", "005000000000001AAA"
OUTCOMES: tuple[Outcome, ...] = ("assigned", "assigned", "assigned", "kept", "refused", "ignored")
NAMES = (
    "Marie",
    "Jean",
    "Ana",
    "Bob",
    "José",
    "Zoë",
    "Li",
    "Olga",
    "Omar",
    "Priya",
    "Sven",
    "Tomás",
    "Uwe",
    "Vera",
    "Yuki",
)
PEOPLE = tuple(User(f"0055{place:014}", f"{name} Diaz", f"rep{place}@example.com") for place, name in enumerate(NAMES))


def run(size: int, directory: str | None) -> int:
    """Fill a database with `size` decisions of 30 days, ask for each page TIMES times; 1 when one is too slow."""
    configure_logs("ERROR", process="bench")
    with tempfile.TemporaryDirectory(dir=directory) as place:
        house = House(
            settings(database_url=f"sqlite:///{place}/console.sqlite", data_dir=Path(place), rate_limits=False)
        )
        try:
            migrate.upgrade(house.database)
            mine = house.connect("salesforce", ORG, "Acme", admin=ADMIN)
            _fill(house, mine, size)
            slow = [name for name, ms in _measured(create_app(house), house, mine, size) if ms >= LIMIT_MS]
        finally:
            house.close()
    for name in slow:
        click.echo(f"too slow: {name}")
    return 1 if slow else 0


def _fill(house: House, mine: Install, size: int) -> None:
    """Store and settle decisions as a drain does, and say what the store took for each."""
    chance, seal = random.Random(7), house.seal(mine)
    began, noted = time.process_time(), 0.0
    for start in range(0, size, BATCH):
        at = house.now - timedelta(days=30) * (1 - start / size)
        made = [_lead(chance, number, at) for number in range(start, min(start + BATCH, size))]
        with house.database.write() as connection:
            decisions.intend(connection, mine.id, seal, [Intent(each, ()) for each in made], now=at)
            lines = [(each.key, action, entry) for each in made for action, entry in DONE.items()]
            record(connection, mine.id, lines, now=at)
        keys = [each.key for each in made]
        with house.database.read() as connection:
            stored = list(decisions.by_keys(connection, mine.id, seal, keys).values())
        with house.database.write() as connection:
            done = at + timedelta(seconds=chance.expovariate(0.3))
            unfinished.settle(connection, mine.id, keys, now=done)
            before = time.process_time()
            counting.count(connection, mine.id, seal, stored, now=done)
            noted += time.process_time() - before
    whole = time.process_time() - began
    click.echo(
        f"filled: {size:,} decisions, {whole / size * 1e6:.0f} µs of CPU each, {noted / size * 1e6:.1f} of it counting"
    )


def _lead(chance: random.Random, number: int, at: datetime) -> Decision:
    first, company = chance.choice(NAMES), f"Company {number % 20_000}"
    rule = f"Rule {int(chance.paretovariate(1.0)) % 40}"
    made = decision(f"00Q{number:015}-{number:012x}-{number:012x}", received_at=at, decided_at=at)
    fields = {
        "name": f"{first} Number{number}",
        "email": f"lead{number}@company{number % 20_000}.example.com",
        "company": company,
        "source": chance.choice(["Web", "Fair", "Partner", "Phone", ""]),
    }
    lead = replace(made.lead, id=f"00Q{number:015}", fields=fields)
    route = replace(made.route, rule=rule, assignee=chance.choice(PEOPLE))
    return replace(made, lead=lead, route=route, outcome=chance.choice(OUTCOMES))


def _measured(app: Flask, house: House, mine: Install, size: int) -> Iterator[tuple[str, float]]:
    """Yield what was asked and how many milliseconds the median of TIMES answers took, saying each."""
    client = browser(app)
    client.sign_in("salesforce", ORG, ADMIN)
    last = size - 1
    asked = {
        "home": "",
        "activity": "/decisions",
        "reports, 7 days": "/reports",
        "reports, 30 days": "/reports?period=30",
        "search, e-mail of the oldest lead": "/decisions?email=lead0@company0.example.com",
        "search, a name that nobody has": "/decisions?q=nobodyatall",
        "search, company and rep": "/decisions?company=company+77&rep=ana",
        "search, a rule that caught much": "/decisions?rule=rule+1",
        "search, an outcome and a week": "/decisions?outcome=refused&from=2026-11-01&to=2026-11-07",
        "search, words of a name": f"/decisions?name=number{last // 2}",
        "story": f"/decisions/00Q{last:015}-{last:012x}-{last:012x}",
        "health": "/health",
    }
    for name, path in asked.items():
        wall, own = _median(partial(_asked, client, f"/installs/{mine.id}{path}"))
        click.echo(f"{name}: {wall:.0f} ms, {own:.0f} of them of CPU")
        yield name, wall


def _asked(client: Browser, path: str) -> None:
    status = client.get(path).status_code
    if status != 200:
        raise click.ClickException(f"{path} answered {status}")


def _median(ask: Callable[[], None]) -> tuple[float, float]:
    """Return the medians of the time and of the CPU's time that TIMES answers took, in milliseconds."""
    walls, own = list[float](), list[float]()
    for _ in range(TIMES):
        began, used = time.perf_counter(), time.process_time()
        ask()
        walls.append((time.perf_counter() - began) * 1000)
        own.append((time.process_time() - used) * 1000)
    return statistics.median(walls), statistics.median(own)
