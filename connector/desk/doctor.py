"""The examination behind `switchyard doctor`: what an operator or supporter looks at first, in one go.

Nothing is changed, and no value of a secret or of a lead is told. What everything needs comes first: where the database
does not answer, nothing that stands in it is looked at.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta

import redis
import structlog
from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError

from connector.desk import doctor_install, outside, pulse
from connector.desk.findings import Finding
from connector.services import Services
from connector.settings import Settings
from connector.store import installs
from connector.store.installs import Install
from jobs.listen import RENEWALS

log = structlog.get_logger()

MANY_DRAINS = 20
LATE = timedelta(minutes=2)
"""As the alert Lag has it."""
NEARLY_FULL = 0.9
FREE_BYTES = 512 * 1024**2
"""Less than this free beside a SQLite file is soon nothing: its write-ahead log alone takes a part of it."""


def examine(services: Services, *, install_id: str = "") -> list[Finding]:
    """Look at everything, or, with an install's id, at what everything needs and at that install alone."""
    found = [*_settings(services.settings), *_database(services)]
    has_tables = all(each.state != "problem" for each in found if each.part in {"database", "schema"})
    found += _redis(services)
    if has_tables:
        found += [*_clock(services), *_listeners(services)]
    found += [*outside.clocks(services), *outside.sentry(services.settings), *outside.public(services.settings)]
    if has_tables:
        with services.database.read() as connection:
            every = [each for each in installs.every(connection) if install_id in {"", each.id}]
        if not every and install_id:
            hint = "`switchyard installs` lists those that are connected."
            found.append(Finding("installs", "warning", f"There is no install {install_id}.", hint, "Revoked"))
        elif not every:
            hint = "Open the console and connect Salesforce or HubSpot."
            found.append(Finding("installs", "warning", "Nothing is connected yet.", hint, "Revoked"))
        for install in every:
            found += _one(services, install)
    return found


def _one(services: Services, install: Install) -> list[Finding]:
    """Look at one install; one that cannot be looked at holds up no other."""
    try:
        return doctor_install.examine(services, install)
    except Exception as error:
        log.exception("an install could not be examined", install=install.id)
        hint = "A fault of ours: the log says where."
        text = f"It could not be looked at ({type(error).__name__})."
        return [Finding("install", "problem", text, hint, "Parked", install.id)]


def _settings(settings: Settings) -> Iterator[Finding]:
    """The settings were read, so each is valid; name the secrets that are set, never what they are."""
    secrets = [
        name.upper()
        for name in Settings.model_fields
        if isinstance(value := getattr(settings, name), SecretStr) and value.get_secret_value()
    ]
    crms = " and ".join(settings.crms)
    yield Finding("settings", "ok", f"All are valid, for {crms}; secrets that are set: {', '.join(secrets)}.")


def _database(services: Services) -> Iterator[Finding]:
    """The database answers, its tables are the newest, and its file has room."""
    try:
        standing = pulse.schema(services)
    except SQLAlchemyError as error:
        hint = "Look at DATABASE_URL and DATA_DIR, and at the database's own log and disk."
        yield Finding("database", "problem", f"It does not answer ({type(error).__name__}).", hint, "DatabaseDown")
        return
    yield Finding("database", "ok", f"{services.database.engine.dialect.name} answers.")
    if standing == "behind":
        yield Finding("schema", "problem", "The tables are of an older version.", "Run `switchyard migrate`.", "Schema")
    elif standing == "ahead":
        hint = "Start the newer version everywhere; while it is being deployed this is as it should be."
        yield Finding("schema", "warning", "The tables are of a newer version than this one.", hint, "Schema")
    else:
        yield Finding("schema", "ok", f"The tables are at revision {pulse.newest()}, the newest.")
    if services.database.engine.dialect.name == "sqlite":
        free = shutil.disk_usage(services.settings.data_dir).free if services.settings.data_dir.exists() else FREE_BYTES
        if free < FREE_BYTES:
            hint = "Free space on the disk of DATA_DIR before the database can write no more."
            yield Finding("disk", "warning", f"{free // 1024**2} MB are free.", hint, "DatabaseDown")


def _redis(services: Services) -> Iterator[Finding]:
    """Redis answers, throws nothing away by itself, and workers take what is rung there."""
    try:
        told = services.redis.info()
    except redis.RedisError as error:
        where = "Look at REDIS_URL" if services.settings.redis_url else "Start `switchyard valkey` or `switchyard up`"
        hint = f"{where}. Nothing is lost: changes wait in the database."
        yield Finding("redis", "problem", f"It does not answer ({type(error).__name__}).", hint, "RedisDown")
        return
    yield from _memory(told)
    yield from _workers(services)
    waiting, since = services.doorbell.waiting(), pulse.oldest_drain(services)
    age = services.clock() - since if since else timedelta()
    text = f"{waiting} drains wait for a worker" + (f", the oldest for {_span(age)}." if waiting else ".")
    if waiting > MANY_DRAINS or age > LATE:
        yield Finding("queue", "warning", text, "Start more workers, one a core.", "QueueGrows")
    else:
        yield Finding("queue", "ok", text)


