from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.hubspot.conftest import COMPANIES, CONTACTS, Client, has, link_to, until

if TYPE_CHECKING:
    from tests.sandbox.hubspot import Sandbox

PEOPLE = [
    {"email": "ana@acme.com", "firstname": "Ana", "lastname": "Diaz", "city": "Paris", "createdate": "2026-01-01"},
    {"email": "bob@acme.com", "firstname": "Bob", "lastname": "O'Neil", "city": "paris", "createdate": "2026-02-01"},
    {"email": "cyd@other.org", "firstname": "Cyd", "hs_lead_status": "OPEN", "createdate": "2026-03-01"},
]
FIRMS = [{"name": f"Firm {size}", "domain": f"f{size}.com", "numberofemployees": str(size)} for size in (9, 80, 700)]


@pytest.fixture(autouse=True)
def data(sandbox: Sandbox) -> None:
    sandbox.load(sandbox.portal, "contacts", [{"properties": one} for one in PEOPLE])
    sandbox.load(sandbox.portal, "companies", [{"properties": one} for one in FIRMS])


def names(client: Client, *filters: dict[str, object], **more: object) -> str:
    """Return the first letters of the contacts found, in order."""
    answer = client.post(
        f"{CONTACTS}/search", {"filterGroups": [{"filters": list(filters)}], "properties": ["firstname"], **more}
    )
    assert answer.status_code == 200, answer.text
    return "".join(one["properties"]["firstname"][0] for one in answer.json()["results"])


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (has("email", "EQ", "ANA@acme.com"), "A"),
        (has("city", "EQ", "PARIS"), "AB"),
        (has("city", "NEQ", "Lyon"), "AB"),
        (has("firstname", "IN", values=["ana", "Cyd"]), "AC"),
        (has("firstname", "NOT_IN", values=["ana"]), "BC"),
        (has("city", "HAS_PROPERTY"), "AB"),
        (has("city", "NOT_HAS_PROPERTY"), "C"),
        (has("email", "CONTAINS_TOKEN", "*@acme.com"), "AB"),
        (has("email", "NOT_CONTAINS_TOKEN", "*@acme.com"), "C"),
        (has("lastname", "CONTAINS_TOKEN", "neil"), "B"),
        (has("createdate", "GT", "2026-01-15T00:00:00Z"), "BC"),
        (has("createdate", "LTE", "1769904000000"), "AB"),
        (has("createdate", "BETWEEN", "2026-01-15", highValue="2026-02-15"), "B"),
        (has("lastname", "EQ", "O'Neil"), "B"),
        (has("hs_lead_status", "EQ", "OPEN"), "C"),
    ],
)
def test_operators_find_what_they_say(client: Client, one: dict[str, object], found: str) -> None:
    assert names(client, one) == found


def test_numbers_are_compared_as_numbers(client: Client) -> None:
    assert len(client.search(COMPANIES, has("numberofemployees", "GTE", "80"))) == 2
    assert len(client.search(COMPANIES, has("numberofemployees", "LT", 80))) == 1
    assert len(client.search(COMPANIES, has("numberofemployees", "EQ", "80.0"))) == 1


def test_filters_of_a_group_all_hold_and_one_group_is_enough(client: Client) -> None:
    body = {
        "filterGroups": [
            {"filters": [has("city", "EQ", "paris"), has("firstname", "EQ", "Bob")]},
            {"filters": [has("firstname", "EQ", "Cyd")]},
        ]
    }
    assert client.post(f"{CONTACTS}/search", body).json()["total"] == 2


def test_a_sort_orders_the_results(client: Client) -> None:
    assert names(client, sorts=[{"propertyName": "firstname", "direction": "DESCENDING"}]) == "CBA"
    assert names(client, sorts=["-createdate"]) == "CBA"
    assert names(client) == "ABC"
    two = {"sorts": ["firstname", "lastname"]}
    assert client.post(f"{CONTACTS}/search", two).status_code == 400


