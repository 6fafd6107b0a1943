"""The clock: whatever nobody rang for is rung for, one clock at a time, and it outlives a database that is away."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from connector.errors import Later
from connector.store import decisions, installs, leases, letters, memos, progress
from connector.store.memos import StoredMemo
from jobs import clock, journal, policy, privacy
from jobs.tools import Tools
from tests.jobs.conftest import House
from tests.local.processes import until

PATIENCE = 90.0


def letter(house: House) -> None:
    house.post(house.event("l1"))


def postponed_letter(house: House) -> None:
    house.post(house.event("l1"))
    with house.database.write() as connection:
        ids = [each.id for each in letters.waiting(connection, house.install.id, now=house.now, records=9)]
        until_then = house.now + timedelta(minutes=5)
        letters.postpone(connection, house.install.id, ids, until=until_then, reason="busy", failed=False)


def parked_letter(house: House) -> None:
    house.post(house.event("l1"))
    with house.database.write() as connection:
        ids = [each.id for each in letters.waiting(connection, house.install.id, now=house.now, records=9)]
        letters.park(connection, house.install.id, ids, reason="No.")


def long_work(house: House) -> None:
    with house.database.write() as connection:
        progress.start(connection, house.install.id, "backfill:lead", now=house.now)


def quiet_time(house: House) -> None:
    letter(house)
    with house.database.write() as connection:
        policy.pause_install(connection, house.install.id, Later("Busy.", seconds=60), now=house.now)


def revoked(house: House) -> None:
    letter(house)
    with house.database.write() as connection:
        installs.set_status(connection, house.install.id, "revoked", "Gone.")


@pytest.mark.parametrize(
    ("before", "minutes", "rung"),
    [
        (lambda _house: None, 0, 0),
        (letter, 0, 1),
        (postponed_letter, 0, 0),
        (postponed_letter, 5, 1),
        (parked_letter, 999, 0),
        (long_work, 0, 1),
        (quiet_time, 0, 0),
        (quiet_time, 2, 1),
        (revoked, 0, 0),
    ],
)
def test_the_sweep_rings_for_what_is_due(
    house: House, before: Callable[[House], None], minutes: float, rung: int
) -> None:
    before(house)
    house.rung.clear()
    house.later(minutes=minutes)
    assert clock.sweep(house.tools) == rung
    assert house.rung == [house.install.id] * rung


def test_the_sweep_rings_for_a_decision_that_was_never_performed(house: House) -> None:
    def die(call: str) -> None:
        if call.startswith("apply"):
            raise Later("Locked.", seconds=30)

    house.lead("l1")
    house.post(house.event("l1"))
    house.crm.before = die
    house.drain()
    house.crm.before = lambda _call: None
    house.rung.clear()
    house.later(minutes=1)
    assert clock.sweep(house.tools) == 1
    house.drain()
    assert (house.owner("l1"), len(house.crm.entries)) == ("u1", 1)


def test_portals_are_rung_for_so_that_their_rules_are_read(house: House) -> None:
    looks = clock.Looks()
    house.rung.clear()
    assert looks.ring(house.tools) == 0
    with house.database.write() as connection:
        connection.execute(installs.install.update().values(crm="hubspot"))
    assert looks.ring(house.tools) == 1
    assert house.rung == [house.install.id]
    assert looks.ring(house.tools) == 0


def more_portals(house: House, count: int) -> None:
    with house.database.write() as connection:
        for number in range(count):
            installs.connect(
                connection, crm="hubspot", tenant_id=f"{number}", name="More", base_url="", scopes=frozenset(),
                new_key=house.keyring.new_key(), now=house.now,
            )  # fmt: skip


def test_portals_take_turns_so_that_no_lead_waits_behind_all_of_them(house: House) -> None:
    more_portals(house, 60)
    house.rung.clear()
    looks, rung = clock.Looks(), []
    for _ in range(12):  # two rounds of a minute, in ticks of ten seconds
        house.later(seconds=10)
        rung.append(looks.ring(house.tools))
    assert max(rung) <= 11
    assert sum(rung[6:]) == 60
    assert set(Counter(house.rung).values()) == {1, 2}
    assert len(set(house.rung)) == 60


@pytest.mark.parametrize("hours", [-3, 3])
def test_portals_are_rung_for_within_a_round_though_the_clock_jumps(house: House, hours: int) -> None:
    more_portals(house, 6)
    looks = clock.Looks()
    for _ in range(6):
        looks.ring(house.tools)
        house.later(seconds=10)
    house.now += timedelta(hours=hours)
    house.rung.clear()
    for _ in range(6):
        looks.ring(house.tools)
        house.later(seconds=10)
    assert len(set(house.rung)) == 6


def test_old_decisions_and_memos_are_cleared_away(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    StoredMemo(house.database, house.install.id, house.keyring.seal(house.install.key), lambda: house.now).put(
        "shape", 1, seconds=60
    )

    def rows() -> tuple[int, int]:
        with house.database.read() as connection:
            counted = [
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (decisions.decision, memos.memo)
            ]
        return counted[0], counted[1]

    clock.clean(house.tools)
    assert rows()[0] == 1
    house.later(days=house.settings.decision_days + 1)
    clock.clean(house.tools)
    assert rows() == (0, 0)


@pytest.fixture
def quick(house: House) -> Tools:
    """Tools whose clock ticks without waiting."""
    return replace(house.tools, settings=house.settings.model_copy(update={"sweep_seconds": 0.01}))


class Ticking:
    """A clock process in a thread."""

    def __init__(self, tools: Tools) -> None:
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=clock.run, args=(tools, self.stopped))
        self.thread.start()

    def stop(self) -> None:
        self.stopped.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


def test_a_clock_rings_until_it_is_told_to_stop_and_gives_its_lease_back(house: House, quick: Tools) -> None:
    house.rung.clear()
    ticking = Ticking(quick)
    house.post(house.event("l1"))
    until(lambda: len(house.rung) > 1, seconds=PATIENCE, what="two sweeps")
    ticking.stop()
    with house.database.read() as connection:
        assert not leases.held(connection, clock.LEASE, now=house.now)


def test_a_clock_at_work_looks_at_portals_again_and_again(quick: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[clock.Looks] = []
    monkeypatch.setattr(clock.Looks, "ring", lambda self, _tools: looked.append(self))
    ticking = Ticking(quick)
    until(lambda: len(looked) > 1, seconds=PATIENCE, what="two looks")
    ticking.stop()
    assert len(set(map(id, looked))) == 1, "it remembers whose turn it was"


def test_a_second_clock_stands_by(house: House, quick: Tools) -> None:
    house.post(house.event("l1"))
    with house.database.write() as connection:
        assert leases.take(connection, clock.LEASE, "another", now=house.now, seconds=60)
    house.rung.clear()
    looked = threading.Event()

    def clock_of_the_second() -> datetime:
        looked.set()
        return house.now

    standing_by = Ticking(replace(quick, clock=clock_of_the_second))
    assert looked.wait(PATIENCE)
    assert house.rung == []
    with house.database.write() as connection:
        leases.release(connection, clock.LEASE, "another")
    until(lambda: house.rung, seconds=PATIENCE, what="the second clock takes over")
    standing_by.stop()


def test_the_clock_outlives_a_database_that_is_away(
    house: House, quick: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.post(house.event("l1"))
    house.rung.clear()
    away = iter([True, True])
    real = clock.sweep

    def sweep(tools: Tools) -> int:
        if next(away, False):
            raise OperationalError("SELECT", {}, ConnectionError())
        return real(tools)

    monkeypatch.setattr(clock, "sweep", sweep)
    ticking = Ticking(quick)
    until(lambda: house.rung, seconds=PATIENCE, what="the third sweep")
    ticking.stop()


def test_a_step_that_always_fails_holds_up_no_other(
    house: House, quick: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One install whose rows this version cannot read must not silence the clock for all others."""

    def fail(_tools: Tools) -> None:
        raise ValueError("a row of one install")

    house.post(house.event("l1"))
    house.rung.clear()
    monkeypatch.setattr(privacy, "sweep", fail)
    monkeypatch.setattr(journal, "tick", fail)
    ticking = Ticking(quick)
    try:
        until(lambda: house.rung, seconds=60, what="the sweep")
    finally:
        ticking.stop()
