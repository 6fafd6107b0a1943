"""While an org may get no events, changes are asked for; the console can read how each stream is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from connector.errors import Exhausted, Later
from connector.store import leases, letters
from connector.store import streams as standings
from jobs import backfill, streams
from tests.jobs.conftest import House
from tests.jobs.streaming import Batch, Listener, Salesforce, Stream, inbox, known, place, standing, wait

SPENT = "The org has used up its event deliveries for 24 hours"


def asked(house: House) -> list[datetime]:
    """Return since when each kind was asked for."""
    return [each.event.at for each in inbox(house) if each.event.key.startswith("poll:")]


def settle(house: House) -> None:
    """Let a worker answer all letters."""
    with house.database.write() as connection:
        found = letters.waiting(connection, house.install.id, now=house.now, records=100)
        letters.settle(connection, house.install.id, [each.id for each in found])


def test_while_an_org_may_get_no_events_changes_are_asked_for(house: House, listening: Callable[..., Listener]) -> None:
    known(house)
    began = house.now
    house.later(minutes=3)
    crm = Salesforce([Stream([], Exhausted(SPENT, seconds=4 * 3600))])
    listening(crm)
    wait(lambda: asked(house), "the first question")
    kinds = {each.event.kind for each in inbox(house)}
    assert (kinds, set(asked(house))) == ({*backfill.KINDS, "rule"}, {began})
    assert house.rung
    shown = standing(house)
    assert shown is not None
    assert (shown.standing, shown.reason, shown.since) == ("polling", SPENT, house.now)
    assert shown.next_try == house.now + timedelta(hours=4)
    house.later(minutes=1)
    settle(house)
    wait(lambda: asked(house), "the second question")
    assert set(asked(house)) <= {house.now - timedelta(minutes=1), house.now}
    assert len(crm.opened) == 1
    assert crm.live == []


def test_a_question_that_is_still_in_the_inbox_is_not_put_twice(house: House) -> None:
    fence = ("stream:x", "me")
    with house.database.write() as connection:
        leases.take(connection, *fence, now=house.now, seconds=30)
        standings.put(connection, house.install.id, "polling", now=house.now)
    began = house.now
    house.later(minutes=1)
    assert streams.ask(house.tools, house.install.id, began, fence=fence) == house.now
    first = house.now
    house.later(minutes=1)
    house.rung.clear()
    assert streams.ask(house.tools, house.install.id, first, fence=fence) == first
    assert (set(asked(house)), house.rung) == ({began}, [])
    settle(house)
    house.later(minutes=1)
    assert streams.ask(house.tools, house.install.id, first, fence=fence) == house.now
    assert set(asked(house)) == {first}


def test_when_events_may_come_again_the_stream_starts_anew_and_what_lies_between_is_compared(
    house: House, listening: Callable[..., Listener]
) -> None:
    known(house, b"old")
    back = Stream([Batch((house.event("l1"),), b"new")])
    crm = Salesforce([Stream([], Exhausted(SPENT, seconds=0.05)), back])
    listening(crm)
    wait(lambda: place(house) == b"new", "the stream is back")
    assert back.place is None
    compared = {each.event.kind for each in inbox(house) if each.event.key.startswith("start:")}
    assert compared == {*backfill.KINDS, "rule"}
    shown = standing(house)
    assert shown is not None
    assert (shown.standing, shown.reason, shown.next_try) == ("live", "", None)


def test_changes_are_asked_for_until_the_stream_stands(house: House, listening: Callable[..., Listener]) -> None:
    """Salesforce may take minutes to say anything on a quiet org's stream."""
    known(house, b"old")
    crm = Salesforce([Stream([], Exhausted(SPENT, seconds=0.05)), Stream()])
    listening(crm)
    wait(lambda: crm.live, "the stream is open")
    settle(house)
    wait(lambda: asked(house), "asked again")
    assert place(house) == b"old"


def test_a_listener_that_takes_over_waits_for_the_end_of_the_pause_too(
    house: House, listening: Callable[..., Listener]
) -> None:
    known(house)
    until = house.now + timedelta(hours=1)
    with house.database.write() as connection:
        standings.put(connection, house.install.id, "polling", now=house.now, next_try=until, asked_at=house.now)
    crm = Salesforce()
    listening(crm)
    wait(lambda: asked(house), "the question")
    assert (crm.opened, set(asked(house))) == ([], {house.now})


def test_a_stream_that_stands_is_called_live_and_one_that_keeps_breaking_broken(
    house: House, listening: Callable[..., Listener]
) -> None:
    known(house)
    crm = Salesforce([*(Stream([], Later("Busy.", seconds=0.01)) for _ in range(3)), Stream([Batch((), b"1")])])
    seen: list[Any] = []
    noted = standings.put

    def note(*given: Any, **named: Any) -> None:
        seen.append((given[2], named.get("reason", "")))
        noted(*given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(standings, "put", note)
        listening(crm)
        wait(lambda: place(house) == b"1", "back")
    assert seen == [("broken", "Busy."), ("broken", "Busy."), ("live", "")]
