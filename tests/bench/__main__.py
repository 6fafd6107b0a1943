"""``python -m tests.bench``: what matching and rules do and cost, here and now."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _material(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what to measure on."""
    for option in (
        click.option("--leads", type=_FILE, required=True, help="JSON lines: id, company, email, ..., truth."),
        click.option("--accounts", type=_FILE, required=True, help="JSON lines: id, name, website, phone, ..."),
    ):
        command = option(command)
    return command


@click.group()
def bench() -> None:
    """Measure Switchyard. Files are yours: JSON lines with our canonical field names."""


@bench.command()
@_material
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Answers, a line per lead.")
@click.option("--database", "url", help="A database to use instead of a temporary SQLite file; an install is added.")
def match(accounts: Path, leads: Path, out: Path, url: str | None) -> None:
    """Match leads with accounts through the index in the database; figures are the last line."""
    from tests.bench import match as matching  # noqa: PLC0415 - each command loads what it needs

    sys.exit(matching.run(accounts, leads, out, url))


@bench.command()
@click.option("--leads", type=_FILE, required=True, help="The leads that were matched, with their truths.")
@click.option("--answers", type=_FILE, required=True, help="What `match` wrote.")
@click.option("--threshold", type=click.FloatRange(0, 1), help="Chosen elsewhere; by default the best for these leads.")
def score(leads: Path, answers: Path, threshold: float | None) -> None:
    """Tell how right the answers are, by kind of lead."""
    from tests.bench import report  # noqa: PLC0415 - each command loads what it needs

    sys.exit(report.run(leads, answers, threshold))


@bench.command()
@_material
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="A folder for the answers of each peer.")
@click.option("--only", multiple=True, help="Run only this peer; may be given again.")
@click.option("--sample", type=click.IntRange(min=1), help="Leads that the slow peers are asked about.")
def peers(accounts: Path, leads: Path, out: Path | None, only: tuple[str, ...], sample: int | None) -> None:
    """Run the matchers one can install on the same files, each in an environment of its own."""
    from tests.bench import peers as rivals  # noqa: PLC0415 - each command loads what it needs

    sys.exit(rivals.run(accounts, leads, out, only, sample))


@bench.command()
@_material
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Instead of rules/matching/weights.json.")
def train(accounts: Path, leads: Path, out: Path | None) -> None:
    """Train the model on leads whose accounts are known; the same files give the same bytes."""
    from tests.bench.training import train as training  # noqa: PLC0415 - each command loads what it needs

    sys.exit(training.run(accounts, leads, *([out] if out else [])))


@bench.command()
@click.option("--accounts", "sizes", default="10000,100000,1000000", show_default=True, help="Sizes, with commas.")
@click.option("--leads", default=2_000, show_default=True, type=click.IntRange(min=200))
@click.option("--database", "url", help="A database to use instead of a temporary SQLite file.")
def scale(sizes: str, leads: int, url: str | None) -> None:
    """Measure how cost grows with the number of accounts, on records made up by code."""
    from tests.bench import scale as growth  # noqa: PLC0415 - each command loads what it needs

    sys.exit(growth.run([int(size) for size in sizes.split(",")], leads, url))


@bench.command()
@click.option("--people", "size", default=100_000, show_default=True, type=click.IntRange(min=1_000))
@click.option("--only", multiple=True, help="Run only this peer; may be given again.")
@click.option("--seed", default=7, show_default=True, help="Which people; 7 are those of the development.")
def persons(size: int, only: tuple[str, ...], seed: int) -> None:
    """Find people twice among people made up by code, beside Splink and dedupe."""
    from tests.bench import persons as pairs  # noqa: PLC0415 - each command loads what it needs

    sys.exit(pairs.run(size, only, seed))


