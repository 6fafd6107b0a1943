"""`switchyard api privacy ...`: what is held about one person, and forgetting them."""

from __future__ import annotations

import json
from typing import Any

import click

from connector.commands.api_client import Client, address
from connector.commands.api_terminal import command, pairs, say, sure


@click.group()
def privacy() -> None:
    """One person's data: export it, forget the person."""


@command(privacy)
@click.argument("record")
def export(client: Client, record: str) -> Any:
    """Write all that is held about the lead or contact RECORD (its id in the CRM), as JSON."""
    found = client.get(address("privacy", "held", record))
    # As ASCII: nothing that a lead wrote can steer the terminal.
    say(json.dumps(found, indent=2))
    return found


@command(privacy)
@click.argument("record")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(client: Client, record: str, *, yes: bool) -> Any:
    """Forget the person of the lead or contact RECORD: here within a minute, then in what we wrote in the CRM.

    Delete the record itself in the CRM first: while it is there, its next change is read like any other.
    """
    sure(f"Forget all that is known of {record}, for good?", yes=yes)
    found = client.write("POST", "/privacy/forgetting", {"record": record})
    say("Asked for. `switchyard api privacy forgetting` says when nobody waits any more.")
    return found


@command(privacy)
def forgetting(client: Client) -> Any:
    """Tell how many people wait to be forgotten."""
    found = client.get("/privacy/forgetting")
    if found["since"] is None:
        say("Nobody waits to be forgotten.")
    else:
        pairs({"here and in the CRM": found["here"], "in the CRM": found["crm"], "since": found["since"]})
    return found
