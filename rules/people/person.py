"""What a lead or a contact says about who it is, in one spelling, worked out once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rules import normalize
from rules.model import Record, Value
from rules.normalizing import folding

__all__ = ["Person", "handle", "person"]

_PARTICLES = frozenset(
    """
    de da do dos das du di del della la le las los van von der den ter ten zu zum y e el al bin ibn abu san st
    """.split()  # noqa: SIM905 - as a list it would be longer
)
_GENERATIONS = {
    "jr": "junior", "junior": "junior", "jnr": "junior", "filho": "junior", "hijo": "junior", "fils": "junior",
    "sr": "senior", "senior": "senior", "snr": "senior", "pai": "senior", "ii": "second", "iii": "third",
    "iv": "fourth", "neto": "grandson",
}  # fmt: skip
_ALONE = frozenset(("jr", "junior", "sr", "senior"))
"""These are no name, also where they stand alone."""
_HONOURS = frozenset(
    (
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "herr",
        "frau",
        "sra",
        "srta",
        "mme",
        "ing",
        "dipl",
        "phd",
        "md",
        "mba",
        "esq",
    )
)
_NOT_WORDS = re.compile(r"[^\w\s]|_")
_BARE = re.compile(r"[\u0590-\u06ff\u0750-\u077f]")
_SIGNS = re.compile(r"[\u3400-\u9fff\u3005]")
_LINKED = "linkedin"
_PROFILE = re.compile(
    r"(?:.*/)?(?:in|pub)/([^/?#]+)|(?:https?://)?(?:[a-z]{2,3}\.)?linkedin\.com/([^/?#]+)", re.IGNORECASE
)
_SEPARATORS = re.compile(r"[._\-]+")
_CORE = 3


class Person(NamedTuple):
    """Who a record is about. All text is folded and in Latin letters; "" and () where the record does not say.

    `given` and `family` are the words of the name, `generation` tells father from son, `script` is ``signs`` where
    nobody can tell the sound of the name from how it is written, ``bare`` where vowels are left out. `name_of_mail`:
    the name was read out of the address. `ids` are (field, value) of fields in which one value is one person.
    """

    mailbox: str
    local: str
    mail_domain: str
    has_role_mailbox: bool
    phones: tuple[str, ...]
    mobile: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    generation: str
    script: str
    name_of_mail: bool
    ids: tuple[tuple[str, str], ...]
    company: str
    domains: tuple[str, ...]
    labels: tuple[str, ...]
    account_id: str
    title: tuple[str, ...]
    city: str
    country: str
    shown: str

    @property
    def name(self) -> str:
        """The whole name as folded words."""
        return " ".join((*self.given, *self.family))


def person(record: Record, ids: Sequence[str] = ()) -> Person:
    """Return who a record is about. `ids` are the fields in which one value is one person, beside LinkedIn's."""
    # What is absent is not asked for one by one: scans read millions of records, and half of the fields are empty.
    told = {name: text for name, value in record.fields.items() if value is not None and (text := _text(value))}
    said = told.get
    country = normalize.country(said("country", "")) if record.fields.get("country") else ""
    mailbox = normalize.mailbox(told["email"]) if "email" in told else ""
    local, _, host = mailbox.partition("@")
    is_role = bool(local) and normalize.is_role(local)
    domain = (normalize.domain(host) or host) if host else ""
    own = domain if domain and domain not in normalize.FREE_MAIL else ""
    site = said("website") or said("domain")
    domains = _domains(own, normalize.domain(site)) if site else (own,) if own and _is_own(own) else ()
    given, family, generation, script = _name(said("first_name", ""), said("last_name", ""), said("name", ""))
    read = not given and not family and not is_role
    if read:
        given, family = _of_mail(local)
    phone = normalize.phone(told["phone"], country) if "phone" in told else ""
    mobile = normalize.phone(told["mobile"], country) if "mobile" in told else ""
    return Person(
        mailbox,
        local,
        own,
        is_role,
        (phone, mobile) if phone and mobile and phone != mobile else (phone or mobile,) if phone or mobile else (),
        mobile,
        given,
        family,
        generation,
        script,
        name_of_mail=read and bool(given or family),
        ids=_ids(record, ids),
        company=_company(said("company", "")) if "company" in told else "",
        domains=domains,
        labels=tuple(dict.fromkeys(map(normalize.label, domains))) if domains else (),
        account_id=said("account_id", ""),
        title=_title(told["title"]) if "title" in told else (),
        city=_city(told["city"]) if "city" in told else "",
        country=country,
        shown=said("name") or f"{said('first_name', '')} {said('last_name', '')}".strip(),
    )


