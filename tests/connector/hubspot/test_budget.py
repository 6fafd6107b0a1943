"""All workers share one budget of calls per portal, kept by a real Valkey; nobody is ever refused by HubSpot."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from connector import urgency
from connector.embedded import valkey_command, wait_for_redis
from connector.errors import Later
from connector.hubspot.budget import ASSOCIATIONS, GENERAL, PATIENT_SHARE, SEARCH, Lane, SharedBudget, lane
from connector.hubspot.wire import Wire
from tests.connector.hubspot.conftest import Portal, settings
from tests.local.processes import ROOT, end, free_port, plain_environment

PACE = 0.6
"""Windows of six seconds instead of ten, here and in the sandbox."""
HAMMERED = 1.2
"""Windows that the two processes go on for: two bursts, since each window begins with all its calls at once."""
USED = 0.85
"""The part of HubSpot's limit that is used before anybody waits."""


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    """The URL of a Valkey of this module's own."""
    with tempfile.TemporaryDirectory(prefix="sy-", ignore_cleanup_errors=True) as name:
        chosen = settings(data_dir=Path(name))
        with (Path(name) / "valkey.log").open("wb") as sink:
            server = subprocess.Popen(valkey_command(chosen), stdout=sink, stderr=sink)
        try:
            wait_for_redis(chosen)
            yield chosen.redis
        finally:
            server.terminate()
            server.wait(20)


class Waits:
    """A clock that moves by what was slept, and what was slept."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def open_budget(valkey: str, waits: Waits, request: pytest.FixtureRequest) -> Iterator[Callable[..., SharedBudget]]:
    """Open budgets of a portal that is this test's own, each over its own connection, as workers do."""
    opened: list[redis.Redis] = []

    def make(url: str = valkey, portal: str = request.node.name) -> SharedBudget:
        opened.append(redis.Redis.from_url(url))
        return SharedBudget(opened[-1], app_id="1", portal_id=portal, sleep=waits.sleep, clock=lambda: waits.now)

    yield make
    for each in opened:
        each.close()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/crm/objects/2026-09/0-1/batch/read", GENERAL),
        ("/crm/objects/2026-09/0-1/search", SEARCH),
        ("/crm/associations/2026-09/0-1/0-2/batch/read", ASSOCIATIONS),
        ("/crm/owners/2026-09?limit=100&after=search", GENERAL),
        ("/crm/limits/2026-09/custom-object-types", GENERAL),
    ],
)
def test_search_and_associations_count_apart(path: str, expected: Lane) -> None:
    assert lane(path) == expected


GET = "/crm/owners/2026-09"
FIND = "/crm/objects/2026-09/0-1/search"


def test_two_workers_share_one_budget_and_the_next_call_waits_for_its_moment(
    open_budget: Callable[..., SharedBudget], waits: Waits
) -> None:
    first, second = open_budget(), open_budget()
    for number in range(SEARCH.calls):
        assert (first if number % 2 else second).take(FIND)
    assert waits.slept == []
    assert second.take(FIND)
    (waited,) = waits.slept
    assert 0 < waited <= SEARCH.seconds
    assert first.take(GET), "what is not a search has another budget"
    assert len(waits.slept) == 1


def test_another_portal_has_a_budget_of_its_own(open_budget: Callable[..., SharedBudget], waits: Waits) -> None:
    for portal in ("1", "2"):
        budget = open_budget(portal=portal)
        for _ in range(SEARCH.calls):
            assert budget.take(FIND)
    assert waits.slept == []


def test_what_can_wait_goes_at_even_steps_and_leaves_a_part_to_new_leads(valkey: str, waits: Waits) -> None:
    connection = redis.Redis.from_url(valkey)
    pace = 0.05
    budget = SharedBudget(connection, app_id="1", portal_id="patient", pace=pace)
    number, step = int(GENERAL.calls * PATIENT_SHARE), pace * GENERAL.seconds / (GENERAL.calls * PATIENT_SHARE)
    began = time.monotonic()
    with urgency.patient(True):
        for _ in range(number):
            assert budget.take(GET)
    assert time.monotonic() - began > 0.7 * number * step
    live = SharedBudget(connection, app_id="1", portal_id="patient", pace=pace, sleep=waits.sleep)
    for _ in range(GENERAL.calls - number):
        assert live.take(GET)
    assert all(each < 3 * step for each in waits.slept), "a new lead finds its calls at once"
    connection.close()


def test_what_can_wait_is_put_off_when_others_need_all_there_is(
    open_budget: Callable[..., SharedBudget], waits: Waits
) -> None:
    budget = open_budget()
    for _ in range(GENERAL.calls):
        assert budget.take(GET)
    with urgency.patient(True), pytest.raises(Later) as told:
        budget.take(GET)
    assert 0 < told.value.seconds <= GENERAL.seconds
    assert not told.value.applied


