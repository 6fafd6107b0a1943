from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests

from tests.sandbox.hubspot.conftest import COMPANIES, CONTACTS, LEADS, OBJECTS, Client, link_to, until

if TYPE_CHECKING:
    from tests.sandbox.hubspot import Sandbox

TASKS = f"{OBJECTS}/tasks"
NOTES = f"{OBJECTS}/notes"


@pytest.fixture(autouse=True)
def owners(sandbox: Sandbox) -> None:
    rows = [
        {"id": 41, "userId": 777, "email": "ana@example.com"},
        {"id": 42, "archived": True, "email": "bob@example.com"},
        {"id": 43, "email": "cyd@example.com", "salesSeat": False},
    ]
    sandbox.load(sandbox.portal, "owners", rows)


def company(sandbox: Sandbox, **properties: str) -> str:
    made = sandbox.load(sandbox.portal, "companies", [{"properties": properties}])
    return str(made["ids"][0])


def problem(answer: object) -> tuple[int, str, list[str]]:
    status, body = answer.status_code, answer.json()  # type: ignore[attr-defined]
    return status, body["category"], [one["code"] for one in body.get("errors", [])]


def test_a_created_contact_answers_everything_that_has_a_value_as_text(client: Client) -> None:
    answer = client.post(
        CONTACTS, {"properties": {"email": " Ana@Acme.COM", "firstname": "Ana", "phone": 123, "city": None}}
    )
    assert answer.status_code == 201
    body = answer.json()
    values = body["properties"]
    assert values["email"] == "ana@acme.com"
    assert values["phone"] == "123"
    assert values["hs_email_domain"] == "acme.com"
    assert values["hs_object_id"] == body["id"]
    assert values["createdate"] == body["createdAt"] == values["lastmodifieddate"] == body["updatedAt"]
    assert body["archived"] is False
    assert "city" not in values


def test_a_read_shows_default_properties_or_the_asked_ones_with_null_for_no_value(client: Client) -> None:
    ident = client.create(CONTACTS, email="ana@acme.com")
    plain = client.get(f"{CONTACTS}/{ident}").json()["properties"]
    assert set(plain) == {"createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"}
    assert plain["firstname"] is None
    asked = client.get(f"{CONTACTS}/{ident}", properties="phone,email,unheard_of").json()["properties"]
    assert set(asked) == {"createdate", "email", "hs_object_id", "lastmodifieddate", "phone"}


def test_a_contact_is_found_by_its_email_as_id_property(client: Client) -> None:
    ident = client.create(CONTACTS, email="ana@acme.com")
    assert client.get(f"{CONTACTS}/ANA@acme.com", idProperty="email").json()["id"] == ident
    assert client.get(f"{CONTACTS}/x", idProperty="firstname").status_code == 400
    changed = client.call("PATCH", f"{CONTACTS}/ana@acme.com?idProperty=email", {"properties": {"city": "Paris"}})
    assert changed.json()["properties"]["city"] == "Paris"


def test_an_email_belongs_to_one_contact(client: Client) -> None:
    ident = client.create(CONTACTS, email="ana@acme.com")
    twin = client.post(CONTACTS, {"properties": {"email": "ANA@acme.com"}})
    assert twin.status_code == 409
    assert twin.json()["message"] == f"Contact already exists. Existing ID: {ident}"
    assert twin.json()["category"] == "CONFLICT"
    other = client.create(CONTACTS, email="bob@acme.com")
    assert client.call("PATCH", f"{CONTACTS}/{other}", {"properties": {"email": "ana@acme.com"}}).status_code == 409
    freed = client.call("PATCH", f"{CONTACTS}/{ident}", {"properties": {"email": "new@acme.com"}})
    assert freed.status_code == 200
    assert client.call("PATCH", f"{CONTACTS}/{other}", {"properties": {"email": "ana@acme.com"}}).status_code == 200