@bench.command("persons-index")
@click.option("--people", "size", default=1_000_000, show_default=True, type=click.IntRange(min=1_000))
@click.option("--leads", default=1_000, show_default=True, type=click.IntRange(min=100))
@click.option("--database", "url", help="A database to use instead of a temporary SQLite file.")
def persons_index(size: int, leads: int, url: str | None) -> None:
    """Measure one new lead among many people, through the index in the database."""
    from tests.bench import persons_index as one  # noqa: PLC0415 - each command loads what it needs

    sys.exit(one.run(size, leads, url))


@bench.command("train-people")
@click.option("--people", "size", default=30_000, show_default=True, type=click.IntRange(min=1_000))
def train_people(size: int) -> None:
    """Train the model of people on people made up by code; the same size gives the same bytes."""
    from tests.bench import people_training as training  # noqa: PLC0415 - each command loads what it needs

    sys.exit(training.run(size))


@bench.command()
@click.option("--rules", "count", default=500, show_default=True, type=click.IntRange(min=2), help="Rules of the set.")
@click.option("--rows", default=10_000, show_default=True, type=click.IntRange(min=10), help="Rows of its territory.")
@click.option("--leads", default=5_000, show_default=True, type=click.IntRange(min=10))
def rules(count: int, rows: int, leads: int) -> None:
    """Measure how many leads rules decide a second on one core, and how that grows from 50 rules on."""
    from tests.bench import rules as speed  # noqa: PLC0415 - each command loads what it needs

    sys.exit(speed.run(count, rows, leads))


@bench.command()
@click.option("--events", default=50_000, show_default=True, type=click.IntRange(min=1_000))
def webhooks(events: int) -> None:
    """Measure how many HubSpot events a second are taken, and how soon, beside the least a server must do."""
    from tests.bench import webhooks as deliveries  # noqa: PLC0415 - each command loads what it needs

    sys.exit(deliveries.run(events))


@bench.command()
@click.option("--decisions", "size", default=100_000, show_default=True, type=click.IntRange(min=100))
@click.option("--directory", help="Where the database is made; by default the system's place for temporary files.")
def console(size: int, directory: str | None) -> None:
    """Measure the first page of home, activity and reports, and searches, with many decisions; fails over 200 ms."""
    from tests.bench import console as pages  # noqa: PLC0415 - each command loads what it needs

    sys.exit(pages.run(size, directory))


@bench.command()
@click.option(
    "--leads", default=2_000, show_default=True, type=click.IntRange(min=100), help="Leads that come at once."
)
@click.option("--rates", default="1,10,100", show_default=True, help="Leads a second that come evenly, with commas.")
@click.option(
    "--seconds", default=30.0, show_default=True, help="How long they come; those of one a second twice that."
)
@click.option("--accounts", default=1_000, show_default=True, type=click.IntRange(min=50))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(min=1))
@click.option("--postgresql", is_flag=True, help="On a PostgreSQL of its own instead of SQLite.")
def line(leads: int, rates: str, seconds: float, accounts: int, workers: int, *, postgresql: bool) -> None:
    """Measure the whole line over both local CRMs: leads a second, CPU and calls a lead, event to owner, memory."""
    from tests.bench import line as whole  # noqa: PLC0415 - each command loads what it needs
    from tests.postgres import running  # noqa: PLC0415

    with running() if postgresql else contextlib.nullcontext() as server:
        plan = whole.Plan(leads, [float(each) for each in rates.split(",")], seconds, accounts, workers)
        sys.exit(whole.run(plan, server.create() if server else ""))


@bench.command()
@click.option("--sizes", default="1,10,100,1000", show_default=True, help="Numbers of installs, with commas.")
@click.option("--database", "url", help="An empty database to use instead of a temporary SQLite file.")
def installs(sizes: str, url: str | None) -> None:
    """Measure what installs cost that rest, and what they cost one lead of another, from one to a thousand."""
    from tests.bench import installs as many  # noqa: PLC0415 - each command loads what it needs

    sys.exit(many.run([int(each) for each in sizes.split(",")], url))


if __name__ == "__main__":
    bench(prog_name="python -m tests.bench")
