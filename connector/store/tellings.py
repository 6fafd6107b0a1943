"""How an install tells people of leads where its rules leave it open, and what its console speaks to who chose nothing.

Small choices, kept as notes. They are none of the rules in the CRM: like the mode they begin anew with a lost database.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from connector.store import notes
from rules.telling import BELLS, REMINDERS, USUAL, Telling
from rules.wording.catalogue import LANGUAGES

TASK, BELL, REMINDED, SPOKEN, ONE_LANGUAGE, CONSOLE = (
    "tell_task", "tell_bell", "tell_reminders", "tell_language", "tell_one_language", "console_language",
)  # fmt: skip
_YES, _NO = "yes", "no"


def of(connection: Connection, install_id: str) -> Telling:
    """Return what an install has chosen; a word that this version does not know counts as not chosen."""
    found = notes.of(connection, install_id)
    bell, reminders, language = found.get(BELL), found.get(REMINDED), found.get(SPOKEN)
    return Telling(
        task=found.get(TASK, _YES) != _NO,
        bell=next((each for each in BELLS if each == bell), USUAL.bell),
        reminders=next((each for each in REMINDERS if each == reminders), USUAL.reminders),
        language=language if language in LANGUAGES else USUAL.language,
        one_language=found.get(ONE_LANGUAGE) == _YES,
    )


def put(connection: Connection, install_id: str, chosen: Telling, *, now: datetime) -> None:
    """Keep what an install chose."""
    told = {
        TASK: _YES if chosen.task else _NO,
        BELL: chosen.bell,
        REMINDED: chosen.reminders,
        SPOKEN: chosen.language,
        ONE_LANGUAGE: _YES if chosen.one_language else _NO,
    }
    for name, value in told.items():
        notes.put(connection, install_id, name, value, now=now)


def console(connection: Connection, install_id: str) -> str:
    """Return the language that the console speaks to who chose none; "" says that their browser decides."""
    found = notes.of(connection, install_id).get(CONSOLE, "")
    return found if found in LANGUAGES else ""


def put_console(connection: Connection, install_id: str, language: str, *, now: datetime) -> None:
    """Keep what the console speaks to who chose no language; "" as their browser says."""
    notes.put(connection, install_id, CONSOLE, language, now=now)
