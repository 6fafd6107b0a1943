"""Run the whole product on this machine against the two local CRMs, and watch leads being routed."""

from __future__ import annotations

import argparse
import contextlib
import functools
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from connector.store import installs, progress
from connector.store.base import Database
from connector.store.installs import Install
from tests.demo.stream import Stream
from tests.demo.table import closing, landed_line
from tests.demo.watch import HubSpotEye, Landed, SalesforceEye
from tests.local.person import Person
from tests.local.processes import Running, end, spawn, until
from tests.local.world import World, begin
from tests.sandbox.hubspot.hub import DEFAULT_PORTAL
from tests.sandbox.seed import fill as seed
from tests.sandbox.seed.companies import load_companies
from tests.sandbox.seed.model import Company
from tests.sandbox.seed.targets import Hubspot, Salesforce

say = Console(highlight=False)
RULES = Path(__file__).with_name("rules.yaml")
START_SECONDS = 60.0
SETUP_SECONDS = 180.0
LAND_SECONDS = 120.0


def main() -> int:
    """Run the demo; 0 when every lead has exactly what the rules say it should have."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end with the table instead of staying up")
    parser.add_argument("--leads", type=int, default=60, help="leads per CRM (default: 60)")
    parser.add_argument("--rate", type=float, default=6.0, help="leads per second and CRM (default: 6)")
    parser.add_argument("--accounts", type=int, default=400, help="accounts per CRM (default: 400)")
    parser.add_argument("--port", type=int, default=0, help="port of the console (default: a free one)")
    parser.add_argument("--keep", type=Path, help="keep state and logs in this folder")
    given = parser.parse_args()
    directory = given.keep or Path(tempfile.mkdtemp(prefix="switchyard-demo-"))
    try:
        with _running(directory, given.port) as (world, product):
            return _play(world, product, given)
    except (TimeoutError, LookupError) as error:
        say.print(f"[red]The demo stopped:[/red] {error}")
        _tails(directory)
        return 1
    finally:
        if given.keep is None:
            shutil.rmtree(directory, ignore_errors=True)


def _play(world: World, product: Running, given: argparse.Namespace) -> int:
    say.print("[bold]3.[/bold] Filling both CRMs with companies, people, reps and queues")
    companies = _fill(world, given.accounts)
    say.print("[bold]4.[/bold] Connecting both, as an admin with a browser would")
    person = Person(world)
    found = [_connect(world, person, crm) for crm in ("salesforce", "hubspot")]
    say.print("[bold]5.[/bold] Writing the rules and switching both to [bold]act[/bold]")
    for install in found:
        _rules(world, install)
        _act(person, install)
    eyes: list[SalesforceEye | HubSpotEye] = [SalesforceEye(world), HubSpotEye(world, found[1].tenant_id)]
    say.print(f"[bold]6.[/bold] {given.leads} leads arrive in each CRM, {given.rate:g} a second")
    streams = [Stream(eye, companies, count=given.leads, rate=given.rate) for eye in eyes]
    for stream in streams:
        stream.start()
    for stream in streams:
        stream.wait(LAND_SECONDS, landed=functools.partial(_show, stream.eye))
    verdicts = [closing(say, stream) for stream in streams]
    if given.once:
        return 0 if all(verdicts) else 1
    say.print(f"\nThe console: [bold]{world.url}[/bold]  (sign in as the admin the CRM's page offers; Ctrl-C ends)")
    _stay(streams, product)
    return 0


def _show(eye: SalesforceEye | HubSpotEye, landed: Landed) -> None:
    say.print(landed_line(eye, landed))


def _fill(world: World, count: int) -> list[Company]:
    ready = world.salesforce.ready
    plan = seed.Plan(accounts=count, total=count)
    for target in (Salesforce(ready["url"], Path(ready["ca"])), Hubspot(world.hubspot.ready["url"], DEFAULT_PORTAL)):
        counts = seed.fill(target, plan)
        said = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
        say.print(f"   {target.name}: {said}")
    return list(load_companies()[:count])


def _connect(world: World, person: Person, crm: str) -> Install:
    """Connect one CRM and wait until its objects, starter rules and index are there."""
    page = person.connect(crm)
    if page.status != 200:
        raise LookupError(f"connecting {crm} ended on {page.url} ({page.status}): {page.text[:400]}")
    database = Database(world.settings(world.directory / "data").database)
    try:

        def set_up() -> Install | None:
            with database.read() as connection:
                mine = [each for each in installs.every(connection) if each.crm == crm]
                work = progress.of(connection, mine[0].id) if mine else []
            if failed := [each for each in work if each.state == "failed"]:
                raise LookupError(f"{crm}: {failed[0].name} failed: {failed[0].reason}")
            return mine[0] if len(work) > 1 and all(each.state == "done" for each in work) else None

        install: Install = until(set_up, seconds=SETUP_SECONDS, what=f"{crm} set up and indexed")
        with database.read() as connection:
            work = progress.of(connection, install.id)
    finally:
        database.close()
    said = ", ".join(f"{each.done} {each.name.split(':')[1]}s" for each in work if ":" in each.name and each.done)
    say.print(f"   {install.name}: set up; indexed {said}")
    return install


def _rules(world: World, install: Install) -> None:
    """Push the demo's rules with the command line, as an admin would from git."""
    command = ["-m", "connector.cli", "rules", "push", str(RULES), "--install", install.id, "--yes"]
    process = spawn(*command, environment=world.environment(world.directory / "data"), log=world.directory / "cli.log")
    if process.wait(60) != 0:
        raise LookupError(f"the rules were not accepted; see {world.directory / 'cli.log'}")
    database = Database(world.settings(world.directory / "data").database)
    try:
        until(lambda: _version(database, install), seconds=30, what="the new rules live")
    finally:
        database.close()


