"""The whole line over both local CRMs: leads a second, CPU and calls a lead, time from event to owner, memory."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TypeAlias

import redis
from rich.console import Console
from rich.table import Table

from tests.bench import minimum, usage
from tests.bench.arrivals import Arrivals
from tests.bench.running import Line, Side, running
from tests.local.processes import until

ROLES = ("worker", "web", "listener", "clock", "valkey")
QUIET_SECONDS = 300.0
FIRST = 50
"""Leads ahead of what is measured: the first ones of an install also pay for what is looked up once."""
Times: TypeAlias = tuple[datetime, datetime]
"""When a lead came, and when it had its owner."""


@dataclass(frozen=True)
class Plan:
    """How much is measured: `leads` at once, then `rates` a second, for `seconds` each."""

    leads: int
    rates: Sequence[float]
    seconds: float
    accounts: int
    workers: int


@dataclass
class Burst:
    """Leads that came at once. `per_second`: from the first one's coming to the last one's owner.

    `per_core`: leads a second of a worker's core, in which waiting for the CRM does not count.
    """

    crm: str
    leads: int
    per_second: float
    per_core: float
    ms_by_role: dict[str, float]
    calls: int
    calls_per_lead: float
    least_calls: int


@dataclass
class Stream:
    """Leads that came evenly; seconds from event to owner."""

    crm: str
    rate: float
    leads: int
    p50: float
    p99: float
    slowest: float
    calls_per_lead: float


@dataclass
class Report:
    """All that was measured; memory in MB, `at_work` with a burst just behind it."""

    workers: int
    accounts: int
    bursts: list[Burst] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    bytes_per_lead: dict[str, float] = field(default_factory=dict)
    redis_mb: float = 0.0
    rest: dict[str, tuple[float, float]] = field(default_factory=dict)
    at_work: dict[str, tuple[float, float]] = field(default_factory=dict)


def run(plan: Plan, database: str) -> int:
    """Measure on SQLite, or on an empty `database` (its URL), and print tables and, as the last line, JSON."""
    say = Console(stderr=True)
    with running(accounts=plan.accounts, workers=plan.workers, database=database) as line:
        report = Report(plan.workers, plan.accounts)
        report.rest = _memory(line)
        arrivals = {crm: Arrivals(side, line.companies) for crm, side in line.sides.items()}
        for crm, side in line.sides.items():
            _settled(side, arrivals[crm].at_once(FIRST))
            say.print(f"{crm}: {plan.leads} leads at once")
            with line.product.store() as store:
                before = usage.stored(store)
                report.bursts.append(_burst(line, side, arrivals[crm], plan.leads))
                report.bytes_per_lead[crm] = round((usage.stored(store) - before) / plan.leads)
        report.redis_mb = _redis_mb(line)
        report.at_work = _memory(line)
        for crm, side in line.sides.items():
            for rate in plan.rates:
                say.print(f"{crm}: {rate:g} leads a second")
                report.streams.append(_stream(side, arrivals[crm], rate, plan.seconds * (1 if rate > 1 else 2)))
    _show(Console(), report)
    print(json.dumps(asdict(report)))
    return 0


def _burst(line: Line, side: Side, arrivals: Arrivals, leads: int) -> Burst:
    spent, calls = line.product.spent(), side.eye.calls()
    ids = arrivals.at_once(leads)
    times = _settled(side, ids)
    used = {role: line.product.spent()[role] - spent[role] for role in ROLES}
    made = side.eye.calls() - calls
    whole = (max(owned for _, owned in times.values()) - min(born for born, _ in times.values())).total_seconds()
    return Burst(
        side.crm, leads, round(leads / whole, 1), round(leads / used["worker"], 1),
        {role: round(used[role] / leads * 1000, 2) for role in ROLES},
        made, round(made / leads, 3), minimum.calls(side.crm, leads),
    )  # fmt: skip


def _stream(side: Side, arrivals: Arrivals, rate: float, seconds: float) -> Stream:
    calls = side.eye.calls()
    ids = arrivals.at_rate(rate, seconds)
    times = _settled(side, ids)
    waits = sorted(max(0.0, (owned - born).total_seconds()) for born, owned in times.values())
    cuts = statistics.quantiles(waits, n=100, method="inclusive")
    per_lead = (side.eye.calls() - calls) / len(ids)
    return Stream(
        side.crm, rate, len(ids), round(cuts[49], 2), round(cuts[98], 2), round(waits[-1], 2), round(per_lead, 2)
    )


def _settled(side: Side, ids: Sequence[str]) -> dict[str, Times]:
    """Wait until each of these leads has its owner, and return when it came and when it had."""

    def owned() -> dict[str, Times] | None:
        times = side.times()
        return {each: times[each] for each in ids} if all(each in times for each in ids) else None

    found: dict[str, Times] = until(owned, seconds=QUIET_SECONDS, what=f"{len(ids)} leads owned", every=1.0)
    time.sleep(1.0)  # the bell and the audit come behind the owner; they belong to these leads
    return found


def _redis_mb(line: Line) -> float:
    connection = redis.Redis.from_url(line.product.world.settings(line.product.data).redis)
    try:
        return round(int(connection.info("memory")["used_memory"]) / 2**20, 1)
    finally:
        connection.close()


def _memory(line: Line) -> dict[str, tuple[float, float]]:
    return {name: (each.rss, each.pss) for name, each in line.product.memory().items()}


def _show(console: Console, report: Report) -> None:
    table = Table(
        "at once", "leads/s", "leads/s of a worker's core", *(f"{role} ms" for role in ROLES), "calls", "least"
    )
    for each in report.bursts:
        spent = (f"{each.ms_by_role[role]:.2f}" for role in ROLES)
        table.add_row(
            each.crm, f"{each.per_second:,.0f}", f"{each.per_core:,.0f}", *spent, str(each.calls), str(each.least_calls)
        )
    console.print(table)
    table = Table("evenly", "leads/s", "leads", "p50", "p99", "slowest", "calls a lead")
    for one in report.streams:
        row = (f"{one.rate:g}", str(one.leads), f"{one.p50:.2f} s", f"{one.p99:.2f} s", f"{one.slowest:.2f} s")
        table.add_row(one.crm, *row, f"{one.calls_per_lead:.2f}")
    console.print(table)
    kept = ", ".join(f"{crm} {value / 1000:.1f} kB" for crm, value in report.bytes_per_lead.items())
    console.print(f"database, a lead: {kept}; Redis: {report.redis_mb:.1f} MB")
    table = Table("memory", "at rest RSS", "PSS", "at work RSS", "PSS")
    for name, rest in report.rest.items():
        table.add_row(name, *(f"{value:.0f} MB" for value in (*rest, *report.at_work[name])))
    console.print(table)
