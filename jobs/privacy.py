"""Privacy: a person whom the CRM has erased is forgotten here within a minute, and then in what we wrote in the CRM.

First our own rows: by the drain that holds the install's lease, or by the clock where none can run (paused, revoked, or
the CRM wants quiet). Then the CRM, which may be away for longer. What is still to be done there is known by ids alone.
"""

from __future__ import annotations

import structlog

from connector.erased import Left
from connector.errors import Refused
from connector.index import Index
from connector.store import erasures, forgetting, installs, leases
from connector.store.erasures import Erasure
from connector.store.installs import Install
from connector.store.leases import LeaseLost
from connector.store.seal import Unreadable
from jobs import policy
from jobs.shift import Shift, drain_lease, holding
from jobs.tools import Tools

log = structlog.get_logger()

AT_ONCE = 50
"""People forgotten together: what is sealed is opened once for all of them."""


def forget(shift: Shift) -> bool:
    """Forget the people of an install who are due; False when there are none. Raises Later, Revoked or LeaseLost."""
    with shift.read() as connection:
        now = shift.tools.clock()
        here = erasures.due(connection, shift.install.id, "here", now=now, limit=AT_ONCE)
    if here:
        _here(shift.tools, shift.install, shift.holder, here)
    with shift.read() as connection:
        there = erasures.due(connection, shift.install.id, "crm", now=shift.tools.clock(), limit=AT_ONCE)
    for each in there:
        _in_the_crm(shift, each)
    return bool(here or there)


def sweep(tools: Tools) -> None:
    """Forget here what no drain has forgotten yet, whether or not the install may be worked for."""
    with tools.database.read() as connection:
        due = erasures.installs_due(connection, now=tools.clock(), stage="here")
        waiting = [found for each in sorted(due) if (found := installs.by_id(connection, each)) is not None]
    for install in waiting:
        with holding(tools, drain_lease(install.id)) as holder:
            if holder is None:
                continue  # a drain is at work, and forgets before anything else
            try:
                with tools.database.read() as connection:
                    people = erasures.due(connection, install.id, "here", now=tools.clock(), limit=AT_ONCE)
                _here(tools, install, holder, people)
            except (LeaseLost, Unreadable) as error:
                log.error("a person could not be forgotten", install=install.id, error=type(error).__name__)  # noqa: TRY400


def _here(tools: Tools, install: Install, holder: str, people: list[Erasure]) -> None:
    """Delete our own rows about these people, in one transaction, under the lease of the install's drain."""
    seal = tools.seal(install)
    with tools.database.read() as connection:
        names = {each.record_id: erasures.names_of(connection, install.id, "lead", each.record_id) for each in people}
        every = set[str]().union(*names.values())
        found = forgetting.mentions(connection, install.id, seal, every)
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


def _in_the_crm(shift: Shift, person: Erasure) -> None:
    """Have the CRM's records of ours forget a person too; what it refuses is tried again, and shown in the log."""
    install_id, now = shift.install.id, shift.tools.clock()
    try:
        shift.crm.forget(person.there)
    except Refused as error:
        log.error("the CRM keeps what we wrote about a person", install=install_id, reason=str(error))  # noqa: TRY400
        until = now + policy.pause_after(person.attempts)
        with shift.write() as connection:
            erasures.put_off(connection, install_id, [person.record_id], until=until, reason=str(error))
        return
    with shift.write() as connection:
        erasures.done(connection, install_id, [person.record_id])
