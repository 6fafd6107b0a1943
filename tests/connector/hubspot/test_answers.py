"""What HubSpot's answers mean, as a table."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector.errors import Ignored, Later, Next, Refused, Revoked
from connector.hubspot.answers import BadRows, Gone, fault, next_step

HTML = b"<html><body>HTTP ERROR 404</body></html>"
SECRET_VALUE = "jane.doe@acme.com"
INVALID = {
    "status": "error",
    "message": 'Property values were not valid: [{"isValid":false,"message":"jane.doe@acme.com was not one of the '
    'allowed options","error":"INVALID_OPTION","name":"lifecyclestage"}]',
    "category": "VALIDATION_ERROR",
    "correlationId": "a1",
}
SCOPES = {
    "status": "error",
    "message": "This app hasn't been granted all required scopes",
    "category": "MISSING_SCOPES",
    "errors": [{"message": "", "context": {"requiredGranularScopes": ["crm.objects.custom.read"]}}],
}


def meaning(status: int, body: Any = None, **headers: str) -> Next:
    content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    return next_step(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, {"category": "EXPIRED_AUTHENTICATION"}, Revoked, "connect the portal again"),
        (403, SCOPES, Refused, "not granted crm.objects.custom.read"),
        (403, {"category": "BANNED", "message": SECRET_VALUE}, Refused, "BANNED"),
        (404, HTML, Refused, "no such address"),
        (403, HTML, Refused, "refused the call"),
        (400, {"message": "Unable to infer object type from: 2-9"}, Refused, "does not know this object type"),
        (404, {"category": "OBJECT_NOT_FOUND"}, Gone, "no longer exists"),
        (404, {"status": "error"}, Ignored, "no longer exists"),
        (400, INVALID, BadRows, r"VALIDATION_ERROR, INVALID_OPTION \(lifecyclestage\)"),
        (400, {}, BadRows, "no reason given"),
        (
            400,
            {
                "errors": [
                    {"code": "MISSING_CONDITIONAL_REQUIRED_PROPERTY", "context": {"propertyName": ["hs_lead_status"]}}
                ]
            },
            BadRows,
            "requires hs_lead_status to be filled first",
        ),
        (409, {"category": "OBJECT_ALREADY_EXISTS"}, BadRows, "OBJECT_ALREADY_EXISTS"),
        (414, {"category": "LIMIT"}, BadRows, "LIMIT"),
        (302, b"", Refused, "HTTP 302"),
        (418, {"category": "TEAPOT"}, Refused, "TEAPOT"),
    ],
)
def test_refusals_say_what_to_do_next(status: int, body: Any, kind: type[Next], words: str) -> None:
    found = meaning(status, body)
    assert isinstance(found, kind)
    with pytest.raises(kind, match=words):
        raise found


@pytest.mark.parametrize(
    ("status", "body", "headers", "seconds"),
    [
        (423, {}, {}, 2),
        (429, {"policyName": "TEN_SECONDLY_ROLLING"}, {}, 10),
        (429, {"policyName": "TEN_SECONDLY_ROLLING"}, {"X_HubSpot_RateLimit_Interval_Milliseconds": "7000"}, 7),
        (429, {"policyName": "TEN_SECONDLY_ROLLING"}, {"retry_after": "3"}, 3),
        (429, {"policyName": "SECONDLY"}, {"X_HubSpot_RateLimit_Interval_Milliseconds": "10000"}, 1),
        (429, {"policyName": "DAILY"}, {"X_HubSpot_RateLimit_Interval_Milliseconds": "10000"}, 3600),
        (429, HTML, {}, 10),
        (477, {}, {"Retry_After": "7200"}, 7200),
        (477, {}, {"Retry_After": "999999999"}, 86_400),
        (477, {}, {"Retry_After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 60),
        (500, HTML, {}, 30),
        (502, HTML, {}, 30),
        (503, {}, {"Retry_After": "5"}, 5),
        (504, b"", {}, 30),
        (521, b"", {}, 30),
        (523, b"", {}, 30),
        (524, b"\xff", {}, 30),
    ],
)
def test_what_passes_by_itself_is_tried_later(status: int, body: Any, headers: dict[str, str], seconds: float) -> None:
    found = meaning(status, body, **headers)
    assert isinstance(found, Later)
    assert found.seconds == seconds


@pytest.mark.parametrize("status", [400, 403, 404, 409, 418, 423, 429, 500])
def test_no_value_of_a_field_reaches_a_message(status: int) -> None:
    body = {
        "message": f"{SECRET_VALUE} already has that value",
        "category": SECRET_VALUE,
        "errors": [{"message": SECRET_VALUE, "code": SECRET_VALUE, "context": {"propertyName": [SECRET_VALUE]}}],
        "context": {"value": [SECRET_VALUE]},
        "policyName": SECRET_VALUE,
    }
    assert SECRET_VALUE not in str(meaning(status, body))
    assert "jane" not in str(meaning(status, INVALID))


def test_a_row_error_names_its_row_by_trace_id_or_id() -> None:
    by_trace = fault({"category": "VALIDATION_ERROR", "context": {"objectWriteTraceId": ["abc"]}})
    by_id = fault({"category": "OBJECT_NOT_FOUND", "context": {"ids": ["1", "2"]}})
    by_text = fault({"context": {"objectWriteTraceId": "abc"}})
    assert by_trace.named == by_text.named == {"abc"}
    assert by_id.named == {"1", "2"}
    assert by_id.gone


@pytest.mark.parametrize(
    ("content", "conflict"),
    [
        ({"category": "CONFLICT"}, True),
        ({"category": "VALIDATION_ERROR", "errors": [{"code": "CONFLICTING_UNIQUE_VALUE"}]}, True),
        ({"category": "VALIDATION_ERROR"}, False),
    ],
)
def test_a_conflict_is_recognised_by_any_of_its_names(content: dict[str, Any], *, conflict: bool) -> None:
    assert fault(content).conflict is conflict


def test_odd_bodies_do_not_break_the_reading() -> None:
    for content in (
        {"errors": "x", "context": [1], "message": 5},
        {"errors": [1, {"context": "x"}], "message": "values were not valid: [{oops"},
        {"message": "[{" * 5000},
    ):
        assert fault(content).words


def test_a_refusal_without_a_code_says_the_plain_words_of_its_message_and_nothing_that_a_customer_wrote() -> None:
    told = {"category": "VALIDATION_ERROR", "message": "Associated object CONTACT=541935488481 does not exist."}
    assert fault(told).words == "HubSpot refused: VALIDATION_ERROR (Associated object … does not exist.)"
    told["message"] = "Property value Kim Geheim <kim@geheim.example> of the contact is not valid"
    assert fault(told).words == "HubSpot refused: VALIDATION_ERROR (Property value … of the contact is not valid)"
    told["message"] = "Kim Geheim +49 30 1234"
    assert fault(told).words == "HubSpot refused: VALIDATION_ERROR"
