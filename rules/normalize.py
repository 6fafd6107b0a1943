"""One spelling for what people write in many: e-mail, host, domain, phone, company, person, country.

Every function takes text as a CRM holds it, never raises, and answers "" for what cannot be understood. Whoever fills
a form chooses the text, so no more than LONGEST characters of it are read, and no more are kept. The tables that come
with publicsuffixlist, phonenumbers and pycountry are data of this module.
"""

from __future__ import annotations

import gettext
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeAlias

import phonenumbers
import pycountry
from anyascii import anyascii
from email_validator import EmailNotValidError, validate_email
from publicsuffixlist import PublicSuffixList

from rules.country_names import COMMON_SPELLINGS, LANGUAGES
from rules.free_mail import FREE_MAIL, SHARED_SITES
from rules.legal_forms import ABBREVIATIONS, GLUED_FORMS, LEADING_FORMS, LEGAL_FORMS

__all__ = [
    "FREE_MAIL", "SHARED_SITES", "company", "country", "domain", "email", "fold", "fold_whole", "host", "label",
    "latin", "mailbox", "person", "phone", "squash", "words",
]  # fmt: skip

LONGEST = 2_048
"""How much of a field is read for comparing, and how long what comes of it may be. URLs are the longest we know."""

LONGEST_WHOLE = 65_536
"""How much of a text a condition looks at: a whole long text field of HubSpot."""

_PIECE = 256
"""NFKC sorts runs of accents in quadratic time, so a long text is normalised in pieces."""

_LABEL = 63
"""The longest part of a host name (RFC 1035)."""

_Cleaner: TypeAlias = Callable[[str], str]


def _cached(size: int) -> Callable[[_Cleaner], _Cleaner]:
    """Keep the answers for the last `size` texts, and let no text longer than LONGEST in or out."""

    def cached(clean: _Cleaner) -> _Cleaner:
        kept = lru_cache(size)(clean)

        @wraps(clean)
        def cut(text: str) -> str:
            return kept(text[:LONGEST])[:LONGEST]

        return cut

    return cached


_SUFFIXES = PublicSuffixList()
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{2,59})")
_DOTTED = re.compile(r"\b(?:\w[./]){1,}\w\b[./]?", re.UNICODE)
_TIGHT_AMPERSAND = re.compile(r"(?<!\w)(\w{1,2})&(\w{1,2})(?!\w)")
_NOT_A_WORD = re.compile(r"[^\w\s]|_", re.UNICODE)
_WEB_ENDING = re.compile(r"\.(?:com|net|org|io)\b(?!\.)")
_ARABIC = str.maketrans("\u0623\u0625\u0622\u0649\u0629\u0624", "\u0627\u0627\u0627\u064a\u0647\u0648", "\u0640")
"""Arabic letters that are written in several ways: the forms of alef, yeh, teh marbuta and waw; no tatweel."""
_GERSHAYIM = re.compile('(?<=[\u05d0-\u05ea])["\u05f4](?=[\u05d0-\u05ea])')  # marks an abbreviation in Hebrew
_APOSTROPHES = re.compile("['`\u2019\u00b4]")
_TITLES = frozenset(
    """
    mr mrs ms miss mx dr prof sr sra srta herr frau m mme mlle ing dipl mag phd md jr ii iii esq
    """.split()  # noqa: SIM905 - as a column it would be longer than the module
)


@_cached(1 << 14)
def email(text: str) -> str:
    """Return an e-mail address in lower case with its domain in ASCII; "" when it is not one."""
    bare = text.strip().removeprefix("mailto:")
    try:
        parts = validate_email(bare, check_deliverability=False, test_environment=True, allow_display_name=True)
    except (EmailNotValidError, UnicodeError):
        return ""
    return f"{parts.local_part.lower()}@{parts.ascii_domain or parts.domain}".lower()


def mailbox(text: str) -> str:
    """Return the address of the mailbox a message ends up in: without ``+tag``, and without Gmail's dots."""
    local, _, at = email(text).partition("@")
    if not at:
        return ""
    local = local.partition("+")[0] or local
    if at in {"gmail.com", "googlemail.com"}:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{at}"


@_cached(1 << 15)
def host(text: str) -> str:
    """Return the host of an address (URL, e-mail or bare host) in lower-case ASCII, without ``www``."""
    bare = text.strip().lower().partition("://")[2] or text.strip().lower()
    bare = re.split(r"[/?#\s,;]", bare.lstrip("/"), maxsplit=1)[0].rpartition("@")[2].partition(":")[0].strip(".")
    ascii_ = ".".join(_punycode(part) for part in bare.split("."))
    return ascii_.removeprefix("www.") if _HOST.fullmatch(ascii_) else ""


def _punycode(part: str) -> str:
    if part.isascii():
        return part
    wide = unicodedata.normalize("NFKC", part) if len(part) <= _LABEL else part
    if len(wide) > _LABEL:
        return ""
    try:
        return wide.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


@_cached(1 << 15)
def domain(text: str) -> str:
    """Return the registrable domain of an address by the public suffix list (its private part too, so that
    ``acme.wixsite.com`` stands for itself); "" for a bare suffix, an IP address or no host at all.

    Source: https://publicsuffix.org/list/
    """  # noqa: D205 - one sentence
    found: str | None = _SUFFIXES.privatesuffix(host(text)) if host(text) else None
    return found or ""


@_cached(1 << 15)
def label(text: str) -> str:
    """Return what a domain says before its suffix, as people read it: ``acme`` for ``acme.co.uk``."""
    first = domain(text).partition(".")[0]
    if first.startswith("xn--"):
        try:
            first = first.encode("ascii").decode("idna")
        except UnicodeError:
            return ""
    return squash(latin(fold(first)))


