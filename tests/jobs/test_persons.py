"""Person accounts: one is somebody, whom a lead may be, and no company that a lead may belong to."""

from __future__ import annotations

from connector.store import decisions
from rules.model import Decision, Record, Value
from tests.jobs.conftest import START, House


def person(house: House, mail: str) -> None:
    """Put a person account there: an account and a contact that are one person."""
    house.account("a1", name="Acme Industries", person=True)
    fields: dict[str, Value] = {"name": "Acme Industries", "email": mail, "account_id": "a1", "person": True}
    house.crm.add(Record("contact", "c1", fields, owner_id="u1", created_at=START, modified_at=START))
    house.post(house.event("a1", kind="account"), house.event("c1", kind="contact"))
    house.drain()


def decided(house: House, lead_id: str) -> Decision:
    house.post(house.event(lead_id))
    house.drain()
    with house.database.read() as connection:
        seal = house.keyring.seal(house.install.key)
        return decisions.latest(connection, house.install.id, seal, [lead_id])[lead_id]


def test_a_person_account_is_not_matched_as_a_company_by_its_name_or_domain(house: House) -> None:
    person(house, "acme@corp.example")
    house.lead("l1", company="Acme Industries", email="bob@corp.example")
    assert decided(house, "l1").match.account is None


def test_a_company_of_that_name_is_matched(house: House) -> None:
    person(house, "acme@corp.example")
    house.account("a2", name="Acme Industries", website="corp.example", country="FR")
    house.post(house.event("a2", kind="account"))
    house.drain()
    house.lead("l1", company="Acme Industries", email="bob@corp.example", country="FR")
    match = decided(house, "l1").match
    assert match.account is not None
    assert match.account.account_id == "a2"


def test_a_lead_with_the_persons_address_is_known_to_be_that_person(house: House) -> None:
    person(house, "ana@mail.example")
    house.lead("l1", email="ana@mail.example", name="Acme Industries", last_name="Industries")
    found = decided(house, "l1").duplicate
    assert (found.status, found.of_kind, found.of_id) == ("same", "contact", "c1")
