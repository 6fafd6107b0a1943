"""The portal setting by which HubSpot links a new contact to the company that has its e-mail's domain.

It happens some time after the creation, so it races with whoever does the same over the API.
"""

from __future__ import annotations

import heapq
import threading
import time
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
    """Waits, then links; one thread, started when the first contact comes."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, int]] = []
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def consider(self, record: Record, changed: Container[str]) -> None:
        """Take note of a contact whose e-mail is new, if its portal has the setting on."""
        portal = self._hub.portals.get(record.portal)
        if record.type != "0-1" or "email" not in changed or not portal.auto_associate:
            return
        with self._changed:
            heapq.heappush(self._waiting, (time.monotonic() + portal.auto_associate_delay, portal.id, record.id))
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="hubspot-joining", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self._changed:
                pause = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if pause is None or pause > 0:
                    self._changed.wait(pause)
                    continue
                _, portal, contact = heapq.heappop(self._waiting)
            self._join(portal, contact)

    def _join(self, portal: int, contact: int) -> None:
        """Link the contact, unless it is gone or has a company by now."""
        with self._hub.store.write() as tx:
            record = self._hub.records.many(portal, "0-1", [contact]).get(contact)
            if record is None or "associatedcompanyid" in record.props:
                return
            row = tx.execute(FIND, (portal, record.props.get("hs_email_domain", ""))).fetchone()
            if row:
                primary = self._hub.associations.types.get(portal, "0-1", "0-2", HUBSPOT, 1)
                self._hub.associations.link(portal, End("0-1", contact), End("0-2", row[0]), [primary], ACTOR)

    def stop(self) -> None:
        """Call off what was still to happen."""
        self._stopping.set()
        with self._changed:
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout=5)
