"""What a lead or an account says about its company, normalised once, so that many comparisons are cheap.

The index keeps an account's profile packed beside its record: comparing a lead with its candidates then needs neither
the whole records nor their normalisation.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from rules import normalize
from rules.model import Record

_BREAK = re.compile(r"\s+[-\u2013\u2014|/]\s+|[,;|()\[\]/\u2022\u00b7:]|\s+\u2013\s*")
"""Where a long name falls into parts: "Department of Physics, University of Oslo"."""
_BRACKETS = re.compile(r"[(\[]([^()\[\]]{2,12})[)\]]")
_WORD = re.compile(r"\w+")
_INITIALS = range(2, 10)
_ACRONYM = range(2, 9)
_SHORT = range(2, 6)
_KNOWN = normalize.STOP_WORDS | normalize.GENERIC_WORDS
_PARTS = 6
"""How many parts of a name are compared; names that list twenty departments exist."""
_GENERIC_ENDINGS = frozenset(
    {"io", "co", "ai", "tv", "me", "cc", "ly", "to", "fm", "gg", "ws", "sh", "ac", "eu", "su", "tk", "ml"}
)
"""Country endings that companies of all countries use."""
_STATES = frozenset(
    """
    al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri
    sc sd tn tx ut vt va wa wv wi wy dc
    """.split()  # noqa: SIM905 - as a column it would be longer than the module
)
"""States of the USA, which write theirs behind a name in a domain: gladstonemo.gov."""
_FRONT_PAGE = re.compile(r"(?:index|default|home|main|pages?|en|de|fr|es|pt|www)(?:\.\w+)?", re.IGNORECASE)
"""Paths that lead to the front page of a site, not to somebody's section of it."""
_PATH = re.compile(r"^(?:\w+://)?[^/?#\s]+/([^/?#\s]+)")
_AMERICAN_ENDINGS = frozenset({"gov", "mil", "edu"})


class Profile(NamedTuple):
    """What one record says about its company.

    `name` is shown to people, everything else is for comparing: `core` is the name without its legal form, in Latin
    letters and with common words in English; `squashed` the same in its own language and without spaces; `tokens` its
    words without small ones; `parts` the tokens of its parts when it has several; `initials`
    what the name may be shortened to; `acronyms` the short forms that stand in it. `domains` are the company's own,
    of its mail first (free mail stands in `free_mail`), `hosts` the same with their subdomains, `labels` what the
    domains spell. `countries` are the stated one, and those that the domains tell; `is_section` says that the site is
    a page of another's.
    """

    id: str
    name: str
    core: str
    tokens: tuple[str, ...]
    squashed: str
    parts: tuple[tuple[str, ...], ...]
    initials: frozenset[str]
    acronyms: frozenset[str]
    hosts: tuple[str, ...]
    domains: tuple[str, ...]
    labels: tuple[str, ...]
    free_mail: str
    country: str
    countries: frozenset[str]
    state: str
    city: str
    phones: tuple[str, ...]
    is_section: bool = False
    parent_id: str = ""
    owner_id: str = ""
    industry: str = ""


def profile(record: Record, own_free_mail: frozenset[str] = frozenset()) -> Profile:
    """Return what a lead, a contact or an account says about its company.

    `own_free_mail` are mail domains that say nothing about a company, beside those that everybody knows.
    """
    mail = normalize.host(record.text("email").rpartition("@")[2])
    registered = normalize.domain(mail) or mail
    is_free = bool(registered) and normalize.is_free_mail(registered, own_free_mail)
    hosts = _hosts(record, "" if is_free else mail, own_free_mail)
    domains = tuple(dict.fromkeys(normalize.domain(host) or host for host in hosts))
    country = normalize.country(record.text("country"))
    name = _name(record, hosts)
    core = normalize.company(name)
    tokens = _tokens(core)
    labels = tuple(dict.fromkeys(filter(None, map(normalize.label, domains))))
    latin = normalize.latin(core)
    spelled = normalize.latin(normalize.spelled(name))
    return Profile(
        id=record.id,
        name=name,
        core=latin,
        tokens=tokens,
        squashed=normalize.squash(spelled),
        parts=_parts(name, tokens),
        initials=_initials(name, spelled, latin),
        acronyms=_acronyms(name, spelled),
        hosts=hosts,
        domains=domains,
        labels=labels,
        free_mail=registered if is_free else "",
        country=country,
        countries=frozenset(filter(None, (country, *map(_country_of, domains)))),
        state=normalize.state(record.text("state"), country) or _state_of(labels, tokens, country),
        city=normalize.city(record.text("city")),
        phones=tuple(dict.fromkeys(filter(None, (_phone(record, field, country) for field in ("phone", "mobile"))))),
        is_section=any(_is_section(record.text(field)) for field in ("domain", "website")),
        parent_id=record.text("parent_id"),
        owner_id=record.owner_id or "",
        industry=normalize.fold(record.text("industry")),
    )


