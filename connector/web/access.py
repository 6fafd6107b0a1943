"""Who is asking, and what is theirs. An install that is not mine does not exist: 404, never 403.

Two kinds of people sign in. Administrators (:func:`who`) open what belongs to their install. Every other user of the
CRM (:func:`rep`) opens their own page and nothing else: no view for administrators knows of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Literal, NoReturn, ParamSpec, TypeAlias, cast

from flask import abort, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from connector.crm import CrmName
from connector.errors import Next
from connector.store import installs
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.web import directory
from oauth import reps
from oauth.flow import REP, WHO
from rules.model import User

if TYPE_CHECKING:
    from connector.services import Services

EXTENSION = "switchyard"
UNAVAILABLE = 503

Part: TypeAlias = Literal[
    "home", "activity", "reports", "people", "rules", "matching", "duplicates", "settings", "health"
]
"""What a role may or may not look at."""

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Who:
    """The person signed in: a user of one org or portal. `epoch` must still be that of their admin row.

    A rep's `user_id` is the id that owns leads, an administrator's the one they sign in with.
    """

    crm: CrmName
    tenant_id: str
    user_id: str
    name: str
    epoch: str


@dataclass(frozen=True, slots=True)
class Own:
    """Somebody at their own page: their install, and they themselves as a user who can own leads there."""

    install: Install
    user: User


def services() -> Services:
    """Return what this process works with; create_app put it there."""
    return cast("Services", current_app.extensions[EXTENSION])


def who() -> Who | None:
    """Return the administrator signed in, as the OAuth flow noted them in the signed session; None when nobody is."""
    return _noted(WHO)


def rep() -> Who | None:
    """Return the user signed in who is no administrator; None when nobody is. Only :func:`own` says what is theirs."""
    return None if WHO in session else _noted(REP)


def _noted(kind: str) -> Who | None:
    """Read a person from the session.

    The time of signing in stands in the session itself: its cookie is signed anew whenever something else changes.
    """
    noted = session.get(kind)
    if not isinstance(noted, dict) or not {"at", "epoch"} <= noted.keys():
        return None
    if services().clock() - datetime.fromtimestamp(noted["at"], UTC) >= installs.ADMIN_FOR:
        return None
    return Who(noted["crm"], noted["tenant_id"], noted["user_id"], noted["name"], noted["epoch"])


def me() -> Who:
    """Return the person signed in, in a view that is guarded by :func:`signed_in`."""
    person = who()
    if person is None:
        abort(403)
    return person


def my_installs() -> list[Install]:
    """Return the installs that the person signed in may see, oldest first."""
    person = me()
    with services().database.read() as connection:
        return [each for each in installs.every(connection, crm=person.crm) if _mine(connection, each, person)]


def my_install(install_id: str) -> Install:
    """Return one of my installs. Aborts with 404 for every other id, whether it exists or not."""
    person = me()
    with services().database.read() as connection:
        install = installs.by_id(connection, install_id)
        if install is None or not _mine(connection, install, person):
            abort(404)
    return install


def seen(install_id: str, part: Part) -> Install:
    """Return an install of which the person signed in may look at `part`; 404 for everything else."""
    _ = part
    return my_install(install_id)


def _mine(connection: Connection, install: Install, person: Who) -> bool:
    """Whether `person` administers `install`: they signed in to just this org or portal, and not too long ago.

    What one says about its users is no word about another. A Salesforce sandbox copies the users of its production org
    with their ids, and a HubSpot user may be an administrator of one portal and a guest in the next.
    """
    if (install.crm, install.tenant_id) != (person.crm, person.tenant_id):
        return False
    return installs.is_admin(connection, install.id, person.user_id, epoch=person.epoch, now=services().clock())


def asked_by_htmx() -> bool:
    """Whether the page's own script asks for a part of it."""
    return request.headers.get("HX-Request") == "true"


def signed_in(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Send people who are not signed in to the front page; their polling script gets a plain 403 instead."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if who() is not None:
            return view(*args, **kwargs)
        if asked_by_htmx():
            abort(403)
        return redirect(url_for("console.home"), 303)

    return guarded


def own() -> Own:
    """Return who asks for their own page, in a view that is guarded by :func:`known`.

    Looked up anew each time: the sign-in must still count, the install be there and its CRM let us in, and they
    themselves be active in its list of users. Otherwise it aborts with the way back to the front page, which for a rep
    is the end of the session, or with 503 when the CRM does not say who its users are.
    """
    admin = who()
    person = admin or rep()
    install = None if person is None else _of_admin(person) if admin else _of_rep(person)
    if person is None or install is None:
        _go("ended")
    try:
        people = directory.users(services(), install)
    except Next:
        abort(UNAVAILABLE)
    found = directory.signs_in(people, install.crm, person.user_id) if admin else people.get(person.user_id)
    if found is None:
        _go("unlisted")
    return Own(install, found)


def known(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Send people who are signed in neither as administrator nor as rep to the front page."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if who() is None and rep() is None:
            return redirect(url_for("console.home"), 303)
        return view(*args, **kwargs)

    return guarded


def _of_admin(person: Who) -> Install | None:
    with services().database.read() as connection:
        install = installs.by_tenant(connection, person.crm, person.tenant_id)
        return install if install is not None and _mine(connection, install, person) else None


def _of_rep(person: Who) -> Install | None:
    """Return the install of a rep whose sign-in still counts; a withdrawn one lets us ask nobody who they are."""
    here = services()
    install = here.install_of(person.crm, person.tenant_id)
    if install is None or install.status == "revoked":
        return None
    memo = StoredMemo(here.database, install.id, here.seal(install), here.clock)
    return install if reps.stays(memo, person.user_id, person.epoch) else None


def _go(why: str) -> NoReturn:
    """Leave for the front page, with the sentence why; a rep's session is over."""
    session.pop(REP, None)
    flash(f"own:{why}", "bad")
    abort(redirect(url_for("console.home"), 303))
