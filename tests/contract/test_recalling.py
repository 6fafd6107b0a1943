"""All audits of a CRM, as they were made: what is remembered when our database is lost. The same for every CRM."""

from __future__ import annotations

from connector.crm import Crm
from connector.rows import AuditPage
from rules import detail
from tests.contract.decisions import decision, perform, work
from tests.contract.place import Place


def pages(crm: Crm) -> list[AuditPage]:
    """Every page there is."""
    found = [crm.audit_page()]
    while found[-1].after is not None:
        found.append(crm.audit_page(found[-1].after))
    return found


def test_all_audits_are_found_as_they_were_made_and_tell_their_decisions(place: Place, crm: Crm) -> None:
    before = {row["key"] for page in pages(crm) for row in page.rows}
    made = [decision(place.lead(last_name=f"Recalled {number}"), place.ana) for number in range(5)]
    for each in made:
        perform(crm, work(each))
    rows = [row for page in pages(crm) for row in page.rows if row["key"] not in before]
    assert [row["key"] for row in rows] == [each.key for each in made]
    assert all(row["id"] for row in rows)
    users = {place.ana.id: place.ana}
    for row, each in zip(rows, made, strict=True):
        found = detail.read(row["detail"], users)
        assert (found.key, found.actions, found.decided_at) == (each.key, each.actions, each.decided_at)
        assert (row["lead_id"], row["outcome"]) == (each.lead.id, each.outcome)


def test_where_nothing_was_decided_there_is_no_audit(place: Place, crm: Crm) -> None:
    known = {row["key"] for page in pages(crm) for row in page.rows}
    place.lead(last_name="Undecided")
    assert {row["key"] for page in pages(crm) for row in page.rows} == known
