"""A target of the rules in two boxes, kind and name, and back as text."""

from __future__ import annotations

from dataclasses import dataclass

from connector.desk import item_text
from rules.clauses.written import quoted
from rules.parsing.target_reading import NAMED


@dataclass(frozen=True, slots=True)
class Goal:
    """One target: its kind, and its name where it has one."""

    kind: str = "pool"
    name: str = ""


def written(goal: Goal) -> str:
    """Return a target as YAML; only ``{pool: Name}`` takes a name that has quotes itself."""
    name = goal.name.strip()
    if goal.kind not in NAMED:
        return goal.kind
    if '"' in name or "'" in name:
        return f"{{{goal.kind}: {quoted(name)}}}"
    return item_text.scalar(f'{goal.kind} "{name}"')
