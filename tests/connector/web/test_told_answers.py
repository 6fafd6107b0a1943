"""What a CRM answered is read in the language of who looks: on Health, Home, the permission check, and by the API."""

from __future__ import annotations

import pytest

from connector.errors import Later
from connector.rows import Check
from connector.salesforce.answers import Fault, judge_row
from connector.salesforce.check_lines import setting
from connector.store import letters
from connector.store.installs import Install
from jobs import policy
from rules.model import Event
from rules.wording import catalogue
from rules.wording.told_answers import answer_told
from tests.connector.api.kit import key_of, program
from tests.connector.web.kit import Browser, CheckedCrm, House, decision, main, section

HOST = "route.example.com"
VIEWERS = ("fr", "pt_BR")
REFUSED = str(judge_row([Fault("STRING_TOO_LONG", fields=("Company",))]))
OURS = "A text is longer than its field"
MISSING = Check(
    "Convert leads (optional)",
    ok=False,
    detail="the connected user has no Convert Leads",
    remedy=setting("Leads", "Create and Edit"),
    without="a lead whose person is a contact already is told, but not converted",
)


def told(text: str, viewer: str) -> str:
    with catalogue.speaking(viewer):
        found = answer_told(text)
    assert found != text
    return " ".join(found.split())


@pytest.fixture
def parked(house: House, acme: Install) -> None:
    """A letter and a decision that the CRM refused, with reasons as jobs keep them."""
    event = Event("e1", "lead", "00Q000000000005AAA", "created", house.now)
    with house.database.write() as connection:
        letters.receive(connection, acme.id, [event], now=house.now)
        letters.park(connection, acme.id, [1], reason=f"Refused: {REFUSED}")
    house.decide(acme, decision("d1"), parked=f"task: {REFUSED}")


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.usefixtures("parked")
def test_health_tells_why_things_stand_still(alice: Browser, own: str, viewer: str) -> None:
    alice.set_cookie("language", viewer, domain=HOST)
    page = main(alice.page(f"{own}/health"))
    assert f"Refused: {told(REFUSED, viewer)}" in page
    assert f"task: {told(REFUSED, viewer)}" in page
    assert "[Company] (STRING_TOO_LONG)" in page
    assert OURS not in page


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.usefixtures("parked")
def test_home_tells_what_needs_a_person_and_why_it_waits(
    house: House, alice: Browser, acme: Install, own: str, viewer: str
) -> None:
    silent = "The event stream fell silent"
    with house.database.write() as connection:
        policy.pause_install(connection, acme.id, Later(silent, seconds=60), now=house.now)
    alice.set_cookie("language", viewer, domain=HOST)
    page = alice.page(own)
    assert told(REFUSED, viewer) in section(page, "parked")
    assert told(silent, viewer) in main(page)
    assert OURS not in main(page)
    assert silent not in main(page)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_the_permission_check_is_told_with_its_remedies(
    house: House, alice: Browser, acme: Install, own: str, viewer: str
) -> None:
    house.crms[acme.id] = CheckedCrm([MISSING])
    alice.set_cookie("language", viewer, domain=HOST)
    page = main(alice.page(f"{own}/check?run=now"))
    for text in (MISSING.name, MISSING.detail, MISSING.remedy, MISSING.without):
        assert told(text, viewer) in page
        assert text not in page


@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_check_that_cannot_be_made_is_told(
    house: House, alice: Browser, acme: Install, own: str, viewer: str
) -> None:
    house.crms[acme.id] = CheckedCrm(Later("Salesforce took too long to answer", seconds=60))
    alice.set_cookie("language", viewer, domain=HOST)
    assert told("Salesforce took too long to answer", viewer) in main(alice.page(f"{own}/check?run=now"))


@pytest.mark.parametrize("viewer", VIEWERS)
def test_the_api_tells_them_as_the_request_asks(house: House, alice: Browser, acme: Install, viewer: str) -> None:
    caller = program(alice.application, key_of(house, acme))
    house.crms[acme.id] = CheckedCrm([MISSING])
    speaks = {"Accept-Language": viewer.replace("_", "-")}
    (line,) = caller.ask("GET", "/check", headers=speaks)["lines"]
    assert " ".join(line["remedy"].split()) == told(MISSING.remedy, viewer)
    (plain,) = caller.ask("GET", "/check")["lines"]
    assert plain["remedy"] == MISSING.remedy
    quiet = Later("HubSpot is moving this portal", seconds=60)
    with house.database.write() as connection:
        policy.pause_install(connection, acme.id, quiet, now=house.now)
    assert " ".join(caller.ask("GET", "/install", headers=speaks)["quiet"]["reason"].split()) == told(
        str(quiet), viewer
    )
