"""What to do about an answer of Salesforce."""

from __future__ import annotations

from typing import Any

import pytest

from connector.errors import Exhausted, Ignored, Later, Next, Refused, Revoked
from connector.salesforce.answers import (
    Fault,
    StaleSchema,
    faults,
    judge,
    judge_row,
    judge_stream,
    lost,
    sayings,
    words,
)


def error(code: str, message: str = "m") -> list[dict[str, Any]]:
    return [{"message": message, "errorCode": code, "fields": []}]


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (400, error("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"), Later),
        (500, error("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"), Later),
        (503, error("SERVER_UNAVAILABLE"), Later),
        (403, error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), Later),
        (400, error("QUERY_TIMEOUT"), Later),
        (403, error("STORAGE_LIMIT_EXCEEDED"), Later),
        (500, error("UNKNOWN_EXCEPTION"), Later),
        (502, "<html>Bad Gateway</html>", Later),
        (503, "", Later),
        (429, None, Later),
        (401, error("INVALID_SESSION_ID"), Revoked),
        (401, "nothing", Revoked),
        (403, error("API_DISABLED_FOR_ORG"), Revoked),
        (403, error("API_CURRENTLY_DISABLED"), Revoked),
        (404, error("NOT_FOUND"), Ignored),
        (404, "<html>", Ignored),
        (404, error("ENTITY_IS_DELETED"), Ignored),
        (400, error("INVALID_FIELD"), StaleSchema),
        (400, error("INVALID_FIELD_FOR_INSERT_UPDATE"), StaleSchema),
        (400, error("FIELD_CUSTOM_VALIDATION_EXCEPTION"), Refused),
        (400, error("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"), Refused),
        (400, error("REQUIRED_FIELD_MISSING"), Refused),
        (400, error("CANNOT_UPDATE_CONVERTED_LEAD"), Refused),
        (400, error("DUPLICATE_VALUE"), Refused),
        (403, error("INSUFFICIENT_ACCESS_OR_READONLY"), Refused),
        (400, [{"duplicateResut": {"allowSave": True}, "errorCode": "DUPLICATES_DETECTED", "message": "m"}], Refused),
        (400, error("A_CODE_OF_NEXT_YEAR"), Refused),
        (400, error("STRING_TOO_LONG"), Refused),
        (400, error("INVALID_CROSS_REFERENCE_KEY"), Refused),
        (403, error("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"), Refused),
        (400, error("INACTIVE_OWNER_OR_USER"), Refused),
        (400, error("OPERATION_WITH_INVALID_USER_TYPE"), Refused),
        (409, "", Refused),
        (412, "", Refused),
        (414, "", Refused),
        (428, "", Refused),
        (431, "", Refused),
        (502, error("SERVER_UNAVAILABLE"), Later),
        (300, ["/services/data/v66.0/sobjects/X"], Refused),
    ],
)
def test_answer_says_what_to_do_next(status: int, body: Any, verdict: type[Next]) -> None:
    assert type(judge(status, body)) is verdict


@pytest.mark.parametrize(
    ("status", "body", "seconds", "applied"),
    [
        (400, error("UNABLE_TO_LOCK_ROW"), 5, False),
        (500, error("UNABLE_TO_LOCK_ROW"), 5, False),
        (403, error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), 900, False),
        (403, error("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), 30, False),
        (400, error("STORAGE_LIMIT_EXCEEDED"), 900, False),
        (503, error("SERVER_UNAVAILABLE"), 60, True),
        (503, "<html>", 60, True),
        (429, "", 60, False),
    ],
)
def test_how_long_to_wait_and_whether_it_may_have_happened(
    *, status: int, body: Any, seconds: float, applied: bool
) -> None:
    verdict = judge(status, body)
    assert isinstance(verdict, Later)
    assert (verdict.seconds, verdict.applied) == (seconds, applied)


def test_no_answer_means_later_and_it_may_have_happened() -> None:
    assert (lost("ReadTimeout").applied, lost("ConnectTimeout", sent=False).applied) == (True, False)


def test_a_row_says_status_code_where_an_answer_says_error_code() -> None:
    row = [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain", "fields": ["AccountId"]}]
    assert faults(row) == (Fault("UNABLE_TO_LOCK_ROW", "unable to obtain", ("AccountId",)),)
    assert isinstance(judge_row(faults(row)), Later)


def test_a_limit_names_no_pause_so_each_has_one_of_ours() -> None:
    """Salesforce sends no Retry-After with its limits."""
    for code in ("REQUEST_LIMIT_EXCEEDED", "STORAGE_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT"):
        verdict = judge(403, error(code))
        assert isinstance(verdict, Later)
        assert verdict.seconds >= 30


def test_a_lock_among_other_faults_decides() -> None:
    assert isinstance(judge_row([Fault("REQUIRED_FIELD_MISSING"), Fault("UNABLE_TO_LOCK_ROW")]), Later)


def test_a_row_without_a_reason_is_refused() -> None:
    assert type(judge_row(())) is Refused


@pytest.mark.parametrize("body", [None, "", "text", 7, [], [1], ["x"], {}, [{"message": "m"}]])
def test_a_body_without_errors_has_no_faults(body: Any) -> None:
    assert faults(body) == ()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("STRING_TOO_LONG", "Company: data value too large: Muster & Söhne (max length=4)"),
        ("MALFORMED_QUERY", "SELECT Id FROM Lead WHERE Email = 'ana@muster.example'"),
        ("INVALID_FIELD", "SELECT Id, Emial FROM Lead WHERE Company = 'Muster'"),
        ("INVALID_EMAIL_ADDRESS", "Email: invalid email address: ana@muster"),
        ("A_CODE_OF_NEXT_YEAR", "value Muster is odd"),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "LeadTrigger: no owner for ana@muster.example"),
    ],
)
def test_words_hold_no_values(code: str, message: str) -> None:
    said = str(judge(400, [{"errorCode": code, "message": message}]))
    assert code in said
    assert "Muster" not in said
    assert "ana" not in said


