"""Accounts and leads made up by code, as many as wanted: for measuring how cost grows, never how well matching does.

Names have two to five words drawn as words of real names are: few of them everywhere, most of them rare. Account number
k of a seed is always the same, so that a million need not be kept to make leads for them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from rules.model import Record

WORDS = 400_000
"""Distinctive words, drawn by rank as Zipf has it: the tenth is a tenth as frequent as the first."""
CITIES = 4_000
_SYLLABLES = [
    first + vowel + last
    for first in ("b", "br", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v", "w")
    for vowel in "aeiou"
    for last in ("", "l", "n", "r", "s")
]
_TRADES = (
    "group", "systems", "services", "solutions", "partners", "industries", "technologies", "consulting", "logistics",
    "foods", "energy", "media", "health", "capital", "design", "software", "engineering", "trading", "construction",
    "studio", "labs", "works", "university", "institute", "hospital", "bank", "school",
)  # fmt: skip
_FORMS = ("Inc", "LLC", "Ltd", "GmbH", "S.A.", "BV", "AB", "Corp", "", "", "", "", "")
_COUNTRIES = (
    ("United States", "com", "1", 40), ("Germany", "de", "49", 12), ("United Kingdom", "co.uk", "44", 10),
    ("France", "fr", "33", 8), ("Netherlands", "nl", "31", 6), ("Spain", "es", "34", 6), ("Sweden", "se", "46", 5),
    ("Brazil", "com.br", "55", 5), ("India", "in", "91", 4), ("Japan", "co.jp", "81", 4),
)  # fmt: skip
_SHARES = [share for *_, share in _COUNTRIES]
_FREE = ("gmail.com", "outlook.com", "yahoo.com", "gmx.de")


def word(rank: int) -> str:
    """Return the made-up word of a rank, from 1: frequent ones are no shorter than rare ones."""
    rest = (rank * 2_654_435_761) % (1 << 32)
    found = ""
    for _ in range(2 + rest % 2):
        rest, place = divmod(rest, len(_SYLLABLES))
        found += _SYLLABLES[place]
    return found


def account(number: int, seed: int) -> Record:
    """Return an account."""
    dice = random.Random(seed << 32 | number)
    words = [word(int(WORDS ** dice.random())) for _ in range(dice.choice((1, 1, 2, 2, 3)))]
    words += [_TRADES[int(len(_TRADES) ** dice.random()) - 1] for _ in range(dice.choice((1, 1, 1, 2)))]
    country, ending, code, _ = dice.choices(_COUNTRIES, _SHARES)[0]
    name = " ".join(each.title() for each in words)
    fields: dict[str, str] = {"name": f"{name} {dice.choice(_FORMS)}".strip()}
    if dice.random() < 0.75:
        fields["website"] = f"https://www.{''.join(words[: dice.choice((1, 2, 3))])}.{ending}"
    if dice.random() < 0.85:
        fields["country"] = country
    if dice.random() < 0.8:
        fields["city"] = _city(dice)
    if dice.random() < 0.3:
        fields["phone"] = f"+{code} {dice.randrange(10**8, 10**9)}"
    return Record("account", f"001S{number:011}", fields, owner_id=f"005S{number % 50:011}")


def accounts(count: int, seed: int) -> Iterator[Record]:
    """Yield the first so many accounts of a seed."""
    return (account(number, seed) for number in range(count))


def leads(count: int, seed: int, of: int) -> Iterator[tuple[Record, str]]:
    """Yield leads with the ids of their accounts among the first `of`; one in five has none ("")."""
    dice = random.Random(seed << 16 | 1)
    for number in range(count):
        known = dice.random() < 0.8
        of_account = account(dice.randrange(of), seed) if known else account(of + number, seed + 1)
        yield _lead(number, of_account, dice), of_account.id if known else ""


def _lead(number: int, of_account: Record, dice: random.Random) -> Record:
    words = of_account.text("name").split()
    chance = dice.random()
    if chance < 0.25 and len(words) > 2:
        words.pop()
    elif chance < 0.4:
        slip, at = dice.randrange(len(words)), dice.randrange(1, 4)
        words[slip] = words[slip][:at] + words[slip][at + 1 :]
    host = of_account.text("website").removeprefix("https://www.")
    mail = host if host and dice.random() < 0.6 else dice.choice(_FREE)
    first, last = word(dice.randrange(1, 2_000)), word(dice.randrange(1, 20_000))
    fields = {"company": " ".join(words), "email": f"{first}.{last}@{mail}", "last_name": last.title()}
    if dice.random() < 0.6:
        fields["country"] = of_account.text("country")
    if dice.random() < 0.4:
        fields["city"] = of_account.text("city")
    return Record("lead", f"00QS{number:011}", fields)


def _city(dice: random.Random) -> str:
    return word(WORDS + int(CITIES ** dice.random())).title()
