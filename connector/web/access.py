"""Who is asking, and what is theirs. An install that is not mine does not exist: 404, never 403.

Three kinds of people come in. Administrators (:func:`who`) open and change what belongs to their install. Every other
user of the CRM (:func:`rep`) opens their own page; whom an administrator made a manager looks at some parts of the
console besides. Support looks at an install for as long as its administrator gave them leave. What each of them may
look at stands in ``desk/roles.py``; :func:`seen` guards it. What changes anything asks :func:`my_install`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from hashlib import blake2b
from typing import TYPE_CHECKING, NoReturn, ParamSpec, cast

from flask import Flask, abort, current_app, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection

from connector.crm import CrmName
from connector.desk import directory, roles, support
from connector.desk.roles import Part, Role
from connector.errors import Next
from connector.store import installs
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.web import frames
from oauth import reps
from oauth.flow import REP, SUPPORT, WANTED, WHO
from rules.model import User

if TYPE_CHECKING:
    from connector.services import Services

EXTENSION = "switchyard"
UNAVAILABLE = 503
LONGEST_WANTED = 1000
"""Characters of an address that is gone on to after signing in: the session is a cookie, of 4 KB at most."""

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
class Visitor:
    """Whoever looks at the console, and as what. `install_id` is set where that is one install and no other.

    `user_id` is that of a user of the CRM; empty for support.
    """

    role: Role
    name: str
    user_id: str = ""
    install_id: str = ""


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


def visitor() -> Visitor | None:
    """Return who looks, with their role; None when nobody is signed in, or what they signed in by counts no longer."""
    if "visitor" not in g:
        g.visitor = _visitor()
    found: Visitor | None = g.visitor
    return found


def mark() -> str:
    """Return whom the session names, as a word that is theirs at each sign-in and tells no id; "" when it names nobody.

    It tells people and installs apart, and says nothing of whether the sign-in still counts.
    """
    for kind in (WHO, REP, SUPPORT):
        noted = session.get(kind)
        if isinstance(noted, dict):
            told = [str(noted.get(name, "")) for name in ("crm", "tenant_id", "user_id", "leave_id")]
            return hashed("/".join((kind, *told)))
    return ""


def hashed(text: str) -> str:
    """Return a hash of a text, keyed with the secret of sessions."""
    secret = services().settings.session_secrets[0].encode()
    return blake2b(text.encode(), digest_size=16, key=secret[:64]).hexdigest()


def may_see(part: Part) -> bool:
    """Whether who is signed in may look at a part of the console, of whatever install is theirs."""
    found = visitor()
    return found is not None and roles.sees(found.role, part)


def me() -> Who:
    """Return the administrator signed in, in a view that is guarded by :func:`signed_in`; 404 for everybody else."""
    person = who()
    if person is None:
        abort(404)
    return person


def my_installs() -> list[Install]:
    """Return the installs whose home the person signed in may see, oldest first."""
    if who() is not None:
        person = me()
        with services().database.read() as connection:
            return [each for each in installs.every(connection, crm=person.crm) if _mine(connection, each, person)]
    found = visitor()
    if found is None or not roles.sees(found.role, "home"):
        return []
    with services().database.read() as connection:
        install = installs.by_id(connection, found.install_id)
    return [install] if install is not None else []


def my_install(install_id: str) -> Install:
    """Return one of my installs, to change it. Aborts with 404 for every other id, whether it exists or not."""
    person = me()
    with services().database.read() as connection:
        install = installs.by_id(connection, install_id)
        if install is None or not _mine(connection, install, person):
            abort(404)
    frames.allow(install)
    return install


def seen(install_id: str, part: Part) -> Install:
    """Return an install of which the person signed in may look at `part`; 404 for everything else."""
    found = visitor()
    if found is None or not roles.sees(found.role, part):
        abort(404)
    if found.role == "admin":
        return my_install(install_id)
    with services().database.read() as connection:
        install = installs.by_id(connection, install_id) if found.install_id == install_id else None
    if install is None or (found.role == "manager" and not _active(install, found.user_id)):
        abort(404)
    frames.allow(install)
    return install


def teach(app: Flask) -> None:
    """Let the templates of `app` ask who looks and what they may see."""
    app.jinja_env.globals.update(visitor=visitor, mark=mark, may_see=may_see)


def _visitor() -> Visitor | None:
    person = who()
    if person is not None:
        return Visitor("admin", person.name, person.user_id)
    here, noted = services(), session.get(SUPPORT)
    if isinstance(noted, dict):
        lasts = support.stays(here, noted["install_id"], noted["leave_id"], noted["epoch"])
        return Visitor("support", noted["name"], install_id=noted["install_id"]) if lasts else None
    user = rep()
    install = _of_rep(user) if user is not None else None
    if user is None or install is None:
        return None
    role: Role = "manager" if roles.is_manager(here, install, user.user_id) else "rep"
    return Visitor(role, user.name, user.user_id, install.id)


def _active(install: Install, user_id: str) -> bool:
    """Whether the CRM still lists a user as active. Aborts with 503 when it does not say."""
    try:
        return user_id in directory.users(services(), install)
    except Next:
        abort(UNAVAILABLE)


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
    """Send people who are not signed in to the console to the front page; a polling script gets a plain 403 instead.

    A rep's own page is not the console. In a frame, where nobody is signed in, there is a link to the page instead.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        found = visitor()
        if found is not None and found.role != "rep":
            return view(*args, **kwargs)
        if asked_by_htmx():
            abort(403)
        if frames.asks_for_frame() and not {WHO, REP, SUPPORT} & session.keys():
            return frames.door(_named(str(kwargs.get("install_id", ""))))
        return redirect(url_for("console.home"), 303) if found else _to_sign_in()

    return guarded


def _to_sign_in() -> ResponseReturnValue:
    """Send somebody who is not signed in (any more) to the front page, and remember which page they asked for."""
    wanted = request.full_path.removesuffix("?")
    if request.method == "GET" and len(wanted) <= LONGEST_WANTED:
        if WANTED not in session:  # who asks for many pages and never looks at one would fill the cookie
            flash(_("Sign in to go on to the page that you asked for."))
        session[WANTED] = wanted
    return redirect(url_for("console.home"), 303)


def _named(install_id: str) -> Install | None:
    with services().database.read() as connection:
        return installs.by_id(connection, install_id)


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
            return _to_sign_in()
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