@pytest.mark.parametrize("key", ["duplicateResut", "duplicateResult"])
def test_a_duplicate_rule_is_named_however_the_answer_spells_it(key: str) -> None:
    body = [{key: {"allowSave": False, "duplicateRule": "Leads_by_Email"}, "errorCode": "DUPLICATES_DETECTED"}]
    assert (
        str(judge(400, body)) == "A duplicate rule of the org blocks this record [Leads_by_Email] (DUPLICATES_DETECTED)"
    )


def test_an_admins_own_words_reach_people() -> None:
    fault = Fault("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Leads of EMEA need a region", ("Region__c",))
    assert words(fault) == "Leads of EMEA need a region [Region__c] (FIELD_CUSTOM_VALIDATION_EXCEPTION)"


@pytest.mark.threat("T23")
def test_what_a_trigger_quotes_of_the_record_is_not_repeated() -> None:
    said = (
        "Zoë Li\n(zoe@acme.example, +33 1 99 55 41 41) of ACME Holding asks: ring the blue bell. 10 characters wanted"
    )
    record = {"name": "Zoë Li", "company": "Acme Holding", "Note__c": "ring the blue bell", "status": "New", "size": 10}
    told = words(Fault("FIELD_CUSTOM_VALIDATION_EXCEPTION", said), sayings(record))
    assert told == "… … …) of … asks: …. 10 characters wanted (FIELD_CUSTOM_VALIDATION_EXCEPTION)"


PREFIX = "sfdc.platform.eventbus.grpc."


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        ("INVALID_ARGUMENT", "subscription.fetch.replayid.corrupted", "restart"),
        ("UNAUTHENTICATED", "service.auth.error", "renew"),
        ("UNAUTHENTICATED", "", "renew"),
        ("UNAUTHENTICATED", "service.auth.headers.invalid", Refused),
        ("INVALID_ARGUMENT", "subscription.fetch.requested.events.invalid", Refused),
        ("INVALID_ARGUMENT", "subscription.fetch.topic.mismatch", Refused),
        ("INVALID_ARGUMENT", "subscription.fetch.overflow", Refused),
        ("RESOURCE_EXHAUSTED", "concurrent.client.limit.exceeded", Later),
        ("UNAVAILABLE", "topic.api.unavailable", Later),
        ("INVALID_ARGUMENT", "subscription.fetch.replayid.validation.failed", Refused),
        ("RESOURCE_EXHAUSTED", "subscription.limit.exceeded", Exhausted),
        ("NOT_FOUND", "topic.not.found", Refused),
        ("PERMISSION_DENIED", "subscription.topic.cannot.subscribe", Refused),
        ("PERMISSION_DENIED", "topic.meta.permission", Refused),
        ("PERMISSION_DENIED", "service.tenant.license", Refused),
        ("PERMISSION_DENIED", "", Refused),
        ("UNAVAILABLE", "service.unavailable", Later),
        ("UNAVAILABLE", "", Later),
        ("INTERNAL", "subscription.internal.error", Later),
        ("UNAVAILABLE", "schema.api.unavailable", Later),
        ("RESOURCE_EXHAUSTED", "service.protection.overload", Later),
        ("DEADLINE_EXCEEDED", "", Later),
    ],
)
def test_broken_stream_says_what_to_do_next(status: str, code: str, expected: str | type[Next]) -> None:
    verdict = judge_stream(status, PREFIX + code if code else "")
    assert verdict == expected or type(verdict) is expected


def test_a_used_up_allowance_is_waited_out_for_hours() -> None:
    verdict = judge_stream("RESOURCE_EXHAUSTED", PREFIX + "subscription.limit.exceeded")
    assert isinstance(verdict, Later)
    assert verdict.seconds >= 3600
