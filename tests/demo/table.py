"""What the demo prints: a line per lead as it lands, and the closing table with its checks."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rules.wording.words import percent
from tests.demo.stream import Stream
from tests.demo.watch import HubSpotEye, Landed, SalesforceEye
from tests.sandbox.seed.model import SeedLead


def landed_line(crm: str, lead: SeedLead, landed: Landed, names: Names) -> str:
    """Return one lead's line: who, from where, to whom, by which rule, at which account."""
    sign = {"matched": "[green]●[/green]", "review": "[yellow]●[/yellow]"}.get(landed.match_status, "[dim]○[/dim]")
    who = f"{lead.first_name} {lead.last_name}, {lead.company}".strip(" ,")
    account = names.account(landed.account_id) if landed.match_status == "matched" else "no account"
    sure = f" {percent(landed.confidence)}" if landed.match_status == "matched" else ""
    to = names.person(landed.owner_id)
    return (
        f"   {sign} {crm:<10} {escape(_cut(who, 44)):<44} → {escape(_cut(to, 18)):<18} "
        f"{escape(_cut(landed.rule or landed.outcome, 24)):<24} [dim]{escape(_cut(account, 26))}{sure}[/dim]"
    )


class Names:
    """The names behind a CRM's ids, read when first needed and again when an id is new."""

    def __init__(self, eye: SalesforceEye | HubSpotEye) -> None:
        self._eye = eye
        self._people: dict[str, str] = {}
        self._accounts: dict[str, str] = {}

    def person(self, ref: str) -> str:
        """Return the name of a user or queue."""
        if ref and ref not in self._people:
            self._people = self._eye.people()
        return self._people.get(ref, "nobody")

    def account(self, ref: str) -> str:
        """Return the name of an account."""
        if ref and ref not in self._accounts:
            self._accounts = self._eye.accounts()
        return self._accounts.get(ref, "?")


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


@dataclass(frozen=True)
class _Checks:
    """What must hold of every lead of a stream."""

    without_audit: int
    audited_twice: int
    wrong_owner: int
    not_linked: int
    tasks_wrong: int
    bells_wrong: int

    def __bool__(self) -> bool:
        return not any(vars(self).values())


def closing(say: Console, stream: Stream) -> bool:
    """Print the table of one CRM; True when every lead has exactly one audit, its owner, task and notification."""
    eye, landed = stream.eye, {key: found for key, (found, _) in stream.landed.items()}
    checks = _check(stream)
    people = eye.people()
    table = Table(title=f"{eye.crm}: {len(stream.created)} leads", title_justify="left", show_header=False)
    waits = sorted((at - stream.created[key][1]) * 1000 for key, (_, at) in stream.landed.items())
    right, wrong, missed = _matching(stream)
    table.add_row("matched to an account", f"{sum(each.match_status == 'matched' for each in landed.values())}")
    table.add_row("  right / wrong / missed", f"{right} / {wrong} / {missed}")
    table.add_row("known person (duplicate)", f"{sum(each.duplicate == 'same' for each in landed.values())}")
    table.add_row("outcome", _said(Counter(each.outcome for each in landed.values())))
    table.add_row("by rule", _said(Counter(each.rule or "-" for each in landed.values())))
    table.add_row("to", _said(Counter(people.get(each.owner_id, "-") for each in landed.values())))
    if waits:
        p99 = waits[min(len(waits) - 1, int(len(waits) * 0.99))]
        table.add_row("created to audited, p50 / p99", f"{statistics.median(waits):.0f} / {p99:.0f} ms")
    table.add_row("CRM calls per lead", f"{stream.calls / max(1, len(landed)):.2f}")
    for name, count in vars(checks).items():
        mark = "[green]0[/green]" if not count else f"[red]{count}[/red]"
        table.add_row(name.replace("_", " "), mark)
    say.print()
    say.print(table)
    return bool(checks)


def _check(stream: Stream) -> _Checks:
    """Compare the CRM, read back, with what the audit rows say was decided."""
    eye, created = stream.eye, stream.created
    audits, owners, links = eye.audits(), eye.owners(), eye.links()
    tasks, bells = eye.tasks(), eye.notifications()
    one = {key: audits[key][0] for key in created if key in audits}
    assigned = {key: each for key, each in one.items() if each.outcome == "assigned"}
    people = {key: each for key, each in assigned.items() if each.owner_id}
    matched = {key: each for key, each in one.items() if each.match_status == "matched" and each.outcome == "assigned"}
    return _Checks(
        without_audit=sum(key not in audits for key in created),
        audited_twice=sum(len(audits.get(key, ())) > 1 for key in created),
        wrong_owner=sum(owners[key] != each.owner_id for key, each in people.items()),
        not_linked=sum(links[key] != each.account_id for key, each in matched.items()),
        tasks_wrong=sum(tasks[key] != 1 for key in people),
        bells_wrong=sum(bells[key] != 1 for key in people),
    )


def _matching(stream: Stream) -> tuple[int, int, int]:
    """Count right, wrong and missed accounts against the truth that each seed lead carries."""
    names = stream.eye.accounts()
    right = wrong = missed = 0
    for key, (lead, _) in stream.created.items():
        if key not in stream.landed:
            continue
        landed = stream.landed[key][0]
        given = names.get(landed.account_id, "") if landed.match_status == "matched" else ""
        right += bool(given) and given == lead.truth
        wrong += bool(given) and given != lead.truth
        missed += not given and lead.truth is not None
    return right, wrong, missed


def _said(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())
