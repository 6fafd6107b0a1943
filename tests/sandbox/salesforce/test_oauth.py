"""OAuth as a partner's External Client App meets it: PKCE, rotation, revocation, an uninstalled package."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from .clients import REDIRECT, allow, browser, connect, pkce, token_call
from .org import ADMIN_USER, INTEGRATION_USER, STANDARD_USER

if TYPE_CHECKING:
    from .server import Sandbox


def test_a_person_signs_in_on_the_page_and_the_code_becomes_tokens(shared: Sandbox) -> None:
    verifier, challenge = pkce()
    query = {
        "response_type": "code",
        "client_id": shared.client_id,
        "redirect_uri": REDIRECT,
        "scope": "api refresh_token",
        "state": "xyz",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "login_hint": ADMIN_USER,
    }
    visitor = browser(shared)
    page = visitor.get(f"{shared.url}/services/oauth2/authorize", params=query, timeout=10)
    form = BeautifulSoup(page.text, "html.parser").form
    assert form is not None
    selected = form.find("option", selected=True)
    assert selected is not None
    assert selected["value"] == ADMIN_USER
    fields = {str(tag["name"]): str(tag["value"]) for tag in form.find_all("input")}
    fields |= {"username": ADMIN_USER, "decision": "allow"}
    back = visitor.post(f"{shared.url}{form['action']}", data=fields, allow_redirects=False, timeout=10)
    assert back.headers["Location"].startswith(f"{REDIRECT}?code=")
    assert "state=xyz" in back.headers["Location"]
    code = back.headers["Location"].split("code=")[1].split("&")[0]
    tokens = token_call(
        shared, grant_type="authorization_code", code=code, redirect_uri=REDIRECT, code_verifier=verifier
    ).json()
    assert set(tokens) == {
        *("access_token", "refresh_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at")
    }
    assert tokens["instance_url"] == shared.url
    assert tokens["access_token"].startswith("00D")


def test_identity_url_tells_org_and_user(shared: Sandbox) -> None:
    tokens = connect(shared)
    header = {"Authorization": f"Bearer {tokens['access_token']}"}
    identity = browser(shared).get(tokens["id"], headers=header, timeout=10).json()
    assert identity["username"] == INTEGRATION_USER
    assert identity["organization_id"] == shared.org.org_id
    assert len(identity["organization_id"]) == 18
    userinfo = browser(shared).get(f"{shared.url}/services/oauth2/userinfo", headers=header, timeout=10).json()
    assert userinfo["user_id"] == identity["user_id"]


def test_identity_url_refuses_a_wrong_token(shared: Sandbox) -> None:
    tokens = connect(shared)
    answer = browser(shared).get(tokens["id"], headers={"Authorization": "Bearer nonsense"}, timeout=10)
    assert (answer.status_code, answer.text) == (403, "Bad_OAuth_Token")


def test_discovery_names_the_endpoints(shared: Sandbox) -> None:
    document = browser(shared).get(f"{shared.url}/.well-known/openid-configuration", timeout=10).json()
    assert document["token_endpoint"] == f"{shared.url}/services/oauth2/token"
    assert document["code_challenge_methods_supported"] == ["S256"]


def test_without_a_challenge_there_is_no_code(shared: Sandbox) -> None:
    back = allow(shared)
    assert back["error"] == "invalid_request"
    assert back["state"] == "s1"
    assert "code challenge" in back["error_description"]


def test_plain_challenge_method_is_refused(shared: Sandbox) -> None:
    assert allow(shared, code_challenge=pkce()[1], code_challenge_method="plain")["error"] == "invalid_request"


@pytest.mark.parametrize("verifier", ["", "x" * 50])
def test_wrong_verifier_gets_no_token(shared: Sandbox, verifier: str) -> None:
    back = allow(shared, code_challenge=pkce()[1])
    answer = token_call(
        shared, grant_type="authorization_code", code=back["code"], redirect_uri=REDIRECT, code_verifier=verifier
    )
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_grant", "invalid_request"}


def test_a_code_works_only_once(shared: Sandbox) -> None:
    verifier, challenge = pkce()
    form = {
        "grant_type": "authorization_code",
        "code": allow(shared, code_challenge=challenge)["code"],
        "redirect_uri": REDIRECT,
        "code_verifier": verifier,
    }
    assert token_call(shared, **form).status_code == 200
    assert token_call(shared, **form).json() == {
        "error": "invalid_grant",
        "error_description": "expired authorization code",
    }


def test_a_code_dies_with_its_time(sandbox: Sandbox) -> None:
    sandbox.org.settings.code_seconds = -1
    verifier, challenge = pkce()
    code = allow(sandbox, code_challenge=challenge)["code"]
    answer = token_call(
        sandbox, grant_type="authorization_code", code=code, redirect_uri=REDIRECT, code_verifier=verifier
    )
    assert answer.json()["error"] == "invalid_grant"


def test_unregistered_redirect_uri_shows_a_page_and_sends_nobody_away(shared: Sandbox) -> None:
    back = allow(shared, redirect_uri="https://evil.example/", code_challenge=pkce()[1])
    assert "redirect_uri_mismatch" in back["page"]


def test_deny_comes_back_as_access_denied(shared: Sandbox) -> None:
    back = allow(shared, decision="deny", code_challenge=pkce()[1])
    assert back["error"] == "access_denied"


def test_wrong_secret_is_refused(shared: Sandbox) -> None:
    tokens = connect(shared)
    answer = token_call(
        shared, grant_type="refresh_token", refresh_token=tokens["refresh_token"], client_secret="wrong"
    )
    assert answer.json()["error"] == "invalid_client"


def test_without_the_scope_there_is_no_refresh_token(shared: Sandbox) -> None:
    assert "refresh_token" not in connect(shared, scope="api id")


def test_old_refresh_token_is_dead_after_one_use(shared: Sandbox) -> None:
    first = connect(shared)
    second = token_call(shared, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    again = token_call(shared, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert again.status_code == 400
    assert again.json() == {"error": "invalid_grant", "error_description": "expired access/refresh token"}
    third = token_call(shared, grant_type="refresh_token", refresh_token=second["refresh_token"])
    assert third.status_code == 200


def test_a_refresh_token_that_nobody_used_for_thirty_days_is_dead(sandbox: Sandbox) -> None:
    first, idle = connect(sandbox), 30 * 86400
    with sandbox.org.store.write() as connection:
        connection.execute("UPDATE sys_token SET issued = issued - ?", (idle - 60,))
    second = token_call(sandbox, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    with sandbox.org.store.write() as connection:
        connection.execute("UPDATE sys_token SET issued = issued - ?", (idle + 60,))
    dead = token_call(sandbox, grant_type="refresh_token", refresh_token=second["refresh_token"])
    assert (dead.status_code, dead.json()["error"]) == (400, "invalid_grant")


def test_of_parallel_refreshes_exactly_one_wins(sandbox: Sandbox) -> None:
    token = connect(sandbox)["refresh_token"]
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(token_call, sandbox, grant_type="refresh_token", refresh_token=token) for _ in range(8)]
    assert sorted(call.result().status_code for call in calls) == [200, *[400] * 7]


def test_revoking_a_refresh_token_kills_its_access_tokens_but_no_other_grant(shared: Sandbox) -> None:
    one, other = connect(shared), connect(shared)
    url = f"{shared.url}/services/oauth2/revoke"
    assert browser(shared).post(url, data={"token": one["refresh_token"]}, timeout=10).status_code == 200
    limits = f"{shared.url}/services/data/v66.0/limits"
    statuses = [
        browser(shared).get(limits, headers={"Authorization": f"Bearer {item['access_token']}"}, timeout=10).status_code
        for item in (one, other)
    ]
    assert statuses == [401, 200]


def test_introspection_tells_live_from_dead(sandbox: Sandbox) -> None:
    tokens = connect(sandbox)
    client = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
    url = f"{sandbox.url}/services/oauth2/introspect"

    def introspect() -> dict[str, object]:
        answer: dict[str, object] = (
            browser(sandbox).post(url, data={**client, "token": tokens["access_token"]}, timeout=10).json()
        )
        return answer

    assert introspect()["active"] is True
    assert introspect()["username"] == INTEGRATION_USER
    sandbox.org.tokens.expire()
    assert introspect() == {"active": False}


def test_expired_access_token_is_refused_and_a_refresh_helps(sandbox: Sandbox) -> None:
    tokens = connect(sandbox)
    browser(sandbox).post(f"{sandbox.url}/_control/expire", timeout=10)
    url = f"{sandbox.url}/services/data/v66.0/sobjects"
    stale = browser(sandbox).get(url, headers={"Authorization": f"Bearer {tokens['access_token']}"}, timeout=10)
    assert stale.status_code == 401
    assert stale.json()[0]["errorCode"] == "INVALID_SESSION_ID"
    fresh = token_call(sandbox, grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()
    good = browser(sandbox).get(url, headers={"Authorization": f"Bearer {fresh['access_token']}"}, timeout=10)
    assert good.status_code == 200


def test_without_the_package_only_those_with_a_special_permission_connect(sandbox: Sandbox) -> None:
    tokens = connect(sandbox)
    browser(sandbox).post(f"{sandbox.url}/_control/package", json={"installed": False}, timeout=10)
    back = allow(sandbox, user=STANDARD_USER, code_challenge=pkce()[1])
    assert back["error_description"] == "Access to uninstalled connected app is denied"
    assert "code" in allow(sandbox, user=ADMIN_USER, code_challenge=pkce()[1])
    answer = token_call(sandbox, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert answer.json()["error"] == "invalid_grant"
    browser(sandbox).post(f"{sandbox.url}/_control/package", json={"installed": True}, timeout=10)
    assert "code" in allow(sandbox, user=STANDARD_USER, code_challenge=pkce()[1])
