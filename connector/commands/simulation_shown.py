"""How previews, simulations and replays are shown on a terminal, and written to files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from connector.commands.terminal import grid, out, plain
from jobs.preview import Preview
from jobs.replay import Found
from rules.comparison import Comparison, Tally

ROWS = 20
"""Rows of a table that are shown; the file has all."""


def preview(found: Preview) -> None:
    """Tell the whole decision, and what the rules passed over last would have needed."""
    click.echo(plain(found.story()))
    if found.needed:
        click.echo("Passed over just before:")
        for each in found.needed:
            click.echo(plain(f"  {each.rule} would have needed {each.condition} (found: {each.found})"))


def replay(found: Found) -> None:
    """Tell whether a decision came out the same, and if not, what differs and what is gone."""
    where = {"store": "our store", "crm": "the CRM's audit"}.get(found.where, "")
    click.echo(plain(f"Decision {found.key}" + (f", from {where}" if where else "")))
    if found.replay.same:
        click.secho("The same.", fg="green", bold=True)
        return
    for each in found.replay.differences:
        click.secho(plain(f"{each.what}: was {each.then or '-'}, is {each.now or '-'}"), fg="red")
    for sentence in found.replay.gone:
        click.echo(plain(sentence))


def comparison(found: Comparison) -> None:
    """Tell what a simulation found: sums, owners, rules, load, and the first leads that change hands."""
    click.echo(f"{found.leads:,} leads, {found.moves:,} change hands.")
    out().print(_sums(found.before, found.after))
    owners = ((found.name(owner), before, after) for owner, before, after in found.owners())
    out().print(_counts("owner", owners))
    out().print(_counts("rule", found.rules()))
    out().print(_load(found))
    if found.moved:
        out().print(_moved(found))


def write(found: Comparison, path: Path) -> None:
    """Write a comparison to a file: as JSON, or the leads that change hands as CSV with a mark for spreadsheets."""
    if path.suffix.casefold() == ".json":
        path.write_text(json.dumps(found.plain(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    else:
        path.write_text("".join(found.csv()), encoding="utf-8-sig", newline="")


def _sums(before: Tally, after: Tally) -> Table:
    table = grid("", "before", "after")
    for name in ("fallbacks", "unassigned", "kept", "held", "waiting"):
        table.add_row(name, f"{getattr(before, name):,}", f"{getattr(after, name):,}")
    for kind in sorted({*before.escalations, *after.escalations}):
        one, other = before.escalations.get(kind, 0), after.escalations.get(kind, 0)
        table.add_row(f"escalations: {kind}", f"{one:,}", f"{other:,}")
    if before.answered or after.answered:
        table.add_row("acted in time", *(f"{each.in_time:,} of {each.answered:,} known" for each in (before, after)))
    return table


def _counts(what: str, rows: Iterable[tuple[str, int, int]]) -> Table:
    table = grid(what, "before", "after", "change")
    for name, before, after in list(rows)[:ROWS]:
        table.add_row(escape(plain(name)), f"{before:,}", f"{after:,}", f"{after - before:+,}")
    return table


def _load(found: Comparison) -> Table:
    """Return the leads per week, before and after, of those who get most."""
    weeks = sorted({week for each in (found.before, found.after) for own in each.weeks.values() for week in own})[-6:]
    table = grid("leads a week", *weeks)
    busiest = sorted(found.owners(), key=lambda row: (-max(row[1:]), row[0]))[:ROWS]
    for owner, _, _ in busiest:
        cells = (
            f"{found.before.weeks.get(owner, {}).get(week, 0)} → {found.after.weeks.get(owner, {}).get(week, 0)}"
            for week in weeks
        )
        table.add_row(escape(plain(found.name(owner))), *cells)
    return table


def _moved(found: Comparison) -> Table:
    table = grid("lead", "before", "after", "why before", "why after")
    for each in found.moved[:ROWS]:
        one, other = each.before, each.after
        row = (each.name, found.name(one.owner), found.name(other.owner), one.reason, other.reason)
        table.add_row(*(escape(plain(cell)) for cell in row))
    return table
