"""Connecting as a person lives it: click, allow, come back; and everything that can go wrong on the way."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from connector.crm import CrmName
from connector.store import installs, progress
from tests.oauth.house import House, lose_rights, refused, second_admin
from tests.sandbox.control import Fault


def test_an_admin_installs_and_is_signed_in(house: House, crm: CrmName) -> None:
    visitor = house.visitor()
    status, target = visitor.connect(crm)
    [(install, new)] = house.told
    assert (status, target) == (303, f"/installs/{install.id}")
    assert new
    assert (install.crm, install.status, install.mode) == (crm, "active", "observe")
    who = visitor.session()["who"]
    assert set(visitor.session()) == {"who"}
    assert set(who) == {"crm", "tenant_id", "user_id", "name", "at", "epoch"}
    assert (who["crm"], who["tenant_id"]) == (crm, install.tenant_id)
    assert abs(who["at"] - house.clock().timestamp()) < 60
    assert house.lets_in(install, who)
    with house.database.read() as connection:
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


@pytest.mark.parametrize(("tier", "extra"), [("enterprise", 11), ("professional", 7), ("free", 3)])
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


def test_an_install_refused_for_rights_that_were_lost_ends_what_they_opened(house: House) -> None:
    visitor, user = house.visitor(), second_admin(house)
    visitor.connect("salesforce", who=user)
    [install] = house.every()
    who = visitor.session()["who"]
    lose_rights(house, user)
    refused(house.visitor().connect("salesforce", who=user), 403, "administrator")
    assert not house.lets_in(install, who)
    assert house.install(install.id) == install


@pytest.mark.parametrize("call", ["POST .*/token/introspect", "GET /account-info"])
def test_a_failed_hubspot_install_of_a_portal_we_do_not_know_leaves_no_grant(house: House, call: str) -> None:
    house.hubspot.control.order(Fault(call, status=503, body={}))
    refused(house.visitor().connect("hubspot"), 503, "does not answer")
    assert house.calls("hubspot", "/oauth/2026-09/token/revoke") == 1


def test_an_install_that_cannot_be_stored_leaves_no_grant(
    house: House, crm: CrmName, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_values: object) -> None:
        raise OperationalError("INSERT", {}, RuntimeError("disk full"))

    monkeypatch.setattr(house.vault, "keep", fail)
    visitor = house.visitor()
    back = house.approve(visitor.start(crm))
    assert visitor.open(back)[0] == 500
    assert house.every() == []
    path = "/oauth/2026-09/token/revoke" if crm == "hubspot" else "/services/oauth2/revoke"
    assert house.calls(crm, path) == 1


def test_a_failed_reconnect_to_hubspot_does_not_harm_the_install(house: House) -> None:
    house.visitor().connect("hubspot")
    [install] = house.every()
    house.hubspot.control.order(Fault("GET /account-info", status=503, body={}))
    refused(house.visitor().connect("hubspot"), 503, "does not answer")
    assert house.calls("hubspot", "/oauth/2026-09/token/revoke") == 0
    source = house.vault.source(install)
    assert source.renew(source.current()).access_token


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