def _text(value: Value) -> str:
    return (value if value.__class__ is str else str(value)).strip()


def _domains(*found: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in found if each and _is_own(each)))


def _is_own(domain: str) -> bool:
    return domain not in normalize.SHARED_SITES


def handle(text: str) -> str:
    """Return the handle of a LinkedIn profile from its address or the bare handle: ``ana-souza-1b2``; "" for none."""
    bare = text.strip().rstrip("/")
    if "/" in bare:
        found = _PROFILE.fullmatch(bare.partition("?")[0])
        bare = (found[1] or found[2] or "") if found else bare
    return normalize.fold(bare) if bare.isprintable() and "/" not in bare and " " not in bare else ""


def _ids(record: Record, wanted: Sequence[str]) -> tuple[tuple[str, str], ...]:
    linked = [
        (_LINKED, known)
        for name, value in record.fields.items()
        if value and _is_profile(name) and (known := handle(str(value)))
    ]
    if not wanted:
        return tuple(linked)
    others = [
        (name.casefold(), value) for name in wanted if not _is_profile(name) and (value := _squashed(record.text(name)))
    ]
    return (*linked, *others)


@lru_cache(maxsize=1 << 12)
def _is_profile(name: str) -> bool:
    """Whether a field holds a LinkedIn profile; the same few names come with every record."""
    return _LINKED in name.casefold()


def _squashed(text: str) -> str:
    return normalize.squash(normalize.fold(text))


def _name(first: str, last: str, whole: str) -> tuple[tuple[str, ...], tuple[str, ...], str, str]:
    """Return given names, family names, generation and script; a whole name is parted before its last word."""
    if first or last:
        said = f"{first} {last}"
        given, of_first = _words(first)
        family, of_last = _words(last)
        if not family and len(given) > 1:
            given, family = given[:-1], given[-1:]
        if not given and len(family) > 1:
            given, family = family[:-1], family[-1:]
    else:
        said = whole
        before, comma, after = whole.partition(",")
        if comma and after.strip() and after.strip(" .").casefold() not in _GENERATIONS:
            return _name(after, before, "")
        words, of_first = _words(whole)
        of_last = ""
        given, family = (words[:-1], words[-1:]) if len(words) > 1 else ((), words)
    return given, family, of_last or of_first, _script(said)


def _script(name: str) -> str:
    if name.isascii():
        return ""
    return "signs" if _SIGNS.search(name) else "bare" if _BARE.search(name) else ""


@lru_cache(maxsize=1 << 15)
def _words(text: str) -> tuple[tuple[str, ...], str]:
    """Return the words of a name without titles and small words, and the generation that stands at its end."""
    if len(text) <= folding.LONGEST and text.isalpha() and text.isascii():
        word = text.lower()
        return ((word,) if word not in _ALONE else ()), ""
    folded = normalize.latin(normalize.fold(text.replace("-", " "))).replace("'", "").replace("\u2019", "")
    words = _NOT_WORDS.sub(" ", folded).split()
    generation = ""
    if len(words) > 1 and words[-1] in _GENERATIONS:
        generation = _GENERATIONS[words.pop()]
    elif len(words) == 1 and words[0] in _ALONE:
        return (), ""
    kept = tuple(word for word in words if word not in _PARTICLES and word not in _HONOURS)
    return kept or tuple(words), generation


def _of_mail(local: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the name that an address spells (``ana.souza``): two words of letters; otherwise nothing."""
    words = _SEPARATORS.split(local)
    if len(words) != 2 or not all(word.isalpha() for word in words) or len(words[1]) < _CORE:  # noqa: PLR2004
        return (), ()
    return (words[0],), (words[1],)


@lru_cache(maxsize=1 << 14)
def _company(text: str) -> str:
    if not text or normalize.is_placeholder(text):
        return ""
    return normalize.squash(normalize.latin(normalize.company(text)))


@lru_cache(maxsize=1 << 12)
def _title(text: str) -> tuple[str, ...]:
    return tuple(_NOT_WORDS.sub(" ", normalize.latin(normalize.fold(text))).split())


@lru_cache(maxsize=1 << 12)
def _city(text: str) -> str:
    return normalize.latin(normalize.city(text)) if text else ""
