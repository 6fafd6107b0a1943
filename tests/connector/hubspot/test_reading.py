"""Reading a portal: records, scans, owners, rules, audits, and what a bad day does to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connector.crm import Token
from connector.errors import Later, Refused, Revoked
from connector.rows import RuleRow
from rules.times.zones import zone_of
from tests.connector.hubspot.conftest import NOW, settings, work

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.hubspot.gateway import HubSpotCrm
    from rules.model import Record
    from tests.connector.hubspot.conftest import Portal


def scan_all(crm: HubSpotCrm, kind: str, since: datetime | None = None) -> tuple[list[Record], list[int | None]]:
    after: str | None = None
    records: list[Record] = []
    totals: list[int | None] = []
    while True:
        page = crm.scan(kind, after=after, since=since)  # type: ignore[arg-type]
        records += page.records
        totals.append(page.total)
        if page.after is None:
            return records, totals
        after = page.after


def test_records_are_read_a_hundred_a_call_and_absent_ones_are_gone(portal: Portal) -> None:
    ids = portal.people(230)
    portal.order("delete", object="contacts", id=ids[3])
    crm = portal.crm()
    found = crm.read("lead", [*ids, "999", "not-an-id", ids[0]])
    assert found.keys() == set(ids) - {ids[3]}
    assert crm.calls == 3
    assert set(portal.calls()) == {"POST /crm/objects/2026-09/0-1/batch/read"}


def test_a_merged_id_is_gone_and_the_record_that_remains_is_there(portal: Portal) -> None:
    one, two = portal.people(2)
    new = portal.order("merge", object="contacts", primary=one, other=two)["id"]
    assert portal.crm().read("lead", [one, two, new]).keys() == {new}


def test_fields_are_canonical_and_extra_ones_keep_their_name(portal: Portal) -> None:
    owner = portal.owner()
    (company,) = portal.load("companies", [{"name": "Acme", "domain": "acme.com", "numberofemployees": 5000}])
    (person,) = portal.load("contacts", [{"email": "jane@acme.com", "hubspot_owner_id": owner, "fax": "123"}])
    primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    ends = {"from": "contacts", "fromId": person, "to": "companies", "toId": company}
    portal.order("associate", types=primary, **ends)
    crm = portal.crm()
    lead = crm.read("lead", [person], extra=["fax", "no_such_property"])[person]
    assert (lead.fields["email"], lead.fields["fax"], lead.owner_id) == ("jane@acme.com", "123", owner)
    assert lead.fields["account_id"] == company
    assert "no_such_property" not in lead.fields
    assert lead.created_at is not None
    assert crm.read("account", [company])[company].fields["employees"] == 5000


def test_kinds_that_hubspot_does_not_have_are_empty(portal: Portal) -> None:
    crm = portal.crm()
    assert crm.read("opportunity", ["1"]) == {}
    assert crm.scan("user").records == ()
    assert crm.calls == 0


def test_a_scan_lists_everything_once_and_counts_it_on_the_first_page(portal: Portal) -> None:
    ids = portal.people(250)
    records, totals = scan_all(portal.crm(), "lead")
    assert [record.id for record in records] == ids
    assert totals == [250, None, None]


def test_a_scan_goes_on_when_search_is_too_busy_to_count(portal: Portal) -> None:
    portal.people(3)
    portal.fault("0-1/search", status=429, body={"policyName": "SECONDLY"})
    records, totals = scan_all(portal.crm(), "lead")
    assert (len(records), totals) == (3, [None])


def test_a_scan_since_finds_what_changed_and_passes_ten_thousand(portal: Portal) -> None:
    old = (datetime.now(UTC) - timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%SZ")
    portal.load("contacts", [{"lastname": "old", "createdate": old, "lastmodifieddate": old}] * 2)
    ids = portal.people(10_250)
    portal.order("limits", search=None)
    records, totals = scan_all(portal.crm(), "lead", since=datetime.now(UTC) - timedelta(days=1))
    assert [record.id for record in records] == ids
    assert totals[0] == 10_250
    assert len(totals) == 52


def test_a_search_that_would_be_too_long_reads_the_fields_separately(portal: Portal) -> None:
    ids = portal.people(3)
    extra = [f"a_property_with_quite_a_long_name_{number}" for number in range(100)]
    page = portal.crm().scan("account", since=datetime.now(UTC) - timedelta(days=1), extra=extra)
    assert page.records == ()
    page = portal.crm().scan("lead", since=datetime.now(UTC) - timedelta(days=1), extra=["fax", *extra])
    assert [record.id for record in page.records] == ids
    assert page.records[0].fields["first_name"] == "P"


def test_users_are_owners_with_the_owners_id(portal: Portal) -> None:
    rows: list[dict[str, Any]] = [
        {"id": 11, "userId": 99, "email": "ana@example.com", "firstName": "Ana", "lastName": "Lee"},
        {"id": 12, "email": "gone@example.com", "archived": True},
        {"id": 13, "type": "QUEUE", "email": "", "firstName": "", "lastName": ""},
        *({"id": 100 + number} for number in range(120)),
    ]
    portal.load("owners", rows)
    crm = portal.crm()
    users = {user.id: user for user in crm.users()}
    assert len(users) == 123
    assert (users["11"].name, users["11"].email, users["11"].active, users["11"].queue) == (
        "Ana Lee",
        "ana@example.com",
        True,
        False,
    )
    assert not users["12"].active
    assert users["13"].queue
    assert users["13"].name == "13"
    assert "99" not in users
    assert users["11"].login_id == "99"
    calls = crm.calls
    assert {user.id: user for user in crm.users()} == users, "remembered, and nothing of it forgotten"
    assert crm.calls == calls


def test_everybody_counts_as_being_in_the_portals_time_zone(connect: Callable[..., Portal]) -> None:
    portal = connect(tier="free", time_zone="US/Eastern")
    portal.load("owners", [{"id": 11}, {"id": 12, "archived": True}])
    assert {user.zone for user in portal.crm().users()} == {"US/Eastern"}
    assert zone_of("US/Eastern").utcoffset(NOW) == timedelta(hours=-5), (
        "HubSpot's spelling is one that we can reckon with"
    )


def test_an_owner_is_named_by_its_id_and_never_by_the_userid_of_another(portal: Portal) -> None:
    ana, bob = portal.load("owners", [{"id": 71, "userId": 72, "email": "a@x.io"}, {"id": 72, "email": "b@x.io"}])
    users = {user.email: user for user in portal.crm().users()}
    assert (users["a@x.io"].id, users["a@x.io"].login_id) == (ana, bob)
    (lead,) = portal.people(1)
    portal.crm().apply("update", [work(lead, users["a@x.io"].id, actions=["assign"])])
    assert portal.properties("contacts", lead)["hubspot_owner_id"] == ana


def test_a_queue_takes_leads_by_its_owner_id(portal: Portal) -> None:
    (queue,) = portal.load("owners", [{"type": "QUEUE", "firstName": "Inbound", "lastName": "leads"}])
    (user,) = [each for each in portal.crm().users() if each.queue]
    assert (user.id, user.name) == (queue, "Inbound leads")
    (lead,) = portal.people(1)
    (effect,) = portal.crm().apply("update", [work(lead, user.id, actions=["assign"])])
    assert effect.status == "done"
    assert portal.properties("contacts", lead)["hubspot_owner_id"] == queue


def test_a_deactivated_owner_is_known_and_refused_by_hubspot(portal: Portal) -> None:
    (gone,) = portal.load("owners", [{"archived": True}])
    assert [(user.id, user.active) for user in portal.crm().users()] == [(gone, False)]
    (lead,) = portal.people(1)
    (effect,) = portal.crm().apply("update", [work(lead, gone, actions=["assign"])])
    assert effect.status == "refused"
    assert "does not exist in this portal or is deactivated" in effect.detail


def test_rules_are_written_in_one_call_and_read_in_order(ready: Portal) -> None:
    crm = ready.crm()
    rows = [RuleRow(f"Rule {number}", "rule", 100 - number, f"- rule: {number}\n", "draft") for number in range(30)]
    twins = [RuleRow("Twin", "pool", 500, "same"), RuleRow("Twin", "pool", 500, "same")]
    ids = crm.put_rules([*rows, *twins])
    assert len(set(ids)) == 32
    found = crm.rules()
    assert [row.position for row in found] == sorted(row.position for row in found)
    by_id = {row.id: row for row in found}
    assert by_id[ids[7]].name == "Rule 7"
    assert by_id[ids[7]].state == "draft"
    assert by_id[ids[7]].definition.strip() == "- rule: 7"
    assert [row.id for row in found[-2:]] == sorted(ids[-2:])
    changed = RuleRow("Rule 7", "rule", 1, "new", "live", "line 1: wrong", "v2", ids[7])
    new = RuleRow("New", "rule", 0, "x")
    answer = crm.put_rules([changed, new])
    assert answer[0] == ids[7]
    assert crm.rules()[:2] == (RuleRow("New", "rule", 0, "x", id=answer[1]), changed)
    assert crm.put_rules([RuleRow("Rule 7", "rule", 1, "new", id=ids[7])]) == (ids[7],)
    assert crm.rules()[1].error == ""


def test_a_rule_that_hubspot_cannot_hold_or_find_is_refused_by_name(ready: Portal) -> None:
    crm = ready.crm()
    with pytest.raises(Refused, match="The definition of Long is longer than"):
        crm.put_rules([RuleRow("Long", "rule", 1, "x" * 70_000)])
    with pytest.raises(Refused, match="no longer exists"):
        crm.put_rules([RuleRow("Lost", "rule", 1, "x", id="123")])
    assert crm.rules() == ()


def test_audits_come_back_newest_first_by_our_names(ready: Portal) -> None:
    lead, other = ready.people(2)
    crm = ready.crm()
    items = [work(lead, "1", key=f"d{number}") for number in range(3)] + [work(other, "1", key="dx")]
    assert {effect.status for effect in crm.apply("audit", items)} == {"done"}
    ready.calls()
    found = crm.audits(lead)
    assert not [call for call in ready.calls() if call.endswith("/search")]
    assert {row["key"] for row in found} == {"d0", "d1", "d2"}
    assert found[0]["story"] == "Jane came in and went to Ana."
    assert found[0]["ruleset_version"] == "v1"
    assert found[0]["outcome"] == "assigned"
    assert crm.audits("12345") == ()


# -- bad days --------------------------------------------------------------------------------------------------------


def test_an_expired_token_is_renewed_once_and_the_call_repeated(portal: Portal) -> None:
    (person,) = portal.people(1)
    portal.order("expire")
    crm = portal.crm()
    assert crm.read("lead", [person]).keys() == {person}
    assert portal.tokens.renewals == 1
    assert crm.calls == 2


def test_an_uninstalled_app_is_revoked(portal: Portal) -> None:
    portal.order("uninstall")
    with pytest.raises(Revoked):
        portal.crm().read("lead", ["1"])


def test_a_second_401_is_revoked_and_not_tried_for_ever(portal: Portal) -> None:
    portal.fault("batch/read", times=5, status=401, body={"category": "INVALID_AUTHENTICATION"})
    crm = portal.crm()
    with pytest.raises(Revoked):
        crm.read("lead", ["1"])
    assert crm.calls == 2


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        ({"status": 429, "body": {"policyName": "TEN_SECONDLY_ROLLING"}}, 10),
        ({"status": 503, "body": "<html>"}, 30),
        ({"drop": "before"}, 5),
        ({"drop": "after"}, 5),
        ({"status": 200, "body": "<html>not JSON"}, 30),
    ],
)
def test_an_outage_is_tried_later(portal: Portal, fault: dict[str, object], seconds: float) -> None:
    (person,) = portal.people(1)
    crm = portal.crm()
    portal.fault("batch/read", **fault)
    with pytest.raises(Later) as later:
        crm.read("lead", [person])
    assert later.value.seconds == seconds
    assert crm.read("lead", [person]).keys() == {person}


def test_a_slow_answer_ends_at_the_read_timeout(portal: Portal) -> None:
    portal.fault("batch/read", delay=1.0)
    with pytest.raises(Later, match="did not answer"):
        portal.crm(settings=settings(crm_read_timeout=0.2)).read("lead", ["1"])


def test_a_host_that_is_not_there_is_tried_later(portal: Portal) -> None:
    class Nowhere:
        def current(self) -> Token:
            return Token("x", "http://127.0.0.1:9")

        def renew(self, stale: Token) -> Token:
            return stale

    with pytest.raises(Later, match="could not be reached"):
        portal.crm(tokens=Nowhere()).read("lead", ["1"])


def test_the_rolling_limit_of_the_portal_is_heeded(portal: Portal) -> None:
    portal.order("limits", general=2)
    crm = portal.crm()
    crm.read("lead", ["1"])
    crm.read("lead", ["1"])
    with pytest.raises(Later) as later:
        crm.read("lead", ["1"])
    assert later.value.seconds == 10


def test_a_refused_read_never_passes_for_a_deleted_record(portal: Portal) -> None:
    (person,) = portal.people(1)
    portal.fault("batch/read", status=400, body={"category": "VALIDATION_ERROR"})
    with pytest.raises(Refused):
        portal.crm().read("lead", [person])


def test_a_404_for_some_records_does_not_hide_the_others(portal: Portal) -> None:
    ids = portal.people(4)
    portal.fault("batch/read", status=404, body={"category": "OBJECT_NOT_FOUND", "context": {"ids": [ids[0]]}})
    assert portal.crm().read("lead", ids).keys() == set(ids[1:])
    portal.fault("batch/read", status=404, body={"category": "OBJECT_NOT_FOUND"})
    assert portal.crm().read("lead", ids).keys() == set(ids)


def test_one_connection_carries_every_call(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    import urllib3.connection  # noqa: PLC0415 - only this test looks underneath

    opened = []
    connect = urllib3.connection.HTTPConnection.connect

    def counting(self: urllib3.connection.HTTPConnection) -> None:
        opened.append(self.port)
        connect(self)

    monkeypatch.setattr(urllib3.connection.HTTPConnection, "connect", counting)
    crm = portal.crm()
    portal.people(3)
    crm.users()
    crm.scan("lead")
    crm.scan("account")
    crm.read("lead", ["1"])
    assert crm.calls >= 7
    assert len(opened) == 1


def test_two_portals_never_see_each_other(connect: Callable[..., Portal]) -> None:
    alice, bob = connect(), connect()
    (person,) = alice.people(1)
    assert bob.crm().read("lead", [person]) == {}
    assert bob.crm().scan("lead").records == ()
