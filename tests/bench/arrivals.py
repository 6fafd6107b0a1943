"""Leads that arrive in a CRM: at once, or at an even rate, and no two with one address."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from tests.bench.running import Side
from tests.sandbox.seed import hubspot, salesforce
from tests.sandbox.seed.leads import leads
from tests.sandbox.seed.model import Company

TICK = 0.05
"""Seconds between two looks for leads that are due: at a hundred a second, five come together."""


class Arrivals:
    """Where one CRM's leads come from; `seed` says which."""

    def __init__(self, side: Side, companies: Sequence[Company], *, seed: int = 11) -> None:
        self._side = side
        self._rows = self._fresh(companies, seed)

    def at_once(self, count: int) -> list[str]:
        """Have so many leads come together; return their ids."""
        return self._side.eye.create([next(self._rows) for _ in range(count)])

    def at_rate(self, rate: float, seconds: float) -> list[str]:
        """Have leads come evenly, so many a second; return their ids when the last has come."""
        made: list[str] = []
        began, wanted = time.monotonic(), round(rate * seconds)
        while len(made) < wanted:
            due = min(wanted, 1 + int((time.monotonic() - began) * rate)) - len(made)
            if due > 0:
                made += self.at_once(due)
            time.sleep(TICK)
        return made

    def _fresh(self, companies: Sequence[Company], seed: int) -> Iterator[dict[str, Any]]:
        """Yield leads whose address nobody has: a second one with it would be no new contact in HubSpot."""
        if self._side.crm == "hubspot":
            known = {(row["properties"].get("email") or "").lower() for row in self._side.eye.rows("contacts")}
        else:
            known = {(row["Email"] or "").lower() for row in self._side.eye.rows("Lead")}
        for lead in leads(companies, 10_000_000, seed=seed):
            address = lead.email.lower()
            if not address or address in known:
                continue
            known.add(address)
            yield salesforce.lead(lead) if self._side.crm == "salesforce" else dict(hubspot.lead(lead))
