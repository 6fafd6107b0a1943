"""Refreshing: once for all who ask, and never losing the newest token."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.crm import CrmName, Token
from connector.errors import Later, Revoked
from connector.store import installs, leases
from connector.store.installs import Install
from oauth import vault as vaults
from tests.oauth.grants import DEAD, calls, order, ready, works
from tests.oauth.house import House


def test_a_good_token_is_handed_out_without_a_call(house: House, crm: CrmName) -> None:
    _, token = ready(house, crm)
    assert works(house, crm, token)
    assert calls(house, crm) == 0


def test_renewing_gives_a_token_that_works_and_keeps_the_new_refresh_token(house: House, crm: CrmName) -> None:
    install, token = ready(house, crm)
    source = house.vault.source(install)
    for turn in range(1, 4):
        newer = source.renew(token)
        assert newer.access_token != token.access_token
        assert works(house, crm, newer)
        assert calls(house, crm) == turn
        token = newer
    assert source.current() == token


def test_a_token_that_somebody_renewed_already_is_not_renewed_again(house: House, crm: CrmName) -> None:
    install, stale = ready(house, crm)
    newer = house.vault.source(install).renew(stale)
    assert house.another_vault().source(install).renew(stale) == newer
    assert calls(house, crm) == 1


def test_eight_threads_refresh_once(house: House, crm: CrmName) -> None:
    install, stale = ready(house, crm)
    order(house, crm, delay=0.3)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(house.vault.source(install).renew, stale) for _ in range(8)]
        got = {each.result() for each in asked}
    assert len(got) == 1
    assert calls(house, crm) == 1
    assert works(house, crm, got.pop())


def contend(house: House, install: Install, stale: Token, file: Path, *, die: bool = False) -> subprocess.Popen[str]:
    """Start a process that will renew the token in four threads once it gets a line."""
    settings = {name: str(value) for name, value in house.values.items()}
    body = {"settings": settings, "install": install.id, "stale": [stale.access_token, stale.base_url]}
    file.write_text(json.dumps(body | {"threads": 4, "die": die}))
    return subprocess.Popen(
        [sys.executable, "-m", "tests.oauth.contender", str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def said_ready(child: subprocess.Popen[str]) -> bool:
    """Wait until the process has loaded everything."""
    assert child.stdout is not None
    return child.stdout.readline() == "ready\n"


def test_two_processes_of_four_threads_refresh_once(house: House, tmp_path: Path) -> None:
    install, stale = ready(house, "salesforce")
    order(house, "salesforce", delay=0.3)
    children = [contend(house, install, stale, tmp_path / f"order{number}.json") for number in range(2)]
    assert all(said_ready(child) for child in children)
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    said = [child.communicate(timeout=90)[0] for child in children]
    got = {token for text in said for token in json.loads(text.splitlines()[-1])}
    assert len(got) == 1
    assert calls(house, "salesforce") == 1
    assert house.vault.source(install).current().access_token == got.pop()


def test_a_process_killed_between_refresh_and_store_costs_a_reconnect_and_nothing_else(
    house: House, tmp_path: Path
) -> None:
    # The CRM has rotated the token and only the dead process knew the new one: no client can close this gap.
    install, stale = ready(house, "salesforce")
    child = contend(house, install, stale, tmp_path / "order.json", die=True)
    assert said_ready(child)
    child.communicate("go\n", timeout=90)
    assert child.returncode == 9
    house.clock.ahead = timedelta(seconds=house.vault.lease_seconds + 1)  # the dead process's lease runs out
    with pytest.raises(Revoked, match="Connect again"):
        house.vault.source(install).renew(stale)
    after = house.install(install.id)
    assert after is not None
    assert (after.status, after.key) == ("revoked", install.key)
    again = house.installed("salesforce")
    assert (again.id, again.status) == (install.id, "active")
    assert works(house, "salesforce", house.vault.source(again).current())


def test_an_answer_lost_on_the_way_is_tried_again_and_then_costs_a_reconnect(house: House) -> None:
    install, stale = ready(house, "salesforce")
    order(house, "salesforce", drop="after")
    source = house.vault.source(install)
    with pytest.raises(Later):
        source.renew(stale)
    assert house.install(install.id) == install
    with pytest.raises(Revoked):
        source.renew(stale)


def test_hubspot_tokens_are_refreshed_five_minutes_before_they_run_out(house: House) -> None:
    install, first = ready(house, "hubspot")
    source = house.vault.source(install)
    house.clock.ahead = timedelta(minutes=24, seconds=30)
    assert source.current() == first
    house.clock.ahead = timedelta(minutes=25, seconds=30)
    with ThreadPoolExecutor(8) as pool:
        got = {each.result() for each in [pool.submit(source.current) for _ in range(8)]}
    assert len(got) == 1
    assert first not in got
    assert calls(house, "hubspot") == 1
    assert got == {source.current()}


def test_hubspot_may_keep_its_refresh_token(house: House) -> None:
    install, token = ready(house, "hubspot")
    house.hubspot.hub.settings.rotate_refresh = False
    source = house.vault.source(install)
    assert works(house, "hubspot", source.renew(source.renew(token)))


def test_a_withdrawn_grant_revokes_the_install_with_a_sentence_and_asks_the_crm_no_more(
    house: House, crm: CrmName
) -> None:
    install, token = ready(house, crm)
    house.vault.provider(crm).uninstall(house.vault._source(install).good())
    source = house.vault.source(install)
    with pytest.raises(Revoked):
        source.renew(token)
    after = house.install(install.id)
    assert after is not None
    assert after.status == "revoked"
    assert "Connect again" in after.reason
    seen = calls(house, crm)
    for ask in (source.current, lambda: source.renew(token)):
        with pytest.raises(Revoked, match="Connect again"):
            ask()
    assert calls(house, crm) == seen


def test_a_closed_portal_revokes_the_install(house: House) -> None:
    install, token = ready(house, "hubspot")
    order(house, "hubspot", status=400, body={"error": "access_denied", "status": "BAD_HUB", "message": "gone"})
    with pytest.raises(Revoked):
        house.vault.source(install).renew(token)


def test_a_wrong_client_secret_never_revokes(house: House, crm: CrmName) -> None:
    install, token = ready(house, crm)
    broken = house.changed(salesforce_client_secret="wrong", hubspot_client_secret="wrong")
    with pytest.raises(Later, match="client id and secret") as later:
        house.another_vault(broken).source(install).renew(token)
    assert later.value.seconds >= 600
    assert house.install(install.id) == install
    assert works(house, crm, house.vault.source(install).renew(token))


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500, "body": "down"},
        {"status": 503, "body": DEAD},
        {"status": 429, "body": {}},
        {"status": 403, "body": {"error": "what_is_this"}},
        {"status": 200, "body": "no JSON"},
        {"status": 200, "body": {"strange": True}},
        {"status": 400, "body": {**DEAD, "error_description": "token request is already being processed"}},
        {"drop": "before"},
    ],
    ids=str,
)
def test_trouble_on_the_way_is_later_and_leaves_the_install_alone(
    house: House, crm: CrmName, fault: dict[str, Any]
) -> None:
    install, token = ready(house, crm)
    order(house, crm, **fault)
    source = house.vault.source(install)
    with pytest.raises(Later):
        source.renew(token)
    assert house.install(install.id) == install
    assert works(house, crm, source.renew(token))


def test_nobody_follows_a_redirect_with_our_secret_in_the_body(house: House) -> None:
    install, token = ready(house, "hubspot")
    elsewhere = f"{house.salesforce.url}/services/oauth2/token"
    order(house, "hubspot", status=307, body={}, headers={"Location": elsewhere})
    with pytest.raises(Later):
        house.vault.source(install).renew(token)
    assert house.salesforce.control.calls() == []


def test_who_waits_in_vain_comes_back_later(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    install, token = ready(house, "hubspot")
    with house.database.write() as connection:
        leases.take(connection, f"token:{install.id}", "somebody", now=house.clock(), seconds=60)
    monkeypatch.setattr(vaults, "LEASE_MARGIN_SECONDS", 0.2)
    house.vault.lease_seconds = 0.2
    with pytest.raises(Later, match="still refreshing"):
        house.vault.source(install).renew(token)
    assert calls(house, "hubspot") == 0


def test_a_reconnect_during_a_refresh_wins(house: House, crm: CrmName, monkeypatch: pytest.MonkeyPatch) -> None:
    install, token = ready(house, crm)
    fresh = house.grant(crm)
    there = house.vault.provider(crm)

    def refresh_while_the_admin_reconnects(grant: Any) -> Any:
        answer = there.refresh(grant)
        house.installed(crm, fresh)
        return answer

    stand_in = type("StandIn", (), {"refresh": staticmethod(refresh_while_the_admin_reconnects)})
    monkeypatch.setattr(house.vault, "provider", lambda _crm: stand_in)
    assert house.vault.source(install).renew(token).access_token == fresh.access_token
    assert house.vault.source(install).current().access_token == fresh.access_token


def test_a_dead_grant_that_was_replaced_meanwhile_revokes_nothing(
    house: House, crm: CrmName, monkeypatch: pytest.MonkeyPatch
) -> None:
    install, token = ready(house, crm)
    fresh = house.grant(crm)

    def refused_while_the_admin_reconnects(_grant: Any) -> Any:
        house.installed(crm, fresh)
        raise Revoked("dead")

    stand_in = type("StandIn", (), {"refresh": staticmethod(refused_while_the_admin_reconnects)})
    monkeypatch.setattr(house.vault, "provider", lambda _crm: stand_in)
    assert house.vault.source(install).renew(token).access_token == fresh.access_token
    after = house.install(install.id)
    assert after is not None
    assert after.status == "active"


def test_a_refresh_that_ends_after_the_disconnect_leaves_no_living_token(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    install, token = ready(house, "salesforce")
    there = house.vault.provider("salesforce")
    revoked = []

    def refresh_while_the_customer_leaves(grant: Any) -> Any:
        answer = there.refresh(grant)
        with house.database.write() as connection:
            installs.remove(connection, install.id)
        return answer

    def revoke(grant: Any) -> None:
        there.revoke(grant)
        revoked.append(grant)

    functions = {"refresh": staticmethod(refresh_while_the_customer_leaves), "revoke": staticmethod(revoke)}
    monkeypatch.setattr(house.vault, "provider", lambda _crm: type("StandIn", (), functions))
    with pytest.raises(Revoked, match="removed"):
        house.vault.source(install).renew(token)
    assert len(revoked) == 1
    with pytest.raises(Revoked):
        there.refresh(revoked[0])


def test_an_org_that_moved_is_followed_but_a_foreign_address_is_not(house: House) -> None:
    install, token = ready(house, "salesforce")
    source = house.vault.source(install)
    answer = {"access_token": "a1", "refresh_token": "r1", "token_type": "Bearer"}
    order(house, "salesforce", status=200, body={**answer, "instance_url": "https://evil.example"})
    order(
        house,
        "salesforce",
        status=200,
        body={**answer, "access_token": "a2", "instance_url": "https://new.my.salesforce.com"},
    )
    assert source.renew(token) == Token("a1", token.base_url)
    assert source.renew(Token("a1", token.base_url)) == Token("a2", "https://new.my.salesforce.com")


def test_a_lease_is_given_back_even_when_the_refresh_fails(house: House, crm: CrmName) -> None:
    install, token = ready(house, crm)
    order(house, crm, status=503, body="down")
    with suppress(Later):
        house.vault.source(install).renew(token)
    with house.database.read() as connection:
        assert not leases.held(connection, f"token:{install.id}", now=datetime.now(UTC))