def test_a_call_that_would_wait_too_long_is_put_off_and_takes_no_moment(
    open_budget: Callable[..., SharedBudget], waits: Waits
) -> None:
    budget = open_budget()
    for _ in range(2 * GENERAL.calls):
        budget.take(GET)
    with pytest.raises(Later, match="at its limit"):
        budget.take(GET)


def test_a_429_of_another_app_holds_all_our_workers(open_budget: Callable[..., SharedBudget], waits: Waits) -> None:
    first, second = open_budget(), open_budget()
    first.hold(FIND, 1.0)
    assert second.take(FIND)
    (waited,) = waits.slept
    assert 0.5 < waited <= 1.0


def test_without_redis_the_headers_of_the_answers_decide(
    open_budget: Callable[..., SharedBudget], waits: Waits, portal: Portal
) -> None:
    budget = open_budget(url=f"redis://127.0.0.1:{free_port()}/0")
    assert not budget.take(GET)
    wire = Wire(portal.tokens, connect_timeout=5, read_timeout=30, budget=budget)
    for _ in range(75):
        wire.send("GET", "/account-info/2026-09/details")
    assert wire.breath > 0
    wire.close()


def test_while_redis_counts_no_round_takes_a_breath(open_budget: Callable[..., SharedBudget], portal: Portal) -> None:
    wire = Wire(portal.tokens, connect_timeout=5, read_timeout=30, budget=open_budget())
    for _ in range(75):
        wire.send("GET", "/account-info/2026-09/details")
    assert wire.breath == 0.0
    wire.close()


def test_a_429_is_told_to_all_workers(open_budget: Callable[..., SharedBudget], waits: Waits, portal: Portal) -> None:
    body = {"status": "error", "policyName": "TEN_SECONDLY_ROLLING", "errorType": "RATE_LIMIT"}
    portal.fault("account-info", status=429, body=body)
    wire = Wire(portal.tokens, connect_timeout=5, read_timeout=30, budget=open_budget())
    with pytest.raises(Later):
        wire.send("GET", "/account-info/2026-09/details")
    assert open_budget().take(GET)
    assert waits.slept[0] > 9
    wire.close()


def test_redis_that_lost_its_memory_costs_a_wait_and_no_429(
    valkey: str, open_budget: Callable[..., SharedBudget], waits: Waits, portal: Portal
) -> None:
    wire = Wire(portal.tokens, connect_timeout=5, read_timeout=30, budget=open_budget())
    for number in range(GENERAL.calls + 2):
        if number == 80:
            with redis.Redis.from_url(valkey) as connection:
                connection.flushall()
        wire.send("GET", "/account-info/2026-09/details")
    assert waits.slept == []
    assert open_budget().take(GET)
    assert waits.slept[0] > 9
    wire.close()


def test_two_processes_hammering_one_portal_never_get_a_429_and_use_most_of_the_limit(
    valkey: str, portal: Portal
) -> None:
    portal.sandbox.hub.limits.hurry(PACE)
    seconds = HAMMERED * 10 * PACE
    arguments = [portal.sandbox.url, portal.tokens.access_token, valkey, str(portal.id), str(PACE), str(seconds)]
    workers = [Hammer(arguments) for _ in range(2)]
    try:
        for each in workers:
            assert each.line() == "ready"
        for each in workers:
            each.go()
        found = [json.loads(each.line()) for each in workers]
    finally:
        for each in workers:
            end(each.process)
        portal.sandbox.hub.limits.hurry(1.0)
    assert [each["refused"] for each in found] == [0, 0]
    assert {call.status for call in portal.sandbox.control.calls()} == {200}
    # However slow the machine is: whoever was told to wait came when the window before its moment was used.
    moments = [moment for each in found for moment in each["moments"]]
    waited = [moment for moment in moments if moment[2]]
    assert waited
    assert min(_calls_before(moment, moments) for moment in waited) > USED * 110


def _calls_before(moment: list[float], moments: list[list[float]]) -> int:
    """Return how many calls were let through in the window that ended with this one; Redis counts milliseconds."""
    earliest, latest, _ = moment
    began = earliest - GENERAL.seconds * PACE - 0.002
    return sum(other[1] >= began and other[0] <= latest for other in moments)


class Hammer:
    """A process of tests.connector.hubspot.hammer."""

    def __init__(self, arguments: list[str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.connector.hubspot.hammer", *arguments],
            cwd=ROOT,
            env=plain_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
