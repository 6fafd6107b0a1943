"""The signed-in session, against the local Salesforce: tokens, timeouts, errors."""

from __future__ import annotations

import socket
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from simple_salesforce.format import format_soql

from connector.crm import Allowance, Token
from connector.errors import Later, Next, Refused, Revoked
from connector.salesforce import soql as soql_of
from connector.salesforce.answers import StaleSchema
from connector.salesforce.history import IDS
from connector.salesforce.session import Session
from tests.connector.salesforce.conftest import LocalOrg
from tests.connector.salesforce.signed_in import Tokens, settings_for
from tests.local.processes import until

DEAD = "00D000000000001!dead"


@pytest.fixture
def good(org: LocalOrg) -> Token:
    return org.sign_in().current()


def open_session(org: LocalOrg, *tokens: Token, **parts: Any) -> tuple[Session, Tokens]:
    source = Tokens(*tokens)
    return Session(source, settings=org.settings(**parts)), source


def wait_for_call(org: LocalOrg, path: str) -> None:
    """Wait until the org has finished a call that we no longer wait for: it counts, in whichever test that is."""
    until(lambda: any(path in call["path"] for call in org.calls()), seconds=10, what=f"the slow call of {path}")


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
    wait_for_call(org, "/query")


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


# What simple-salesforce does not do for us, by name


def test_every_call_has_a_timeout_though_the_client_sets_none(org: LocalOrg, good: Token) -> None:
    session, _ = open_session(org, good, crm_read_timeout=0.3)
    for path, call in (
        ("/limits", lambda: session.call("GET", "limits")),
        ("/userinfo", session.who),
        ("/composite/graph", lambda: session.call("POST", "composite/graph", json={"graphs": []})),
    ):
        org.fault(path, delay=0.8)
        with pytest.raises(Later, match="ReadTimeout"):
            call()
        wait_for_call(org, path)


def test_a_session_that_stays_expired_ends_in_no_refresh_recursion(org: LocalOrg, good: Token) -> None:
    """The client's own renewal loses count and renews hundreds of times; with rotating tokens that ends the grant."""
    session, source = open_session(org, good)
    org.fault("/services/data/", times=50, status=401, body=[{"errorCode": "INVALID_SESSION_ID", "message": "x"}])
    for method, path in (("GET", "limits"), ("PATCH", "sobjects/Lead/00Q000000000001AAA"), ("POST", "composite")):
        before = source.renewals
        with pytest.raises(Revoked):
            session.call(method, path, json=None if method == "GET" else {})
        assert source.renewals == before + 1


def data_calls(org: LocalOrg) -> list[dict[str, Any]]:
    return [call for call in org.calls() if call["path"].startswith("/services/data/")]


def told(session: Session) -> Allowance | None:
    return session.allowance


def usage(used: int, total: int = 15_000) -> dict[str, str]:
    return {"Sforce-Limit-Info": f"api-usage={used}/{total}; per-app-api-usage=17/250(appName=Switchyard)"}


def test_the_api_usage_of_the_org_is_read_from_every_answer(org: LocalOrg, good: Token) -> None:
    session, _ = open_session(org, good)
    assert told(session) is None
    org.control("POST", "settings", {"calls_today": 4710})
    session.query("SELECT Id FROM Organization")
    assert told(session) == Allowance(used=4711, total=100_000)
    org.fault("/limits", headers=usage(18, 5000))
    session.call("GET", "limits")
    assert told(session) == Allowance(used=18, total=5000)


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_the_api_usage_is_read_from_refusals_too(org: LocalOrg, good: Token, status: int) -> None:
    session, _ = open_session(org, good)
    org.fault("/limits", status=status, body="", headers=usage(15_000))
    with pytest.raises(Next):
        session.call("GET", "limits")
    assert told(session) == Allowance(used=15_000, total=15_000)


