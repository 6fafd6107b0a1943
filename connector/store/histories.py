"""All we hold about some leads: who takes a decision back must know what came before it and after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from connector.store import decisions
from connector.store.decisions import Stored, decision
from connector.store.seal import Seal


@dataclass(frozen=True, slots=True)
class History:
    """One lead's decisions, newest first, and the reminders that each led to, by its key."""

    decisions: Sequence[Stored] = ()
    reminders: Mapping[str, Sequence[Stored]] = field(default_factory=dict)

    def after(self, key: str) -> list[Stored]:
        """Return what was decided after a decision, the next one first."""
        keys = [each.decision.key for each in self.decisions]
        return list(reversed(self.decisions[: keys.index(key)])) if key in keys else []

    def undone(self) -> frozenset[str]:
        """Return the keys of the decisions that were taken back, or are about to be."""
        return frozenset(each.decision.undoes for each in self.decisions if each.decision.undoes)


def of_leads(connection: Connection, install_id: str, seal: Seal, lead_ids: Collection[str]) -> dict[str, History]:
    """Return the histories of leads by lead id, as far back as decisions are kept."""
    where = (decision.c.install_id == install_id) & decision.c.lead_id.in_(list(lead_ids))
    query = select(decision.c.key, decision.c.lead_id, decision.c.part_of).where(where)
    rows = connection.execute(query.order_by(decision.c.created_at.desc(), decision.c.key)).all()
    stored = decisions.by_keys(connection, install_id, seal, [row.key for row in rows])
    own: dict[str, list[Stored]] = defaultdict(list)
    reminders: dict[str, dict[str, list[Stored]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.key not in stored:
            continue
        if row.part_of:
            reminders[row.lead_id][row.part_of].append(stored[row.key])
        else:
            own[row.lead_id].append(stored[row.key])
    return {each: History(own.get(each, ()), reminders.get(each, {})) for each in lead_ids}
