"""`switchyard routes`: what counts as a lead in a HubSpot portal."""

from __future__ import annotations

from dataclasses import replace

from connector.hubspot.leads import SCOPES
from connector.services import Services
from connector.store import installs, progress
from connector.store.installs import Install
from connector.web.words import record_url
from jobs import choice
from tests.connector.test_cli import connect, environ, run, services

__all__ = ["environ", "services"]


def portal(services: Services, *scopes: str) -> Install:
    with services.database.write() as connection:
        made, _ = installs.connect(
            connection,
            crm="hubspot",
            tenant_id="4711",
            name="Acme\x1b[31m",
            base_url="https://app.hubspot.com",
            scopes=frozenset(scopes),
            new_key=services.keyring.new_key(),
            now=services.clock(),
        )
    return made


def asked(services: Services, install: Install) -> list[str]:
    with services.database.read() as connection:
        return [each.name for each in progress.of(connection, install.id)]


def test_a_portal_that_granted_leads_can_have_them_routed(services: Services) -> None:
    install = portal(services, *SCOPES)
    assert run("routes").output == "contacts\n"
    result = run("routes", "leads")
    assert result.output == "Acme[31m routes leads from now on. Its leads are being read anew.\n"
    assert asked(services, install) == [choice.NAME]
    assert run("routes").output == "leads\n"
    assert run("routes", "leads").output == "Acme[31m routes leads already.\n"
    assert run("routes", "leads and contacts", "--install", install.id).exit_code == 0


def test_a_portal_without_leads_is_told_what_they_need(services: Services) -> None:
    install = portal(services, "oauth")
    result = run("routes", "leads")
    assert result.exit_code == 1
    assert "did not grant leads" in result.output
    assert "Sales Hub Professional" in result.output
    assert asked(services, install) == []


def test_in_salesforce_there_is_nothing_to_choose(services: Services) -> None:
    connect(services, "Acme")
    result = run("routes", "leads")
    assert result.exit_code == 1
    assert "there is nothing to choose" in result.output


def test_a_link_leads_to_the_object_that_is_routed(services: Services) -> None:
    install = portal(services, *SCOPES)
    assert record_url(install, "lead", "9") == "https://app.hubspot.com/contacts/4711/record/0-1/9"
    routed = replace(install, routes="leads")
    assert record_url(routed, "lead", "9") == "https://app.hubspot.com/contacts/4711/record/0-136/9"
    assert record_url(routed, "contact", "9") == "https://app.hubspot.com/contacts/4711/record/0-1/9"
