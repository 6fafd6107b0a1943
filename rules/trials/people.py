"""The users of a test run: those that are declared, and everybody else whom the rules or the tests name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rapidfuzz import fuzz, process

from rules import normalize
from rules.assembly import targets_of
from rules.faults import Fault
from rules.model import User
from rules.parsing.nodes import meant
from rules.parts import DeclaredUser, Part, Pool
from rules.ruleset import RuleSet
from rules.times.hours import Hours
from rules.trials.parts import Named, Trial
from rules.trials.values import queue_name

_CLOSE = 88
"""Addresses of one company are much alike: one letter of the name is a slip, three are another person."""


def id_of(person: str) -> str:
    """Return the user id of an e-mail address or of ``queue "Name"``: ties of a rotation end in alphabetical order."""
    queue = queue_name(person)
    return f"queue {normalize.fold(queue)}" if queue else normalize.email(person) or person


def users_of(ruleset: RuleSet, trials: Iterable[Trial], declared: Sequence[DeclaredUser] = ()) -> dict[str, User]:
    """Return the users by id.

    Who is declared, here or in the rule set, is as declared. Everybody else who is named anywhere, in a pool, as a
    target, as somebody's manager or in a test, is an active user with no manager, in UTC, called by their address.
    """
    known = [*ruleset.users, *declared]
    found = {user.id: user for user in (_declared(each) for each in known)}
    for person in (*_named(ruleset, known), *_of_tests(trials)):
        found.setdefault(id_of(person), _derived(person))
    return found


def _of_tests(trials: Iterable[Trial]) -> Iterator[str]:
    for trial in trials:
        yield from sorted({each.person for each in trial.named})


def with_hours(ruleset: RuleSet, declared: Iterable[DeclaredUser]) -> RuleSet:
    """Return the rule set in which people work as declared, where neither member nor pool says when they do."""
    hours = {
        user.user: user.hours or ruleset.calendars[user.calendar].hours
        for user in declared
        if user.hours or user.calendar in ruleset.calendars
    }
    if not hours:
        return ruleset
    return replace(ruleset, pools={name: _at_work(pool, hours) for name, pool in ruleset.pools.items()})


def _at_work(pool: Pool, hours: Mapping[str, Hours]) -> Pool:
    if pool.hours or pool.calendar:
        return pool
    members = (
        each if each.hours or each.calendar else replace(each, hours=hours.get(each.user)) for each in pool.members
    )
    return replace(pool, members=tuple(members))


def unknown_people(ruleset: RuleSet, trials: Iterable[Trial], declared: Sequence[DeclaredUser] = ()) -> list[Fault]:
    """Return a fault for everybody whom tests expect, pause or count leads of, and who is not there.

    There are those whom the rules name or `users` declare, and whoever the same test says owns or had something.
    """
    users = users_of(ruleset, (), declared)
    found = [
        _no_calendar(user, list(ruleset.calendars))
        for user in declared
        if user.calendar and user.calendar not in ruleset.calendars
    ]
    for trial in trials:
        there = {*users, *(id_of(each.person) for each in trial.named if each.is_new)}
        slips = (each for each in trial.named if not each.is_new and id_of(each.person) not in there)
        found += [_unknown(each, trial, users) for each in slips]
    return found


def _no_calendar(user: DeclaredUser, known: list[str]) -> Fault:
    remedy = meant(user.calendar, known, otherwise="There are no calendars in these rules." if not known else "")
    return Fault("users", 1, 1, f"There is no calendar “{user.calendar}”, by which {user.user} works.", remedy)


def _unknown(named: Named, trial: Trial, users: Mapping[str, User]) -> Fault:
    queues = [user.name for user in users.values() if user.queue]
    called = {normalize.fold(user.name): user.email for user in users.values() if not user.queue}
    at = trial.record, named.line, named.column
    if named.word:
        mail = called.get(normalize.fold(named.word))
        other = 'Write ana@example.com, or queue "Name".'
        remedy = f"Write {mail}." if mail else meant(named.word, queues, otherwise=other)
        return Fault(*at, f"“{named.word}” is not an e-mail address, and no queue here is called so.", remedy)
    close = process.extractOne(named.person, list(addresses(users).values()), scorer=fuzz.ratio, score_cutoff=_CLOSE)
    remedy = f"Did you mean {close[0]}?" if close else "If that is right, declare them under users."
    return Fault(*at, f"Neither the rules nor users name {named.person}.", remedy)


def _declared(user: DeclaredUser) -> User:
    if user.queue:
        queue = f'queue "{user.user}"'
        return User(id_of(queue), user.name or user.user, active=user.active, queue=True)
    return User(
        id=id_of(user.user),
        name=user.name or user.user,
        email=user.user,
        active=user.active,
        manager_id=id_of(user.manager) if user.manager else None,
        zone=user.zone,
        language=user.language,
    )


def _derived(person: str) -> User:
    queue = queue_name(person)
    return User(id_of(person), queue, queue=True) if queue else User(id_of(person), person, normalize.email(person))


def _named(ruleset: RuleSet, declared: Iterable[DeclaredUser]) -> Iterable[str]:
    """Return all addresses and queues that the rules name, and the managers of declared users."""
    parts: list[Part] = [*ruleset.rules, *ruleset.pools.values(), *ruleset.territories.values()]
    for part in parts:
        for target in dict.fromkeys(targets_of(part)):
            if target.kind == "user":
                yield target.name
            elif target.kind == "queue":
                yield str(target)
    yield from (member.user for pool in ruleset.pools.values() for member in pool.members)
    yield from (step.to for rule in ruleset.rules for step in rule.escalate if normalize.email(step.to))
    yield from (user.manager for user in declared if user.manager)


def addresses(users: Mapping[str, User]) -> dict[str, str]:
    """Return how each user id stands in a test: the e-mail address, or ``queue "Name"``."""
    return {user.id: f'queue "{user.name}"' if user.queue else user.email for user in users.values()}
