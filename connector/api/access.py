"""Operations on who may do what: API keys, managers, leave for support, and the log of changes."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from connector.api import pages
from connector.api.caller import Caller
from connector.api.frame import operation
from connector.api.shapes import Done, Line, Page, Shape, Wish
from connector.api.tags import ACCESS
from connector.desk import directory, keys, log, roles, support
from connector.desk.faults import NotThere
from connector.store.api_keys import ApiKey

Scope = Literal["read", "rules:write", "people:write", "reviews:write", "runs:write", "settings:write"]


class Key(Shape):
    """An API key; its secret is shown once, when it is made."""

    id: str
    name: str
    scopes: list[Scope]
    by: str = Field(description="Who made it.")
    created_at: datetime
    expires_at: datetime | None = Field(description="Null: until it is revoked.")
    revoked_at: datetime | None
    used_at: datetime | None = Field(description="Last used, within a minute.")


class KeyList(Shape):
    """The keys of the install, the newest first; those that open nothing any more stay for some days."""

    items: list[Key]


class Manager(Shape):
    """Somebody with a role in the console."""

    user_id: str
    name: str
    email: str
    role: Literal["admin", "manager", "rep", "support"]
    since: datetime
    by: str
    known: bool = Field(description="False when the CRM has no such active user (any more).")


class RoleList(Shape):
    """Who has a role in the console."""

    items: list[Manager]


class LeaveWish(Wish):
    """For how long support may look."""

    hours: Literal[1, 2, 4, 8, 12]


class Leave(Shape):
    """Leave for support to look, and who has used it."""

    id: str
    by: str
    since: datetime
    until: datetime
    entered_at: datetime | None
    entered_by: str
    ended_at: datetime | None


class LeaveList(Shape):
    """Leaves that were given, the newest first."""

    items: list[Leave]


class LeaveMade(Shape):
    """A new leave; its code is told now and never again."""

    id: str
    code: str = Field(
        description="For the people of support, to be typed at sign-in; it serves once. Empty in the answer to a "
        "request that is sent again: it is kept nowhere. End the leave and give another when it was lost."
    )


class Change(Shape):
    """Somebody did something."""

    id: int
    at: datetime
    by: str = Field(description="A user's id, `key:` and an API key's id, or `support:` and a leave's id.")
    name: str = Field(description="What they are called, as far as anybody knows.")
    did: str = Field(examples=["mode"])
    about: str
    before: str = Field(description="What stood there until then.")


class ChangePage(Page):
    """A page of changes, the newest first."""

    items: list[Change]


class ChangeQuery(Wish):
    """Which changes."""

    cursor: str = Field("", max_length=2000, pattern=r"^[!-~]*$", description="`next` of the page before.")
    did: Line = Field("", description="Only what was done of this kind.", examples=["mode"])
    by: Line = Field("", description="Only what this one did.", examples=["005000000000001AAA"])


@operation("GET", "/keys", tag=ACCESS, scope="read", returns=KeyList)
def list_keys(caller: Caller) -> KeyList:
    """List the API keys.

    Keys are made in the console alone: a key that could make keys would outlive its own end.
    """
    found = keys.listed(caller.services, caller.install)
    return KeyList(items=[_key(each) for each in found])


@operation("DELETE", "/keys/<key>", tag=ACCESS, scope="settings:write", returns=Key)
def revoke_key(caller: Caller, key: str) -> Key:
    """Revoke an API key: it opens nothing from this moment on."""
    keys.revoke(caller.services, caller.install, key, by=caller.by)
    return _key(keys.get(caller.services, caller.install, key))


@operation("GET", "/roles", tag=ACCESS, scope="read", returns=RoleList, faults=(409,))
def list_roles(caller: Caller) -> RoleList:
    """List who has a role in the console."""
    found = roles.people(caller.services, caller.install)
    return RoleList(items=[Manager.model_validate(each) for each in found])


@operation("PUT", "/roles/managers/<person>", tag=ACCESS, scope="settings:write")
def make_manager(caller: Caller, person: str) -> None:
    """Let a user of the CRM look at home, activity, reports and people."""
    if person not in directory.users(caller.services, caller.install):
        raise NotThere("The CRM has no such active user who can own leads.")
    roles.make_manager(caller.services, caller.install, person, by=caller.by)


@operation("DELETE", "/roles/managers/<person>", tag=ACCESS, scope="settings:write")
def end_manager(caller: Caller, person: str) -> None:
    """Take somebody's role away, from this moment on."""
    if not roles.take_away(caller.services, caller.install, person, by=caller.by):
        raise NotThere("They have no role.")


@operation("GET", "/support", tag=ACCESS, scope="read", returns=LeaveList)
def list_leaves(caller: Caller) -> LeaveList:
    """List the leaves for support to look."""
    found = support.listed(caller.services, caller.install)
    return LeaveList(items=[Leave.model_validate(each) for each in found])


@operation(
    "POST",
    "/support",
    tag=ACCESS,
    scope="settings:write",
    returns=LeaveMade,
    status=201,
    body=LeaveWish,
    once=("code",),
)
def give_leave(caller: Caller, *, body: LeaveWish) -> LeaveMade:
    """Let support look at this install for some hours; they change nothing."""
    made = support.make(caller.services, caller.install, hours=body.hours, by=caller.by)
    return LeaveMade(id=made.leave_id, code=made.code)


@operation("DELETE", "/support/<leave>", tag=ACCESS, scope="settings:write", returns=Done)
def end_leave(caller: Caller, leave: str) -> Done:
    """End a leave, and the session it opened."""
    here, mine = caller.services, caller.install
    if not any(each.id == leave for each in support.listed(here, mine)):
        raise NotThere("There is no such leave.")
    return Done(changed=support.end(here, mine, leave, by=caller.by))


@operation("GET", "/changes", tag=ACCESS, scope="read", returns=ChangePage, query=ChangeQuery)
def list_changes(caller: Caller, *, query: ChangeQuery) -> ChangePage:
    """List who changed what, the newest first."""
    mine, named = caller.install, f"changes {query.did} {query.by}"
    place = pages.place(mine.id, named, query.cursor)
    before = int(place[0]) if place else None
    found = log.listed(caller.services, mine, before=before, did=query.did, by=query.by)
    items = [
        Change(id=each.id, at=each.at, by=each.by, name=found.names.get(each.by, ""), did=each.did, about=each.about,
               before=each.before)
        for each in found.changes
    ]  # fmt: skip
    return ChangePage(items=items, next=pages.cursor(mine.id, named, [found.older] if found.older else None))


def _key(found: ApiKey) -> Key:
    values = {name: getattr(found, name) for name in Key.model_fields}
    return Key.model_validate({**values, "scopes": [each for each in keys.SCOPES if each in found.scopes]})
