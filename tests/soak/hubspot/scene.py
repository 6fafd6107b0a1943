"""The soak in HubSpot: its people, its troubles and its audit, put together."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.soak.hubspot.people import Team, Teams
from tests.soak.hubspot.place import Portals, portals
from tests.soak.hubspot.reckoning import Reckoning, reckon
from tests.soak.hubspot.troubles import Troubles
from tests.soak.scene import Plan


@dataclass
class HubSpotScene:
    """Two portals with their people, and what goes wrong there."""

    here: Portals
    people: Teams
    troubles: Mapping[str, Callable[[], None]]

    def finish(self, seconds: float) -> None:
        """Wait until all is answered."""
        for team in self.people.each:
            team.create_many(1)
        self.here.control.delete("faults")
        self.here.wait_until_quiet(self.here.is_told, seconds)

    def calls(self) -> int:
        """Return how many API calls the product made."""
        return sum(not call["path"].startswith("/oauth") for call in self.here.control.get("calls"))

    def reckon(self) -> Reckoning:
        """Compare the portals with what people did."""
        return reckon(self.here, self.people)


@contextlib.contextmanager
def scene(directory: Path, plan: Plan, *, database: str = "", meanwhile: int = 8) -> Iterator[HubSpotScene]:
    """Set the scene in `directory`; on SQLite, or on an empty `database` (its URL).

    `meanwhile`: how often people act while trouble lasts.
    """
    with portals(directory, accounts=plan.accounts, database=database) as here:
        teams = [
            Team(here.control, install.tenant_id, here.companies, seed=f"{plan.seed}:{number}")
            for number, install in enumerate(here.installs)
        ]
        people = Teams(teams, seed=plan.seed)
        yield HubSpotScene(here, people, Troubles(here, people, meanwhile).kinds)
