"""The portal setting by which HubSpot links a new contact to the company that has its e-mail's domain.

It happens some time after the creation, so it races with whoever does the same over the API.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.sandbox.hubspot.associations import End
from tests.sandbox.hubspot.events import Actor
from tests.sandbox.hubspot.links import HUBSPOT

if TYPE_CHECKING:
    from collections.abc import Container

    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.records import Record

# The change source of such a link is [U].
ACTOR = Actor("AUTO_ASSOCIATE_BY_DOMAIN", "")
FIND = """
SELECT id FROM records WHERE portal = ? AND type = '0-2' AND archived = 0
AND lower(json_extract(props, '$."domain"')) = ? ORDER BY id
"""


class Joining:
    """Waits, then links."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._timers: list[threading.Timer] = []

    def consider(self, record: Record, changed: Container[str]) -> None:
        """Take note of a contact whose e-mail is new, if its portal has the setting on."""
        portal = self._hub.portals.get(record.portal)
        if record.type == "0-1" and "email" in changed and portal.auto_associate:
            timer = threading.Timer(portal.auto_associate_delay, self._join, [record.portal, record.id])
            timer.daemon = True
            self._timers = [old for old in self._timers if old.is_alive()] + [timer]
            timer.start()

    def _join(self, portal: int, contact: int) -> None:
        """Link the contact, unless it is gone or has a company by now."""
        record = self._hub.records.many(portal, "0-1", [contact]).get(contact)
        if record is None or "associatedcompanyid" in record.props:
            return
        row = self._hub.store.read().execute(FIND, (portal, record.props.get("hs_email_domain", ""))).fetchone()
        if row:
            primary = self._hub.associations.types.get(portal, "0-1", "0-2", HUBSPOT, 1)
            self._hub.associations.link(portal, End("0-1", contact), End("0-2", row[0]), [primary], ACTOR)

    def stop(self) -> None:
        """Call off what was still to happen."""
        for timer in self._timers:
            timer.cancel()
