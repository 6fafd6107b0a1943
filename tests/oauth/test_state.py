"""The state and the hosts: what keeps a stranger out of somebody else's way to the CRM."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from connector.crm import CrmName
from tests.oauth.house import PUBLIC_URL, SALESFORCE_ADMIN, TOKEN_PATH, House, refused
from tests.sandbox.control import Fault


def state_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["state"][0]


def test_the_way_out_carries_state_and_challenge_and_no_secret(house: House) -> None:
    visitor = house.visitor()
    url = visitor.start("salesforce")
    query = dict(parse_qsl(urlsplit(url).query))
    assert query.pop("state") == visitor.session()["oauth"]["state"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", query.pop("code_challenge"))
    assert query == {
        "response_type": "code",
        "client_id": house.settings.salesforce_client_id,
        "redirect_uri": f"{PUBLIC_URL}/oauth/salesforce/callback",
        "scope": "api refresh_token id",
        "code_challenge_method": "S256",
    }
    assert "scope=api%20refresh_token%20id" in url
    assert 43 <= len(visitor.session()["oauth"]["verifier"]) <= 128
    signin = dict(parse_qsl(urlsplit(visitor.start("salesforce", "signin")).query))
    assert signin["scope"] == "id api"


def test_hubspot_gets_its_scopes_with_percent_20(house: House) -> None:
    url = house.visitor().start("hubspot")
    assert "+" not in url
    assert "scope=oauth%20crm.objects.contacts.read%20" in url
    assert "optional_scope=crm.objects.deals.read%20crm.objects.companies.write%20" in url


def test_states_are_long_and_never_the_same(house: House, crm: CrmName) -> None:
    states = {state_of(house.visitor().start(crm)) for _ in range(20)}
    assert len(states) == 20
    assert min(map(len, states)) >= 43


def test_a_callback_with_a_foreign_state_is_refused_before_its_code_is_used(house: House, crm: CrmName) -> None:
    victim, attacker = house.visitor(), house.visitor()
    lure = house.approve(attacker.start(crm))
    refused(victim.open(lure), 400, "did not start here")
    victim.start(crm)
    refused(victim.open(lure), 400, "did not start here")
    assert house.calls(crm, TOKEN_PATH[crm]) == 0
    assert house.every() == []


@pytest.mark.parametrize("query", ["code=x", "code=x&state=", "error=access_denied", "", "code=x&state=%C3%A9%00"])
def test_a_callback_without_our_state_is_refused(house: House, crm: CrmName, query: str) -> None:
    visitor = house.visitor()
    visitor.start(crm)
    refused(visitor.open(f"/oauth/{crm}/callback?{query}"), 400, "did not start here")


def test_an_install_begun_in_hubspots_listing_begins_anew_here_and_its_code_is_never_used(house: House) -> None:
    visitor = house.visitor()
    status, way = visitor.open("/oauth/hubspot/callback?code=somebodys")[:2]
    assert status == 303
    assert state_of(way) == visitor.session()["oauth"]["state"]
    assert house.calls("hubspot", TOKEN_PATH["hubspot"]) == 0
    assert visitor.open(house.approve(way))[0] == 303
    assert house.calls("hubspot", TOKEN_PATH["hubspot"]) == 1
    assert [install.crm for install in house.every()] == ["hubspot"]


def test_only_hubspot_may_answer_what_nobody_began(house: House) -> None:
    visitor = house.visitor()
    refused(visitor.open("/oauth/salesforce/callback?code=x"), 400, "did not start here")
    refused(visitor.open("/oauth/hubspot/callback?code=x&state=y"), 400, "did not start here")
    refused(visitor.open("/oauth/hubspot/callback?error=access_denied"), 400, "did not start here")


def test_a_state_of_one_crm_is_foreign_to_the_other(house: House) -> None:
    visitor = house.visitor()
    url = visitor.start("hubspot")
    refused(visitor.open(f"/oauth/salesforce/callback?code=x&state={state_of(url)}"), 400, "did not start here")


def test_a_state_serves_once(house: House, crm: CrmName) -> None:
    visitor = house.visitor()
    back = house.approve(visitor.start(crm))
    assert visitor.open(back)[0] == 303
    refused(visitor.open(back), 400, "did not start here")
    assert house.calls(crm, TOKEN_PATH[crm]) == 1


def test_an_old_cookie_and_an_old_code_open_nothing(house: House, crm: CrmName) -> None:
    visitor = house.visitor()
    back = house.approve(visitor.start(crm))
    old = visitor.session()
    visitor.open(back)
    with visitor.client.session_transaction(base_url=PUBLIC_URL) as session:
        session.clear()
        session.update(old)
    refused(visitor.open(back), 400, "did not accept the sign-in")
    assert "who" not in visitor.session()


def test_a_state_lives_ten_minutes(house: House, crm: CrmName) -> None:
    visitor = house.visitor()
    back = house.approve(visitor.start(crm))
    house.clock.ahead = timedelta(seconds=601)
    refused(visitor.open(back), 400, "took too long")
    assert house.calls(crm, TOKEN_PATH[crm]) == 0


def test_a_state_from_the_future_is_refused(house: House, crm: CrmName) -> None:
    visitor = house.visitor()
    house.clock.ahead = timedelta(hours=1)
    back = house.approve(visitor.start(crm))
    house.clock.ahead = timedelta(0)
    refused(visitor.open(back), 400, "took too long")


def test_another_pkce_verifier_is_refused_by_salesforce(house: House) -> None:
    visitor = house.visitor()
    back = house.approve(visitor.start("salesforce"))
    with visitor.client.session_transaction(base_url=PUBLIC_URL) as session:
        session["oauth"] = {**session["oauth"], "verifier": "w" * 64}
    refused(visitor.open(back), 400, "did not accept the sign-in")
    assert house.every() == []


def test_nothing_of_the_crms_or_strangers_words_is_echoed(house: House, crm: CrmName) -> None:
    visitor = house.visitor()
    state = state_of(visitor.start(crm))
    words = "<script>alert(1)</script>call +1 555 and pay"
    status, page = visitor.open(f"/oauth/{crm}/callback?state={state}&error=access_denied&error_description={words}")
    assert status == 403
    assert "script" not in page
    assert "555" not in page


def test_answers_are_kept_out_of_caches_and_referrers(house: House) -> None:
    answer = house.visitor().client.get("/oauth/hubspot/callback?code=x&state=y", base_url=PUBLIC_URL)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_production_sandbox_and_my_domain_have_their_own_login_hosts(house: House) -> None:
    house.settings = house.changed(salesforce_login_url="https://login.salesforce.com")
    house.vault = house.another_vault(house.settings)
    visitor = house.visitor()
    for query, host in (
        ({}, "login.salesforce.com"),
        ({"environment": "production"}, "login.salesforce.com"),
        ({"environment": "sandbox"}, "test.salesforce.com"),
        ({"environment": "custom", "typed": visitor.types("acme.my.salesforce.com")}, "acme.my.salesforce.com"),
    ):
        url = urlsplit(visitor.start("salesforce", **query))
        assert (url.scheme, url.netloc, url.path) == ("https", host, "/services/oauth2/authorize")


@pytest.mark.parametrize(
    "domain", ["", "evil.com", "acme.my.salesforce.com.evil.com", "acme.my.salesforce.com@evil.com"]
)
def test_a_foreign_domain_is_not_even_redirected_to(house: House, domain: str) -> None:
    visitor = house.visitor()
    answer = visitor.open(f"/oauth/salesforce/install?environment=custom&typed={visitor.types(domain)}")
    refused(answer, 400, "not a Salesforce address")
    assert "oauth" not in visitor.session()


@pytest.mark.parametrize("purpose", ["install", "signin"])
def test_an_address_must_have_been_typed_in_this_browser(house: House, purpose: str) -> None:
    victim, attacker = house.visitor(), house.visitor()
    link = f"/oauth/salesforce/{purpose}?environment=custom&typed={attacker.types('attacker.my.salesforce.com')}"
    refused(victim.open(link), 400, "Type the address yourself")
    victim.types("acme.my.salesforce.com")
    refused(victim.open(link), 400, "Type the address yourself")
    refused(
        victim.open(f"/oauth/salesforce/{purpose}?environment=custom&domain=acme.my.salesforce.com"), 400, "address"
    )
    assert "oauth" not in victim.session()


def test_a_typed_address_serves_ten_minutes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = house.visitor()
    typed = visitor.types("acme.my.salesforce.com")
    began = time.time()
    monkeypatch.setattr(time, "time", lambda: began + 602)
    answer = visitor.open(f"/oauth/salesforce/install?environment=custom&typed={typed}")
    refused(answer, 400, "Type the address yourself")


def test_a_host_that_left_the_allow_list_is_not_sent_our_secret(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = house.visitor()
    back = house.approve(visitor.start("salesforce"))
    house.settings = house.changed(salesforce_login_url="https://login.salesforce.com")
    vault = house.another_vault(house.settings)
    there = vault.provider("salesforce")
    monkeypatch.setattr(house.vault, "provider", lambda _crm: there)
    refused(visitor.open(back), 400, "not a Salesforce address")
    assert house.calls("salesforce", TOKEN_PATH["salesforce"]) == 0


@pytest.mark.parametrize(
    "answer",
    [
        {"instance_url": "https://evil.example"},
        {"instance_url": "http://acme.my.salesforce.com"},
        {"id": "https://evil.example/id/00D3z000002qVXWEA2/0053z00000CwFwTAAV"},
        {"id": "https://acme.my.salesforce.com/other/00D3z000002qVXWEA2/0053z00000CwFwTAAV"},
    ],
    ids=str,
)
def test_a_token_answer_that_names_foreign_hosts_is_refused(house: House, answer: dict[str, str]) -> None:
    good = {
        "access_token": "a",
        "refresh_token": "r",
        "token_type": "Bearer",
        "instance_url": house.salesforce.url,
        "id": f"{house.salesforce.url}/id/00D3z000002qVXWEA2/0053z00000CwFwTAAV",
    }
    house.salesforce.control.order(Fault("POST /services/oauth2/token", status=200, body={**good, **answer}))
    refused(house.visitor().connect("salesforce"), 400, "not a Salesforce address")
    assert house.calls("salesforce", "/0053z00000CwFwTAAV") == 0


@pytest.mark.parametrize("another", ["organization_id", "user_id"])
def test_an_identity_of_another_org_or_user_is_refused(house: House, another: str) -> None:
    org = house.salesforce.org
    admin = org.user_by_name(SALESFORCE_ADMIN)
    assert admin is not None
    body = {"organization_id": org.org_id, "user_id": admin["Id"]}
    body[another] = body[another][:3] + "zz0" + body[another][6:]
    house.salesforce.control.order(Fault("GET /id/", status=200, body=body))
    refused(house.visitor().connect("salesforce"), 400, "not a Salesforce address")
    assert house.every() == []


def test_a_login_host_that_points_elsewhere_is_asked_at_the_known_instance(house: House) -> None:
    fault = Fault("GET /id/", status=302, body="", headers={"Location": "https://evil.example/id"})
    house.salesforce.control.order(fault)
    assert house.visitor().connect("salesforce")[0] == 303
