"""`switchyard privacy`: what is held about one person."""

from __future__ import annotations

import json

import pytest

from connector.services import Services
from connector.store import decisions, erasures
from connector.store.decisions import Intent
from tests.connector.test_cli import connect, environ, run, services
from tests.connector.web.kit import decision

__all__ = ["environ", "services"]

LEAD = "00Q000000000001AAA"


def test_what_is_held_about_a_lead_is_written_as_json(services: Services) -> None:
    install = connect(services, "Acme")
    with services.database.write() as connection:
        decisions.intend(connection, install.id, services.seal(install), [Intent(decision(), ())], now=services.clock())
    result = run("privacy", "export", LEAD)
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert told["ids"] == [LEAD]
    assert [each["decision"]["lead"]["fields"]["email"] for each in told["decisions"]] == ["marie@acme.fr"]


def test_of_an_unknown_record_it_says_that_nothing_is_held(services: Services) -> None:
    connect(services, "Acme")
    result = run("privacy", "export", "00Q00000000000XAAA")
    assert (result.exit_code, result.output) == (1, "Error: Nothing is held about 00Q00000000000XAAA.\n")


@pytest.mark.parametrize("words", [("export", "0"), ("forget", "0", "--yes"), ("forget", "00Q9")])
def test_what_is_no_id_of_a_lead_or_contact_is_refused(services: Services, words: tuple[str, ...]) -> None:
    install = connect(services, "Acme")
    result = run("privacy", *words)
    assert (result.exit_code, "it begins with 00Q or 003" in result.output) == (1, True)
    with services.database.read() as connection:
        assert erasures.waiting(connection, install.id) == []
