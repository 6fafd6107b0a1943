"""Users that a rule set names although the CRM does not know them, or they are inactive; queues that are missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rules import normalize
from rules.assembly import targets_of
from rules.linting.finding import heading, several
from rules.linting.study import Study
from rules.model import User
from rules.parts import Part
from rules.wording.words import say

__all__ = ["people"]

_Naming = tuple[str, str, str]


def people(study: Study) -> None:
    """Note unknown and inactive users, managers who are inactive, and queues that are not there: each once an item."""
    if study.people is None:
        return
    named: dict[str, list[_Naming]] = defaultdict(list)
    for naming in _named(study):
        if naming not in named[naming[2]]:
            named[naming[2]].append(naming)
    for mail, namings in named.items():
        user = study.people.get(mail)
        for record, how, _ in namings:
            if user is None and study.knows_everybody:
                message = say("lint.user.unknown", user=mail)
                study.say(
                    "user-unknown",
                    "error" if how == "target" else "warning",
                    record,
                    message,
                    say("lint.user.unknown.remedy"),
                )
            elif user is not None and not user.active:
                message = say("lint.user.inactive", user=f"{user.name or mail} ({mail})")
                study.say(
                    "user-inactive",
                    "error" if how == "target" else "warning",
                    record,
                    message,
                    say("lint.user.inactive.remedy"),
                )
    _managers(study)
    _queues(study)


def _named(study: Study) -> Iterator[_Naming]:
    """Yield heading, how (``target``, ``member`` or ``told``) and address for every user that is named."""
    parts = study.ruleset
    for rule in parts.rules:
        record = heading("rule", rule.name)
        yield from ((record, "target", _mail(t.name)) for t in targets_of(rule) if t.kind == "user")
        yield from ((record, "told", _mail(step.to)) for step in rule.escalate if step.to and step.to != "manager")
    for pool in parts.pools.values():
        record = heading("pool", pool.name)
        yield from ((record, "member", _mail(member.user)) for member in pool.members)
        yield from ((record, "target", _mail(t.name)) for t in targets_of(pool) if t.kind == "user")
    for territory in parts.territories.values():
        record = heading("territory", territory.name)
        yield from ((record, "target", _mail(t.name)) for t in targets_of(territory) if t.kind == "user")


def _mail(text: str) -> str:
    return normalize.email(text) or text


def _managers(study: Study) -> None:
    """Note rules that tell a manager who is inactive or not known: of the people whom the rule can choose."""
    by_id = {user.id: user for user in (study.people or {}).values()}
    for claim in study.living:
        if not any(step.to == "manager" for step in claim.rule.escalate):
            continue
        without, gone = [], []
        for user in _takers(study, claim.rule.assign.kind, claim.rule.assign.name):
            manager = by_id.get(user.manager_id or "")
            if user.manager_id is None:
                without.append(user.email)
            elif manager is None or not manager.active:
                gone.append(user.email)
        for mails, what in ((without, "lint.manager.none"), (gone, "lint.manager.inactive")):
            if mails:
                message = say(what, users=several(mails))
                study.say("manager-inactive", "warning", claim.record, message, say("lint.manager.remedy"))


def _takers(study: Study, kind: str, name: str) -> list[User]:
    pool = study.ruleset.pools.get(name) if kind == "pool" else None
    mails = [member.user for member in pool.members] if pool else [name] if kind == "user" else []
    users = ((study.people or {}).get(normalize.email(mail)) for mail in mails)
    return [user for user in users if user is not None and user.active]


def _queues(study: Study) -> None:
    if not study.knows_everybody:
        return
    parts: tuple[tuple[str, Part], ...] = (
        *((heading("rule", rule.name), rule) for rule in study.ruleset.rules),
        *((heading("pool", pool.name), pool) for pool in study.ruleset.pools.values()),
        *((heading("territory", each.name), each) for each in study.ruleset.territories.values()),
    )
    for record, part in parts:
        for name in dict.fromkeys(target.name for target in targets_of(part) if target.kind == "queue"):
            if normalize.fold(name) not in (study.queues or {}):
                message = say("lint.queue", queue=name)
                study.say("queue-unknown", "error", record, message, say("lint.queue.remedy"))
