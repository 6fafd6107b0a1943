"""How much work the tests of a rule set are: leads, times the rules and the members that each may ask."""

from __future__ import annotations

from collections.abc import Iterable

from rules.faults import Fault
from rules.limits import MOST_TARGETS, MOST_WORK
from rules.linting.reach import reached
from rules.parts import Pool
from rules.ruleset import RuleSet
from rules.trials.parts import Trial

LEAD = 100
"""What a lead costs by itself, in rules that are asked."""


def beyond(ruleset: RuleSet, tests: Iterable[Trial]) -> tuple[Fault, ...]:
    """Return the fault of the first test that is more work, with those before it, than publishing waits for."""
    cost = LEAD + len(ruleset.rules) + _members(ruleset)
    left = MOST_WORK
    for trial in tests:
        left -= cost * len(trial.arrivals)
        if left < 0:
            most = MOST_WORK // cost
            message = f"Tests of these rules may have {most:,} leads in all, and here are more."
            remedy = "Repeat leads less often, or run the tests in several parts."
            return (Fault(trial.record, trial.line, trial.column, message, remedy),)
    return ()


def _members(ruleset: RuleSet) -> int:
    """Return how many members one lead may ask: as many pools as a rule may name, each with all it overflows into."""
    together = [_line(ruleset, pool) for pool in ruleset.pools.values()]
    return min(sum(len(pool.members) for pool in ruleset.pools.values()), MOST_TARGETS * max(together, default=0))


def _line(ruleset: RuleSet, pool: Pool) -> int:
    behind = {each.name for each in reached(ruleset, pool.overflow) if each.kind == "pool"} - {pool.name}
    return len(pool.members) + sum(len(ruleset.pools[name].members) for name in behind if name in ruleset.pools)