def test_a_query_matches_the_beginnings_of_words(client: Client) -> None:
    assert names(client, query="oth") == "C"
    assert names(client, query="an di") == "A"


def test_pages_follow_each_other_and_the_total_stays(client: Client) -> None:
    first = client.post(f"{CONTACTS}/search", {"limit": 2}).json()
    assert first["total"] == 3
    second = client.post(f"{CONTACTS}/search", {"limit": 2, "after": first["paging"]["next"]["after"]}).json()
    assert second["total"] == 3
    assert "paging" not in second
    assert len({one["id"] for one in [*first["results"], *second["results"]]}) == 3


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 200, "after": "9900"},
        {"filterGroups": [{"filters": [has("city", "EQ", "x")]}] * 6},
        {"filterGroups": [{"filters": [has("city", "EQ", "x")] * 7}]},
        {"filterGroups": [{"filters": [has("city", "EQ", "x")] * 5}] * 4},
        {"filterGroups": [{"filters": [has("city", "LIKE", "x")]}]},
        {"filterGroups": [{"filters": [has("nonsense", "EQ", "x")]}]},
        {"filterGroups": [{"filters": [has("city", "EQ")]}]},
        {"filterGroups": [{"filters": [has("createdate", "GT", "soon")]}]},
        {"sorts": ["nonsense"]},
        {"query": "x" * 3_000},
    ],
)
def test_a_search_beyond_the_limits_is_refused(client: Client, body: dict[str, object]) -> None:
    answer = client.post(f"{CONTACTS}/search", body)
    assert (answer.status_code, answer.json()["status"]) == (400, "error")


def test_search_finds_by_association(client: Client, sandbox: Sandbox) -> None:
    firm = sandbox.rows(sandbox.portal, "companies")[0]["id"]
    dan = client.create(CONTACTS, [link_to(firm, 279)], email="dan@acme.com")
    assert client.search(CONTACTS, has("associations.company", "EQ", firm)) == [dan]


def test_archived_records_are_not_found(client: Client) -> None:
    ident = client.search(CONTACTS, has("email", "EQ", "ana@acme.com"))[0]
    client.call("DELETE", f"{CONTACTS}/{ident}")
    assert client.search(CONTACTS, has("email", "EQ", "ana@acme.com")) == []


def test_search_sees_writes_only_after_the_index_caught_up(client: Client) -> None:
    ana = client.search(CONTACTS, has("email", "EQ", "ana@acme.com"))[0]
    bob = client.search(CONTACTS, has("email", "EQ", "bob@acme.com"))[0]
    client.turn("settings", search_lag=0.6)
    new = client.create(CONTACTS, email="new@acme.com", city="Rome")
    client.call("PATCH", f"{CONTACTS}/{ana}", {"properties": {"city": "Rome"}})
    client.call("PATCH", f"{CONTACTS}/{ana}", {"properties": {"city": "Oslo"}})
    client.call("DELETE", f"{CONTACTS}/{bob}")
    assert client.search(CONTACTS, has("city", "IN", values=["rome", "oslo"])) == []
    assert client.search(CONTACTS, has("city", "EQ", "Paris")) == [ana, bob]
    assert client.get(f"{CONTACTS}/{ana}", properties="city").json()["properties"]["city"] == "Oslo"
    assert until(lambda: client.search(CONTACTS, has("city", "EQ", "Rome")) == [new])
    assert until(lambda: client.search(CONTACTS, has("city", "EQ", "Oslo")) == [ana])
    assert until(lambda: client.search(CONTACTS, has("city", "EQ", "Paris")) == [])


def test_poll_by_modification_finds_what_changed_since(client: Client) -> None:
    mark = client.get(f"{CONTACTS}/ana@acme.com", idProperty="email").json()["updatedAt"]
    assert client.search(CONTACTS, has("lastmodifieddate", "GT", mark)) == []
    until(lambda: client.create(CONTACTS))
    assert len(client.search(CONTACTS, has("lastmodifieddate", "GT", mark))) == 1