@pytest.mark.parametrize("header", ["", "api-usage=", "per-app-api-usage=17/250(appName=x)", "api-usage=a/b"])
def test_an_api_usage_that_says_nothing_is_no_usage(org: LocalOrg, good: Token, header: str) -> None:
    session, _ = open_session(org, good)
    org.fault("/limits", status=404, body="", headers={"Sforce-Limit-Info": header})
    with pytest.raises(Next):
        session.call("GET", "limits")
    assert told(session) is None


def test_where_no_answer_tells_the_limits_are_asked_for_once(org: LocalOrg) -> None:
    crm = org.crm()
    before = crm.allowance
    assert before is None, "before the first call there is nothing to ask about"
    org.control("POST", "settings", {"calls_today": 99})
    for each in ("Group", "FROM User"):
        org.fault(each, status=200, body={"records": [], "done": True})
    crm.users()
    assert crm.allowance == Allowance(used=100, total=100_000)
    calls = crm.calls
    assert crm.allowance is not None
    assert crm.calls == calls
    crm.close()


def test_a_query_that_is_too_long_for_a_url_is_posted(org: LocalOrg, good: Token) -> None:
    session, _ = open_session(org, good)
    ids = org.load("Account", [{"Name": f"Posted {number}"} for number in range(900)])
    soql = format_soql("SELECT Id, Name FROM Account WHERE Id IN {}", ids)
    assert len(soql) > 16_384
    assert {row["Id"] for row in session.query(soql)} == set(ids)
    assert session.calls == 1
    assert not [call for call in data_calls(org) if call["method"] == "GET"]


def test_the_longest_list_of_ids_fits_the_16_kb_of_a_get(org: LocalOrg, good: Token) -> None:
    session, _ = open_session(org, good)
    ids = [f"005{number:012d}AAA" for number in range(IDS)]
    session.query(soql_of.open_leads(ids))
    (call,) = [each for each in data_calls(org) if each["path"].endswith("/query")]
    assert call["method"] == "GET"
    assert len(call["path"]) + len(call["query"]) < 16_384 - 3000


def test_what_the_environment_trusts_is_not_what_we_trust(
    org: LocalOrg, good: Token, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The client's HTTP library would take another CA, a proxy, or a password of ~/.netrc from the environment."""
    (tmp_path / "netrc").write_text("machine localhost login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    session, _ = open_session(org, good)
    assert session.query("SELECT Id FROM Organization")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(org: LocalOrg, good: Token, status: int) -> None:
    session, source = open_session(org, good)
    elsewhere = {"Location": f"{org.url}/services/data/v66.0/limits/elsewhere"}
    org.fault("/limits", times=2, status=status, body="", headers=elsewhere)
    with pytest.raises(Later, match="another address") as caught:
        session.call("GET", "limits")
    assert not caught.value.applied
    assert source.renewals == 1, "a new token may bring the org's new address"
    assert not [call for call in data_calls(org) if "elsewhere" in call["path"]]


def test_an_org_that_moved_is_found_at_the_address_of_its_new_token(org: LocalOrg, good: Token) -> None:
    session, _ = open_session(org, replace(good, access_token="old"), good)
    org.fault("/limits", status=302, body="", headers={"Location": "https://elsewhere.example/"})
    assert session.call("GET", "limits")["DailyApiRequests"]


def test_the_personal_data_in_an_errors_url_stays_here(
    org: LocalOrg, good: Token, caplog: pytest.LogCaptureFixture
) -> None:
    session, _ = open_session(org, good)
    caplog.set_level("INFO")
    soql = format_soql("SELECT Nope__c FROM Lead WHERE Email = {}", "kim@muster.example")
    with pytest.raises(StaleSchema) as caught:
        session.query(soql)
    text = "".join(traceback.format_exception(caught.value))
    assert "muster.example" not in text + caplog.text
    assert not vars(caught.value).keys() & {"url", "content", "resource_name"}
