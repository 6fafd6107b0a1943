"""Orders to misbehave: records that somebody else holds, refusals of any shape, renamed picklist values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from simple_salesforce.exceptions import SalesforceError

from .clients import content
from .test_composite import node

if TYPE_CHECKING:
    from collections.abc import Callable

    from .server import Sandbox


def order(sandbox: Sandbox, method: str, name: str, body: Any = None) -> Any:
    answer = requests.request(method, f"{sandbox.url}/_control/{name}", json=body, verify=str(sandbox.ca), timeout=10)
    answer.raise_for_status()
    return answer.json()


@pytest.mark.parametrize("status", [400, 500])
def test_a_locked_record_locks_whoever_names_it(sandbox: Sandbox, sf: Any, status: int) -> None:
    free, held = sandbox.load("Account", [{"Name": "Free"}, {"Name": "Held"}])
    order(sandbox, "POST", "locks", {"ids": [held], "status": status})
    writes: tuple[Callable[[], Any], ...] = (
        lambda: sf.Account.update(held, {"Name": "New"}),
        lambda: sf.Contact.create({"LastName": "Of held", "AccountId": held}),
        lambda: sf.Account.delete(held),
    )
    for write in writes:
        with pytest.raises(SalesforceError) as caught:
            write()
        assert caught.value.status == status
        (error,) = content(caught)
        assert error["errorCode"] == "UNABLE_TO_LOCK_ROW"
        assert error["message"].endswith(held[:15])
    sf.Contact.create({"LastName": "Of free", "AccountId": free})
    assert order(sandbox, "GET", "locks") == [held] * 3
    order(sandbox, "DELETE", "locks")
    sf.Account.update(held, {"Name": "New"})
    assert order(sandbox, "GET", "locks") == []


def test_a_refusal_can_have_fields_a_status_or_a_body_of_its_own(sandbox: Sandbox, sf: Any) -> None:
    order(sandbox, "POST", "refuse", {"code": "STRING_TOO_LONG", "fields": ["Name"], "status": 500})
    with pytest.raises(SalesforceError) as caught:
        sf.Account.create({"Name": "A"})
    assert (caught.value.status, content(caught)[0]["fields"]) == (500, ["Name"])
    body = [{"duplicateResut": {"duplicateRule": "Mine"}, "errorCode": "DUPLICATES_DETECTED", "message": "?"}]
    order(sandbox, "POST", "refuse", {"sobject": "Account", "code": "DUPLICATES_DETECTED", "body": body})
    requests_ = [node("account", "POST", "/sobjects/Account", {"Name": "A"})]
    (answer,) = sf.restful("composite", method="POST", json={"compositeRequest": requests_})["compositeResponse"]
    assert answer["body"] == body
    order(sandbox, "POST", "refuse", {"code": "X", "times": 9})
    order(sandbox, "DELETE", "refuse")
    sf.Account.create({"Name": "A"})


def test_an_admin_renames_values_of_a_picklist(sandbox: Sandbox, sf: Any) -> None:
    order(sandbox, "POST", "picklist", {"sobject": "Task", "field": "Status", "rename": {"Not Started": "New"}})
    status = next(each for each in sf.Task.describe()["fields"] if each["name"] == "Status")
    assert [each["value"] for each in status["picklistValues"]][:2] == ["New", "In Progress"]
    made = sf.Task.create({"Subject": "Call"})
    assert sf.Task.get(made["id"])["Status"] == "New"


def test_a_node_of_a_graph_heeds_if_unmodified_since(sandbox: Sandbox, sf: Any) -> None:
    (lead,) = sandbox.load("Lead", [{"LastName": "A", "Company": "C"}])
    guarded = node("lead", "PATCH", f"/sobjects/Lead/{lead}", {"Company": "D"})
    for since, done in (("Mon, 01 Jan 2001 00:00:00 GMT", False), ("Fri, 01 Jan 2100 00:00:00 GMT", True)):
        one = guarded | {"httpHeaders": {"If-Unmodified-Since": since}}
        graphs = [{"graphId": "g", "compositeRequest": [one]}]
        (answer,) = sf.restful("composite/graph", method="POST", json={"graphs": graphs})["graphs"]
        assert answer["isSuccessful"] is done
        (row,) = answer["graphResponse"]["compositeResponse"]
        assert row["httpStatusCode"] == (204 if done else 412)
