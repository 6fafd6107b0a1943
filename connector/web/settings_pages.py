"""Settings in the console: how far Switchyard goes, what counts as a lead, how people are told, leaving."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connector.desk import keeping, telling
from connector.desk import settings as desk
from connector.desk.faults import DeskError
from connector.desk.keeping import Kept
from connector.store.installs import Install
from connector.web.access import me, my_install, seen, services, signed_in, visitor
from connector.web.language import said
from rules.telling import Bell, Reminders, Telling

settings = Blueprint("settings", __name__, url_prefix="/installs/<install_id>/settings")

UNFIT = 422


@settings.get("")
@signed_in
def page(install_id: str) -> ResponseReturnValue:
    """Show how an install is set."""
    return _page(seen(install_id, "settings"))


@settings.post("/mode")
@signed_in
def set_mode(install_id: str) -> ResponseReturnValue:
    """Switch the mode to `mode`; ``act`` only with the box ticked (`understood`) that says what it does."""
    mine, mode = my_install(install_id), request.form.get("mode", "")
    try:
        understood = request.form.get("understood") == "yes"
        desk.set_mode(services(), mine, mode, understood=understood, by=me().user_id)
    except DeskError as error:
        return _page(mine, fault=said(error), field=error.field), UNFIT
    flash(f"mode:{mode}")
    return _back(mine)


@settings.post("/routes")
@signed_in
def set_routes(install_id: str) -> ResponseReturnValue:
    """Choose what counts as a lead in HubSpot (`routes`), where `before` was chosen; `sure` says it is meant."""
    mine = my_install(install_id)
    if request.form.get("sure") != "yes":
        fault = _("Nothing was changed. Tick the box that says that all leads are read anew.")
        return _page(mine, fault=fault, field="routes"), UNFIT
    wanted, before = request.form.get("routes", ""), request.form.get("before", "")
    try:
        changed = desk.set_routes(services(), mine, wanted, before=before, by=me().user_id)
    except DeskError as error:
        return _page(mine, fault=said(error), field="routes"), UNFIT
    flash(
        _("Chosen. All leads are read anew now.") if changed else _("Nothing was changed: that is what counts already.")
    )
    return _back(mine)


@settings.post("/keep")
@signed_in
def keep(install_id: str) -> ResponseReturnValue:
    """Keep decisions here for `days`; for fewer than before only with the box ticked (`fewer_days`)."""
    return _kept(
        my_install(install_id),
        keeping.DECISIONS,
        said_so=_("Noted. Older decisions are deleted here within the hour; your CRM keeps its audit records."),
    )


@settings.post("/keep-snapshots")
@signed_in
def keep_snapshots(install_id: str) -> ResponseReturnValue:
    """Have merges be taken back for `undo_days`; for fewer than before only with the box ticked (`fewer`)."""
    return _kept(
        my_install(install_id),
        keeping.MERGES,
        said_so=_("Noted. Snapshots of older merges are deleted in your CRM within the hour."),
    )


@settings.post("/notifications")
@signed_in
def set_notifications(install_id: str) -> ResponseReturnValue:
    """Choose by what people are told (`task`, `bell`, `reminders`); by nothing only when it is `understood`."""
    mine, told = my_install(install_id), request.form
    stands = telling.read(services(), mine).telling
    wanted = replace(
        stands,
        task=told.get("task") == "yes",
        bell=cast(Bell, told.get("bell", "")),
        reminders=cast(Reminders, told.get("reminders", "")),
    )
    return _told(mine, wanted)


@settings.post("/languages")
@signed_in
def set_languages(install_id: str) -> ResponseReturnValue:
    """Choose in which `language` people are told, and whether everybody is (`whose`), and that of the `console`."""
    mine, told = my_install(install_id), request.form
    stands = telling.read(services(), mine).telling
    wanted = replace(stands, language=told.get("language", ""), one_language=told.get("whose") == "one")
    try:
        telling.use_console_language(services(), mine, told.get("console", ""), by=me().user_id)
    except DeskError as error:
        return _page(mine, fault=said(error), field=error.field, wanted=wanted), UNFIT
    return _told(mine, wanted)


def _kept(mine: Install, what: Kept, *, said_so: str) -> ResponseReturnValue:
    """Keep something for as many days as the form says, and say so."""
    given = request.form.get(what.field, "")
    days = int(given[:6]) if given.isascii() and given.isdigit() else 0
    try:
        keeping.keep(services(), mine, what, days, understood=request.form.get(what.fewer) == "yes", by=me().user_id)
    except DeskError as error:
        return _page(mine, fault=said(error), field=error.field), UNFIT
    flash(said_so)
    return _back(mine)


def _told(mine: Install, wanted: Telling) -> ResponseReturnValue:
    understood = request.form.get("understood") == "yes"
    try:
        telling.tell(services(), mine, wanted, understood=understood, by=me().user_id)
    except DeskError as error:
        return _page(mine, fault=said(error), field=error.field, wanted=wanted), UNFIT
    flash(_("Saved. It counts from the next decision on."))
    return _back(mine)


def _page(mine: Install, *, fault: str = "", field: str = "", wanted: Telling | None = None) -> str:
    found, told = visitor(), telling.read(services(), mine)
    return render_template(
        "settings.html",
        install=mine,
        chosen=desk.read(services(), mine),
        told=told,
        wanted=wanted or told.telling,
        may_change=found is not None and found.role == "admin",
        fault=fault,
        field=field,
        typed=request.form if fault else {},
    )


def _back(mine: Install) -> ResponseReturnValue:
    return redirect(url_for("settings.page", install_id=mine.id), 303)
