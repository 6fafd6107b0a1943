"""The rule set in force: read from the CRM's records, validated whole, kept as the last good version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import structlog
from cattrs import Converter
from sqlalchemy import Connection, select

from connector import telemetry
from connector.errors import Ignored, Later, Refused
from connector.rows import RuleRow
from connector.store import editions, progress, rulesets, tellings, timers
from connector.store.memos import StoredMemo
from connector.store.seal import Seal
from jobs.shift import Shift
from rules.decide import Scene
from rules.field_names import of_scope
from rules.matching.policy import MatchPolicy
from rules.model import Kind, User
from rules.ruleset import RuleSet, RuleSetError, Source, load
from rules.telling import Telling
from rules.trials import faults as trial_faults
from rules.wording.words import english

log = structlog.get_logger()
_users = Converter()

SAFETY_POLL = 15
"""Where an event tells of every rule edit, read again anyway after so many poll intervals: events can be lost."""
UNREADABLE_SECONDS = 60.0
"""How long an install waits whose rules in force cannot be read: until a deploy or an edit mends it."""
DIRECTORY = "users"
PUBLISHING = "publishing"
"""The memo of what is being published: its version, who, why, and since when; see jobs/publish.py."""
PUBLISHING_TIME = timedelta(minutes=2)
"""How long records that are not what is being published are taken for half of it: longer than writing them takes."""
HALFWAY = english("work.halfway")
HALFWAY_SECONDS = 15.0
"""After how long records that were read halfway are read again, should the publisher have died."""
LOADED = 16
"""Rule sets in force that a process keeps at hand: reading 2,000 records takes longer than a round of letters."""


def ready(connection: Connection, install_id: str) -> bool:
    """Whether the install has a rule set at all."""
    where = (rulesets.ruleset.c.install_id == install_id) & (rulesets.ruleset.c.version != "")
    return connection.execute(select(rulesets.ruleset.c.version).where(where)).first() is not None


def refresh_if_old(shift: Shift) -> bool:
    """Read the rules again when they have not been read for a while; False when the install has none yet."""
    with shift.read() as connection:
        live = rulesets.get(connection, shift.install.id, shift.seal)
    if live is None:
        return False
    seconds = shift.tools.settings.rules_poll_seconds
    if "rule_events" in shift.crm.can:
        seconds *= SAFETY_POLL
    if live.fault == HALFWAY:
        seconds = min(seconds, HALFWAY_SECONDS)
    if shift.tools.clock() - live.read_at > timedelta(seconds=seconds):
        refresh(shift)
        with shift.read() as connection:
            return ready(connection, shift.install.id)
    return bool(live.version)


def refresh(shift: Shift) -> str:
    """Read the rule records; make them live if the whole set is valid, else say why on each. Returns the fault.

    Records that may not be read or written (a permission taken away, an object deleted) hold up no lead.
    """
    try:
        rows = [row for row in shift.crm.rules() if row.state == "live"]
    except (Refused, Ignored) as error:
        return _unread(shift, str(error))
    named = {_record(row): row for row in rows}
    sources = tuple(Source(record=name, text=row.definition) for name, row in named.items())
    now = shift.tools.clock()
    try:
        ruleset = loaded(shift.install.id, sources)
        _tested(shift, ruleset, sources)
    except RuleSetError as error:
        return _unread(shift, HALFWAY) if _is_halfway(shift) else _refused(shift, named, error)
    except Exception as error:  # noqa: BLE001 - whatever a text does to us, the last good version stays live
        telemetry.report(error)
        return _unread(shift, english("work.rules", error=type(error).__name__))
    if _is_halfway(shift, ruleset.version):
        return _unread(shift, HALFWAY)
    before, (by, note) = _in_force(shift), _published(shift, ruleset.version)
    version, install_id, seal = ruleset.version, shift.install.id, shift.seal
    with shift.write() as connection:
        live = rulesets.get(connection, install_id, seal)
        if live is None or live.version != version:
            timers.ask_all(connection, install_id, now=now)
        rulesets.put(connection, install_id, seal, sources=sources, version=version, now=now, ids=_ids(ruleset))
        editions.add(connection, install_id, seal, sources=sources, version=version, now=now, by=by, note=note)
        for kind in _to_read_again(before, ruleset):
            progress.start(connection, shift.install.id, f"backfill:{kind}", now=now)
    shift.crm.use_fields(ruleset.names)
    _write_back(shift, rows, [replace(row, error="", version=ruleset.version) for row in rows])
    log.info("rules live", install=shift.install.id, version=ruleset.version, records=len(rows))
    return ""


def _to_read_again(before: RuleSet, ruleset: RuleSet) -> list[Kind]:
    """Return the kinds of which the index has not got what the rules read now, or has it from another field."""
    kinds: tuple[Kind, ...] = ("account", "contact", "lead")
    found = [kind for kind in kinds if of_scope(before.names, kind) != of_scope(ruleset.names, kind)]
    if ruleset.reads_account - before.reads_account and "account" not in found:
        found.append("account")
    return found


def _tested(shift: Shift, ruleset: RuleSet, sources: tuple[Source, ...]) -> None:
    """Run the tests among the records, unless these very records are live. Raises RuleSetError when one fails."""
    with shift.read() as connection:
        live = rulesets.get(connection, shift.install.id, shift.seal)
    if live is not None and live.version and live.sources == sources:
        return
    if found := trial_faults.faults(ruleset):
        raise RuleSetError(found)


def _published(shift: Shift, version: str) -> tuple[str, str]:
    """Return who published this version and why; empty when it was edited in the CRM."""
    told = _memo(shift).get(PUBLISHING)
    return (told["by"], told["note"]) if told is not None and told["version"] == version else ("", "")


def _is_halfway(shift: Shift, version: str = "") -> bool:
    """Whether records of this version ("": of none, they are not valid) were read while others are being published.

    Until what is being published has been live; for two minutes at most, as its publisher may have died.
    """
    told = _memo(shift).get(PUBLISHING)
    if told is None or told["version"] == version:
        return False
    with shift.read() as connection:
        live = rulesets.get(connection, shift.install.id, shift.seal)
        if live is not None and live.version == version:
            return False
        return is_coming(connection, shift.install.id, shift.seal, told, now=shift.tools.clock())


def is_coming(connection: Connection, install_id: str, seal: Seal, told: Mapping[str, Any], *, now: datetime) -> bool:
    """Whether what is being published (the memo PUBLISHING) has not been live yet; for two minutes at most."""
    begun = datetime.fromisoformat(told["at"])
    if abs(now - begun) > PUBLISHING_TIME:
        return False
    live = rulesets.get(connection, install_id, seal)
    if live is not None and live.version == told["version"]:
        return False
    whole = editions.by_version(connection, install_id, seal, told["version"])
    return whole is None or whole.at < begun


def _refused(shift: Shift, named: Mapping[str, RuleRow], error: RuleSetError) -> str:
    """Say on each record what is wrong with it; one bad rule refuses the whole set."""
    faults: dict[str, list[str]] = {}
    for fault in error.faults:
        faults.setdefault(fault.record, []).append(str(fault))
    rows = list(named.values())
    _write_back(shift, rows, [replace(row, error="\n".join(faults.get(name, []))) for name, row in named.items()])
    return _unread(shift, str(error))


def _unread(shift: Shift, fault: str) -> str:
    """Note why the CRM's rules are not in force: the last good version stays live."""
    with shift.write() as connection:
        rulesets.set_fault(connection, shift.install.id, shift.seal, fault, now=shift.tools.clock())
    log.warning("rules not in force", install=shift.install.id)
    return fault


