"""A mass match in the console: where it stands, that it is paused, what came of it."""

from __future__ import annotations

from connector.store import progress
from connector.store.installs import Install
from jobs import massmatch
from tests.connector.web.kit import Browser, House


def test_a_mass_match_is_shown_where_the_backfill_is(house: House, alice: Browser, acme: Install) -> None:
    path = f"/installs/{acme.id}/work"
    with house.database.write() as connection:
        name = massmatch.start(connection, acme.id, work="match", which="unmatched", now=house.now)
        progress.move(connection, acme.id, name, now=house.now, state="running", done=400, total=1200)
    text = alice.page(path).get_text(" ", strip=True)
    assert "Matching leads without an account" in text
    assert "400 of 1,200 records" in text
    with house.database.write() as connection:
        progress.pause(connection, acme.id, massmatch.NAMES, now=house.now)
    text = alice.page(path).get_text(" ", strip=True)
    assert "Paused at 400 of 1,200 records" in text
    assert "switchyard match resume" in text


def test_what_came_of_a_try_is_told_when_it_is_done(house: House, alice: Browser, acme: Install) -> None:
    reason = massmatch.told("try", {"matched": 1200, "none": 3})
    with house.database.write() as connection:
        name = massmatch.start(connection, acme.id, work="try", which="all", now=house.now)
        progress.move(connection, acme.id, name, now=house.now, state="done", done=1203, total=1203, reason=reason)
    text = alice.page(f"/installs/{acme.id}/work").get_text(" ", strip=True)
    assert "Trying to match all leads: Tried, nothing was changed: 1,200 matched, 0 for review, 3 without" in text
