"""Activity in the console: decisions, found by anything that is known of a lead, and the story of each."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, get_args

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connector.desk import activity, directory, person, retelling, undoing
from connector.desk.activity import Cursor, Found, LeadStory, Wanted
from connector.desk.faults import NotThere, Unusable
from connector.desk.periods import DAY, day, midnight
from connector.desk.stories import Story
from connector.desk.typed import LONGEST, is_record, person_id
from connector.errors import Next
from connector.store.base import EPOCH
from connector.store.installs import Install
from connector.store.seal import Unreadable
from connector.web import language
from connector.web.access import asked_by_htmx, me, my_install, seen, services, signed_in
from connector.web.hubspot_rules import audit_address
from connector.web.story import trace_url, waited
from connector.web.words import record_url
from rules import undo
from rules.model import AUDIT, Outcome

decisions = Blueprint("decisions", __name__, url_prefix="/installs/<install_id>/decisions")

AHEAD = timedelta(days=1)
"""How far the clock of a worker that wrote a decision may be ahead of ours."""
UNFIT = 422
_KEY = re.compile(r"[!-~]{0,120}")
_FIELDS = ("lead", "email", "domain", "company", "name", "rep", "rule", "outcome", "state")
_TELLING = ("q", "lead", "email", "domain", "company", "name", "rep")
"""What says who somebody is: it stands in addresses sealed, under this name."""
SEALED = "sealed"
LONGEST_SEARCH = 8000


@decisions.get("")
@signed_in
def listing(install_id: str) -> ResponseReturnValue:
    """List decisions, newest first, a page at a time: all, or those that are looked for.

    `q` is anything that is known of a lead; who types what only one lead has, is shown its story.
    """
    mine = seen(install_id, "activity")
    asked = _asked(mine)
    cursor, fault, found, wanted = _cursor(), "", Found((), None), Wanted()
    try:
        wanted = _wanted(asked)
        found = activity.find(services(), mine, wanted, after=cursor)
    except Unusable as error:
        fault = language.said(error)
    if found.lead and found.decisions and "q" in asked and cursor is None:
        return redirect(url_for("decisions.lead", install_id=mine.id, lead_id=found.decisions[0].decision.lead.id), 303)
    is_all = wanted.is_empty and not fault
    return render_template(
        "parts/decisions.html" if asked_by_htmx() else "decisions.html",
        install=mine,
        listed=found,
        lead=asked.get("lead", "").strip() or (wanted.text if is_record(wanted.text) and not found.decisions else ""),
        asked=asked,
        narrowed=any(asked.get(name) for name in (*_FIELDS, "from", "to") if name != "lead"),
        is_all=is_all,
        fault=fault,
        polled=is_all and cursor is None,
        older_page=cursor is not None,
        days=services().settings.decision_days,
        rules=() if asked_by_htmx() else activity.rule_names(services(), mine),
        outcomes=get_args(Outcome),
    )


@decisions.post("")
@signed_in
def search(install_id: str) -> ResponseReturnValue:
    """Look for what was typed. Names and e-mail addresses go sealed into the address, which many machines keep."""
    mine = seen(install_id, "activity")
    typed = {name: request.form.get(name, "").strip() for name in (*_FIELDS, "q", "from", "to")}
    told = {name: typed.pop(name)[:LONGEST] for name in _TELLING if typed.get(name)}
    plain: dict[str, Any] = {name: value for name, value in typed.items() if value and name not in _TELLING}
    if told:
        sealed = services().seal(mine).close(told, about="search")
        plain[SEALED] = base64.urlsafe_b64encode(sealed).decode()
    return redirect(url_for("decisions.listing", **plain, install_id=mine.id), 303)


@decisions.get("/<key>")
@signed_in
def story(install_id: str, key: str) -> ResponseReturnValue:
    """Tell the story of one decision, with all that was decided about its lead."""
    mine = seen(install_id, "activity")
    try:
        told = activity.story(services(), mine, key)
    except NotThere:
        abort(404)
    return _page(mine, told, activity.lead(services(), mine, told.decision.lead.id))


@decisions.get("/lead/<lead_id>")
@signed_in
def lead(install_id: str, lead_id: str) -> ResponseReturnValue:
    """Tell the story of a lead: what was decided about it last, with all that was decided before."""
    mine = seen(install_id, "activity")
    try:
        told = activity.lead(services(), mine, lead_id)
    except NotThere:
        abort(404)
    return _page(mine, told.latest, told)


@decisions.get("/lead/<lead_id>/held.json")
@signed_in
def held(install_id: str, lead_id: str) -> ResponseReturnValue:
    """Give an administrator all that is held about the person of a lead, as a file."""
    try:
        told = person.export(services(), my_install(install_id), lead_id, by=me().user_id)
    except NotThere:
        abort(404)
    except Unusable as error:
        return _no_person(error)
    headers = {"Content-Disposition": 'attachment; filename="held.json"', "Cache-Control": "no-store"}
    return json.dumps(told, indent=2, default=str), {"Content-Type": "application/json", **headers}


@decisions.get("/lead/<lead_id>/forget")
@signed_in
def ask_forget(install_id: str, lead_id: str) -> ResponseReturnValue:
    """Say what forgetting the person of a lead takes away, and ask; nothing is changed."""
    mine = my_install(install_id)
    try:
        person_id(mine, lead_id)
    except Unusable as error:
        return _no_person(error)
    return _asked_to_forget(mine, lead_id)


@decisions.post("/lead/<lead_id>/forget")
@signed_in
def forget(install_id: str, lead_id: str) -> ResponseReturnValue:
    """Have the person of a lead forgotten, when it is `understood` that nothing brings them back."""
    mine = my_install(install_id)
    try:
        person_id(mine, lead_id)
    except Unusable as error:
        return _no_person(error)
    if request.form.get("understood") != "yes":
        return _asked_to_forget(mine, lead_id, fault=_("Tick the box: what is forgotten never comes back."))
    try:
        activity.lead(services(), mine, lead_id)
    except NotThere:
        abort(404)
    person.forget(services(), mine, lead_id, by=me().user_id)
    flash(_("They are being forgotten. Within a minute nothing of them is left here."))
    return redirect(url_for("decisions.listing", install_id=mine.id), 303)


@decisions.post("/<key>/retry")
@signed_in
def retry(install_id: str, key: str) -> ResponseReturnValue:
    """Try what a parked decision could not do again; what was done stays done."""
    mine = my_install(install_id)
    try:
        count = activity.retry(services(), mine, key, by=me().user_id)
    except NotThere:
        abort(404)
    flash(f"retried:{count}")
    return redirect(url_for("decisions.story", install_id=mine.id, key=key), 303)


@decisions.get("/<key>/undo")
@signed_in
def look_back(install_id: str, key: str) -> ResponseReturnValue:
    """Show what would go back of a decision, and ask; nothing is changed."""
    mine = my_install(install_id)
    preview, problem = None, ""
    try:
        preview = undoing.preview(services(), mine, key)
    except NotThere:
        abort(404)
    except Next as error:
        problem = retelling.reason(str(error))
    template = "parts/undo.html" if asked_by_htmx() else "undo.html"
    return render_template(template, install=mine, key=key, preview=preview, problem=problem)


@decisions.post("/<key>/undo")
@signed_in
def take_back(install_id: str, key: str) -> ResponseReturnValue:
    """Have a decision taken back, behind what happens live."""
    mine = my_install(install_id)
    try:
        undoing.undo(services(), mine, key, by=me().user_id, name=me().name)
    except NotThere:
        abort(404)
    flash(_("It is being taken back. This page shows the undo as soon as it is done."))
    return redirect(url_for("decisions.story", install_id=mine.id, key=key), 303)


def _page(mine: Install, told: Story, history: LeadStory) -> ResponseReturnValue:
    minutes, owner = told.answered_minutes, told.decision.lead.owner_id
    term, is_undone = undoing.term(services(), mine, told.decision), told.decision.key in history.undone
    return render_template(
        "story.html",
        install=mine,
        story=told,
        history=history,
        answered_after="" if minutes is None else waited(minutes),
        trace_url=trace_url(told.decision.trace_id),
        can_undo=undo.is_effective(told.decision) and not is_undone and not term.is_over,
        term=None if is_undone else term,
        # Not as the request's Host header has it: that is whatever somebody sent, or what a proxy made of it.
        address=services().settings.public_url + url_for("decisions.story", install_id=mine.id, key=told.decision.key),
        owner_before=directory.named(services(), mine, {owner}).get(owner, owner) if owner else "",
        audit_url=_audit_url(mine, told),
    )


def _no_person(error: Unusable) -> ResponseReturnValue:
    """Say that an address names no lead or contact; no link of ours leads there."""
    return language.said(error), UNFIT, {"Content-Type": "text/plain; charset=utf-8"}


def _asked_to_forget(mine: Install, lead_id: str, *, fault: str = "") -> ResponseReturnValue:
    try:
        told = activity.lead(services(), mine, lead_id)
    except NotThere:
        abort(404)
    page = render_template("forget.html", install=mine, name=told.name, lead_id=lead_id, fault=fault)
    return (page, UNFIT) if fault else page


def _audit_url(mine: Install, told: Story) -> str:
    """Return the page of the audit record in the CRM; empty where there is none (yet)."""
    written = told.stored.ledger.get(AUDIT)
    if written is None or not written.ref:
        return ""
    return record_url(mine, None, written.ref) if mine.crm == "salesforce" else audit_address(mine, written.ref)


def _asked(mine: Install) -> dict[str, str]:
    """Return what an address asks for, with what is sealed in it. Aborts with 400 when another install sealed it."""
    asked = request.args.to_dict()
    sealed = asked.pop(SEALED, "")
    if not sealed:
        return asked
    try:
        told = services().seal(mine).open(base64.urlsafe_b64decode(sealed[:LONGEST_SEARCH]), about="search")
    except (Unreadable, ValueError):
        abort(400)
    return asked | {name: str(told[name]) for name in _TELLING if name in told}


def _wanted(asked: Mapping[str, str]) -> Wanted:
    """Read what is looked for. Raises Unusable."""
    given = {name: asked.get(name, "").strip() for name in _FIELDS}
    first, last = (asked.get(name, "").strip() for name in ("from", "to"))
    zone = language.zone()
    return Wanted(
        text=asked.get("q", "").strip(),
        since=midnight(day(first, "from"), zone) if first else None,
        until=midnight(day(last, "to") + DAY, zone) if last else None,
        **given,
    )


def _cursor() -> Cursor | None:
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
    return Cursor(moment, key)
