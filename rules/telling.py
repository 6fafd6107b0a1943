"""How people are told of leads where the rules leave it open, and in which language: what an install has chosen.

The order: what a rule says of its own task and of ``notify`` holds; what it leaves open is as the install chose; an
install that chose nothing tells by both, and everybody in their own language. A rule set as a whole has no word on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from rules.wording import catalogue

__all__ = ["BELLS", "REMINDERS", "USUAL", "Bell", "Reminders", "Telling"]

Bell: TypeAlias = Literal["always", "at work", "never"]
"""When whoever gets a lead is notified; ``at work``: not outside the working hours by which they are in the pool."""
Reminders: TypeAlias = Literal["both", "task", "notification"]
"""By what people are reminded and escalated to; a rule that tells somebody is never silenced."""
BELLS: tuple[Bell, ...] = get_args(Bell)
REMINDERS: tuple[Reminders, ...] = get_args(Reminders)


@dataclass(frozen=True, slots=True)
class Telling:
    """What an install has chosen for all that its rules leave open.

    `task`: whoever gets a lead has a task. `language`, one of catalogue.LANGUAGES, is spoken to those whose own one is
    unknown or none of ours, and where nobody is spoken to; with `one_language` to everybody.
    """

    task: bool = True
    bell: Bell = "always"
    reminders: Reminders = "both"
    language: str = catalogue.ENGLISH
    one_language: bool = False

    @property
    def is_silent(self) -> bool:
        """Whether nobody is told of a lead unless its rule says so."""
        return not self.task and self.bell == "never"

    def language_for(self, own: str) -> str:
        """Return the language to speak to somebody whose CRM says `own`; "" for nobody, a queue, and who is unknown."""
        return self.language if self.one_language else catalogue.known(own) or self.language


USUAL = Telling()
"""What holds until an install chooses."""
