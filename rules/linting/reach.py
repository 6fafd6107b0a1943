"""Where leads can come to: from targets on through overflows of pools and rows of territories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rules.assembly import targets_of
from rules.parts import Target
from rules.ruleset import RuleSet


def reached(ruleset: RuleSet, targets: Iterable[Target]) -> Iterator[Target]:
    """Yield targets and all that these lead to, each once."""
    yield from _reached(ruleset, targets, set())


def used_pools(ruleset: RuleSet) -> frozenset[str]:
    """Return the names of the pools that some rule leads to."""
    first = (target for rule in ruleset.rules for target in targets_of(rule))
    return frozenset(target.name for target in reached(ruleset, first) if target.kind == "pool")


def _reached(ruleset: RuleSet, targets: Iterable[Target], seen: set[Target]) -> Iterator[Target]:
    for target in targets:
        if target in seen:
            continue
        seen.add(target)
        yield target
        if target.kind == "pool" and target.name in ruleset.pools:
            yield from _reached(ruleset, targets_of(ruleset.pools[target.name]), seen)
        if target.kind == "territory" and target.name in ruleset.territories:
            yield from _reached(ruleset, targets_of(ruleset.territories[target.name]), seen)
