"""What is written into audit records long after them: the same sentences for the fake and both real adapters."""

from __future__ import annotations

from datetime import datetime, timedelta

from connector.acts import ResponseRow
from connector.crm import Crm
from rules.model import AUDIT, Decision
from tests.contract.decisions import NOW, decision, perform, work
from tests.contract.place import Place

MINUTE = timedelta(minutes=1)


def recorded(place: Place, crm: Crm) -> tuple[Decision, str]:
    """A decision that was carried out, and the id of its audit record."""
    made = decision(place.lead(last_name="Answered"), place.ana)
    return made, perform(crm, work(made))[(made.key, AUDIT)].ref


def said(crm: Crm, made: Decision) -> tuple[str, datetime | None, float | None]:
    """What the audit record of a decision says of the answer."""
    (row,) = [each for each in crm.audits(made.lead.id) if each["key"] == made.key]
    at, minutes = row.get("responded_at"), row.get("response_minutes")
    return row["response_status"], datetime.fromisoformat(at) if at else None, float(minutes) if minutes else None


def test_a_new_audit_record_says_that_an_answer_is_waited_for(place: Place, crm: Crm) -> None:
    made, _ = recorded(place, crm)
    assert said(crm, made) == ("waiting", None, None)


def test_an_answer_is_written_with_its_time_and_nothing_else_is_touched(place: Place, crm: Crm) -> None:
    made, ref = recorded(place, crm)
    (before,) = crm.audits(made.lead.id)
    row = ResponseRow(made.key, ref, "in_time", NOW + 12 * MINUTE, 12.5)
    for _ in range(2):
        assert crm.mark_responses([row]) == {}
    assert said(crm, made) == ("in_time", NOW + 12 * MINUTE, 12.5)
    (after,) = crm.audits(made.lead.id)
    told = {"response_status", "responded_at", "response_minutes"}
    assert {name: text for name, text in after.items() if name not in told} == {
        name: text for name, text in before.items() if name not in told
    }


def test_that_nobody_answered_is_written_without_a_time(place: Place, crm: Crm) -> None:
    made, ref = recorded(place, crm)
    crm.mark_responses([ResponseRow(made.key, ref, "late", NOW, 1.0)])
    crm.mark_responses([ResponseRow(made.key, ref, "never")])
    assert said(crm, made) == ("never", None, None)


def test_a_record_whose_id_was_never_known_is_found_by_its_key(place: Place, crm: Crm) -> None:
    made, _ = recorded(place, crm)
    assert crm.mark_responses([ResponseRow(made.key, "", "none", lead_id=made.lead.id)]) == {}
    assert said(crm, made)[0] == "none"


def test_records_that_are_gone_are_passed_over_and_the_others_are_written(place: Place, crm: Crm) -> None:
    made, ref = recorded(place, crm)
    (other, gone), row = recorded(place, crm), ResponseRow(made.key, ref, "in_time", NOW, 0.0)
    place.drop_audit(gone)
    rows = [ResponseRow(other.key, gone, "late"), ResponseRow("never made", "", "late"), row]
    assert crm.mark_responses(rows) == {}
    assert said(crm, made)[0] == "in_time"


def test_two_hundred_records_take_a_call_or_two_and_none_takes_none(place: Place, crm: Crm) -> None:
    made, ref = recorded(place, crm)
    crm.mark_responses([ResponseRow(made.key, ref, "waiting")])
    before = crm.calls
    assert crm.mark_responses([]) == {}
    assert crm.calls == before
    some = [recorded(place, crm) for _ in range(3)]
    before = crm.calls
    assert crm.mark_responses([ResponseRow(each.key, there, "late") for each, there in some]) == {}
    assert crm.calls - before <= 2
    assert {said(crm, each)[0] for each, _ in some} == {"late"}
