"""The texts of our queries."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector.salesforce import soql

SINCE = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "since", "expected"),
    [
        (None, None, "SELECT Id, Name FROM Lead ORDER BY Id LIMIT 2000"),
        ("00Q1", None, "SELECT Id, Name FROM Lead WHERE Id > '00Q1' ORDER BY Id LIMIT 2000"),
        (
            None,
            SINCE,
            (
                "SELECT Id, Name FROM Lead WHERE SystemModstamp >= 2026-11-22T10:00:00.000Z "
                "ORDER BY SystemModstamp, Id LIMIT 2000"
            ),
        ),
        (
            "2026-11-22T10:30:00.123+0000|00Q1",
            SINCE,
            (
                "SELECT Id, Name FROM Lead WHERE (SystemModstamp > 2026-11-22T10:30:00.123Z OR "
                "(SystemModstamp = 2026-11-22T10:30:00.123Z AND Id > '00Q1')) ORDER BY SystemModstamp, Id LIMIT 2000"
            ),
        ),
    ],
)
def test_a_page_of_a_scan(after: str | None, since: datetime | None, expected: str) -> None:
    assert soql.page("Lead", ["Id", "Name"], after=after, since=since) == expected


def test_values_cannot_leave_their_quotes() -> None:
    evil = "x' OR Name != '"
    assert evil not in soql.audits_of(evil, "")
    assert evil not in soql.audits_by_key([evil], "")
    assert evil not in soql.tasks_since([evil], SINCE)
    assert evil not in soql.page("Lead", ["Id"], after=evil, since=None)
    assert evil not in soql.page("Lead", ["Id"], after=f"2026-11-22T10:00:00Z|{evil}", since=SINCE)


def test_a_time_in_a_place_is_read_not_pasted() -> None:
    with pytest.raises(ValueError, match="place"):
        soql.page("Lead", ["Id"], after="2026 OR Id != |00Q1", since=SINCE)


def test_queries_of_the_packages_objects_carry_the_namespace() -> None:
    for query in (soql.rules("acme"), soql.audits_of("00Q1", "acme"), soql.audits_by_key(["k"], "acme")):
        words = query.replace(",", " ").split()
        assert not [word for word in words if word.endswith("__c") and not word.startswith("acme__")]
    assert soql.notification_type("acme").endswith("AND NamespacePrefix = 'acme'")
    assert "NamespacePrefix" not in soql.notification_type("")


def test_a_full_batch_of_keys_fits_into_a_url() -> None:
    assert len(soql.audits_by_key(["k" * 80] * 75, "acme")) * 1.2 < 16_384
