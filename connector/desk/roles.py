"""Who may look at what: the four roles, which parts of the console each sees, and giving somebody the role manager."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, get_args

from sqlalchemy import select

from connector.desk import directory, log
from connector.desk.faults import Unusable
from connector.services import Services
from connector.store import grants, installs
from connector.store.grants import Grant
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from oauth import reps

Role: TypeAlias = Literal["admin", "manager", "rep", "support"]
Part: TypeAlias = Literal[
    "home",
    "activity",
    "reports",
    "people",
    "rules",
    "matching",
    "duplicates",
    "settings",
    "health",
    "changes",
    "access",
    "preview",
]
"""What a role may or may not look at. ``access`` is who may do what: roles, leave for support, keys of the API;
``preview`` reads whatever lead somebody names from the CRM, with the rights of the connection."""

SEES: dict[Role, frozenset[Part]] = {
    "admin": frozenset(get_args(Part)),
    "manager": frozenset({"home", "activity", "reports", "people", "settings"}),
    # Not the duplicates and reviews: they show people side by side with all their fields, and no fault needs that.
    "support": frozenset(
        {"home", "activity", "reports", "people", "rules", "matching", "settings", "health", "changes"}
    ),
    "rep": frozenset(),
}
"""A rep sees their own page alone, which is no part of the console. Only an administrator changes anything."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a role. `user_id` is the one their role hangs on; `since` and `by` where it was given here.

    `known` is False when the CRM's list does not have them as an active user (any more): they do not get in.
    """

    user_id: str
    name: str
    email: str
    role: Role
    since: datetime
    by: str = ""
    known: bool = True


def sees(role: Role, part: Part) -> bool:
    """Whether somebody with this role may look at a part of the console."""
    return part in SEES[role]


def people(services: Services, install: Install) -> tuple[Person, ...]:
    """Return who has signed in as administrator and who was given a role, by name. Raises what the CRM raises."""
    users = directory.users(services, install)
    with services.database.read() as connection:
        given = grants.every(connection, install.id)
        columns = installs.admin.c.user_id, installs.admin.c.since
        admins = connection.execute(select(*columns).where(installs.admin.c.install_id == install.id)).all()
    found = []
    for row in admins:
        user = directory.signs_in(users, install.crm, row.user_id)
        found.append(Person(row.user_id, user.name if user else "", user.email if user else "", "admin", row.since))
    for each in given:
        user = users.get(each.user_id)
        name, email = (user.name, user.email) if user else ("", "")
        found.append(Person(each.user_id, name, email, each.role, each.at, each.by, known=user is not None))
    return tuple(sorted(found, key=lambda each: (each.role != "admin", each.name.casefold(), each.user_id)))


def is_manager(services: Services, install: Install, user_id: str) -> bool:
    """Whether somebody was given the role manager; `user_id` owns leads."""
    with services.database.read() as connection:
        given = grants.of(connection, install.id, user_id)
    return given is not None and given.role == "manager"


def make_manager(services: Services, install: Install, user_id: str, *, by: str) -> None:
    """Let a user of the CRM look at home, activity, reports and people from their next sign-in on.

    Raises Unusable when the CRM has no such active user, and what the CRM raises.
    """
    user = directory.users(services, install).get(user_id)
    if user is None:
        raise Unusable("Your CRM has no such active user who can own leads.", field="user")
    now = services.clock()
    with services.database.write() as connection:
        done = grants.give(connection, install.id, Grant(user_id, "manager", by, now))
    if done:
        _sign_out(services, install, user_id)
        log.note(services, install, by=by, did="manager made", about=user_id)


def take_away(services: Services, install: Install, user_id: str, *, by: str) -> bool:
    """Take somebody's role away, from this moment on; False when they had none."""
    with services.database.write() as connection:
        done = grants.take(connection, install.id, user_id)
    if done:
        _sign_out(services, install, user_id)
        log.note(services, install, by=by, did="manager ended", about=user_id)
    return done


def _sign_out(services: Services, install: Install, user_id: str) -> None:
    """End every session of a user whose role changes: no copy of an old cookie may carry the new role."""
    memo = StoredMemo(services.database, install.id, services.seal(install), services.clock)
    reps.end(memo, user_id)
