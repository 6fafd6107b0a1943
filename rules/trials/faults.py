"""What the tests of a rule set have against it, as faults of their records: an edit in the CRM is tested too."""

from __future__ import annotations

from collections.abc import Iterator

from rules.faults import Fault, RuleSetError
from rules.ruleset import RuleSet
from rules.trials import trials
from rules.trials.parts import Result

_REMEDY = "Correct the rules, or what the test expects; until then the rules before stay live."


def faults(ruleset: RuleSet) -> tuple[Fault, ...]:
    """Run a rule set's own tests and return a fault for each that cannot be read or does not pass."""
    if not ruleset.tests:
        return ()
    try:
        report = trials.run(ruleset, trials.read(ruleset.tests))
    except RuleSetError as error:
        return error.faults
    return tuple(fault for result in report.red for fault in _of(result))


def _of(result: Result) -> Iterator[Fault]:
    trial, miss = result.trial, result.misses[0]
    message = f"The test “{trial.name}” fails: expected {miss.what} {miss.expected}, found {miss.found}."
    yield Fault(trial.record, trial.line, trial.column, message, _REMEDY)
