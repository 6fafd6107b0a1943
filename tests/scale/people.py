"""Who makes leads in all the CRMs: everybody evenly, and one neighbour who makes many more."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.sandbox.seed import hubspot, salesforce
from tests.sandbox.seed.companies import load_companies
from tests.sandbox.seed.leads import leads
from tests.scale.fleet import Customer


@dataclass(frozen=True)
class Made:
    """A lead that somebody made: whose (its place among the customers), its id, and in which part of the course."""

    place: int
    lead_id: str
    part: str


class People:
    """Makes leads; no two of them have one address. `made` is what they remember."""

    def __init__(self, customers: Sequence[Customer], *, accounts: int, seed: int) -> None:
        self._customers = customers
        self._leads = self._fresh(accounts, seed)
        self._lock = threading.Lock()
        self._random = Random(seed)
        self.made: list[Made] = []

    def lead(self, place: int, part: str) -> None:
        """Make one lead of a customer."""
        customer = self._customers[place]
        with self._lock:
            lead = next(self._leads)
        row: dict[str, Any] = salesforce.lead(lead) if customer.crm == "salesforce" else dict(hubspot.lead(lead))
        (lead_id,) = customer.eye.create([row])
        with self._lock:
            self.made.append(Made(place, lead_id, part))

    def everybody(self, rate: float, part: str, over: threading.Event, *, but: int | None = None) -> None:
        """Have all customers (`but` one) make leads, so many a second together, until it is over."""
        places = [each for each in range(len(self._customers)) if each != but]
        self._random.shuffle(places)
        self._evenly(itertools.cycle(places), rate, part, over)

    def one(self, place: int, rate: float, part: str, over: threading.Event) -> None:
        """Have one customer make so many leads a second until it is over."""
        self._evenly(itertools.repeat(place), rate, part, over)

    def _evenly(self, places: Iterator[int], rate: float, part: str, over: threading.Event) -> None:
        began = time.monotonic()
        for number, place in enumerate(places):
            if over.wait(max(0.0, began + number / rate - time.monotonic())):
                return
            self.lead(place, part)

    @staticmethod
    def _fresh(accounts: int, seed: int) -> Iterator[Any]:
        known = set[str]()
        for lead in leads(load_companies()[:accounts], 10_000_000, seed=seed):
            address = lead.email.lower()
            if address and address not in known:
                known.add(address)
                yield lead
