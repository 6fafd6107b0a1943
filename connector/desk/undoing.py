"""Taking a decision back: what would go back and what would not, asked of the CRM first, and then doing it."""

from __future__ import annotations

from dataclasses import dataclass

from connector.desk import log, retelling
from connector.desk.faults import NotThere
from connector.desk.merging import scope_of
from connector.services import Services
from connector.store import decisions
from connector.store.decisions import Stored
from connector.store.installs import Install
from jobs import takeback
from jobs import undo as work
from jobs.undo import Wish


@dataclass(frozen=True, slots=True)
class Preview:
    """What goes `back` of a decision and what is `left`, as sentences; nothing goes back: `why`."""

    stored: Stored
    back: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    why: str = ""

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
        plan = next(iter(takeback.plans(scope, [stored])))
    if plan.found is None:
        return Preview(stored, why=retelling.reason(plan.why))
    return Preview(stored, plan.found.back, plan.found.left)


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
