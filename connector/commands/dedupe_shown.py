"""What `switchyard dedupe` shows: pairs, plans and reports as tables and as JSON values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
from rich.markup import escape

from connector.commands.terminal import grid, out, plain
from connector.services import Services
from connector.store import pairs as store
from connector.store.cleanups import PREFIX
from connector.store.installs import Install
from connector.store.pairs import Asked
from jobs import cleanup_report
from jobs.cleanup_estimate import Estimate
from jobs.cleanup_plans import Looked, side_by_side
from jobs.cleanup_report import Report
from rules.merging.preview import preview
from rules.model import User
from rules.ruleset import RuleSet

SHOWN_KEY = 8
"""Letters of a key that are shown; the first ones are enough to name a pair."""


def one_pair(services: Services, install: Install, start: str) -> Asked:
    """Return the pair whose key begins so. Raises ClickException."""
    with services.database.read() as connection:
        found = store.by_start(connection, install.id, services.seal(install), start)
    if len(found) != 1:
        many = "Several pairs begin" if found else "No pair begins"
        raise click.ClickException(f"{many} with {plain(start)}; see `switchyard dedupe list`.")
    return found[0]


def one_run(services: Services, install: Install, name: str | None) -> Report:
    """Return a run by its name, or the last one. Raises ClickException."""
    with services.database.read() as connection:
        seal = services.seal(install)
        if name:
            whole = name if name.startswith(PREFIX) else f"{PREFIX}{name}"
            found = cleanup_report.report(connection, install.id, seal, whole)
        else:
            found = next(iter(cleanup_report.reports(connection, install.id, seal, limit=1)), None)
    if found is None:
        raise click.ClickException(f"There is no run {plain(name)}." if name else "Nothing was cleaned up yet.")
    return found


def estimate(found: Estimate, ruleset: RuleSet, *, applies: bool) -> None:
    """Tell what a run would come to."""
    policy = ruleset.duplicates
    click.echo(
        f"{found.records:,} records; by the first {found.sampled:,} of them about {found.sets:,} pairs to be looked "
        f"at, {found.sure:,} of them surely the same."
    )
    merging = f", and {found.merging:,} for merging what is sure" if applies else ""
    left = "" if found.left is None else f" {found.left:,} of today's are left for this."
    click.echo(f"Looking costs no API calls; showing and checking pairs about {found.looking:,}{merging}.{left}")
    if applies and not found.fits:
        click.echo("That is more than today's: the run rests and goes on when there are calls again.")
    if policy is None:
        click.echo("The rules have no item `duplicates`: pairs are found, and nothing can be merged.")


def plain_estimate(found: Estimate) -> dict[str, Any]:
    """Return an estimate as JSON values."""
    return {**asdict(found), "fits": found.fits}


def pairs(found: Sequence[Asked], count: int) -> None:
    """Show pairs as a table."""
    if not found:
        click.echo("Nothing waits here.")
        return
    table = grid("key", "sure", "records", "why")
    for each in found:
        told = each.suggestion
        why = told.why or tuple(clue.text for clue in told.evidence[:2])
        names = "\n".join(told.names or each.ids)
        cells = (each.key[:SHOWN_KEY], f"{told.confidence:.1%}", names, "\n".join(why))
        table.add_row(*(escape(plain(cell)) for cell in cells))
    out().print(table)
    if count > len(found):
        click.echo(f"… and {count - len(found):,} more.")


def looked(found: Looked, users: Mapping[str, User], until: datetime) -> None:
    """Show a pair side by side, with what a merge would do, and until when that could be undone."""
    if found.plan is None:
        click.echo("Fewer than two of the records are left.")
        return
    table = grid("field", *(f"{each.kind} {each.id}" for each in found.plan.records), "after")
    for line in side_by_side(found.plan):
        table.add_row(*(escape(plain(cell)) for cell in (line.field, *line.values, line.after)))
    out().print(table)
    click.echo(f"{found.asked.state}, {found.why.confidence:.1%}")
    for clue in found.why.evidence:
        click.echo(plain(f"{clue.weight:+.1f}  {clue.text}"))
    for sentence in (*found.asked.suggestion.why, *found.doubts, *preview(found.plan, users)):
        click.echo(plain(sentence))
    click.echo(f"Merged now, it can be undone until {until:%Y-%m-%d %H:%M} UTC.")


def plain_looked(found: Looked, users: Mapping[str, User], until: datetime) -> dict[str, Any]:
    """Return a pair as it is now as JSON values."""
    told = {**cleanup_report.plain(found.asked), "confidence_now": found.why.confidence, "gone": list(found.gone)}
    if found.plan is None:
        return told
    return {
        **told,
        "survivor": found.plan.survivor.id,
        "losers": [each.id for each in found.plan.losers],
        "values": {name: chosen.value for name, chosen in found.plan.changes.items()},
        "blocked": list(found.plan.blocked),
        "undo_until": until.isoformat(),
        "preview": list(preview(found.plan, users)),
        "fields": [asdict(each) for each in side_by_side(found.plan)],
    }


def report(found: Report) -> None:
    """Show what came of a run."""
    told = found.plain()
    table = grid(found.run.name, "")
    of = f" of {told['of']:,}" if told["of"] else ""
    rows = {
        "begun": f"{found.run.created_at:%Y-%m-%d %H:%M} UTC by {found.run.by}",
        "state": f"{found.state} {told['reason'] if found.state != 'done' else ''}".strip(),
        "records looked at": f"{told['records'] or 0:,}{of}",
        "merges what is sure": "yes" if found.run.applies else "no",
        "API calls": f"{found.run.spent:,} spent on reading and planning, {found.run.calls:,} expected in all",
        **{state: f"{count:,}" for state, count in told["suggestions"].items()},
    }
    for name, value in rows.items():
        table.add_row(name, escape(plain(value)))
    out().print(table)
