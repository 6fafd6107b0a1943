"""An install's page says how changes reach us: as they happen, by asking, or not at the moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.crm import Allowance
from connector.store import installs, streams, usage
from connector.store.installs import Install
from tests.connector.web.kit import Browser, House


def said(admin: Browser, install: Install) -> str:
    page = admin.page(f"/installs/{install.id}")
    assert page.main is not None
    return " ".join(page.main.text.split())


def note(house: House, install: Install, standing: streams.Standing, *, reason: str = "") -> None:
    with house.database.write() as connection:
        until = house.now + timedelta(hours=4) if reason else None
        streams.put(connection, install.id, standing, now=house.now, reason=reason, next_try=until)


SAID: dict[streams.Standing, str] = {
    "live": "Changes in Salesforce arrive as they happen; the stream was opened just now.",
    "polling": (
        "Salesforce has delivered all events that your org may get in 24 hours, over all its apps. Switchyard asks for "
        "changes every minute instead, and listens again in 4 hours."
    ),
    "broken": (
        "Salesforce's events do not come through. Since just now: Broken. Switchyard tries again by itself, in 4 hours."
    ),
}


@pytest.mark.parametrize("standing", SAID)
def test_the_page_says_how_changes_reach_us(
    house: House, alice: Browser, acme: Install, standing: streams.Standing
) -> None:
    note(house, acme, standing, reason="" if standing == "live" else "Broken")
    assert SAID[standing] in said(alice, acme)


def test_before_the_first_event_and_while_routing_stands_still_the_page_says_nothing_of_it(
    house: House, alice: Browser, acme: Install
) -> None:
    assert "arrive as they happen" not in said(alice, acme)
    note(house, acme, "polling", reason="Spent")
    with house.database.write() as connection:
        installs.set_status(connection, acme.id, "paused", "Mend it.")
    assert "asks for changes" not in said(alice, acme)


def test_who_gets_no_events_is_told_what_to_do_and_when_even_asking_rests(
    house: House, alice: Browser, acme: Install
) -> None:
    note(house, acme, "polling", reason="Spent")
    assert "What to do: nothing. If it comes often, see which other apps" in said(alice, acme)
    with house.database.write() as connection:
        usage.tell(connection, acme.id, Allowance(used=99_991, total=100_000), now=house.now)
    text = said(alice, acme)
    assert "But that rests now, too. Rests to save API calls: the org has used 99,991 of its 100,000" in text
    assert "New leads are found when there are calls again; none is lost. What to do: see where the calls go." in text
    assert "No calls are left" not in text
    with house.database.write() as connection:
        usage.tell(connection, acme.id, Allowance(used=100_000, total=100_000), now=house.now)
    assert "No calls are left. They come back by themselves over 24 hours." in said(alice, acme)


def test_a_stream_that_stays_broken_leads_to_the_permission_check(house: House, alice: Browser, acme: Install) -> None:
    note(house, acme, "broken", reason="Broken")
    assert "If it stays, run the permission check." in said(alice, acme)
