"""One spelling for what people write in many: e-mail, host, domain, phone, company, person.

Every function takes text as a CRM holds it, never raises, and answers "" for what cannot be understood. Whoever fills a
form chooses the text, so no more than LONGEST characters of it are read, and no more are kept. The tables that come
with publicsuffixlist are data of this module. Its other rooms: :mod:`rules.normalizing.folding` (letters),
:mod:`rules.normalizing.vocabulary` (words of names in other languages), :mod:`rules.normalizing.places` (countries,
states, cities), :mod:`rules.normalizing.addresses`, :mod:`rules.normalizing.mailboxes`,
:mod:`rules.normalizing.phones`, :mod:`rules.normalizing.free_mail` and :mod:`rules.normalizing.legal_forms`.
"""

from __future__ import annotations

import re
import unicodedata

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from publicsuffixlist import PublicSuffixList

from rules.normalizing.addresses import street
from rules.normalizing.folding import LONGEST, LONGEST_WHOLE, cached, fold, fold_whole, latin, squash
from rules.normalizing.free_mail import FREE_MAIL, SHARED_SITES, is_disposable, is_free_mail
from rules.normalizing.legal_forms import GLUED_FORMS, LEADING_FORMS, LEGAL_FORMS
from rules.normalizing.mailboxes import is_role
from rules.normalizing.phones import e164
from rules.normalizing.placeholders import PLACEHOLDERS
from rules.normalizing.places import city, country, country_name, place_word, state
from rules.normalizing.vocabulary import GENERIC_WORDS, NATIONS, STOP_WORDS, split_glued, translated

__all__ = [
    "FREE_MAIL", "GENERIC_WORDS", "LONGEST", "LONGEST_WHOLE", "NATIONS", "SHARED_SITES", "STOP_WORDS", "city",
    "company", "country", "country_name", "domain", "email", "fold", "fold_whole", "host", "is_disposable",
    "is_free_mail", "is_placeholder", "is_role", "label", "latin", "mailbox", "person", "phone", "place_word",
    "spelled", "squash", "state", "street", "words",
]  # fmt: skip

_LABEL = 63
"""The longest part of a host name (RFC 1035)."""

_SUFFIXES = PublicSuffixList()
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{2,59})")
_NOT_IN_A_HOST = re.compile(r"[/?#\s,;]")
_PLAIN_EMAIL = re.compile(
    r"[a-z0-9_][a-z0-9_+-]{0,30}(?:\.[a-z0-9_][a-z0-9_+-]{0,15}){0,2}"
    r"@((?:[a-z0-9](?:-?[a-z0-9]){0,25}\.){1,4}[a-z]{2,20})", re.IGNORECASE | re.ASCII,
)  # fmt: skip
"""The most usual shape of an address, with nothing in it that needs a second look."""
_SPECIAL = tuple(f".{name}" for name in SPECIAL_USE_DOMAIN_NAMES)
_DOTTED = re.compile(r"\b(?:\w[./]){1,}\w\b[./]?", re.UNICODE)
_TIGHT_AMPERSAND = re.compile(r"(?<!\w)(\w{1,2})&(\w{1,2})(?!\w)")
_NOT_A_WORD = re.compile(
    r"[^\w\s\u0900-\u0963\u0966-\u0df3\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ece\u1000-\u109f\u1780-\u17d3]|_"
)
"""Signs; vowels that hang on the letters of India and its neighbours are none, though they are not letters either."""
_WEB_ENDING = re.compile(r"\.(?:com|net|org|io)\b(?!\.)")
_GERSHAYIM = re.compile('(?<=[\u05d0-\u05ea])["\u05f4](?=[\u05d0-\u05ea])')  # marks an abbreviation in Hebrew
_APOSTROPHES = str.maketrans("", "", "'`\u2019\u00b4\u02bc")
_GLUED_FORM = re.compile("|".join(map(re.escape, GLUED_FORMS)))
_ANDS = frozenset(("and", "und", "et", "og", "och"))
_TITLES = frozenset(
    """
    mr mrs ms miss mx dr prof sr sra srta herr frau m mme mlle ing dipl mag phd md jr ii iii esq
    """.split()  # noqa: SIM905 - as a column it would be longer than the module
)


@cached(1 << 14)
def email(text: str) -> str:
    """Return an e-mail address in lower case with its domain in ASCII; "" when it is not one."""
    bare = text.strip().removeprefix("mailto:")
    plain = _PLAIN_EMAIL.fullmatch(bare)
    if plain and not f".{plain[1]}".lower().endswith(_SPECIAL):
        return bare.lower()
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


