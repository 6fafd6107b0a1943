"""What boxes of the form editor offer: fields, values and names that the rules of an install know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import get_args
from zoneinfo import available_timezones

import pycountry

from connector.desk import directory, rulebook
from connector.services import Services
from connector.store.installs import Install
from jobs.publish import drafted
from rules import normalize
from rules.fields import CANONICAL, type_of
from rules.model import DuplicateStatus, MatchStatus


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen. `names` are those of pools, territories, queues and users, by kind of target."""

    fields: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]
    lists: tuple[str, ...]

    def values(self, field: str, operator: str) -> tuple[str, ...]:
        """Return values that fit a field; none where there are too many to think of."""
        listed = tuple(f'list "{each}"' for each in self.lists) if operator in {"in", "not in"} else ()
        kind = type_of(field)
        if kind == "bool":
            return ("yes", "no")
        if kind == "country":
            return (*listed, *_countries())
        return (*listed, *_STATES.get(field, ()))


_STATES: Mapping[str, tuple[str, ...]] = {
    "match.status": get_args(MatchStatus),
    "duplicate.status": get_args(DuplicateStatus),
    "duplicate.kind": ("lead", "contact"),
}


def choices(services: Services, install: Install) -> Choices:
    """Return what may be chosen, of what is known here; the CRM is not asked."""
    rows = drafted(rulebook.lately(services, install))
    named: dict[str, list[str]] = {}
    for row in rows:
        named.setdefault(row.kind.strip(), []).append(row.name)
    users = [each for each in directory.known(services, install) or () if each.active]
    names = {
        "pool": tuple(named.get("pool", ())),
        "territory": tuple(dict.fromkeys(named.get("territory", ()))),
        "queue": tuple(each.name for each in users if each.queue),
        "user": tuple(each.email for each in users if each.email and not each.queue),
    }
    fields = tuple(f"{scope}.{name}" for scope, own in CANONICAL.items() for name in own)
    return Choices(fields, names, tuple(named.get("list", ())))


@cache
def zones() -> tuple[str, ...]:
    """Return the time zones that hours may be in: those of places, by name."""
    return tuple(sorted(each for each in available_timezones() if "/" in each and not each.startswith("Etc/")))


@cache
def _countries() -> tuple[str, ...]:
    return tuple(sorted({normalize.country_name(each.alpha_2) for each in pycountry.countries}))
