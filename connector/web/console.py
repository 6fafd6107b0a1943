"""The console: what is connected, how it is doing, and the few things that can be changed here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import structlog
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.crm import Crm
from connector.errors import Later, Next, Revoked
from connector.rows import Check
from connector.store import decisions, installs, letters, progress
from connector.store.installs import Install
from connector.store.rulesets import Live
from connector.web import views
from connector.web.access import asked_by_htmx, me, my_install, my_installs, services, signed_in, who
from connector.web.story import lead_name
from oauth import hosts, typed
from oauth.answers import NotGranted
from oauth.flow import SETUP
from rules.model import Mode
from rules.ruleset import RuleSet, RuleSetError, load

log = structlog.get_logger()
console = Blueprint("console", __name__)

MODES = ("observe", "suggest", "act")


@console.get("/")
def home() -> ResponseReturnValue:
    """Say what Switchyard is and how to connect; to people who are signed in, show their installs."""
    crms = services().settings.crms
    if who() is None:
        return render_template("front.html", crms=crms)
    summaries = [views.summary(install) for install in my_installs()]
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
    """Show one install: state, progress, decisions, mode, rules."""
    mine = my_install(install_id)
    page = views.overview(mine)
    return render_template(
        "install.html",
        page=page,
        work=page.work,
        rules=_in_force(page.live),
        rules_here=views.keeps_rules(mine),
        lead_name=lead_name,
    )


@console.get("/installs/<install_id>/work")
@signed_in
def work(install_id: str) -> ResponseReturnValue:
    """Show how far setup and backfill are; the polling script gets that part of the page alone."""
    mine = my_install(install_id)
    template = "parts/work.html" if asked_by_htmx() else "work.html"
    return render_template(template, install=mine, work=views.work(mine))


@console.post("/installs/<install_id>/work")
@signed_in
def work_again(install_id: str) -> ResponseReturnValue:
    """Start what had stopped from its beginning."""
    mine = my_install(install_id)
    here = services()
    with here.database.write() as connection:
        failed = [each.name for each in progress.of(connection, mine.id) if each.state == "failed"]
        for name in failed:
            progress.start(connection, mine.id, name, now=here.clock())
    here.ring(mine.id)
    flash("work")
    return _back(mine)


@console.post("/installs/<install_id>/setup")
@signed_in
def set_up_again(install_id: str) -> ResponseReturnValue:
    """Set an install up once more: what is missing of ours in the CRM is made, and a better place there is used."""
    mine = my_install(install_id)
    here = services()
    with here.database.write() as connection:
        progress.start(connection, mine.id, SETUP, now=here.clock())
    here.ring(mine.id)
    log.info("set up again", install=mine.id, by=me().user_id)
    flash("work")
    return _back(mine)


@console.post("/installs/<install_id>/mode")
@signed_in
def set_mode(install_id: str) -> ResponseReturnValue:
    """Switch the mode; ``act`` only with the box ticked that says what it does."""
    mine = my_install(install_id)
    mode = request.form.get("mode", "")
    if mode not in MODES:
        abort(400)
    if mode == "act" and request.form.get("understood") != "yes":
        flash("understood", "bad")
        return _back(mine)
    with services().database.write() as connection:
        installs.set_mode(connection, mine.id, cast("Mode", mode))
    log.info("mode set", install=mine.id, mode=mode, before=mine.mode, by=me().user_id)
    flash(f"mode:{mode}")
    return _back(mine)


@console.post("/installs/<install_id>/retry")
@signed_in
def retry(install_id: str) -> ResponseReturnValue:
    """Try every parked letter and decision again."""
    mine = my_install(install_id)
    here = services()
    now = here.clock()
    with here.database.write() as connection:
        count = letters.retry_parked(connection, mine.id, now=now)
        count += decisions.retry_parked(connection, mine.id, now=now)
    here.ring(mine.id)
    flash(f"retried:{count}")
    return _back(mine)


@console.get("/installs/<install_id>/check")
@signed_in
def check(install_id: str) -> ResponseReturnValue:
    """Ask the CRM whether everything is there that the product needs."""
    mine = my_install(install_id)
    template = "parts/check.html" if asked_by_htmx() else "check.html"
    return render_template(template, install=mine, **_asked(mine, lambda crm: crm.check()))


@console.post("/installs/<install_id>/check/probe")
@signed_in
def probe(install_id: str) -> ResponseReturnValue:
    """Find out whether events arrive; takes some seconds, in which the rest of the page stays usable."""
    mine = my_install(install_id)
    watch = request.form.get("watch") == "yes"
    template = "parts/checked.html" if asked_by_htmx() else "probe.html"
    log.info("probe sent", install=mine.id, watch=watch, by=me().user_id)
    return render_template(template, install=mine, **_asked(mine, lambda crm: crm.probe(watch=watch)))


@console.route("/installs/<install_id>/disconnect", methods=["GET", "POST"])
@signed_in
def disconnect(install_id: str) -> ResponseReturnValue:
    """Say what is deleted; on POST, leave the CRM, destroy the key and every row."""
    mine = my_install(install_id)
    if request.method == "GET":
        return render_template("disconnect.html", install=mine, rules_here=views.keeps_rules(mine))
    log.info("disconnected", install=mine.id, by=me().user_id)
    services().vault.disconnect(mine)
    flash("disconnected")
    return redirect(url_for("console.home"), 303)


def _back(mine: Install) -> ResponseReturnValue:
    return redirect(url_for("console.install", install_id=mine.id), 303)


def _in_force(live: Live | None) -> RuleSet | None:
    """Load the rule set in force; None when there is none, or when it was stored by a version that read more."""
    if live is None:
        return None
    try:
        return load(live.sources)
    except RuleSetError:
        log.warning("a stored rule set is no longer valid", version=live.version)
        return None


def _asked(mine: Install, ask: Callable[[Crm], tuple[Check, ...]]) -> dict[str, Any]:
    """Ask the CRM for lines of a check; an error that says what comes next becomes part of the answer."""
    seconds = round(services().settings.probe_seconds)
    try:
        crm = services().crm(mine)
        try:
            probing = "probe" in crm.can
            return {"checks": ask(crm), "problem": "", "kind": "", "can_probe": probing, "probe_seconds": seconds}
        finally:
            crm.close()
    except Next as error:
        kind = "later" if isinstance(error, Later) else "revoked" if isinstance(error, Revoked) else "refused"
        log.warning("check not made", install=mine.id, kind=kind)
        wait = error.seconds if isinstance(error, Later) else 0.0
        return {"checks": (), "problem": str(error), "kind": kind, "seconds": wait}
