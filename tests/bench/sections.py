"""The sections of docs/benchmarks.md: which command measures, what its figures are called, and what they mean."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.bench import minimum

Shown: TypeAlias = tuple[str, tuple[str, ...], Sequence[tuple[str, ...]]]
"""A table: what stands above it, its titles, its rows."""


@dataclass(frozen=True)
class Section:
    """One command and its figures. `long` and `short` are what stands behind ``python -m`` in either form."""

    name: str
    title: str
    long: tuple[str, ...]
    short: tuple[str, ...]
    meaning: str
    tables: Callable[[Any], list[Shown]]
    not_measured: str = ""

    def command(self, *, short: bool) -> str:
        """Return what to type."""
        return f"python -m {shlex.join(self.short if short else self.long)}"


def _events(rows: Any) -> list[Shown]:
    bare = {row["events_each"]: row["events_per_second"] for row in rows if row["server"] == "bare"}
    lines = [
        (
            row["server"], f"{row['events_each']}", f"{row['events_per_second']:,.0f}",
            f"{row['events_per_second'] / bare[row['events_each']]:.0%}",
            f"{row['p50_ms']:.1f} ms", f"{row['p99_ms']:.1f} ms",
        )
        for row in rows
    ]  # fmt: skip
    return [("", ("server", "events a delivery", "events/s", "of the bare one", "p50", "p99"), lines)]


def _line(told: Any) -> list[Shown]:
    bursts = [
        (
            each["crm"], f"{each['leads']:,}", f"{each['per_second']:.0f}", f"{each['per_core']:.0f}",
            f"{each['ms_by_role']['worker']:.1f} ms", f"{sum(each['ms_by_role'].values()):.1f} ms",
            f"{each['calls']}", f"{each['least_calls']}", f"{told['bytes_per_lead'][each['crm']] / 1000:.1f} kB",
        )
        for each in told["bursts"]
    ]  # fmt: skip
    streams = [
        (
            each["crm"], f"{each['rate']:g}", f"{each['leads']:,}", f"{each['p50']:.2f} s", f"{each['p99']:.2f} s",
            f"{each['calls_per_lead']:.2f}",
        )
        for each in told["streams"]
    ]  # fmt: skip
    memory = [
        (name, *(f"{value:.0f} MB" for value in (*rest, *told["at_work"][name]))) for name, rest in told["rest"].items()
    ]
    least = [(crm, each.what, f"{each.leads:,}", each.source) for crm, every in minimum.CALLS.items() for each in every]
    return [
        (
            f"Leads that come at once, {told['accounts']:,} accounts, {told['workers']} worker:",
            ("CRM", "leads", "leads/s", "leads/s of a worker's core", "worker's CPU a lead", "everybody's CPU a lead",
             "CRM calls", "fewest that would do", "database a lead"),
            bursts,
        ),
        ("The fewest calls, by documented limits:", ("CRM", "call", "leads a call", "source"), least),
        (
            "From event to owner, by the CRM's own records:",
            ("CRM", "leads/s", "leads", "p50", "p99", "CRM calls a lead"), streams,
        ),
        (
            f"Memory; Redis itself counts {told['redis_mb']:.1f} MB:",
            ("process", "RSS at rest", "PSS at rest", "RSS at work", "PSS at work"), memory,
        ),
    ]  # fmt: skip


def _rules(told: Any) -> list[Shown]:
    lines = [
        (
            f"{row['rules']:,}", f"{row['rows']:,}", f"{row['leads_per_s']:,}", f"{row['lead_us']:.0f} µs",
            f"{row['rules_us']:.0f} µs",
        )
        for row in told["rows"]
    ]  # fmt: skip
    return [("", ("rules", "rows of a territory", "leads/s of a core", "a lead", "of it the rules alone"), lines)]


def _accounts(rows: Any) -> list[Shown]:
    lines = [
        (
            f"{row['accounts']:,}", f"{row['index_s']:,.0f} s",
            f"{row['index_mb']:,.0f} MB" if row["index_mb"] is not None else "-", f"{row['batch_us'] / 1000:.2f} ms",
            f"{row['single_p50_ms']:.1f} ms", f"{row['single_p99_ms']:.1f} ms", f"{row['update_p50_ms']:.1f} ms",
        )
        for row in rows
    ]  # fmt: skip
    titles = ("accounts", "to index them", "index", "a lead in a batch", "a lead alone p50", "p99", "a changed account")
    return [("", titles, lines)]


def _installs(rows: Any) -> list[Shown]:
    lines = [
        (
            f"{row['installs']:,}",
            *(f"{row[name]:.1f} ms" for name in ("tick_ms", "look_ms", "idle_drain_ms")),
            f"{row['lead_p50_ms']:.0f} ms", f"{row['lead_p99_ms']:.0f} ms", f"{row['database_mb']:.1f} MB",
        )
        for row in rows
    ]  # fmt: skip
    titles = ("installs", "clock, each tick", "listener, each look", "an idle round",
              "one lead p50", "p99", "database")  # fmt: skip
    return [("", titles, lines)]


def _listeners(told: Any) -> list[Shown]:
    lines = [
        ("streams of one listener", f"{told['orgs']:,}"),
        ("until all are open", f"{told['connect_seconds']:.0f} s"),
        ("memory (RSS), threads", f"{told['rss_mb']:.0f} MB, {told['threads']}"),
        ("share of a core at rest", f"{told['idle_cpu_percent']:.1f} %"),
        ("share of a core with events", f"{told['busy_cpu_percent']:.1f} %"),
        ("from change to stored letter p50, p99", f"{told['p50_ms']:.0f} ms, {told['p99_ms']:.0f} ms"),
        ("streams taken over from a frozen listener", f"{told['frozen_seconds']:.0f} s"),
        ("streams taken over from a killed listener", f"{told['killed_seconds']:.0f} s"),
        ("events sent, stored, lost", f"{told['sent']:,}, {told['stored']:,}, {told['lost']}"),
    ]
    return [("", ("what", "measured"), lines)]


def _scale(told: Any) -> list[Shown]:
    rows = {**told["waits"], "the noisy one itself": told["noisy"]}
    waits = [
        (name, f"{each['leads']:,}", f"{each['p50']:.2f} s", f"{each['p99']:.2f} s", f"{each['slowest']:.2f} s")
        for name, each in rows.items()
    ]
    found = [
        ("installs", f"{told['installs']}"),
        ("neighbours' p99 beside the noisy one, of their quiet p99", f"{told['ratio']:.2f}"),
        ("calls that HubSpot refused for coming too fast", f"{told['refused_calls']}"),
        ("processes replaced while leads came", f"{told['replaced']}"),
        ("slowest of them to stop", f"{told['slowest_stop']:.1f} s"),
        ("leads judged, with something wrong", f"{told['leads']:,}, {sum(told['faults'].values())}"),
    ]
    return [
        ("From event to owner:", ("leads of", "leads", "p50", "p99", "slowest"), waits),
        ("", ("what", "measured"), found),
    ]


BENCH = "tests.bench"
SECTIONS = (
    Section(
        "webhooks",
        "Events taken",
        (BENCH, "webhooks", "--events", "50000"),
        (BENCH, "webhooks", "--events", "5000"),
        "HubSpot's deliveries to the web process (two workers of four threads, SQLite), beside the bare least on\n"
        "the same server: a signature check and one insert a delivery. What Switchyard does more: it reads the\n"
        "events, finds the install, keeps each as a letter of its own without doubles, and rings a worker.",
        _events,
        "a TLS proxy in front, and PostgreSQL on another machine.",
    ),
    Section(
        "line",
        "The whole line",
        (BENCH, "line", "--leads", "2000", "--rates", "1,10,100", "--seconds", "60", "--postgresql"),
        (BENCH, "line", "--leads", "200", "--rates", "1,10", "--seconds", "6", "--accounts", "100", "--postgresql"),
        "Both local CRMs and every process of the product, on PostgreSQL, with one worker. Waiting for a CRM\n"
        "costs a worker no CPU, so leads a second of a worker's core is the line with the CRM's time taken out.\n"
        "HubSpot lets an app make 110 calls in ten seconds: what comes alone at ten leads a second is therefore\n"
        "drained together, and waits.",
        _line,
        "how long a real CRM takes; leads that come alone to many installs (see Many customers below).",
    ),
    Section(
        "rules",
        "Rules",
        (BENCH, "rules", "--rules", "500", "--rows", "10000", "--leads", "5000"),
        (BENCH, "rules", "--rules", "500", "--rows", "10000", "--leads", "1000"),
        "Deciding alone, without reading, matching or writing: pure Python on one core.",
        _rules,
    ),
    Section(
        "accounts",
        "From ten thousand to a million accounts",
        (BENCH, "scale", "--accounts", "10000,100000,1000000"),
        (BENCH, "scale", "--accounts", "1000,10000", "--leads", "400"),
        "Finding the account of a lead through the index in SQLite, on accounts made up by code. A batch is the\n"
        "leads of 200 "
        "records. What grows is the index, and the time to build it.",
        _accounts,
        "PostgreSQL with the index larger than its memory.",
    ),
    Section(
        "installs",
        "From one to a thousand installs",
        (BENCH, "installs", "--sizes", "1,10,100,1000"),
        (BENCH, "installs", "--sizes", "1,50"),
        "What installs cost that do nothing, and what they cost one lead of another; CPU, SQLite, half of each\n"
        "CRM, a CRM in memory. The clock ticks every ten seconds and looks at each HubSpot portal's rules every\n"
        "minute, which is an idle "
        "round of a worker.",
        _installs,
        "the calls with which a portal's rules are read.",
    ),
    Section(
        "listeners",
        "A thousand Salesforce orgs",
        ("tests.soak.listeners", "--orgs", "1000", "--minutes", "3"),
        ("tests.soak.listeners", "--orgs", "50", "--minutes", "0.2", "--rest", "5", "--rate", "10"),
        "Real listeners on PostgreSQL, over a local Pub/Sub service of many orgs; one of them is frozen, one is\n"
        "killed.",
        _listeners,
    ),
    Section(
        "customers",
        "Many customers, a noisy one among them",
        ("tests.scale", "--seconds", "240"),
        (
            "tests.scale",
            "--portals",
            "4",
            "--orgs",
            "1",
            "--accounts",
            "10",
            "--workers",
            "1",
            "--rate",
            "1",
            "--noise",
            "5",
            "--seconds",
            "20",
        ),
        "PostgreSQL, two hosts with workers and a listener, one with the web process; a noisy customer makes 50\n"
        "times the leads of any other (in the short form, with few others, 5 times); then every process is\n"
        "replaced while leads come, and a host loses its network. The judge of the chaos suite reads both CRMs\n"
        "and the database afterwards. It needs the rights of root, for the hosts.",
        _scale,
        "hosts with cores of their own: all share this machine's, so a noisy customer also takes CPU from the CRMs.",
    ),
)
