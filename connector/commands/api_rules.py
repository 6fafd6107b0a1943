"""`switchyard api rules ...`: rules as text, kept in git, tested and published over the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from connector.commands.api_client import Client, Refusal, address
from connector.commands.api_terminal import command, say, sure, table, text_of

CHANGES = {"how": "how", "kind": "kind", "name": "name", "was": "before", "is": "after"}
_FILE = click.Path(allow_dash=True, dir_okay=False, path_type=Path)
BAD = "The rules have faults or red tests."


@click.group()
def rules() -> None:
    """Rules as text: read, check, compare, publish, and take back an earlier edition."""


@command(rules, "list")
def list_rules(client: Client) -> Any:
    """List the rules in their order, and all other items."""
    found = client.get("/rules")
    columns = {"place": "place", "kind": "kind", "name": "name", "state": "state", "caught": "caught", "id": "id"}
    table([*found["rules"], *found["others"], *found["off"]], columns, empty="There are no rules yet.")
    return found


@command(rules)
@click.option("--output", "-o", type=_FILE, help="Write to this file.")
@click.option("--drafts", is_flag=True, help="As it would be with all drafts live.")
def pull(client: Client, output: Path | None, *, drafts: bool) -> Any:
    """Write the rules that are live as one text."""
    found = client.get("/rules/text", which="drafts" if drafts else "live")
    if output and str(output) != "-":
        output.write_text(found["text"], encoding="utf-8")
        say(f"Wrote {output} ({found['version']}).")
    else:
        say(found["text"].rstrip())
    return found


@command(rules)
@click.argument("file", type=_FILE)
@click.option("--why", default="", help="Stands in the history.")
@click.option("--seen", default="", help="The version that was pulled: nothing is pushed over another one.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
def push(client: Client, file: Path, why: str, seen: str, *, yes: bool, dry_run: bool) -> Any:
    """Make FILE live instead of everything that is, when it has no faults and its tests are green."""
    text = text_of(file)
    now = client.send("GET", "/rules/text")
    found = client.write("POST", "/rules/compare", {"text": text})
    _changed(found["changed"])
    if dry_run or not found["changed"]:
        return found
    sure(f"Publish {len(found['changed'])} changes?", yes=yes)
    made = client.write("PUT", "/rules/text", {"text": text, "why": why}, if_match=f'"{seen}"' if seen else now.etag)
    say(f"Live within seconds: {made['written']:,} written, {made['retired']:,} retired.")
    return made


@command(rules)
@click.argument("file", type=_FILE)
def validate(client: Client, file: Path) -> Any:
    """Look for faults in FILE, and run its tests; ends with 6 when it could not go live."""
    return _examined(client.write("POST", "/rules/validate", {"text": text_of(file)}), file)


@command(rules)
@click.argument("file", type=_FILE)
def lint(client: Client, file: Path) -> Any:
    """Look for dead rules, overlaps, gaps and unreachable pools in FILE."""
    found = _examined(client.write("POST", "/rules/lint", {"text": text_of(file)}), file)
    columns = {"severity": "severity", "where": "record", "what": "message", "what to do": "remedy"}
    table(found["hints"], columns, empty="Nothing is odd.")
    return found


@command(rules, "test")
@click.argument("file", type=_FILE, required=False)
def run_tests(client: Client, file: Path | None) -> Any:
    """Run the tests of FILE, or of what is drafted; ends with 6 when one is red."""
    if file:
        return _examined(client.write("POST", "/rules/test", {"text": text_of(file)}), file)
    found = client.get("/rules/drafts/tests")
    _told(found)
    if not found["green"]:
        raise Refusal(BAD, status=422)
    return found


@command(rules)
@click.argument("file", type=_FILE, required=False)
@click.option("--edition", type=click.IntRange(1), help="What differs from this edition to what is live.")
def diff(client: Client, file: Path | None, edition: int | None) -> Any:
    """Tell what FILE (or the drafts, or an edition) changes, item by item."""
    if edition:
        found = client.get(f"/rules/editions/{edition}/diff")
    elif file:
        found = client.write("POST", "/rules/compare", {"text": text_of(file)})
    else:
        found = client.get("/rules/drafts")
    _changed(found["changed"])
    for each in found["changed"]:
        if each["diff"]:
            say(f"\n{each['kind']} {each['name']}\n{each['diff']}")
    return found


@command(rules)
@click.option("--why", default="", help="Stands in the history.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def publish(client: Client, why: str, *, yes: bool) -> Any:
    """Make all drafts live."""
    told = client.send("GET", "/rules/drafts")
    _changed(told.data["changed"])
    if not told.data["ready"]:
        for each in told.data["faults"]:
            say(f"{each['record']}, line {each['line']}: {each['message']} {each['remedy']}")
        _told(told.data["tests"])
        raise Refusal("There is nothing to publish." if not told.data["drafts"] else BAD, status=422)
    sure(f"Publish {told.data['drafts']:,} drafts?", yes=yes)
    made = client.write("POST", "/rules/publish", {"why": why}, if_match=told.etag)
    say(f"Live within seconds: {made['written']:,} written, {made['retired']:,} retired.")
    return made


@command(rules)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
def history(client: Client, limit: int) -> Any:
    """List every rule set that was live, the latest first."""
    found = client.items("/rules/editions", most=limit, sized=False)
    columns = {"number": "number", "at": "at", "by": "by", "why": "why", "live": "is_live", "changed": "names"}
    table(found, columns, empty="Nothing was published yet.")
    return found


@command(rules)
@click.argument("edition", type=click.IntRange(1))
@click.option("--why", default="", help="Stands in the history.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def rollback(client: Client, edition: int, why: str, *, yes: bool) -> Any:
    """Make EDITION (its number) live again, as a new one."""
    sure(f"Make edition {edition} live again?", yes=yes)
    made = client.write("POST", address("rules", "editions", str(edition), "restore"), {"why": why})
    _changed(made["changed"])
    return made


def _changed(found: list[Any]) -> None:
    table(found, CHANGES, empty="Nothing differs.")


def _examined(found: Any, file: Path) -> Any:
    """Tell faults as editors jump to them, and red tests; fail when there are any."""
    for each in found["faults"]:
        say(f"{file}:{each['line']}:{each['column']}: {each['message']} {each['remedy']}")
    _told(found["tests"])
    if not found["ready"]:
        raise Refusal(BAD, status=422)
    return found


def _told(tests: Any) -> None:
    for each in tests["results"]:
        for miss in each["misses"]:
            say(f"red: {each['name']}: {miss['what']} was {miss['found']}, not {miss['expected']}")
    if tests["count"]:
        say(f"{tests['count'] - tests['red']:,} of {tests['count']:,} tests are green.")
