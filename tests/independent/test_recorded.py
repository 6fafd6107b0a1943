"""Answers in the shape that public sources show of real orgs, through our real parsers; the values are made up."""

from __future__ import annotations

from typing import Any

import pytest

from connector.errors import Ignored, Later, Next, Refused, Revoked
from connector.salesforce.answers import StaleSchema, faults, judge
from connector.salesforce.bitmaps import field_names, fields_of
from connector.salesforce.events import client, decode
from connector.salesforce.session import Session
from oauth.grant import Grant
from oauth.salesforce import Salesforce
from tests.connector.salesforce.conftest import LocalOrg
from tests.connector.salesforce.schemas import LEAD
from tests.connector.salesforce.signed_in import settings
from tests.independent.conftest import REDIRECT

# The token answer of the web server flow: restforce's fixtures. It has no `expires_in`.
TOKEN = {
    "access_token": "00Dx0000000BV7z!AQ.made.up",
    "refresh_token": "5Aep861.made.up",
    "signature": "bWFkZSB1cA==",
    "scope": "refresh_token api",
    "instance_url": "https://acme.my.salesforce.com",
    "id": "https://login.salesforce.com/id/00Dx0000000BV7z/005x00000012Q9P",
    "token_type": "Bearer",
    "issued_at": "1278448832702",
}
# The header of a lead's conversion: the guide to Change Data Capture, "Lead conversion".
CONVERSION = {
    "entityName": "Lead",
    "recordIds": ["00Q000000000001AAA"],
    "changeType": "UPDATE",
    "changeOrigin": "com/salesforce/api/soap/60.0;client=SfdcInternalAPI/",
    "transactionKey": "0003b3a4-0d1f-7c5a-1a5e-52b9be2b9d30",
    "sequenceNumber": 4,
    "commitTimestamp": 1531944160000,
    "commitNumber": 10585193272713,
    "commitUser": "005000000000001AAA",
    "nulledFields": [],
    "diffFields": [],
    "changedFields": ["0x08F81000"],
}
# A duplicate rule that blocks: recorded bodies of API 54 and 56 spell the key without its `l`; the guide with it.
DUPLICATES = {
    "allowSave": True,
    "duplicateRule": "Standard_Contact_Duplicate_Rule",
    "duplicateRuleEntityType": "Contact",
    "errorMessage": "There is such a contact already.",
    "matchResults": [
        {
            "entityType": "Contact",
            "errors": [],
            "matchEngine": "FuzzyMatchEngine",
            "matchRecords": [
                {
                    "additionalInformation": [],
                    "fieldDiffs": [],
                    "matchConfidence": 100.0,
                    "record": {
                        "attributes": {
                            "type": "Contact",
                            "url": "/services/data/v54.0/sobjects/Contact/003000000000001AAA",
                        },
                        "Id": "003000000000001AAA",
                    },
                }
            ],
            "rule": "Standard_Contact_Match_Rule_v1_1",
            "size": 1,
            "success": True,
        }
    ],
}
LOCK = "unable to obtain exclusive access to this record or 1 records: 003000000000001AAA"


def error(code: str, message: str = "as recorded", **more: Any) -> list[dict[str, Any]]:
    return [{"message": message, "errorCode": code, **more}]


def provider(org: LocalOrg) -> Salesforce:
    """OAuth as in production, where the local org is one host more."""
    return Salesforce(settings(salesforce_ca_file=org.ca, salesforce_extra_hosts=org.url.removeprefix("https://")))


def granted(salesforce: Salesforce, org: LocalOrg) -> Grant:
    return salesforce.exchange(code="aPrx", redirect_uri=REDIRECT, host=org.url, verifier="v" * 64)


def test_a_token_answer_without_expiry_becomes_a_grant(org: LocalOrg) -> None:
    org.reset()
    org.fault("oauth2/token", status=200, body=TOKEN)
    grant = granted(provider(org), org)
    assert (grant.access_token, grant.refresh_token) == (TOKEN["access_token"], TOKEN["refresh_token"])
    assert grant.base_url == "https://acme.my.salesforce.com"
    assert grant.expires_at is None
    assert grant.scopes == {"refresh_token", "api"}


def test_a_refused_refresh_is_revoked_and_a_busy_answer_is_not(org: LocalOrg) -> None:
    org.reset()
    org.fault("oauth2/token", status=200, body=TOKEN | {"instance_url": org.url})
    grant = granted(provider(org), org)
    dead = {"error": "invalid_grant", "error_description": "expired access/refresh token"}
    org.fault("oauth2/token", status=400, body=dead)
    with pytest.raises(Revoked):
        provider(org).refresh(grant)
    org.fault("oauth2/token", status=503, body="<html>down for maintenance</html>")
    with pytest.raises(Later):
        provider(org).refresh(grant)


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (401, error("INVALID_SESSION_ID", "Session expired or invalid"), Revoked),
        (403, error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), Later),
        (400, error("UNABLE_TO_LOCK_ROW", LOCK, fields=[]), Later),
        (500, error("UNABLE_TO_LOCK_ROW", LOCK, fields=[]), Later),
        (404, error("NOT_FOUND", "The requested resource does not exist"), Ignored),
        (404, error("ENTITY_IS_DELETED", "entity is deleted", fields=[]), Ignored),
        (400, error("INVALID_FIELD", "No such column 'Nope__c' on sobject of type Lead"), StaleSchema),
        (400, error("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Pick a region first", fields=["Region__c"]), Refused),
        (503, "<html>Down for maintenance</html>", Later),
    ],
)
def test_a_recorded_error_is_judged(status: int, body: Any, verdict: type[Next]) -> None:
    assert type(judge(status, body)) is verdict


@pytest.mark.parametrize("key", ["duplicateResut", "duplicateResult"])
def test_a_duplicate_rule_is_understood_however_its_result_is_spelt(org: LocalOrg, key: str) -> None:
    org.reset()
    body = [{key: DUPLICATES, "errorCode": "DUPLICATES_DETECTED", "message": "Use one of these records?"}]
    assert [fault.code for fault in faults(body)] == ["DUPLICATES_DETECTED"]
    org.fault("sobjects/Contact", status=400, body=body)
    with pytest.raises(Refused, match="DUPLICATES_DETECTED") as refused:
        Session(org.sign_in(), settings=org.settings()).call("POST", "sobjects/Contact", json={"LastName": "Muster"})
    assert "0030" not in str(refused.value)


def test_the_documented_conversion_names_its_fields() -> None:
    (event,) = decode(CONVERSION, fields_of(LEAD))
    assert (event.kind, event.record_id, event.change) == ("lead", "00Q000000000001AAA", "updated")
    assert event.changed[:2] == ("status", "converted")
    assert event.at.year == 2018
    assert not event.ours
    assert client(str(CONVERSION["changeOrigin"])) == "SfdcInternalAPI"


def test_the_documented_bitmap_of_a_lead_decodes() -> None:
    assert field_names(["0x08F81000"], fields_of(LEAD)) == (
        "Status",
        "IsConverted",
        "ConvertedDate",
        "ConvertedAccountId",
        "ConvertedContactId",
        "ConvertedOpportunityId",
        "LastModifiedDate",
    )


def test_a_client_name_with_a_blank_in_it_is_read_whole() -> None:
    assert client("com/salesforce/api/rest/49.0;client=sfdx toolbelt") == "sfdx toolbelt"
    assert client("") == ""
