"""How an install is set: its mode, what counts as a lead, how long things are kept; setting up again, leaving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from connector.crm import Routes
from connector.desk import log
from connector.desk.faults import Overtaken, Unusable
from connector.hubspot import leads
from connector.services import Services
from connector.store import installs, notes, progress
from connector.store.installs import Install
from connector.store.notes import DECISION_DAYS, MERGE_UNDO_DAYS
from jobs import choice, expiry
from oauth.flow import SETUP
from rules.model import Mode

MODES: tuple[Mode, ...] = get_args(Mode)
ROUTES: tuple[Routes, ...] = get_args(Routes)


@dataclass(frozen=True, slots=True)
class Chosen:
    """How an install is set. Decisions are kept for `decision_days`, of `most_days` that the operator allows.

    Merges can be taken back for `undo_days`, of `most_undo_days`. `routes_open` is what may be chosen as a lead; empty
    where there is nothing to choose (Salesforce).
    """

    mode: Mode
    routes: Routes
    routes_open: tuple[Routes, ...]
    decision_days: int
    most_days: int
    undo_days: int
    most_undo_days: int


def read(services: Services, install: Install) -> Chosen:
    """Return how an install is set."""
    most, most_undo = services.settings.decision_days, services.settings.merge_undo_days
    with services.database.read() as connection:
        chosen = notes.of(connection, install.id)
    return Chosen(
        mode=install.mode,
        routes=install.routes,
        routes_open=_routes_open(install),
        decision_days=notes.days(chosen.get(DECISION_DAYS), most=most),
        most_days=most,
        undo_days=notes.days(chosen.get(MERGE_UNDO_DAYS), most=most_undo),
        most_undo_days=most_undo,
    )


def set_mode(services: Services, install: Install, mode: str, *, understood: bool, by: str) -> None:
    """Say how far decisions go from now on; ``act`` only when it was `understood` what it does. Raises Unusable."""
    if mode not in MODES:
        raise Unusable("The mode is observe, suggest or act.", field="mode")
    if mode == "act" and install.mode != "act" and not understood:
        raise Unusable(
            "Nothing was changed. Tick the box that says that leads will change owner, then switch.", field="understood"
        )
    if mode == install.mode:
        return
    with services.database.write() as connection:
        installs.set_mode(connection, install.id, mode)
    log.note(services, install, by=by, did="mode", about=mode, before=install.mode)


def set_routes(services: Services, install: Install, wanted: str, *, before: str, by: str) -> bool:
    """Say what counts as a lead in HubSpot; `before` is what the page showed. All leads are read anew then.

    The same choice once more changes nothing (False). Raises Unusable, and Overtaken when it was chosen meanwhile.
    """
    with services.database.write() as connection:
        stands = installs.by_id(connection, install.id) or install
        if wanted == stands.routes:
            return False
        if wanted not in _routes_open(stands):
            raise Unusable("The connection was not granted what that needs, or it cannot be chosen.", field="routes")
        if before != stands.routes:
            raise Overtaken("Somebody else has chosen meanwhile. Look again.", field="routes")
        choice.choose(connection, install.id, wanted, now=services.clock())
    services.ring(install.id)
    log.note(services, install, by=by, did="routes", about=wanted, before=before)
    return True


def may_keep(before: Chosen, days: int, *, understood: bool) -> None:
    """Raise Unusable unless decisions may be kept for so many days; see :func:`keep_decisions`."""
    if not 1 <= days <= before.most_days:
        raise Unusable("Choose from 1 to %(most)s days.", field="days", most=before.most_days)
    if days < before.decision_days and not understood:
        raise Unusable(
            "Nothing was changed. Tick the box that says that older decisions are deleted here for good, then choose.",
            field="fewer_days",
        )


def may_keep_snapshots(before: Chosen, days: int, *, understood: bool) -> None:
    """Raise Unusable unless merges may be taken back for so many days; see :func:`keep_snapshots`."""
    if not 1 <= days <= before.most_undo_days:
        raise Unusable("Choose from 1 to %(most)s days.", field="undo_days", most=before.most_undo_days)
    if days < before.undo_days and not understood:
        raise Unusable(
            "Nothing was changed. Tick the box that says that older merges cannot be taken back any more, then choose.",
            field="fewer",
        )


def keep_decisions(services: Services, install: Install, days: int, *, understood: bool, by: str) -> None:
    """Keep decisions here for so many days; the CRM keeps its audit records. Raises Unusable.

    For fewer days than before only when it was `understood` that nobody can bring back what goes.
    """
    before = read(services, install)
    may_keep(before, days, understood=understood)
    if days == before.decision_days:
        return
    with services.database.write() as connection:
        notes.put(connection, install.id, DECISION_DAYS, str(days), now=services.clock())
    log.note(services, install, by=by, did="decision days", about=str(days), before=str(before.decision_days))


def keep_snapshots(services: Services, install: Install, days: int, *, understood: bool, by: str) -> None:
    """Have merges be taken back for so many days; older snapshots are deleted in the CRM. Raises Unusable.

    For fewer days than before only when it was `understood` that nobody can bring back what goes.
    """
    before = read(services, install)
    may_keep_snapshots(before, days, understood=understood)
    if days == before.undo_days:
        return
    with services.database.write() as connection:
        now = services.clock()
        notes.put(connection, install.id, MERGE_UNDO_DAYS, str(days), now=now)
        progress.start(connection, install.id, expiry.NAME, now=now)
    services.ring(install.id)
    log.note(services, install, by=by, did="undo days", about=str(days), before=str(before.undo_days))


def set_up_again(services: Services, install: Install, *, by: str) -> None:
    """Make what is missing of ours in the CRM, and use a better place there if there is one."""
    with services.database.write() as connection:
        progress.start(connection, install.id, SETUP, now=services.clock())
    services.ring(install.id)
    log.note(services, install, by=by, did="set up again")


def disconnect(services: Services, install: Install, *, typed: str, by: str) -> None:
    """Leave the CRM, destroy the install's key and every row of it, once its name was typed. Raises Unusable.

    It stands in the log line alone: what is noted among the changes goes with the rest.
    """
    if " ".join(typed.split()).casefold() != " ".join(install.name.split()).casefold():
        raise Unusable("Nothing was deleted. Type the name as it stands there.", field="name")
    log.log.info("disconnected", install=install.id, by=by)
    services.vault.disconnect(install)


def _routes_open(install: Install) -> tuple[Routes, ...]:
    """Return what may count as a lead: the usual one, and what the connection was granted."""
    if install.crm != "hubspot":
        return ()
    return ROUTES if install.scopes >= leads.SCOPES else ("contacts",)
