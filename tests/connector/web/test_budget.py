"""What an install's page says of the CRM's API calls, and of decisions that wait for the CRM."""

from __future__ import annotations

from datetime import timedelta

from connector.crm import Allowance
from connector.errors import Later
from connector.store import decisions, unfinished, usage
from connector.store.decisions import Intent
from connector.store.installs import Install
from jobs import policy
from tests.connector.store.kit import decision
from tests.connector.web.kit import Browser, House, main


def test_nothing_is_said_of_calls_before_the_crm_has(alice: Browser, own: str) -> None:
    assert alice.page(own).select_one("#calls") is None


def test_the_calls_of_the_org_ours_and_the_forecast_are_shown(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    house.now = house.now.replace(hour=12, minute=0, second=0, microsecond=0)
    with house.database.write() as connection:
        usage.tell(connection, acme.id, Allowance(used=12_340, total=100_000), now=house.now - timedelta(minutes=2))
        usage.add(connection, acme.id, {"live": 2000, "backfill": 1100}, now=house.now - timedelta(hours=1))
    text = main(alice.page(own))
    assert "12,340 of the 100,000 calls that Salesforce allows were made by all apps together" in text
    assert "2 minutes ago" in text
    assert "Switchyard made 3,100 of them." in text
    assert "For leads as they come 2,000 To catch up 1,100" in text
    assert "Since midnight UTC Switchyard made 3,100; at this rate it will be 21,700 by the next midnight." in text
    assert "Switchyard keeps to 25,000 calls in 24 hours, so that new leads always have calls." in text
    assert "It rests from reading everything, matching again and the like at 20,000." in text


def test_decisions_that_wait_for_the_crm_say_what_for(house: House, alice: Browser, acme: Install, own: str) -> None:
    assert "tried again by itself" not in main(alice.page(own))
    reason = "The org's data storage is full: free some or buy more (STORAGE_LIMIT_EXCEEDED)"
    with house.database.write() as connection:
        made = [Intent(decision(key, f"l-{key}"), ()) for key in ("w1", "w2")]
        decisions.intend(connection, acme.id, house.keyring.seal(acme.key), made, now=house.now)
        until = house.now + timedelta(minutes=15)
        unfinished.postpone(connection, acme.id, ["w1", "w2"], until=until, reason=reason, failed=False)
    text = main(alice.page(own))
    assert f"2 decisions wait: {reason}. Tried again in 15 minutes." in text


def test_why_the_crm_wants_quiet_and_until_when(house: House, alice: Browser, acme: Install, own: str) -> None:
    error = Later("The org has used up its API calls (REQUEST_LIMIT_EXCEEDED)", seconds=900)
    with house.database.write() as connection:
        policy.pause_install(connection, acme.id, error, now=house.now)
    text = main(alice.page(own))
    assert "asked us to slow down: The org has used up its API calls (REQUEST_LIMIT_EXCEEDED)." in text
    assert "go on by themselves in 15 minutes; none is lost." in text
