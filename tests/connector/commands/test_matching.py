"""The commands about matching, as an admin meets them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from rich.console import Console

from connector.commands import matching
from connector.index import Index
from connector.services import Services
from connector.store import installs, letters, progress, reviews
from connector.store.installs import Install
from rules.model import Candidate, Evidence, Match, Record
from tests.connector.store.kit import decision
from tests.connector.test_cli import WIDE, connect, environ, run, services

__all__ = ["environ", "services"]

BEST = Candidate("a1", "Globex [Corp]\x1b[31m", None, 0.7, (Evidence("same_domain", "Both use globex.com.", 3.0),))
OTHER = Candidate("a2", "Globex Holding", None, 0.2)


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "out", lambda: Console(width=WIDE))


@pytest.fixture
def acme(services: Services) -> Install:
    """An install that asks about lead l1 of Globex."""
    made = connect(services, "Acme")
    match = Match("review", BEST, (OTHER,), "Not sure enough.", log_odds=0.8)
    asks = decision("d1", "l1", match=match, lead=Record("lead", "l1", {"name": "Kim", "email": "kim@globex.com"}))
    with services.database.write() as connection:
        reviews.follow(connection, made.id, services.seal(made), [asks], now=services.clock())
    return made


def answers(services: Services, install: Install) -> dict[str, str]:
    with services.database.read() as connection:
        assert letters.counts(connection, install.id)["waiting"] == 1, "the lead is decided anew"
        found = reviews.decided(connection, install.id, services.seal(install))
    return {each.account_id: each.state for each in found}


def test_reviews_are_listed_with_their_evidence_and_cannot_steer_the_terminal(acme: Install) -> None:
    result = run("reviews", "list")
    assert result.exit_code == 0
    for words in ("l1", "Kim", "Globex [Corp]", "+3.0 Both use globex.com.", "Globex Holding"):
        assert words in result.output
    assert "\x1b" not in result.output


def test_an_account_is_accepted(services: Services, acme: Install) -> None:
    result = run("reviews", "accept", "l1")
    assert result.exit_code == 0
    assert result.output.startswith("Lead l1 belongs to Globex [Corp]")
    assert answers(services, acme) == {"a1": "accepted"}
    assert run("reviews", "list").output == "Nothing waits for a person.\n"


def test_another_candidate_is_accepted_by_its_id(services: Services, acme: Install) -> None:
    assert run("reviews", "accept", "l1", "--account", "a2", "--install", acme.id).exit_code == 0
    assert answers(services, acme) == {"a1": "rejected", "a2": "accepted"}


@pytest.mark.parametrize(
    ("options", "state", "words"),
    [
        ((), "rejected", "Lead l1 does not belong to Globex"),
        (("--never",), "never", "Leads of globex.com never belong to Globex"),
    ],
)
def test_an_account_is_rejected_once_or_for_ever(
    services: Services, acme: Install, options: tuple[str, ...], state: str, words: str
) -> None:
    assert run("reviews", "reject", "l1", *options).output.startswith(words)
    assert answers(services, acme) == {"a1": state}


def test_what_nobody_asks_about_is_a_sentence(acme: Install) -> None:
    result = run("reviews", "accept", "l9")
    assert (result.exit_code, "Nobody asks about lead l9" in result.output) == (1, True)
    result = run("reviews", "accept", "l1", "--account", "a9")
    assert (result.exit_code, "Candidates: a1, a2." in result.output) == (1, True)


def test_a_mass_match_is_started_paused_and_resumed(services: Services, acme: Install) -> None:
    assert run("match", "status").output == "No mass match was asked for yet.\n"
    assert run("match", "pause", acme.id).output == "No mass match is under way.\n"
    assert run("match", "run", acme.id, "--only-unmatched", "--dry-run").exit_code == 0

    def state() -> str:
        with services.database.read() as connection:
            (found,) = progress.of(connection, acme.id)
        return f"{found.name} {found.state}"

    assert state() == "try:unmatched waiting"
    assert run("match", "pause", acme.id).output == "Paused.\n"
    assert state() == "try:unmatched paused"
    assert "paused" in run("match", "status").output
    assert run("match", "resume").output == "Goes on.\n"
    assert state() == "try:unmatched waiting"


def test_the_contacts_that_hubspot_has_routed_get_accounts_suggested_too(services: Services) -> None:
    with services.database.write() as connection:
        portal, _ = installs.connect(
            connection,
            crm="hubspot",
            tenant_id="42",
            name="Portal",
            base_url="https://app.hubspot.com",
            scopes=frozenset(),
            new_key=services.keyring.new_key(),
            now=services.clock(),
        )
        kim = Record("lead", "51", {"name": "Kim Lee", "email": "kim@globex.com", "company": "Globex Corporation"})
        globex = Record("account", "7", {"name": "Globex Corporation", "website": "globex.com"})
        Index(connection, portal.id, services.seal(portal)).put([kim, globex])
    (found,) = json.loads(run("match", "suggest", portal.id, "--contacts", "--json").stdout)
    assert (found["one"], found["other"]) == (["51", "Kim Lee"], ["7", "Globex Corporation"])
    with services.database.write() as connection:
        wrong = reviews.apart(kim, "7", "Globex Corporation", by="Ana", now=services.clock())
        reviews.keep(connection, portal.id, services.seal(portal), [wrong])
    assert json.loads(run("match", "suggest", portal.id, "--contacts", "--json").stdout) == [], "somebody said no"


def test_accounts_that_may_be_one_are_suggested_as_a_table_and_as_json(services: Services, acme: Install) -> None:
    assert "Nothing looks as if" in run("match", "suggest").output
    made = services.clock() - timedelta(days=9)
    with services.database.write() as connection:
        Index(connection, acme.id, services.seal(acme)).put(
            [
                Record("account", "a1", {"name": "Globex Corporation", "website": "globex.com"}, created_at=made),
                Record("account", "a2", {"name": "Globex Corp.", "website": "www.globex.com"}, created_at=made),
                Record("account", "a3", {"name": "Initech"}, created_at=made),
            ]
        )
    result = run("match", "suggest", acme.id, "--least", "0.3", "--json")
    (pair,) = json.loads(result.stdout)
    assert {pair["one"][0], pair["other"][0]} == {"a1", "a2"}
    assert pair["evidence"]
    told = run("match", "suggest", "--least", "0.3").stdout
    assert "Globex Corporation" in told
    assert "Initech" not in told
