"""How an install is set: its mode, what counts as a lead; setting up again, leaving. How long: see keeping.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from connector.crm import Routes
from connector.desk import keeping, log
from connector.desk.faults import Overtaken, Unusable
from connector.hubspot import leads
from connector.services import Services
from connector.store import installs, notes, progress
from connector.store.installs import Install
from jobs import choice
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
    with services.database.read() as connection:
        chosen = notes.of(connection, install.id)
    decisions, merges = (keeping.days(each, chosen, services.settings) for each in (keeping.DECISIONS, keeping.MERGES))
    return Chosen(
        mode=install.mode,
        routes=install.routes,
        routes_open=_routes_open(install),
        decision_days=decisions.count,
        most_days=decisions.most,
        undo_days=merges.count,
        most_undo_days=merges.most,
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
