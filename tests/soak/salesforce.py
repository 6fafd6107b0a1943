"""The soak in Salesforce: its people, its troubles and its audit, put together."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.soak.people import People
from tests.soak.place import Place, place
from tests.soak.reckoning import Reckoning, reckon
from tests.soak.scene import Plan
from tests.soak.troubles import SEEN_SECONDS, Troubles


@dataclass
class SalesforceScene:
    """An org with its people, and what goes wrong there."""

    here: Place
    people: People
    troubles: Mapping[str, Callable[[], None]]

    def finish(self, seconds: float) -> None:
        """Wait until all is answered; one lead is made behind all others, so that events come no more."""
        (last,) = self.people.create_many(1)
        self.here.wait_until_quiet(lambda: last in self.here.eye.audits(), seconds)

    def calls(self) -> int:
        """Return how many API calls the product made."""
        return self.here.eye.calls()

    def reckon(self) -> Reckoning:
        """Compare the org with what people did."""
        return reckon(self.here, self.people)


@contextlib.contextmanager
def scene(directory: Path, plan: Plan, *, database: str = "") -> Iterator[SalesforceScene]:
    """Set the scene in `directory`; on SQLite, or on an empty `database` (its URL)."""
    with place(directory, accounts=plan.accounts, database=database) as here:
        people = People(here.control, here.companies, seed=plan.seed)
        troubles = Troubles(here, people, large=plan.large)
        # A stream that was never read has no place to lose.
        here.wait(troubles.stands_at, SEEN_SECONDS, "the stream read")
        yield SalesforceScene(here, people, troubles.kinds)
