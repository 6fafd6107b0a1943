"""What is routed, chosen on HubSpot's settings page; and the language in which pages of HubSpot are answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from connector.desk import log
from connector.hubspot import leads
from connector.store import installs, progress
from connector.store.base import Database
from connector.store.installs import Install
from connector.web import signed
from jobs import choice
from rules.model import Candidate, Evidence, Match, Verdict
from rules.wording import cards as words_cards
from rules.wording import catalogue
from rules.wording.words import say
from tests.connector.web.hubspot_pages import (
    ADMIN_LOGIN,
    CARD,
    COMPANY,
    LEAD,
    Page,
    acme_portal,
    ana,
    answer,
    bob,
    boss,
    route,
    routed,
)
from tests.connector.web.kit import House

__all__ = ["acme_portal", "ana", "bob", "boss"]

PATH = "/hubspot/settings/routes"


def grant_leads(database: Database, install: Install) -> None:
    """HubSpot grants leads, as where the subscription has them."""
    with database.write() as connection:
        table = installs.install
        connection.execute(table.update().where(table.c.id == install.id).values(scopes=sorted(leads.SCOPES)))


def choose(page: Page, routes: Any, before: Any = "contacts", language: str = "en") -> Any:
    return page.post(f"{PATH}?language={language}", {"routes": routes, "before": before}, method="PUT")


def routes_of(house: House, install: Install) -> str:
    found = house.install(install.id)
    assert found is not None
    return found.routes


def test_administrators_choose_what_is_routed_where_there_are_leads(
    boss: Page, bob: Page, house: House, acme_portal: Install
) -> None:
    shown = boss.get("/hubspot/settings").get_json()
    assert (shown["routes"], shown["has_leads"]) == ("contacts", False)
    assert choose(boss, "leads").status_code == 409, "HubSpot has not granted them"
    grant_leads(house.database, acme_portal)
    assert boss.get("/hubspot/settings").get_json()["has_leads"] is True
    assert choose(bob, "leads").status_code == 403
    assert routes_of(house, acme_portal) == "contacts"
    with capture_logs() as logs:
        assert choose(boss, "leads and contacts").get_json() == {"routes": "leads and contacts"}
    assert routes_of(house, acme_portal) == "leads and contacts"
    assert house.rung == [acme_portal.id]
    with house.database.read() as connection:
        assert choice.NAME in {each.name for each in progress.of(connection, acme_portal.id)}
    (line,) = [each for each in logs if each["event"] == "changed"]
    assert (line["did"], line["by"]) == ("routes", ADMIN_LOGIN)
    (change,) = log.listed(house, acme_portal).changes
    assert (change.before, change.about, change.by) == ("contacts", "leads and contacts", ADMIN_LOGIN)


def test_a_choice_made_meanwhile_is_not_written_over_and_the_same_once_more_changes_nothing(
    boss: Page, house: House, acme_portal: Install
) -> None:
    grant_leads(house.database, acme_portal)
    assert choose(boss, "leads").status_code == 200
    since = house.install(acme_portal.id)
    house.now += timedelta(minutes=1)
    assert choose(boss, "leads").status_code == 200
    assert house.install(acme_portal.id) == since
    assert choose(boss, "leads and contacts", before="contacts").status_code == 409
    assert routes_of(house, acme_portal) == "leads"
    assert choose(boss, "contacts", before="leads").status_code == 200
    wrong: tuple[Any, ...] = ("everything", None, ["leads"], {})
    for value in wrong:
        assert choose(boss, value).status_code == choose(boss, "leads", before=value).status_code == 400


def test_a_companys_card_tells_of_which_type_each_lead_is(boss: Page, house: House, acme_portal: Install) -> None:
    """HubSpot's ids of contacts and leads are of their own each: the number alone would open another record."""
    house.now += timedelta(minutes=5)
    with house.database.write() as connection:
        installs.set_routes(connection, acme_portal.id, "leads", now=house.now)
    lead = replace(routed().lead, id="77", fields={"name": "Li Wei", "contact_id": "541"})
    same = Verdict("same", "lead", "76")
    route(house, acme_portal, routed("d2", "77", lead=lead, duplicate=same))
    bare = replace(routed().lead, id="78", fields={"name": "Jo Doe"})
    route(house, acme_portal, routed("d3", "78", lead=bare, duplicate=Verdict("same", "contact", "12")))
    found = boss.get(f"/hubspot/cards/company?objectId={COMPANY}").get_json()["leads"]
    assert [(each["id"], each["type"]) for each in found] == [("78", "0-136"), ("77", "0-136"), (LEAD, "0-1")]
    assert [each["duplicate_of"] and each["duplicate_of"]["type"] for each in found] == ["0-1", "0-136", None]
    house.now += timedelta(minutes=5)
    with house.database.write() as connection:
        installs.set_routes(connection, acme_portal.id, "contacts", now=house.now)
    found = boss.get(f"/hubspot/cards/company?objectId={COMPANY}").get_json()["leads"]
    assert [each["type"] for each in found if each["id"] in {"77", LEAD}] == ["0-136", "0-1"]