@pytest.mark.parametrize(
    ("path", "properties", "code"),
    [
        (CONTACTS, {"nonsense": "1"}, "PROPERTY_DOESNT_EXIST"),
        (CONTACTS, {"email": "not an address"}, "INVALID_EMAIL"),
        (CONTACTS, {"hs_lead_status": "Sleeping"}, "INVALID_OPTION"),
        (CONTACTS, {"createdate": "2026-01-01"}, "READ_ONLY_VALUE"),
        (CONTACTS, {"associatedcompanyid": "1"}, "READ_ONLY_VALUE"),
        (CONTACTS, {"hubspot_owner_id": "777"}, "INVALID_OWNER_ID"),
        (CONTACTS, {"hubspot_owner_id": "42"}, "INVALID_OWNER_ID"),
        (TASKS, {"hs_timestamp": "tomorrow"}, "INVALID_DATE"),
        (TASKS, {"hs_timestamp": "1800000000000", "hs_task_reminders": "2027-01-01"}, "INVALID_LONG"),
        (TASKS, {"hs_timestamp": "1800000000000", "hs_task_priority": "URGENT"}, "INVALID_OPTION"),
        (NOTES, {"hs_timestamp": "1800000000000", "hs_note_body": "x" * 65_537}, "PROPERTY_VALUE_TOO_LONG"),
    ],
)
def test_values_that_do_not_fit_are_refused_by_code(
    client: Client, path: str, properties: dict[str, str], code: str
) -> None:
    answer = client.post(path, {"properties": properties})
    assert problem(answer) == (400, "VALIDATION_ERROR", [code])
    assert answer.json()["correlationId"]
    assert code in answer.json()["message"]


def test_every_problem_of_a_record_is_named_at_once(client: Client) -> None:
    answer = client.post(CONTACTS, {"properties": {"nonsense": "1", "email": "no", "hs_lead_status": "x"}})
    assert problem(answer)[2] == ["PROPERTY_DOESNT_EXIST", "INVALID_EMAIL", "INVALID_OPTION"]
    assert answer.json()["errors"][0]["context"] == {"propertyName": ["nonsense"]}


def test_a_number_of_employees_must_be_a_number(client: Client, sandbox: Sandbox) -> None:
    ident = company(sandbox, name="Acme")
    sandbox.hub.portals.install(sandbox.portal, 1, {"crm.objects.companies.read", "crm.objects.companies.write"})
    writer = Client(
        sandbox,
        sandbox.portal,
        sandbox.install(scopes=["crm.objects.companies.read", "crm.objects.companies.write"])["access_token"],
    )
    wrong = writer.call("PATCH", f"{COMPANIES}/{ident}", {"properties": {"numberofemployees": "many"}})
    assert problem(wrong)[2] == ["INVALID_INTEGER"]
    right = writer.call("PATCH", f"{COMPANIES}/{ident}", {"properties": {"numberofemployees": 5000.0}})
    assert right.json()["properties"]["numberofemployees"] == "5000"


def test_an_owner_is_set_by_owner_id_and_the_moment_is_kept(client: Client) -> None:
    ident = client.create(CONTACTS, email="ana@acme.com")
    before = client.get(f"{CONTACTS}/{ident}").json()["updatedAt"]
    values = client.call("PATCH", f"{CONTACTS}/{ident}", {"properties": {"hubspot_owner_id": "41"}}).json()
    assert values["properties"]["hubspot_owner_id"] == "41"
    assert values["properties"]["hubspot_owner_assigneddate"] >= before
    assert values["updatedAt"] >= before
    cleared = client.call("PATCH", f"{CONTACTS}/{ident}", {"properties": {"hubspot_owner_id": ""}}).json()
    assert "hubspot_owner_id" not in cleared["properties"]


def test_the_lifecycle_stage_only_moves_forward(client: Client) -> None:
    ident = client.create(CONTACTS, email="ana@acme.com", lifecyclestage="opportunity")

    def set_stage(stage: str) -> str | None:
        answer = client.call("PATCH", f"{CONTACTS}/{ident}", {"properties": {"lifecyclestage": stage}})
        stage_now: str | None = answer.json()["properties"].get("lifecyclestage")
        return stage_now

    assert set_stage("lead") == "opportunity"
    assert set_stage("") is None
    assert set_stage("lead") == "lead"


