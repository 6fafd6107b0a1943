"""How a soak is played, whatever the CRM: how much, by whom, where, and what is found in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from tests.soak.ground import Ground

QUIET_SECONDS = 600.0


@dataclass(frozen=True)
class Plan:
    """How many records are changed, how often everything goes wrong meanwhile, and how large a mass change is.

    `rate` is changes a second, `quiet` how many seconds all may take to be answered in the end.
    """

    changes: int
    seed: int = 7
    rounds: int = 1
    accounts: int = 300
    large: int = 300
    rate: float = 100.0
    quiet: float = QUIET_SECONDS


class Crowd(Protocol):
    """Everybody who works in the CRM."""

    @property
    def done(self) -> Counter[str]:
        """How many records were changed, by what was done."""
        ...

    def act(self) -> int:
        """Do one thing to a few records; return to how many."""
        ...


class Findings(Protocol):
    """What was found wrong: every list holds ids, and is empty when all is well."""

    @property
    def faults(self) -> dict[str, list[str]]:
        """What is wrong, by what it is."""
        ...


Found_co = TypeVar("Found_co", bound=Findings, covariant=True)


class Scene(Protocol[Found_co]):
    """A CRM in which a soak is played: where, who, what goes wrong there, and how it is audited."""

    @property
    def here(self) -> Ground:
        """Where it runs."""
        ...

    @property
    def people(self) -> Crowd:
        """Who works there."""
        ...

    @property
    def troubles(self) -> Mapping[str, Callable[[], None]]:
        """What goes wrong, by name."""
        ...

    def finish(self, seconds: float) -> None:
        """Wait until all is answered. Raises TimeoutError."""
        ...

    def calls(self) -> int:
        """Return how many calls the product made."""
        ...

    def reckon(self) -> Found_co:
        """Compare the CRM with what people did."""
        ...