def scene(shift: Shift) -> Scene:
    """Return the rule set in force, everyone who can own a lead, and the install's mode."""
    with shift.read() as connection:
        live = rulesets.get(connection, shift.install.id, shift.seal)
    try:
        ruleset = loaded(shift.install.id, live.sources if live else ())
    except Exception as error:  # noqa: BLE001 - an older version could read it: nothing is lost by waiting
        telemetry.report(error)
        raise Later("the rules in force cannot be read by this version", seconds=UNREADABLE_SECONDS) from None
    users = {user.id: user for user in directory(shift)}
    return Scene(ruleset=ruleset, users=users, mode=shift.install.mode, telling=telling(shift))


def telling(shift: Shift) -> Telling:
    """Return how the install has chosen that people are told."""
    with shift.read() as connection:
        return tellings.of(connection, shift.install.id)


def extra_fields(shift: Shift, kind: Kind) -> frozenset[str]:
    """Return the custom fields of a kind that the rules in force read; they are kept in the index with the record."""
    ruleset = _in_force(shift)
    return ruleset.reads_account if kind == "account" else ruleset.reads_people


def _ids(ruleset: RuleSet) -> tuple[str, ...]:
    """Return the fields in which one value is one person; when they change, the index is built anew by itself."""
    return ruleset.duplicates.ids if ruleset.duplicates else ()


def policy(shift: Shift) -> MatchPolicy:
    """Return the match policy in force."""
    return _in_force(shift).match


def _in_force(shift: Shift) -> RuleSet:
    """Return the rule set in force; an empty one where it cannot be read."""
    with shift.read() as connection:
        live = rulesets.get(connection, shift.install.id, shift.seal)
    try:
        return loaded(shift.install.id, live.sources if live else ())
    except RuleSetError:
        return RuleSet()


@lru_cache(maxsize=LOADED)
def loaded(install_id: str, sources: tuple[Source, ...]) -> RuleSet:
    """Load a rule set, once for an install and its very texts: an edit is another key. A fault is not kept."""
    _ = install_id
    return load(sources)


def directory(shift: Shift) -> tuple[User, ...]:
    """Return the users and queues, from the memo while it is fresh."""
    memo = _memo(shift)
    known = memo.get(DIRECTORY)
    if known is None:
        users = shift.crm.users()
        memo.put(DIRECTORY, _users.unstructure(users), seconds=shift.tools.settings.directory_seconds)
        return users
    return _users.structure(known, tuple[User, ...])


def forget_directory(shift: Shift) -> None:
    """A user changed: ask the CRM again next time."""
    _memo(shift).forget(DIRECTORY)


def _memo(shift: Shift) -> StoredMemo:
    return StoredMemo(shift.tools.database, shift.install.id, shift.seal, shift.tools.clock)


def _record(row: RuleRow) -> str:
    """Name a record in faults as people see it; the id keeps two of one name apart."""
    return f"{row.name} ({row.id})"


def _write_back(shift: Shift, before: list[RuleRow], after: list[RuleRow]) -> None:
    """Write error and version to the records where they changed, in one call.

    One that has been retired since it was read is left: its version is the mark that it is nobody's draft.
    """
    changed = [new for old, new in zip(before, after, strict=True) if new != old]
    if not changed:
        return
    try:
        live = {row.id for row in shift.crm.rules() if row.state == "live"}
        if still := [row for row in changed if row.id in live]:
            shift.crm.mark_rules(still)
    except (Refused, Ignored) as error:
        log.warning("rules not written back", install=shift.install.id, reason=str(error))