def test_moments_are_taken_as_unix_ms_or_iso_and_answered_as_iso(client: Client) -> None:
    for given in ("1800000000000", 1800000000000, "2027-01-15T08:00:00Z"):
        answer = client.post(TASKS, {"properties": {"hs_timestamp": given, "hs_task_subject": "Call"}})
        assert answer.json()["properties"]["hs_timestamp"] == "2027-01-15T08:00:00.000Z"


def test_a_task_needs_its_due_time(client: Client) -> None:
    answer = client.post(TASKS, {"properties": {"hs_task_subject": "Call"}})
    assert answer.status_code == 400
    assert answer.json()["context"] == {"properties": ["hs_timestamp"]}


def test_a_task_update_ignores_what_it_does_not_know(client: Client) -> None:
    ident = client.create(TASKS, hs_timestamp="1800000000000")
    values = {"nonsense": "1", "hs_createdate": "1", "hs_task_status": "COMPLETED"}
    answer = client.call("PATCH", f"{TASKS}/{ident}", {"properties": values})
    assert answer.status_code == 200
    assert answer.json()["properties"]["hs_task_status"] == "COMPLETED"


def test_a_lead_needs_a_name_and_a_primary_contact_from_the_start(client: Client) -> None:
    contact = client.create(CONTACTS, email="ana@acme.com")
    assert client.post(LEADS, {"properties": {"hs_lead_name": "Ana"}}).status_code == 400
    unnamed = client.post(LEADS, {"properties": {}, "associations": [link_to(contact, 578)]})
    assert unnamed.json()["context"] == {"properties": ["hs_lead_name"]}
    ident = client.create(LEADS, [link_to(contact, 578)], hs_lead_name="Ana", hubspot_owner_id="41")
    assert client.get(f"{OBJECTS}/0-136/{ident}").json()["id"] == ident


def test_a_lead_goes_only_to_an_owner_with_a_seat(client: Client) -> None:
    contact = client.create(CONTACTS, email="ana@acme.com")
    body = {"properties": {"hs_lead_name": "A", "hubspot_owner_id": "43"}, "associations": [link_to(contact, 578)]}
    assert problem(client.post(LEADS, body))[2] == ["OWNER_WITHOUT_SEAT"]


def test_admin_rules_of_the_portal_hold_for_2026_09_only(client: Client) -> None:
    rules = [
        {"object": "contacts", "when": {"property": "hs_lead_status", "value": "OPEN"}, "require": ["phone"]},
        {"object": "contacts", "when": None, "require": ["lastname"]},
    ]
    client.order("portals", rules=rules)
    unnamed = client.post(CONTACTS, {"properties": {"email": "ana@acme.com"}})
    assert problem(unnamed)[2] == ["MISSING_REQUIRED_PROPERTY"]
    ident = client.create(CONTACTS, email="ana@acme.com", lastname="A")
    open_lead = {"properties": {"hs_lead_status": "OPEN"}}
    refused = client.call("PATCH", f"{CONTACTS}/{ident}", open_lead)
    assert problem(refused) == (400, "VALIDATION_ERROR", ["MISSING_CONDITIONAL_REQUIRED_PROPERTY"])
    assert client.call("PATCH", f"/crm/objects/2026-03/contacts/{ident}", open_lead).status_code == 200


def test_a_deleted_record_is_found_only_among_the_archived_and_frees_its_email(client: Client) -> None:
    ident = client.create(CONTACTS, email="ana@acme.com")
    assert client.call("DELETE", f"{CONTACTS}/{ident}").status_code == 204
    assert client.call("DELETE", f"{CONTACTS}/{ident}").status_code == 204
    gone = client.get(f"{CONTACTS}/{ident}")
    assert (gone.status_code, gone.json()["category"]) == (404, "OBJECT_NOT_FOUND")
    kept = client.get(f"{CONTACTS}/{ident}", archived="true").json()
    assert kept["archived"] is True
    assert kept["archivedAt"]
    assert [one["id"] for one in client.get(CONTACTS, archived="true").json()["results"]] == [ident]
    client.create(CONTACTS, email="ana@acme.com")
    answer = client.session.post(
        f"{client.sandbox.url}/_control/restore",
        json={"portalId": client.portal, "object": "contacts", "id": ident},
        timeout=10,
    )
    assert answer.status_code == 409


