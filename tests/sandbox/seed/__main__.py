"""``python -m tests.sandbox.seed``: fill running sandboxes."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.sandbox.hubspot.hub import DEFAULT_PORTAL

from .companies import MOST
from .fill import Plan, fill
from .targets import Hubspot, LoadError, Salesforce, Target


@click.command()
@click.option("--salesforce", "salesforce_url", metavar="URL", help="Base URL of a local Salesforce org.")
@click.option("--hubspot", "hubspot_url", metavar="URL", help="Base URL of a local HubSpot.")
@click.option("--portal", default=DEFAULT_PORTAL, show_default=True, help="The HubSpot portal to fill.")
@click.option(
    "--ca", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="PEM file of the sandboxes' own CA."
)
@click.option(
    "--accounts",
    "rich_accounts",
    default=400,
    show_default=True,
    type=click.IntRange(1, MOST),
    help="Accounts with contacts and opportunities; the first are real companies.",
)
@click.option(
    "--contacts", default=2, show_default=True, type=click.IntRange(0, 200), help="Contacts for each of them."
)
@click.option("--opportunities", default=100, show_default=True, type=click.IntRange(0), help="Opportunities in all.")
@click.option(
    "--count",
    type=click.IntRange(1, MOST),
    help="Accounts in all: invented ones without contacts fill up, streamed (up to 1000000). Default: as --accounts.",
)
@click.option("--seed", default=7, show_default=True, help="Another seed, other invented rows.")
def main(
    *,
    salesforce_url: str | None,
    hubspot_url: str | None,
    portal: int,
    ca: Path | None,
    rich_accounts: int,
    contacts: int,
    opportunities: int,
    count: int | None,
    seed: int,
) -> None:
    """Fill running sandboxes with a sales team, queues, real companies, invented people and deals.

    \b
    Example:
      python -m tests.sandbox.seed --salesforce https://localhost:8443 --ca ca.pem --accounts 400 --contacts 2

    Progress goes to stderr, the counts to stdout as JSON. The same options load the same rows, but every run adds them
    anew: use it on an empty sandbox.
    """
    targets: list[Target] = []
    if salesforce_url:
        targets.append(Salesforce(salesforce_url, ca))
    if hubspot_url:
        targets.append(Hubspot(hubspot_url, portal, ca))
    if not targets:
        raise click.UsageError("nothing to fill: give --salesforce URL, --hubspot URL or both")
    total = max(count or 0, rich_accounts)
    plan = Plan(rich_accounts, total, contacts, opportunities, seed)
    click.echo(json.dumps({target.name: _filled(target, plan) for target in targets}, indent=2))


def _filled(target: Target, plan: Plan) -> dict[str, int]:
    rows = plan.total + plan.accounts * plan.contacts + plan.opportunities
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(target.name, total=rows)
        try:
            return fill(target, plan, lambda step: progress.advance(task, step))
        except LoadError as error:
            raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    main()
