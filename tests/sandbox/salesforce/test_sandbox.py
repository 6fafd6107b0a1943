"""The sandbox as a whole: its process, its control plane, its limits and faults, and loading."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from simple_salesforce.exceptions import SalesforceError

from .clients import browser, connect, content
from .ids import record_id, to18
from .org import INTEGRATION_USER
from .server import start

if TYPE_CHECKING:
    from .server import Sandbox

ADA = {"LastName": "Lovelace", "Company": "Analytical Engines"}
USER, LEAD = record_id("005", 1), record_id("00Q", 1)


def control(sandbox: Sandbox, path: str, body: Any = None, *, method: str = "POST") -> Any:
    answer = browser(sandbox).request(method, f"{sandbox.url}/_control/{path}", json=body, timeout=30)
    answer.raise_for_status()
    return answer.json()


def notify(sf: Any, **changes: Any) -> Any:
    kind = sf.toolingexecute("query/?q=SELECT+Id+FROM+CustomNotificationType")["records"][0]["Id"]
    values = {"customNotifTypeId": kind, "title": "New lead", "body": "Ada is yours", "targetId": LEAD}
    return sf.restful(
        "actions/standard/customNotificationAction", method="POST", json={"inputs": [{**values, **changes}]}
    )


def test_it_runs_as_a_process_and_comes_back_the_same(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.sandbox.salesforce", "--dir", str(tmp_path)]
    root = Path(__file__).resolve().parents[3]
    seen = []
    for _ in range(2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            seen.append((ready, Path(ready["ca"]).read_bytes()))
            answer = requests.get(f"{ready['url']}/services/data", verify=ready["ca"], timeout=10)
            assert answer.json()[0]["version"] == "66.0"
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0
    assert seen[0] == seen[1]
    assert (tmp_path / "salesforce.sqlite").exists()


def test_data_tokens_and_package_state_survive_a_restart(tmp_path: Path) -> None:
    first = start(tmp_path)
    token = connect(first)["access_token"]
    (lead,) = first.load("Lead", [ADA])
    first.org.uninstall()
    first.org.install()
    first.stop()
    second = start(tmp_path)
    assert second.org.org_id == first.org.org_id
    assert [row["Id"] for row in second.rows("Lead")] == [lead]
    assert second.org.tokens.session(token) is None  # the uninstall killed it
    assert second.url == first.url
    second.stop()


def test_every_answer_tells_the_api_usage(sandbox: Sandbox, sf: Any) -> None:
    sf.restful("limits")
    usage = sf.api_usage["api-usage"]
    assert usage.total == 100_000
    assert usage.used == sandbox.org.calls_today


def test_the_daily_limit_refuses_calls(sandbox: Sandbox, sf: Any) -> None:
    control(sandbox, "settings", {"daily_api_limit": 3, "calls_today": 3})
    with pytest.raises(SalesforceError) as caught:
        sf.restful("limits")
    assert caught.value.status == 403
    assert content(caught)[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"


def test_retired_and_unknown_versions_are_refused(sandbox: Sandbox, sf: Any) -> None:
    header = {"Authorization": f"Bearer {sf.session_id}"}
    statuses = [
        browser(sandbox).get(f"{sandbox.url}/services/data/v{version}/limits", headers=header, timeout=10).status_code
        for version in ("66.0", "67.0", "30.0", "99.0")
    ]
    assert statuses == [200, 200, 410, 404]


def test_ordered_answers_come_before_real_ones(sandbox: Sandbox, sf: Any) -> None:
    body = [{"message": "busy", "errorCode": "SERVER_UNAVAILABLE"}]
    control(
        sandbox,
        "faults",
        [{"pattern": "GET .*/limits", "status": 503, "body": body}, {"pattern": "limits", "status": 429}],
    )
    for status in (503, 429):
        with pytest.raises(SalesforceError) as caught:
            sf.restful("limits")
        assert caught.value.status == status
    assert sf.restful("limits")["DailyApiRequests"]["Max"] == 100_000


def test_a_dropped_answer_leaves_its_effect_behind(sandbox: Sandbox, sf: Any) -> None:
    control(sandbox, "faults", {"pattern": "POST .*/sobjects/Lead", "drop": "after"})
    with pytest.raises(requests.ConnectionError):
        sf.Lead.create(ADA)
    assert len(sandbox.rows("Lead")) == 1
    control(sandbox, "faults", {"pattern": "POST .*/sobjects/Lead", "drop": "before"})
    with pytest.raises(requests.ConnectionError):
        sf.Lead.create(ADA)
    assert len(sandbox.rows("Lead")) == 1


def test_the_call_log_knows_every_call(sandbox: Sandbox, sf: Any) -> None:
    control(sandbox, "calls", method="DELETE")
    sf.query("SELECT Id FROM Lead")
    (call,) = control(sandbox, "calls", method="GET")
    assert (call["method"], call["path"], call["status"]) == ("GET", "/services/data/v66.0/query/", 200)


def test_load_maps_the_callers_keys_to_ids(sandbox: Sandbox, sf: Any) -> None:
    rows = [{"Name": f"A{n}", "Website": f"a{n}.example", "ExternalKey": f"acc-{n}"} for n in range(3)]
    answer = control(sandbox, "load", {"sobject": "Account", "rows": rows, "silent": True})
    assert answer["keys"] == {f"acc-{n}": one for n, one in enumerate(answer["ids"])}
    assert sf.Account.get(answer["ids"][1])["Website"] == "a1.example"


def test_load_takes_lines(sandbox: Sandbox) -> None:
    text = "\n".join(json.dumps({"Name": f"A{n}"}) for n in range(3))
    url = f"{sandbox.url}/_control/load?sobject=Account"
    answer = browser(sandbox).post(url, data=text, headers={"Content-Type": "application/x-ndjson"}, timeout=10)
    assert len(answer.json()["ids"]) == 3


def test_many_accounts_load_quickly(sandbox: Sandbox, sf: Any) -> None:
    sandbox.load("Account", ({"Name": f"Firm {n}", "Website": f"firm{n}.example"} for n in range(20_000)))
    assert sf.query("SELECT COUNT() FROM Account")["totalSize"] == 20_000
    assert sf.query("SELECT Id FROM Account WHERE Website = 'FIRM19999.example'")["totalSize"] == 1


def test_the_screen_can_be_driven_over_http(sandbox: Sandbox) -> None:
    (lead,) = control(sandbox, "create", {"sobject": "Lead", "rows": [ADA]})["ids"]
    control(sandbox, "update", {"sobject": "Lead", "rows": [{"Id": lead, "City": "London"}]})
    assert control(sandbox, "rows/Lead", method="GET")[0]["City"] == "London"
    converted = control(sandbox, "convert", {"leadId": lead})
    assert set(converted) == {"leadId", "accountId", "contactId", "opportunityId"}
    control(sandbox, "delete", {"sobject": "Contact", "ids": [converted["contactId"]]})
    control(sandbox, "undelete", {"sobject": "Contact", "ids": [converted["contactId"]]})
    wrong = browser(sandbox).post(
        f"{sandbox.url}/_control/create", json={"sobject": "Nonsense", "rows": []}, timeout=10
    )
    assert wrong.status_code == 404


def test_a_notification_reaches_its_recipient(sandbox: Sandbox, sf: Any) -> None:
    (rep,) = sandbox.load("User", [{"Email": "rep@acme.example"}])
    (answer,) = notify(sf, recipientIds=[rep])
    assert answer["isSuccess"] is True
    assert answer["errors"] is None
    (sent,) = control(sandbox, "notifications", method="GET")
    assert (sent["recipient"], sent["title"], sent["target"]) == (rep, "New lead", LEAD)


@pytest.mark.parametrize(
    "changes",
    [
        {"recipientIds": ["005000000000001"]},
        {"recipientIds": []},
        {"recipientIds": [USER] * 501},
        {"recipientIds": [LEAD]},
        {"recipientIds": [USER], "customNotifTypeId": "0ML000000000001"},
        {"recipientIds": [USER], "title": "x" * 251},
        {"recipientIds": [USER], "targetId": ""},
    ],
)
def test_a_wrong_notification_is_refused(sandbox: Sandbox, sf: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(SalesforceError) as caught:
        notify(sf, **changes)
    assert content(caught)[0]["isSuccess"] is False
    assert sandbox.org.notifications() == []


def test_notifying_needs_its_permission(sandbox: Sandbox, sf: Any) -> None:
    control(sandbox, "permissions", {"user": INTEGRATION_USER, "deny": ["SendCustomNotifications"]})
    with pytest.raises(SalesforceError) as caught:
        notify(sf, recipientIds=[USER])
    assert caught.value.status == 403


def test_notifications_over_the_allowance_are_lost_without_a_word(sandbox: Sandbox, sf: Any) -> None:
    sandbox.org.settings.notifications_per_hour = 1
    for _ in range(2):
        assert notify(sf, recipientIds=[USER])[0]["isSuccess"] is True
    assert len(sandbox.org.notifications()) == 1


def test_ids_carry_their_checksum() -> None:
    assert to18("00Dx0000000BV7z") == "00Dx0000000BV7zEAG"
    assert to18("00Dx0000000BV7zEAH") is None
    assert to18("too short") is None
    assert record_id("00Q", 61)[:15] == "00QKB000000000z"
