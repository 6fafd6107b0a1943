"""Every rule set that was live: who made it so, when and why; its text, what differs from another, and the way back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connector.desk import rulebook
from connector.desk.faults import NotThere
from connector.services import Services
from connector.store import editions as store
from connector.store import rulesets
from connector.store.editions import Edition
from connector.store.installs import Install
from jobs import publish as publishing
from jobs.publish import Proposal, items_of_edition
from rules.changes import ItemChange, changes
from rules.ruleset import Item, join

PAGE = 20
"""Editions a page."""


@dataclass(frozen=True, slots=True)
class Line:
    """One edition: `by` is "" for an edit in the CRM itself; `counts` says how many items it changed, by how.

    `names` are the first items of these. `is_first`: there is none before it.
    """

    number: int
    version: str
    at: datetime
    by: str
    why: str
    is_live: bool
    counts: Mapping[str, int]
    names: tuple[str, ...]
    is_first: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One edition as a text."""

    number: int
    version: str
    at: datetime
    by: str
    why: str
    is_live: bool
    text: str


def history(services: Services, install: Install, *, before: int = 0) -> tuple[tuple[Line, ...], int]:
    """Return a page of editions, the newest first (those `before` a number, 0: all), and where the next begins (0)."""
    seal = services.seal(install)
    with services.database.read() as connection:
        found = store.of(connection, install.id, seal)
        live = rulesets.get(connection, install.id, seal)
    shown = [each for each in found if not before or each.number < before]
    newest = found[0].number if found else 0
    version = live.version if live else ""
    lines = [
        _line(each, shown[place + 1] if place + 1 < len(shown) else None, each.number == newest, version)
        for place, each in enumerate(shown[:PAGE])
    ]
    return tuple(lines), lines[-1].number if len(shown) > PAGE else 0


def edition(services: Services, install: Install, number: int) -> Shown:
    """Return one edition. Raises NotThere."""
    found = _edition(services, install, number)
    with services.database.read() as connection:
        live = rulesets.get(connection, install.id, services.seal(install))
        newest = store.of(connection, install.id, services.seal(install), limit=1)
    is_live = bool(live and live.version == found.version and newest[0].number == number)
    text = join(items_of_edition(found))
    return Shown(found.number, found.version, found.at, found.by, found.note, is_live, text)


def difference(services: Services, install: Install, one: int, other: int) -> tuple[ItemChange, ...]:
    """Return what differs from edition `one` to `other`, item by item; 0 is what is live. Raises NotThere."""
    return changes(_items(services, install, one), _items(services, install, other))


def roll_back(services: Services, install: Install, number: int, *, by: str, name: str, why: str = "") -> Proposal:
    """Make an edition live again, as a new one. Raises NotThere, Faulty, Red, Overtaken, and what the CRM raises."""
    items = items_of_edition(_edition(services, install, number))
    return rulebook.go_live(
        services,
        install,
        lambda crm: publishing.propose(crm, items, name=f"Edition {number}"),
        by=by,
        name=name,
        did="rules rolled back",
        why=f"back to {number}" + (f": {why}" if why else ""),
        about=str(number),
    )


def _line(each: Edition, before: Edition | None, is_newest: bool, version: str) -> Line:  # noqa: FBT001
    found = changes(items_of_edition(before), items_of_edition(each)) if before else ()
    return Line(
        number=each.number,
        version=each.version,
        at=each.at,
        by=each.by,
        why=each.note,
        is_live=is_newest and each.version == version,
        counts=Counter(change.how for change in found),
        names=tuple(dict.fromkeys(f"{change.kind} “{change.name}”" for change in found))[:3],
        is_first=before is None,
    )


def _items(services: Services, install: Install, number: int) -> list[Item]:
    if number:
        return items_of_edition(_edition(services, install, number))
    with services.database.read() as connection:
        live = rulesets.get(connection, install.id, services.seal(install))
    sources = live.sources if live else ()
    return items_of_edition(Edition(0, "", sources, services.clock()))


def _edition(services: Services, install: Install, number: int) -> Edition:
    with services.database.read() as connection:
        found = store.get(connection, install.id, services.seal(install), number)
    if found is None:
        raise NotThere("There is no edition %(number)s.", number=number)
    return found
