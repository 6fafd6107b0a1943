"""Who is asking, and what is theirs. An install that is not mine does not exist: 404, never 403."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, cast

from flask import abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from connector.crm import CrmName
from connector.store import installs
from connector.store.installs import Install
from oauth.flow import WHO

if TYPE_CHECKING:
    from connector.services import Services

EXTENSION = "switchyard"

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Who:
    """The person signed in: a user of one org or portal. `epoch` must still be that of their admin row."""

    crm: CrmName
    tenant_id: str
    user_id: str
    name: str
    epoch: str


def services() -> Services:
    """Return what this process works with; create_app put it there."""
    return cast("Services", current_app.extensions[EXTENSION])


def who() -> Who | None:
    """Return the person signed in, as the OAuth flow noted them in the signed session; None when nobody is.

    The time of signing in stands in the session itself: its cookie is signed anew whenever something else changes.
    """
    noted = session.get(WHO)
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
