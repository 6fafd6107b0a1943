"""``python -m tests.bench persons-index``: how long one lead takes among many people, by the database's index."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from connector.index import Index
from jobs import worker
from rules import dedupe
from rules.model import Record
from tests.bench import people
from tests.bench.people_training import record_of
from tests.bench.place import Place, made

SEED = 17
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TELL = 100_000


def run(size: int, leads: int, url: str | None) -> int:
    """Index the records of people until there are `size`, then judge `leads` more of the same people one by one."""
    worker.warm_up()
    asked: list[Record] = []
    with made(url) as place:
        spent = place.fill(_indexed(size, leads, asked), tell=_tell)
        found = [_timed(place, lead) for lead in asked[:leads]]
        told = {
            "people": size,
            "index_s": round(spent),
            "index_mb": round((place.size or 0) / 2**20),
            "p50_ms": round(statistics.median(each.spent for each in found), 2),
            "p99_ms": round(statistics.quantiles([each.spent for each in found], n=100)[98], 2),
            "cpu_p99_ms": round(statistics.quantiles([each.burnt for each in found], n=100)[98], 2),
            "same": sum(each.status == "same" for each in found),
            "unsure": sum(each.status == "unsure" for each in found),
            "leads": len(found),
        }
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def _indexed(size: int, leads: int, asked: list[Record]) -> Iterator[Record]:
    """Yield records to be indexed; every so often one is put aside in `asked`, as if it came later."""
    every, done = max(2, size // leads), 0
    for number, row in enumerate(people.records(size, SEED)):
        record = replace(record_of(row), created_at=NOW - timedelta(minutes=row["at"]))
        if number % every == 1 and len(asked) < leads:
            asked.append(replace(record, kind="lead", created_at=NOW))
            continue
        yield record
        done += 1
        if done == size:
            return


class Answer(NamedTuple):
    """What was said of a lead, and in how many milliseconds by the clock and of CPU (others use the machine too)."""

    status: str
    spent: float
    burnt: float


def _timed(place: Place, lead: Record) -> Answer:
    begun, cpu = time.perf_counter(), time.process_time()
    with place.database.read() as connection:
        others = Index(connection, place.install_id, place.seal).people([lead])[lead.id]
    found = dedupe.verdict(lead, others)
    return Answer(found.status, (time.perf_counter() - begun) * 1000, (time.process_time() - cpu) * 1000)


def _tell(done: int, spent: float) -> None:
    if done % TELL == 0:
        sys.stderr.write(f"  {done:,} people, {spent:,.0f} s\n")
