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
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console

from tests.demo.stream import Stream, watch
from tests.demo.table import Names, closing, landed_line
from tests.demo.watch import HubSpotEye, Landed, SalesforceEye
from tests.local.person import Person
from tests.local.product import Product
from tests.local.world import CrmName, begin
from tests.sandbox.seed.companies import load_companies
from tests.sandbox.seed.model import SeedLead

say = Console(highlight=False)
RULES = Path(__file__).with_name("rules.yaml")
LAND_SECONDS = 120.0


def step(number: int, what: str) -> None:
    """Say what happens next."""
    say.print(f"[bold]{number}.[/bold] {what}")


def detail(line: str) -> None:
    """Say what came of a step."""
    say.print(f"   {line}")


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
        with _running(directory, given.port) as product:
            return _play(product, given)
    except (TimeoutError, LookupError) as error:
        say.print(f"[red]The demo stopped:[/red] {error}")
        _tails(directory)
        return 1
    finally:
        if given.keep is None:
            shutil.rmtree(directory, ignore_errors=True)


def _play(product: Product, given: argparse.Namespace) -> int:
    world = product.world
    step(3, "Filling both CRMs with companies, people, reps and queues")
    product.fill(given.accounts, detail)
    step(4, "Connecting both, as an admin with a browser would")
    # Two people: a session of the console is one person of one CRM.
    admins: dict[CrmName, Person] = {"salesforce": Person(world), "hubspot": Person(world)}
    connected = {crm: product.connect(person, crm, detail) for crm, person in admins.items()}
    step(5, "Writing the rules and switching both to act")
    for crm, install in connected.items():
        product.push_rules(install, RULES)
        product.act(admins[crm], install)
    step(6, f"{given.leads} leads arrive in each CRM, {given.rate:g} a second")
    companies = load_companies()[: given.accounts]
    eyes: list[SalesforceEye | HubSpotEye] = [SalesforceEye(world), HubSpotEye(world, connected["hubspot"].tenant_id)]
    streams = [Stream(eye, companies, count=given.leads, rate=given.rate) for eye in eyes]
    for stream in streams:
        stream.start()
    names = {stream.eye.crm: Names(stream.eye) for stream in streams}
    watch(streams, LAND_SECONDS, landed=functools.partial(_show, names))
    for install in connected.values():
        product.wait_until_idle(install)
    verdicts = [closing(say, stream) for stream in streams]
    if given.once:
        return 0 if all(verdicts) else 1
    say.print(f"\nThe console:     [bold]{world.url}[/bold]  (sign in as the admin the CRM's page offers)")
    say.print(f"Local Salesforce: {world.salesforce.ready['url']}  (CA: {world.salesforce.ready['ca']})")
    say.print(f"Local HubSpot:    {world.hubspot.ready['url']}")
    say.print(f"State and logs:   {world.directory}")
    say.print(f"Commands:         . {world.directory}/settings.sh; .venv/bin/switchyard installs", soft_wrap=True)
    say.print("A lead arrives in each CRM every five seconds. Ctrl-C ends.")
    _stay(streams, product)
    return 0


def _show(names: Mapping[str, Names], stream: Stream, lead: SeedLead, landed: Landed) -> None:
    say.print(landed_line(stream.eye.crm, lead, landed, names[stream.eye.crm]), soft_wrap=True)


def _stay(streams: list[Stream], product: Product) -> None:
    """Let a lead come in every few seconds until somebody stops us or the product ends."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: told.set())
    while not told.wait(5) and product.processes["up"].poll() is None:
        for stream in streams:
            for lead, landed in stream.one_more():
                _show({stream.eye.crm: Names(stream.eye)}, stream, lead, landed)


@contextlib.contextmanager
def _running(directory: Path, port: int) -> Iterator[Product]:
    """Start the sandboxes and the product; stop them at the end."""
    step(1, "Starting a local Salesforce and a local HubSpot")
    world = begin(directory, port=port)
    try:
        step(2, "Starting Switchyard: Valkey, web, worker, listener, clock (SQLite)")
        product = Product(world, directory / "data", {"SWEEP_SECONDS": "2", "LEASE_SECONDS": "10"})
        product.start("up")
        try:
            product.wait_until_ready(Person(world))
            product.settings_file()
            yield product
        finally:
            product.stop()
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
