"""Privacy: a person whom the CRM has erased is forgotten here within a minute, and then in what we wrote in the CRM.

First our own rows: by the drain that holds the install's lease, or by the clock where none can run (paused, revoked, or
the CRM wants quiet). Then the CRM, which may be away for longer. What is still to be done there is known by ids alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from connector import telemetry
from connector.erased import Left
from connector.errors import Later, Next, Revoked
from connector.index import Index
from connector.store import erasures, forgetting, installs, leases
from connector.store.erasures import Erasure
from connector.store.installs import Install
from connector.store.leases import LeaseLost
from jobs import policy
from jobs.shift import Shift, drain_lease, holding
from jobs.tools import Tools
from rules.model import Event

log = structlog.get_logger()

AT_ONCE = 50
"""People forgotten together: what is sealed is opened once for all of them."""


def forget(shift: Shift) -> bool:
    """Forget the people of an install who are due; False when there are none. Raises Later, Revoked or LeaseLost."""
    with shift.read() as connection:
        now, only = shift.tools.clock(), shift.install.id
        if not erasures.installs_due(connection, now=now, install_id=only):
            return False
        here = erasures.due(connection, only, "here", now=now, limit=AT_ONCE)
    if here:
        _here(shift.tools, shift.install, shift.holder, here)
    with shift.read() as connection:
        there = erasures.due(connection, shift.install.id, "crm", now=shift.tools.clock(), limit=AT_ONCE)
    for each in there:
        _in_the_crm(shift, each)
    if there:
        shift.tools.database.forget()  # the ids by which it was known what was still to be done
    return bool(here or there)


def deleted(tools: Tools, connection: Connection, install_id: str, events: Iterable[Event], *, now: datetime) -> None:
    """Have whoever's lead or contact was deleted in Salesforce forgotten, where that is wanted; not who was merged.

    In the transaction that stores the letters about it. HubSpot has an event of its own for people to be forgotten.
    """
    if tools.settings.salesforce_forget_deleted:
        people = [each.record_id for each in events if each.change == "deleted" and each.kind in forgetting.PEOPLE]
        erasures.ask(connection, install_id, people, now=now)


def sweep(tools: Tools) -> None:
    """Forget here what no drain has forgotten yet, whether or not the install may be worked for."""
    with tools.database.read() as connection:
        due = erasures.installs_due(connection, now=tools.clock(), stage="here")
        waiting = [found for each in sorted(due) if (found := installs.by_id(connection, each)) is not None]
    for install in waiting:
        with holding(tools, drain_lease(install.id)) as holder:
            if holder is None:
                continue  # a drain is at work, and forgets before anything else
            with tools.database.read() as connection:
                people = erasures.due(connection, install.id, "here", now=tools.clock(), limit=AT_ONCE)
            try:
                _here(tools, install, holder, people)
            except LeaseLost:
                continue  # somebody else has it, and forgets


def _here(tools: Tools, install: Install, holder: str, people: list[Erasure]) -> None:
    """Forget these people here. A fault of ours is narrowed down to the person, who is tried again with growing pauses.

    It must hold up neither the others nor the install's leads. Raises LeaseLost.
    """
    try:
        _delete(tools, install, holder, people)
    except LeaseLost:
        raise
    except Exception as error:
        if len(people) > 1:
            for each in people:
                _here(tools, install, holder, [each])
            return
        log.exception("a person could not be forgotten", install=install.id)
        telemetry.report(error)
        with tools.database.write() as connection:
            leases.confirm(connection, drain_lease(install.id), holder)
            _put_off(connection, install, people[0], type(error).__name__, now=tools.clock())


def _put_off(connection: Connection, install: Install, person: Erasure, reason: str, *, now: datetime) -> None:
    until = now + policy.pause_after(person.attempts)
    erasures.put_off(connection, install.id, [person.record_id], until=until, reason=reason)


def _delete(tools: Tools, install: Install, holder: str, people: list[Erasure]) -> None:
    """Delete our own rows about these people, in one transaction, under the lease of the install's drain."""
    seal = tools.seal(install)
    with tools.database.read() as connection:
        names = {each.record_id: erasures.names_of(connection, install.id, "lead", each.record_id) for each in people}
        every = set[str]().union(*names.values())
        theirs = _leads_of(Index(connection, install.id, seal), every)
        found = forgetting.mentions(connection, install.id, seal, every | theirs)
        if install.routes != "contacts":
            found = replace(found, leads=found.leads | _undecided(Index(connection, install.id, seal), every))
    with tools.database.write() as connection:
        leases.confirm(connection, drain_lease(install.id), holder)
        left = forgetting.forget(connection, install.id, seal, found)
        index = Index(connection, install.id, seal)
        for kind in forgetting.PEOPLE:
            index.remove(kind, sorted(found.leads))
        erasures.forget_mergers(connection, install.id, "lead", every)
        for each in people:
            erasures.forgotten_here(connection, install.id, each.record_id, left)
            left = Left()  # noted once: the CRM is asked once for all of them
    tools.database.forget()
    log.info("people forgotten", install=install.id, people=len(people), others=len(found.others))


def _undecided(index: Index, contacts: Collection[str]) -> set[str]:
    """Return the indexed leads of these contacts. All are opened, which takes some seconds for a hundred thousand."""
    found, after = set[str](), ""
    while ids := index.page("lead", after=after, size=forgetting.PAGE):
        after = ids[-1]
        read = index.get("lead", ids)
        found |= {each for each, lead in read.items() if lead.text(forgetting.CONTACT_ID) in contacts}
    return found


def _leads_of(index: Index, ids: set[str]) -> set[str]:
    """Return the leads that take their values from these contacts: of one that was only read no decision tells."""
    people = [record for kind in forgetting.PEOPLE for record in index.get(kind, sorted(ids)).values()]
    alike = index.people(people).values() if people else ()
    return {each.id for found in alike for each in found if each.text(forgetting.CONTACT_ID) in ids}


def _in_the_crm(shift: Shift, person: Erasure) -> None:
    """Have the CRM's records of ours forget a person too; what it refuses is tried again, and shown in the log.

    When the CRM is busy the person waits a little longer than the install: leads must have their turn as well.
    """
    install_id, now = shift.install.id, shift.tools.clock()
    try:
        shift.crm.forget(person.there)
    except Later as error:
        until = now + policy.wait(error.seconds, age=now - person.asked_at)
        with shift.write() as connection:
            erasures.put_off(connection, install_id, [person.record_id], until=until, reason=str(error))
        raise
    except (Revoked, LeaseLost):
        raise
    except Exception as error:
        refused = isinstance(error, Next)
        log.exception("the CRM keeps what we wrote about a person", install=install_id)
        if not refused:
            telemetry.report(error)
        with shift.write() as connection:
            _put_off(connection, shift.install, person, str(error) if refused else type(error).__name__, now=now)
        return
    with shift.write() as connection:
        erasures.done(connection, install_id, [person.record_id])