@cached(1 << 15)
def host(text: str) -> str:
    """Return the host of an address (URL, e-mail or bare host) in lower-case ASCII, without ``www``."""
    bare = text.strip().lower()
    if not _HOST.fullmatch(bare):
        bare = bare.partition("://")[2] or bare
        bare = _NOT_IN_A_HOST.split(bare.lstrip("/"), maxsplit=1)[0].rpartition("@")[2].partition(":")[0].strip(".")
        if not bare.isascii():
            bare = ".".join(_punycode(part) for part in bare.split("."))
        if not _HOST.fullmatch(bare):
            return ""
    return bare.removeprefix("www.")


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


@cached(1 << 15)
def domain(text: str) -> str:
    """Return the registrable domain of an address by the public suffix list (its private part too, so that
    ``acme.wixsite.com`` stands for itself); "" for a bare suffix, an IP address or no host at all.

    Source: https://publicsuffix.org/list/
    """  # noqa: D205 - one sentence
    bare = host(text)
    return (_SUFFIXES.privatesuffix(bare) or "") if bare else ""


@cached(1 << 15)
def label(text: str) -> str:
    """Return what a domain says before its suffix, as people read it: ``acme`` for ``acme.co.uk``."""
    first = domain(text).partition(".")[0]
    if first.startswith("xn--"):
        try:
            first = first.encode("ascii").decode("idna")
        except UnicodeError:
            return ""
    return squash(latin(fold(first)))


def phone(text: str, country_: str = "", state_: str = "") -> str:
    """Return a phone number as E.164 (``+5511...``); `country_`, or else `state_`, tells where it is from."""
    region = country(country_) if country_ else ""
    if not region and state_:
        region = state(state_).partition("-")[0]
    return e164(text[:LONGEST], region or None)


def _own_words(name: str, *, glued: bool) -> list[str]:
    """Return the folded words of a name in its own language; with `glued`, generic words of Asian scripts cut out."""
    text = fold(name).translate(_APOSTROPHES)
    if not text.isascii():
        text = _GLUED_FORM.sub(" ", _GERSHAYIM.sub("", text))
        text = split_glued(text) if glued else text
    if "." in text or "/" in text:
        text = _DOTTED.sub(lambda found: re.sub("[./]", "", found[0]) + " ", _WEB_ENDING.sub("", text))
    if "&" in text or "+" in text:
        text = re.sub("[&+]", " and ", _TIGHT_AMPERSAND.sub(r"\1\2", text))
    return _NOT_A_WORD.sub(" ", text).split()


def words(name: str) -> tuple[str, ...]:
    """Return the words of a name: folded, dotted letters joined (``S.A.`` is ``sa``), in English as far as we know it.

    ``Universität Wien`` is ``university wien``: what kind of body it is, but no name of a place, is translated.
    """
    return translated(_own_words(name, glued=True))


@cached(1 << 15)
def company(name: str) -> str:
    """Return the core of a company's name: its words without legal forms; never empty when there were words."""
    if fold(name).isascii():  # nothing is glued here, so the words as spelled are all that can be translated
        return " ".join(translated(spelled(name).split()))
    return " ".join(translated(_core(_own_words(name, glued=True))))


@cached(1 << 15)
def spelled(name: str) -> str:
    """Return the core of a company's name in its own language, for comparing with domains and initials."""
    return " ".join(_core(_own_words(name, glued=False)))


def is_placeholder(name: str) -> bool:
    """Tell whether a company's name says that there is none ("n/a", "self-employed", "freelancer")."""
    return " ".join(_NOT_A_WORD.sub(" ", fold(name)).split()) in PLACEHOLDERS


def _core(rest: list[str]) -> list[str]:
    while (shorter := _without_form(rest)) is not rest:
        rest = shorter
    return rest


def _without_form(rest: list[str]) -> list[str]:
    """Return the words without one legal form at the end or else at the beginning (the longest form first)."""
    for size in range(min(_LONGEST_FORM, len(rest) - 1), 0, -1):
        if rest[-size] in _FORM_STARTS and tuple(rest[-size:]) in LEGAL_FORMS:
            shorter = rest[:-size]
            return shorter[:-1] if len(shorter) > 1 and shorter[-1] in _ANDS else shorter
    if rest and rest[0] in _LEADING_STARTS:
        for size in range(min(_LONGEST_FORM, len(rest) - 1), 0, -1):
            if tuple(rest[:size]) in LEADING_FORMS:
                return rest[size:]
    return rest


_LONGEST_FORM = max(map(len, LEGAL_FORMS))
_FORM_STARTS = frozenset(form[0] for form in LEGAL_FORMS)
_LEADING_STARTS = frozenset(form[0] for form in LEADING_FORMS)


def person(name: str) -> str:
    """Return a person's name for comparing: folded, without titles, "Silva, Ana" turned to ``ana silva``."""
    last, comma, first = name[:LONGEST].partition(",")
    turned = f"{first} {last}" if comma and first.strip() else name
    parts = re.sub(r"[^\w\s]", " ", fold(turned).translate(_APOSTROPHES)).split()
    return " ".join([part for part in parts if part not in _TITLES] or parts)
