"""What we wrote in an org about somebody is emptied and deleted when they must be forgotten."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from typing import Any

import pytest

from connector.erased import Left
from connector.errors import Refused
from connector.salesforce import snapshot_parts
from connector.salesforce.gateway import SalesforceCrm
from rules.model import AUDIT, Task, User
from tests.connector.salesforce.conftest import LocalOrg
from tests.connector.salesforce.examples import actions, decision, work

KINDS = ("Routing_Audit__c", "Task", "Routing_Snapshot__c")


@pytest.fixture
def canary() -> str:
    """A name that stands nowhere yet: the org is that of the whole folder."""
    return f"Birdwhistle{secrets.token_hex(4)}"


def written(org: LocalOrg, crm: SalesforceCrm, canary: str) -> tuple[str, str, Left]:
    """Write task, audit and snapshot about a person, and an audit and a task about somebody else that name them."""
    (person, other), ana = org.leads(2), User(org.user(), "Ana", "ana@example.com")
    made = [
        decision(f"{each}-1", each, ana, actions=actions(f"{each}-1", ana, account_id=None)) for each in (person, other)
    ]
    about, beside = work(made[0]), work(made[1])
    task = next(each for each in about.decision.actions if isinstance(each, Task))
    named = tuple(replace(each, subject=f"Call {canary}") if each is task else each for each in about.decision.actions)
    about = replace(
        about,
        decision=replace(about.decision, actions=named),
        entry=replace(about.entry, story=f"{canary} came in", detail=json.dumps({"lead": canary}), reason=canary),
    )
    body = tuple(
        replace(each, body=f"Call back.\nAn earlier lead exists: {person}.") if isinstance(each, Task) else each
        for each in beside.decision.actions
    )
    told = {"duplicate_status": "same", "duplicate_of": person, "story": f"Like {canary}"}
    told["reason"] = f"Ana said: this is not the same as {canary}."
    entry = replace(beside.entry, **told)  # type: ignore[arg-type]
    beside = replace(beside, decision=replace(beside.decision, actions=body), entry=entry)
    effects = crm.apply("record", [about, beside])
    refs = {(each.decision_key, each.action): each.ref for each in effects}
    assert all(each.status == "done" for each in effects if each.action in {AUDIT, Task.key}), effects
    for key in (about.decision.key, beside.decision.key):
        parts = snapshot_parts.parts(key, {"members": [{"id": person, "row": {"LastName": canary}}]}, "")
        snapshot_parts.write(crm._session, parts, "")
    left = Left(
        leads=frozenset({person}),
        keys=frozenset({about.decision.key}),
        audits=frozenset({refs[about.decision.key, AUDIT]}),
        tasks=frozenset({refs[about.decision.key, Task.key]}),
        others=frozenset({refs[beside.decision.key, AUDIT]}),
        told=frozenset({refs[beside.decision.key, Task.key]}),
    )
    return person, other, left


def holding(org: LocalOrg, *words: str) -> set[str]:
    """Return the objects in which a word still stands, in the recycle bin too."""
    return {kind for kind in KINDS if any(word in json.dumps(org.rows(kind)) for word in words)}


def test_audits_tasks_and_snapshots_about_them_are_emptied_and_deleted(
    org: LocalOrg, crm: SalesforceCrm, canary: str
) -> None:
    person, other, left = written(org, crm, canary)
    assert holding(org, canary) == set(KINDS)
    crm.forget(left)
    assert holding(org, canary) == set()
    (kept,) = _about(org, other)
    assert person[:15] not in json.dumps(kept)
    assert kept["Outcome__c"], "that there was a decision about the other one stays"
    (task,) = [each for each in org.rows("Task") if each["WhoId"] == other]
    assert "Call back." in task["Description"]
    assert person[:15] not in task["Description"]
    crm.forget(left)
    assert len(_about(org, other)) == 1, "again changes nothing"


def test_audits_older_than_our_memory_are_found_by_the_person_they_are_about(
    org: LocalOrg, crm: SalesforceCrm, canary: str
) -> None:
    person, _, left = written(org, crm, canary)
    crm.forget(Left(leads=left.leads))
    assert holding(org, canary) <= {"Task"}, "tasks are known by their ids alone, for DECISION_DAYS"
    assert not _about(org, person)


def test_what_the_org_refuses_to_delete_is_told(org: LocalOrg, crm: SalesforceCrm, canary: str) -> None:
    _, _, left = written(org, crm, canary)
    body: list[dict[str, Any]] = [{"errorCode": "INSUFFICIENT_ACCESS_OR_READONLY", "message": "no right to delete"}]
    org.fault("DELETE /services/data/[^/]+/composite/sobjects", status=403, body=body, times=9)
    with pytest.raises(Refused, match="no right to delete"):
        crm.forget(left)


def _about(org: LocalOrg, lead_id: str) -> list[dict[str, Any]]:
    return [each for each in org.rows("Routing_Audit__c") if each.get("Record_Id__c") == lead_id]
