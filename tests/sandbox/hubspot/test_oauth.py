from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from bs4 import BeautifulSoup

from tests.sandbox.hubspot.conftest import CONTACTS, Client

if TYPE_CHECKING:
    from tests.sandbox.hubspot import Sandbox

BACK = "http://127.0.0.1:5000/back"
TOKEN = "/oauth/2026-09/token"


def ask(sandbox: Sandbox, path: str = "/oauth/authorize", **changes: str) -> requests.Response:
    manifest = sandbox.hub.manifest
    query = {
        "client_id": sandbox.client_id,
        "redirect_uri": BACK,
        "scope": " ".join(manifest.required),
        "optional_scope": " ".join(manifest.optional),
        "state": "a state/=?",
    }
    return requests.get(sandbox.url + path, params=query | changes, timeout=10)


def decide(page: requests.Response, account: str | None = None, decision: str = "allow") -> requests.Response:
    """Fill in the page's form as a browser would."""
    form = BeautifulSoup(page.text, "html.parser").find("form")
    assert form is not None
    fields = {str(one["name"]): str(one.get("value", "")) for one in form.find_all("input", type="hidden")}
    chosen = form.find("input", checked=True)
    assert chosen is not None
    fields |= {"account": account or str(chosen["value"]), "decision": decision}
    return requests.post(page.url.partition("?")[0], data=fields, allow_redirects=False, timeout=10)


def answer_of(response: requests.Response) -> dict[str, str]:
    assert response.status_code == 302, response.text
    return {key: values[0] for key, values in parse_qs(urlsplit(response.headers["Location"]).query).items()}


def token(sandbox: Sandbox, path: str = TOKEN, **form: str) -> requests.Response:
    secrets = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
    return requests.post(sandbox.url + path, data=secrets | form, timeout=10)


def exchanged(sandbox: Sandbox) -> dict[str, Any]:
    code = answer_of(decide(ask(sandbox)))["code"]
    answer = token(sandbox, grant_type="authorization_code", code=code, redirect_uri=BACK)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def call(sandbox: Sandbox, access_token: str) -> requests.Response:
    return Client(sandbox, sandbox.portal, access_token).get(CONTACTS)


def refresh(sandbox: Sandbox, refresh_token: str) -> requests.Response:
    return token(sandbox, grant_type="refresh_token", refresh_token=refresh_token)


def test_an_admin_installs_the_app_by_page_and_form_and_gets_working_tokens(sandbox: Sandbox) -> None:
    back = answer_of(decide(ask(sandbox)))
    assert back["state"] == "a state/=?"
    body = token(sandbox, grant_type="authorization_code", code=back["code"], redirect_uri=BACK).json()
    assert body["hub_id"] == sandbox.portal
    assert body["expires_in"] == 1800
    assert body["token_type"] == "bearer"
    assert {"oauth", "crm.objects.leads.read", "crm.schemas.custom.write"} <= set(body["scopes"])
    assert len(body["access_token"]) > 255
    assert call(sandbox, body["access_token"]).status_code == 200


def test_a_refusing_user_sends_an_error_and_the_state_back(sandbox: Sandbox) -> None:
    back = answer_of(decide(ask(sandbox), decision="deny"))
    assert back["error"] == "access_denied"
    assert back["state"] == "a state/=?"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"client_id": "someone-else"}, "client ID"),
        ({"redirect_uri": "http://127.0.0.1:5000/elsewhere"}, "redirect URL"),
        ({"scope": "oauth"}, "required scopes"),
        ({"optional_scope": "tickets"}, "optional scopes"),
    ],
)
def test_an_install_url_that_does_not_fit_the_app_is_blocked(
    sandbox: Sandbox, change: dict[str, str], reason: str
) -> None:
    page = ask(sandbox, **change)
    assert page.status_code == 400
    assert reason in page.text


def test_a_user_without_the_right_to_install_apps_is_refused(sandbox: Sandbox) -> None:
    rep = next(user for user, _, admin in sandbox.hub.portals.users(sandbox.portal) if not admin)
    refused = decide(ask(sandbox), account=f"{sandbox.portal}:{rep}")
    assert refused.status_code == 400
    assert "super admin" in refused.text


def test_scopes_that_the_tier_lacks_are_dropped_without_a_word(sandbox: Sandbox) -> None:
    sandbox.hub.portals.add(52, tier="free")
    back = answer_of(decide(ask(sandbox, path="/oauth/52/authorize")))
    body = token(sandbox, grant_type="authorization_code", code=back["code"], redirect_uri=BACK).json()
    assert body["hub_id"] == 52
    assert not [scope for scope in body["scopes"] if "leads" in scope or "custom" in scope]
    assert "crm.objects.contacts.write" in body["scopes"]


def test_the_page_for_one_portal_offers_only_that_portal(sandbox: Sandbox) -> None:
    sandbox.hub.portals.add(52, name="Small & free", tier="free")
    page = ask(sandbox, path="/oauth/52/authorize")
    assert "Small &amp; free" in page.text
    assert not re.search(rf'value="{sandbox.portal}:', page.text)


def test_a_code_works_once(sandbox: Sandbox) -> None:
    code = answer_of(decide(ask(sandbox)))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    assert token(sandbox, **form).status_code == 200
    again = token(sandbox, **form)
    assert (again.status_code, again.json()["status"]) == (400, "BAD_AUTH_CODE")


