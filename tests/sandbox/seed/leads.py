"""Leads as they come in from forms, events and lists, each with the account it really belongs to."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from .companies import strangers
from .grammar import countries
from .model import Company, SeedContact, SeedLead
from .people import address, cultures, free_address, house_pattern, person, title
from .typos import mistype, without_legal_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")

# How many in a hundred. `subsidiary`: a daughter in the list, or a local branch that is not (its truth is the head).
KINDS = {
    "clean": 38,
    "misspelt": 10,
    "free_mail": 12,
    "subsidiary": 9,
    "duplicate": 12,
    "unknown": 10,
    "role_account": 5,
    "unicode": 4,
}
SOURCES = ("Web", "Web", "Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
ROLES = {"pt": ("contato", "comercial", "vendas"), "es": ("contacto", "ventas"), "de": ("kontakt", "vertrieb")}
ROLES_ELSEWHERE = ("info", "sales", "office", "contact", "hello")
REMEMBERED = 512
# Daughters, branches and names in other scripts are looked for among so many companies from the start.
SAMPLE = 10_000
BRANCH_COUNTRIES = ("BR", "MX", "DE", "FR", "GB", "IN", "ES", "IT", "PL", "AU", "SG", "ZA")


def leads(
    companies: Sequence[Company], count: int, *, seed: int = 7, known: Sequence[SeedContact] = ()
) -> Iterator[SeedLead]:
    """Yield `count` leads of the kinds in `KINDS`, from people at `companies` or at none of them.

    Duplicates repeat one of the last `REMEMBERED` leads or one of the contacts in `known`.
    ValueError without companies.
    """
    if not companies:
        message = "leads need at least one company"
        raise ValueError(message)
    yield from itertools.islice(_Source(companies, known, seed).stream(), count)


class _Source:
    """One stream of leads; remembers the latest ones so that some can come twice."""

    def __init__(self, companies: Sequence[Company], known: Sequence[SeedContact], seed: int) -> None:
        self._companies = companies
        first = companies[:SAMPLE]
        self._daughters = [c for c in first if c.parent]
        self._present = {(c.parent_key, c.country) for c in self._daughters}
        self._by_script = [c for c in first if cultures()[c.country].native]
        self._known = known
        self._random = Random(f"leads:{seed}")
        self._strangers = strangers(seed)
        self._recent: deque[SeedLead] = deque(maxlen=REMEMBERED)
        self._numbers = itertools.count(1)
        self._given = {contact.email for contact in known}

    def stream(self) -> Iterator[SeedLead]:
        """Yield leads without end."""
        kinds, weights = list(KINDS), list(KINDS.values())
        while True:
            kind = self._random.choices(kinds, weights)[0]
            lead: SeedLead = getattr(self, f"_{kind}")()
            if lead.kind != "duplicate":
                self._recent.append(lead)
            yield lead

    def _company(self) -> Company:
        return self._pick(self._companies)

    def _pick(self, options: Sequence[T]) -> T:
        return options[int(self._random.random() * len(options))]

    def _lead(self, kind: str, company: Company, /, *, native: bool = False, **fields: Any) -> SeedLead:
        """A person of the company who wrote from the corporate address; `fields` say what is different."""
        random = self._random
        who = person(company.country, random, native=native)
        number = next(self._numbers)
        full = random.random() < 0.5
        plain: dict[str, Any] = {
            "key": f"lead-{number}",
            "first_name": who.first,
            "last_name": who.last,
            "email": address(who, company.domain, house_pattern(company.key)),
            "company": company.name,
            "title": title(company.country, random),
            "country": company.country,
            "state": company.state if full else "",
            "city": company.city if full else "",
            "lead_source": self._pick(SOURCES),
            "website": company.website if random.random() < 0.4 else "",
            "phone": company.phone if random.random() < 0.3 else "",
            "industry": company.industry if random.random() < 0.5 else "",
            "employees": company.employees if random.random() < 0.5 else None,
            "truth": company.name,
            "truth_key": company.key,
        }
        if fields.pop("free", False):
            fields |= {"email": free_address(who, company.country, random), "website": ""}
        lead = SeedLead(**(plain | fields), kind=kind)
        return lead if kind == "role_account" else self._own_mailbox(lead)

    def _own_mailbox(self, lead: SeedLead) -> SeedLead:
        """Give namesakes different addresses: only a duplicate may come with the address of an earlier person."""
        if lead.email in self._given:
            local, _, host = lead.email.partition("@")
            lead = replace(lead, email=f"{local}{lead.key.removeprefix('lead-')}@{host}")
        self._given.add(lead.email)
        return lead

    def _clean(self) -> SeedLead:
        return self._lead("clean", self._company())

    def _misspelt(self) -> SeedLead:
        company = self._company()
        lead = self._lead("misspelt", company, free=True, company=mistype(company.name, self._random), phone="")
        return lead if self._random.random() < 0.75 else replace(lead, email="")

    def _free_mail(self) -> SeedLead:
        company = self._company()
        name = company.name if self._random.random() < 0.5 else without_legal_form(company.name)
        return self._lead("free_mail", company, free=True, company=name)

    def _subsidiary(self) -> SeedLead:
        """A daughter that is an account, or a branch abroad that is not: then the truth is the head company."""
        if self._daughters and self._random.random() < 0.5:
            return self._lead("subsidiary", self._pick(self._daughters))
        head = self._pick(self._companies[:SAMPLE])
        # Where a daughter of the head is an account, the daughter would be the truth.
        free = [c for c in BRANCH_COUNTRIES if c != head.country and (head.key, c) not in self._present]
        branch = countries()[self._pick(free)]
        name = branch.full_name(f"{without_legal_form(head.name)} {_SPOKEN[branch.code]}", self._random.random)
        local_head = replace(head, country=branch.code, domain=f"{branch.code.lower()}.{head.domain}")
        city = self._pick(branch.cities).name
        return self._lead("subsidiary", local_head, company=name, city=city, state="", phone="", website="")

    def _duplicate(self) -> SeedLead:
        """The same person again: another case, a plus address, or no other difference than the form it came from."""
        if self._known and self._random.random() < 0.3:
            return self._from_contact(self._pick(self._known))
        if not self._recent:
            return self._clean()
        earlier = self._pick(self._recent)
        return replace(
            earlier,
            key=f"lead-{next(self._numbers)}",
            email=self._same_mailbox(earlier.email),
            kind="duplicate",
            lead_source=self._pick(SOURCES),
            duplicate_of=earlier.key,
        )

    def _from_contact(self, contact: SeedContact) -> SeedLead:
        return SeedLead(
            key=f"lead-{next(self._numbers)}",
            first_name=contact.first_name,
            last_name=contact.last_name,
            email=self._same_mailbox(contact.email),
            company=contact.company,
            title=contact.title,
            country=contact.country,
            state=contact.state,
            city=contact.city,
            lead_source=self._pick(SOURCES),
            kind="duplicate",
            truth=contact.company,
            truth_key=contact.company_key,
            duplicate_of=contact.key,
        )

    def _same_mailbox(self, email: str) -> str:
        local, _, host = email.partition("@")
        if not local:
            return ""
        tagged = f"{local}+{self._pick(('demo', 'news', 'webinar', 'trial'))}@{host}"
        return self._pick((email, email.upper(), f"{local.title()}@{host}", tagged))

    def _unknown(self) -> SeedLead:
        return self._lead("unknown", next(self._strangers), truth=None, truth_key=None)

    def _role_account(self) -> SeedLead:
        company = self._company()
        language = {"BR": "pt", "PT": "pt", "DE": "de", "AT": "de", "CH": "de"}.get(company.country, "")
        language = language or ("es" if company.country in {"ES", "MX", "AR", "CL", "CO"} else "")
        role = self._pick(ROLES.get(language, ROLES_ELSEWHERE))
        return self._lead(
            "role_account", company, first_name="", last_name=role.title(), email=f"{role}@{company.domain}", title=""
        )

    def _unicode(self) -> SeedLead:
        """A person whose name is in another script, at a company that is written in it too where we know how."""
        company = self._pick(self._by_script) if self._by_script else self._company()
        native = next((alias for alias in company.aliases if not alias.isascii()), company.name)
        return self._lead("unicode", company, native=True, company=native)


_SPOKEN = {
    "BR": "Brasil",
    "MX": "México",
    "DE": "Deutschland",
    "FR": "France",
    "GB": "UK",
    "IN": "India",
    "ES": "España",
    "IT": "Italia",
    "PL": "Polska",
    "AU": "Australia",
    "SG": "Singapore",
    "ZA": "South Africa",
}
