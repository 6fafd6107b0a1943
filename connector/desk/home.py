"""The home of an install: how it stands, what came in today, what needs a person, and the first steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias, get_args

from sqlalchemy import Connection

from connector.desk import log, retelling
from connector.services import Services
from connector.store import (
    decisions,
    editions,
    letters,
    notes,
    pairs,
    progress,
    reviews,
    rulesets,
    shelves,
    standing,
    streams,
    unfinished,
)
from connector.store.decisions import Stored
from connector.store.installs import Install
from connector.store.letters import Letter
from connector.store.progress import Progress
from connector.store.rulesets import Live
from connector.store.seal import Seal
from connector.store.standing import PutOff
from connector.store.streams import Stream
from jobs import budget, expiry, policy, responses, standings
from jobs.budget import Standing
from jobs.policy import Quiet
from oauth.flow import SETUP
from rules.model import Outcome

DAY, HOUR = timedelta(hours=24), timedelta(hours=1)
LATEST = 8
"""Decisions shown on the home; the rest is the activity's."""
PARKED_SHOWN = 20
"""Parked letters shown one by one; the count tells of the rest."""
HIDDEN = "first steps hidden"
"""The note of an install whose people do not want to see the first steps any more."""

Step: TypeAlias = Literal["install", "check", "rules", "preview", "simulate", "publish", "act"]
STEPS: tuple[Step, ...] = get_args(Step)
NOTED: Mapping[Step, str] = {step: f"first step {step}" for step in ("check", "rules", "preview", "simulate")}
"""The notes of the steps that leave nothing else behind; that of the check says how much is missing."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """What waits and what needs a person: letters not yet decided, decisions not yet carried out."""

    waiting: int
    parked: int
    unfinished: int
    parked_decisions: int

    @property
    def needs_you(self) -> int:
        """How many things stand still until a person asks for another try."""
        return self.parked + self.parked_decisions


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of the list of installs."""

    install: Install
    inbox: Inbox
    work: tuple[Progress, ...]
    quiet: Quiet | None
    put_off: tuple[PutOff, ...]


@dataclass(frozen=True, slots=True)
class Today:
    """What the last 24 hours came to: decisions by outcome, the same by hour (the oldest first), and the latest."""

    by_outcome: Mapping[str, int]
    by_hour: tuple[tuple[datetime, Mapping[str, int]], ...]
    latest: tuple[Stored, ...]
    inbox: Inbox


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a person elsewhere, by number.

    `missing` is what the last permission check missed (None: nobody has made one), `stopped` long work that failed.
    `missed` says how many leads came while nothing was connected, until a mode was chosen; empty when none did.
    """

    reviews: int
    duplicates: int
    missing: int | None
    stopped: tuple[str, ...]
    rules_fault: str
    missed: str = ""


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """The first steps with what is done of them, in their order."""

    done: Mapping[Step, bool]
    is_hidden: bool

    @property
    def following(self) -> Step | None:
        """The first one that is not done; None when all are."""
        return next((step for step in STEPS if not self.done[step]), None)


@dataclass(frozen=True, slots=True)
class Home:
    """Everything on the home of an install. `resting` is why asking for changes rests; empty when it does not.

    `version` is that of the rules in force (empty: none were read yet), `rules_here` whether they stand here alone.
    """

    install: Install
    today: Today
    work: tuple[Progress, ...]
    parked: tuple[Letter, ...]
    stream: Stream | None
    poll_seconds: float
    quiet: Quiet | None
    put_off: tuple[PutOff, ...]
    budget: Standing
    resting: str
    waiting: Waiting
    steps: FirstSteps
    version: str
    rules_here: bool


def read(services: Services, install: Install) -> Home:
    """Read everything that the home of an install shows. Raises Unreadable when no master key opens it."""
    seal, now = services.seal(install), services.clock()
    with services.database.read() as connection:
        stands = budget.standing(connection, install.id, services.settings, now=now)
        noted = notes.of(connection, install.id)
        long_work = _work(connection, install)
        live = rulesets.get(connection, install.id, seal)
        return Home(
            install=install,
            today=_today(connection, install, seal, now=now),
            work=long_work,
            parked=tuple(map(retelling.letter, letters.parked(connection, install.id, limit=PARKED_SHOWN))),
            stream=streams.get(connection, install.id),
            poll_seconds=services.settings.salesforce_poll_seconds,
            quiet=policy.quiet(connection, install.id, now=now),
            put_off=tuple(standing.put_off(connection, install.id, now=now)),
            budget=stands,
            resting=budget.why_not(stands, "poll", now=now),
            waiting=_waiting(connection, install, long_work, noted, live),
            steps=_steps(connection, install, seal, noted, live),
            version=live.version if live else "",
            rules_here=shelves.standing(connection, install.id).kind == "properties",
        )


def summary(services: Services, install: Install) -> Summary:
    """Read what the list of installs says about one."""
    now = services.clock()
    with services.database.read() as connection:
        return Summary(
            install=install,
            inbox=inbox(connection, install, now=now),
            work=_work(connection, install),
            quiet=policy.quiet(connection, install.id, now=now),
            put_off=tuple(standing.put_off(connection, install.id, now=now)),
        )


def today(services: Services, install: Install) -> Today:
    """Read what the last 24 hours came to: the part of the home that changes by the second."""
    with services.database.read() as connection:
        return _today(connection, install, services.seal(install), now=services.clock())


def work(services: Services, install: Install) -> tuple[Progress, ...]:
    """Read how far an install's setup and long work are: setup first, then by name."""
    with services.database.read() as connection:
        return _work(connection, install)