def test_a_code_needs_the_verifier_of_its_challenge(sandbox: Sandbox) -> None:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"verifier").digest()).decode().rstrip("=")
    for verifier, status in (("wrong", 400), ("verifier", 200)):
        page = ask(sandbox, code_challenge=challenge, code_challenge_method="S256")
        code = answer_of(decide(page))["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": verifier}
        assert token(sandbox, **form).status_code == status


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_id": "wrong"}, "BAD_CLIENT_ID", "invalid_client"),
        ({"client_secret": "wrong"}, "BAD_CLIENT_SECRET", "invalid_client"),
        ({"refresh_token": "wrong"}, "BAD_REFRESH_TOKEN", "invalid_grant"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE", "unsupported_grant_type"),
    ],
)
def test_token_errors_say_whose_fault_it_is(sandbox: Sandbox, form: dict[str, str], status: str, error: str) -> None:
    answer = token(sandbox, **({"grant_type": "refresh_token", "refresh_token": "x"} | form))
    assert answer.status_code == 400
    body = answer.json()
    assert (body["status"], body["error"]) == (status, error)
    assert body["message"] == body["error_description"]


def test_the_token_endpoint_takes_a_form_body_only(sandbox: Sandbox) -> None:
    form = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret, "grant_type": "refresh_token"}
    assert requests.post(sandbox.url + TOKEN, json=form, timeout=10).status_code == 400
    assert requests.post(sandbox.url + TOKEN, params=form, timeout=10).status_code == 400
    assert requests.post(sandbox.url + "/oauth/v1/token", data=form, timeout=10).status_code == 404


def test_a_refresh_keeps_the_refresh_token_and_leaves_the_old_access_token_alive(sandbox: Sandbox) -> None:
    first = exchanged(sandbox)
    second = refresh(sandbox, first["refresh_token"]).json()
    assert second["refresh_token"] == first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert call(sandbox, first["access_token"]).status_code == 200


def test_on_order_a_refresh_token_is_dead_after_one_use(sandbox: Sandbox) -> None:
    first = exchanged(sandbox)
    sandbox.hub.settings.rotate_refresh = True
    second = refresh(sandbox, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert refresh(sandbox, first["refresh_token"]).json()["status"] == "BAD_REFRESH_TOKEN"


def test_an_expired_access_token_says_so_and_a_refresh_helps(sandbox: Sandbox) -> None:
    first = exchanged(sandbox)
    assert requests.post(sandbox.url + "/_control/expire", json={}, timeout=10).status_code == 200
    late = call(sandbox, first["access_token"])
    assert late.status_code == 401
    assert late.json()["category"] == "EXPIRED_AUTHENTICATION"
    assert late.json()["context"]["expire time"]
    assert call(sandbox, refresh(sandbox, first["refresh_token"]).json()["access_token"]).status_code == 200


def test_an_unknown_token_is_invalid_authentication(sandbox: Sandbox) -> None:
    answer = call(sandbox, "nonsense")
    assert answer.status_code == 401
    assert answer.json()["category"] == "INVALID_AUTHENTICATION"


def test_introspection_describes_a_live_token_and_nothing_of_a_dead_one(sandbox: Sandbox) -> None:
    tokens = exchanged(sandbox)
    alive = token(sandbox, f"{TOKEN}/introspect", token=tokens["access_token"]).json()
    assert alive["active"] is True
    assert (alive["hub_id"], alive["app_id"]) == (sandbox.portal, sandbox.app_id)
    assert alive["user"] == f"admin@portal{sandbox.portal}.example.com"
    assert 1700 < alive["expires_in"] <= 1800
    assert token(sandbox, f"{TOKEN}/introspect", token="nonsense").json() == {"active": False}


def test_revoking_a_refresh_token_does_not_kill_issued_access_tokens(sandbox: Sandbox) -> None:
    tokens = exchanged(sandbox)
    assert token(sandbox, f"{TOKEN}/revoke", token=tokens["refresh_token"]).status_code == 200
    assert refresh(sandbox, tokens["refresh_token"]).json()["status"] == "BAD_REFRESH_TOKEN"
    assert token(sandbox, f"{TOKEN}/introspect", token=tokens["refresh_token"]).json() == {"active": False}
    assert call(sandbox, tokens["access_token"]).status_code == 200


def test_the_app_uninstalls_itself_with_the_portals_token(sandbox: Sandbox) -> None:
    tokens = exchanged(sandbox)
    client = Client(sandbox, sandbox.portal, tokens["access_token"])
    assert client.call("DELETE", "/appinstalls/2026-09/external-install").status_code == 204
    assert refresh(sandbox, tokens["refresh_token"]).json()["status"] == "BAD_REFRESH_TOKEN"
    assert client.get(CONTACTS).status_code == 401


def test_a_users_uninstall_shows_only_in_the_failing_refresh(sandbox: Sandbox) -> None:
    tokens = exchanged(sandbox)
    requests.post(sandbox.url + "/_control/uninstall", json={"portalId": sandbox.portal}, timeout=10)
    assert refresh(sandbox, tokens["refresh_token"]).json()["status"] == "BAD_REFRESH_TOKEN"


def test_a_portal_that_is_gone_is_a_bad_hub(sandbox: Sandbox) -> None:
    tokens = exchanged(sandbox)
    requests.delete(f"{sandbox.url}/_control/portals/{sandbox.portal}", timeout=10)
    answer = refresh(sandbox, tokens["refresh_token"])
    assert (answer.status_code, answer.json()["status"]) == (400, "BAD_HUB")
    assert answer.json()["error"] == "access_denied"


def test_a_second_install_after_an_uninstall_works_again(sandbox: Sandbox) -> None:
    first = exchanged(sandbox)
    requests.post(sandbox.url + "/_control/uninstall", json={"portalId": sandbox.portal}, timeout=10)
    second = exchanged(sandbox)
    assert call(sandbox, second["access_token"]).status_code == 200
    assert call(sandbox, first["access_token"]).status_code == 401
