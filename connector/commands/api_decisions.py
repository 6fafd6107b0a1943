"""`switchyard api decisions ...`: what was decided, why, and taking it back."""

from __future__ import annotations

from typing import Any

import click

from connector.commands.api_client import Client, Refusal, address
from connector.commands.api_terminal import command, pairs, say, sure, table

LINES = {
    "decided": "decided_at", "lead": "lead.name", "outcome": "outcome", "rule": "rule", "to": "assignee.name",
    "account": "account.name", "key": "key",
}  # fmt: skip


@click.group()
def decisions() -> None:
    """What was decided about leads, and why."""


@command(decisions)
@click.argument("text", required=False, default="")
@click.option("--lead", default="", help="The id of a lead.")
@click.option("--email", default="")
@click.option("--company", default="")
@click.option("--rep", default="", help="Name, e-mail address or id of who got it.")
@click.option("--rule", default="", help="The name of the rule.")
@click.option("--outcome", default="", help="assigned, suggested, observed, waiting, merged ...")
@click.option("--state", type=click.Choice(["settled", "intended", "parked"]), help="How far it is.")
@click.option("--since", help="From this moment on, such as 2026-11-23T10:00:00Z.")
@click.option("--until", help="Before this moment.")
@click.option("--limit", default=25, show_default=True, type=click.IntRange(1, 5000))
def search(client: Client, limit: int, **wanted: str | None) -> Any:
    """Find decisions by TEXT (anything: a name, a company, an e-mail address, an id) or by what the options say."""
    body: dict[str, Any] = {name: each for name, each in wanted.items() if each}
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None and len(found) < limit:
        page = client.write("POST", "/decisions/search", {**body, "limit": min(200, limit), "cursor": cursor})
        found.extend(page["items"])
        cursor = page["next"]
    table(found[:limit], LINES, empty="No decision is like that.")
    return found[:limit]


@command(decisions)
@click.argument("decision")
def show(client: Client, decision: str) -> Any:
    """Tell the story of a DECISION (its key)."""
    found = client.get(address("decisions", decision))
    plain = {name: found[name] for name in ("outcome", "state", "trouble", "mode", "rule", "target", "why")}
    who = found["assignee"]["name"] if found["assignee"] else ""
    match = {"why this match": found["match_reason"], "tie": found["tie"], "needed for another": found["needed"]}
    said = {name: text for name, text in match.items() if text}
    pairs({"lead": found["lead"]["name"], "to": who, **plain, **said, "trace": found["trace_id"]})
    table(found["evidence"], {"weight": "weight", f"evidence for {_account(found)}": "text"}, empty="")
    columns = {"rule": "rule", "held": "held", "failed": "failed", "found": "found"}
    table(found["path"], columns, empty="No rule was asked.")
    deeds = {"done": "kind", "what": "subject", "state": "state", "detail": "detail", "at": "at"}
    table(found["deeds"], deeds, empty="Nothing was done.")
    return found


@command(decisions)
@click.argument("lead")
def lead(client: Client, lead: str) -> Any:
    """List all decisions about a LEAD (its id in the CRM)."""
    found = client.get(address("leads", lead))
    table(found["decisions"], LINES, empty="No decision about this lead is kept.")
    return found


@command(decisions, "retry")
@click.argument("decision")
def retry_decision(client: Client, decision: str) -> Any:
    """Try what a parked DECISION could not do again."""
    found = client.write("POST", address("decisions", decision, "retry"))
    say("It is tried again." if found["count"] else "It is not parked.")
    return found


@command(decisions)
@click.argument("decision")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only show what would go back.")
def undo(client: Client, decision: str, *, yes: bool, dry_run: bool) -> Any:
    """Take a DECISION back, after showing what goes back and what does not."""
    found = client.get(address("decisions", decision, "undo"))
    pairs({"goes back": found["back"], "is left": found["left"], "why not": found["why"]})
    if dry_run:
        return found
    if not found["can"]:
        raise Refusal(found["why"] or "Nothing goes back.", status=409)
    sure("Undo it?", yes=yes)
    made = client.write("POST", address("decisions", decision, "undo"))
    say(f"{made['work']} takes it back, behind what happens live.")
    return made


def _account(found: Any) -> str:
    return str(found["account"]["name"]) if found["account"] else "no account"
