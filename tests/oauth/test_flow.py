"""Install and sign-in as a person lives them: click, allow, come back; and everything that can go wrong on the way."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from connector.crm import CrmName
from connector.store import installs, progress
from oauth.grant import Grant
from oauth.providers import provider
from tests.oauth.house import PUBLIC_URL, SALESFORCE_ADMIN, House, Visitor
from tests.sandbox.control import Fault

CRMS: tuple[CrmName, ...] = ("salesforce", "hubspot")
TOKEN_PATH = {"salesforce": "/services/oauth2/token", "hubspot": "/oauth/2026-09/token"}


@pytest.fixture(params=CRMS)
def crm(request: pytest.FixtureRequest) -> CrmName:
    name: CrmName = request.param
    return name


def state_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["state"][0]


def refused(answer: tuple[int, str], status: int, words: str) -> None:
    """The page says what happened and what to do, and nothing was connected."""
    assert answer[0] == status
    assert words in answer[1]
    assert len(answer[1].split("|")[3]) > 20, "the remedy"


def alive(house: House, grant: Grant) -> bool:
    """Whether Salesforce still knows a token of the grant."""
    org = house.salesforce.org.tokens
    return any(org.introspect(token)["active"] for token in (grant.access_token, grant.refresh_token))


# --- install


def test_an_admin_installs_and_is_signed_in(house: House, crm: CrmName) -> None:
    visitor = house.visitor()
    status, target = visitor.connect(crm)
    [(install, new)] = house.told
    assert (status, target) == (303, f"/installs/{install.id}")
    assert new
    assert (install.crm, install.status, install.mode) == (crm, "active", "observe")
    who = visitor.session()["who"]
    assert set(visitor.session()) == {"who"}
    assert set(who) == {"crm", "user_id", "name"}
    with house.database.read() as connection:
        assert installs.is_admin(connection, install.id, who["user_id"])
        work = [(each.name, each.state) for each in progress.of(connection, install.id)]
    assert work == [("setup", "waiting")]
    assert house.vault.source(install).current().access_token


def test_a_salesforce_install_is_known_by_its_18_character_org_id(house: House) -> None:
    house.visitor().connect("salesforce")
    [install] = house.every()
    assert install.tenant_id == house.salesforce.org.org_id
    assert len(install.tenant_id) == 18
    assert install.name == "Acme"
    assert install.base_url == house.salesforce.url
    assert install.scopes == {"api", "refresh_token", "id"}


@pytest.mark.parametrize(("tier", "extra"), [("enterprise", 6), ("professional", 2), ("free", 0)])
def test_a_hubspot_install_has_the_optional_scopes_that_its_portal_can_have(
    house: House, tier: str, extra: int
) -> None:
    house.hubspot.hub.portals.add(house.portal, tier=tier)
    house.visitor().connect("hubspot")
    [install] = house.every()
    assert install.tenant_id == str(house.portal)
    assert install.name == f"portal{house.portal}.example.com"
    assert install.base_url == "https://app.hubspot.com"
    assert install.scopes == house.hubspot.hub.portals.granted(house.portal)
    assert len(install.scopes) == 7 + extra


def test_connecting_again_wakes_a_revoked_install_with_its_mode_and_key(house: House, crm: CrmName) -> None:
    house.visitor().connect(crm)
    [before] = house.every()
    with house.database.write() as connection:
        installs.set_mode(connection, before.id, "act")
        installs.set_status(connection, before.id, "revoked", "gone")
    house.visitor().connect(crm)
    [after] = house.every()
    assert (after.id, after.key, after.mode, after.status, after.reason) == (before.id, before.key, "act", "active", "")
    assert [new for _, new in house.told] == [True, False]
    source = house.vault.source(after)
    assert source.renew(source.current()).access_token


def test_somebody_who_is_no_admin_cannot_install_and_leaves_no_token(house: House) -> None:
    visitor = house.visitor()
    refused(visitor.connect("salesforce", who="user"), 403, "administrator")
    assert house.every() == []
    assert visitor.session() == {}
    assert house.calls("salesforce", "/services/oauth2/revoke") == 1


def test_hubspot_shows_its_page_to_admins_only(house: House) -> None:
    page = house.approve(house.visitor().start("hubspot"), who="user")
    assert "super admin" in page


def test_who_denies_is_told_what_to_do(house: House, crm: CrmName) -> None:
    visitor = house.visitor()
    back = house.approve(visitor.start(crm), decision="deny")
    refused(visitor.open(back), 403, "Access was not granted")
    assert house.every() == []


def test_an_org_without_the_package_is_told_to_install_it(house: House) -> None:
    org = house.salesforce.org
    org.settings.package_installed = False
    try:
        visitor = house.visitor()
        refused(visitor.connect("salesforce", who="user"), 403, "Install the package first")
    finally:
        org.settings.package_installed = True


def test_an_ip_restriction_is_explained(house: House) -> None:
    body = {"error": "invalid_grant", "error_description": "ip restricted or invalid login hours"}
    house.salesforce.control.order(Fault("POST /services/oauth2/token", status=400, body=body))
    refused(house.visitor().connect("salesforce"), 403, "blocked the address")


def test_a_missing_api_is_explained(house: House) -> None:
    body = [{"errorCode": "API_DISABLED_FOR_ORG", "message": "API is not enabled for this Organization or Partner"}]
    house.salesforce.control.order(Fault("GET /services/data/.*UserPermissionAccess", status=403, body=body))
    refused(house.visitor().connect("salesforce"), 403, "The API is switched off")
    assert house.every() == []


def test_an_org_name_that_may_not_be_read_is_no_obstacle(house: House) -> None:
    house.salesforce.control.order(Fault("GET /services/data/.*Organization", status=403, body=[]))
    house.visitor().connect("salesforce")
    [install] = house.every()
    assert install.name == "localhost"


@pytest.mark.parametrize(
    "fault", [{"status": 503, "body": "down"}, {"status": 429, "body": {}}, {"drop": "before"}], ids=str
)
@pytest.mark.parametrize("skip", [0, 1])
def test_a_crm_that_is_away_changes_nothing(house: House, crm: CrmName, fault: dict[str, Any], skip: int) -> None:
    visitor = house.visitor()
    back = house.approve(visitor.start(crm))
    for control in (house.salesforce.control, house.hubspot.control):
        control.order(Fault(".*", skip=skip, times=9, **fault))
    refused(visitor.open(back), 503, "does not answer")
    assert house.every() == []
    assert visitor.session() == {}


def test_a_wrong_secret_is_for_whoever_runs_it(house: House, crm: CrmName) -> None:
    house.settings = house.changed(salesforce_client_secret="wrong", hubspot_client_secret="wrong")
    house.vault = house.another_vault(house.settings)
    refused(house.visitor().connect(crm), 400, "switchyard check")


def test_a_crm_that_is_not_configured_does_not_exist(house: House) -> None:
    house.settings = house.changed(salesforce_client_id="")
    client = house.visitor().client
    assert client.get("/oauth/salesforce/install").status_code == 404
    assert client.get("/oauth/salesforce/callback?code=x&state=y").status_code == 404
    assert client.get("/oauth/pipedrive/install").status_code == 404
    assert client.get("/oauth/hubspot/uninstall").status_code == 404


# --- the state


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
    assert "optional_scope=crm.schemas.custom.read%20" in url


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


# --- Salesforce's hosts


def test_production_sandbox_and_my_domain_have_their_own_login_hosts(house: House) -> None:
    house.settings = house.changed(salesforce_login_url="https://login.salesforce.com")
    house.vault = house.another_vault(house.settings)
    visitor = house.visitor()
    for query, host in (
        ({}, "login.salesforce.com"),
        ({"environment": "production"}, "login.salesforce.com"),
        ({"environment": "sandbox"}, "test.salesforce.com"),
        ({"environment": "custom", "domain": "acme.my.salesforce.com"}, "acme.my.salesforce.com"),
    ):
        url = urlsplit(visitor.start("salesforce", **query))
        assert (url.scheme, url.netloc, url.path) == ("https", host, "/services/oauth2/authorize")


@pytest.mark.parametrize(
    "domain", ["", "evil.com", "acme.my.salesforce.com.evil.com", "acme.my.salesforce.com@evil.com"]
)
def test_a_foreign_domain_is_not_even_redirected_to(house: House, domain: str) -> None:
    visitor = house.visitor()
    answer = visitor.open(f"/oauth/salesforce/install?environment=custom&domain={domain}")
    refused(answer, 400, "not a Salesforce address")
    assert visitor.session() == {}


def test_a_host_that_left_the_allow_list_is_not_sent_our_secret(house: House) -> None:
    visitor = house.visitor()
    back = house.approve(visitor.start("salesforce"))
    house.settings = house.changed(salesforce_login_url="https://login.salesforce.com")
    vault = house.another_vault(house.settings)
    there = vault.provider("salesforce")
    house.vault.provider = lambda _crm: there  # type: ignore[method-assign]
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


def test_an_identity_of_another_org_is_refused(house: House) -> None:
    body = {"organization_id": "00D3z000002qVXWEA2", "user_id": "0053z00000CwFwTAAV"}
    house.salesforce.control.order(Fault("GET /id/", status=200, body=body))
    refused(house.visitor().connect("salesforce"), 400, "not a Salesforce address")
    assert house.every() == []


def test_a_login_host_that_points_elsewhere_is_asked_at_the_known_instance(house: House) -> None:
    fault = Fault("GET /id/", status=302, body="", headers={"Location": "https://evil.example/id"})
    house.salesforce.control.order(fault)
    assert house.visitor().connect("salesforce")[0] == 303


# --- sign-in


def test_an_admin_of_a_connected_crm_signs_in_and_the_stored_tokens_stay(house: House, crm: CrmName) -> None:
    house.visitor().connect(crm)
    [install] = house.every()
    stored, token = house.stored_token(install), house.vault.source(install).current()
    visitor = house.visitor()
    assert visitor.connect(crm, "signin") == (303, f"/installs/{install.id}")
    assert set(visitor.session()) == {"who"}
    assert visitor.session()["who"]["crm"] == crm
    assert house.stored_token(install) == stored
    assert len(house.told) == 1
    assert house.vault.source(install).renew(token).access_token


def test_a_second_admin_becomes_admin_of_the_install(house: House) -> None:
    house.visitor().connect("salesforce")
    [install] = house.every()
    other = second_admin(house)
    visitor = house.visitor()
    assert visitor.connect("salesforce", "signin", who=other)[0] == 303
    with house.database.read() as connection:
        assert installs.is_admin(connection, install.id, visitor.session()["who"]["user_id"])


def second_admin(house: House) -> str:
    """A user of the org who may customise it: the integration user, given the permission for this test's org."""
    org = house.salesforce.org
    user = org.user_by_name("integration@acme.example")
    assert user is not None
    org.people.change(user["Id"], grant=["CustomizeApplication"], deny=[], hide=[], show=[])
    return str(user["Username"])


