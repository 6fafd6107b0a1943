"""What the CRMs call the fields that have a name of ours: their standard API names mean the same field, in any case.

Sources: the standard fields of Lead, Contact, Account and Opportunity (Salesforce Object Reference) and the default
properties of contacts, companies and deals (HubSpot). A house test compares them with what the connectors read.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["API_NAMES"]

_PERSON = {
    "first_name": "FirstName", "last_name": "LastName", "mobile": "MobilePhone", "title": "JobTitle",
}  # fmt: skip
_COMPANY = {
    "employees": "NumberOfEmployees NumEmployees", "revenue": "AnnualRevenue", "owner_id": "OwnerId hubspot_owner_id",
    "id": "hs_object_id", "created_at": "CreatedDate createdate",
    "modified_at": "SystemModstamp LastModifiedDate hs_lastmodifieddate",
}  # fmt: skip
_RECORD = {name: _COMPANY[name] for name in ("id", "owner_id", "created_at", "modified_at")}
_LEAD = {
    **_PERSON, **_COMPANY, "street": "address", "postal_code": "PostalCode zip",
    "source": "LeadSource hs_analytics_source", "status": "hs_lead_status", "lifecycle": "lifecyclestage",
    "language": "hs_language", "converted": "IsConverted", "currency": "CurrencyIsoCode",
    "account_id": "associatedcompanyid", "email_domain": "hs_email_domain",
}  # fmt: skip
_ACCOUNT = {
    **_COMPANY, "street": "BillingStreet address", "city": "BillingCity", "state": "BillingState",
    "postal_code": "BillingPostalCode zip", "country": "BillingCountry", "parent_id": "ParentId hs_parent_company_id",
    "currency": "CurrencyIsoCode", "person": "IsPersonAccount", "lifecycle": "lifecyclestage",
}  # fmt: skip
_CONTACT = {
    **_PERSON, **_RECORD, "account_id": "AccountId", "city": "MailingCity", "state": "MailingState",
    "country": "MailingCountry", "person": "IsPersonAccount",
}  # fmt: skip
_OPPORTUNITY = {
    "name": "dealname", "stage": "StageName dealstage", "close_date": "CloseDate", "owner_id": _RECORD["owner_id"],
    "id": "hs_object_id",
}  # fmt: skip

API_NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    scope: {name: tuple(told.split()) for name, told in names.items()}
    for scope, names in {
        "lead": _LEAD, "account": _ACCOUNT, "contact": _CONTACT, "opportunity": _OPPORTUNITY,
    }.items()
}  # fmt: skip
"""Scope -> our name -> the CRMs' names, where they are another word (``Email`` is ``email`` in any case)."""
