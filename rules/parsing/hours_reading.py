"""From text to working hours: ``Mon-Fri 09:00-12:00, 13:00-18:00; Sat 10-14 Europe/Paris``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, NoReturn, TypeAlias

from rapidfuzz import fuzz, process

from rules.faults import RuleFault
from rules.times.hours import ALWAYS, DAYS, MIDNIGHT, Hours, Span, normal
from rules.times.zones import read_zone

__all__ = ["read_hours"]

TokenKind: TypeAlias = Literal["day", "days", "time", "zone", "dash", "break", "always", "all day", "closed"]

EXAMPLE = "Write them like Mon-Fri 09:00-18:00 Europe/Paris."
HOUR = 60
NOON = 12
LONGEST = 2_000
"""Hours with more characters are no hours of people."""

_TOKEN = re.compile(
    r"""(?P<space>[^\S\n]+)
    |(?P<always>24\s*[/x]\s*7)(?!\w)
    |(?P<every>(?:every|all)\s+day)(?!\w)
    |(?P<time>(?P<hour>\d{1,2})(?:[:.h]?(?P<minute>\d{2}))?(?!\d)(?:\s*(?P<half>[ap])\.?m\b\.?|\s?h\b)?)
    |(?P<zone>[a-z]{3}\d[a-z]{3}\b|(?!(?:mon?|tue?|wed?|thu?|fri?|sat?|sun?)[a-z]{0,6}/)[a-z_]+(?:/[\w+-]+)+)
    |(?P<word>[^\W\d_]+)\.?
    |(?P<dash>[-\u2010-\u2015\u2212~])
    |(?P<break>[,;:&/()\n])""",
    re.VERBOSE | re.IGNORECASE,
)
_WEEK = tuple(range(7))
_DAY_WORDS: dict[str, int] = {
    name: number
    for number, names in enumerate((
        "mo mon monday mondays", "tu tue tues tuesday tuesdays", "we wed weds wednesday wednesdays",
        "th thu thur thurs thursday thursdays", "fr fri friday fridays", "sa sat saturday saturdays",
        "su sun sunday sundays",
    ))
    for name in names.split()
}  # fmt: skip
_GROUPS: dict[str, tuple[int, ...]] = {
    "weekdays": _WEEK[:5], "workdays": _WEEK[:5], "weekend": _WEEK[5:], "weekends": _WEEK[5:],
    "daily": _WEEK, "everyday": _WEEK, "every": _WEEK,
}  # fmt: skip
_TIME_WORDS = {"noon": NOON * HOUR, "midnight": 0}
_OTHER_WORDS: dict[str, TokenKind] = {
    "to": "dash", "until": "dash", "till": "dash", "and": "break", "from": "break", "on": "break",
    "closed": "closed", "never": "closed",
}  # fmt: skip
_CLOSE = 60


class Token(NamedTuple):
    """A word of the text: `days` for days, `minute` for times; `sure` is False for a time that may be am or pm."""

    kind: TokenKind
    text: str
    at: int
    days: tuple[int, ...] = ()
    minute: int = 0
    sure: bool = True
    half: str = ""


def read_hours(text: str) -> Hours:
    """Return the hours that a text says; RuleFault with line, column and remedy where it cannot be understood.

    Days and times in the usual spellings (``Mon-Fri``, ``Sat-Tue``, ``weekdays``; ``09:00-18:00``, ``9-18``,
    ``9am-6pm``, ``22:00-06:00``, ``Sun 22:00 - Mon 06:00``), parted by comma, semicolon or line; ``24/7``; ``closed``;
    an IANA zone anywhere. Times without days hold every day.
    """
    return _Reading(text).hours()


@dataclass(slots=True)
class _Reading:
    """One text that is being read: `days` are those that the next times are for."""

    text: str
    tokens: list[Token] = field(default_factory=list)
    next: int = 0
    days: tuple[int, ...] = ()
    timed: bool = True  # the days have their times
    days_at: int = 0
    spans: list[Span] = field(default_factory=list)
    zone: str = ""
    closed: bool = False

    def fault(self, at: int, message: str, remedy: str = EXAMPLE) -> NoReturn:
        """Raise the fault at a place in the text."""
        line = self.text.count("\n", 0, at)
        raise RuleFault(message, line=line + 1, column=at - self.text.rfind("\n", 0, at), remedy=remedy)

    def hours(self) -> Hours:
        if len(self.text) > LONGEST:
            self.fault(0, f"The hours have more than {LONGEST:,} characters.")
        self._split()
        while self.next < len(self.tokens):
            self._item(self.tokens[self.next])
        if not self.timed:
            self.fault(self.days_at, "No times are given for these days.", "Write them like Mon-Fri 09:00-18:00.")
        if not self.spans and not self.closed:
            self.fault(0, "No hours are given.")
        return Hours(normal(self.spans), self.zone)

    def _split(self) -> None:
        at = 0
        while at < len(self.text):
            found = _TOKEN.match(self.text, at)
            if not found:
                self.fault(at, f"“{self.text[at]}” cannot stand in hours.")
            if not found["space"]:
                self.tokens.append(self._token(found))
            at = found.end()

    def _token(self, found: re.Match[str]) -> Token:
        text, at = found.group(), found.start()
        if found["time"]:
            return self._time_token(found)
        if found["word"]:
            return self._word(found["word"], at)
        if found["zone"]:
            return Token("zone", text, at)
        if found["every"]:
            whole = text.casefold().startswith("all")
            return Token("all day", text, at) if whole else Token("days", text, at, _WEEK)
        kind: TokenKind = "always" if found["always"] else "dash" if found["dash"] else "break"
        return Token(kind, text, at)

    def _word(self, text: str, at: int) -> Token:
        word = text.casefold()
        if word in _DAY_WORDS:
            return Token("day", text, at, (_DAY_WORDS[word],))
        if word in _GROUPS:
            return Token("days", text, at, _GROUPS[word])
        if word in _TIME_WORDS:
            return Token("time", text, at, minute=_TIME_WORDS[word])
        if word in _OTHER_WORDS:
            return Token(_OTHER_WORDS[word], text, at)
        return Token("zone", text, at)

    def _time_token(self, found: re.Match[str]) -> Token:
        text, at = found.group(), found.start()
        hour, minute, half = int(found["hour"]), int(found["minute"] or 0), (found["half"] or "").casefold()
        if minute >= HOUR or hour * HOUR + minute > MIDNIGHT or (half and not 1 <= hour <= NOON):
            self.fault(at, f"There is no time {text}.", "Write times from 00:00 to 24:00, or like 9am.")
        if half:
            hour = hour % NOON + (NOON if half == "p" else 0)
        sure = bool(half) or not 1 <= hour <= NOON or (len(found["hour"]) > 1 and found["minute"] is not None)
        return Token("time", text, at, minute=hour * HOUR + minute, sure=sure, half=half)

    def _item(self, token: Token) -> None:
        """Read what begins with this token."""
        match token.kind:
            case "break":
                self.next += 1
            case "zone":
                self._zone(token)
            case "always":
                if not self.timed or self.spans:
                    self.fault(token.at, "24/7 is all there is.", "Write all day for some days.")
                self.spans.extend(ALWAYS.spans)
                self.next += 1
            case "day" | "days":
                self._days(token)
            case "time":
                self._times(token)
            case "all day" | "closed":
                if token.kind == "all day":
                    self.spans.extend(Span(day, 0, MIDNIGHT) for day in self.days or _WEEK)
                self.closed |= token.kind == "closed"
                self.timed = True
                self.next += 1
            case _:
                self.next += 1
                if self._kinds("zone"):
                    self._zone(self.tokens[self.next])
                self.fault(token.at, f"“{token.text}” must stand between two days or two times.")

    def _zone(self, token: Token) -> None:
        try:
            zone = read_zone(token.text)
        except RuleFault as fault:
            if "dash" in self._around() or self._kinds("zone", "time"):
                self._no_day(token)
            self.fault(token.at, fault.message, fault.remedy)
        if self.zone not in {"", zone}:
            self.fault(token.at, f"The hours are in {self.zone} already.", "Write other hours for the other zone.")
        self.zone = zone
        self.next += 1

    def _no_day(self, token: Token) -> NoReturn:
        near = process.extractOne(token.text.casefold(), _DAY_WORDS.keys(), scorer=fuzz.ratio, score_cutoff=_CLOSE)
        remedy = f"Did you mean {DAYS[_DAY_WORDS[near[0]]]}?" if near else EXAMPLE
        self.fault(token.at, f"“{token.text}” is not a day.", remedy)

    def _around(self) -> list[TokenKind]:
        """Return what the tokens before and after the next one are."""
        return [self.tokens[at].kind for at in (self.next - 1, self.next + 1) if 0 <= at < len(self.tokens)]

    def _kinds(self, *kinds: TokenKind) -> bool:
        """Say whether tokens of these kinds come next."""
        return [token.kind for token in self.tokens[self.next : self.next + len(kinds)]] == list(kinds)

    def _days(self, token: Token) -> None:
        if self.timed and self._kinds("day", "time", "dash", "day", "time"):
            self._across()
            return
        days = token.days
        self.next += 1
        if token.kind == "day" and self._kinds("dash", "day"):
            last = self.tokens[self.next + 1].days[0]
            days = tuple((days[0] + step) % 7 for step in range((last - days[0]) % 7 + 1))
            self.next += 2
        if self.timed:
            self.days, self.days_at = (), token.at
        self.days, self.timed = (*self.days, *days), False

    def _across(self) -> None:
        """Read one span from a day to another one: ``Sun 22:00 - Mon 06:00``."""
        first, begin, _, last, end = self.tokens[self.next : self.next + 5]
        start = first.days[0] * MIDNIGHT + begin.minute
        length = (last.days[0] * MIDNIGHT + end.minute - start) % (7 * MIDNIGHT)
        self._span(begin, start, length)
        self.days = ()
        self.next += 5

    def _times(self, begin: Token) -> None:
        """Read ``09:00-18:00`` for the days before it."""
        self.next += 1
        if not self._kinds("dash", "time"):
            self.fault(begin.at, f"“{begin.text}” has no end.", "Write a span like 09:00-18:00.")
        end = self.tokens[self.next + 1]
        self.next += 2
        # 9-5pm, 9am-6 and 9-5 as people say them, where the clock of 24 hours would say something else.
        halved = bool(begin.half) != bool(end.half) and not (begin.sure and end.sure)
        backwards = end.minute < begin.minute < (NOON + 1) * HOUR and not end.sure
        if halved or backwards:
            self.fault(begin.at, f"{begin.text}-{end.text} may be by day or by night.", "Write 09:00-17:00 or 9am-5pm.")
        length = end.minute - begin.minute
        for day in self.days or _WEEK:
            self._span(begin, day * MIDNIGHT + begin.minute, length + MIDNIGHT if length < 0 else length)
        self.timed = True

    def _span(self, begin: Token, start: int, length: int) -> None:
        """Note a span by its first minute in the week; it is split where a day ends."""
        if begin.minute == MIDNIGHT:
            self.fault(begin.at, "No day begins at 24:00.", "Write 00:00 of the next day.")
        if not length:
            self.fault(begin.at, "The span ends when it begins.", "Write 00:00-24:00 for the whole day.")
        while length:
            day, minute = divmod(start, MIDNIGHT)
            part = min(length, MIDNIGHT - minute)
            self.spans.append(Span(day % len(DAYS), minute, minute + part))
            start, length = start + part, length - part
