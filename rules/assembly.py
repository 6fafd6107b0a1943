"""What a rule set as a whole asks for: every field that one of its parts reads, and every target it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rules.conditions import Part as ConditionPart
from rules.matching.preferences import lines
from rules.parts import Part, Pool, Rule, Target
from rules.routing.skills import FIT
from rules.territories.territories import Territory
from rules.wording import templates


def conditions_of(part: Part) -> tuple[ConditionPart, ...]:
    """Return the conditions of a rule or of a pool's members; those of the match policy are its own affair."""
    if isinstance(part, Rule):
        return part.when
    return tuple(one for member in part.members for one in member.when) if isinstance(part, Pool) else ()


def fields_asked(parts: Sequence[Part]) -> frozenset[str]:
    """Return every field (``scope.name``) that rules, members, pools and territories read. The policy is left out."""
    found = {line.field for part in parts for line in lines(conditions_of(part))}
    for part in parts:
        found.update(_beside(part))
    return frozenset(found)


def _beside(part: Part) -> Iterable[str]:
    """Return the fields that a part reads without a condition."""
    if isinstance(part, Rule):
        told = (part.task.subject, part.task.body) if part.task else ()
        return (*(part.wait.fields if part.wait else ()), *(name for text in told for name in templates.named(text)))
    if isinstance(part, Pool):
        return part.fit or (FIT if part.by == "best fit" else ())
    return part.reads if isinstance(part, Territory) else ()


def targets_of(part: Part) -> Iterator[Target]:
    """Yield every target that a part may send a lead to."""
    if isinstance(part, Rule):
        yield part.assign
        yield from part.otherwise
    elif isinstance(part, Pool):
        yield from part.overflow
    elif isinstance(part, Territory):
        yield from part.targets


def counts_open_leads(pool: Pool) -> bool:
    """Tell whether a pool goes by how many open leads its members own."""
    limits = (pool.open_leads, *(member.open_leads for member in pool.members))
    return pool.by == "fewest open leads" or any(limit is not None for limit in limits)
