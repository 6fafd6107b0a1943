"""Collections, composite and graphs: many records in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from simple_salesforce.exceptions import SalesforceError

from .clients import content

if TYPE_CHECKING:
    from .server import Sandbox

BASE = "/services/data/v66.0"
QUIET = {"Sforce-Auto-Assign": "FALSE"}


def lead(number: int, **more: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Lead"}, "LastName": f"L{number}", "Company": "C", **more}


def collection(sf: Any, method: str, records: list[dict[str, Any]], *, all_or_none: bool = False) -> list[Any]:
    body = {"allOrNone": all_or_none, "records": records}
    answer: list[Any] = sf.restful("composite/sobjects", method=method, json=body, headers=QUIET)
    return answer


def node(reference: str, method: str, path: str, body: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"referenceId": reference, "method": method, "url": f"{BASE}{path}", "body": body, **more}


def graph(sf: Any, *graphs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    body = {"graphs": [{"graphId": f"g{n}", "compositeRequest": nodes} for n, nodes in enumerate(graphs)]}
    answer: list[dict[str, Any]] = sf.restful("composite/graph", method="POST", json=body)["graphs"]
    return answer


def codes(answer: dict[str, Any]) -> list[tuple[int, str]]:
    """Status and errorCode of each node of one graph."""
    results = answer["graphResponse"]["compositeResponse"]
    return [(r["httpStatusCode"], r["body"][0]["errorCode"] if isinstance(r["body"], list) else "") for r in results]


def decision(key: str, lead_id: str, owner: str) -> list[dict[str, Any]]:
    """What a routing decision writes: the audit, the lead and a task."""
    audit = {"Decision_Key__c": key, "Lead__c": lead_id, "Outcome__c": "assigned"}
    task = {"WhoId": lead_id, "OwnerId": owner, "Subject": "Call"}
    return [
        node("audit", "POST", "/sobjects/Routing_Audit__c", audit),
        node("lead", "PATCH", f"/sobjects/Lead/{lead_id}", {"OwnerId": owner}, httpHeaders=QUIET),
        node("task", "POST", "/sobjects/Task", task),
    ]


def test_a_collection_is_answered_row_by_row_in_order(sf: Any) -> None:
    rows = collection(sf, "POST", [lead(1), {"attributes": {"type": "Lead"}, "LastName": "X"}, lead(3)])
    assert [row["success"] for row in rows] == [True, False, True]
    assert rows[1]["errors"] == [
        {
            "statusCode": "REQUIRED_FIELD_MISSING",
            "message": "Required fields are missing: [Company]",
            "fields": ["Company"],
        }
    ]
    assert sf.query("SELECT COUNT() FROM Lead")["totalSize"] == 2


def test_all_or_none_rolls_the_good_rows_back(sf: Any) -> None:
    rows = collection(sf, "POST", [lead(1), {"attributes": {"type": "Lead"}, "LastName": "X"}], all_or_none=True)
    assert rows[0]["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert rows[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert sf.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_a_collection_updates_and_deletes(sf: Any) -> None:
    ids = [row["id"] for row in collection(sf, "POST", [lead(1), lead(2)])]
    updates = [{"attributes": {"type": "Lead"}, "id": one, "City": "Oslo"} for one in ids]
    assert all(row["success"] for row in collection(sf, "PATCH", updates))
    found = sf.restful(
        "composite/sobjects/Lead", method="POST", json={"ids": [*ids, "00Q000000000000"], "fields": ["City"]}
    )
    assert [row and row["City"] for row in found] == ["Oslo", "Oslo", None]
    gone = sf.restful("composite/sobjects", method="DELETE", params={"ids": ",".join(ids), "allOrNone": "false"})
    assert all(row["success"] for row in gone)
    assert sf.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_a_collection_upserts_by_external_id(sf: Any) -> None:
    path = "composite/sobjects/Routing_Audit__c/Decision_Key__c"

    def upsert(*keys: str) -> list[dict[str, Any]]:
        kind = {"attributes": {"type": "Routing_Audit__c"}, "Outcome__c": "kept"}
        records = [{**kind, "Decision_Key__c": key} for key in keys]
        rows: list[dict[str, Any]] = sf.restful(path, method="PATCH", json={"allOrNone": False, "records": records})
        return rows

    assert [row["created"] for row in upsert("a", "b")] == [True, True]
    assert [row["created"] for row in upsert("b", "c")] == [False, True]
    twice = upsert("d", "e", "d")
    assert [row["success"] for row in twice] == [False, True, False]
    assert twice[0]["errors"][0]["statusCode"] == "DUPLICATE_VALUE"


def test_more_than_two_hundred_records_are_refused(sf: Any) -> None:
    with pytest.raises(SalesforceError) as caught:
        collection(sf, "POST", [lead(n) for n in range(201)])
    assert content(caught)[0]["errorCode"] == "EXCEEDED_ID_LIMIT"


def test_composite_passes_values_on_and_counts_as_one_call(sandbox: Sandbox, sf: Any) -> None:
    before = sandbox.org.calls_today
    requests = [
        node("account", "POST", "/sobjects/Account", {"Name": "Acme"}),
        node("contact", "POST", "/sobjects/Contact", {"LastName": "A", "AccountId": "@{account.id}"}),
        node("found", "GET", "/query?q=SELECT+Account.Name+FROM+Contact+WHERE+Id='@{contact.id}'"),
        node("named", "POST", "/sobjects/Account", {"Name": "Not @{found.records[0].Account.Name}"}),
    ]
    results = sf.restful("composite", method="POST", json={"compositeRequest": requests})["compositeResponse"]
    assert [r["httpStatusCode"] for r in results] == [201, 201, 200, 201]
    assert {row["Name"] for row in sandbox.rows("Account")} == {"Acme", "Not Acme"}
    assert sandbox.org.calls_today == before + 1


def test_composite_without_all_or_none_halts_only_what_depends(sf: Any) -> None:
    requests = [
        node("bad", "POST", "/sobjects/Account", {}),
        node("dependent", "POST", "/sobjects/Contact", {"LastName": "A", "AccountId": "@{bad.id}"}),
        node("free", "POST", "/sobjects/Account", {"Name": "Acme"}),
    ]
    results = sf.restful("composite", method="POST", json={"compositeRequest": requests})["compositeResponse"]
    assert [r["httpStatusCode"] for r in results] == [400, 400, 201]
    assert results[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_composite_all_or_none_undoes_everything(sandbox: Sandbox, sf: Any) -> None:
    requests = [
        node("good", "POST", "/sobjects/Account", {"Name": "Acme"}),
        node("bad", "POST", "/sobjects/Account", {}),
    ]
    body = {"allOrNone": True, "compositeRequest": requests}
    results = sf.restful("composite", method="POST", json=body)["compositeResponse"]
    assert results[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert results[1]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert sandbox.rows("Account") == []


def test_composite_has_limits(sf: Any) -> None:
    one = [node(f"r{n}", "GET", "/sobjects/Lead/x") for n in range(26)]
    heavy = [node(f"r{n}", "GET", "/query?q=SELECT+Id+FROM+Lead") for n in range(6)]
    for requests in (one, heavy):
        with pytest.raises(SalesforceError) as caught:
            sf.restful("composite", method="POST", json={"compositeRequest": requests})
        assert caught.value.status == 400


def test_a_subrequest_takes_its_headers_from_itself(sandbox: Sandbox, sf: Any) -> None:
    (rep,) = sandbox.load("User", [{"Email": "rep@acme.example"}])
    values = {"LastName": "A", "Company": "C", "OwnerId": rep}
    requests = [
        node("outer", "POST", "/sobjects/Lead", values),
        node("own", "POST", "/sobjects/Lead", values, httpHeaders=QUIET),
    ]
    sf.restful("composite", method="POST", json={"compositeRequest": requests}, headers=QUIET)
    owners = [row["OwnerId"] for row in sandbox.rows("Lead")]
    assert owners == [sandbox.org.settings.assignment_owner, rep]


def test_a_subrequest_may_not_bring_its_own_authorization(sf: Any) -> None:
    requests = [node("a", "GET", "/limits", httpHeaders={"Authorization": "Bearer x"})]
    with pytest.raises(SalesforceError) as caught:
        sf.restful("composite", method="POST", json={"compositeRequest": requests})
    assert caught.value.status == 400


def test_a_graph_writes_a_whole_decision(sandbox: Sandbox, sf: Any) -> None:
    (rep,) = sandbox.load("User", [{"Email": "rep@acme.example"}])
    (one,) = sandbox.load("Lead", [{"LastName": "A", "Company": "C"}])
    (answer,) = graph(sf, decision("k1", one, rep))
    assert answer["isSuccessful"] is True
    assert answer["graphId"] == "g0"
    assert codes(answer) == [(201, ""), (204, ""), (201, "")]
    assert sandbox.rows("Lead")[0]["OwnerId"] == rep
    assert sandbox.rows("Task")[0]["WhoId"] == one


def test_each_graph_happens_whole_or_not_at_all(sandbox: Sandbox, sf: Any) -> None:
    (rep, gone) = sandbox.load("User", [{"Email": "rep@acme.example"}, {"Email": "g@acme.example", "IsActive": False}])
    one, two = sandbox.load("Lead", [{"LastName": "A", "Company": "C"}, {"LastName": "B", "Company": "C"}])
    good, bad = graph(sf, decision("k1", one, rep), decision("k2", two, gone))
    assert (good["isSuccessful"], bad["isSuccessful"]) == (True, False)
    assert codes(bad) == [
        (400, "PROCESSING_HALTED"),
        (400, "OPERATION_WITH_INVALID_USER_TYPE_EXCEPTION"),
        (400, "PROCESSING_HALTED"),
    ]
    assert [row["Decision_Key__c"] for row in sandbox.rows("Routing_Audit__c")] == ["k1"]
    assert len(sandbox.rows("Task")) == 1


def test_a_repeated_graph_is_refused_whole(sandbox: Sandbox, sf: Any) -> None:
    (rep,) = sandbox.load("User", [{"Email": "rep@acme.example"}])
    one, two = sandbox.load("Lead", [{"LastName": "A", "Company": "C"}, {"LastName": "B", "Company": "C"}])
    first, again = graph(sf, decision("k1", one, rep), decision("k1", two, rep))
    assert first["isSuccessful"] is True
    assert codes(again)[0] == (400, "DUPLICATE_VALUE")
    assert {row["LastName"]: row["OwnerId"] == rep for row in sandbox.rows("Lead")} == {"A": True, "B": False}
    (later,) = graph(sf, decision("k1", one, rep))
    assert codes(later) == [(400, "DUPLICATE_VALUE"), (400, "PROCESSING_HALTED"), (400, "PROCESSING_HALTED")]
    assert len(sandbox.rows("Task")) == 1


def test_one_external_id_twice_inside_a_graph_is_refused(sandbox: Sandbox, sf: Any) -> None:
    nodes = [node(name, "POST", "/sobjects/Routing_Audit__c", {"Decision_Key__c": "k"}) for name in ("a", "b")]
    (answer,) = graph(sf, nodes)
    assert codes(answer) == [(400, "PROCESSING_HALTED"), (400, "DUPLICATE_VALUE")]
    assert sandbox.rows("Routing_Audit__c") == []


def test_graph_nodes_refer_to_each_other(sandbox: Sandbox, sf: Any) -> None:
    nodes = [
        node("account", "POST", "/sobjects/Account", {"Name": "Acme"}),
        node(
            "lead",
            "POST",
            "/sobjects/Lead",
            {"LastName": "A", "Company": "C", "Switchyard_Account__c": "@{account.id}"},
        ),
        node("task", "POST", "/sobjects/Task", {"WhoId": "@{lead.id}", "Subject": "Call"}),
        node("change", "PATCH", "/sobjects/Account/@{account.id}", {"Site": "HQ"}),
    ]
    (answer,) = graph(sf, nodes)
    assert answer["isSuccessful"] is True
    assert sandbox.rows("Lead")[0]["Switchyard_Account__c"] == sandbox.rows("Account")[0]["Id"]
    assert sandbox.rows("Account")[0]["Site"] == "HQ"
    (broken,) = graph(sf, [node("a", "POST", "/sobjects/Task", {"WhoId": "@{nobody.id}", "Subject": "x"})])
    assert codes(broken) == [(400, "PROCESSING_HALTED")]


def test_graphs_have_limits(sf: Any) -> None:
    one = [node("a", "POST", "/sobjects/Account", {"Name": "A"})]
    many = [node(f"n{n}", "POST", "/sobjects/Account", {"Name": "A"}) for n in range(501)]
    query = [node("a", "GET", "/query?q=SELECT+Id+FROM+Lead")]
    for graphs in ([one] * 76, [many], [query]):
        with pytest.raises(SalesforceError) as caught:
            graph(sf, *graphs)
        assert caught.value.status == 400


def test_seventy_five_decisions_take_one_call(sandbox: Sandbox, sf: Any) -> None:
    (rep,) = sandbox.load("User", [{"Email": "rep@acme.example"}])
    leads = sandbox.load("Lead", [{"LastName": f"L{n}", "Company": "C"} for n in range(75)])
    answers = graph(sf, *[decision(f"k{n}", one, rep) for n, one in enumerate(leads)])
    assert all(answer["isSuccessful"] for answer in answers)
    assert len(sandbox.rows("Routing_Audit__c")) == 75
