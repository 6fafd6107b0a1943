"""The page of one person: pause themselves, and hand back a lead. It shows and changes nothing of anybody else's."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

import structlog
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.store import pauses
from connector.web import desks
from connector.web.access import known, own, services
from jobs import routing
from rules.model import User
from rules.zones import zone_of

log = structlog.get_logger()
mine = Blueprint("mine", __name__, url_prefix="/me")

SPANS = {"day": timedelta(days=1), "week": timedelta(weeks=1)}
NOTICE, TODAY, UNTIL = "notice", "today", "until"
LONGEST = timedelta(days=366)
"""Who is away for longer is paused until further notice."""
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}", re.ASCII)
"""What a browser sends of a date and time: no seconds, no zone."""


@mine.get("")
@known
def page() -> ResponseReturnValue:
    """Show whether I take leads, my place in each pool, and my latest leads."""
    me = own()
    return render_template("mine.html", page=desks.read(me), install=me.install, user=me.user)


@mine.post("/pause")
@known
def pause() -> ResponseReturnValue:
    """Take no leads from now on: `for` says how long (notice, today, day, week, or until the local time `until`)."""
    me, here = own(), services()
    now, wish = here.clock(), request.form.get("for", "")
    if wish not in {NOTICE, TODAY, UNTIL, *SPANS}:
        abort(400)
    ends = _ends(wish, request.form.get("until", ""), me.user, now)
    if ends is None and wish != NOTICE:
        flash("own:when", "bad")
        return _back()
    with here.database.write() as connection:
        pauses.put(connection, me.install.id, me.user.id, until=ends, by=me.user.id, now=now)
    log.info("pause set", install=me.install.id, user=me.user.id, do="pause", by=me.user.id)
    flash("own:paused")
    return _back()


@mine.post("/resume")
@known
def resume() -> ResponseReturnValue:
    """Take leads again."""
    me, here = own(), services()
    with here.database.write() as connection:
        ended = pauses.end(connection, me.install.id, me.user.id, now=here.clock())
    if ended:
        log.info("pause set", install=me.install.id, user=me.user.id, do="resume", by=me.user.id)
    flash(f"own:{'resumed' if ended else 'taking'}")
    return _back()


@mine.post("/reject")
@known
def reject() -> ResponseReturnValue:
    """Hand back the lead `lead`, with `sure` said: it is routed anew. Somebody else's stays where it is."""
    me, here, lead = own(), services(), request.form.get("lead", "")
    if not lead or request.form.get("sure") != "yes":
        abort(400)
    done = False
    if me.install.mode != "observe":
        with here.database.write() as connection:
            done = routing.reject(
                connection, me.install.id, lead, by=me.user.id, mode=me.install.mode, now=here.clock()
            )
    if done:
        here.ring(me.install.id)
    flash(f"own:{'rejected' if done else 'gone'}")
    return _back()


def _ends(wish: str, until: str, user: User, now: datetime) -> datetime | None:
    """Return when a pause ends; None for none, and for a time that is none, over, or too far ahead."""
    if wish in SPANS:
        return now + SPANS[wish]
    zone = zone_of(user.zone)
    there = now.astimezone(zone)
    if wish == TODAY:
        return datetime.combine(there.date() + timedelta(days=1), time(), zone).astimezone(UTC)
    if wish == NOTICE or not _LOCAL.fullmatch(until):
        return None
    try:
        local = datetime.fromisoformat(until)
    except ValueError:
        return None
    if not there.year <= local.year <= there.year + 2:  # before reckoning: the first and the last year have no zones
        return None
    ends = local.replace(tzinfo=zone).astimezone(UTC)
    return ends if now < ends <= now + LONGEST else None


def _back() -> ResponseReturnValue:
    return redirect(url_for("mine.page"), 303)
