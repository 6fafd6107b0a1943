"""Avro schemas of change events, in the order that Salesforce documents."""

from __future__ import annotations

from typing import Any

PERSON_NAME = {
    "type": "record",
    "name": "PersonName",
    "namespace": "com.sforce.eventbus",
    "fields": [{"name": name, "type": ["null", "string"]} for name in ("Salutation", "FirstName", "LastName")],
}
ADDRESS = {
    "type": "record",
    "name": "Address",
    "namespace": "com.sforce.eventbus",
    "fields": [
        {"name": name, "type": ["null", "string"]} for name in ("Street", "City", "State", "PostalCode", "Country")
    ],
}
LEAD_ORDER = [
    "ChangeEventHeader",
    "Name",
    "Title",
    "Company",
    "Address",
    "Phone",
    "MobilePhone",
    "Fax",
    "Email",
    "Website",
    "Description",
    "LeadSource",
    "Status",
    "Industry",
    "Rating",
    "AnnualRevenue",
    "NumberOfEmployees",
    "OwnerId",
    "HasOptedOutOfEmail",
    "IsConverted",
    "ConvertedDate",
    "ConvertedAccountId",
    "ConvertedContactId",
    "ConvertedOpportunityId",
    "IsUnreadByOwner",
    "CreatedDate",
    "CreatedById",
    "LastModifiedDate",
    "LastModifiedById",
]
COMPOUND: dict[str, Any] = {"Name": ["null", PERSON_NAME], "Address": ["null", ADDRESS]}
LEAD = {
    "type": "record",
    "name": "LeadChangeEvent",
    "fields": [{"name": name, "type": COMPOUND.get(name, ["null", "string"])} for name in LEAD_ORDER],
}
ACCOUNT = {
    "type": "record",
    "name": "AccountChangeEvent",
    "fields": [
        {"name": "ChangeEventHeader", "type": "string"},
        {
            "name": "Name",
            "type": ["null", "string", {**PERSON_NAME, "name": "Switchable_PersonName"}],
        },
        {"name": "BillingAddress", "type": ["null", ADDRESS]},
        {"name": "ShippingAddress", "type": ["null", "com.sforce.eventbus.Address"]},
        {"name": "Industry", "type": ["null", "string"]},
    ],
}
