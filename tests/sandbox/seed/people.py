"""Invented people by country, their e-mail addresses, and the sales team that works in the CRMs."""

from __future__ import annotations

import functools
import re
import tomllib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from anyascii import anyascii

from .model import Person, Queue, Rep

if TYPE_CHECKING:
    from random import Random

NAMES = Path(__file__).with_name("names.toml")
FREE_MAIL = {
    "": ("gmail.com", "gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "proton.me"),
    "BR": ("gmail.com", "hotmail.com", "uol.com.br", "bol.com.br", "terra.com.br", "yahoo.com.br"),
    "DE": ("gmail.com", "web.de", "gmx.de", "t-online.de"),
    "FR": ("gmail.com", "orange.fr", "free.fr", "laposte.net"),
    "IT": ("gmail.com", "libero.it", "virgilio.it"),
    "PL": ("gmail.com", "wp.pl", "onet.pl"),
    "JP": ("gmail.com", "yahoo.co.jp"),
    "KR": ("gmail.com", "naver.com", "daum.net"),
    "CN": ("qq.com", "163.com", "126.com"),
    "GB": ("gmail.com", "btinternet.com", "yahoo.co.uk", "hotmail.co.uk"),
    "IN": ("gmail.com", "rediffmail.com", "yahoo.co.in"),
}
PATTERNS = ("{first}.{last}", "{f}{last}", "{first}", "{last}.{first}", "{first}{l}", "{first}_{last}", "{f}.{last}")
REGIONS = {
    "AMER": "US CA",
    "LATAM": "BR MX AR CL CO",
    "EMEA": "GB IE FR DE ES IT PT NL BE SE DK NO FI IS CH AT PL TR IL",
    "MEA": "AE SA ZA NG KE",
    "APAC": "IN JP KR CN TW HK SG ID MY AU NZ",
}


@dataclass(frozen=True, slots=True)
class Culture:
    """The names of one culture as (own script, Latin) pairs, with job titles."""

    first: tuple[tuple[str, str], ...]
    last: tuple[tuple[str, str], ...]
    titles: tuple[str, ...]
    native: bool


@functools.cache
def cultures() -> dict[str, Culture]:
    """Return the culture of every country by ISO-2 code."""
    source = tomllib.loads(NAMES.read_text(encoding="utf-8"))
    found: dict[str, Culture] = {}
    for name, codes in source["cultures"].items():
        first, last = (_pairs(source["names"][name][part]) for part in ("first", "last"))
        titles = (*source["titles"].get(name, ()), *source["titles"]["en"])
        culture = Culture(first, last, titles, native=first[0][0] != first[0][1])
        found |= dict.fromkeys(codes.split(), culture)
    return found


def _pairs(words: str) -> tuple[tuple[str, str], ...]:
    spaced = (word.replace("_", " ").partition("=") for word in words.split())
    return tuple((shown, latin or shown) for shown, _, latin in spaced)


def person(country: str, random: Random, *, native: bool = False) -> Person:
    """Invent a person of a country; `native` writes the name in its own script where it has one."""
    culture = cultures().get(country) or cultures()["US"]
    first = culture.first[int(random.random() * len(culture.first))]
    last = culture.last[int(random.random() * len(culture.last))]
    side = 0 if native else 1
    return Person(first[side], last[side], first[1], last[1])


def title(country: str, random: Random) -> str:
    """Return a job title as people of the country write it."""
    titles = (cultures().get(country) or cultures()["US"]).titles
    return titles[int(random.random() * len(titles))]


def ascii_name(text: str) -> str:
    """Return a name as it stands in an e-mail address: lower-case ASCII letters, hyphens kept."""
    return re.sub(r"[^a-z-]", "", anyascii(text).lower()).strip("-")


def address(who: Person, domain: str, pattern: str, number: str = "") -> str:
    """Return the e-mail address of a person at a domain; `number` tells namesakes apart."""
    first, last = ascii_name(who.latin_first), ascii_name(who.latin_last)
    local = pattern.format(first=first, last=last, f=first[:1], l=last[:1])
    return f"{local}{number}@{domain}"


def house_pattern(company_key: str) -> str:
    """Return the pattern that a company uses for all its addresses."""
    return PATTERNS[zlib.crc32(company_key.encode()) % len(PATTERNS)]


def free_address(who: Person, country: str, random: Random) -> str:
    """Return a private address at a free mail provider that is common in the country."""
    hosts = FREE_MAIL.get(country, FREE_MAIL[""])
    pattern = ("{first}.{last}", "{first}{last}", "{f}{last}")[int(random.random() * 3)]
    return address(who, hosts[int(random.random() * len(hosts))], pattern, str(int(random.random() * 990) + 10))


def reps() -> tuple[Rep, ...]:
    """Return the sales team: a manager, eleven active reps in five regions, and one who has left."""
    boss = "rep-helena"

    def rep(first: str, last: str, zone: str, language: str, region: str, *, active: bool = True) -> Rep:
        key, email = f"rep-{ascii_name(first)}", f"{ascii_name(first)}.{ascii_name(last)}@example.com"
        role = "Account Executive"
        return Rep(key, first, last, email, role, zone, language, region, active=active, manager_key=boss)

    return (
        Rep(boss, "Helena", "Duarte", "helena.duarte@example.com", "Head of Sales", "Europe/Lisbon", "pt_BR", ""),
        rep("Marcus", "Bell", "America/New_York", "en_US", "AMER"),
        rep("Priya", "Raman", "America/Chicago", "en_US", "AMER"),
        rep("Kevin", "Osgood", "America/Los_Angeles", "en_US", "AMER", active=False),
        rep("Rafael", "Siqueira", "America/Sao_Paulo", "pt_BR", "LATAM"),
        rep("Camila", "Nogueira", "America/Sao_Paulo", "pt_BR", "LATAM"),
        rep("Ximena", "Robles", "America/Mexico_City", "es_MX", "LATAM"),
        rep("Oliver", "Hartwell", "Europe/London", "en_GB", "EMEA"),
        rep("Élodie", "Marchand", "Europe/Paris", "fr", "EMEA"),
        rep("Jonas", "Brückner", "Europe/Berlin", "de", "EMEA"),
        rep("Layla", "Haddad", "Asia/Dubai", "ar", "MEA"),
        rep("Kenji", "Morita", "Asia/Tokyo", "ja", "APAC"),
        rep("Meiling", "Tan", "Asia/Singapore", "en_US", "APAC"),
    )


def queues() -> tuple[Queue, ...]:
    """Return the queues: one for everybody, and two regional desks."""
    active = [rep for rep in reps() if rep.active]
    desks = [
        Queue(f"queue-{r.lower()}", f"{r} desk", r, tuple(rep.key for rep in active if rep.region == r))
        for r in ("EMEA", "LATAM")
    ]
    return (Queue("queue-unassigned", "Unassigned Leads", None, tuple(rep.key for rep in active)), *desks)


@functools.cache
def _active_by_country() -> dict[str, tuple[Rep, ...]]:
    active = [rep for rep in reps() if rep.active]
    return {
        code: tuple(rep for rep in active if rep.region == region)
        for region, codes in REGIONS.items()
        for code in codes.split()
    }


def owner_key(company_key: str, country: str) -> str:
    """Return the rep who owns an account: one of the active reps of its region, always the same one."""
    team = _active_by_country().get(country) or _active_by_country()["US"]
    return team[zlib.crc32(company_key.encode()) % len(team)].key
