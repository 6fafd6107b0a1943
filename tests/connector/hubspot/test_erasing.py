"""What we wrote in a portal about somebody is emptied and deleted when HubSpot has erased them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
import requests

from connector.erased import Left
from connector.errors import Refused
from connector.hubspot.gateway import HubSpotCrm
from rules.model import AUDIT, Task
from tests.connector.hubspot.conftest import Portal, work

CANARY = "Birdwhistle"


def written(portal: Portal, crm: HubSpotCrm) -> tuple[str, str, Left]:
    """Write a task and an audit about a person, and an audit about somebody else that names them."""
    (person, other), owner = portal.people(2), portal.owner()
    about, beside = work(person, owner), work(other, owner)
    task = next(each for each in about.decision.actions if isinstance(each, Task))
    actions = tuple(
        replace(each, subject=f"Call {CANARY}") if each is task else each for each in about.decision.actions
    )
    about = replace(
        about,
        decision=replace(about.decision, actions=actions),
        entry=replace(about.entry, title=f"Ana takes {CANARY}", story=f"{CANARY} came in", detail=CANARY),
    )
    told = {"duplicate_status": "same", "duplicate_of": person, "story": f"Like {CANARY}", "detail": CANARY}
    told["reason"] = f"Ana said: this is not the same as {CANARY}."
    beside = replace(beside, entry=replace(beside.entry, **told))  # type: ignore[arg-type]
    effects = [each for step in ("task", "audit") for each in crm.apply(step, [about, beside])]
    refs = {(each.decision_key, each.action): each.ref for each in effects}
    assert all(each.status == "done" for each in effects if each.action in {AUDIT, Task.key}), effects
    return (
        person,
        other,
        Left(
            leads=frozenset({person}),
            keys=frozenset({about.decision.key}),
            audits=frozenset({refs[about.decision.key, AUDIT]}),
            tasks=frozenset({refs[about.decision.key, Task.key]}),
            others=frozenset({refs[beside.decision.key, AUDIT]}),
        ),
    )


def erase(portal: Portal, person: str) -> None:
    """HubSpot forgets the contact, as its admin has asked."""
    headers = {"Authorization": f"Bearer {portal.tokens.access_token}"}
    url = f"{portal.sandbox.url}/crm/objects/2026-09/contacts/gdpr-delete"
    answer = requests.post(url, json={"objectId": person}, headers=headers, timeout=10)
    assert answer.status_code == 204, answer.text


def left_of(portal: Portal, kinds: Iterable[str], canary: str) -> list[str]:
    """Return the kinds of records, deleted ones too, in which a word still stands."""
    return [
        kind
        for kind in kinds
        if any(
            canary in str(row["properties"])
            for archived in (False, True)
            for row in portal.sandbox.rows(portal.id, kind, archived=archived)
        )
    ]


def audits(portal: Portal) -> str:
    """Return the name of the audit object in this portal."""
    return f"p{portal.id}_routing_audit"


def kinds(portal: Portal) -> list[str]:
    return ["tasks", audits(portal)]


def test_tasks_and_audits_about_them_are_emptied_and_deleted(ready: Portal) -> None:
    crm = ready.crm()
    person, other, left = written(ready, crm)
    assert left_of(ready, kinds(ready), CANARY) == kinds(ready)
    erase(ready, person)
    crm.forget(left)
    assert left_of(ready, kinds(ready), CANARY) == []
    (kept,) = ready.rows(audits(ready))
    assert (kept["properties"]["lead_id"], kept["properties"].get("duplicate_of") or "") == (other, "")
    crm.forget(left)
    assert len(ready.rows(audits(ready))) == 1, "again changes nothing"


def test_a_task_about_somebody_else_no_longer_names_them(ready: Portal) -> None:
    crm = ready.crm()
    (person, other), owner = ready.people(2), ready.owner()
    beside = work(other, owner)
    named = tuple(
        replace(each, body=f"Call back.\nAn earlier lead exists: {person}.") if isinstance(each, Task) else each
        for each in beside.decision.actions
    )
    beside = replace(beside, decision=replace(beside.decision, actions=named))
    ref = next(each.ref for each in crm.apply("task", [beside]) if each.action == Task.key)
    erase(ready, person)
    for _ in range(2):
        crm.forget(Left(leads=frozenset({person}), told=frozenset({ref})))
    (task,) = ready.rows("tasks")
    body = task["properties"]["hs_task_body"]
    assert "Call back." in body
    assert beside.decision.key in body, "the decision by which it is found again"
    assert person not in body


def test_audits_older_than_our_memory_are_found_by_the_person_they_are_about(ready: Portal) -> None:
    crm = ready.crm()
    person, _, left = written(ready, crm)
    erase(ready, person)
    crm.forget(Left(leads=left.leads))
    assert left_of(ready, [audits(ready)], CANARY) == []
    assert len(ready.rows(audits(ready))) == 1


def test_an_audit_whose_id_we_never_learned_is_found_by_its_decision(ready: Portal) -> None:
    crm = ready.crm()
    requests.post(f"{ready.sandbox.url}/_control/settings", json={"search_lag": 3600}, timeout=10)
    try:
        _, _, left = written(ready, crm)
        crm.forget(Left(keys=left.keys, others=left.others))
    finally:
        requests.post(f"{ready.sandbox.url}/_control/settings", json={"search_lag": 0}, timeout=10)
    assert left_of(ready, [audits(ready)], CANARY) == []


def test_where_the_app_may_not_delete_the_records_are_left_empty(ready: Portal) -> None:
    crm = ready.crm()
    _, _, left = written(ready, crm)
    body = {"status": "error", "category": "MISSING_SCOPES", "message": "no"}
    ready.fault("batch/archive", times=9, status=403, body=body)
    crm.forget(left)
    ready.sandbox.control.forget_orders()
    assert left_of(ready, kinds(ready), CANARY) == []
    assert len(ready.rows(audits(ready))) == 2


def test_a_record_that_may_not_be_changed_is_told(ready: Portal) -> None:
    crm = ready.crm()
    _, _, left = written(ready, crm)
    body = {"status": "error", "category": "VALIDATION_ERROR", "message": "no", "errors": []}
    ready.fault("tasks/batch/update|0-27/batch/update", times=9, status=400, body=body)
    with pytest.raises(Refused, match="VALIDATION_ERROR"):
        crm.forget(left)
    ready.sandbox.control.forget_orders()


def test_notes_of_a_portal_without_objects_are_forgotten_by_their_ids(connect: Callable[..., Portal]) -> None:
    portal = connect(tier="free")
    crm = portal.crm()
    crm.prepare()
    person, other, left = written(portal, crm)
    assert left_of(portal, ["notes"], CANARY) == ["notes"]
    erase(portal, person)
    crm.forget(left)
    assert left_of(portal, ["notes", "tasks"], CANARY) == []
    (kept,) = crm.audits(other)
    assert (kept["title"], kept["rule"], kept["duplicate_status"]) == ("Ana takes Jane", "EMEA", "same")
    assert not any(kept.get(each) for each in ("story", "detail", "duplicate_of"))
