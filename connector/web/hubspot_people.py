"""Whose word counts at a page of HubSpot: who calls as a user that can own records, and who is an administrator."""

from __future__ import annotations

import structlog

from connector.desk import directory
from connector.errors import Next
from connector.store import cards
from connector.web import hurry
from connector.web.access import services
from connector.web.signed import Caller, refuse
from rules.model import User
from rules.wording.words import say

log = structlog.get_logger()


def serving(asks: Caller) -> Caller:
    """Return the caller. Aborts with 404 when their portal has withdrawn our right to what we know of it."""
    if asks.install.status == "revoked":
        refuse(404, say("page.withdrawn"))
    return asks


def user(asks: Caller) -> User | None:
    """Return who calls as a user that can own records, None when there is none. Raises what the CRM raises."""
    here, install = services(), asks.install
    return hurry.run(lambda: directory.member(here, install, asks.user_id))


def reader(asks: Caller) -> User | None:
    """Return who looks at a page, as :func:`user` does; None also when nobody says so now."""
    try:
        return user(asks)
    except Next as error:
        log.warning("nobody says who asks", install=asks.install.id, reason=str(error))
        return None


def is_admin(asks: Caller) -> bool:
    """Whether the caller is an administrator of the portal, as the console knows them."""
    with services().database.read() as connection:
        return cards.is_admin(connection, asks.install.id, asks.user_id, now=services().clock())


def administrator(asks: Caller) -> Caller:
    """Return the caller, whose portal is served. Aborts with 404, or 403 when they are no administrator."""
    if not is_admin(serving(asks)):
        refuse(403, say("page.administrators"))
    return asks
