"""Reports in the console: how fast, how well and how fairly leads are routed, as charts over tables, and as CSV."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from connector.desk import pools, sheets, spending
from connector.desk import reports as desk
from connector.desk.faults import NotThere, Unusable
from connector.desk.periods import NAMES, Period, period
from connector.desk.reports import Report
from connector.errors import Later
from connector.store.installs import Install
from connector.web import language
from connector.web.access import asked_by_htmx, seen, services, signed_in

reports = Blueprint("reports", __name__, url_prefix="/installs/<install_id>/reports")

USUAL = "7"
"""The period that is shown when nobody chose one."""
REPS_DRAWN = 8
"""People with a colour of their own in the chart of their load; the others are drawn as one."""


@reports.get("")
@signed_in
def page(install_id: str) -> ResponseReturnValue:
    """Show the reports of a period."""
    mine = seen(install_id, "reports")
    fault = ""
    try:
        chosen = _period()
    except Unusable as error:
        fault, chosen = language.said(error), _usual()
    found = desk.report(services(), mine, chosen)
    return render_template(
        "reports.html",
        install=mine,
        report=found,
        names=NAMES,
        query=_query(chosen),
        given=request.args,
        fault=fault,
        load=_load(found),
        spending=spending.forecast(services(), mine),
    ), 400 if fault else 200


@reports.get("/<name>.csv")
@signed_in
def sheet(install_id: str, name: str) -> ResponseReturnValue:
    """Answer with one table of the reports of a period, for a spreadsheet."""
    mine = seen(install_id, "reports")
    try:
        chosen = _period()
        table = sheets.table(services(), mine, name, chosen)
    except Unusable:
        abort(400)
    except NotThere:
        abort(404)
    except Later:
        abort(503)
    days = (services().clock().date(),) if name in sheets.OF_NOW else (chosen.first, chosen.last)
    file = "-".join((name, *(each.isoformat() for each in days))) + ".csv"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    return Response(sheets.csv(table), mimetype="text/csv", headers=headers)


@reports.get("/fairness")
@signed_in
def fairness(install_id: str) -> ResponseReturnValue:
    """Show what members of pools received of what was due to them; the CRM may be asked who they are."""
    mine = seen(install_id, "reports")
    template = "parts/reports_fairness.html" if asked_by_htmx() else "reports_fairness.html"
    return render_template(template, install=mine, found=_pools(mine))


def _pools(mine: Install) -> pools.Page:
    return pools.read(services(), mine)


def _period() -> Period:
    """Read the period from the address. Raises Unusable."""
    given = request.args
    first, last = given.get("from", ""), given.get("to", "")
    now, zone = services().clock(), language.zone()
    return period(given.get("period", USUAL), now=now, zone=zone, first=first, last=last)


def _usual() -> Period:
    return period(USUAL, now=services().clock(), zone=language.zone())


def _query(chosen: Period) -> dict[str, str]:
    """Return what says a period in an address."""
    if chosen.name != "range":
        return {"period": chosen.name}
    return {"period": "range", "from": chosen.first.isoformat(), "to": chosen.last.isoformat()}


def _load(found: Report) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return who got how many leads on each day; the name "" is all beyond the first."""
    got = [each for each in found.reps if each.total]
    rest = got[REPS_DRAWN:]
    others = tuple(sum(each.per_day[place] for each in rest) for place in range(len(found.period.days)))
    return (*((each.name, each.per_day) for each in got[:REPS_DRAWN]), *([("", others)] if rest else []))
