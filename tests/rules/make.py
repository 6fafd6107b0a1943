"""Short ways to make the nouns for tests. Everything is explicit and nothing is random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from rules.decide import Scene, decide
from rules.matching.ranking import Ranked
from rules.model import NO_PAST, NO_WORKLOAD, Decision, Kind, Mode, Past, Record, Standing, User, Value, Workload
from rules.ruleset import RuleSet, Source, load, split

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CASES = Path(__file__).parent / "cases"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C where there is one: every worker reads all cases."""

ANA = User("U1", "Ana", "ana@example.com")
BOB = User("U2", "Bob", "bob@example.com")
CARLA = User("U3", "Carla", "carla@example.com")
GONE = User("U4", "Gustavo", "gustavo@example.com", active=False)
CRM = User("U9", "Integration", "crm@example.com")
INBOX = User("Q1", "Inbound", queue=True)
USERS = {user.id: user for user in (ANA, BOB, CARLA, GONE, CRM, INBOX)}


def cases(name: str) -> Any:
    """Return a table of readable cases."""
    return yaml.load((CASES / f"{name}.yaml").read_text(encoding="utf-8"), LOADER)  # noqa: S506 - both are safe


def record(kind: Kind, id_: str, *, owner: str | None = CRM.id, age: int = 0, **fields: Value) -> Record:
    """Make a record that was created `age` minutes before NOW."""
    told = {name: value for name, value in fields.items() if value is not None}
    return Record(kind, id_, told, owner_id=owner, created_at=NOW - timedelta(minutes=age))


def lead(id_: str = "L1", *, owner: str | None = CRM.id, age: int = 0, **fields: Value) -> Record:
    """Make a lead."""
    return record("lead", id_, owner=owner, age=age, **fields)


def account(id_: str = "A1", *, owner: str | None = BOB.id, age: int = 1000, **fields: Value) -> Record:
    """Make an account."""
    return record("account", id_, owner=owner, age=age, **fields)


@lru_cache(maxsize=64)
def ruleset(text: str) -> RuleSet:
    """Load a rule set from one document, each item as a record of its own."""
    return load([Source(f"{item.kind} {item.name}", item.text) for item in split(text)])


def scene(text: str, mode: Mode = "act", users: Mapping[str, User] = USERS) -> Scene:
    """Make a scene with these rules."""
    return Scene(ruleset(text), users, mode)


def decided(
    who: Record,
    where: Scene,
    *,
    accounts: Sequence[Record] = (),
    duplicates: Sequence[Record] = (),
    rotation: Mapping[str, Standing] | None = None,
    previous: str = "",
    last_assignee: str | None = None,
    ranking: Sequence[Ranked] | None = None,
    past: Past = NO_PAST,
    work: Workload = NO_WORKLOAD,
    changed: tuple[str, ...] = (),
    now: datetime = NOW,
    waited: timedelta = timedelta(seconds=2),
) -> Decision:
    """Decide about a lead at `now`; it was received two seconds (or so long as `waited` says) before."""
    return decide(
        who,
        scene=where,
        accounts=accounts,
        duplicates=duplicates,
        rotation=rotation or {},
        received_at=now - waited,
        now=now,
        previous=previous,
        last_assignee=last_assignee,
        ranking=ranking,
        past=past,
        work=work,
        changed=changed,
    )
