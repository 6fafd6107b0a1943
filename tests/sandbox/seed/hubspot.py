"""Seed rows in the shape of HubSpot CRM objects: every property is text, absent ones are left out.

`industry` of a company is an enumeration: it gets the option from ``industries.csv`` (COMPUTER_SOFTWARE). The contact's
`industry` is free text and keeps the plain word. A contact has no `numberofemployees`; its own property is the
enumeration `numemployees` with ranges. Customers are told by `lifecyclestage`, as company `type` has no such option.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .vocabulary import country_name, industries

if TYPE_CHECKING:
    from .model import Company, Queue, Rep, SeedContact, SeedLead

TYPES = {"Customer": "OTHER", "Prospect": "PROSPECT", "Partner": "PARTNER"}
STAGES = {"Customer": "customer", "Prospect": "lead", "Partner": "other"}
RANGES = ((5, "1-5"), (25, "5-25"), (50, "25-50"), (100, "50-100"), (500, "100-500"), (1000, "500-1000"))
# Owner ids and user ids differ in HubSpot: an app that assigns with the user id must be caught by it.
FIRST_OWNER = 41_629_779
FIRST_USER = 9_586_600


def owner(rep: Rep, number: int) -> dict[str, Any]:
    """Return an owner as the owners API shows it; `number` counts the reps from 0."""
    user = FIRST_USER + number
    return {
        "id": str(FIRST_OWNER + number),
        # HubSpot hides the user id of a deactivated owner here and keeps it in the other field.
        "userId": user if rep.active else None,
        "userIdIncludingInactive": user,
        "type": "PERSON",
        "email": rep.email,
        "firstName": rep.first_name,
        "lastName": rep.last_name,
        "archived": not rep.active,
        "teams": [{"id": f"team-{rep.region.lower()}", "name": rep.region, "primary": True}] if rep.region else [],
    }


def queue_owner(queue: Queue, number: int) -> dict[str, Any]:
    """Return the owner that a queue is; `number` counts on after the reps."""
    return {
        "id": str(FIRST_OWNER + number),
        "userId": None,
        "userIdIncludingInactive": None,
        "type": "QUEUE",
        "email": "",
        "firstName": queue.name,
        "lastName": "",
        "archived": False,
        "teams": [],
    }


def company(row: Company, owner_id: str | None = None) -> dict[str, str]:
    """Return the properties of a company."""
    return _filled(
        name=row.name,
        domain=row.domain,
        website=row.website,
        phone=row.phone,
        address=row.street,
        city=row.city,
        state=row.state,
        zip=row.postal_code,
        country=country_name(row.country),
        industry=industries()[row.industry][1],
        numberofemployees=row.employees,
        annualrevenue=row.annual_revenue,
        type=TYPES[row.type],
        lifecyclestage=STAGES[row.type],
        hubspot_owner_id=owner_id,
    )


def contact(row: SeedContact, owner_id: str | None = None) -> dict[str, str]:
    """Return the properties of a contact who works at an account."""
    return _filled(
        firstname=row.first_name,
        lastname=row.last_name,
        email=row.email,
        company=row.company,
        website=row.website,
        phone=row.phone,
        jobtitle=row.title,
        country=country_name(row.country),
        state=row.state,
        city=row.city,
        lifecyclestage="customer",
        hubspot_owner_id=owner_id,
    )


def lead(row: SeedLead) -> dict[str, str]:
    """Return the properties of a new contact that nobody owns yet: what a lead is in HubSpot before it is worked."""
    return _filled(
        firstname=row.first_name,
        lastname=row.last_name,
        email=row.email,
        company=row.company,
        website=row.website,
        phone=row.phone,
        jobtitle=row.title,
        country=country_name(row.country),
        state=row.state,
        city=row.city,
        industry=row.industry,
        numemployees=employee_range(row.employees),
        hs_lead_status="NEW",
        lifecyclestage="lead",
    )


def employee_range(employees: int | None) -> str:
    """Return the option of `numemployees` for a number of employees; empty when it is unknown."""
    if employees is None:
        return ""
    return next((name for most, name in RANGES if employees <= most), "1000+")


def _filled(**properties: str | int | None) -> dict[str, str]:
    return {name: str(value) for name, value in properties.items() if value not in {None, ""}}
