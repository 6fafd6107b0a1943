"""Clean-up in the console: what a run over the whole CRM would come to, the runs there were, and what came of them."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connector.desk import runs as desk
from connector.desk.faults import DeskError, NotThere, Unusable
from connector.desk.merging import ruleset_of
from connector.store import pairs
from connector.store.installs import Install
from connector.web.access import asked_by_htmx, me, my_install, seen, services, signed_in
from connector.web.language import said
from connector.web.runs import moved
from rules.merging.policy import MergePolicy

cleanup = Blueprint("cleanup", __name__, url_prefix="/installs/<install_id>/cleanup")

KIND = "cleanup"


@cleanup.get("")
@signed_in
def listing(install_id: str) -> ResponseReturnValue:
    """Show what a run would come to, and the runs there were; the page's script asks for the latter alone."""
    mine, here = seen(install_id, "duplicates"), services()
    found = [each for each in desk.listing(here, mine) if each.kind == KIND]
    if asked_by_htmx():
        return render_template("parts/cleanups.html", install=mine, runs=found)
    ruleset = ruleset_of(here, mine)
    policy = ruleset.duplicates
    with here.database.read() as connection:
        counts = pairs.counts(connection, mine.id)
    return render_template(
        "cleanup.html",
        install=mine,
        runs=found,
        guess=desk.estimate_cleanup(here, mine, ruleset),
        counts=counts,
        policy=policy or MergePolicy(),
        has_policy=policy is not None,
        acts=policy is not None and policy.mode_within(mine.mode) == "act",
    )


@cleanup.post("")
@signed_in
def begin(install_id: str) -> ResponseReturnValue:
    """Begin a run; with ``apply`` it merges what is surely the same."""
    mine, person = my_install(install_id), me()
    applies = request.form.get("apply") == "yes"
    try:
        desk.start_cleanup(services(), mine, applies=applies, by=person.user_id, name=person.name)
    except DeskError as error:
        flash(said(error), "bad")
        return _back(mine)
    flash(_("It begins now, behind what happens live."))
    return _back(mine)


@cleanup.post("/<key>")
@signed_in
def move(install_id: str, key: str) -> ResponseReturnValue:
    """Do with a run what ``do`` says: pause, resume, cancel, apply or undo."""
    mine, person = my_install(install_id), me()
    do = request.form.get("do", "")
    try:
        desk.move(services(), mine, key, do, by=person.user_id, called=person.name)
    except NotThere:
        abort(404)
    except Unusable as error:
        if do not in desk.DOINGS:
            abort(400)
        flash(said(error), "bad")
        return _back(mine)
    except DeskError as error:
        flash(said(error), "bad")
        return _back(mine)
    flash(moved(do))
    return _back(mine)


@cleanup.get("/<key>/pairs.csv")
@signed_in
def export(install_id: str, key: str) -> ResponseReturnValue:
    """Hand out what a run found as a table."""
    mine = seen(install_id, "duplicates")
    try:
        lines = desk.export(services(), mine, key)
    except NotThere:
        abort(404)
    answer = Response("".join(lines).encode("utf-8-sig"), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{key.replace(":", "-")}.csv"'
    return answer


def _back(mine: Install) -> ResponseReturnValue:
    return redirect(url_for("cleanup.listing", install_id=mine.id), 303)