def test_a_user_restores_a_deleted_record(client: Client) -> None:
    ident = client.create(CONTACTS, email="ana@acme.com")
    client.call("DELETE", f"{CONTACTS}/{ident}")
    client.order("restore", object="contacts", id=ident)
    assert client.get(f"{CONTACTS}/ana@acme.com", idProperty="email").json()["id"] == ident


def test_a_list_pages_through_every_record_once(client: Client) -> None:
    made = [client.create(CONTACTS, email=f"c{number}@acme.com") for number in range(7)]
    found, after = [], None
    while True:
        page = client.get(CONTACTS, limit=3, **({"after": after} if after else {})).json()
        found += [one["id"] for one in page["results"]]
        if "paging" not in page:
            break
        after = page["paging"]["next"]["after"]
    assert found == made
    assert client.get(CONTACTS, limit=101).status_code == 400


def test_a_merge_makes_a_new_record_to_which_both_old_ids_lead(client: Client, sandbox: Sandbox) -> None:
    acme, other_company = company(sandbox, name="Acme"), company(sandbox, name="Other")
    one = client.create(CONTACTS, [link_to(acme, 1)], email="ana@acme.com", firstname="Ana")
    two = client.create(CONTACTS, [link_to(other_company, 1)], email="ana@other.com", firstname="A.", city="Paris")
    merged = client.post(f"{CONTACTS}/merge", {"primaryObjectId": one, "objectIdToMerge": two}).json()
    assert merged["id"] not in {one, two}
    values = merged["properties"]
    assert (values["email"], values["firstname"], values["city"]) == ("ana@acme.com", "Ana", "Paris")
    assert values["hs_additional_emails"] == "ana@other.com"
    assert values["hs_merged_object_ids"] == f"{one};{two}"
    assert values["associatedcompanyid"] == acme
    for ident in (one, two):
        assert client.get(f"{CONTACTS}/{ident}").json()["id"] == merged["id"]
    assert client.get(f"{CONTACTS}/ana@other.com", idProperty="email").json()["id"] == merged["id"]
    assert client.call("PATCH", f"{CONTACTS}/{two}", {"properties": {"city": "Lyon"}}).json()["id"] == merged["id"]
    assert [row["id"] for row in sandbox.rows(sandbox.portal, "contacts")] == [merged["id"]]
    links = {
        (link["toObjectId"], link["typeId"]) for link in sandbox.rows(sandbox.portal, "contacts")[0]["associations"]
    }
    assert links == {(acme, 1), (acme, 279), (other_company, 279)}


def test_ids_of_repeated_merges_lead_to_the_last_record(client: Client) -> None:
    first, second, third = (client.create(CONTACTS, email=f"{n}@acme.com") for n in "abc")
    middle = client.post(f"{CONTACTS}/merge", {"primaryObjectId": first, "objectIdToMerge": second}).json()["id"]
    last = client.post(f"{CONTACTS}/merge", {"primaryObjectId": third, "objectIdToMerge": middle}).json()["id"]
    assert {client.get(f"{CONTACTS}/{ident}").json()["id"] for ident in (first, second, third, middle)} == {last}
    again = client.post(f"{CONTACTS}/merge", {"primaryObjectId": first, "objectIdToMerge": third})
    assert again.status_code == 400


def test_tasks_cannot_be_merged(client: Client) -> None:
    idents = [client.create(TASKS, hs_timestamp="1800000000000") for _ in range(2)]
    answer = client.post(f"{TASKS}/merge", {"primaryObjectId": idents[0], "objectIdToMerge": idents[1]})
    assert answer.status_code == 404


