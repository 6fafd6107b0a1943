"""Reports as tables for a spreadsheet: plain names of columns, the same in every language, for people and programs."""

from __future__ import annotations

import csv as comma
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, get_args

from connector.desk import pools, reports, spending
from connector.desk.faults import NotThere
from connector.desk.periods import Period
from connector.desk.reports import Report, Spread
from connector.errors import Later
from connector.services import Services
from connector.store.installs import Install
from rules.cells import harmless
from rules.model import Outcome

Cell: TypeAlias = str | int | float | None
Row: TypeAlias = tuple[Cell, ...]

PLACES = 4
"""Decimal places of shares and of what is due."""
BYTE_ORDER_MARK = "\ufeff"
"""By which Excel knows that a file is UTF-8."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: the names of its columns, and its rows."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def table(services: Services, install: Install, name: str, chosen: Period) -> Sheet:
    """Return one table by its name, one of OF_PERIODS or OF_NOW; those of OF_NOW know no period.

    Raises NotThere, and Later when the CRM must say who its users are and does not.
    """
    if name == "fairness":
        return _fairness(pools.read(services, install))
    if name == "calls":
        return _calls(spending.forecast(services, install))
    return sheet(reports.report(services, install, chosen), name)


def sheet(report: Report, name: str) -> Sheet:
    """Return one table of a report, by one of OF_PERIODS. Raises NotThere."""
    if name not in _MAKERS:
        raise NotThere("There is no such report.")
    return _MAKERS[name](report)


def csv(table: Sheet) -> str:
    """Return a table as CSV that no spreadsheet takes for formulas: what looks like one has an apostrophe in front."""
    out = io.StringIO()
    writer = comma.writer(out, quoting=comma.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([[_safe(cell) for cell in row] for row in table.rows])
    return BYTE_ORDER_MARK + out.getvalue()


def _safe(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return harmless(cell)
    return "" if cell is None else cell


def _outcomes(report: Report) -> Sheet:
    names = [each for each in get_args(Outcome) if any(each in day.outcomes for day in report.days)]
    rows: list[Row] = [
        (day.day.isoformat(), *(day.outcomes.get(each, 0) for each in names), day.total) for day in report.days
    ]
    return Sheet(("day", *names, "total"), tuple(rows))


def _spread(spread: Spread, unit: str) -> Sheet:
    return Sheet((f"up to {unit}", "leads"), tuple((each.upto, each.count) for each in spread.buckets))


def _sources(report: Report) -> Sheet:
    columns = ("source", "leads", "matched", "to review", "not matched", "match rate")
    rows = ((each.name, each.total, each.matched, each.review, each.none, each.rate) for each in report.sources)
    return Sheet(columns, tuple(rows))


def _answers(report: Report) -> Sheet:
    columns = ("person", "id", "in time", "late", "never", "went to somebody else", "past due now")
    whole = report.answers
    rows = [("everybody", "", whole.in_time, whole.late, whole.never, whole.none, report.overdue)]
    for each in report.reps:
        found = each.answers
        rows.append((each.name, each.user_id, found.in_time, found.late, found.never, found.none, each.overdue))
    return Sheet(columns, tuple(rows))


def _load(report: Report) -> Sheet:
    days = tuple(day.isoformat() for day in report.period.days)
    rows: list[Row] = [(each.name, each.user_id, *each.per_day, each.total) for each in report.reps]
    return Sheet(("person", "id", *days, "total"), tuple(rows))


def _fairness(page: pools.Page) -> Sheet:
    if page.people is None:
        raise Later("The CRM does not say who its users are", seconds=60)
    columns = ("pool", "person", "id", "share by weight", "received", "due", "ahead", "takes leads now")
    seats = ((board.pool.name, each) for board in page.boards for each in board.seats)
    return Sheet(columns, tuple((pool, *_seat(each)) for pool, each in seats))


def _seat(seat: pools.Seat) -> Row:
    line = seat.line
    rounded = (round(each, PLACES) for each in (line.share, line.got, line.entitled, line.ahead))
    return (line.user.name, line.user.id, *rounded, "no" if seat.why else "yes")


def _calls(spent: spending.Forecast) -> Sheet:
    return Sheet(("hour", "calls"), tuple((at.isoformat(), count) for at, count in spent.hours))


def _counted(counts: Mapping[str, int], name: str) -> Sheet:
    return Sheet((name, "leads"), tuple(counts.items()))


_MAKERS: Mapping[str, Callable[[Report], Sheet]] = {
    "outcomes": _outcomes,
    "speed": lambda report: _spread(report.speed, "seconds"),
    "sources": _sources,
    "unmatched": lambda report: _counted({str(why): count for why, count in report.unmatched.items()}, "reason"),
    "answers": _answers,
    "answered": lambda report: _spread(report.answered, "minutes"),
    "load": _load,
    "rules": lambda report: _counted(report.rules, "rule"),
    "pools": lambda report: _counted(report.pools, "pool"),
}
OF_NOW = ("fairness", "calls")
"""Tables that no period changes."""
OF_PERIODS: tuple[str, ...] = tuple(_MAKERS)
"""Tables of a report."""
