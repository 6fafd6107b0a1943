"""However many letters an install has, it has one place in the queue, and gives it up when its turn is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.store import progress
from jobs import backfill
from jobs.drain import PAGE_EVERY, drain
from jobs.tools import NoDoor
from tests.jobs.conftest import House

BATCH, LETTERS = 2, 7


class Watch:
    """A watch on which a second goes by whenever somebody looks, so that a turn is over after a round or two."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        """Return the time."""
        self.now += 1.0
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time go by."""
        self.now += seconds


@pytest.fixture
def busy(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """An install with more letters than fit in a turn."""
    monkeypatch.setattr("jobs.drain.SHIFT_SECONDS", 2.0)
    watch = Watch()
    monkeypatch.setattr("jobs.drain.monotonic", watch.monotonic)
    monkeypatch.setattr("jobs.drain.sleep", watch.sleep)
    house.settings = house.settings.model_copy(update={"drain_batch": BATCH})
    for number in range(LETTERS):
        house.lead(f"00Q{number}")
        house.post(house.event(f"00Q{number}"))
    house.rung.clear()
    return house


def test_a_turn_ends_with_letters_left_and_the_install_goes_to_the_end_of_the_queue(busy: House) -> None:
    busy.drain()
    left = busy.waiting()["waiting"]
    assert 0 < left < LETTERS
    assert busy.rung == [busy.install.id]


def test_turn_by_turn_every_letter_is_answered_and_then_nobody_is_rung_for(busy: House) -> None:
    turns = 0
    while busy.waiting()["waiting"]:
        busy.rung.clear()
        busy.drain()
        turns += 1
    assert turns > 1
    assert busy.rung == []
    assert all(busy.owner(f"00Q{number}") != "u0" for number in range(LETTERS))


class Crowd(NoDoor):
    """A queue in which others wait."""

    def others_wait(self, install_id: str) -> bool:
        """Return True: they do."""
        _ = install_id
        return True


def test_while_others_wait_a_turn_is_one_round(house: House) -> None:
    house.settings = house.settings.model_copy(update={"drain_batch": BATCH})
    for number in range(LETTERS):
        house.lead(f"00Q{number}")
        house.post(house.event(f"00Q{number}"))
    house.rung.clear()
    drain(replace(house.tools, door=Crowd()), house.install.id)
    assert house.waiting()["waiting"] == LETTERS - BATCH
    assert house.rung == [house.install.id]


def test_long_work_has_its_page_though_letters_never_end_and_others_always_wait(house: House) -> None:
    with house.database.write() as connection:
        progress.start(connection, house.install.id, backfill.name("account"), now=house.now)
    for number in range(PAGE_EVERY):
        house.later(seconds=1)
        house.lead(f"00Q{number}")
        house.post(house.event(f"00Q{number}"))
        drain(replace(house.tools, door=Crowd()), house.install.id)
    with house.database.read() as connection:
        work = {each.name: each.state for each in progress.of(connection, house.install.id)}
    assert work[backfill.name("account")] != "waiting"
