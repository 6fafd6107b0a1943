"""Decisions in the console: the list, and the story of each."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import structlog
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.store import decisions as store
from connector.store import responses
from connector.store.base import EPOCH
from connector.web import views
from connector.web.access import asked_by_htmx, me, my_install, services, signed_in
from connector.web.story import lead_name, tell

log = structlog.get_logger()
decisions = Blueprint("decisions", __name__, url_prefix="/installs/<install_id>/decisions")

AHEAD = timedelta(days=1)
"""How far the clock of a worker that wrote a decision may be ahead of ours."""
_KEY = re.compile(r"[!-~]{0,120}")
# Addresses of record pages: Lightning and classic in Salesforce; in HubSpot /record/0-1/ (contacts), /record/0-136/
# (leads) and the older /contact/.
_IN_ADDRESS = re.compile(
    r"/(?P<lead>00Q[A-Za-z0-9]{12,15})(?:[/?#]|$)|/(?:record/0-1|record/0-136|contact)/(?P<portal>[0-9]{1,20})"
)


@decisions.get("")
@signed_in
def listing(install_id: str) -> ResponseReturnValue:
    """List decisions, newest first, a page at a time; or those about one lead (`lead`: record id or address)."""
    mine = my_install(install_id)
    lead = _record_id(request.args.get("lead", ""))
    cursor = _cursor()
    listed = views.of_lead(mine, lead) if lead else views.listed(mine, cursor)
    polled = not lead and cursor is None
    return render_template(
        "parts/decisions.html" if asked_by_htmx() else "decisions.html",
        install=mine,
        listed=listed,
        lead=lead,
        polled=polled,
        older_page=cursor is not None,
        days=services().settings.decision_days,
        lead_name=lead_name,
    )


@decisions.get("/<key>")
@signed_in
def story(install_id: str, key: str) -> ResponseReturnValue:
    """Tell the story of one decision."""
    mine = my_install(install_id)
    here = services()
    with here.database.read() as connection:
        stored = store.by_key(connection, mine.id, here.seal(mine), key)
        awaited = responses.of_decision(connection, mine.id, key)
    if stored is None:
        abort(404)
    return render_template("story.html", install=mine, story=tell(stored, awaited))


@decisions.post("/<key>/retry")
@signed_in
def retry(install_id: str, key: str) -> ResponseReturnValue:
    """Try what a parked decision could not do again; what was done stays done."""
    mine = my_install(install_id)
    here = services()
    with here.database.write() as connection:
        if store.by_key(connection, mine.id, here.seal(mine), key) is None:
            abort(404)
        count = store.retry_parked(connection, mine.id, now=here.clock(), key=key)
    here.ring(mine.id)
    log.info("decision retried", install=mine.id, decision=key, count=count, by=me().user_id)
    flash(f"retried:{count}")
    return redirect(url_for("decisions.story", install_id=mine.id, key=key), 303)


def _record_id(typed: str) -> str:
    """Return the record id in what was typed: an id, or the address of a record's page."""
    text = typed.strip()[:500]
    found = _IN_ADDRESS.search(text) if "/" in text else None
    return (found["lead"] or found["portal"]) if found else text


def _cursor() -> views.Cursor | None:
    """Read where the page begins. Aborts with 400 when the address was tampered with."""
    before = request.args.get("before")
    if not before:
        return None
    key = request.args.get("key", "")
    try:
        moment = datetime.fromisoformat(before)
    except ValueError:
        abort(400)
    if moment.tzinfo is None or not EPOCH <= moment <= services().clock() + AHEAD or not _KEY.fullmatch(key):
        abort(400)
    return views.Cursor(moment, key)