def _memory(told: dict[str, object]) -> Iterator[Finding]:
    """Whether Redis is one that we may write to, and keeps what it is given."""
    policy, most = str(told.get("maxmemory_policy", "noeviction")), int(str(told.get("maxmemory", 0)))
    kept = "keeps its data over a restart" if told.get("aof_enabled") else "starts empty, which is allowed,"
    text = f"{told.get('server_name', 'redis')} answers; it {kept} and evicts by {policy}."
    if told.get("role") == "slave":
        yield Finding("redis", "problem", "It is a read-only replica.", "Set REDIS_URL to the primary.", "RedisDown")
    elif most and policy != "noeviction":
        hint = (
            "Set maxmemory-policy to noeviction: a doorbell that is thrown away rings only at the clock's next sweep."
        )
        yield Finding("redis", "warning", text, hint, "RedisDown")
    elif most and int(str(told.get("used_memory", 0))) > NEARLY_FULL * most:
        hint = "Raise maxmemory, and see that nothing else is kept there: doorbells take a few kilobytes."
        yield Finding("redis", "warning", f"{text} Its memory is nearly full.", hint, "RedisDown")
    else:
        yield Finding("redis", "ok", text)


def _workers(services: Services) -> Iterator[Finding]:
    now, found = services.clock(), pulse.workers(services)
    silent = [each for each in found if each.at is None or now - each.at > pulse.SILENT]
    if len(silent) == len(found):
        said = f"None is at work; the last word of one is {_span(_age(silent[-1], now))} old." if silent else "None is."
        yield Finding("workers", "problem", said, "Start `switchyard worker`, one a core.", "WorkersDown")
        return
    last = max(each.at for each in found if each.at is not None)
    yield Finding("workers", "ok", f"{len(found) - len(silent)} are at work; the last word is {_span(now - last)} old.")
    for each in silent:
        hint = "It was killed or is frozen: start it again. Redis forgets a dead one within two minutes."
        text = f"{each.name} has said nothing for {_span(_age(each, now))}."
        yield Finding("workers", "warning", text, hint, "WorkersDown")


def _clock(services: Services) -> Iterator[Finding]:
    now, until = services.clock(), pulse.clock_until(services)
    if until is None or until < now:
        said = "None is at work" + (f"; the last one's lease ended {_span(now - until)} ago." if until else ".")
        yield Finding("clock", "problem", said, "Start `switchyard clock`.", "ClockDown")
    else:
        yield Finding("clock", "ok", f"It is at work, and has its lease for another {_span(until - now)}.")


def _listeners(services: Services) -> Iterator[Finding]:
    """Whether anybody reads the change streams, where an org has one."""
    if "salesforce" not in services.settings.crms:
        return
    now, found = services.clock(), pulse.listeners(services)
    alive = [each for each in found if each.at is not None and each.at >= now]
    with services.database.read() as connection:
        orgs = len(installs.every(connection, status="active", crm="salesforce"))
    lease = timedelta(seconds=services.settings.lease_seconds)
    if not alive and orgs:
        last = max((each.at for each in found if each.at is not None), default=None)
        said = f"None is at work for {orgs} orgs" + (
            f"; the last one's lease ended {_span(now - last)} ago." if last else "."
        )
        yield Finding("listeners", "problem", said, "Start `switchyard listener`.", "ListenersDown")
    elif alive:
        # A listener renews its lease three times while it lasts.
        age = lease - (max(each.at for each in alive if each.at is not None) - now)
        every = _span(lease / RENEWALS)
        said = f"{len(alive)} are at work for {orgs} orgs; the last word is {_span(age)} old (one comes every {every})."
        yield Finding("listeners", "ok", said)
    for each in found:
        if each.at is not None and each.at < now and alive:
            text = f"{each.name} has said nothing since its lease ended {_span(now - each.at)} ago."
            yield Finding("listeners", "warning", text, "Others read its streams; start it again.", "ListenersDown")


def _age(beat: pulse.Beat, now: datetime) -> timedelta:
    return now - beat.at if beat.at is not None else timedelta()


def _span(length: timedelta) -> str:
    """Return a length of time in the largest unit that tells it."""
    seconds = max(0, round(length.total_seconds()))
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
