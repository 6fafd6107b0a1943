"""Contacts and opportunities of accounts. Each account's rows follow from its key, whatever the batch it comes in."""

from __future__ import annotations

import itertools
import math
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from .model import SeedContact, SeedOpportunity
from .people import address, house_pattern, owner_key, person, title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from .model import Company

OPEN_STAGES = ("Prospecting", "Qualification", "Needs Analysis", "Proposal/Price Quote", "Negotiation/Review")
CLOSED_STAGES = ("Closed Won", "Closed Lost")
PROJECTS = ("Renewal", "Pilot", "Expansion", "New business", "Migration", "Framework agreement")


def contacts(companies: Iterable[Company], per_account: int, *, seed: int = 7) -> Iterator[SeedContact]:
    """Yield `per_account` people for each company, with addresses at its domain in the company's own pattern.

    An address is never given twice, also where companies share a domain: branches add the digits of their key.
    """
    for company in companies:
        random = Random(f"contacts:{seed}:{company.key}")
        pattern = house_pattern(company.key)
        mark = company.key.rpartition("-")[2] if company.shares_domain else ""
        taken: set[str] = set()
        for number in range(1, per_account + 1):
            who = person(company.country, random, native=random.random() < 0.1)
            email = address(who, company.domain, pattern, mark)
            if email in taken:
                email = address(who, company.domain, pattern, f"{mark}.{number}")
            taken.add(email)
            yield SeedContact(
                key=f"contact-{company.key}-{number}",
                company_key=company.key,
                owner_key=owner_key(company.key, company.country),
                first_name=who.first,
                last_name=who.last,
                email=email,
                company=company.name,
                website=company.website,
                phone=company.phone,
                title=title(company.country, random),
                country=company.country,
                state=company.state,
                city=company.city,
            )


def opportunities(companies: Sequence[Company], count: int, *, today: date, seed: int = 7) -> Iterator[SeedOpportunity]:
    """Yield `count` deals over the companies in turn.

    Two in three are open and close within half a year of `today`; the others closed within the year before it.
    """
    for number, company in zip(range(1, count + 1), itertools.cycle(companies), strict=False):
        random = Random(f"opportunities:{seed}:{number}:{company.key}")
        is_open = random.random() < 0.66
        stages = OPEN_STAGES if is_open else CLOSED_STAGES
        days = int(random.random() * 180) + 1 if is_open else -int(random.random() * 365) - 1
        project = PROJECTS[int(random.random() * len(PROJECTS))]
        size = math.log10((company.employees or 500) + 10)
        yield SeedOpportunity(
            key=f"opportunity-{number}",
            company_key=company.key,
            owner_key=owner_key(company.key, company.country),
            name=f"{company.name} - {project}",
            stage=stages[int(random.random() * len(stages))],
            amount=int(size * (1 + random.random() * 9)) * 2_500,
            close_date=today + timedelta(days=days),
        )
