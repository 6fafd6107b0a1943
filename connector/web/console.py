"""The console: what is connected, how it is doing, and the few things that can be changed here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.desk import checks, retelling
from connector.desk import home as desk
from connector.desk import settings as choices
from connector.desk.checks import Checked
from connector.desk.faults import DeskError
from connector.errors import Later, Next, Revoked
from connector.store.installs import Install
from connector.web import needs
from connector.web.access import asked_by_htmx, me, my_install, my_installs, seen, services, signed_in, visitor
from connector.web.language import said
from oauth import hosts, typed
from oauth.answers import NotGranted

log = structlog.get_logger()
console = Blueprint("console", __name__)

UNFIT = 422
TONES = {
    "assigned": "good",
    "suggested": "primary",
    "observed": "primary",
    "kept": "plain",
    "refused": "bad",
    "waiting": "wait",
}
"""The colours of outcomes in charts; what is not named takes the next of the palette."""


@console.get("/")
def home() -> ResponseReturnValue:
    """Say what Switchyard is and how to connect; to people who are signed in, show their installs."""
    crms = services().settings.crms
    found = visitor()
    if found is None or found.role == "rep":
        return render_template("front.html", crms=crms)
    summaries = [desk.summary(services(), install) for install in my_installs()]
    return render_template("home.html", crms=crms, summaries=summaries)


@console.get("/own-domain")
def own_domain() -> ResponseReturnValue:
    """Show a link to the My Domain address that was typed.

    A form may not lead off our site (``form-action 'self'``, redirects included), a link may.
    """
    given = request.args.get("domain", "")
    try:
        host = hosts.login("custom", given, services().settings).removeprefix("https://")
    except NotGranted:
        return render_template("own_domain.html", host="", given=given), 400
    return render_template("own_domain.html", host=host, proof=typed.proof(host))


@console.get("/installs/<install_id>")
@signed_in
def install(install_id: str) -> ResponseReturnValue:
    """Show the home of an install: how it stands, what came in today, what needs a person."""
    page = desk.read(services(), seen(install_id, "home"))
    return render_template("install.html", page=page, needs=needs.of(page), tones=TONES)


@console.get("/installs/<install_id>/today")
@signed_in
def today(install_id: str) -> ResponseReturnValue:
    """Return what came in today: the part of the home that its script asks for again."""
    mine = seen(install_id, "home")
    return render_template("parts/today.html", install=mine, today=desk.today(services(), mine))


@console.post("/installs/<install_id>/first-steps")
@signed_in
def first_steps(install_id: str) -> ResponseReturnValue:
    """Hide the first steps, or show them again."""
    mine = my_install(install_id)
    desk.hide_steps(services(), mine, hide=request.form.get("show") != "yes")
    return _back(mine)


@console.get("/installs/<install_id>/work")
@signed_in
def work(install_id: str) -> ResponseReturnValue:
    """Show how far setup and backfill are; the polling script gets that part of the page alone."""
    mine = seen(install_id, "home")
    template = "parts/work.html" if asked_by_htmx() else "work.html"
    return render_template(template, install=mine, work=desk.work(services(), mine))


@console.post("/installs/<install_id>/work")
@signed_in
def work_again(install_id: str) -> ResponseReturnValue:
    """Start what had stopped from its beginning."""
    mine = my_install(install_id)
    desk.work_again(services(), mine, by=me().user_id)
    flash("work")
    return _back(mine)


@console.post("/installs/<install_id>/setup")
@signed_in
def set_up_again(install_id: str) -> ResponseReturnValue:
    """Set an install up once more: what is missing of ours in the CRM is made, and a better place there is used."""
    mine = my_install(install_id)
    choices.set_up_again(services(), mine, by=me().user_id)
    flash("work")
    return _back(mine)


@console.post("/installs/<install_id>/retry")
@signed_in
def retry(install_id: str) -> ResponseReturnValue:
    """Try every parked letter and decision again."""
    mine = my_install(install_id)
    count = desk.retry(services(), mine, by=me().user_id)
    flash(f"retried:{count}")
    return _back(mine)


@console.get("/installs/<install_id>/check")
@signed_in
def check(install_id: str) -> ResponseReturnValue:
    """Ask the CRM whether everything is there that the product needs: at once with ``run=now``, else by the script."""
    mine = my_install(install_id)
    if not asked_by_htmx() and request.args.get("run") != "now":
        return render_template("check.html", install=mine)
    asked = _asked(mine, lambda: _checked(mine))
    template = "parts/check.html" if asked_by_htmx() else "check.html"
    return render_template(template, install=mine, asked=True, **asked)


@console.post("/installs/<install_id>/check/probe")
@signed_in
def probe(install_id: str) -> ResponseReturnValue:
    """Find out whether events arrive; takes some seconds, in which the rest of the page stays usable."""
    mine = my_install(install_id)
    watch = request.form.get("watch") == "yes"
    template = "parts/checked.html" if asked_by_htmx() else "probe.html"
    asked = _asked(mine, lambda: checks.probe(services(), mine, watch=watch, by=me().user_id))
    return render_template(template, install=mine, **asked)


@console.route("/installs/<install_id>/disconnect", methods=["GET", "POST"])
@signed_in
def disconnect(install_id: str) -> ResponseReturnValue:
    """Say what is deleted; on POST with the name typed, leave the CRM, destroy the key and every row."""
    mine = my_install(install_id)
    page: dict[str, Any] = {"install": mine, "rules_here": desk.keeps_rules(services(), mine)}
    if request.method == "GET":
        return render_template("disconnect.html", **page)
    try:
        choices.disconnect(services(), mine, typed=request.form.get("name", ""), by=me().user_id)
    except DeskError as error:
        return render_template("disconnect.html", **page, fault=said(error)), UNFIT
    flash("disconnected")
    return redirect(url_for("console.home"), 303)


def _back(mine: Install) -> ResponseReturnValue:
    return redirect(url_for("console.install", install_id=mine.id), 303)


def _checked(mine: Install) -> Checked:
    """Ask whether everything is there, and note that this first step was taken."""
    found = checks.check(services(), mine)
    desk.took(services(), mine, "check", detail=str(found.missing))
    return found


def _asked(mine: Install, ask: Callable[[], Checked]) -> dict[str, Any]:
    """Ask for the lines of a check; an error that says what comes next becomes part of the answer."""
    seconds = round(services().settings.probe_seconds)
    try:
        found = ask()
    except Next as error:
        kind = "later" if isinstance(error, Later) else "revoked" if isinstance(error, Revoked) else "refused"
        log.warning("check not made", install=mine.id, kind=kind)
        wait = error.seconds if isinstance(error, Later) else 0.0
        return {"checks": (), "problem": retelling.reason(str(error)), "kind": kind, "seconds": wait}
    lines = {"checks": found.lines, "can_probe": found.can_probe, "probe_seconds": seconds}
    return {**lines, "problem": "", "kind": ""}
