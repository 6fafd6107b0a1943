# ruff: noqa: E501, RUF001 - tables of rates; letters of other scripts look like Latin ones
"""People made up by code, with what happens to them in a CRM: the same person twice and in many ways, and strangers who
look like them. Seeded: the same seed, size and noise give the same records.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from tests.bench import synthetic
from tests.bench.people_names import ARABIC, CALLED, CULTURES, LETTERS, SIGNS, TITLES, WAYS, Culture
from tests.bench.people_noise import TRAINING, Noise

__all__ = ["TRAINING", "Noise", "records"]

FREE = ("gmail.com", "outlook.com", "yahoo.com", "hotmail.com", "icloud.com")
ROLES = ("info", "sales", "office", "contact", "marketing", "hr")


@dataclass(frozen=True)
class Firm:
    """A company that people work for."""

    number: int
    name: str
    domain: str
    culture: Culture
    switchboard: str
    city: str
    mails: int


@dataclass(frozen=True)
class Someone:
    """A person as they are."""

    number: int
    culture: Culture
    given: str
    middle: str
    family: tuple[str, ...]
    woman: bool
    generation: str
    firm: Firm
    mobile: str
    direct: str
    private: str
    handle: str
    title: tuple[str, ...]
    city: str


@lru_cache(maxsize=1 << 16)
def plain(text: str) -> str:
    """Return text without accents, as people type it abroad."""
    text = text.replace("ß", "ss").replace("ō", "o").replace("Ō", "O")
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))


def latin(text: str, dice: random.Random | None = None) -> str:
    """Return a Russian name in Latin letters, one way of several if there is a die to throw."""
    for letters, ways in WAYS:
        if letters in text:
            some = ways.split("|")
            text = text.replace(letters, dice.choice(some) if dice else some[0])
    return "".join(LETTERS.get(each, each) for each in text)


class World:
    """Companies and people of one seed."""

    def __init__(self, people: int, seed: int, noise: Noise) -> None:
        self.dice, self.noise, self.seed = random.Random(f"people {seed}"), noise, seed
        self._shares = [share for _, share in CULTURES]
        self.firms = [self._firm(number) for number in range(max(10, people // 9))]
        self._taken: dict[str, int] = {}
        self._sizes = [1 / (place + 8) ** 0.75 for place in range(len(self.firms))]
        self.chosen = iter(self.dice.choices(self.firms, self._sizes, k=4 * people + 100))

    def _firm(self, number: int) -> Firm:
        dice = self.dice
        culture = dice.choices([each for each, _ in CULTURES], self._shares)[0]
        made = synthetic.account(number, self.seed).fields
        name = str(made["name"])
        label = "".join(each for each in name.casefold().rsplit(" ", 1)[0] if each.isalnum() and each.isascii())
        line = culture.dial + _digits(culture.line, dice)
        return Firm(
            number,
            name,
            f"{label[:18]}.{culture.domain}",
            culture,
            line,
            dice.choice(culture.cities),
            dice.randrange(4),
        )

    def someone(self, number: int, like: Someone | None = None) -> Someone:
        """Return a person; one who is `like` another has something of theirs."""
        dice = self.dice
        firm = next(self.chosen)
        culture = firm.culture
        woman = dice.random() < 0.48
        names = culture.women if woman else culture.men
        given = names[int(len(names) * dice.random() ** 1.6)]
        middle = names[int(len(names) * dice.random())] if dice.random() < 0.25 else ""
        family = tuple(self._family(culture) for _ in range(culture.families))
        generation, private = "", ""
        share = dice.random()
        what = self._likeness(share) if like is not None else ""
        if like is not None and what.startswith("namesakes") and like.family[-1] not in like.culture.family:
            what = ""  # who has a rare name has no namesake but in the family
        if like is not None and what:
            family, culture = like.family, like.culture
            if what in {"relatives", "sons", "namesakes_here"}:
                firm = like.firm
            if what == "shared_mailbox":
                private = like.private
            elif what == "relatives":
                names = culture.women if woman else culture.men
                given = dice.choice([name for name in names if name != like.given])
            else:
                given, woman = like.given, like.woman
                generation = "Jr." if what == "sons" else ""
        person = Someone(
            number, culture, given, middle, family, woman, generation, firm,
            culture.dial + _digits(culture.mobile, dice), culture.dial + _digits(culture.line, dice), private, "",
            dice.choice(TITLES), firm.city if dice.random() < 0.8 else dice.choice(culture.cities),
        )  # fmt: skip
        first, last = _ascii(given), _ascii(family[-1])
        many = dice.choice(("", "", str(dice.randrange(100)), str(dice.randrange(1000))))
        sep = dice.choice((".", "", "_", "."))
        made = dice.choice((f"{first}{sep}{last}{many}", f"{first[0]}{last}{many}", f"{last}{sep}{first}{many}"))
        handle = (
            f"{first}-{last}-{dice.randrange(16**6):06x}"
            if dice.random() < 0.7
            else f"{first}{last}{dice.randrange(999)}"
        )
        mail = private or self.own(made, f"@{dice.choice(FREE)}", number)
        return replace(person, private=mail, handle=self.own(handle, "", number))

    def _likeness(self, share: float) -> str:
        """Return what a person has of another, for a throw between 0 and 1; "" for nothing."""
        for what in ("relatives", "sons", "namesakes", "namesakes_here", "shared_mailbox"):
            share -= getattr(self.noise, what)
            if share < 0:
                return what
        return ""

    def own(self, local: str, rest: str, person: int) -> str:
        """Return an address or handle that nobody else has: who comes later gets a number."""
        for number in range(1000):
            found = f"{local}{number + 1 if number else ''}{rest}"
            if self._taken.setdefault(found, person) == person:
                return found
        return f"{local}.{person}{rest}"

    def _family(self, culture: Culture) -> str:
        dice = self.dice
        if dice.random() < 0.2:
            return culture.family[int(len(culture.family) * dice.random() ** 1.4)]
        if culture.country == "RU":
            first = "".join(
                dice.choice(("бар", "вен", "гул", "дол", "зам", "кур", "лат", "мел", "пан", "руб", "сав", "тих"))
            )
            return (first + dice.choice(("", "ак", "ен", "ич", "ом")) + dice.choice(culture.endings)).capitalize()
        first = synthetic.word(1 + int(60_000 * dice.random()))[: dice.choice((3, 4, 5, 6))]
        return (first + dice.choice(culture.endings)).capitalize()


def _digits(pattern: str, dice: random.Random) -> str:
    return "".join(str(dice.randrange(10)) if each == "#" else each for each in pattern)


def _ascii(name: str) -> str:
    shown = plain(latin(name))
    return "".join(each for each in shown.casefold() if each.isalpha() and each.isascii())


def records(people: int, seed: int, noise: Noise | None = None) -> Iterator[dict[str, Any]]:
    """Yield records of people in any order of creation: canonical fields, `id`, `kind`, `at` (a number), `truth`."""
    noise = noise or Noise()
    world = World(people, seed, noise)
    dice = world.dice
    recent: list[Someone] = []
    for number in range(people):
        who = world.someone(number, dice.choice(recent) if recent else None)
        recent = [*recent[-200:], who]
        for copy in range(dice.choices((1, 2, 3, 4), noise.more)[0]):
            found = Telling(world, who, changed=copy > 0).record()
            yield {"id": f"{seed}-{number}-{copy}", "truth": f"{seed}-{number}", **found}


class Telling:
    """One record about a person: what it says, and what went wrong on the way."""

    def __init__(self, world: World, who: Someone, *, changed: bool) -> None:
        self._dice, self._noise, self._world = world.dice, world.noise, world
        if changed and self._happens("moved"):
            firm = next(world.chosen)
            who = replace(who, firm=firm, direct=firm.culture.dial + _digits(firm.culture.line, world.dice),
                          title=world.dice.choice(TITLES), city=firm.city)  # fmt: skip
        if changed and who.woman and self._happens("married"):
            new = world._family(who.culture)
            family = self._dice.choice(((new,), (f"{who.family[-1]}-{new}",), (*who.family, new)))
            who = replace(who, family=family)
        self._who = who

    def _happens(self, what: str) -> bool:
        return bool(self._dice.random() < getattr(self._noise, what))

    def record(self) -> dict[str, Any]:
        """Return the record's fields, without those that are empty."""
        who, dice = self._who, self._dice
        own = {
            **self._name(), "email": self._mail(), "phone": self._line(), "mobile": self._number(who.mobile),
            "linkedin": self._handle(), "company": self._company(), "title": self._title(),
            "city": plain(who.city) if dice.random() < 0.5 else who.city,
            "country": dice.choice(who.culture.spelt), "website": f"https://www.{who.firm.domain}",
        }  # fmt: skip
        if self._happens("other_city"):
            own["city"] = dice.choice(who.culture.cities)
        for name, share in self._noise.missing:
            if dice.random() < share:
                own.pop(name, None)
        if self._happens("only_mail") and own.get("email"):
            own = {"email": own["email"]}
        if not own.get("email") and not own.get("last_name") and not own.get("name"):
            own["last_name"] = who.family[-1]
        kind = "contact" if dice.random() < 0.3 else "lead"
        if kind == "contact":
            own.pop("company", None)
            if dice.random() < 0.8:
                own["account_id"] = f"A{who.firm.number}"
        return {"kind": kind, "at": dice.randrange(10**6), **{name: value for name, value in own.items() if value}}

    def _name(self) -> dict[str, str]:
        who, dice = self._who, self._dice
        given, family = who.given, " ".join(who.family)
        if self._happens("no_name"):
            return {}
        if self._happens("short") and given in CALLED:
            given = dice.choice(CALLED[given])
        given, family = self._spelt(given), self._spelt(family)
        if len(who.family) > 1 and self._happens("part"):
            family = dice.choice(family.split(" ")) or family
        if " " in given and self._happens("part"):
            given = given.split(" ")[0]
        if self._happens("slip"):
            given, family = (self._slip(given), family) if dice.random() < 0.5 else (given, self._slip(family))
        if who.middle and dice.random() < 0.3:
            middle = self._spelt(who.middle)
            given += f" {middle[0]}." if dice.random() < 0.6 else f" {middle}"
        if self._happens("initial"):
            given = given[0] + dice.choice((".", ""))
        if self._happens("no_given"):
            given = ""
        if who.generation and dice.random() < 0.7:
            family += f" {who.generation}"
        if self._happens("upper"):
            given, family = dice.choice(((given.upper(), family.upper()), (given.lower(), family.lower())))
        if self._happens("turned") and given:
            given, family = family, given
        if self._happens("whole_name"):
            return {"name": f"{family}, {given}" if given and dice.random() < 0.3 else f"{given} {family}".strip()}
        return {"first_name": given, "last_name": family}

    def _spelt(self, name: str) -> str:
        dice, country = self._dice, self._who.culture.country
        if country == "RU":
            return latin(name, dice) if dice.random() < 0.75 else name
        if country == "JP" and name in SIGNS and dice.random() < 0.15:
            return SIGNS[name]
        if name in ARABIC and self._happens("respelt"):
            return dice.choice(ARABIC[name].split("|"))
        if country == "DE" and dice.random() < 0.3:
            for accented, written in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ö", "Oe"), ("ß", "ss")):
                name = name.replace(accented, written)
            return name
        return plain(name) if self._happens("plain") else name

    def _slip(self, text: str) -> str:
        """Return text with one slip of the pen."""
        if len(text) < 3:
            return text
        dice = self._dice
        at = dice.randrange(1, len(text) - 1)
        letter = dice.choice("abcdefghijklmnoprstuvz")
        return dice.choice((
            text[:at] + text[at + 1 :], text[:at] + text[at] + text[at:], text[:at] + letter + text[at + 1 :],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        ))  # fmt: skip

    def _mail(self) -> str:
        who, dice, firm = self._who, self._dice, self._who.firm
        if self._happens("role_mailbox"):
            return f"{dice.choice(ROLES)}@{firm.domain}"
        first, last = _ascii(who.given), _ascii(who.family[-1])
        if self._happens("private_mail"):
            local, _, host = who.private.partition("@")
            if host == "gmail.com" and dice.random() < 0.15:
                local, host = local.replace(".", ""), dice.choice(("gmail.com", "googlemail.com"))
        else:
            ways: tuple[Callable[[], str], ...] = (
                lambda: f"{first}.{last}", lambda: f"{first[:1]}{last}", lambda: f"{first}{last[:2]}", lambda: f"{first}_{last}",
            )  # fmt: skip
            local, _, host = self._world.own(ways[firm.mails](), f"@{firm.domain}", who.number).partition("@")
            if self._happens("host"):
                host = dice.choice((f"mail.{host}", f"{firm.culture.country.lower()}.{host}"))
        if self._happens("mail_slip"):
            local = self._slip(local)
        if self._happens("tag"):
            local += dice.choice(("+expo", "+news", "+web", "+test"))
        mail = f"{local}@{host}"
        return mail.upper() if dice.random() < 0.03 else mail.title() if dice.random() < 0.03 else mail

    def _line(self) -> str:
        return self._number(self._who.firm.switchboard if self._happens("switchboard") else self._who.direct)

    def _number(self, digits: str) -> str:
        dice, culture = self._dice, self._who.culture
        if self._happens("phone_slip"):
            at = dice.randrange(len(digits) - 5, len(digits))
            digits = digits[:at] + str(dice.randrange(10)) + digits[at + 1 :]
        dial = next((each.dial for each, _ in CULTURES if digits.startswith(each.dial) and each is culture), "")
        rest = digits.removeprefix(dial) if dial else digits
        dial = dial or ""
        if not dial or dice.random() < 0.55:
            shown = f"+{digits}" if not dial else f"+{dial} {rest[:2]} {rest[2:6]} {rest[6:]}"
            return dice.choice((shown, f"00{digits}", f"+{digits}", f"+{digits[:4]}-{digits[4:7]}-{digits[7:]}"))
        return f"{culture.trunk}{rest[:3]} {rest[3:6]}-{rest[6:]}"

    def _handle(self) -> str:
        handle = self._who.handle
        start = ("https://www.linkedin.com/in/", "linkedin.com/in/", "http://de.linkedin.com/in/", "")
        return self._dice.choice(start) + handle + self._dice.choice(("", "/", "")) if handle else ""

    def _company(self) -> str:
        dice, name = self._dice, self._who.firm.name
        if dice.random() < 0.35:
            name = name.rsplit(" ", 1)[0]
        if self._happens("company_slip"):
            name = self._slip(name)
        return name.upper() if dice.random() < 0.05 else name

    def _title(self) -> str:
        titles = self._who.title
        if self._happens("other_title"):
            titles = self._dice.choice((titles, titles, self._dice.choice(TITLES)))
        return self._dice.choice(titles)
