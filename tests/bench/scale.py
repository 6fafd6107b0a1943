"""How the cost of a lead grows with the number of accounts, on records made up by code, in one run."""

from __future__ import annotations

import itertools
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from rich.console import Console
from rich.table import Table

from connector.index import Index
from jobs import worker
from rules.model import Record
from tests.bench import match, synthetic
from tests.bench.place import Place, made

SEED = 1
UPDATES = 60


@dataclass(frozen=True)
class Row:
    """The figures at one number of accounts."""

    accounts: int
    index_s: float
    index_mb: float | None
    batch_us: float
    single_p50_ms: float
    single_p99_ms: float
    update_p50_ms: float


def run(sizes: Sequence[int], leads: int, url: str | None) -> int:
    """Measure at each size, in a database of its own, and print a table and JSON."""
    console = Console(stderr=True)
    worker.warm_up()
    rows = []
    for size in sizes:
        with made(url) as place:
            rows.append(_measured(place, size, leads, console))
    table = Table("accounts", "index", "size", "a lead in a batch", "alone p50", "alone p99", "an update")
    for row in rows:
        size_ = f"{row.index_mb:,.0f} MB" if row.index_mb is not None else "-"
        table.add_row(
            f"{row.accounts:,}", f"{row.index_s:,.0f} s", size_, f"{row.batch_us:,.0f} µs",
            f"{row.single_p50_ms:.1f} ms", f"{row.single_p99_ms:.1f} ms", f"{row.update_p50_ms:.1f} ms",
        )  # fmt: skip
    Console().print(table)
    print(json.dumps([row.__dict__ for row in rows]))
    return 0


def _measured(place: Place, size: int, leads: int, console: Console) -> Row:
    def tell(done: int, spent: float) -> None:
        if done % 50_000 == 0:
            console.print(f"  {done:,} of {size:,} accounts, {spent:,.0f} s")

    index_s = place.fill(synthetic.accounts(size, SEED), tell=tell)
    asked = [lead for lead, _ in synthetic.leads(leads, SEED, size)]
    match.answer(place, asked[: match.BATCH])
    batches = []
    for start in range(0, len(asked), match.BATCH):
        some = asked[start : start + match.BATCH]
        begun = time.perf_counter()
        match.answer(place, some)
        batches.append((time.perf_counter() - begun) / len(some) * 1e6)
    singles = [_timed(partial(match.answer, place, [lead])) for lead in asked[:1_000]]
    updates = [_timed(partial(_update, place, each)) for each in _changed(size)]
    return Row(
        size, round(index_s, 1), round(place.size / 2**20, 1) if place.size else None,
        round(statistics.median(batches)), round(statistics.median(singles), 2),
        round(statistics.quantiles(singles, n=100)[98], 2), round(statistics.median(updates), 2),
    )  # fmt: skip


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def _changed(size: int) -> list[Record]:
    some = itertools.islice(synthetic.accounts(size, SEED), UPDATES)
    return [replace(each, fields={**each.fields, "name": f"{each.fields['name']} Renamed"}) for each in some]


def _update(place: Place, account: Record) -> None:
    with place.database.read() as connection:
        prepared = Index(connection, place.install_id, place.seal).prepare([account])
    with place.database.write() as connection:
        Index(connection, place.install_id, place.seal).write(prepared)
