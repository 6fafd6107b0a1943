"""Who is asking, and what is theirs. An install that is not mine does not exist: 404, never 403."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, cast

from flask import abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from connector.store import installs
from connector.store.installs import Install

if TYPE_CHECKING:
    from connector.services import Services

EXTENSION = "switchyard"
SIGNED_IN = "signed_in"
"""The session's key: {install id: the person's user id in that CRM}, written by the OAuth flow alone."""

P = ParamSpec("P")


def services() -> Services:
    """Return what this process works with; create_app put it there."""
    return cast("Services", current_app.extensions[EXTENSION])


def identities() -> dict[str, str]:
    """Return the install ids the session claims, each with the person's CRM user id. Not yet checked."""
    claimed = session.get(SIGNED_IN)
    return claimed if isinstance(claimed, dict) else {}


def my_installs() -> list[Install]:
    """Return the installs that the person signed in may see, oldest first; none when signed out."""
    claimed = identities()
    if not claimed:
        return []
    with services().database.read() as connection:
        mine = [
            installs.by_id(connection, install_id)
            for install_id, user_id in claimed.items()
            if installs.is_admin(connection, install_id, user_id)
        ]
    return sorted((each for each in mine if each is not None), key=lambda each: (each.created_at, each.id))


def my_install(install_id: str) -> Install:
    """Return one of my installs. Aborts with 404 for every other id, whether it exists or not."""
    user_id = identities().get(install_id)
    if user_id is None:
        abort(404)
    with services().database.read() as connection:
        install = installs.by_id(connection, install_id)
        if install is None or not installs.is_admin(connection, install_id, user_id):
            abort(404)
    return install


def asked_by_htmx() -> bool:
    """Whether the page's own script asks for a part of it."""
    return request.headers.get("HX-Request") == "true"


def signed_in(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Send people who are not signed in to the front page; their polling script gets a plain 403 instead."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if identities():
            return view(*args, **kwargs)
        if asked_by_htmx():
            abort(403)
        return redirect(url_for("console.home"), 303)

    return guarded
