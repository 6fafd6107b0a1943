"""Simulations in the console: start one, see how far it is, and compare what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connector.desk import editions, simulations
from connector.desk.faults import DeskError, NotThere
from connector.desk.rulebook import Faulty
from connector.desk.simulations import EDITION, Wish
from connector.errors import Next
from connector.services import Services
from connector.store.installs import Install
from connector.web.access import asked_by_htmx, me, my_install, seen, services, signed_in
from connector.web.language import said
from connector.web.rules import UNFIT, words_of
from rules.faults import Fault

simulation = Blueprint("simulation", __name__, url_prefix="/installs/<install_id>/simulations")

LONGEST_FORM = 8 * 1024 * 1024
"""Bytes of rules and of a table that may be sent: some fifty thousand leads."""
PAGE = 50
"""Leads that change hands, a page."""
BUSIEST = 30
"""People whose load is shown; the files have all."""
WEEKS = 6


@dataclass(frozen=True, slots=True)
class Load:
    """How many leads somebody gets in each week, before and after."""

    name: str
    weeks: tuple[tuple[int, int], ...]


@simulation.url_value_preprocessor
def room(_endpoint: str | None, _values: Mapping[str, Any] | None) -> None:
    """Let rules and tables in; before the token is looked for in the form, which reads it."""
    request.max_content_length = LONGEST_FORM
    request.max_form_memory_size = LONGEST_FORM


@simulation.get("")
@signed_in
def listing(install_id: str) -> ResponseReturnValue:
    """Show the form and the simulations there were; the page's script asks for the latter alone."""
    mine = seen(install_id, "rules")
    known = simulations.listing(services(), mine)
    if asked_by_htmx():
        return render_template("parts/simulations.html", install=mine, known=known)
    wish = Wish(after=request.args.get("after", "drafts"), before=request.args.get("before", "live"),
                days=request.args.get("days", 30, type=int))  # fmt: skip
    return _page(mine, wish)


@simulation.post("")
@signed_in
def start(install_id: str) -> ResponseReturnValue:
    """Have workers simulate what a form says."""
    mine, person = my_install(install_id), me()
    told, sheet = request.form, request.files.get("sheet")
    wish = Wish(
        after=told.get("after", ""),
        before=told.get("before", ""),
        text=told.get("text", "").replace("\r\n", "\n"),
        days=told.get("days", 0, type=int),
        sheet=sheet.read() if sheet and sheet.filename else b"",
        open_days=told.get("open_days", 7, type=int),
    )
    try:
        made = simulations.start(services(), mine, wish, by=person.user_id, name=person.name or person.user_id)
    except DeskError as error:
        faults = error.faults if isinstance(error, Faulty) else ()
        return _page(mine, wish, said(error), faults, error.field), UNFIT
    except Next as error:
        return _page(mine, wish, words_of(error)), UNFIT
    flash(_("It begins behind what happens live. This page says how far it is."))
    return redirect(url_for("simulation.show", install_id=mine.id, key=made.partition(":")[2]), 303)


@simulation.get("/<key>")
@signed_in
def show(install_id: str, key: str) -> ResponseReturnValue:
    """Show how far a simulation is, or what came of it; the page's script asks for that part alone."""
    mine = seen(install_id, "rules")
    try:
        work = simulations.standing(services(), mine, key)
    except NotThere:
        abort(404)
    found = simulations.result(services(), mine, key) if work.state == "done" else None
    page = max(1, request.args.get("page", 1, type=int))
    moved: Sequence[Mapping[str, Any]] = found["moved"] if found else ()
    last = max(1, -(-len(moved) // PAGE))
    page = min(page, last)
    return render_template(
        "parts/simulation.html" if asked_by_htmx() else "simulation.html",
        install=mine,
        work=work,
        found=found,
        moved=moved[(page - 1) * PAGE : page * PAGE],
        kept=len(moved),
        page=page,
        last=last,
        loads=_loads(found) if found else (),
        weeks=_weeks(found) if found else (),
    )


@simulation.post("/<key>")
@signed_in
def move(install_id: str, key: str) -> ResponseReturnValue:
    """Do with a simulation what ``do`` says: pause, resume or cancel."""
    mine = my_install(install_id)
    does = _DOES.get(request.form.get("do", ""))
    if does is None:
        abort(400)
    try:
        does(services(), mine, key)
    except NotThere:
        abort(404)
    except DeskError as error:
        flash(said(error), "bad")
    return redirect(url_for("simulation.show", install_id=mine.id, key=key), 303)


@simulation.get("/<key>/<any(csv, json):form>")
@signed_in
def export(install_id: str, key: str, form: str) -> ResponseReturnValue:
    """Hand out the leads that change hands as a table, or everything as JSON."""
    mine = seen(install_id, "rules")
    try:
        found = simulations.result(services(), mine, key)
        lines = simulations.csv(services(), mine, key) if form == "csv" else []
    except NotThere:
        abort(404)
    if found is None:
        abort(404)
    if form == "csv":
        answer = Response("".join(lines).encode("utf-8-sig"), mimetype="text/csv")
    else:
        answer = Response(json.dumps(found, ensure_ascii=False, indent=2) + "\n", mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="simulation-{key}.{form}"'
    return answer


def _page(mine: Install, wish: Wish, trouble: str = "", faults: Sequence[Fault] = (), field: str = "") -> str:
    known, _older = editions.history(services(), mine)
    return render_template(
        "simulations.html",
        install=mine,
        known=simulations.listing(services(), mine),
        wish=wish,
        trouble=trouble,
        faults=faults,
        wrong={field: trouble} if field and not faults else {},
        editions=[(f"{EDITION}{each.number}", each.number) for each in known],
    )


def _weeks(found: Mapping[str, Any]) -> tuple[str, ...]:
    own = [set(weeks) for side in ("before", "after") for weeks in found[side]["weeks"].values()]
    return tuple(sorted(set().union(*own)))[-WEEKS:]


def _loads(found: Mapping[str, Any]) -> tuple[Load, ...]:
    """Return the load a week of those who get most."""
    weeks, before, after = _weeks(found), found["before"]["weeks"], found["after"]["weeks"]
    busiest = sorted(found["owners"], key=lambda row: (-max(row["before"], row["after"]), row["name"]))[:BUSIEST]
    return tuple(
        Load(row["name"], tuple((before.get(row["id"], {}).get(week, 0), after.get(row["id"], {}).get(week, 0))
                                for week in weeks))
        for row in busiest
    )  # fmt: skip


def _pause(here: Services, mine: Install, key: str) -> None:
    simulations.pause(here, mine, key, by=me().user_id)
    flash(_("Paused. It stays where it is until you let it go on."))


def _resume(here: Services, mine: Install, key: str) -> None:
    simulations.resume(here, mine, key, by=me().user_id)
    flash(_("It goes on."))


def _cancel(here: Services, mine: Install, key: str) -> None:
    simulations.cancel(here, mine, key, by=me().user_id)
    flash(_("Cancelled. Nothing is kept of it."))


_DOES: dict[str, Callable[[Services, Install, str], None]] = {"pause": _pause, "resume": _resume, "cancel": _cancel}