def phone(text: str, country_: str = "") -> str:
    """Return a phone number as E.164 (``+5511...``); `country_` says where a number without ``+`` is from."""
    return _phone(text[:LONGEST], country(country_) or None)


@lru_cache(maxsize=1 << 14)
def _phone(text: str, region: str | None) -> str:
    bare = re.sub(r"^\s*00(?=[1-9])", "+", text)
    try:
        number = phonenumbers.parse(bare, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@_cached(1 << 15)
def fold(text: str) -> str:
    """Return text for comparing: NFKC, case-folded, Latin and Greek accents removed, spaces single.

    Marks stay where they make another letter, as in Cyrillic, Hindi and Japanese.
    """
    return _folded(text)


def fold_whole(text: str) -> str:
    """Return a text of up to LONGEST_WHOLE characters folded as :func:`fold` does; what comes after does not count."""
    return fold(text) if len(text) <= LONGEST else _fold_long(text[:LONGEST_WHOLE])


@lru_cache(maxsize=16)  # many conditions ask about the same few long texts
def _fold_long(text: str) -> str:
    return _folded(text)[:LONGEST_WHOLE]


def _folded(text: str) -> str:
    pieces = (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
    plain = "".join(unicodedata.normalize("NFKC", piece) for piece in pieces).casefold().translate(_ARABIC)
    return " ".join("".join(map(_unaccented, plain)).split())


@lru_cache(maxsize=4096)
def _unaccented(char: str) -> str:
    if char.isascii():
        return char
    name = unicodedata.name(char, "")
    if name.startswith("LATIN"):
        return anyascii(char).lower()
    if name.startswith("GREEK"):
        return unicodedata.normalize("NFD", char)[0]
    return (
        "" if name.startswith(("COMBINING", "ARABIC FATHA", "ARABIC DAMMA", "ARABIC KASRA", "ARABIC SHADDA")) else char
    )


@_cached(1 << 14)
def latin(text: str) -> str:
    """Return folded text transliterated to Latin letters, for comparing beside its own script."""
    return text if text.isascii() else " ".join(anyascii(text).lower().replace("'", "").split())


def words(name: str) -> tuple[str, ...]:
    """Return the words of a name: folded, dotted letters joined (``S.A.`` is ``sa``), abbreviations written out."""
    text = _GERSHAYIM.sub("", _APOSTROPHES.sub("", _WEB_ENDING.sub("", fold(name))))
    for form in GLUED_FORMS:
        text = text.replace(form, " ")
    text = _TIGHT_AMPERSAND.sub(r"\1\2", text)
    text = _DOTTED.sub(lambda found: re.sub("[./]", "", found[0]) + " ", text)
    text = _NOT_A_WORD.sub(" ", re.sub(r"[&+]", " and ", text))
    return tuple(ABBREVIATIONS.get(word, word) for word in text.split())


@_cached(1 << 15)
def company(name: str) -> str:
    """Return the core of a company's name: its words without legal forms; never empty when there were words."""
    rest = words(name)
    while (shorter := _without_form(rest)) and shorter != rest:
        rest = shorter
    return " ".join(rest)


def _without_form(rest: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words without one legal form at the end or else at the beginning (the longest form first)."""
    for size in range(min(6, len(rest) - 1), 0, -1):
        if rest[-size:] in LEGAL_FORMS:
            return _without_joiner(rest[:-size])
    for size in range(min(4, len(rest) - 1), 0, -1):
        if rest[:size] in LEADING_FORMS:
            return rest[size:]
    return rest


def _without_joiner(rest: tuple[str, ...]) -> tuple[str, ...]:
    return rest[:-1] if len(rest) > 1 and rest[-1] == "and" else rest


@_cached(1 << 15)
def squash(text: str) -> str:
    """Return text without its spaces and signs: ``coca cola`` and ``Coca-Cola`` are both ``cocacola``."""
    return "".join(char for char in text.casefold() if char.isalnum())


def person(name: str) -> str:
    """Return a person's name for comparing: folded, without titles, "Silva, Ana" turned to ``ana silva``."""
    last, comma, first = name[:LONGEST].partition(",")
    turned = f"{first} {last}" if comma and first.strip() else name
    parts = re.sub(r"[^\w\s]", " ", _APOSTROPHES.sub("", fold(turned))).split()
    return " ".join([part for part in parts if part not in _TITLES] or parts)


@_cached(1 << 13)
def country(text: str) -> str:
    """Return the ISO 3166-1 alpha-2 code of a country given as code or as a name in one of many languages."""
    key = _country_key(text)
    if not key:
        return ""
    if key in COMMON_SPELLINGS:
        return COMMON_SPELLINGS[key]
    found = pycountry.countries.get(alpha_2=key.upper()) or pycountry.countries.get(alpha_3=key.upper())
    return str(found.alpha_2) if found else _country_names().get(key, "")


def _country_key(text: str) -> str:
    bare = _APOSTROPHES.sub("", fold(text)).replace(".", "")
    return " ".join(re.sub(r"[^\w\s]", " ", bare).split())


@lru_cache(maxsize=1)
def _country_names() -> dict[str, str]:
    """Return every name of every country in English and in LANGUAGES, from the catalogues inside pycountry."""
    found: dict[str, str] = {}
    english = [
        (getattr(entry, kind, ""), entry.alpha_2)
        for kind in ("name", "common_name", "official_name")
        for entry in pycountry.countries
    ]
    for name, code in english:
        found.setdefault(_country_key(name), code)
    for language in LANGUAGES:
        told = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True)
        for name, code in english:
            if name:
                found.setdefault(_country_key(told.gettext(name)), code)
    found.pop("", None)
    return found