def work_again(services: Services, install: Install, *, by: str) -> int:
    """Start what had stopped from its beginning; return how much that was."""
    with services.database.write() as connection:
        failed = [each.name for each in progress.of(connection, install.id) if each.state == "failed"]
        for name in failed:
            progress.start(connection, install.id, name, now=services.clock())
    log.note(services, install, by=by, did="work", about=", ".join(failed))
    services.ring(install.id)
    return len(failed)


def retry(services: Services, install: Install, *, by: str) -> int:
    """Try every parked letter and decision again; return how many."""
    now = services.clock()
    with services.database.write() as connection:
        count = letters.retry_parked(connection, install.id, now=now)
        count += unfinished.retry_parked(connection, install.id, now=now)
    log.note(services, install, by=by, did="retry", about=str(count))
    services.ring(install.id)
    return count


def inbox(connection: Connection, install: Install, *, now: datetime) -> Inbox:
    """Count what waits in an install and what needs a person."""
    counts = letters.counts(connection, install.id)
    open_ones = standing.counts(connection, install.id, since=now)
    return Inbox(
        waiting=counts["waiting"],
        parked=counts["parked"],
        unfinished=open_ones.get("intended", 0),
        parked_decisions=open_ones.get("parked", 0),
    )


def keeps_rules(services: Services, install: Install) -> bool:
    """Whether the rules of an install stand here alone: a HubSpot portal that has no objects for them."""
    with services.database.read() as connection:
        return shelves.standing(connection, install.id).kind == "properties"


def took(services: Services, install: Install, step: Step, *, detail: str = "") -> None:
    """Note that somebody took a first step that leaves nothing else behind; `detail` is what the check missed."""
    with services.database.read() as connection:
        known = notes.of(connection, install.id).get(NOTED[step])
    if known != detail:
        with services.database.write() as connection:
            notes.put(connection, install.id, NOTED[step], detail, now=services.clock())


def hide_steps(services: Services, install: Install, *, hide: bool) -> None:
    """Hide the first steps, or show them again."""
    with services.database.write() as connection:
        if hide:
            notes.put(connection, install.id, HIDDEN, "", now=services.clock())
        else:
            notes.drop(connection, install.id, HIDDEN)


def _today(connection: Connection, install: Install, seal: Seal, *, now: datetime) -> Today:
    counts = standing.counts(connection, install.id, since=now - DAY)
    first = now.replace(minute=0, second=0, microsecond=0) - DAY + HOUR
    found = standing.by_hour(connection, install.id, since=first)
    return Today(
        by_outcome={name: counts[name] for name in get_args(Outcome) if name in counts},
        by_hour=tuple((first + n * HOUR, found.get(first + n * HOUR, {})) for n in range(24)),
        latest=tuple(map(retelling.decision, decisions.recent(connection, install.id, seal, limit=LATEST))),
        inbox=inbox(connection, install, now=now),
    )


def _work(connection: Connection, install: Install) -> tuple[Progress, ...]:
    """Return the long work in the order it is done; what is soon done shows when it is refused."""
    quick = {standings.NAME, responses.NAME, expiry.NAME}
    found = [each for each in progress.of(connection, install.id) if each.name not in quick or each.state == "failed"]
    return tuple(retelling.work(each) for each in sorted(found, key=lambda each: (":" in each.name, each.name)))


def _waiting(
    connection: Connection, install: Install, found: tuple[Progress, ...], noted: Mapping[str, str], live: Live | None
) -> Waiting:
    checked = noted.get(NOTED["check"])
    return Waiting(
        reviews=reviews.count(connection, install.id),
        duplicates=pairs.counts(connection, install.id).get("open", 0),
        missing=None if checked is None else int(checked or 0),
        stopped=tuple(each.name for each in found if each.state == "failed"),
        rules_fault=retelling.kept_fault(live.fault) if live else "",
        missed=retelling.reason(noted.get(notes.MISSED_TOLD, "")) if install.mode == "observe" else "",
    )


def _steps(
    connection: Connection, install: Install, seal: Seal, noted: Mapping[str, str], live: Live | None
) -> FirstSteps:
    setup = [each for each in progress.of(connection, install.id) if each.name == SETUP]
    published = any(each.by for each in editions.of(connection, install.id, seal, limit=5))
    done: dict[Step, bool] = {
        "install": live is not None or all(each.state == "done" for each in setup),
        "check": noted.get(NOTED["check"]) in {"", "0"},
        "rules": NOTED["rules"] in noted,
        "preview": NOTED["preview"] in noted,
        "simulate": NOTED["simulate"] in noted,
        "publish": published,
        "act": install.mode == "act",
    }
    return FirstSteps(done, HIDDEN in noted)
