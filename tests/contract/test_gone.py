"""What was deleted, and how many records there are: the same sentences for the fake and both real adapters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connector.crm import Crm
from rules.model import Kind
from tests.contract.place import Place
from tests.contract.test_reading import scanned


def departed(crm: Crm, kind: Kind, since: datetime, most: int = 200) -> dict[str, str]:
    """Walk all that was deleted, page by page."""
    found: dict[str, str] = {}
    after = None
    for _ in range(most):
        page = crm.gone(kind, since=since, after=after)
        found |= page.ids
        if page.after is None:
            return found
        after = page.after
    raise AssertionError("the list does not end")


def test_what_was_deleted_since_is_told_and_what_is_there_is_not(place: Place, crm: Crm) -> None:
    ids = [place.lead(last_name=f"Leaving {number}") for number in range(5)]
    begun = datetime.now(UTC)
    for each in ids[:4]:
        place.delete(each)
    found = departed(crm, "lead", begun - timedelta(seconds=1))
    assert {each: found.get(each) for each in ids} == {**dict.fromkeys(ids[:4], ""), ids[4]: None}


def test_what_was_deleted_before_is_not_told(place: Place, crm: Crm) -> None:
    old = place.lead(last_name="Long gone")
    place.delete(old)
    assert old not in departed(crm, "lead", datetime.now(UTC) + timedelta(seconds=1))


def test_each_kind_has_a_list_of_its_own(place: Place, crm: Crm) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=1)
    account, lead = place.account("Closing down", place.ana), place.lead(last_name="Closing")
    place.remove("account", account)
    place.delete(lead)
    assert account in departed(crm, "account", begun)
    assert lead in departed(crm, "lead", begun)
    assert lead not in departed(crm, "account", begun)
    assert not {account, lead} & departed(crm, "contact", begun).keys()


def test_the_count_is_what_a_scan_finds(place: Place, crm: Crm) -> None:
    place.account("Counted", place.ana)
    gone = place.account("Not counted", place.ana)
    place.remove("account", gone)
    assert crm.count("account") == len(scanned(crm, "account"))
