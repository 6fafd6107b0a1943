"""What needs a person, said in their language, each with the page where it is dealt with; the gravest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from connector.desk.home import Home
from connector.web.nav import place_url


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to be done: what it is, where, and whether routing suffers until then."""

    words: str
    url: str
    link: str
    grave: bool = False
    detail: str = ""


def of(home: Home) -> list[Need]:
    """Return what needs a person in an install."""
    return [*_broken(home), *_questions(home)]


def _broken(home: Home) -> Iterator[Need]:
    install, waiting = home.install, home.waiting
    if install.status == "revoked":
        yield Need(
            _("Access was withdrawn: nothing is routed."), url_for("console.home"), _("Connect again"), grave=True
        )
    if waiting.rules_fault:
        words = _("The newest text of the rules is not valid; the last good version stays in force.")
        yield Need(words, place_url("rules", install), _("See the fault"), grave=True, detail=waiting.rules_fault)
    if count := home.today.inbox.needs_you:
        words = ngettext("%(num)s thing stands still.", "%(num)s things stand still.", count)
        yield Need(words, f"{url_for('console.install', install_id=install.id)}#parked", _("See why"), grave=True)
    if waiting.missing:
        words = ngettext(
            "%(num)s thing is missing in your CRM, by the last permission check.",
            "%(num)s things are missing in your CRM, by the last permission check.",
            waiting.missing,
        )
        yield Need(words, place_url("check", install), _("Run the check again"), grave=True)
    if waiting.stopped:
        words = ngettext("%(num)s long work has stopped.", "%(num)s long works have stopped.", len(waiting.stopped))
        yield Need(words, url_for("console.work", install_id=install.id), _("See why"), grave=True)
    if waiting.missed:
        yield Need(waiting.missed, "", "")
    if _is_short(home):
        words = _("API calls are running out; what can wait rests.")
        yield Need(words, f"{url_for('console.install', install_id=install.id)}#calls", _("See where they go"))


def _questions(home: Home) -> Iterator[Need]:
    install, waiting = home.install, home.waiting
    if waiting.reviews and place_url("reviews", install):
        words = ngettext("%(num)s match waits for a word.", "%(num)s matches wait for a word.", waiting.reviews)
        yield Need(words, place_url("reviews", install), _("Review"))
    if waiting.duplicates and place_url("duplicates", install):
        words = ngettext(
            "%(num)s pair of records may be one.", "%(num)s pairs of records may be one.", waiting.duplicates
        )
        yield Need(words, place_url("duplicates", install), _("Look at them"))


def _is_short(home: Home) -> bool:
    stands = home.budget
    rests = stands.rests_at is not None and stands.used >= stands.rests_at
    return rests or (stands.told is not None and stands.told.allowance.used >= 0.9 * stands.told.allowance.total)
