"""A portal without custom objects: audits are notes, reports are properties, rules stand in our own database."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import requests

from connector.acts import ResponseRow
from connector.errors import Later, Refused
from connector.hubspot import notetext
from connector.hubspot.notetext import NOTE
from connector.hubspot.properties import TEXT_LIMIT
from connector.rows import RuleRow
from rules.model import AUDIT
from tests.connector.hubspot.conftest import NOW, work

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.work import Work
    from tests.connector.hubspot.conftest import Portal


@pytest.fixture
def plain(shelved: Callable[..., Portal]) -> Portal:
    """A portal of a small subscription, set up."""
    made = shelved(tier="professional")
    made.crm().prepare()
    made.calls()
    return made


def notes(portal: Portal) -> list[str]:
    return [row["properties"]["hs_note_body"] for row in portal.rows(NOTE)]


def one(portal: Portal, **more: Any) -> Work:
    (person,) = portal.people(1)
    return work(person, portal.owner(), **more)


def test_an_audit_is_a_note_that_people_can_read_and_we_can_too(plain: Portal) -> None:
    crm, item = plain.crm(), one(plain)
    (effect,) = crm.apply("audit", [item])
    assert effect.status == "done"
    (body,) = notes(plain)
    assert "<strong>Ana takes Jane</strong>" in body
    assert "Jane came in and went to Ana." in body
    (row,) = crm.audits(item.decision.lead.id)
    assert (row["key"], row["rule"], row["outcome"]) == (item.decision.key, "EMEA", "assigned")
    assert (row["confidence"], row["story"], row["detail"]) == ("0.9000", "Jane came in and went to Ana.", "{}")
    assert row["decided_at"] == "2026-11-22T09:00:00.000Z"


def test_the_note_is_on_the_contact_and_no_activity_of_the_company(plain: Portal) -> None:
    (company,) = plain.load("companies", [{"name": "Acme"}])
    item = one(plain, company=company)
    assert plain.crm().apply("audit", [item])[0].status == "done"
    (note,) = plain.rows(NOTE)
    assert {each["toObjectType"] for each in note["associations"]} == {"0-1"}


def test_a_note_that_was_begun_is_looked_for_and_not_doubled(plain: Portal) -> None:
    crm, item = plain.crm(), one(plain)
    plain.fault("POST /crm/objects/2026-09/0-46/batch/create", drop="after")
    with pytest.raises(Later):
        crm.apply("audit", [item])
    (effect,) = crm.apply("audit", [replace(item, uncertain=frozenset({AUDIT}))])
    assert effect.status == "already"
    assert len(notes(plain)) == 1


def test_other_peoples_notes_are_none_of_our_audits(plain: Portal) -> None:
    crm, item = plain.crm(), one(plain)
    lead = item.decision.lead.id
    link = [{"to": {"id": lead}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}]}]
    for body in ("Called her", "Switchyard record: nonsense", f"{notetext.RECORD}e30", ""):
        plain.order("create", object="notes", properties={"hs_timestamp": "1", "hs_note_body": body}, associations=link)
    assert crm.audits(lead) == ()
    crm.apply("audit", [item])
    assert [row["key"] for row in crm.audits(lead)] == [item.decision.key]


def test_an_audit_of_a_deleted_contact_is_written_all_the_same(plain: Portal) -> None:
    item = one(plain)
    plain.order("delete", object="contacts", id=item.decision.lead.id)
    (effect,) = plain.crm().apply("audit", [item])
    assert (effect.status, effect.detail.split(".")[0]) == (
        "done",
        "Written without its links to the contact and company",
    )


def test_markup_of_hubspots_own_breaks_no_record() -> None:
    values = {"key": "d<1>&", "title": "A <b> & c", "story": "one\ntwo", "detail": '{"a": "<p>"}'}
    body = notetext.note_body(values)
    for dressed in (
        f'<div style="" dir="auto">{body}</div>',
        body.replace("<p>", '<p style="margin:0;">'),
        body.replace("\n", ""),
        body.replace(notetext.RECORD, f"{notetext.RECORD}<span>"),
    ):
        assert notetext.read_note(dressed) == values
    assert html.escape(values["title"], quote=False) in body
    assert notetext.read_note(body.replace(notetext.RECORD, "")) == {}


@pytest.mark.parametrize("length", [1_000, 20_000, 65_536])
def test_a_long_audit_fits_into_a_note(length: int) -> None:
    noise = "".join(chr(0x4E00 + (number * 7919) % 20_000) for number in range(length))
    values = {"key": "d1", "title": "T", "story": noise, "detail": noise, "rule": "EMEA"}
    body = notetext.note_body(values)
    assert len(body) <= TEXT_LIMIT
    found = notetext.read_note(body)
    assert (found["key"], found["rule"]) == ("d1", "EMEA")
    assert found["story" if length == 1_000 else "rule"]
    marked = notetext.marked(body, {"response_status": "late"})
    assert len(marked) <= TEXT_LIMIT
    assert notetext.read_note(marked) == found | {"response_status": "late"}


def test_a_record_that_claims_to_be_huge_is_not_unpacked() -> None:
    bomb = notetext.note_body({"key": "x" * 5_000_000, "title": "", "story": ""})
    assert len(bomb) < TEXT_LIMIT
    assert notetext.read_note(bomb) == {}


def test_an_answer_is_noted_in_the_note_and_on_the_contact_whose_last_decision_it_is(plain: Portal) -> None:
    crm, owner = plain.crm(), plain.owner()
    first, second = (work(person, owner) for person in plain.people(2))
    crm.apply("update", [first, second])
    refs = {each.decision_key: each.ref for each in crm.apply("audit", [first, second])}
    plain.order(
        "update", object="contacts", id=second.decision.lead.id, properties={"switchyard_decision": "a newer one"}
    )
    key = first.decision.key
    rows = [
        ResponseRow(each.decision.key, refs[each.decision.key], "late", NOW, 12.5, each.decision.lead.id)
        for each in (first, second)
    ]
    assert crm.mark_responses(rows) == {}
    (row,) = crm.audits(first.decision.lead.id)
    assert (row["key"], row["response_status"], row["response_minutes"]) == (key, "late", "12.5")
    assert "Jane came in and went to Ana." in notes(plain)[0]
    told = plain.properties("contacts", first.decision.lead.id)
    assert (told["switchyard_response"], told["switchyard_response_minutes"]) == ("late", "12.5")
    assert plain.properties("contacts", second.decision.lead.id)["switchyard_response"] == "none"


def test_an_answer_never_touches_a_note_of_somebody_else(plain: Portal) -> None:
    crm, item = plain.crm(), one(plain)
    crm.apply("audit", [item])
    made = plain.order("create", object="notes", properties={"hs_timestamp": "1", "hs_note_body": "Called her"})
    before = notes(plain)
    theirs = ResponseRow(item.decision.key, str(made["id"]), "late")
    assert crm.mark_responses([theirs, ResponseRow("unknown", "", "late"), ResponseRow("x", "999999", "late")]) == {}
    assert notes(plain) == before


def test_the_stamp_says_what_every_subscription_can_report_on(plain: Portal) -> None:
    crm, item = plain.crm(), one(plain)
    crm.apply("update", [replace(item, entry=replace(item.entry, duplicate_of="77", response_status="waiting"))])
    told = plain.properties("contacts", item.decision.lead.id)
    assert told["switchyard_decision"] == item.decision.key
    assert (told["switchyard_outcome"], told["switchyard_mode"]) == ("assigned", "act")
    assert (told["switchyard_duplicate_of"], told["switchyard_response"]) == ("77", "waiting")


def test_a_decision_that_changes_nothing_is_reported_on_without_a_stamp(plain: Portal) -> None:
    crm, item = plain.crm(), one(plain, actions=())
    observed = replace(item, entry=replace(item.entry, outcome="observed", mode="observe"))
    crm.apply("audit", [observed])
    told = plain.properties("contacts", item.decision.lead.id)
    assert (told["switchyard_outcome"], told["switchyard_mode"]) == ("observed", "observe")
    assert (told["switchyard_rule"], told["switchyard_confidence"]) == ("EMEA", "0.9")
    assert "switchyard_decision" not in told, "nothing was given to anybody by it"


def test_a_reminder_is_no_decision_to_report_on(plain: Portal) -> None:
    crm, item = plain.crm(), one(plain, actions=())
    crm.apply("audit", [replace(item, entry=replace(item.entry, outcome="reminded"))])
    assert "switchyard_outcome" not in plain.properties("contacts", item.decision.lead.id)


COMPANY_SCOPES = {"crm.objects.companies.write", "crm.schemas.companies.read", "crm.schemas.companies.write"}


def test_a_company_says_what_was_last_decided_where_that_is_granted(shelved: Callable[..., Portal]) -> None:
    portal = shelved(tier="starter")
    granted = portal.order("install", scopes=sorted(portal.scopes | COMPANY_SCOPES))
    portal.tokens.access_token, portal.scopes = granted["access_token"], frozenset(granted["scopes"])
    crm, owner = portal.crm(), portal.owner()
    crm.prepare()
    (company,) = portal.load("companies", [{"name": "Acme"}])
    items = [work(person, owner, company=company) for person in portal.people(2)]
    newer = replace(items[1], entry=replace(items[1].entry, rule="Newer", decided_at=NOW.replace(hour=10)))
    crm.apply("audit", [newer, items[0]])
    told = portal.properties("companies", company)
    assert (told["switchyard_last_lead_rule"], told["switchyard_last_lead_outcome"]) == ("Newer", "assigned")
    assert told["switchyard_last_lead_at"].startswith("2026-11-22T10:00")


def test_a_company_that_is_gone_holds_up_no_audit(shelved: Callable[..., Portal]) -> None:
    portal = shelved(tier="starter")
    granted = portal.order("install", scopes=sorted(portal.scopes | COMPANY_SCOPES))
    portal.tokens.access_token, portal.scopes = granted["access_token"], frozenset(granted["scopes"])
    portal.crm().prepare()
    item = one(portal, company="4242")
    assert [each.status for each in portal.crm().apply("audit", [item])] == ["done"]


def test_rules_stand_in_our_database_and_are_written_like_records(plain: Portal) -> None:
    crm = plain.crm()
    desk, rest = crm.put_rules([RuleRow("Desk", "pool", 20, "- pool: Desk"), RuleRow("Rest", "rule", 10, "- rule: R")])
    assert [row.name for row in crm.rules()] == ["Rest", "Desk"]
    crm.mark_standings([RuleRow("", "", 0, "", id=desk, standing="Ana: 1", received=1, difference=0.5)])
    crm.mark_rules([RuleRow("", "", 0, "", id=rest, error="Bad.", version="v2")])
    crm.put_rules([RuleRow("Desk 2", "pool", 5, "- pool: Desk 2", id=desk)])
    first, second = plain.crm().rules()
    assert (first.id, first.name, first.standing, first.received, first.difference) == (
        desk,
        "Desk 2",
        "Ana: 1",
        1,
        0.5,
    )
    assert (second.definition, second.error, second.version) == ("- rule: R", "Bad.", "v2")
    assert not [call for call in plain.calls() if "GET" not in call], "HubSpot has no part in it"


def test_a_rule_that_is_gone_is_not_written(plain: Portal) -> None:
    crm = plain.crm()
    with pytest.raises(Refused, match="not there any more"):
        crm.put_rules([RuleRow("Desk", "pool", 1, "- pool: Desk", id="987654")])
    crm.mark_rules([RuleRow("Desk", "pool", 1, "- pool: Desk", id="987654", error="x")])
    assert crm.rules() == ()


def test_a_property_that_an_admin_deleted_comes_back_and_a_missing_option_too(plain: Portal) -> None:
    base = "/crm/properties/2026-09/contacts"
    api(plain, "DELETE", f"{base}/switchyard_outcome")
    api(plain, "PATCH", f"{base}/switchyard_mode", {"options": [{"label": "Ours", "value": "ours"}]})
    plain.memo.values.clear()
    item = one(plain)
    assert [each.status for each in plain.crm().apply("update", [item])] == ["done", "done"]
    told = plain.properties("contacts", item.decision.lead.id)
    assert (told["switchyard_outcome"], told["switchyard_mode"]) == ("assigned", "act")
    options = api(plain, "GET", f"{base}/switchyard_mode")["options"]
    assert [each["value"] for each in options] == ["ours", "observe", "suggest", "act"]


def test_a_property_of_another_type_is_left_out_of_the_stamp(plain: Portal) -> None:
    base = "/crm/properties/2026-09/contacts"
    api(plain, "PATCH", f"{base}/switchyard_account", {"type": "number", "fieldType": "number"})
    plain.memo.values.clear()
    item = one(plain)
    assert [each.status for each in plain.crm().apply("update", [item])] == ["done", "done"]
    (line,) = [each for each in plain.crm().check() if each.name == "Properties for reports (optional)"]
    assert "switchyard_account on contact" in line.detail


def api(portal: Portal, method: str, path: str, body: object = None) -> Any:
    headers = {"Authorization": f"Bearer {portal.tokens.access_token}"}
    answer = requests.request(method, portal.sandbox.url + path, json=body, headers=headers, timeout=10)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None