def pack(side: Profile) -> list[Any]:
    """Return a profile as a JSON value; :func:`unpack` makes it again."""
    return [
        side.name, side.core, side.tokens, side.squashed, side.parts, sorted(side.initials), sorted(side.acronyms),
        side.hosts, side.domains, side.labels, side.free_mail, side.country, sorted(side.countries), side.state,
        side.city, side.phones, side.is_section, side.parent_id, side.owner_id, side.industry,
    ]  # fmt: skip


def unpack(record_id: str, packed: list[Any]) -> Profile:
    """Return the profile that :func:`pack` packed."""
    (name, core, tokens, squashed, parts, initials, acronyms, hosts, domains, labels, free_mail, country, countries,
     state, city, phones, is_section, parent_id, owner_id, industry) = packed  # fmt: skip
    return Profile(
        record_id, name, core, tuple(tokens), squashed, tuple(map(tuple, parts)) if parts else (), frozenset(initials),
        frozenset(acronyms), tuple(hosts), tuple(domains), tuple(labels), free_mail, country, frozenset(countries),
        state, city, tuple(phones), is_section, parent_id, owner_id, industry,
    )  # fmt: skip


def _name(record: Record, hosts: tuple[str, ...]) -> str:
    """Return the company's name; "" where a person without a company wrote that there is none."""
    if record.kind == "account":
        # A person account is called like a person, which no company is found by.
        return "" if record.fields.get("person") else record.text("name")
    name = record.text("company")
    return "" if not hosts and normalize.is_placeholder(name) else name


def _state_of(labels: tuple[str, ...], tokens: tuple[str, ...], country: str) -> str:
    """Return the American state that a domain names behind the company's own words."""
    if country not in {"", "US"}:
        return ""
    for label in labels:
        name, ending = label[:-2], label[-2:]
        if ending in _STATES and any(len(word) > 3 and name.endswith(word) for word in tokens):  # noqa: PLR2004
            return f"US-{ending.upper()}"
    return ""


def _is_section(site: str) -> bool:
    path = _PATH.match(site)
    return bool(path and not _FRONT_PAGE.fullmatch(path[1]))


def _tokens(core: str) -> tuple[str, ...]:
    words = list(map(normalize.place_word, normalize.latin(core).split()))
    kept = [word for word in words if word not in normalize.STOP_WORDS]
    return tuple(dict.fromkeys(kept or words))


def _parts(name: str, whole: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    if not _BREAK.search(name):
        return ()
    pieces = (_tokens(normalize.company(piece)) for piece in _BREAK.split(name) if piece.strip())
    return tuple(dict.fromkeys(piece for piece in pieces if piece and piece != whole))[:_PARTS]


def _initials(name: str, spelled: str, core: str) -> frozenset[str]:
    """Return the first letters of the words as written, without the legal form, and in English; with and without
    small words.
    """  # noqa: D205 - one sentence
    ways = {tuple(_WORD.findall(normalize.latin(normalize.fold(name)))), tuple(spelled.split()), tuple(core.split())}
    found = {"".join([word[0] for word in words]) for words in ways}
    found |= {"".join([word[0] for word in words if word not in normalize.STOP_WORDS]) for words in ways}
    return frozenset([each for each in found if len(each) in _INITIALS])


def _acronyms(name: str, core: str) -> frozenset[str]:
    """Return short forms that stand in a name: a short name itself, short words that say nothing, what is in brackets.

    Capitals are not asked: people write them, and leave them out, as they like.
    """
    found = {word for word in core.split() if len(word) in _SHORT and word not in _KNOWN}
    found |= {
        short
        for inside in _BRACKETS.findall(name)
        if len(short := normalize.squash(normalize.fold(inside))) in _ACRONYM
    }
    if len(core) in _ACRONYM and " " not in core:
        found.add(core)
    return frozenset(found)


def _hosts(record: Record, mail: str, own_free_mail: frozenset[str]) -> tuple[str, ...]:
    """Return the company's own hosts: of its mail first, then of its sites, unless a site is one that all share."""
    sites = (normalize.host(record.text(field)) for field in ("domain", "website"))
    own = (site for site in sites if site and not _is_shared(normalize.domain(site) or site, own_free_mail))
    return tuple(dict.fromkeys(filter(None, (mail, *own))))


def _is_shared(domain: str, own_free_mail: frozenset[str]) -> bool:
    return domain in normalize.FREE_MAIL or domain in normalize.SHARED_SITES or domain in own_free_mail


def _country_of(domain: str) -> str:
    ending = domain.rpartition(".")[2]
    if ending in _AMERICAN_ENDINGS:
        return "US"
    return normalize.country(ending) if len(ending) == 2 and ending not in _GENERIC_ENDINGS else ""  # noqa: PLR2004


def _phone(record: Record, field: str, country: str) -> str:
    """Return a phone number as E.164, or its digits where nobody can tell the country."""
    text = record.text(field)
    return text and (normalize.phone(text, country) or "".join(filter(str.isdigit, text)))
