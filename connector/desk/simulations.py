"""Simulations that people start: two rule sets over past leads, done by workers, with progress and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connector.desk import drafts, retelling, rulebook
from connector.desk.faults import NotThere, Unusable, sentence
from connector.desk.log import note
from connector.desk.preview import api_names
from connector.services import Services
from connector.store import editions, progress, rulesets
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.store.progress import Progress, State
from jobs import simulation, simulation_line
from jobs.publish import items_of_edition
from jobs.simulation_line import Asked
from rules.comparison import COLUMNS, csv_lines
from rules.faults import RuleSetError
from rules.ruleset import Item, Source, load, split
from rules.typed_leads import Arrival, TableFault, decoded, spread, table

LIVE, DRAFTS, TEXT, EDITION = "live", "drafts", "text", "edition:"
MOST_DAYS = 3650
MOST_OPEN_DAYS = 365
UNDER_WAY = frozenset({"waiting", "running", "paused"})
NOT_LIKE_THAT = sentence("It is through already, or not paused.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What to simulate. `before` and `after` are ``live``, ``drafts``, ``edition:7``, or ``text`` (then `text` is it).

    The leads are those of the last `days`, or of `sheet`, a table as spreadsheets write it. `open_days` is how long a
    lead counts as open after it was given away.
    """

    after: str = DRAFTS
    before: str = LIVE
    text: str = ""
    days: int = 30
    sheet: bytes = b""
    open_days: int = 7


@dataclass(frozen=True, slots=True)
class Standing:
    """A simulation and how far it is. What was asked for is empty for one of the command line.

    `reason` is told in the language that is spoken.
    """

    name: str
    state: State
    done: int
    total: int | None
    reason: str
    started_at: datetime | None
    updated_at: datetime
    by: str = ""
    before: str = ""
    after: str = ""
    days: int = 0
    has_table: bool = False
    is_cancelled: bool = False

    @property
    def key(self) -> str:
        """The part of its name that stands in addresses."""
        return self.name.removeprefix(simulation.PREFIX)

    @property
    def under_way(self) -> bool:
        """Whether it has not ended."""
        return self.state in UNDER_WAY


def start(services: Services, install: Install, wish: Wish, *, by: str, name: str) -> str:
    """Have a simulation done by workers; return its name. `by` is for the log, `name` for people.

    Raises Unusable for what cannot be simulated, Faulty for rules with faults, and what the CRM raises for drafts.
    """
    if not 1 <= wish.days <= MOST_DAYS:
        raise Unusable("Choose between 1 and %(most)s days.", most=MOST_DAYS, field="days")
    if not 0 <= wish.open_days <= MOST_OPEN_DAYS:
        raise Unusable("Choose between 0 and %(most)s days.", most=MOST_OPEN_DAYS, field="open_days")
    if wish.text.strip() and TEXT not in {wish.before, wish.after}:
        raise Unusable("These rules would take no part: choose “The text below” before or after.", field="text")
    now = services.clock()
    before = _sources(services, install, wish.before, wish.text, "before")
    after = _sources(services, install, wish.after, wish.text, "after")
    leads = _table(install, wish, now) if wish.sheet else None
    asked = Asked(
        by=name or by,
        at=now,
        since=now - timedelta(days=wish.days),
        days=wish.days,
        open_days=wish.open_days,
        before_name=wish.before,
        after_name=wish.after,
        before=before,
        after=after,
    )
    made = simulation_line.ask(_memo(services, install), services.database, install.id, asked, leads)
    services.ring(install.id)
    note(services, install, by=by, did="simulation started", about=made)
    return made


def listing(services: Services, install: Install) -> tuple[Standing, ...]:
    """Return the simulations of an install, the newest first."""
    with services.database.read() as connection:
        found = simulation.known(connection, install.id)
    memo = _memo(services, install)
    return tuple(_standing(memo, each) for each in found)


def standing(services: Services, install: Install, name: str) -> Standing:
    """Return one simulation by its name, with or without its prefix. Raises NotThere."""
    with services.database.read() as connection:
        found = simulation.known(connection, install.id)
    work = next((each for each in found if each.name == _whole(name)), None)
    if work is None:
        raise NotThere("There is no such simulation.")
    return _standing(_memo(services, install), work)


def pause(services: Services, install: Install, name: str, *, by: str) -> None:
    """Let a simulation rest where it stands. Raises NotThere, and Unusable when it is not under way."""
    work = standing(services, install, name)
    with services.database.write() as connection:
        done = progress.pause(connection, install.id, [work.name], now=services.clock())
    _moved(services, install, work, done, by=by, did="simulation paused")


