"""What each answer of a CRM means: the table that decides whether an install is paused."""

from __future__ import annotations

import pytest

from connector.errors import Later, Next, Revoked
from oauth.answers import BUSY_SECONDS, CONFIGURATION_SECONDS, IN_FLIGHT_SECONDS, Answer, classify, read, refusal

REFRESHES: list[tuple[str, int, object, dict[str, str], type[Next], float | None]] = [
    (
        "dead at Salesforce",
        400,
        {"error": "invalid_grant", "error_description": "expired access/refresh token"},
        {},
        Revoked,
        None,
    ),
    (
        "dead at HubSpot",
        400,
        {"error": "invalid_grant", "status": "BAD_REFRESH_TOKEN", "message": "x"},
        {},
        Revoked,
        None,
    ),
    ("only HubSpot's own word", 400, {"status": "BAD_REFRESH_TOKEN"}, {}, Revoked, None),
    ("the portal is gone", 400, {"error": "access_denied", "status": "BAD_HUB"}, {}, Revoked, None),
    (
        "an earlier refresh is in flight",
        400,
        {"error": "invalid_grant", "error_description": "token request is already being processed"},
        {},
        Later,
        IN_FLIGHT_SECONDS,
    ),
    (
        "our address is not allowed",
        400,
        {"error": "invalid_grant", "error_description": "ip restricted or invalid login hours"},
        {},
        Later,
        CONFIGURATION_SECONDS,
    ),
    (
        "our secret is wrong",
        400,
        {"error": "invalid_client", "error_description": "x"},
        {},
        Later,
        CONFIGURATION_SECONDS,
    ),
    ("our secret is wrong, as 401", 401, {"error": "invalid_client"}, {}, Later, CONFIGURATION_SECONDS),
    ("our id is unknown at Salesforce", 400, {"error": "invalid_client_id"}, {}, Later, CONFIGURATION_SECONDS),
    (
        "our id is unknown at HubSpot",
        400,
        {"error": "invalid_client", "status": "BAD_CLIENT_ID"},
        {},
        Later,
        CONFIGURATION_SECONDS,
    ),
    ("a refusal nobody has seen", 403, {"error": "something_new"}, {}, Later, CONFIGURATION_SECONDS),
    ("a refusal without a body", 404, None, {}, Later, CONFIGURATION_SECONDS),
    ("a list, as the REST API answers", 403, [{"errorCode": "API_DISABLED_FOR_ORG"}], {}, Later, CONFIGURATION_SECONDS),
    ("a redirect", 302, None, {}, Later, CONFIGURATION_SECONDS),
    ("too many calls", 429, None, {}, Later, BUSY_SECONDS),
    ("too many calls, with a pause", 429, None, {"Retry-After": "7"}, Later, 7.0),
    ("a pause nobody believes", 429, None, {"Retry-After": "999999"}, Later, 3600.0),
    ("a pause as a date", 429, None, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, Later, BUSY_SECONDS),
    ("an outage", 503, "<html>down</html>", {}, Later, BUSY_SECONDS),
    ("an outage that talks of grants", 500, {"error": "invalid_grant"}, {}, Later, BUSY_SECONDS),
]


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "seconds"), [row[1:] for row in REFRESHES], ids=[row[0] for row in REFRESHES]
)
def test_a_refused_refresh_means(
    status: int, body: object, headers: dict[str, str], kind: type[Next], seconds: float | None
) -> None:
    verdict = classify(read(status, body, headers), "Salesforce")
    assert type(verdict) is kind
    assert getattr(verdict, "seconds", None) == seconds


def test_the_sentence_names_the_crm_and_the_code_but_nothing_else_the_crm_said() -> None:
    answer = Answer(400, ("invalid_client",), "client 3MVG9secretish is unknown")
    assert "HubSpot" in str(classify(answer, "HubSpot"))
    assert "invalid_client" in str(classify(answer, "HubSpot"))
    assert "3MVG9" not in str(classify(answer, "HubSpot"))
    assert "5Aep861token" not in str(classify(Answer(400, ("5Aep861token",)), "HubSpot"))


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("access_denied", "end-user denied authorization"), "denied"),
        (("access-denied",), "denied"),
        (("access_denied", "Access to uninstalled connected app is denied"), "uninstalled"),
        (("OAUTH_EC_APP_NOT_FOUND", "External client app is not installed in this org"), "uninstalled"),
        (("OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app"), "unapproved"),
        (("invalid_grant", "ip restricted or invalid login hours"), "ip"),
        (("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner"), "api"),
        (("invalid_grant", "expired authorization code"), "stale"),
        (("invalid_grant", "BAD_AUTH_CODE", "missing or unknown auth code"), "stale"),
        (("invalid_grant", "BAD_REDIRECT_URI"), "configuration"),
        (("redirect_uri_mismatch", "redirect_uri must match configuration"), "configuration"),
        (("invalid_client",), "configuration"),
        (("", ""), "configuration"),
    ],
)
def test_a_person_is_told_why_it_failed(words: tuple[str, ...], kind: str) -> None:
    assert refusal(*words) == kind
