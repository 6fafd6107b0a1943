"""The parts of a test of rules: the leads that arrive, what is known beside each, and what is expected.

People stand here as in the text: by e-mail address, a queue as ``queue "Name"``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from rules.actions import TimerKind
from rules.model import Decision, DuplicateStatus, Kind, MatchStatus, Value

WORKING_MOMENT = datetime(2026, 3, 10, 14, 30, tzinfo=UTC)
"""The clock of a test that sets none: a Tuesday that is a public holiday in no country and no region that the holiday
library knows, outside of lunch in UTC, and in working hours from Chicago to Istanbul."""


@dataclass(frozen=True, slots=True)
class Known:
    """A record as a test tells of it: its values, its id (or "") and who owns it (or "")."""

    fields: Mapping[str, Value] = field(default_factory=dict)
    id: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """The account that the lead is matched to, how sure that is (0 to 1), and the parent account, if it has one.

    `status` None: as the rule set's own limits say.
    """

    record: Known
    confidence: float = 1.0
    status: MatchStatus | None = None
    parent: Known | None = None


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """The older lead or contact that the lead is (or may be) a duplicate of."""

    record: Known
    kind: Kind = "lead"
    status: DuplicateStatus = "same"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One lead and all that is known when it is routed. `previous` have had it by our decisions, the oldest first.

    `neighbours` have leads of the same account, the latest first; `refused` must not get it now. `received` is when it
    came, if that was before. `changed` are the fields whose change is the reason for routing it. `at` is when it is
    routed; None: `Trial.every` after the lead before it.
    """

    lead: Known = Known()
    owner: str = ""
    account: KnownAccount | None = None
    duplicate: KnownPerson | None = None
    opportunity: Known | None = None
    previous: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    received: datetime | None = None
    changed: tuple[str, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A step that is expected to wait for its time; what is None (or "") may be anything."""

    kind: TimerKind
    at: datetime | None = None
    after: timedelta | None = None
    to: str = ""


WishKind: TypeAlias = Literal[
    "rule", "assignee", "pool", "territory", "queue", "fallback", "because", "outcome", "task", "until", "assignees",
    "escalations",
]  # fmt: skip
Wanted: TypeAlias = str | bool | datetime | tuple[str, ...] | tuple[Due, ...] | Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that a test expects, and where it says so. "" is nobody, no rule, no pool."""

    what: WishKind
    wanted: Wanted
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom a test names, and where: `person` is an e-mail address or ``queue "Name"``.

    `word`: what was written, where it is only the name of a queue, which must be known then. `is_new`: naming them is
    enough for them to be there, as for the owner of a record; others must be known from elsewhere.
    """

    person: str
    line: int
    column: int
    word: str = ""
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """One test: `arrivals` come in one after the other from `at` on, with `every` between them.

    `open_leads`, `paused` (until when; None: until further notice) and `given` (pool -> leads that each member has had
    in the windows of their caps) are as things stand before the first. `named` is everybody it names.
    """

    name: str
    record: str
    line: int
    column: int
    arrivals: tuple[Arrival, ...]
    wishes: tuple[Wish, ...]
    at: datetime = WORKING_MOMENT
    every: timedelta = timedelta(0)
    open_leads: Mapping[str, int] = field(default_factory=dict)
    paused: Mapping[str, datetime | None] = field(default_factory=dict)
    given: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    named: tuple[Named, ...] = ()

    @property
    def moments(self) -> tuple[datetime, ...]:
        """When each lead is routed, in their order."""
        found: list[datetime] = []
        for arrival in self.arrivals:
            found.append(arrival.at or (found[-1] + self.every if found else self.at))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Step:
    """One lead of a test: what was decided, and the territory whose row gave it away (or "").

    `english` is the same decision in English words, where the assignee reads another language.
    """

    decision: Decision
    territory: str = ""
    english: Decision | None = None

    @property
    def told(self) -> Decision:
        """The decision in English words."""
        return self.english or self.decision


@dataclass(frozen=True, slots=True)
class Miss:
    """What was expected and what was found instead; `lead` is which of several leads it was, from 1, or 0 for all."""

    what: str
    expected: str
    found: str
    lead: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a test: green without misses. `steps` are its leads, in order."""

    trial: Trial
    misses: tuple[Miss, ...]
    steps: tuple[Step, ...]

    @property
    def is_green(self) -> bool:
        """Whether all was found as expected."""
        return not self.misses


@dataclass(frozen=True, slots=True)
class Report:
    """What became of all tests, in their order."""

    results: tuple[Result, ...] = ()

    @property
    def red(self) -> tuple[Result, ...]:
        """The tests that failed."""
        return tuple(result for result in self.results if not result.is_green)

    @property
    def is_green(self) -> bool:
        """Whether no test failed."""
        return not self.red
