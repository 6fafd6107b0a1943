"""`switchyard explain`: whatever a supporter has in hand leads to the lead's story, and the story back to Sentry."""

from __future__ import annotations

import json

import pytest
from cryptography.fernet import Fernet

from connector.services import Services
from connector.store import decisions, installs
from connector.store.decisions import Intent
from connector.store.seal import KeyRing
from tests.connector.test_cli import connect, environ, run, services
from tests.connector.web.kit import decision

__all__ = ["environ", "services"]

LEAD = "00Q000000000001AAA"
TRACE = "0af7651916cd43dd8448eb211c80319c"
HEADER = f"{TRACE}-b7ad6b7169203331-1"


@pytest.fixture(autouse=True)
def _decided(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two installs; in the second of them a lead was decided."""
    monkeypatch.setenv("SENTRY_TRACE_URL", "https://sentry.example.com/trace/{trace}")
    connect(services, "Other")
    install = connect(services, "Acme")
    with services.database.write() as connection:
        made = [Intent(decision("d1"), (), HEADER)]
        decisions.intend(connection, install.id, services.seal(install), made, now=services.clock())


@pytest.mark.parametrize(
    "what",
    [
        LEAD, f"https://acme.lightning.force.com/lightning/r/Lead/{LEAD}/view", "d1", TRACE, HEADER,
        f"6ad91dea-7835-4e13-a11b-bcf4120cf192:1:{LEAD}",
    ],
)  # fmt: skip
def test_each_of_these_leads_to_the_story_and_back_to_sentry(what: str) -> None:
    result = run("explain", what)
    assert result.exit_code == 0, result.output
    assert f"Trace: https://sentry.example.com/trace/{TRACE}" in result.output
    (told,) = json.loads(run("explain", what, "--json").output)
    assert (told["decision"]["lead"]["id"], told["trace"], told["state"]) == (LEAD, TRACE, "intended")
    assert told["story"] in result.output


@pytest.mark.parametrize("what", ["00Q000000000009AAA", "f" * 32, "nothing at all", ""])
def test_of_what_is_not_known_it_says_so(what: str) -> None:
    result = run("explain", what)
    assert result.exit_code == 1
    assert "Nothing is known of" in result.output


def test_an_install_that_is_named_is_looked_at_alone(services: Services) -> None:
    other = connect(services, "Third")
    assert run("explain", LEAD, "--install", other.id).exit_code == 1


def test_an_install_that_no_key_opens_holds_up_no_other_and_is_named(services: Services) -> None:
    lost = connect(services, "Lost")
    with services.database.write() as connection:
        installs.set_key(connection, lost.id, KeyRing(Fernet.generate_key().decode()).new_key())
    assert run("explain", LEAD).exit_code == 0
    unknown = run("explain", "f" * 32)
    assert (unknown.exit_code, lost.id in unknown.output) == (1, True)
    for command in (["explain", LEAD, "--install", lost.id], ["privacy", "export", LEAD, "--install", lost.id]):
        answer = run(*command)
        assert answer.exit_code == 1
        assert "No key of ENCRYPTION_KEYS opens" in answer.output
