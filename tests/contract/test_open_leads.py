"""How many open leads people own: the same sentences for the fake and both real adapters."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from connector.crm import Crm
from tests.contract.place import Place


def counted(crm: Crm, user_ids: Collection[str]) -> Mapping[str, int]:
    """Ask until everybody is answered, as a job does over its rounds."""
    found: dict[str, int] = {}
    while rest := [each for each in user_ids if each not in found]:
        answered = crm.open_leads(rest)
        assert answered, "every call answers for somebody"
        found |= answered
    return found


def test_open_leads_are_counted_for_each_owner(place: Place, crm: Crm) -> None:
    people = [place.ana.id, place.bob.id, place.gone.id]
    before = counted(crm, people)
    for _ in range(2):
        place.open_lead(place.ana)
    place.open_lead(place.bob)
    after = counted(crm, people)
    assert [after[each] - before[each] for each in people] == [2, 1, 0]


def test_a_lead_that_is_converted_deleted_or_given_away_is_not_counted(place: Place, crm: Crm) -> None:
    before = counted(crm, [place.ana.id])
    converted, deleted, given = (place.open_lead(place.ana) for _ in range(3))
    place.convert(converted)
    place.delete(deleted)
    place.give(given, place.bob)
    assert counted(crm, [place.ana.id]) == before


def test_a_lead_that_is_worked_on_is_open(place: Place, crm: Crm) -> None:
    before = counted(crm, [place.ana.id])[place.ana.id]
    place.change_status(place.open_lead(place.ana))
    assert counted(crm, [place.ana.id]) == {place.ana.id: before + 1}


def test_what_can_be_no_user_is_left_out_and_asking_nobody_calls_nobody(place: Place, crm: Crm) -> None:
    before, heard = crm.calls, place.heard()
    assert crm.open_leads([]) == {}
    assert crm.open_leads(["nonsense"]) == {}
    assert (crm.calls, place.heard()) == (before, heard)
    assert crm.open_leads(["nonsense", place.bob.id]).keys() == {place.bob.id}


def test_one_call_an_owner_is_the_most_that_it_takes(place: Place, crm: Crm) -> None:
    before, heard = crm.calls, place.heard()
    found = crm.open_leads([place.ana.id, place.bob.id, place.ana.id])
    assert found.keys() == {place.ana.id, place.bob.id}
    assert crm.calls - before == place.heard() - heard <= 2
