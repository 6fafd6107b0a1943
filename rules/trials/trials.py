"""Tests of a rule set: leads as text, and who gets them. Each goes through the one door, as it would live.

:func:`read` reads tests, :func:`run` runs them. Publishing does both, and refuses a rule set with a red test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rules.clauses.compare import folded
from rules.faults import Fault, RuleSetError
from rules.parsing.nodes import meant
from rules.parts import DeclaredUser
from rules.routing.seats import Desk, seating
from rules.ruleset import RuleSet
from rules.trials.checks import misses
from rules.trials.course import Course, Stage
from rules.trials.parts import WORKING_MOMENT, Miss, Report, Result, Step, Trial, Wish
from rules.trials.people import id_of, unknown_people, users_of
from rules.trials.reading import read
from rules.trials.report import lines, summary
from rules.trials.work import beyond

__all__ = [
    "WORKING_MOMENT", "Miss", "Report", "Result", "Step", "Trial", "check", "lines", "read", "run", "summary",
    "unknown_people",
]  # fmt: skip


def run(ruleset: RuleSet, tests: Sequence[Trial], users: Sequence[DeclaredUser] = ()) -> Report:
    """Run tests and return what became of each.

    `users` are declared beside those of the rule set; everybody else whom rules or tests name is an active user.
    Raises RuleSetError when a test names a rule, pool, territory, queue or person that there is not, and when all are
    too much work.
    """
    if unknown := [*check(ruleset, tests), *unknown_people(ruleset, tests, users)]:
        raise RuleSetError(unknown)
    if too_much := beyond(ruleset, tests):
        raise RuleSetError(too_much)
    declared = {id_of(user.user): user for user in (*ruleset.users, *users) if not user.queue}
    stage = Stage(ruleset, users_of(ruleset, tests, users), tuple(declared.values()))
    if strangers := _strangers(stage, tests):
        raise RuleSetError(strangers)
    return Report(tuple(_result(stage, trial) for trial in tests))


def _result(stage: Stage, trial: Trial) -> Result:
    steps = Course(stage, trial).run()
    return Result(trial, misses(trial, steps), steps)


def check(ruleset: RuleSet, tests: Iterable[Trial]) -> tuple[Fault, ...]:
    """Return a fault for everything that tests name and the rule set does not have."""
    known: Mapping[str, Mapping[str, str]] = {
        "rule": _names(rule.name for rule in ruleset.rules),
        "pool": _names(ruleset.pools),
        "territory": _names(ruleset.territories),
    }
    found = []
    for trial in tests:
        found += [_unknown(trial, wish, known[wish.what]) for wish in trial.wishes if _is_slip(wish, known)]
        for pool in trial.given:
            if pool not in ruleset.pools:
                remedy = meant(pool, list(ruleset.pools), otherwise="There are no pools in these rules.")
                found.append(Fault(trial.record, trial.line, trial.column, f"There is no pool “{pool}”.", remedy))
    return tuple(found)


def _names(names: Iterable[str]) -> dict[str, str]:
    return {folded(name): name for name in names}


def _is_slip(wish: Wish, known: Mapping[str, Mapping[str, str]]) -> bool:
    return wish.what in known and bool(wish.wanted) and folded(str(wish.wanted)) not in known[wish.what]


def _unknown(trial: Trial, wish: Wish, known: Mapping[str, str]) -> Fault:
    message = f"There is no {wish.what} “{wish.wanted}”."
    remedy = meant(str(wish.wanted), list(known.values()), otherwise=f"These rules have no such {wish.what}.")
    return Fault(trial.record, wish.line, wish.column, message, remedy)


def _strangers(stage: Stage, tests: Iterable[Trial]) -> list[Fault]:
    """Return a fault for everyone who is said to have had leads of a pool that they are not in."""
    found = []
    for trial in tests:
        for pool, counts in trial.given.items():
            desk = Desk(trial.at, stage.usual.by_email, calendars=stage.ruleset.calendars)
            table = seating(stage.ruleset.pools[pool], desk)
            strangers = [person for person in counts if id_of(person) not in table.seats]
            found += [
                Fault(trial.record, trial.line, trial.column, f"{who} is not in the pool “{pool}”.", "Leave them out.")
                for who in strangers
            ]
    return found
