"""`switchyard api preview` and `switchyard api simulate ...`: trying rules out over the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from connector.commands.api_client import Client, address
from connector.commands.api_terminal import command, fail, pairs, say, table, text_of, watch

_FILE = click.Path(allow_dash=True, dir_okay=False, path_type=Path)


@click.group(invoke_without_command=False)
def simulate() -> None:
    """Send past leads through two rule sets, and see who would have got what."""


@command(simulate)
@click.option("--after", default="drafts", show_default=True, help="drafts, live, edition:7.")
@click.option("--before", default="live", show_default=True, help="What to compare with.")
@click.option("--rules", "file", type=_FILE, help="A rule set in a file, instead of --after.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 3650))
@click.option("--no-wait", is_flag=True, help="Do not wait for the end.")
def start(client: Client, after: str, before: str, file: Path | None, days: int, *, no_wait: bool) -> Any:
    """Start a simulation, and wait for what comes of it with a bar."""
    body = {"after": "text" if file else after, "before": before, "days": days}
    made = client.write("POST", "/simulations", {**body, "text": text_of(file)} if file else body)
    name = made["name"].removeprefix("simulation:")
    if no_wait:
        say(f"{name} runs.")
        return made
    return _waited(client, name)


@command(simulate, "wait")
@click.argument("name")
def wait_for(client: Client, name: str) -> Any:
    """Wait for the simulation NAME with a bar, and tell what came of it."""
    return _waited(client, name)


@command(simulate, "list")
def list_simulations(client: Client) -> Any:
    """List the simulations, the latest first."""
    found = client.get("/simulations")["items"]
    columns = {"name": "name", "state": "state", "done": "done", "of": "total", "by": "by", "why": "reason"}
    table(found, columns, empty="Nothing was simulated yet.")
    return found


@command(simulate)
@click.argument("name")
def show(client: Client, name: str) -> Any:
    """Tell what came of the simulation NAME."""
    return _told(client, name)


@command(simulate)
@click.argument("name")
@click.option("--csv", "output", type=_FILE, help="Write all of them to this file.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 5000))
def leads(client: Client, name: str, output: Path | None, limit: int) -> Any:
    """List the leads that change hands in the simulation NAME."""
    if output:
        text = client.send("GET", address("simulations", name, "leads.csv")).text
        output.write_text(text, encoding="utf-8")
        say(f"Wrote {output}.")
        return {"file": str(output)}
    found = client.items(address("simulations", name, "leads"), most=limit)
    columns = {"lead": "lead", "name": "name", "from": "owner_before", "to": "owner_after", "why": "reason_after"}
    table(found, columns, empty="No lead changes hands.")
    return found


def _move(do: str) -> click.Command:
    def moved(client: Client, name: str) -> Any:
        found = client.write("POST", address("simulations", name, do))
        say(f"{found['name']}: {found['state']}.")
        return found

    moved.__doc__ = f"{do.capitalize()} the simulation NAME."
    return command(simulate, do)(click.argument("name")(moved))


for _each in ("pause", "resume", "cancel"):
    _move(_each)


@click.group()
def preview() -> None:
    """Ask what would become of a lead."""


@command(preview)
@click.argument("lead")
@click.option("--set", "values", multiple=True, metavar="FIELD=VALUE", help="Another value; empty takes it away.")
@click.option("--rules", default="live", show_default=True, type=click.Choice(["live", "drafts"]))
def lead(client: Client, lead: str, values: tuple[str, ...], rules: str) -> Any:
    """Ask about a LEAD of the CRM: its id, the address of its page, or its e-mail address."""
    return _previewed(client, {"lead": lead, "fields": _fields(values), "rules": rules})


@command(preview, "new")
@click.argument("values", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option("--rules", default="live", show_default=True, type=click.Choice(["live", "drafts"]))
def new_lead(client: Client, values: tuple[str, ...], rules: str) -> Any:
    """Ask about a lead that is typed in: country=FR company=Acme."""
    return _previewed(client, {"fields": _fields(values), "rules": rules})


def _previewed(client: Client, body: dict[str, Any]) -> Any:
    found = client.write("POST", "/preview", body)
    say(found["story"])
    columns = {"would need": "condition", "found": "found", "for": "rule"}
    if found["needed"]:
        table(found["needed"], columns, empty="")
    return found


def _fields(values: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for each in values:
        name, sign, value = each.partition("=")
        if not sign or not name.strip():
            fail(f"“{each}” cannot be read. Write country=FR.")
        found[name.strip()] = value
    return found


def _waited(client: Client, name: str) -> Any:
    found = watch(client, address("simulations", name), label="Leads")
    if found["state"] != "done":
        say(f"{name} is {found['state']}. {found['reason']}")
        return found
    return _told(client, name)


def _told(client: Client, name: str) -> Any:
    found = client.get(address("simulations", name, "result"))
    pairs({"leads": found["leads"], "change hands": found["moves"]})
    table(found["owners"], {"who": "name", "before": "before", "after": "after"}, empty="Nobody gets a lead.")
    table(found["rules"], {"rule": "rule", "before": "before", "after": "after"}, empty="No rule takes a lead.")
    return found