def resume(services: Services, install: Install, name: str, *, by: str) -> None:
    """Let a paused simulation go on. Raises NotThere, and Unusable when it is not paused."""
    work = standing(services, install, name)
    with services.database.write() as connection:
        done = progress.resume(connection, install.id, [work.name], now=services.clock())
    _moved(services, install, work, done, by=by, did="simulation resumed")


def cancel(services: Services, install: Install, name: str, *, by: str) -> None:
    """Have a simulation end without a result. Raises NotThere, and Unusable when it has ended already."""
    work = standing(services, install, name)
    with services.database.write() as connection:
        done = simulation_line.cancel(connection, install.id, work.name, now=services.clock())
    _moved(services, install, work, done, by=by, did="simulation cancelled")


def result(services: Services, install: Install, name: str) -> dict[str, Any] | None:
    """Return what came of a simulation, as rules.comparison.Comparison.plain tells it; None when it is not kept."""
    found: dict[str, Any] | None = _memo(services, install).get(standing(services, install, name).name)
    return retelling.simulated(found) if found is not None else None


def csv(services: Services, install: Install, name: str) -> list[str]:
    """Return the leads that change hands as the lines of a CSV file; no cell is a formula. Raises NotThere."""
    found = result(services, install, name)
    if found is None:
        raise NotThere("Nothing is kept of this simulation.")
    rows = [tuple(str(each[column]) for column in COLUMNS) for each in found["moved"]]
    return csv_lines([COLUMNS, *rows])


def _moved(services: Services, install: Install, work: Standing, count: int, *, by: str, did: str) -> None:
    if not count:
        raise Unusable(NOT_LIKE_THAT)
    services.ring(install.id)
    note(services, install, by=by, did=did, about=work.name)


def _sources(services: Services, install: Install, named: str, text: str, field: str) -> tuple[Source, ...]:
    """Return the texts of a side, which are a valid rule set. Raises Unusable or Faulty."""
    try:
        found = _named(services, install, named, text, field)
        load(found)
    except RuleSetError as error:
        raise rulebook.Faulty(error) from None
    return found


def _named(services: Services, install: Install, named: str, text: str, field: str) -> tuple[Source, ...]:
    seal = services.seal(install)
    if named == LIVE:
        with services.database.read() as connection:
            live = rulesets.get(connection, install.id, seal)
        return live.sources if live else ()
    if named == TEXT:
        if not text.strip():
            raise Unusable("Paste the rules first.", field="text")
        return _of(split(text))
    if named == DRAFTS:
        return _of(split(drafts.text(services, install)))
    number = named.removeprefix(EDITION)
    if named.startswith(EDITION) and number.isdecimal():
        with services.database.read() as connection:
            edition = editions.get(connection, install.id, seal, int(number))
        if edition is not None:
            return _of(items_of_edition(edition))
        raise Unusable("There is no edition %(number)s.", number=number, field=field)
    raise Unusable("Choose which rules to simulate.", field=field)


def _of(items: Sequence[Item]) -> tuple[Source, ...]:
    return tuple(Source(f"{item.kind} {item.name}".strip(), item.text) for item in items)


def _table(install: Install, wish: Wish, now: datetime) -> list[Arrival]:
    names: Mapping[str, str] = api_names(install)
    try:
        return spread(table(decoded(wish.sheet), names), now, timedelta(days=wish.days))
    except TableFault as fault:
        raise Unusable("The table cannot be read: %(why)s", why=str(fault), field="sheet") from None


def _standing(memo: StoredMemo, work: Progress) -> Standing:
    asked = simulation_line.asked_for(memo, work.name)
    plain = (
        work.name,
        work.state,
        work.done,
        work.total,
        retelling.reason(work.reason),
        work.started_at,
        work.updated_at,
    )
    is_cancelled = work.reason == simulation.CANCELLED
    if asked is None:
        return Standing(*plain, is_cancelled=is_cancelled)
    names = (asked.by, asked.before_name, asked.after_name, asked.days, asked.has_table)
    return Standing(*plain, *names, is_cancelled)


def _whole(name: str) -> str:
    return name if name.startswith(simulation.PREFIX) else f"{simulation.PREFIX}{name}"


def _memo(services: Services, install: Install) -> StoredMemo:
    return StoredMemo(services.database, install.id, services.seal(install), services.clock)
