"""`switchyard reject`: a lead goes back for whoever has it."""

from __future__ import annotations

import pytest

from connector.services import Services
from connector.store import assignments, decisions, installs, letters
from connector.store.assignments import Assignment
from connector.store.decisions import Intent
from connector.store.installs import Install
from tests.connector.test_cli import connect, environ, run, services
from tests.connector.web.kit import ANA, decision

__all__ = ["environ", "services"]

LEAD = "00Q000000000001AAA"


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(Services, "ring", lambda _self, install_id: found.append(install_id))
    return found


@pytest.fixture
def acme(services: Services, rung: list[str]) -> Install:
    """Ana has a lead."""
    install = connect(services, "Acme")
    with services.database.write() as connection:
        installs.set_mode(connection, install.id, "act")
        decisions.intend(connection, install.id, services.seal(install), [Intent(decision(), ())], now=services.clock())
        row = Assignment("d1", LEAD, ANA.id, None, "", "act", services.clock())
        assignments.add(connection, install.id, [row])
    return install


def waiting(services: Services, install: Install) -> int:
    with services.database.read() as connection:
        return letters.counts(connection, install.id)["waiting"]


def test_a_lead_goes_back_for_whoever_has_it_once(services: Services, acme: Install, rung: list[str]) -> None:
    result = run("reject", LEAD)
    assert (result.exit_code, result.output) == (0, f"Lead {LEAD} is routed anew, and not to Ana Diaz.\n")
    with services.database.read() as connection:
        [row] = assignments.of_leads(connection, acme.id, [LEAD], mode="act")[LEAD]
    assert (row.user_id, row.ending) == (ANA.id, "rejected")
    assert (waiting(services, acme), rung) == (1, [acme.id])
    again = run("reject", LEAD)
    assert (again.exit_code, again.output) == (1, f"Error: Nobody has lead {LEAD} by us in Acme.\n")
    assert (waiting(services, acme), rung) == (1, [acme.id])


def test_whoever_is_not_known_by_name_any_more_is_told_by_id(services: Services, acme: Install) -> None:
    with services.database.write() as connection:
        connection.execute(decisions.decision.delete())
    assert run("reject", LEAD).output == f"Lead {LEAD} is routed anew, and not to {ANA.id}.\n"


def test_of_several_installs_the_one_that_is_named_is_meant(services: Services, acme: Install, rung: list[str]) -> None:
    other = connect(services, "Other")
    assert "name one with --install" in run("reject", LEAD).output
    assert f"Nobody has lead {LEAD} by us in Other" in run("reject", LEAD, "--install", other.id).output
    assert rung == []
    assert run("reject", LEAD, "--install", acme.id).exit_code == 0
    assert rung == [acme.id]
