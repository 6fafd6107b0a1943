"""The page of one person: pause themselves, plan absences, see their leads and hand one back. Nothing of others'."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connector.desk import own as desk
from connector.desk import people
from connector.desk.faults import Unusable
from connector.web.access import known, own, services
from connector.web.language import said
from connector.web.pools import UNFIT, planned, unplanned

mine = Blueprint("mine", __name__, url_prefix="/me")


@mine.get("")
@known
def page() -> ResponseReturnValue:
    """Show whether I take leads, what I have planned, my place in each pool, and my latest leads."""
    return _page()


@mine.post("/pause")
@known
def pause() -> ResponseReturnValue:
    """Take no leads from now on: `for` says how long (notice, today, day, week, or until the local time `until`)."""
    me, here, wish = own(), services(), request.form.get("for", "")
    if wish not in people.CHOICES:
        abort(400)
    try:
        until = people.ends(wish, request.form.get("until", ""), me.user, here.clock())
        people.pause(here, me.install, me.user.id, until=until, by=me.user.id)
    except Unusable as error:
        return _page({error.field: said(error)}), UNFIT
    flash(_("Noted. You get no lead of any pool until then; what you have stays with you."))
    return _back()


@mine.post("/resume")
@known
def resume() -> ResponseReturnValue:
    """Take leads again."""
    me = own()
    if people.resume(services(), me.install, me.user.id, by=me.user.id):
        flash(_("You take leads again."))
    else:
        flash(_("Nothing was changed: you were not paused."))
    return _back()


@mine.post("/absences")
@known
def plan() -> ResponseReturnValue:
    """Plan an absence of mine, from the day `first` to the day `last` in my own zone."""
    me = own()
    wrong = planned(me.install, me.user, by=me.user.id)
    return (_page(wrong), UNFIT) if wrong else _back()


@mine.post("/absences/<first>")
@known
def unplan(first: str) -> ResponseReturnValue:
    """Take back my absence that begins on the day `first`."""
    me = own()
    flash(*unplanned(me.install, me.user.id, first, by=me.user.id))
    return _back()


@mine.post("/reject")
@known
def reject() -> ResponseReturnValue:
    """Hand back the lead `lead`, with `sure` said: it is routed anew. Somebody else's stays where it is."""
    me, lead = own(), request.form.get("lead", "")
    if not lead or request.form.get("sure") != "yes":
        abort(400)
    if people.reject(services(), me.install, me.user.id, lead):
        flash(_("Handed back. The lead is routed anew, and not to you."))
    else:
        flash(_("Nothing was changed: you do not have that lead by Switchyard any more."), "bad")
    return _back()


def _page(wrong: Mapping[str, str] | None = None) -> str:
    """Return my page; `wrong` is what to say at a box of it, by its name."""
    me = own()
    read = desk.read(services(), me.install, me.user)
    return render_template(
        "mine.html", page=read, install=me.install, user=me.user, choices=people.CHOICES, wrong=wrong or {}
    )


def _back() -> ResponseReturnValue:
    return redirect(url_for("mine.page"), 303)
