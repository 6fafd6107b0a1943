"""What people said of two records, as audits of a CRM: linked to what they are about, written once, and read again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.crm import Crm
from rules import labels
from rules.actions import Member
from rules.labelling import labelled
from rules.labels import Label, LabelVerdict
from rules.model import AUDIT, Decision, Kind, Record
from tests.contract.decisions import DONE, NOW, perform, statuses, work
from tests.contract.place import Place


def records(place: Place, kind: str) -> tuple[Member, Member]:
    """Put two records there."""
    if kind == "contacts":
        account = place.account("Muster", place.ana)
        return Member("contact", place.contact(account)), Member("contact", place.contact(account))
    if kind == "a contact and an account":
        account = place.account("Muster AG", place.bob)
        return Member("contact", place.contact(account)), Member("account", account)
    one: Kind = "lead" if kind == "a lead and an account" else "account"
    first = place.lead(last_name="Said") if one == "lead" else place.account("Muster", place.ana)
    return Member(one, first), Member("account", place.account("Muster AG", place.bob))


def made(verdict: LabelVerdict, both: tuple[Member, Member], *, by: str = "Ana", hours: int = 0) -> Decision:
    label = Label(verdict, both, by, NOW + timedelta(hours=hours), 1.25)
    about = Record(both[0].kind, both[0].id, {"name": "Muster"})
    return labelled(label, about, "Muster AG", mode="observe", version="v1", now=NOW)


def rows(crm: Crm, key: str) -> list[dict[str, str]]:
    """Every audit of this key, in all there are."""
    page = crm.audit_page()
    found = list(page.rows)
    while page.after is not None:
        page = crm.audit_page(page.after)
        found += page.rows
    return [dict(row) for row in found if row.get("key") == key]


@pytest.mark.parametrize("kind", ["accounts", "contacts", "a lead and an account", "a contact and an account"])
def test_an_answer_is_written_once_and_read_as_it_was_given(place: Place, crm: Crm, kind: str) -> None:
    both = records(place, kind)
    verdicts: dict[str, LabelVerdict] = {"a lead and an account": "never", "a contact and an account": "rejected"}
    decision = made(verdicts.get(kind, "different"), both)
    effects = perform(crm, work(decision))
    assert statuses(effects, decision) == {AUDIT: "done"}
    assert effects[(decision.key, AUDIT)].detail == "", "with its links"
    again = perform(crm, work(decision, uncertain={AUDIT}))
    assert set(statuses(again, decision).values()) <= DONE
    (row,) = rows(crm, decision.key)
    assert labels.read(row) == decision.label
    assert (row["lead_id"], row["reason"]) == (both[0].id, decision.route.reason)
    assert "match_status" not in row, "reports on matches do not count it"
    cut = labels.read({**row, "detail": '{"cut": true}'})
    assert cut is not None
    assert decision.label is not None
    assert (cut.verdict, cut.by, cut.at, cut.log_odds) == (decision.label.verdict, "Ana", NOW, None)
    assert [each.id for each in cut.records] == [each.id for each in both]


def test_a_later_answer_is_another_record(place: Place, crm: Crm) -> None:
    both = records(place, "accounts")
    said = [made("different", both), made("open", both, hours=1), made("same", both, hours=2, by="Bob")]
    for each in said:
        perform(crm, work(each))
    told = [labels.read(row) for each in said for row in rows(crm, each.key)]
    assert told == [each.label for each in said]


def test_what_is_said_of_accounts_changes_nothing_on_a_lead(place: Place, crm: Crm) -> None:
    lead = place.lead(last_name="Bystander")
    before = place.landed(lead)
    both = records(place, "accounts")
    # Ids are of one object each: a lead may have the id of an account.
    decision = made("different", (Member("account", lead), both[1]))
    perform(crm, work(decision))
    after = place.landed(lead)
    assert replace(after, audits={}) == replace(before, audits={})
    assert json.loads(rows(crm, decision.key)[0]["detail"])["label"]["verdict"] == "different"
    on_the_lead = {row.get("key") for row in crm.audits(lead)}
    assert crm.name != "hubspot" or decision.key not in on_the_lead, "in Salesforce no two records have one id"
