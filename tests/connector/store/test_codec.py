"""Decisions and records as bytes: whatever rules can say comes back equal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.store import codec
from rules.model import Action, Decision, Record, Value

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8))])
MOMENTS = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001
TEXT = st.text(st.characters(), max_size=12)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT, MOMENTS, st.dates())
FIELDS = st.dictionaries(TEXT, VALUES, max_size=4)

st.register_type_strategy(datetime, MOMENTS)
st.register_type_strategy(str, TEXT)
st.register_type_strategy(float, st.floats(allow_nan=False))
RECORDS = st.builds(
    Record,
    fields=FIELDS,
    created_at=st.none() | MOMENTS,
    modified_at=st.none() | MOMENTS,
)
ACTIONS = st.lists(st.one_of([st.from_type(kind) for kind in get_args(Action)]), max_size=5).map(tuple)
DECISIONS = st.builds(Decision, lead=RECORDS, actions=ACTIONS)


@given(RECORDS)
def test_a_record_comes_back_equal(record: Record) -> None:
    back = codec.load_record(codec.dump_record(record))
    assert back == record
    assert {name: type(value) for name, value in back.fields.items()} == {
        name: type(value) for name, value in record.fields.items()
    }


@settings(max_examples=60, deadline=None)
@given(DECISIONS)
def test_a_decision_comes_back_equal(decision: Decision) -> None:
    assert codec.load(codec.dump(decision)) == decision


def test_every_kind_of_value_and_action_is_covered() -> None:
    assert set(get_args(Value)) == {str, int, float, bool, datetime, date, type(None)}
    assert {kind.key for kind in get_args(Action)} == {"assign", "link", "stamp", "task", "notify"}


def test_a_text_that_looks_like_a_date_stays_text() -> None:
    fields: dict[str, Any] = {"a": "2026-11-23", "b": date(2026, 11, 23), "c": datetime(2026, 11, 23, tzinfo=UTC)}
    assert codec.load_record(codec.dump_record(Record("lead", "l", fields))).fields == fields


def test_the_same_decision_gives_the_same_bytes() -> None:
    record = Record("lead", "l1", {"email": "kim@globex.example", "employees": 3})
    assert codec.dump_record(record) == codec.dump_record(codec.load_record(codec.dump_record(record)))
