"""Who the users of an install's CRM are: the list that the workers keep, asked of the CRM when nobody knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cattrs import Converter

from connector.crm import CrmName
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from jobs.rulebook import DIRECTORY
from rules.model import User

if TYPE_CHECKING:
    from connector.services import Services

_users = Converter()


def users(here: Services, install: Install) -> dict[str, User]:
    """Return the active people who can own leads, by id. Raises what the CRM raises when it must be asked.

    Its answer is kept: how often a page is loaded costs the CRM nothing.
    """
    memo = StoredMemo(here.database, install.id, here.seal(install), here.clock)
    kept = memo.get(DIRECTORY)
    if kept is None:
        crm = here.crm(install)
        try:
            people = crm.users()
        finally:
            crm.close()
        memo.put(DIRECTORY, _users.unstructure(people), seconds=here.settings.directory_seconds)
    else:
        people = _users.structure(kept, tuple[User, ...])
    return {user.id: user for user in people if user.active and not user.queue}


def known(here: Services, install: Install) -> tuple[User, ...] | None:
    """Return everybody who can own leads, queues and inactive people too, as the list that is kept says.

    None when no list is kept. The CRM is not asked.
    """
    kept = StoredMemo(here.database, install.id, here.seal(install), here.clock).get(DIRECTORY)
    return None if kept is None else _users.structure(kept, tuple[User, ...])


def signs_in(people: dict[str, User], crm: CrmName, login_id: str) -> User | None:
    """Return who of these signs in with this id.

    The two kinds of ids of HubSpot are never compared with each other: somebody's login id may be another's owner id.
    """
    if crm == "salesforce":
        return people.get(login_id)
    return next((user for user in people.values() if login_id and user.login_id == login_id), None)


def member(here: Services, install: Install, login_id: str) -> User | None:
    """Return the active user who signs in with this id, or None. Raises what the CRM raises."""
    return signs_in(users(here, install), install.crm, login_id)


def named(here: Services, install: Install, ids: set[str]) -> dict[str, str]:
    """Return what the people with these ids are called, as far as the list that is known says; the CRM is not asked.

    An id may be the one somebody owns leads with or the one they sign in with.
    """
    people = known(here, install) or ()
    found = {user.login_id: user.name for user in people if user.login_id in ids}
    return found | {user.id: user.name for user in people if user.id in ids}
