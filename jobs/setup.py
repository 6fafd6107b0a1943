"""Setting up an install: our objects and fields in the CRM, starter rules, the first reading; safe to repeat."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy import select

from connector import telemetry
from connector.errors import Next, Refused, Revoked
from connector.rows import RuleRow
from connector.store import installs, progress, rulesets
from connector.store.progress import Progress
from jobs import backfill, move, recall, reconcile, rulebook
from jobs.shift import Shift
from rules.model import User
from rules.ruleset import Item, split
from rules.starter import starter
from rules.wording.words import english

log = structlog.get_logger()

NAME = "setup"


def run(shift: Shift, work: Progress) -> None:
    """Prepare the CRM, write rules where there are none, read the rules, start the backfills.

    Rules that are gone with their objects (another subscription, an object that somebody deleted) are those in force.

    Raises Refused with the admin's next step when the CRM lacks the package or the permission.
    """
    install_id, now = shift.install.id, shift.tools.clock()
    with shift.write() as connection:
        started = work.started_at or now
        progress.move(connection, install_id, NAME, now=now, state="running", started_at=started)
    shift.crm.prepare()
    rulebook.forget_directory(shift)
    users = rulebook.directory(shift)
    rows, known_rows = shift.crm.rules(), _known_rows(shift)
    # A place that a portal falls back to may have rules of another time, which were retired there.
    if not rows or (known_rows and all(each.state != "live" for each in rows)):
        shift.crm.put_rules(known_rows or _starter_rows(_installer(shift, users)))
    move.ask(shift)
    fault = " ".join(filter(None, (rulebook.refresh(shift), _missing(shift))))
    with shift.read() as connection:
        known = {each.name for each in progress.of(connection, install_id)}
    if backfill.name("lead") in known and "replay" not in shift.crm.can:
        # Connected again: what happened while we were shut out was told to nobody.
        reconcile.since_last(shift)
    if backfill.name("lead") not in known:
        recall.ask(shift)
    backfill.renew(shift)
    with shift.write() as connection:
        progress.move(connection, install_id, NAME, now=now, state="done", done=1, total=1, reason=fault)
    log.info("set up", install=install_id)


def _missing(shift: Shift) -> str:
    """Say which needed permissions are missing: setting up works without some of them, routing does not."""
    try:
        names = [line.name for line in shift.crm.check() if not (line.ok or line.optional)]
    except Revoked:
        raise
    except Exception as error:  # noqa: BLE001 - it can be made again at any time, and must not hold up the first reading
        if not isinstance(error, Next):
            telemetry.report(error)
        return ""
    return english("work.missing", names=", ".join(names)) if names else ""


def _installer(shift: Shift, users: tuple[User, ...]) -> User:
    """Return the person who connected first, as owner; the starter rules give them what no other rule takes."""
    with shift.read() as connection:
        where = installs.admin.c.install_id == shift.install.id
        query = select(installs.admin.c.user_id).where(where).order_by(installs.admin.c.since)
        admins = list(connection.execute(query).scalars())
    people = [user for user in users if user.active and not user.queue and user.email]
    # Ids of two kinds are never compared: a login id may be another person's owner id.
    by_login = any(user.login_id for user in users)
    mine = [user for admin in admins for user in people if admin == (user.login_id if by_login else user.id)]
    if not people:
        raise Refused(english("work.nobody"))
    return (mine or people)[0]


def _known_rows(shift: Shift) -> list[RuleRow]:
    """Return the rules in force as records: they outlive the records they were read from."""
    with shift.read() as connection:
        live = rulesets.get(connection, shift.install.id, shift.seal)
    items = [item for source in (live.sources if live else ()) for item in split(source.text)]
    return _rows(items)


def _starter_rows(admin: User) -> list[RuleRow]:
    return _rows(split(starter(admin.email)))


def _rows(items: Sequence[Item]) -> list[RuleRow]:
    return [
        RuleRow(name=item.name or item.kind, kind=item.kind, position=position * 10, definition=item.text)
        for position, item in enumerate(items, start=1)
    ]
