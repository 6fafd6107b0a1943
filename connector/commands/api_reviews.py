"""`switchyard api reviews ...` and `switchyard api duplicates ...`: what a person is asked."""

from __future__ import annotations

from typing import Any

import click

from connector.commands.api_client import LONGEST_PAGE, Client, address
from connector.commands.api_terminal import Columns, command, pairs, say, sure, table


@click.group()
def reviews() -> None:
    """Matches that are not sure enough."""


@command(reviews, "list")
@click.option("--limit", default=25, show_default=True, type=click.IntRange(1, 5000))
def list_reviews(client: Client, limit: int) -> Any:
    """List the matches that wait for a person, the longest waiting first."""
    items: list[dict[str, Any]] = []
    found: dict[str, Any] = {}
    for found in client.pages("/reviews", limit=min(limit, LONGEST_PAGE)):
        items += found["items"]
        if len(items) >= limit:
            break
    found = {**found, "items": items[:limit]}
    rows = [{**each, "best": each["accounts"][0]} for each in found["items"]]
    columns: Columns = {
        "lead": "lead", "name": "name", "company": "company", "account": "best.name", "sure": "best.confidence",
        "evidence": lambda row: [each["text"] for each in row["best"]["evidence"]],
    }  # fmt: skip
    table(rows, columns, empty="Nothing waits for a person.")
    if found["waiting"] > len(rows):
        say(f"{found['waiting'] - len(rows):,} more wait.")
    return found


@command(reviews)
@click.argument("lead")
@click.option("--account", default="", help="Another account's id than the one that is asked about.")
def accept(client: Client, lead: str, account: str) -> Any:
    """Say that LEAD (its id) belongs to the account."""
    return _answered(client, lead, account, "accepted")


@command(reviews)
@click.argument("lead")
@click.option("--account", default="", help="Another account's id than the one that is asked about.")
@click.option("--never", is_flag=True, help="For every lead of its domain (or company).")
def reject(client: Client, lead: str, account: str, *, never: bool) -> Any:
    """Say that LEAD (its id) does not belong to the account."""
    return _answered(client, lead, account, "never" if never else "rejected")


@command(reviews, "undo")
def undo_review(client: Client) -> Any:
    """Take back what this key answered last, within the hour."""
    found = client.write("POST", "/reviews/undo")
    say(f"{found['count']:,} are asked about again.")
    return found


@click.group()
def duplicates() -> None:
    """Records that may be one."""


@command(duplicates, "list")
@click.option(
    "--state", default="open", type=click.Choice(["open", "accepted", "merging", "merged", "rejected", "gone"])
)
@click.option("--limit", default=25, show_default=True, type=click.IntRange(1, 5000))
def list_duplicates(client: Client, state: str, limit: int) -> Any:
    """List the pairs, the surest first."""
    found = client.items("/duplicates", most=limit, state=state)
    columns = {"sure": "confidence", "records": "names", "ids": "ids", "why": "why", "key": "key"}
    table(found, columns, empty="There are none.")
    return found


@command(duplicates)
@click.argument("pair")
def show(client: Client, pair: str) -> Any:
    """Show a PAIR (its key) side by side, and what a merge would do."""
    found = client.get(address("duplicates", pair))
    columns = {"field": "field", "values": "values", "after": "after"}
    table([each for each in found["lines"] if each["differs"]], columns, empty="All fields say the same.")
    pairs({"a merge": found["sentences"], "is lost": found["lost"], "cannot be": found["why_not"]})
    return found


@command(duplicates)
@click.argument("pair")
@click.option("--yes", is_flag=True, help="Do not ask.")
def same(client: Client, pair: str, *, yes: bool) -> Any:
    """Say that a PAIR (its key) is the same, to be merged as is shown."""
    found = client.get(address("duplicates", pair))
    pairs({"a merge": found["sentences"], "is lost": found["lost"]})
    sure("Merge them?", yes=yes)
    made = client.write("POST", address("duplicates", pair), {"same": True, "seen": found["seen"]})
    say(f"{made['state']}.")
    return made


@command(duplicates)
@click.argument("pair")
def different(client: Client, pair: str) -> Any:
    """Say that a PAIR (its key) is not the same."""
    made = client.write("POST", address("duplicates", pair), {"same": False})
    say(f"{made['state']}.")
    return made


@command(duplicates, "undo")
def undo_duplicate(client: Client) -> Any:
    """Take back what this key answered last, within the hour."""
    found = client.write("POST", "/duplicates/undo")
    say(f"{found['count']:,} are asked about again.")
    return found


def _answered(client: Client, lead: str, account: str, verdict: str) -> Any:
    found = client.write("POST", address("reviews", lead), {"verdict": verdict, "account": account})
    say(f"{found['lead']}: {found['state']}.")
    return found
