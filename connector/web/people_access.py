"""Access in the console: who has which role, leave for support, and the keys of the API."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from connector.desk import directory, keys, roles, support
from connector.desk.faults import NotThere, Unusable
from connector.errors import Next
from connector.store.api_keys import ApiKey
from connector.store.installs import Install
from connector.web.access import me, my_install, seen, services, signed_in
from connector.web.language import said
from rules.model import User

access = Blueprint("access", __name__, url_prefix="/installs/<install_id>/access")

UNFIT = 422
DAYS = (30, 90, 365, 0)
"""After how many days a key may end; 0: when it is revoked."""
SCOPES = {
    "read": _l("Look at everything"),
    "rules:write": _l("Change and publish rules"),
    "people:write": _l("Pause people and plan absences"),
    "reviews:write": _l("Answer reviews and duplicates"),
    "runs:write": _l("Start and stop simulations, backfills and clean-ups"),
    "settings:write": _l("Change the mode and other settings, export and forget a person's data, disconnect"),
}
"""What each scope lets a key do, in the order of keys.SCOPES."""


@access.get("")
@signed_in
def listing(install_id: str) -> ResponseReturnValue:
    """Show the people with a role, the leaves for support, and the keys of the API."""
    return _page(seen(install_id, "access"))


@access.post("/managers")
@signed_in
def make_manager(install_id: str) -> ResponseReturnValue:
    """Give the role manager to the user `user`: their id, name or e-mail address, as the list offers it."""
    mine = my_install(install_id)
    try:
        user_id = _user_id(mine, request.form.get("user", ""))
        roles.make_manager(services(), mine, user_id, by=me().user_id)
    except Unusable as error:
        return _page(mine, fault=said(error), field="user"), UNFIT
    except Next:
        return _page(mine, fault=_("Your CRM does not say just now who its users are. Try again later.")), UNFIT
    flash(_("Done. They see home, activity, reports and people after their next sign-in."))
    return _back(mine)


@access.post("/managers/<key>/end")
@signed_in
def end_manager(install_id: str, key: str) -> ResponseReturnValue:
    """Take the role manager from the user `key`."""
    mine = my_install(install_id)
    if roles.take_away(services(), mine, key, by=me().user_id):
        flash(_("Taken away. Their sessions have ended; their own page is still theirs."))
    else:
        flash(_("Nothing was changed: they had no role."))
    return _back(mine)


@access.post("/support")
@signed_in
def give_leave(install_id: str) -> ResponseReturnValue:
    """Let support look for `hours`; the answer shows the code, once."""
    mine = my_install(install_id)
    try:
        made = support.make(services(), mine, hours=_whole("hours"), by=me().user_id)
    except Unusable as error:
        return _page(mine, fault=said(error), field="hours"), UNFIT
    return render_template("secret.html", install=mine, secret=made.code, what="code", name="", door=_door())


@access.post("/support/<key>/end")
@signed_in
def end_leave(install_id: str, key: str) -> ResponseReturnValue:
    """End the leave `key` and the session that it opened."""
    mine = my_install(install_id)
    if support.end(services(), mine, key, by=me().user_id):
        flash(_("Ended. Support sees nothing of this connection any more."))
    else:
        flash(_("Nothing was changed: that was over already."))
    return _back(mine)


@access.post("/keys")
@signed_in
def issue(install_id: str) -> ResponseReturnValue:
    """Make a key called `name` that may do `scopes` for `days`; the answer shows it, once."""
    mine, here, days = my_install(install_id), services(), _whole("days")
    if days not in DAYS:
        abort(400)
    expires: datetime | None = here.clock() + timedelta(days=days) if days else None
    name, scopes = request.form.get("name", ""), request.form.getlist("scope")
    try:
        issued = keys.issue(here, mine, name=name, scopes=scopes, by=me().user_id, expires=expires)
    except Unusable as error:
        return _page(mine, fault=said(error), field=error.field, name=name[:80], scopes=scopes, days=days), UNFIT
    return render_template("secret.html", install=mine, secret=issued.token, what="key", name=issued.key.name, door="")


@access.get("/keys/<key>/revoke")
@signed_in
def ask_revoke(install_id: str, key: str) -> ResponseReturnValue:
    """Ask whether the key `key` shall really open nothing any more."""
    mine = my_install(install_id)
    return render_template("revoke.html", install=mine, key=_key(mine, key))


@access.post("/keys/<key>/revoke")
@signed_in
def revoke(install_id: str, key: str) -> ResponseReturnValue:
    """Let the key `key` open nothing any more."""
    mine = my_install(install_id)
    found = keys.revoke(services(), mine, _key(mine, key).id, by=me().user_id)
    flash(_("Revoked. Whatever used the key “%(name)s” is refused from now on.", name=found.name))
    return _back(mine)


def _page(
    mine: Install,
    *,
    fault: str = "",
    field: str = "",
    name: str = "",
    scopes: list[str] | None = None,
    days: int = DAYS[1],
) -> str:
    here = services()
    try:
        people, users = roles.people(here, mine), directory.users(here, mine)
    except Next:
        people, users = None, {}
    made, leaves = keys.listed(here, mine), support.listed(here, mine)
    ids = {each.by for each in made} | {each.by for each in leaves} | {each.by for each in people or () if each.by}
    given = {each.user_id for each in people or ()}
    return render_template(
        "access.html",
        install=mine,
        people=people,
        offered=[each for each in users.values() if each.id not in given],
        leaves=leaves,
        keys=made,
        names=directory.named(here, mine, ids),
        hours=support.HOURS,
        all_scopes=SCOPES,
        all_days=DAYS,
        fault=fault,
        field=field,
        typed={"name": name, "scopes": scopes if scopes is not None else ["read"], "days": days},
    )


def _user_id(mine: Install, typed: str) -> str:
    """Return whom somebody means. Raises Unusable when it is nobody or might be several, and what the CRM raises."""
    wanted = " ".join(typed.split()).casefold()

    def is_meant(user: User) -> bool:
        return bool(wanted) and wanted in {user.id.casefold(), user.email.casefold(), user.name.casefold()}

    found = [each.id for each in directory.users(services(), mine).values() if is_meant(each)]
    if len(found) > 1:
        raise Unusable("Several users are called that. Give the e-mail address.", field="user")
    if not found:
        raise Unusable("Your CRM has no such active user who can own leads.", field="user")
    return found[0]


def _key(mine: Install, key_id: str) -> ApiKey:
    try:
        return keys.get(services(), mine, key_id)
    except NotThere:
        abort(404)


def _whole(name: str) -> int:
    """Return a number that a select sent. Aborts with 400 when it is none."""
    given = request.form.get(name, "")
    if not given.isascii() or not given.isdigit():
        abort(400)
    return int(given[:6])


def _door() -> str:
    return f"{services().settings.public_url}{url_for('leave.form')}"


def _back(mine: Install) -> ResponseReturnValue:
    return redirect(url_for("access.listing", install_id=mine.id), 303)
