"""Leads that arrive in one CRM, and the moment each of them landed."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Any

from requests import HTTPError

from tests.demo.watch import HubSpotEye, Landed, SalesforceEye
from tests.sandbox.seed import hubspot, salesforce
from tests.sandbox.seed.leads import leads
from tests.sandbox.seed.model import Company, SeedLead

LOOK_SECONDS = 0.1


def watch(streams: Sequence[Stream], seconds: float, *, landed: Callable[[Stream, SeedLead, Landed], None]) -> None:
    """Report each lead as it lands; return when all have, or after `seconds` without news."""
    last = time.monotonic()
    while any(stream.under_way for stream in streams) and time.monotonic() - last < seconds:
        for stream in streams:
            for lead, found in stream.look():
                landed(stream, lead, found)
                last = time.monotonic()
        time.sleep(LOOK_SECONDS)
    for stream in streams:
        stream.count_calls()


class Stream:
    """Creates `count` leads at `rate` a second in a thread, and watches for their audit rows."""

    def __init__(
        self, eye: SalesforceEye | HubSpotEye, companies: Sequence[Company], *, count: int, rate: float
    ) -> None:
        self.eye = eye
        self._source = leads(companies, 1_000_000, seed=11)
        self._rate, self._count = rate, count
        self._calls_before = 0
        self._addresses: set[str] = set()
        self.created: dict[str, tuple[SeedLead, float]] = {}
        self.landed: dict[str, tuple[Landed, float]] = {}
        self.calls = 0
        self._thread = threading.Thread(target=self._create, name=f"leads {eye.crm}", daemon=True)

    def start(self) -> None:
        """Let the leads come."""
        self._calls_before = self.eye.calls()
        self._thread.start()

    @property
    def under_way(self) -> bool:
        """Whether leads are still to come or to land."""
        return self._thread.is_alive() or len(self.landed) < len(self.created)

    def count_calls(self) -> None:
        """Note how many CRM calls the product made since `start`."""
        self.calls = self.eye.calls() - self._calls_before

    def one_more(self) -> Iterator[tuple[SeedLead, Landed]]:
        """Let one more lead come; yield what has landed since."""
        self._put(next(self._source))
        yield from self.look()

    def look(self) -> Iterator[tuple[SeedLead, Landed]]:
        """Yield the leads that have landed since the last look."""
        now = time.time()
        for lead_id, found in self.eye.audits().items():
            if lead_id not in self.landed and lead_id in self.created:
                self.landed[lead_id] = (found[0], now)
                yield self.created[lead_id][0], found[0]

    def _create(self) -> None:
        began = time.monotonic()
        for number, lead in enumerate(itertools.islice(self._source, self._count)):
            time.sleep(max(0.0, began + number / self._rate - time.monotonic()))
            self._put(lead)

    def _put(self, lead: SeedLead) -> None:
        if self.eye.crm == "hubspot" and lead.email.lower() in self._addresses:
            return  # HubSpot has one contact per address: a form would update it, and that is no new lead
        self._addresses.add(lead.email.lower() or lead.key)
        at = time.time()
        try:
            (lead_id,) = self.eye.create([self._row(lead)])
        except HTTPError as error:
            if self.eye.crm == "hubspot" and error.response.status_code == HTTPStatus.CONFLICT:
                return  # the same, for an address that a contact had from the start
            raise
        self.created[lead_id] = (lead, at)

    def _row(self, lead: SeedLead) -> dict[str, Any]:
        return salesforce.lead(lead) if self.eye.crm == "salesforce" else dict(hubspot.lead(lead))
