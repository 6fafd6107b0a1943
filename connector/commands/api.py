"""The commands `switchyard api ...`: what the console does, over the JSON API, from anywhere."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import click

from connector.commands.api_client import Client
from connector.commands.api_terminal import URL, Columns, Place, command, fail, pairs, say, sure, table

GROUPS = {
    "decisions": "api_decisions.decisions",
    "preview": "api_trying.preview",
    "settings": "api_settings.settings",
    "simulate": "api_trying.simulate",
    "rules": "api_rules.rules",
    "people": "api_people.people",
    "privacy": "api_privacy.privacy",
    "reviews": "api_reviews.reviews",
    "duplicates": "api_reviews.duplicates",
    "runs": "api_runs.runs",
    "reports": "api_runs.reports",
}
"""Commands that stand in files of their own, loaded when they are asked for."""


class Group(click.Group):
    """The commands here and those of GROUPS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in order."""
        return sorted({*super().list_commands(ctx), *GROUPS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name; None when there is none."""
        if cmd_name not in GROUPS:
            return super().get_command(ctx, cmd_name)
        module, _, name = GROUPS[cmd_name].partition(".")
        found: click.Command = getattr(importlib.import_module(f"connector.commands.{module}"), name)
        return found


@click.group(cls=Group)
@click.option("--url", envvar=URL, default="", help=f"Where Switchyard is. [{URL}]")
@click.option(
    "--key-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file with the key; else SWITCHYARD_API_KEY or SWITCHYARD_API_KEY_FILE.",
)
@click.pass_context
def api(context: click.Context, url: str, key_file: Path | None) -> None:
    """Work on an install from anywhere, over the JSON API, with one of its keys.

    The key comes from the environment or a file, never from an option. --json makes any command write JSON. Exit codes:
    0 done, 1 something else, 2 wrong use, 3 no right, 4 nothing there, 5 overtaken or not possible now, 6 not usable,
    7 away or too many requests.
    """
    context.obj = Place(url, key_file)


@command(api)
def status(client: Client) -> Any:
    """Tell how the install is doing."""
    found = client.get("/install")
    shown = {name: found[name] for name in ("name", "crm", "status", "reason", "mode", "rules_version")}
    attention = {name: each for name, each in found["attention"].items() if each}
    pairs({**shown, **found["inbox"], "today": found["today"], "needs you": attention})
    table(found["work"], {"work": "name", "state": "state", "done": "done", "of": "total", "why": "reason"}, empty="")
    return found


@command(api)
@click.argument("wanted", type=click.Choice(["observe", "suggest", "act"]), required=False)
@click.option("--yes", is_flag=True, help="Do not ask before leads change owner.")
def mode(client: Client, wanted: str | None, *, yes: bool) -> Any:
    """Tell or set how far decisions go."""
    if wanted is None:
        found = client.get("/install/settings")
    else:
        if wanted == "act":
            sure("In the mode act, leads change owner. Switch?", yes=yes)
        found = client.write("PUT", "/install/mode", {"mode": wanted, "understood": wanted == "act"})
    pairs(found)
    return found


@command(api)
@click.option("--probe", is_flag=True, help="Try whether events arrive, too; takes some seconds.")
def check(client: Client, *, probe: bool) -> Any:
    """Ask the CRM whether everything is there that is needed."""
    found = client.write("POST", "/check/probe", {}) if probe else client.get("/check")
    columns = {"what": "name", "there": "ok", "detail": "detail", "what to do": "remedy"}
    table(found["lines"], columns, empty="Nothing was checked.")
    say("All is there." if found["ok"] else "Something is missing.")
    return found


@command(api)
def health(client: Client) -> Any:
    """Tell how the machinery of the install is, as a text for a support ticket."""
    found = client.get("/health")
    say(found["ticket"].rstrip())
    return found


@command(api)
def budget(client: Client) -> Any:
    """Tell how many calls to the CRM were made, and how many may be."""
    found = client.get("/budget")
    pairs({name: each for name, each in found.items() if name != "hours"})
    return found


@command(api)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
def changes(client: Client, limit: int) -> Any:
    """List who changed what, the latest first."""
    found = client.items("/changes", most=limit, sized=False)
    columns: Columns = {"at": "at", "who": lambda row: row["name"] or row["by"], "did": "did", "about": "about"}
    table(found, columns, empty="Nothing was changed yet.")
    return found


@command(api)
def keys(client: Client) -> Any:
    """List the API keys of the install."""
    found = client.get("/keys")["items"]
    columns = {"id": "id", "name": "name", "may": "scopes", "last used": "used_at", "revoked": "revoked_at"}
    table(found, columns, empty="There are no keys.")
    return found


@command(api)
@click.argument("key")
@click.option("--yes", is_flag=True, help="Do not ask.")
def revoke(client: Client, key: str, *, yes: bool) -> Any:
    """Have the API key KEY (its id) open nothing any more."""
    sure(f"Revoke the key {key}?", yes=yes)
    found = client.write("DELETE", f"/keys/{key}")
    say(f"{found['name']} opens nothing any more.")
    return found


@command(api)
def retry(client: Client) -> Any:
    """Try everything that stands still again."""
    found = client.write("POST", "/install/retry")
    say(f"{found['count']:,} are tried again.")
    return found


@command(api)
@click.argument("method", type=click.Choice(["GET", "POST", "PUT", "PATCH", "DELETE"], case_sensitive=False))
@click.argument("path")
@click.option("--data", help="The body, as JSON; @file reads it from a file, - from standard input.")
def call(client: Client, method: str, path: str, data: str | None) -> Any:
    """Send any request: METHOD and PATH as in the document, such as GET /reports."""
    told = client.send(method.upper(), "/" + path.lstrip("/"), body=_body(data))
    found = told.data if told.data is not None else told.text
    say(json.dumps(found, ensure_ascii=False, indent=2) if not isinstance(found, str) else found)
    return found


def _body(data: str | None) -> dict[str, Any] | None:
    if data is None:
        return None
    try:
        if data == "-":
            text = sys.stdin.read()
        else:
            text = Path(data[1:]).read_text(encoding="utf-8") if data.startswith("@") else data
        found = json.loads(text)
    except (OSError, ValueError):
        fail("--data is no JSON, or cannot be read.")
    if not isinstance(found, dict):
        fail("--data must be a JSON object.")
    return found
