"""`switchyard api runs ...` and `switchyard api reports ...`: long work, and figures over time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from connector.commands.api_client import Client, address
from connector.commands.api_terminal import Columns, command, pairs, say, sure, table, watch

KINDS = ["backfill", "match", "try", "suggest", "cleanup"]
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def runs() -> None:
    """Long work: readings of the CRM, mass matches, suggestions, clean-ups."""


@command(runs, "list")
def list_runs(client: Client) -> Any:
    """List all long work, what is under way first."""
    found = client.get("/runs")["items"]
    columns = {"name": "name", "state": "state", "done": "done", "of": "total", "can": "can", "why": "reason"}
    table(found, columns, empty="There was none yet.")
    return found


@command(runs)
def estimate(client: Client) -> Any:
    """Tell what long work would cost in calls to the CRM."""
    found = client.get("/runs/estimate")
    pairs({name: each for name, each in found.items() if name != "cleanup"})
    pairs({f"cleanup {name}": each for name, each in found["cleanup"].items()})
    return found


@command(runs)
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--which", type=click.Choice(["all", "unmatched"]), default="unmatched", help="For match and try.")
@click.option("--apply", "applies", is_flag=True, help="A clean-up merges what is surely the same.")
@click.option("--yes", is_flag=True, help="Do not ask before anything is merged.")
@click.option("--wait", is_flag=True, help="Wait for the end with a bar.")
def start(client: Client, kind: str, which: str, *, applies: bool, yes: bool, wait: bool) -> Any:
    """Begin long work of a KIND."""
    if applies:
        sure("A clean-up with --apply merges records. Begin?", yes=yes)
    found = client.write("POST", "/runs", {"kind": kind, "which": which, "apply": applies})
    say(f"Begun: {', '.join(found['runs'])}.")
    if wait:
        return {"runs": [_watched(client, each) for each in found["runs"]]}
    return found


@command(runs, "wait")
@click.argument("run")
def wait_for(client: Client, run: str) -> Any:
    """Wait for a RUN (its name) with a bar, and tell what came of it."""
    found = _watched(client, run)
    pairs({name: found[name] for name in ("name", "state", "done", "total", "reason")})
    return found


@command(runs)
@click.argument("run")
def show(client: Client, run: str) -> Any:
    """Tell how far a RUN (its name) is, and what came of it."""
    found = client.get(address("runs", run))
    pairs({name: each for name, each in found.items() if name != "report"})
    pairs(found["report"] or {})
    return found


@command(runs)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 5000))
def suggestions(client: Client, limit: int) -> Any:
    """List the accounts that contacts without one may belong to, as `start suggest` found them."""
    found = client.items("/runs/suggestions", most=limit)
    columns: Columns = {
        "contact": "contact", "its id": "contact_id", "account": "account", "account's id": "account_id",
        "sure": "confidence", "evidence": lambda row: [each["text"] for each in row["evidence"]],
    }  # fmt: skip
    table(found, columns, empty="There are none. `runs start suggest --wait` looks for them.")
    return found


@command(runs)
@click.argument("contact")
@click.argument("account")
def reject(client: Client, contact: str, account: str) -> Any:
    """Say that CONTACT (its id) does not belong to ACCOUNT (its id): it is suggested no more."""
    client.write("POST", "/runs/suggestions/reject", {"contact_id": contact, "account_id": account})
    say(f"{contact} is not suggested to belong to {account} any more.")
    return {"contact_id": contact, "account_id": account}


@command(runs, "take-back")
def take_back(client: Client) -> Any:
    """Take back what this key rejected last of the suggestions, within the hour."""
    client.write("POST", "/runs/suggestions/undo")
    say("It may be suggested again.")
    return {"undone": True}


@command(runs)
@click.argument("run")
@click.argument("file", type=_FILE)
def export(client: Client, run: str, file: Path) -> Any:
    """Write what a RUN found to FILE, as CSV: a clean-up, or suggest:contacts."""
    file.write_text(client.send("GET", address("runs", run, "pairs.csv")).text, encoding="utf-8")
    say(f"Wrote {file}.")
    return {"file": str(file)}


def _move(do: str, *, asks: bool) -> None:
    def moved(client: Client, run: str, *, yes: bool) -> Any:
        if asks:
            sure(f"{do.capitalize()} {run}?", yes=yes)
        found = client.write("POST", address("runs", run, do))
        say(f"{found['name']}: {found['state']}.")
        return found

    moved.__doc__ = f"{do.capitalize()} a RUN (its name)."
    asked = click.option("--yes", is_flag=True, help="Do not ask.")(moved)
    command(runs, do)(click.argument("run")(asked))


for _do, _asks in (("pause", False), ("resume", False), ("cancel", True), ("apply", True), ("undo", True)):
    _move(_do, asks=_asks)


@click.group()
def reports() -> None:
    """Figures over a period."""


_period = click.option(
    "--period",
    default="7",
    show_default=True,
    type=click.Choice(["today", "7", "last-week", "30", "90", "range"]),
    help="Days.",
)
_first = click.option("--first", default="", help="The first day, for --period range.")
_last = click.option("--last", default="", help="The last day.")
_zone = click.option("--zone", default="UTC", show_default=True, help="By whose midnight a day begins.")


@command(reports)
@_period
@_first
@_last
@_zone
def summary(client: Client, **period: str) -> Any:
    """Tell what a period came to."""
    found = client.get("/reports", **period)
    speed = found["speed"]
    pairs(
        {
            "from": found["first"],
            "to": found["last"],
            "leads timed": speed["count"],
            "half within s": speed["p50"],
            "90 % within s": speed["p90"],
            "answered in time": found["answers"]["kept"],
        }
    )
    table(found["reps"], {"who": "name", "leads": lambda row: sum(row["per_day"])}, empty="Nobody got a lead.")
    table(found["sources"], {"source": "name", "matched": "matched", "rate": "rate"}, empty="No lead came in.")
    return found


@command(reports)
@click.argument("name")
@click.argument("file", type=_FILE)
@_period
@_first
@_last
@_zone
def sheet(client: Client, name: str, file: Path, **period: str) -> Any:
    """Write the table NAME to FILE.

    It is one of outcomes, speed, sources, unmatched, answers, answered, load, rules, pools, fairness and calls.
    """
    told = client.send("GET", f"{address('reports', name)}.csv", query=period)
    file.write_text(told.text, encoding="utf-8")
    say(f"Wrote {file}.")
    return {"file": str(file)}


def _watched(client: Client, run: str) -> Any:
    return watch(client, address("runs", run), label=run, pick=_work)


def _work(found: Any) -> Any:
    return {"state": found["state"], "done": found["done"] or 0, "total": found["total"]}
