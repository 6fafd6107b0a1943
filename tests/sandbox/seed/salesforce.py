"""Seed rows in the shape of Salesforce sObjects, ready for an insert.

Field names are those of the standard objects' describes. Values that are None are left out.
Reference fields come in as ids: the caller has them from earlier inserts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .vocabulary import country_name, industries

if TYPE_CHECKING:
    from .model import Company, Queue, Rep, SeedContact, SeedLead, SeedOpportunity

TYPES = {"Customer": "Customer - Direct", "Prospect": "Prospect", "Partner": "Technology Partner"}
LOCALES = {"fr": "fr_FR", "de": "de_DE", "ja": "ja_JP", "ar": "ar_AE"}


def user(rep: Rep, manager_id: str | None = None) -> dict[str, Any]:
    """Return a User. The username has to be unique over all orgs, so it is the e-mail with a tail."""
    return _filled(
        Username=f"{rep.email}.switchyard",
        Email=rep.email,
        FirstName=rep.first_name,
        LastName=rep.last_name,
        Alias=rep.email.partition("@")[0].replace(".", "")[:8],
        Title=rep.title,
        TimeZoneSidKey=rep.time_zone,
        LanguageLocaleKey=rep.language,
        LocaleSidKey=LOCALES.get(rep.language, rep.language),
        EmailEncodingKey="UTF-8",
        IsActive=rep.active,
        ManagerId=manager_id,
    )


def group(queue: Queue) -> dict[str, Any]:
    """Return the Group that a queue is."""
    return {"Name": queue.name, "DeveloperName": queue.name.replace(" ", "_"), "Type": "Queue"}


def account(company: Company, owner_id: str | None = None, parent_id: str | None = None) -> dict[str, Any]:
    """Return an Account with its billing address."""
    return _filled(
        Name=company.name,
        Website=company.website,
        Phone=company.phone,
        BillingStreet=company.street or None,
        BillingCity=company.city or None,
        BillingState=company.state or None,
        BillingPostalCode=company.postal_code or None,
        BillingCountry=country_name(company.country),
        Industry=industries()[company.industry][0],
        NumberOfEmployees=company.employees,
        AnnualRevenue=company.annual_revenue,
        Type=TYPES[company.type],
        ParentId=parent_id,
        OwnerId=owner_id,
    )


def contact(who: SeedContact, account_id: str, owner_id: str | None = None) -> dict[str, Any]:
    """Return a Contact of an account."""
    return _filled(
        AccountId=account_id,
        FirstName=who.first_name,
        LastName=who.last_name,
        Email=who.email,
        Phone=who.phone,
        Title=who.title,
        MailingCity=who.city or None,
        MailingState=who.state or None,
        MailingCountry=country_name(who.country),
        OwnerId=owner_id,
    )


def opportunity(deal: SeedOpportunity, account_id: str, owner_id: str | None = None) -> dict[str, Any]:
    """Return an Opportunity of an account."""
    return _filled(
        AccountId=account_id,
        # Opportunity.Name holds 120 characters.
        Name=deal.name[:120],
        StageName=deal.stage,
        Amount=deal.amount,
        CloseDate=deal.close_date.isoformat(),
        OwnerId=owner_id,
    )


def lead(row: SeedLead, owner_id: str | None = None) -> dict[str, Any]:
    """Return a Lead; without `owner_id` the org decides who owns it."""
    return _filled(
        FirstName=row.first_name or None,
        LastName=row.last_name,
        Email=row.email or None,
        Company=row.company,
        Website=row.website or None,
        Phone=row.phone or None,
        Title=row.title or None,
        Country=country_name(row.country),
        State=row.state or None,
        City=row.city or None,
        LeadSource=row.lead_source,
        Industry=industries()[row.industry][0] if row.industry else None,
        NumberOfEmployees=row.employees,
        OwnerId=owner_id,
    )


def _filled(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
