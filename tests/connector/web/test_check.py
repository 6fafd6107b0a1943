"""The permission check and the probe: each line with its remedy, what could not be asked, and what is under way."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from connector.desk import checks, log
from connector.errors import Later, Refused, Revoked
from connector.rows import Check
from connector.store.installs import Install
from tests.connector.web.conftest import ALICE
from tests.connector.web.kit import Browser, CheckedCrm, House, main

CHECKS = [
    Check("Routing Rule object", True, "can be read and written"),
    Check("Convert leads", False, "The user may not convert leads.", "Tick Convert Leads in the permission set."),
]


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_the_check_shows_each_line_and_the_remedy_of_what_is_missing(
    house: House, alice: Browser, acme: Install, own: str, headers: dict[str, str]
) -> None:
    house.crms[acme.id] = CheckedCrm(CHECKS)
    answer = alice.get(f"{own}/check?run=now", headers=headers)
    lines = [" ".join(item.text.split()) for item in BeautifulSoup(answer.text, "html.parser").select(".checks li")]
    assert lines == [
        "Missing Convert leads: The user may not convert leads. What to do: Tick Convert Leads in the permission set.",
        "OK Routing Rule object: can be read and written",
    ]
    assert ("<html" in answer.text) == (not headers)
    assert house.crms[acme.id].closed


def test_a_check_with_nothing_missing_says_so(house: House, alice: Browser, acme: Install, own: str) -> None:
    house.crms[acme.id] = CheckedCrm(CHECKS[:1])
    assert "Everything is there." in main(alice.page(f"{own}/check?run=now"))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Later("Salesforce is busy.", seconds=30), "Salesforce is busy. What to do: wait a minute"),
        (Revoked("The app was removed."), "The app was removed. What to do: connect again"),
        (Refused("The package is missing."), "The package is missing. What to do: mend"),
    ],
)
def test_a_check_that_cannot_be_made_says_what_to_do(
    house: House, alice: Browser, acme: Install, error: Exception, words: str
) -> None:
    house.crms[acme.id] = CheckedCrm(error)
    assert words in main(alice.page(f"/installs/{acme.id}/check?run=now"))
    assert house.crms[acme.id].closed


CAN_PROBE = frozenset({"probe"})


def test_only_a_crm_that_can_be_probed_offers_it_and_says_what_it_costs(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    house.crms[acme.id] = CheckedCrm(CHECKS)
    assert "Send the probe" not in main(alice.page(f"{own}/check?run=now"))
    house.crms[acme.id] = CheckedCrm(CHECKS, can=CAN_PROBE)
    text = main(alice.page(f"{own}/check?run=now"))
    assert "waits up to 10 seconds" in text
    assert "about ten API calls" in text


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
@pytest.mark.parametrize("watch", [False, True])
def test_the_probe_is_sent_by_a_click_and_shows_what_came_back(
    house: House, alice: Browser, acme: Install, own: str, headers: dict[str, str], *, watch: bool
) -> None:
    house.crms[acme.id] = CheckedCrm([Check("Change events arrive", True, "after 0.8 seconds")], can=CAN_PROBE)
    fields = {"csrf_token": alice.token()} | ({"watch": "yes"} if watch else {})
    answer = alice.post(f"{own}/check/probe", data=fields, headers=headers)
    assert "OK Change events arrive: after 0.8 seconds" in " ".join(
        BeautifulSoup(answer.text, "html.parser").text.split()
    )
    assert ("<html" in answer.text) == (not headers)
    assert house.crms[acme.id].watched is watch
    assert house.crms[acme.id].closed
    (noted,) = log.listed(house, acme, did=checks.PROBE).changes
    assert noted.by == ALICE


def test_a_check_without_calls_left_says_how_long_to_wait_and_where_to_look(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    house.crms[acme.id] = CheckedCrm(Later("The org has used up its API calls (REQUEST_LIMIT_EXCEEDED)", seconds=900))
    text = main(alice.page(f"{own}/check?run=now"))
    assert "(REQUEST_LIMIT_EXCEEDED). What to do: wait 15 minutes and run it again." in text
    assert "API Requests, Last 24 Hours" in text
    house.crms[acme.id] = CheckedCrm(Later("Busy", seconds=4 * 3600))
    assert "wait 4 hours and run it again" in main(alice.page(f"{own}/check?run=now"))


def test_what_is_missing_comes_first_and_what_is_optional_next(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    extra = Check("See all users (optional)", False, "no", optional=True)
    house.crms[acme.id] = CheckedCrm([CHECKS[0], extra, CHECKS[1]])
    marks = [each.text for each in alice.page(f"{own}/check?run=now").select(".checks .badge")]
    assert marks == ["Missing", "Optional", "OK"]


def test_a_probe_under_way_says_so_and_cannot_be_sent_twice(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    house.crms[acme.id] = CheckedCrm(CHECKS, can=CAN_PROBE)
    page = alice.page(f"{own}/check?run=now")
    form = page.select_one("form[hx-post]")
    assert form is not None
    assert form["hx-disable"] == "find button"
    told = page.select_one(str(form["hx-indicator"]))
    assert told is not None
    assert "The probe is out." in told.text


def test_a_probe_that_could_not_be_sent_says_what_to_do(house: House, alice: Browser, acme: Install, own: str) -> None:
    house.crms[acme.id] = CheckedCrm(Later("The org has used up its event deliveries", seconds=60), can=CAN_PROBE)
    text = BeautifulSoup(alice.submit(f"{own}/check/probe").text, "html.parser").text
    assert "used up its event deliveries" in text
    assert "wait a minute" in text


def test_what_is_optional_and_missing_is_no_fault_and_says_what_does_not_work(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    line = Check(
        "Convert leads (optional)", False, "no", "Setup > tick it", without="nothing is converted", optional=True
    )
    house.crms[acme.id] = CheckedCrm([CHECKS[0], line])
    text = main(alice.page(f"{own}/check?run=now"))
    assert "Everything that is needed is there." in text
    assert "Optional Convert leads (optional): no Without it: nothing is converted What to do: Setup > tick it" in text


def test_the_page_is_there_at_once_and_its_script_asks_the_crm(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    """The CRM may take seconds: until it has answered, the page says that it is being asked."""
    page = alice.page(f"{own}/check")
    link = page.select_one("a[hx-get]")
    assert link is not None
    assert (link["hx-get"], link["hx-trigger"], link["hx-indicator"]) == (
        f"{own}/check",
        "load, click",
        "#check-asking",
    )
    assert link["href"] == f"{own}/check?run=now", "without scripts it is a link"
    assert acme.id not in house.crms, "nothing was asked of it"
