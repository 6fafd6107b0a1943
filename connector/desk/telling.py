"""How people are told of leads where the rules leave it open, in which language, and what the console speaks."""

from __future__ import annotations

from dataclasses import dataclass

from connector.desk import log
from connector.desk.faults import Unusable
from connector.services import Services
from connector.store import rulesets, tellings
from connector.store.installs import Install
from jobs import rulebook
from rules.ruleset import RuleSetError
from rules.telling import BELLS, REMINDERS, Telling
from rules.wording.catalogue import LANGUAGES

__all__ = ["LANGUAGES", "Told", "read", "tell", "use_console_language"]


@dataclass(frozen=True, slots=True)
class Told:
    """What an install has chosen; `console` is "" where the browser decides.

    `own_tasks` and `own_bells` are the rules in force that say it themselves, by name: the choice changes none of them.
    """

    telling: Telling
    console: str
    own_tasks: tuple[str, ...] = ()
    own_bells: tuple[str, ...] = ()


def read(services: Services, install: Install) -> Told:
    """Return how an install tells people."""
    with services.database.read() as connection:
        telling, console = tellings.of(connection, install.id), tellings.console(connection, install.id)
        live = rulesets.get(connection, install.id, services.seal(install))
    try:
        rules = rulebook.loaded(install.id, live.sources).rules if live and live.version else ()
    except RuleSetError:
        rules = ()
    return Told(
        telling,
        console,
        own_tasks=tuple(rule.name for rule in rules if rule.says_task),
        own_bells=tuple(rule.name for rule in rules if rule.notify),
    )


def tell(services: Services, install: Install, wanted: Telling, *, understood: bool, by: str) -> bool:
    """Choose how people are told from the next decision on; False when that is how it stands. Raises Unusable.

    That nobody is told any more must be `understood`.
    """
    with services.database.write() as connection:
        before = tellings.of(connection, install.id)
        may_tell(before, wanted, understood=understood)
        if wanted == before:
            return False
        tellings.put(connection, install.id, wanted, now=services.clock())
    for did, words in (("telling", _ways), ("languages", _languages)):
        if words(wanted) != words(before):
            log.note(services, install, by=by, did=did, about=words(wanted), before=words(before))
    return True


def may_tell(before: Telling, wanted: Telling, *, understood: bool) -> None:
    """Raise Unusable unless people may be told like this; see :func:`tell`."""
    if wanted.bell not in BELLS:
        raise Unusable("Whoever gets a lead is notified always, at work or never.", field="bell")
    if wanted.reminders not in REMINDERS:
        raise Unusable("People are reminded by both, by a task or by a notification.", field="reminders")
    if wanted.language not in LANGUAGES:
        raise Unusable("Switchyard does not speak that language.", field="language")
    if wanted.is_silent and not before.is_silent and not understood:
        raise Unusable(
            "Nothing was changed. Tick the box that says that nobody will be told of their leads, then save.",
            field="understood",
        )


def use_console_language(services: Services, install: Install, language: str, *, by: str) -> bool:
    """Choose what the console speaks to who chose no language, "" as their browser says; False when it does so.

    Raises Unusable.
    """
    if language and language not in LANGUAGES:
        raise Unusable("Switchyard does not speak that language.", field="console")
    with services.database.write() as connection:
        before = tellings.console(connection, install.id)
        if language == before:
            return False
        tellings.put_console(connection, install.id, language, now=services.clock())
    about, was = (each or "browser" for each in (language, before))
    log.note(services, install, by=by, did="console language", about=about, before=was)
    return True


def _ways(told: Telling) -> str:
    return f"task: {'yes' if told.task else 'no'}, notification: {told.bell}, reminders: {told.reminders}"


def _languages(told: Telling) -> str:
    return f"{'always' if told.one_language else 'their own, else'} {told.language}"
