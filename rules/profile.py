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
    free_mail: str
    country: str
    city: str
    phones: tuple[str, ...]

    @property
    def labels(self) -> frozenset[str]:
        """What its domains say before their suffix."""
        return frozenset(filter(None, map(normalize.label, self.domains)))


def profile(record: Record) -> Profile:
    """Return what a lead or an account says about its company."""
    mail = normalize.domain(record.text("email").rpartition("@")[2])
    own = [normalize.domain(record.text(name)) for name in ("domain", "website")]
    company_mail = "" if mail in normalize.FREE_MAIL else mail
    named = record.text("name" if record.kind == "account" else "company")
    core = normalize.company(named)
    return Profile(
        record=record,
        name=core,
        latin=normalize.latin(core),
        domains=tuple(dict.fromkeys(filter(None, (company_mail, *(site for site in own if _names_company(site)))))),
        free_mail=mail if mail and not company_mail else "",
        country=normalize.country(record.text("country")),
        city=normalize.latin(normalize.fold(record.text("city"))),
        phones=tuple(
            filter(None, (normalize.phone(record.text(n), record.text("country")) for n in ("phone", "mobile")))
        ),
    )


def _names_company(domain: str) -> bool:
    return domain not in normalize.FREE_MAIL and domain not in normalize.SHARED_SITES
