"""The text that people send to support: how an install is, without a name, an address or a field of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from connector.desk.health import Health, kind_of


def ticket(health: Health) -> str:
    """Return how an install is as plain text in English, a line for each thing."""
    return "\n".join(_lines(health)) + "\n"


def _lines(health: Health) -> Iterator[str]:
    install, versions = health.install, health.versions
    yield f"Switchyard {versions.switchyard}, Python {versions.python}, {versions.database}"
    yield f"schema {versions.schema or 'none'} (newest {versions.newest})"
    yield f"at {_at(health.at)}"
    yield f"install {install.id}: {install.crm}, {install.status}, mode {install.mode}, routes {_routed(health)}"
    yield f"connected {_at(install.created_at)}"
    yield from _coming(health)
    yield from _standing(health)
    yield f"rules {health.rules.version or 'none'}, read {_at(health.rules.read_at)}" + (
        ", newer text is not valid" if health.rules.fault else ""
    )
    counted = ", ".join(f"{count} {kind}s" for kind, count in health.index.items())
    yield f"index: {counted}, {health.staged} rows staged, read {_at(health.read_at)}"
    spent = health.spending
    yield f"API calls: {spent.used} in 24 hours of {spent.granted or 'unknown'}, {spent.per_hour:.0f} an hour now"
    for work in health.work:
        total = "" if work.total is None else f" of {work.total}"
        why = f", {kind_of(work.reason)}" if work.reason else ""
        yield f"work {work.name}: {work.state}, {work.done}{total}, {_at(work.updated_at)}{why}"


def _routed(health: Health) -> str:
    """Return what counts as a lead: only HubSpot has a choice."""
    return health.install.routes if health.install.crm == "hubspot" else "leads"


def _coming(health: Health) -> Iterator[str]:
    stream, arrived = health.stream, health.arrivals
    if stream is not None:
        yield f"stream {stream.standing} since {_at(stream.since)}" + (
            f", {kind_of(stream.reason)}" if stream.reason else ""
        )
    yield f"place in the stream stored {_at(arrived.place)}, last decision {_at(arrived.decided)}"
    waiting, parked = health.inbox["waiting"], health.inbox["parked"]
    yield f"letters: {waiting} wait (the oldest due since {_at(arrived.oldest)}), {parked} parked"
    yield f"decisions: {health.unsettled['intended']} being carried out, {health.unsettled['parked']} parked"


def _standing(health: Health) -> Iterator[str]:
    queue = "Redis does not answer" if health.queue is None else f"{health.queue} drains wait"
    clock = "at work" if health.clock else "not at work"
    workers = "unknown" if health.workers is None else health.workers
    yield f"queue: {queue}; clock {clock}; workers {workers}; drain lease until {_at(health.drained_until)}"
    if health.quiet is not None:
        yield f"quiet until {_at(health.quiet.until)}, {kind_of(health.quiet.reason)}"
    for each in health.troubles:
        yield f"{each.count} {each.what} {each.state}, {kind_of(each.reason)}, last {_at(each.at)}"
    for stored in health.refused:
        trace = stored.decision.trace_id or "no trace"
        yield f"parked {_at(stored.created_at)}: {kind_of(stored.reason)}, trace {trace}"


def _at(moment: datetime | None) -> str:
    return "never" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
