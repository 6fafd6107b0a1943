"""What counts as a lead in a HubSpot portal: an admin's choice, and what follows from it.

The ids in our index are then those of other records. So the leads leave it before any letter is answered (each would
be the duplicate of its own contact), the portal is set up again, and every lead is read anew. Leads from before the
choice are left alone when somebody edits them, like those from before the install.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import Connection

from connector.crm import Routes
from connector.index import Index
from connector.store import installs, progress
from connector.store.progress import Progress
from jobs import backfill, setup
from jobs.shift import Shift

log = structlog.get_logger()

NAME = "routes"
PAGE = 500
"""Leads that leave the index in one transaction: some tens of milliseconds."""


def choose(connection: Connection, install_id: str, routes: Routes, *, now: datetime) -> None:
    """Let this count as a lead from now on; the next drain does the rest before anything else."""
    installs.set_routes(connection, install_id, routes, now=now)
    progress.start(connection, install_id, NAME, now=now)


def is_stale(shift: Shift) -> bool:
    """Whether the choice is younger than this shift, whose CRM still reads what counted before: the next one acts."""
    with shift.read() as connection:
        install = installs.by_id(connection, shift.install.id)
    return install is None or install.routes != shift.install.routes


def run(shift: Shift, work: Progress) -> None:
    """Take a page of leads out of the index; after the last one ask for the set-up and for all leads."""
    install_id, now = shift.install.id, shift.tools.clock()
    with shift.read() as connection:
        ids = Index(connection, install_id, shift.seal).page("lead", size=PAGE)
    with shift.write() as connection:
        if ids:
            Index(connection, install_id, shift.seal).remove("lead", ids)
            progress.move(connection, install_id, NAME, now=now, state="running", done=work.done + len(ids))
            return
        progress.move(connection, install_id, NAME, now=now, state="done", total=work.done)
        progress.start(connection, install_id, setup.NAME, now=now)
        progress.start(connection, install_id, backfill.name("lead"), now=now)
    log.info("leads are others now", install=install_id, routes=shift.install.routes)
