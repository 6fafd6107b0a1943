"""Pools and people in the console: who received how much of what was due, who takes leads now, who is away and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from babel.dates import format_skeleton
from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connector.desk import people as desk
from connector.desk import pools as boards
from connector.desk.faults import DeskError, NotThere, Unusable
from connector.store.installs import Install
from connector.web.access import may_see, me, my_install, seen, services, signed_in
from connector.web.language import said
from rules.model import User
from rules.wording import catalogue

pools = Blueprint("pools", __name__, url_prefix="/installs/<install_id>/pools")

PAUSE, RESUME = "pause", "resume"
UNFIT = 422
RULES_NEW = "rule_editor.new"
"""The page on which a new item of the rules is written."""


@pools.app_template_filter()
def weekday(day: date) -> str:
    """Return a day as the head of a narrow column: ``Mon 23``."""
    spoken = catalogue.spoken()
    return str(format_skeleton("EEEd", day, locale="en_GB" if spoken == catalogue.ENGLISH else spoken))


@pools.get("")
@signed_in
def listing(install_id: str) -> ResponseReturnValue:
    """Show each pool with its members, and the next timers."""
    mine = seen(install_id, "people")
    return render_template("pools.html", install=mine, page=boards.read(services(), mine), new_pool=_new_pool(mine))


@pools.get("/people")
@signed_in
def people(install_id: str) -> ResponseReturnValue:
    """List everybody who is in a pool, has leads or is away, with their load."""
    mine = seen(install_id, "people")
    return render_template("people.html", install=mine, page=desk.people(services(), mine), new_pool=_new_pool(mine))


@pools.get("/people/<key>")
@signed_in
def person(install_id: str, key: str) -> ResponseReturnValue:
    """Show one person: their pools, their week, what is planned."""
    return _person(seen(install_id, "people"), key)


@pools.post("/people/<key>")
@signed_in
def set_pause(install_id: str, key: str) -> ResponseReturnValue:
    """Have the user `key` take no leads (`do`: pause; `for` as on their own page), or again (resume), in every pool."""
    mine, wish = my_install(install_id), request.form.get("do", "")
    if wish not in {PAUSE, RESUME}:
        abort(400)
    here, by = services(), me().user_id
    try:
        if wish == RESUME:
            done = desk.resume(here, mine, key, by=by)
            flash(_("They take leads again.") if done else _("Nothing was changed: they were not paused."))
        else:
            user = desk.person(here, mine, key).user
            choice, local = request.form.get("for", desk.NOTICE), request.form.get("until", "")
            until = desk.ends(choice, local, user, here.clock())
            desk.pause(here, mine, key, until=until, by=by)
            flash(_("Paused. They get no lead of any pool until then; what they have stays with them."))
    except Unusable as error:
        if request.form.get("from") == "person":
            return _person(mine, key, wrong={error.field: said(error)}), UNFIT
        flash(_("Nothing was changed. %(why)s", why=said(error)), "bad")
    except DeskError as error:
        flash(_("Nothing was changed. %(why)s", why=said(error)), "bad")
    return _back(mine, key)


@pools.post("/people/<key>/absences")
@signed_in
def plan(install_id: str, key: str) -> ResponseReturnValue:
    """Plan an absence for the user `key`, from the day `first` to the day `last` of their own."""
    mine = my_install(install_id)
    try:
        user = desk.person(services(), mine, key).user
    except NotThere:
        abort(404)
    wrong = planned(mine, user, by=me().user_id)
    if wrong:
        return _person(mine, key, wrong=wrong), UNFIT
    return redirect(url_for("pools.person", install_id=mine.id, key=key), 303)


@pools.post("/people/<key>/absences/<first>")
@signed_in
def unplan(install_id: str, key: str, first: str) -> ResponseReturnValue:
    """Take back the absence of the user `key` that begins on the day `first`."""
    mine = my_install(install_id)
    flash(*unplanned(mine, key, first, by=me().user_id))
    return redirect(url_for("pools.person", install_id=mine.id, key=key), 303)


def planned(install: Install, user: User, *, by: str) -> dict[str, str]:
    """Plan the absence that a form asks for; return what is wrong, by the name of the box, {} when nothing is."""
    days: dict[str, date] = {}
    for box in ("first", "last"):
        try:
            days[box] = date.fromisoformat(request.form.get(box, ""))
        except ValueError:
            return {box: str(_("Give the first and the last day."))}
    try:
        desk.plan(services(), install, user, first=days["first"], last=days["last"], by=by)
    except DeskError as error:
        return {error.field: said(error)}
    flash(_("Planned. No leads come on these days; what is there stays."))
    return {}


def unplanned(install: Install, user_id: str, first: str, *, by: str) -> tuple[str, str]:
    """Take back an absence by its first day; return what to say, and how."""
    try:
        desk.unplan(services(), install, user_id, date.fromisoformat(first), by=by)
    except ValueError:
        abort(404)
    except DeskError as error:
        return _("Nothing was changed. %(why)s", why=said(error)), "bad"
    return _("Removed. Leads come on these days again."), "message"


def _person(install: Install, key: str, *, wrong: Mapping[str, str] | None = None) -> str:
    """Return the page of a person; `wrong` is what to say at a box of it, by its name."""
    try:
        found = desk.person(services(), install, key)
    except NotThere:
        abort(404)
    known = boards.everyone(services(), install) or {}
    return render_template(
        "person.html", install=install, person=found, people=known, choices=desk.CHOICES, wrong=wrong or {}
    )


def _new_pool(install: Install) -> str:
    """Return where a pool is made, as far as there is such a page and the viewer may make one."""
    there = RULES_NEW in current_app.view_functions and may_see("access")
    return url_for(RULES_NEW, install_id=install.id, kind="pool") if there else ""


def _back(install: Install, key: str) -> ResponseReturnValue:
    if request.form.get("from") == "person":
        return redirect(url_for("pools.person", install_id=install.id, key=key), 303)
    if request.form.get("from") == "people":
        return redirect(url_for("pools.people", install_id=install.id), 303)
    return redirect(url_for("pools.listing", install_id=install.id), 303)