def told_in(page: Page, path: str, language: str) -> Any:
    return page.get(f"{path}{'&' if '?' in path else '?'}language={language}").get_json()


def test_a_card_is_told_in_the_language_that_it_asks_for(ana: Page, house: House, acme_portal: Install) -> None:
    clue = Evidence("same_domain", "Both use the domain acme.fr.", 4.0)
    name = Evidence("similar_name", "The names “Acme” and “Acme SA” are 92.5% alike.", 2.0)
    acme = Candidate(COMPANY, "Acme", None, 0.97, (clue, name))
    match = Match("matched", acme, (replace(acme, account_id="9", confidence=0.2),), "Far ahead.")
    reason = "Your rule “R” gives all leads to Ana Diaz."
    made = routed("d2", "42", match=match, route=replace(routed().route, reason=reason))
    route(house, acme_portal, made)
    path = CARD.replace(LEAD, "42")
    german, plain = told_in(ana, path, "de"), told_in(ana, path, "ja")
    assert german["confidence_words"] == "sehr wahrscheinlich"
    assert german["why"][0] == "Gleiche Domain: acme.fr."
    assert "92,5%" in german["why"][1]
    assert german["runners_up"][0]["why"] == german["why"][0]
    assert german["reason"] == "Ihre Regel „R“ vergibt alle Leads an Ana Diaz."
    assert (plain["confidence_words"], plain["reason"]) == ("very likely", reason)
    assert catalogue.spoken() == "en"


def test_what_was_refused_is_told_in_the_language_of_whoever_looks(
    ana: Page, house: House, acme_portal: Install
) -> None:
    ana.ask("undo")
    with catalogue.speaking("de"):
        german = say("request.refused.undone")
    answer(house, acme_portal, german)
    assert told_in(ana, CARD, "de")["refused"]["why"] == german
    assert told_in(ana, CARD, "en")["refused"]["why"] == "It was undone already."


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_refusals_and_their_titles_come_in_every_language(bob: Page, language: str) -> None:
    sent = {"objectTypeId": "0-1", "objectId": LEAD, "decision": "d1", "request": "undo"}
    refused = bob.post(f"/hubspot/cards/request?language={language}", sent)
    assert refused.status_code == 403
    with catalogue.speaking(language):
        wanted = (
            catalogue.template("page.title.403", "Not allowed"),
            catalogue.template("card.not theirs", words_cards.SENTENCES["card.not theirs"]),
        )
    assert (refused.get_json()["title"], refused.get_json()["detail"]) == wanted
    assert (wanted[0] == "Not allowed") == (language == "en")


def test_a_language_is_a_hint_and_never_a_reason_to_refuse(ana: Page) -> None:
    for odd in ("", "xx", "de-AT", "../../etc", "%00", "d" * 2000, "de&language=fr"):
        assert ana.get(f"{CARD}&language={odd}").status_code == 200


def test_every_status_with_a_title_has_it_in_every_language() -> None:
    titles = {int(name.rpartition(".")[2]) for name in words_cards.SENTENCES if name.startswith("page.title.")}
    assert titles == signed.TITLES
