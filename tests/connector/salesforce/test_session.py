"""The signed-in session, against the local Salesforce: tokens, timeouts, errors."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import Any

import pytest

from connector.crm import Token
from connector.errors import Later, Refused, Revoked
from connector.salesforce.answers import StaleSchema
from connector.salesforce.session import Session
from tests.connector.salesforce.conftest import LocalOrg
from tests.connector.salesforce.signed_in import Tokens, settings_for

DEAD = "00D000000000001!dead"


@pytest.fixture
def good(org: LocalOrg) -> Token:
    return org.sign_in().current()


def open_session(org: LocalOrg, *tokens: Token, **parts: Any) -> tuple[Session, Tokens]:
    source = Tokens(*tokens)
    return Session(source, settings=org.settings(**parts)), source


def test_a_dead_token_is_renewed_once_and_the_call_made_again(org: LocalOrg, good: Token) -> None:
    session, source = open_session(org, replace(good, access_token=DEAD), good)
    assert session.query("SELECT Id FROM Organization")
    assert session.query("SELECT Id FROM Organization")
    assert (source.renewals, session.calls) == (1, 3)


def test_a_token_that_stays_dead_means_revoked_after_one_renewal(org: LocalOrg, good: Token) -> None:
    dead = replace(good, access_token=DEAD)
    session, source = open_session(org, dead, replace(good, access_token=DEAD + "2"))
    with pytest.raises(Revoked):
        session.call("GET", "limits")
    assert (source.renewals, session.calls) == (1, 2)


def test_who_is_signed_in_is_asked_with_a_renewed_token_too(org: LocalOrg, good: Token) -> None:
    session, source = open_session(org, replace(good, access_token=DEAD), good)
    who = session.who()
    assert (len(who["user_id"]), len(who["organization_id"])) == (18, 18)
    assert source.renewals == 1


def test_every_call_says_who_we_are(org: LocalOrg, good: Token) -> None:
    session, _ = open_session(org, good)
    made = session.call("POST", "sobjects/Lead", json={"LastName": "Echo", "Company": "Muster"})
    assert org.row("Lead", made["id"])["OwnerId"] == session.who()["user_id"]


def test_a_long_answer_is_read_to_its_end(org: LocalOrg, good: Token) -> None:
    org.load("Account", [{"Name": f"Long {number}"} for number in range(2100)])
    session, _ = open_session(org, good)
    rows = session.query("SELECT Id, Name FROM Account WHERE Name LIKE 'Long %'")
    assert len({row["Id"] for row in rows}) == 2100
    assert session.calls == 2


@pytest.mark.parametrize(
    ("fault", "error", "seconds", "applied"),
    [
        ({"status": 503, "body": "down"}, Later, 60, True),
        ({"status": 403, "body": [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "Total"}]}, Later, 900, False),
        ({"status": 500, "body": [{"errorCode": "UNABLE_TO_LOCK_ROW", "message": "busy"}]}, Later, 5, False),
        ({"status": 403, "body": [{"errorCode": "API_DISABLED_FOR_ORG", "message": "off"}]}, Revoked, None, None),
        ({"status": 414, "body": "too long"}, Refused, None, None),
        ({"status": 200, "body": "<html>maintenance</html>"}, Later, 15, True),
        ({"drop": "before"}, Later, 15, True),
        ({"drop": "after"}, Later, 15, True),
        ({"delay": 1.0}, Later, 15, True),
    ],
)
def test_what_goes_wrong_on_the_way_says_what_to_do_next(
    org: LocalOrg, good: Token, *, fault: dict[str, Any], error: Any, seconds: float | None, applied: Any
) -> None:
    session, _ = open_session(org, good, crm_read_timeout=0.5)
    org.fault("GET /services/data/v66.0/query", **fault)
    with pytest.raises(error) as caught:
        session.query("SELECT Id FROM Lead WHERE Email = 'ana@muster.example'")
    assert getattr(caught.value, "seconds", None) == seconds
    assert getattr(caught.value, "applied", None) is applied
    assert "muster" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_nobody_at_the_address_means_later_and_nothing_was_sent(org: LocalOrg) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    session, _ = open_session(org, Token("t", f"https://localhost:{port}"))
    with pytest.raises(Later) as caught:
        session.call("GET", "limits")
    assert not caught.value.applied


def test_a_certificate_we_do_not_trust_is_not_spoken_to(org: LocalOrg, good: Token) -> None:
    strict = settings_for(org.url, org.pubsub, org.ca).model_copy(update={"salesforce_ca_file": None})
    session = Session(Tokens(good), settings=strict)
    with pytest.raises(Later):
        session.call("GET", "limits")


def test_an_unknown_field_is_told_from_other_refusals(org: LocalOrg, good: Token) -> None:
    session, _ = open_session(org, good)
    with pytest.raises(StaleSchema):
        session.query("SELECT Nope__c FROM Lead")
    with pytest.raises(Refused):
        session.query("SELEKT")
