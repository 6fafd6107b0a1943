"""Taking a decision back: what would go back and what would not, asked of the CRM first, and then doing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connector.desk import log, retelling
from connector.desk.faults import NotThere
from connector.desk.merging import scope_of
from connector.services import Services
from connector.store import decisions
from connector.store.decisions import Stored
from connector.store.installs import Install
from jobs import takeback
from jobs import undo as work
from jobs.expiry import keeping
from jobs.undo import Wish
from rules.model import Decision


@dataclass(frozen=True, slots=True)
class Term:
    """Until when a merge can be taken back; `is_over`: its snapshot has expired. Other decisions have no term."""

    until: datetime | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What goes `back` of a decision and what is `left`, as sentences; nothing goes back: `why`.

    `until` is when a merge can be taken back at the latest; None for what merged nothing, or when that is over.
    """

    stored: Stored
    back: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    why: str = ""
    until: datetime | None = None

    @property
    def can(self) -> bool:
        """Whether anything goes back."""
        return bool(self.back)


def preview(services: Services, install: Install, key: str) -> Preview:
    """Return what would go back of a decision, as things are in the CRM now; nothing is changed.

    Raises NotThere, and what the CRM raises when it cannot be asked.
    """
    stored = _decision(services, install, key)
    with scope_of(services, install) as scope:
        plan = next(iter(takeback.plans(scope, [stored], asked=services.clock())))
    if plan.found is None:
        return Preview(stored, why=retelling.reason(plan.why))
    return Preview(stored, plan.found.back, plan.found.left, until=term(services, install, stored.decision).until)


def term(services: Services, install: Install, made: Decision) -> Term:
    """Return until when a decision can be taken back."""
    with services.database.read() as connection:
        kept = keeping(connection, install.id, services.settings)
    if kept.has_expired(made, services.clock()):
        return Term(is_over=True)
    return Term(kept.until(made))


def term_from_now(services: Services, install: Install) -> datetime:
    """Return until when what is merged now can be taken back."""
    with services.database.read() as connection:
        return keeping(connection, install.id, services.settings).until_from(services.clock())


def undo(services: Services, install: Install, key: str, *, by: str, name: str = "") -> str:
    """Have a decision taken back, behind what happens live; return the name of the work. Raises NotThere.

    `by` and `name` are who wants it; the name stands in the audit. What somebody has changed meanwhile is left.
    """
    _decision(services, install, key)
    wish = Wish(name or by, services.clock(), keys=(key,))
    made = work.ask(services.database, install.id, services.seal(install), wish, clock=services.clock, total=1)
    services.ring(install.id)
    log.note(services, install, by=by, did="decision undone", about=key)
    return made


def _decision(services: Services, install: Install, key: str) -> Stored:
    with services.database.read() as connection:
        stored = decisions.by_key(connection, install.id, services.seal(install), key)
    if stored is None:
        raise NotThere("There is no such decision here.")
    return stored