def test_a_privacy_deletion_leaves_nothing(client: Client, sandbox: Sandbox) -> None:
    acme = company(sandbox, name="Acme")
    ident = client.create(CONTACTS, [link_to(acme, 1)], email="ana@acme.com")
    erased = client.post(f"{CONTACTS}/gdpr-delete", {"objectId": "ana@acme.com", "idProperty": "email"})
    assert erased.status_code == 204
    assert client.get(f"{CONTACTS}/{ident}", archived="true").status_code == 404
    assert sandbox.rows(sandbox.portal, "companies")[0]["associations"] == []


def test_records_of_another_portal_do_not_exist(client: Client, sandbox: Sandbox) -> None:
    sandbox.hub.portals.add(52)
    foreign = sandbox.load(52, "contacts", [{"properties": {"email": "ana@acme.com"}}])["ids"][0]
    assert client.get(f"{CONTACTS}/{foreign}").status_code == 404
    assert client.post(CONTACTS, {"properties": {"email": "ana@acme.com"}}).status_code == 201


def test_a_wrong_path_is_answered_with_html_and_a_wrong_type_with_json(client: Client) -> None:
    for path in ("/crm/v3/objects/contacts", "/crm/objects/2025-01/contacts", "/nothing", "/crm/v4/associations/x"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("text/html")
        assert answer.headers["X-HubSpot-Correlation-Id"]
    unknown = client.get(f"{OBJECTS}/spaceships")
    assert (unknown.status_code, unknown.json()["message"]) == (400, "Unable to infer object type from: spaceships")


def test_a_body_that_is_no_json_is_refused(client: Client) -> None:
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}
    url = client.sandbox.url + CONTACTS
    assert client.session.post(url, data="{", headers=headers, timeout=10).status_code == 400
    headers["Content-Type"] = "text/plain"
    assert client.session.post(url, data="{}", headers=headers, timeout=10).status_code == 415


def test_on_order_contacts_join_the_company_of_their_email_domain_a_little_later(
    client: Client, sandbox: Sandbox
) -> None:
    acme = company(sandbox, name="Acme", domain="Acme.com")
    stays_alone = client.create(CONTACTS, email="early@acme.com")
    client.order("portals", auto_associate=True, auto_associate_delay=0.05)
    ident = client.create(CONTACTS, email="ana@acme.com")
    assert (
        client.get(f"{CONTACTS}/{ident}", properties="associatedcompanyid").json()["properties"]["associatedcompanyid"]
        is None
    )

    def joined() -> bool:
        found = client.get(f"{CONTACTS}/{ident}", properties="associatedcompanyid").json()["properties"]
        return bool(found["associatedcompanyid"] == acme)

    assert until(joined)
    alone = client.get(f"{CONTACTS}/{stays_alone}", properties="associatedcompanyid").json()["properties"]
    assert alone["associatedcompanyid"] is None


def test_of_many_who_create_the_same_contact_at_once_one_succeeds(client: Client, sandbox: Sandbox) -> None:
    def create(number: int) -> int:
        with requests.Session() as session:
            one = Client(sandbox, client.portal, client.token, session)
            return one.post(CONTACTS, {"properties": {"email": "ana@acme.com", "city": str(number)}}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(create, range(8)))
    assert sorted(statuses) == [201] + [409] * 7


def test_two_writers_who_read_the_same_record_lose_nothing_of_each_other(client: Client) -> None:
    hub = client.sandbox.hub
    kind = hub.portals.object_type(client.portal, "contacts")
    read = hub.records.create(client.portal, kind, {"email": "ana@acme.com"}, hub.events.app())
    hub.records.update(read, kind, {"firstname": "Ana"}, hub.events.app())
    hub.records.update(read, kind, {"lastname": "Lima"}, hub.events.app())
    (row,) = client.sandbox.rows(client.portal, "contacts")
    assert (row["properties"]["firstname"], row["properties"]["lastname"]) == ("Ana", "Lima")