def test_a_salesforce_sign_in_asks_for_no_refresh_token_and_revokes_at_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.visitor().connect("salesforce")
    there = provider("salesforce", house.settings, house.clock)
    seen: list[Grant] = []

    class Watched:
        def __getattr__(self, name: str) -> Any:
            return getattr(there, name)

        def exchange(self, **values: Any) -> Grant:
            seen.append(there.exchange(**values))
            return seen[-1]

    monkeypatch.setattr(house.vault, "provider", lambda _crm: Watched())
    assert house.visitor().connect("salesforce", "signin")[0] == 303
    assert seen[0].refresh_token == ""
    assert not alive(house, seen[0])


def test_a_stranger_to_the_product_cannot_sign_in(house: House, crm: CrmName) -> None:
    visitor = house.visitor()
    refused(visitor.connect(crm, "signin"), 403, "Not connected yet")
    assert visitor.session() == {}
    assert house.every() == []


def test_a_plain_user_cannot_sign_in(house: House) -> None:
    house.visitor().connect("salesforce")
    visitor = house.visitor()
    refused(visitor.connect("salesforce", "signin", who="user"), 403, "administrator")
    assert visitor.session() == {}


def test_signing_in_starts_a_new_session(house: House, crm: CrmName) -> None:
    visitor: Visitor = house.visitor()
    with visitor.client.session_transaction(base_url=PUBLIC_URL) as session:
        session["left by an attacker"] = "x"
        session["who"] = {"crm": crm, "user_id": "someone else", "name": "x"}
    visitor.connect(crm)
    assert set(visitor.session()) == {"who"}
    assert visitor.session()["who"]["user_id"] != "someone else"


def test_a_failed_sign_in_keeps_who_was_signed_in_before(house: House) -> None:
    visitor = house.visitor()
    visitor.connect("hubspot")
    who = visitor.session()["who"]
    refused(visitor.connect("salesforce", "signin"), 403, "Not connected yet")
    assert visitor.session()["who"] == who


def test_signing_out_forgets_everything(house: House) -> None:
    visitor = house.visitor()
    visitor.connect("hubspot")
    assert visitor.client.get("/signout", base_url=PUBLIC_URL).status_code == 405
    answer = visitor.client.post("/signout", base_url=PUBLIC_URL)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert visitor.session() == {}


def test_two_orgs_are_two_installs_with_their_own_keys(house: House) -> None:
    house.visitor().connect("salesforce")
    house.visitor().connect("hubspot")
    first, second = house.every()
    assert first.key != second.key
    assert {first.crm, second.crm} == set(CRMS)
    assert SALESFORCE_ADMIN not in {first.name, second.name}
