"""Long work in the console: readings, mass matches, suggestions, clean-ups, undoes: how far, its cost, beginning it."""

from __future__ import annotations

from math import isfinite
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from connector.desk import runs as desk
from connector.desk import suggestions
from connector.desk.faults import DeskError, NotThere, Unusable
from connector.store.installs import Install
from connector.web.access import asked_by_htmx, me, my_install, seen, services, signed_in, who
from connector.web.language import said

runs = Blueprint("runs", __name__, url_prefix="/installs/<install_id>/runs")

MOVED = {
    "pause": _l("Paused. It stays where it is until you let it go on."),
    "resume": _l("It goes on."),
    "cancel": _l("Cancelled. What it has asked or changed already stays."),
    "apply": _l("What is surely the same is merged now."),
    "undo": _l("Its merges are taken back now, the newest first."),
}
"""What is said when something was done with a run."""


def moved(do: str) -> str:
    """Return what to say when a run was moved."""
    return str(MOVED[do])


@runs.get("")
@signed_in
def listing(install_id: str) -> ResponseReturnValue:
    """Show all long work and what more of it would cost; the page's script asks for the former alone."""
    mine, here = seen(install_id, "matching"), services()
    found = desk.listing(here, mine)
    if asked_by_htmx():
        return render_template("parts/runs.html", install=mine, runs=found)
    return render_template("runs.html", install=mine, runs=found, guess=desk.estimates(here, mine))


@runs.post("")
@signed_in
def begin(install_id: str) -> ResponseReturnValue:
    """Begin what ``what`` says: ``reading``, ``suggest``, or ``match`` or ``try`` of ``which`` (all, unmatched)."""
    mine, by, what = my_install(install_id), me().user_id, request.form.get("what", "")
    try:
        if what == "suggest":
            desk.start_suggesting(services(), mine, by=by, name=me().name)
            flash(_("It begins now, behind what happens live."))
            return _found(mine)
        if what == "reading":
            desk.start_reading(services(), mine, by=by)
        else:
            desk.start_match(services(), mine, work=what, which=request.form.get("which", ""), by=by)
    except Unusable:
        abort(400)
    except DeskError as error:
        flash(said(error), "bad")
        return _back(mine)
    flash(_("It begins now, behind what happens live."))
    return _back(mine)


@runs.get("/contacts")
@signed_in
def contacts(install_id: str) -> ResponseReturnValue:
    """Show which accounts contacts without one may belong to, by the last run, a page at a time; the surest first."""
    mine, here, after, person = seen(install_id, "duplicates"), services(), _behind(), who()
    return render_template(
        "parts/suggestions.html" if asked_by_htmx() else "suggestions.html",
        install=mine,
        run=next((each for each in desk.listing(here, mine) if each.name == desk.SUGGESTIONS), None),
        page=suggestions.listing(here, mine, after=after),
        place=_address(after),
        can_undo=person is not None and suggestions.can_undo(here, mine, by=person.user_id),
    )


@runs.post("/contacts/reject")
@signed_in
def reject(install_id: str) -> ResponseReturnValue:
    """Take down that the contact `contact` does not belong to the account `account`, which is suggested for it."""
    mine, person, told = my_install(install_id), me(), request.form
    try:
        ids = told.get("contact", ""), told.get("account", "")
        suggestions.reject(services(), mine, *ids, by=person.user_id, name=person.name)
    except DeskError as error:
        flash(said(error), "bad")
    else:
        flash(_("Noted. That account is suggested for this contact no more."))
    return _found(mine)


@runs.post("/contacts/undo")
@signed_in
def undo(install_id: str) -> ResponseReturnValue:
    """Take back what the viewer said last of a suggestion."""
    mine, person = my_install(install_id), me()
    try:
        suggestions.undo(services(), mine, by=person.user_id, name=person.name)
    except DeskError as error:
        flash(said(error), "bad")
    else:
        flash(_("Taken back. That account may be suggested again."))
    return _found(mine)


@runs.post("/<name>")
@signed_in
def move(install_id: str, name: str) -> ResponseReturnValue:
    """Do with a run what ``do`` says: pause, resume, cancel, apply or undo."""
    mine, person, do = my_install(install_id), me(), request.form.get("do", "")
    if do not in desk.DOINGS:
        abort(400)
    try:
        desk.move(services(), mine, name, do, by=person.user_id, called=person.name)
    except NotThere:
        abort(404)
    except DeskError as error:
        flash(said(error), "bad")
        return _back(mine)
    flash(moved(do))
    return _back(mine)


def _behind() -> suggestions.Place | None:
    """Return where the page begins that an address asks for (``sure``, ``one``, ``other``); None for the first."""
    told = request.args
    try:
        sure = float(told["sure"])
    except (KeyError, ValueError):
        return None
    ids = told.get("one", ""), told.get("other", "")
    return (sure, *ids) if isfinite(sure) and "".join(ids).isprintable() else None


def _address(place: suggestions.Place | None) -> dict[str, str | float]:
    """Return what names a place in the address of a page."""
    return dict(zip(("sure", "one", "other"), place, strict=True)) if place else {}


def _found(mine: Install) -> ResponseReturnValue:
    place: dict[str, Any] = dict(_address(_behind()))
    return redirect(url_for("runs.contacts", install_id=mine.id, **place), 303)


def _back(mine: Install) -> ResponseReturnValue:
    return redirect(url_for("runs.listing", install_id=mine.id), 303)
