"""The users of a test run: those that are declared, and everybody else whom the rules or the tests name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rules import normalize
from rules.assembly import targets_of
from rules.model import User
from rules.parts import DeclaredUser, Part
from rules.ruleset import RuleSet
from rules.trial_parts import Trial
from rules.trial_values import queue_name


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
    for person in (*_named(ruleset, known), *(each for trial in trials for each in sorted(trial.people))):
        found.setdefault(id_of(person), _derived(person))
    return found


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