def _version(database: Database, install: Install) -> bool:
    from connector.store.rulesets import ruleset  # noqa: PLC0415
    from rules.ruleset import Source, load, split  # noqa: PLC0415

    wanted = load([Source(item.name, item.text) for item in split(RULES.read_text(encoding="utf-8"))]).version
    with database.read() as connection:
        query = ruleset.select().where(ruleset.c.install_id == install.id)
        row = connection.execute(query).one_or_none()
    return row is not None and row.version == wanted


def _act(person: Person, install: Install) -> None:
    page = person.open(f"/installs/{install.id}")
    changed = person.submit(page, "/mode", mode="act")
    if changed.status != 200:
        raise LookupError(f"the mode was not changed ({changed.status}): {changed.text[:300]}")


def _stay(streams: list[Stream], product: Running) -> None:
    """Let a lead come in every few seconds until somebody stops us or the product ends."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: told.set())
    while not told.wait(5) and product.process.poll() is None:
        for stream in streams:
            for landed in stream.one_more():
                say.print(landed_line(stream.eye, landed))


@contextlib.contextmanager
def _running(directory: Path, port: int) -> Iterator[tuple[World, Running]]:
    """Start the sandboxes and the product; stop them at the end."""
    say.print("[bold]1.[/bold] Starting a local Salesforce and a local HubSpot")
    world = begin(directory, port=port)
    try:
        say.print("[bold]2.[/bold] Starting Switchyard: Valkey, web, worker, listener, clock (SQLite)")
        environment = world.environment(directory / "data", SWEEP_SECONDS="2", LEASE_SECONDS="10")
        process = spawn("-m", "connector.cli", "up", environment=environment, log=directory / "switchyard.log")
        try:
            person = Person(world)

            def up() -> bool:
                if process.poll() is not None:
                    raise LookupError("Switchyard ended while starting")
                with contextlib.suppress(OSError):
                    return person.open("/health/ready").status == 200
                return False

            until(up, seconds=START_SECONDS, what="Switchyard ready")
            yield world, Running(process, {})
        finally:
            end(process)
    finally:
        world.stop()


def _tails(directory: Path) -> None:
    """Show the end of each log, so that a failure explains itself."""
    for log in sorted(directory.glob("*.log")):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        say.print(f"\n[bold]{log.name}[/bold]")
        for line in lines:
            say.print(line[:600], markup=False)


if __name__ == "__main__":
    sys.exit(main())
