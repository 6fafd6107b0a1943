"""Duplicates in the console: pairs that a person is asked about, side by side, with what a merge would do."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from connector.desk import duplicates as desk
from connector.desk import retelling, undoing
from connector.desk.duplicates import Shown
from connector.desk.faults import DeskError, NotThere, Unusable
from connector.errors import Next
from connector.store.installs import Install
from connector.store.pairs import Behind, State
from connector.web.access import me, my_install, seen, services, signed_in
from connector.web.answers import take_back
from connector.web.language import said
from jobs import cleanup_report
from rules.merging.plan import NOT_EDITED, Edit

duplicates = Blueprint("duplicates", __name__, url_prefix="/installs/<install_id>/duplicates")

UNFIT = 422
TAKE = "take."
"""How the names of boxes begin that say from which record a field is taken."""
PLAN = "plan."
"""How the names of boxes begin that say which pair is accepted, by the plan that was seen."""


@duplicates.get("")
@signed_in
def listing(install_id: str) -> ResponseReturnValue:
    """List the pairs in one state, those that wait for a person unless another is asked for; the surest first."""
    mine, here = seen(install_id, "duplicates"), services()
    state: State = next((each for each in cleanup_report.STATES if each == request.args.get("state")), "open")
    return render_template(
        "duplicates.html",
        install=mine,
        page=desk.listing(here, mine, state=state, after=_behind(request.args)),
        state=state,
        states=cleanup_report.STATES,
        can_undo=desk.can_undo(here, mine, by=me().user_id),
    )


@duplicates.get("/sure")
@signed_in
def sure(install_id: str) -> ResponseReturnValue:
    """Show those that are surely the same and that nothing speaks against, to be accepted at once."""
    mine, person, trouble = seen(install_id, "duplicates"), me(), ""
    found: tuple[Shown, ...] = ()
    try:
        found = desk.sure(services(), mine, by=person.name or person.user_id)
    except Next as error:
        trouble = retelling.reason(str(error))
    return render_template(
        "duplicates_sure.html",
        install=mine,
        found=found,
        trouble=trouble,
        plan=PLAN,
        hindered=desk.observing(services(), mine),
        until=undoing.term_from_now(services(), mine),
    )


@duplicates.post("/sure")
@signed_in
def accept_sure(install_id: str) -> ResponseReturnValue:
    """Accept the pairs that are ticked, each by the plan that was seen (``plan.<key>``)."""
    mine, person = my_install(install_id), me()
    seen_plans = {name.removeprefix(PLAN): value for name, value in request.form.items() if name.startswith(PLAN)}
    try:
        count = desk.accept_sure(services(), mine, seen_plans, by=person.user_id, name=person.name)
    except Unusable as error:
        flash(said(error), "bad")
        return _list(mine)
    flash(ngettext("%(num)s pair is merged now.", "%(num)s pairs are merged now.", count))
    return _list(mine)


@duplicates.post("/undo")
@signed_in
def undo(install_id: str) -> ResponseReturnValue:
    """Take back what the person signed in said last."""
    mine = my_install(install_id)
    take_back(mine, desk.undo, _taken_back)
    return _list(mine)


@duplicates.get("/<key>")
@signed_in
def pair(install_id: str, key: str) -> ResponseReturnValue:
    """Show one pair as it is now; what somebody wants otherwise (``survivor``, ``take.<field>``) is in the address."""
    mine = seen(install_id, "duplicates")
    return _page(mine, _looked(mine, key, _edit(request.args)), _edit(request.args))


@duplicates.post("/<key>")
@signed_in
def answer(install_id: str, key: str) -> ResponseReturnValue:
    """Take down that a pair is the ``same``, to be merged as was seen, or ``different``; then show the next one."""
    mine, here, person = my_install(install_id), services(), me()
    verdict, edit, plan = request.form.get("verdict", ""), _edit(request.form), request.form.get("seen", "")
    if verdict not in {"same", "different"}:
        abort(400)
    try:
        asked = desk.asked_of(here, mine, key)
        _before, following = desk.beside(here, mine, asked)
        desk.answer(here, mine, key, same=verdict == "same", by=person.user_id, name=person.name, edit=edit, seen=plan)
    except NotThere:
        abort(404)
    except Unusable as error:
        shown = _looked(mine, key, edit)
        if error.field == "seen":
            shown = replace(shown, trouble=said(error))
        return _page(mine, shown, edit), UNFIT
    except DeskError as error:
        flash(said(error), "bad")
        return redirect(_pair(mine, following), 303)
    flash(
        _("Taken. They are merged now, as you saw it.")
        if verdict == "same"
        else _("Noted. They are never taken for the same again.")
    )
    return redirect(_pair(mine, following), 303)


def _looked(mine: Install, key: str, edit: Edit) -> Shown:
    try:
        return desk.look(services(), mine, key, by=me().name or me().user_id, edit=edit)
    except NotThere:
        abort(404)


def _page(mine: Install, shown: Shown, edit: Edit) -> str:
    here = services()
    before, after = desk.beside(here, mine, shown.asked)
    listed = desk.listing(here, mine, limit=1)
    return render_template(
        "duplicate.html",
        install=mine,
        page=shown,
        edit=edit,
        take=TAKE,
        before=_pair(mine, before) if before else "",
        following=_pair(mine, after),
        listed=listed,
        hindered=desk.observing(here, mine),
        until=undoing.term_from_now(here, mine),
        can_undo=desk.can_undo(here, mine, by=me().user_id),
    )


def _pair(mine: Install, key: str) -> str:
    """Return the address of a pair, or of the list where there is none."""
    if not key:
        return url_for("duplicates.listing", install_id=mine.id)
    return url_for("duplicates.pair", install_id=mine.id, key=key, _anchor="next")


def _list(mine: Install) -> ResponseReturnValue:
    return redirect(url_for("duplicates.listing", install_id=mine.id), 303)


def _edit(told: MultiDict[str, str]) -> Edit:
    """Return what somebody wants otherwise, from a form or an address."""
    values = {name.removeprefix(TAKE): value for name, value in told.items() if name.startswith(TAKE) and value}
    survivor = told.get("survivor", "")
    return Edit(me().name or me().user_id, survivor, values) if survivor or values else NOT_EDITED


def _behind(told: MultiDict[str, str]) -> Behind | None:
    try:
        return Behind(float(told["sure"]), told["behind"])
    except (KeyError, ValueError):
        return None


def _taken_back(count: int) -> str:
    return str(
        ngettext(
            "Taken back. You are asked again; what is merged already is taken apart, and then counts as not the same.",
            "Taken back, %(num)s pairs. You are asked again; what is merged already is taken apart, and then counts as "
            "not the same.",
            count,
        )
    )
