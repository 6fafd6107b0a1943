"""`switchyard api people ...`: pools, who takes leads, pauses and absences."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from connector.commands.api_client import Client, address
from connector.commands.api_terminal import Columns, command, say, table

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def people() -> None:
    """Pools and the people in them."""


@command(people, "list")
def list_people(client: Client) -> Any:
    """List everybody who is in a pool, has leads, or is away."""
    found = client.get("/people")["items"]
    columns: Columns = {
        "name": "person.name", "takes leads": "taking", "has": "held", "7 days": "lately", "pools": "pools",
        "away until": lambda row: (row["away"]["until"] or "further notice") if row["away"] else "", "id": "person.id",
    }  # fmt: skip
    table(found, columns, empty="Nobody is in a pool.")
    return found


@command(people)
def pools(client: Client) -> Any:
    """List the pools: who can take leads now, and what each received of what was due."""
    found = client.get("/pools")
    rows = [{"pool": pool["name"], **each} for pool in found["items"] for each in pool["members"]]
    columns = {
        "pool": "pool", "who": "person.name", "takes leads": "taking", "received": "received", "due": "entitled",
        "why not": "why", "again": "again",
    }  # fmt: skip
    table(rows, columns, empty="There are no pools, or the CRM does not say who is who.")
    return found


@command(people)
@click.argument("person")
@click.option("--until", type=click.DateTime(), help="In UTC; without it until further notice.")
def pause(client: Client, person: str, until: datetime | None) -> Any:
    """Give PERSON (their id) no more leads."""
    end = until.replace(tzinfo=UTC).isoformat() if until else None
    found = client.write("PUT", address("people", person, "pause"), {"until": end})
    say(f"{found['person']['name']} gets no leads.")
    return found


@command(people)
@click.argument("person")
def resume(client: Client, person: str) -> Any:
    """Have PERSON (their id) take leads again."""
    found = client.write("DELETE", address("people", person, "pause"))
    say("They take leads again." if found["changed"] else "They were not paused.")
    return found


@command(people)
@click.argument("person")
def absences(client: Client, person: str) -> Any:
    """List the absences of PERSON (their id)."""
    found = client.get(address("people", person, "absences"))["items"]
    table(found, {"from": "first", "to": "last", "by": "by"}, empty="No absence is planned.")
    return found


@command(people)
@click.argument("person")
@click.argument("first", type=_DAY)
@click.argument("last", type=_DAY)
def away(client: Client, person: str, first: datetime, last: datetime) -> Any:
    """Plan that PERSON (their id) is away from FIRST to LAST, whole days of their own."""
    days = {"first": first.date().isoformat(), "last": last.date().isoformat()}
    found = client.write("POST", address("people", person, "absences"), days)
    say(f"Away from {found['first']} to {found['last']}.")
    return found


@command(people)
@click.argument("person")
@click.argument("first", type=_DAY)
def back(client: Client, person: str, first: datetime) -> Any:
    """Take back the absence of PERSON (their id) that begins on FIRST."""
    client.write("DELETE", address("people", person, "absences", first.date().isoformat()))
    say("The absence is gone.")
    return {"changed": True}


@command(people)
@click.argument("person")
@click.argument("lead")
def reject(client: Client, person: str, lead: str) -> Any:
    """Hand back a LEAD (its id) for PERSON (their id): it is routed anew, and not to them."""
    found = client.write("POST", address("people", person, "reject"), {"lead": lead})
    say("It is routed anew." if found["changed"] else "They do not have it by us.")
    return found
