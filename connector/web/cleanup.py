"""Clean-up in the console: what a run over the whole CRM would come to, the runs there were, and what came of them."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.desk.merging import ruleset_of
from connector.store import pairs
from connector.store.installs import Install
from connector.web.access import asked_by_htmx, me, my_install, services, signed_in
from jobs import cleanup as work
from jobs import cleanup_estimate, cleanup_report
from rules.merging.policy import MergePolicy

log = structlog.get_logger()
cleanup = Blueprint("cleanup", __name__, url_prefix="/installs/<install_id>/cleanup")


@cleanup.get("")
@signed_in
def listing(install_id: str) -> ResponseReturnValue:
    """Show what a run would come to, and the runs there were; the page's script asks for the latter alone."""
    mine, here = my_install(install_id), services()
    seal, ruleset = here.seal(mine), ruleset_of(here, mine)
    policy = ruleset.duplicates
    acts = policy is not None and policy.mode_within(mine.mode) == "act"
    with here.database.read() as connection:
        found = cleanup_report.reports(connection, mine.id, seal)
        if asked_by_htmx():
            return render_template("parts/cleanups.html", install=mine, reports=found, acts=acts)
        guess = cleanup_estimate.estimate(connection, mine, seal, ruleset, here.settings, now=here.clock())
        counts = pairs.counts(connection, mine.id)
    return render_template(
        "cleanup.html",
        install=mine,
        reports=found,
        guess=guess,
        counts=counts,
        policy=policy or MergePolicy(),
        has_policy=policy is not None,
        acts=acts,
    )


@cleanup.post("")
@signed_in
def begin(install_id: str) -> ResponseReturnValue:
    """Begin a run; with ``apply`` it merges what is surely the same."""
    mine, here, person = my_install(install_id), services(), me()
    applies, ruleset, now = request.form.get("apply") == "yes", ruleset_of(here, mine), here.clock()
    seal = here.seal(mine)
    with here.database.read() as connection:
        guess = cleanup_estimate.estimate(connection, mine, seal, ruleset, here.settings, now=now)
    calls = guess.looking + (guess.merging if applies else 0)
    by = person.name or person.user_id
    try:
        name = work.ask(here.database, mine, seal, ruleset, by=by, applies=applies, calls=calls, now=now)
    except work.NotNow as error:
        flash(f"cleanup:not now:{error}", "bad")
        return _back(mine)
    here.ring(mine.id)
    log.info("clean-up begun", install=mine.id, work=name, applies=applies, by=person.user_id)
    flash("cleanup:begun")
    return _back(mine)


@cleanup.post("/<key>")
@signed_in
def move(install_id: str, key: str) -> ResponseReturnValue:
    """Do with a run what ``do`` says: pause, resume, cancel, apply or undo."""
    mine, here = my_install(install_id), services()
    does = _DOES.get(request.form.get("do", ""))
    if does is None:
        abort(400)
    with here.database.read() as connection:
        if cleanup_report.report(connection, mine.id, here.seal(mine), key) is None:
            abort(404)
    done = does(mine, key)
    if done:
        here.ring(mine.id)
        log.info("clean-up moved", install=mine.id, work=key, does=request.form["do"], by=me().user_id)
    flash(f"cleanup:{request.form['do'] if done else 'same'}")
    return _back(mine)


@cleanup.get("/<key>/pairs.csv")
@signed_in
def export(install_id: str, key: str) -> ResponseReturnValue:
    """Hand out what a run found as a table."""
    mine, here = my_install(install_id), services()
    seal = here.seal(mine)
    with here.database.read() as connection:
        if cleanup_report.report(connection, mine.id, seal, key) is None:
            abort(404)
        lines = cleanup_report.csv(cleanup_report.every(connection, mine.id, seal, run=key))
    answer = Response("".join(lines).encode("utf-8-sig"), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{key.replace(":", "-")}.csv"'
    return answer


def _pause(mine: Install, name: str) -> bool:
    with services().database.write() as connection:
        return work.pause(connection, mine.id, name, now=services().clock())


def _resume(mine: Install, name: str) -> bool:
    with services().database.write() as connection:
        return work.resume(connection, mine.id, name, now=services().clock())


def _cancel(mine: Install, name: str) -> bool:
    with services().database.write() as connection:
        return work.cancel(connection, mine.id, name, now=services().clock())


def _apply(mine: Install, name: str) -> bool:
    here = services()
    policy = ruleset_of(here, mine).duplicates
    if policy is None or policy.mode_within(mine.mode) != "act":
        return False
    return work.apply_run(here.database, mine, here.seal(mine), name, now=here.clock())


def _undo(mine: Install, name: str) -> bool:
    here, person = services(), me()
    by = person.name or person.user_id
    return work.undo_run(here.database, mine, here.seal(mine), name, by=by, now=here.clock()) > 0


_DOES: dict[str, Callable[[Install, str], bool]] = {
    "pause": _pause, "resume": _resume, "cancel": _cancel, "apply": _apply, "undo": _undo,
}  # fmt: skip


def _back(mine: Install) -> ResponseReturnValue:
    return redirect(url_for("cleanup.listing", install_id=mine.id), 303)
