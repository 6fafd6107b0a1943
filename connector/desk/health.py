"""How an install is, for whoever helps its people: what comes in, what waits and why, how long work stands, versions.

:func:`ticket` says it as one text without personal data: reasons are told by their kind, for what a CRM says in its own
words may quote a field.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import get_args

import redis
from sqlalchemy import Connection

from connector.desk import person, pulse, retelling
from connector.desk.person import Forgetting
from connector.desk.spending import Forecast, forecast
from connector.index import Index
from connector.services import Services
from connector.store import letters, migrate, progress, rulesets, standing, streams, troubles
from connector.store.decisions import Stored
from connector.store.installs import Install
from connector.store.letters import Letter
from connector.store.progress import Progress
from connector.store.standing import PutOff
from connector.store.streams import Stream
from connector.store.troubles import Arrivals, Trouble
from jobs import policy
from jobs.clock import LEASE
from jobs.policy import Quiet
from jobs.shift import drain_lease
from rules.actions import AUDIT, Action
from rules.model import Kind

SHOWN = 20
"""Parked letters and decisions shown one by one; the counts tell of the rest."""
LATELY = timedelta(days=7)
_KINDS: tuple[Kind, ...] = ("account", "contact", "lead")
_ACTIONS = "|".join([*(each.key for each in get_args(Action)), AUDIT])
_WORD = re.compile(rf"(?:{_ACTIONS})(?=:)|[A-Z][A-Za-z]*(?:Error|Exception|Timeout|Refused|Later|Revoked|Exhausted)\b")
_CODE = re.compile(r"(?<![\"'\w\u201c\u2018\u00ab])[A-Z][A-Z]+(?:_[A-Z]+)+\b")


@dataclass(frozen=True, slots=True)
class Versions:
    """What is at work: our version, Python's, the database's name, its schema and the newest one we know."""

    switchyard: str
    python: str
    database: str
    schema: str
    newest: str


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules in force: their version ("" before the first), when they were read, what is wrong with newer ones."""

    version: str
    read_at: datetime | None
    fault: str


@dataclass(frozen=True, slots=True)
class Health:
    """How an install is. `queue` are the drains that wait, `workers` those at work (None: Redis does not answer).

    `drained_until` is when the lease of the drain that is at work ends, None when none is; `clock` whether a clock is
    at work. `index` counts the records that matching knows, `read_at` when the last of them were read as a whole.
    """

    at: datetime
    install: Install
    versions: Versions
    stream: Stream | None
    arrivals: Arrivals
    inbox: Mapping[str, int]
    unsettled: Mapping[str, int]
    quiet: Quiet | None
    put_off: tuple[PutOff, ...]
    parked: tuple[Letter, ...]
    refused: tuple[Stored, ...]
    troubles: tuple[Trouble, ...]
    work: tuple[Progress, ...]
    spending: Forecast
    rules: InForce
    index: Mapping[Kind, int]
    staged: int
    read_at: datetime | None
    queue: int | None
    workers: int | None
    drained_until: datetime | None
    clock: bool
    forgetting: Forgetting


def read(services: Services, install: Install) -> Health:
    """Read how an install is. Raises Unreadable when no master key opens it."""
    now, seal = services.clock(), services.seal(install)
    spending = forecast(services, install)
    forgetting = person.forgetting_of(services, install)
    versions, queue, workers = _versions(services), _queue(services), _workers(services)
    with services.database.read() as connection:
        index = Index(connection, install.id, seal)
        work = tuple(progress.of(connection, install.id))
        open_ones = standing.counts(connection, install.id, since=now)
        return Health(
            at=now,
            install=install,
            versions=versions,
            stream=streams.get(connection, install.id),
            arrivals=troubles.arrivals(connection, install.id, now=now),
            inbox=letters.counts(connection, install.id),
            unsettled={each: open_ones.get(each, 0) for each in ("intended", "parked")},
            quiet=policy.quiet(connection, install.id, now=now),
            put_off=tuple(standing.put_off(connection, install.id, now=now)),
            parked=tuple(letters.parked(connection, install.id, limit=SHOWN)),
            refused=tuple(troubles.refused(connection, install.id, seal, limit=SHOWN)),
            troubles=tuple(troubles.by_reason(connection, install.id, since=now - LATELY, limit=SHOWN)),
            work=work,
            spending=spending,
            rules=_in_force(connection, services, install),
            index={kind: index.count(kind) for kind in _KINDS},
            staged=index.staged,
            read_at=max((each.updated_at for each in work if each.name.startswith("backfill:")), default=None),
            queue=queue,
            workers=workers,
            drained_until=troubles.held_until(connection, drain_lease(install.id), now=now),
            clock=troubles.held_until(connection, LEASE, now=now) is not None,
            forgetting=forgetting,
        )


def kind_of(reason: str) -> str:
    """Return what kind of reason a text is: the action that failed, the kind of fault and the CRM's code, if any.

    Never more: the rest may quote a field of somebody's.
    """
    words = [found[0] for each in (_WORD, _CODE) if (found := each.search(reason))]
    return " ".join(words) or "other"


def _in_force(connection: Connection, services: Services, install: Install) -> InForce:
    live = rulesets.get(connection, install.id, services.seal(install))
    return InForce(live.version, live.read_at, retelling.kept_fault(live.fault)) if live else InForce("", None, "")


def _versions(services: Services) -> Versions:
    dialect = services.database.engine.dialect
    numbers = getattr(dialect, "server_version_info", None) or ()
    return Versions(
        switchyard=version("switchyard"),
        python=platform.python_version(),
        database=" ".join([dialect.name, ".".join(map(str, numbers))]).strip(),
        schema=migrate.current(services.database),
        newest=pulse.newest(),
    )


def _queue(services: Services) -> int | None:
    try:
        return services.doorbell.waiting()
    except redis.RedisError:
        return None


def _workers(services: Services) -> int | None:
    try:
        return len(pulse.alive(services))
    except redis.RedisError:
        return None
