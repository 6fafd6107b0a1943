"""What a lead or an account says about its company, normalised once, so that many comparisons are cheap."""

from __future__ import annotations

from dataclasses import dataclass

from rules import normalize
from rules.model import Record


@dataclass(frozen=True, slots=True)
class Profile:
    """What one record says about its company, normalised once. Names are cores; `domains` are the company's own."""

    record: Record
    name: str
    latin: str
    domains: tuple[str, ...]
    labels: frozenset[str]
    free_mail: str
    country: str
    city: str
    phones: tuple[str, ...]


def profile(record: Record) -> Profile:
    """Return what a lead or an account says about its company."""
    mail = normalize.domain(record.text("email").rpartition("@")[2])
    is_free = mail in normalize.FREE_MAIL
    domains = _domains(record, "" if is_free else mail)
    name = normalize.company(record.text("name" if record.kind == "account" else "company"))
    country = normalize.country(record.text("country"))
    numbers = (normalize.phone(record.text(field), country) for field in ("phone", "mobile"))
    return Profile(
        record=record,
        name=name,
        latin=normalize.latin(name),
        domains=domains,
        labels=frozenset(filter(None, map(normalize.label, domains))),
        free_mail=mail if is_free else "",
        country=country,
        city=normalize.latin(normalize.fold(record.text("city"))),
        phones=tuple(filter(None, numbers)),
    )


def _domains(record: Record, mail: str) -> tuple[str, ...]:
    """Return the company's own domains: of its mail first, then of its sites, unless a site is one that all share."""
    sites = (normalize.domain(record.text(field)) for field in ("domain", "website"))
    own = (site for site in sites if site not in normalize.FREE_MAIL and site not in normalize.SHARED_SITES)
    return tuple(dict.fromkeys(filter(None, (mail, *own))))
