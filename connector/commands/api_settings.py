"""`switchyard api settings ...`: how an install is set, and how it tells people of leads."""

from __future__ import annotations

from typing import Any

import click

from connector.commands.api_client import Client
from connector.commands.api_terminal import command, pairs, sure

BELLS = ["always", "at work", "never"]
LANGUAGES = ["en", "pt_BR", "es", "fr", "de"]
OLDER = "Decisions that are older are deleted here: nobody can look them up or take them back any more. Go on?"
FEWER = "Merges that are older cannot be taken back any more: their snapshots are deleted. Go on?"
SILENT = "Nobody will be told of a lead unless its rule says so. Go on?"


@click.group()
def settings() -> None:
    """How the install is set: how people are told, languages, how long things are kept."""


@command(settings)
def show(client: Client) -> Any:
    """Tell how the install is set."""
    return _told(client.get("/install/settings"))


@command(settings)
@click.option("--task/--no-task", default=None, help="Whether whoever gets a lead has a task.")
@click.option("--notification", type=click.Choice(BELLS), help="When whoever gets a lead is notified.")
@click.option("--reminders", type=click.Choice(["both", "task", "notification"]), help="By what people are reminded.")
@click.option("--yes", is_flag=True, help="Do not ask before nobody is told any more.")
def tell(client: Client, *, task: bool | None, notification: str | None, reminders: str | None, yes: bool) -> Any:
    """Choose how people are told of leads where the rules leave it open; what is left out stays."""
    wanted = {"task": task, "notification": notification, "reminders": reminders}
    body: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
    after = {**client.get("/install/settings"), **body}
    if not after["task"] and after["notification"] == "never":
        sure(SILENT, yes=yes)
        body["nobody_told"] = True
    return _told(client.write("PATCH", "/install/settings", body))


@command(settings)
@click.option("--language", type=click.Choice(LANGUAGES), help="For those whose own one is unknown or none of ours.")
@click.option("--one-language/--own-languages", default=None, help="To everybody, or to those alone.")
@click.option("--console", type=click.Choice([*LANGUAGES, "browser"]), help="For who has chosen none in the console.")
def speak(client: Client, *, language: str | None, one_language: bool | None, console: str | None) -> Any:
    """Choose the languages of tasks, notifications and audit records, and of the console; what is left out stays."""
    wanted = {
        "language": language,
        "one_language": one_language,
        "console_language": "" if console == "browser" else console,
    }
    body = {name: value for name, value in wanted.items() if value is not None}
    return _told(client.write("PATCH", "/install/settings", body))


@command(settings)
@click.argument("days", type=click.IntRange(1, 3650))
@click.option("--yes", is_flag=True, help="Do not ask before older decisions are deleted.")
def keep(client: Client, days: int, *, yes: bool) -> Any:
    """Keep decisions here for so many DAYS; the CRM keeps its audit records."""
    return _kept(client, "decision_days", days, OLDER, yes=yes)


@command(settings, "keep-snapshots")
@click.argument("days", type=click.IntRange(1, 3650))
@click.option("--yes", is_flag=True, help="Do not ask before older merges cannot be taken back any more.")
def keep_snapshots(client: Client, days: int, *, yes: bool) -> Any:
    """Have merges be taken back for so many DAYS; snapshots of older ones are deleted in the CRM."""
    return _kept(client, "undo_days", days, FEWER, yes=yes)


def _kept(client: Client, field: str, days: int, question: str, *, yes: bool) -> Any:
    """Change how many days something is kept, after asking where they are fewer than now."""
    body: dict[str, Any] = {field: days}
    if days < client.get("/install/settings")[field]:
        sure(question, yes=yes)
        body["fewer_understood"] = True
    return _told(client.write("PATCH", "/install/settings", body))


def _told(found: Any) -> Any:
    pairs(found)
    return found
