"""Settings: the mode, what counts as a lead, and leaving; each asks before it does what cannot be taken back."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from connector.desk import log
from connector.hubspot import leads
from connector.store import installs, progress, rulesets, tellings
from connector.store.installs import Install
from jobs import choice
from rules.ruleset import Source, split
from rules.telling import Telling
from tests.connector.web.conftest import ORG
from tests.connector.web.kit import Browser, House, browser

CHARLIE = "77"


@pytest.fixture
def portal(house: House) -> Install:
    return house.connect("hubspot", "247187887", "Charlie's portal", admin=CHARLIE)


@pytest.fixture
def charlie(app: Flask, portal: Install) -> Browser:
    client = browser(app)
    client.sign_in("hubspot", portal.tenant_id, CHARLIE)
    return client


def grant_leads(house: House, portal: Install) -> None:
    values: dict[str, Any] = {"crm": "hubspot", "tenant_id": portal.tenant_id, "name": portal.name}
    with house.database.write() as connection:
        installs.connect(
            connection, **values, base_url=portal.base_url, scopes=leads.SCOPES, new_key=b"", now=house.now
        )


def routes_of(house: House, portal: Install) -> str:
    found = house.install(portal.id)
    return found.routes if found else ""


@pytest.mark.parametrize("fields", [{}, {"mode": "fly"}, {"mode": "act"}, {"mode": "act", "understood": "no"}])
def test_the_mode_stays_when_it_is_none_or_not_understood(
    fields: dict[str, str], house: House, alice: Browser, acme: Install
) -> None:
    answer = alice.submit(f"/installs/{acme.id}/settings/mode", **fields)
    fault = BeautifulSoup(answer.text, "html.parser").select_one("#fault[role=alert]")
    assert answer.status_code == 422
    assert fault is not None
    assert house.install(acme.id) == acme


def test_what_was_typed_stays_when_it_is_refused(
    alice: Browser, charlie: Browser, house: House, acme: Install, portal: Install
) -> None:
    def boxes(client: Browser, install: Install, path: str, **told: str) -> BeautifulSoup:
        answer = client.submit(f"/installs/{install.id}/settings/{path}", **told)
        assert answer.status_code == 422
        return BeautifulSoup(answer.text, "html.parser")

    def value(page: BeautifulSoup, name: str) -> str:
        (box,) = page.select(f"input#{name}")
        return str(box["value"])

    assert value(boxes(alice, acme, "keep", days="3"), "days") == "3"
    assert value(boxes(alice, acme, "keep", days="99999"), "days") == "99999"
    assert value(boxes(alice, acme, "keep-snapshots", undo_days="2"), "undo_days") == "2"
    page = boxes(alice, acme, "keep-snapshots", undo_days="99999", fewer="yes")
    assert page.select("#fewer[checked]")
    grant_leads(house, portal)
    page = boxes(charlie, portal, "routes", routes="leads", before="contacts")
    assert [each["value"] for each in page.select("input[name=routes][checked]")] == ["leads"]


def test_the_page_shows_the_mode_in_force_and_a_form_for_each_other(alice: Browser, acme: Install) -> None:
    page = alice.page(f"/installs/{acme.id}/settings")
    current = page.select_one("article.current h3")
    assert current is not None
    assert current.text == "Observe"
    assert [str(each["value"]) for each in page.select(".modes input[name=mode]")] == ["suggest", "act"]
    assert not page.select("#routes"), "in Salesforce there is nothing to choose"


def test_what_counts_as_a_lead_is_chosen_with_the_consequences_said(
    house: House, charlie: Browser, portal: Install
) -> None:
    at = f"/installs/{portal.id}/settings"
    assert not charlie.page(at).select("input[name=routes]"), "HubSpot has not granted leads"
    wish = {"routes": "leads", "before": "contacts", "sure": "yes"}
    assert charlie.submit(f"{at}/routes", **wish).status_code == 422
    grant_leads(house, portal)
    assert len(charlie.page(at).select("input[name=routes]")) == 3
    unsure = charlie.submit(f"{at}/routes", routes="leads", before="contacts")
    assert (unsure.status_code, "Tick the box" in unsure.text) == (422, True)
    late = charlie.submit(f"{at}/routes", **(wish | {"before": "leads and contacts"}))
    assert (late.status_code, "Somebody else has chosen" in late.text) == (422, True)
    assert routes_of(house, portal) == "contacts"
    assert charlie.submit(f"{at}/routes", **wish).status_code == 303
    assert routes_of(house, portal) == "leads"
    with house.database.read() as connection:
        assert choice.NAME in {each.name for each in progress.of(connection, portal.id)}
    assert house.rung == [portal.id]


@pytest.mark.parametrize("typed", ["", "Acme", "acme corp 2"])
def test_nothing_is_deleted_until_the_name_is_typed(typed: str, house: House, alice: Browser, acme: Install) -> None:
    answer = alice.submit(f"/installs/{acme.id}/disconnect", name=typed)
    assert (answer.status_code, "Nothing was deleted." in answer.text) == (422, True)
    assert house.install(acme.id) == acme


def test_who_types_the_name_disconnects(house: House, alice: Browser, acme: Install) -> None:
    assert alice.submit(f"/installs/{acme.id}/disconnect", name=" acme  Corp ").status_code == 303
    assert house.install(acme.id) is None
    assert house.install_of("salesforce", ORG) is None


# How people are told


def told_of(house: House, install: Install) -> Telling:
    with house.database.read() as connection:
        return tellings.of(connection, install.id)


def changes(house: House, install: Install) -> list[tuple[str, str, str]]:
    return [(each.did, each.before, each.about) for each in log.listed(house, install).changes]


def test_an_admin_chooses_by_what_people_are_told_and_the_changes_say_so(
    house: House, alice: Browser, acme: Install
) -> None:
    at = f"/installs/{acme.id}/settings"
    page = alice.page(at)
    assert page.select_one("#task[checked]")
    assert [str(each["value"]) for each in page.select("#bell option[selected], #reminders option[selected]")] == [
        "always", "both",
    ]  # fmt: skip
    answer = alice.submit(f"{at}/notifications", task="yes", bell="at work", reminders="task")
    assert answer.status_code == 303
    assert told_of(house, acme) == Telling(bell="at work", reminders="task")
    before, after = (
        "task: yes, notification: always, reminders: both",
        "task: yes, notification: at work, reminders: task",
    )
    assert changes(house, acme) == [("telling", before, after)]
    assert "Chose how people are told of leads" in alice.page(f"/installs/{acme.id}/changes").text
    alice.submit(f"{at}/notifications", task="yes", bell="at work", reminders="task")
    assert len(changes(house, acme)) == 1, "the same once more is no change"


def test_that_nobody_is_told_needs_a_tick_and_is_said_on_the_page(house: House, alice: Browser, acme: Install) -> None:
    at = f"/installs/{acme.id}/settings"
    refused = alice.submit(f"{at}/notifications", bell="never", reminders="both")
    assert (refused.status_code, "nobody will be told of their leads" in refused.text) == (422, True)
    kept = BeautifulSoup(refused.text, "html.parser")
    assert not kept.select("#task[checked]"), "what was chosen is not lost"
    assert kept.select("#understood[aria-invalid=true]")
    assert told_of(house, acme) == Telling()
    assert alice.submit(f"{at}/notifications", bell="never", reminders="both", understood="yes").status_code == 303
    assert told_of(house, acme) == Telling(task=False, bell="never")
    assert "Nobody is told of a lead unless its rule says so." in alice.page(at).text
    assert alice.submit(f"{at}/notifications", bell="never", reminders="task").status_code == 303, "it stands already"


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("notifications", {"task": "yes", "bell": "sometimes", "reminders": "both"}),
        ("notifications", {"task": "yes", "bell": "never", "reminders": "neither"}),
        ("languages", {"language": "tlh", "whose": "one", "console": ""}),
        ("languages", {"language": "de", "whose": "own", "console": "tlh"}),
    ],
)
def test_what_there_is_not_is_refused(
    form: str, fields: dict[str, str], house: House, alice: Browser, acme: Install
) -> None:
    answer = alice.submit(f"/installs/{acme.id}/settings/{form}", **fields)
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert told_of(house, acme) == Telling()


def test_languages_are_chosen_and_the_console_speaks_its_own_to_who_chose_none(
    house: House, alice: Browser, acme: Install, anyone: Browser
) -> None:
    at = f"/installs/{acme.id}/settings"
    answer = alice.submit(f"{at}/languages", language="de", whose="one", console="fr")
    assert answer.status_code == 303
    assert told_of(house, acme) == Telling(language="de", one_language=True)
    assert [each[0] for each in changes(house, acme)] == ["languages", "console language"]
    spoken = {"Accept-Language": "es"}
    assert '<html lang="fr"' in alice.get(at, headers=spoken).text
    assert '<html lang="es"' in anyone.get("/", headers=spoken).text, "nobody else's console changes"
    alice.submit("/view", language="en", back="/")
    assert '<html lang="en"' in alice.get(at, headers=spoken).text


def test_rules_that_say_it_themselves_are_named(house: House, alice: Browser, acme: Install) -> None:
    text = "- rule: Loud\n  assign: user a@b.example\n  notify: true\n"
    text += "- rule: Own\n  assign: user a@b.example\n  task: {due: 1 hour}\n"
    text += "- rule: Open\n  assign: user a@b.example\n"
    sources = tuple(Source(each.name, each.text) for each in split(text))
    with house.database.write() as connection:
        rulesets.put(connection, acme.id, house.seal(acme), sources=sources, version="v1", now=house.now, ids=())
    said = alice.page(f"/installs/{acme.id}/settings").select_one("section[aria-labelledby=notifications]")
    assert said is not None
    assert "These rules say themselves what task they make: Own." in said.text
    assert "These rules say themselves when they notify: Loud." in said.text
