"""Decisions and records as bytes: whatever rules can say comes back equal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.store import codec
from rules.model import Action, Decision, Match, Record, Route, Turn, Value, Verdict

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


def test_a_decision_of_the_first_version_is_read_without_its_credits() -> None:
    turn = Turn("EMEA", "u1", {"u1": {"got": 1}}, {"u1": {"got": 2}})
    now = datetime(2026, 11, 23, tzinfo=UTC)
    route = Route("A", 'pool "EMEA"', None, "It was their turn.", turn=turn)
    lead = Record("lead", "l1", {})
    decision = Decision(
        "k", lead, "act", "kept", Verdict("different"), Match("none"), route, (), "v1", received_at=now, decided_at=now
    )
    old = json.loads(codec.dump(decision))
    old["route"]["turn"] |= {"before": {"u1": 3}, "after": {"u1": -3}}
    for newer in ("how", "passed"):
        del old["route"]["turn"][newer]
    del old["timers"], old["route"]["until"], old["route"]["refused"]
    back = codec.load(json.dumps(old).encode())
    assert back == replace(decision, route=replace(route, turn=replace(turn, before={}, after={})))


def test_every_kind_of_value_and_action_is_covered() -> None:
    assert set(get_args(Value)) == {str, int, float, bool, datetime, date, type(None)}
    done, undone = {"assign", "link", "stamp", "task", "notify"}, {"unassign", "unlink", "unstamp", "withdraw"}
    assert {kind.key for kind in get_args(Action)} == done | undone | {"answer", "snapshot", "merge", "unmerge"}


def test_a_text_that_looks_like_a_date_stays_text() -> None:
    fields: dict[str, Any] = {"a": "2026-11-23", "b": date(2026, 11, 23), "c": datetime(2026, 11, 23, tzinfo=UTC)}
    assert codec.load_record(codec.dump_record(Record("lead", "l", fields))).fields == fields


def test_the_same_decision_gives_the_same_bytes() -> None:
    record = Record("lead", "l1", {"email": "kim@globex.example", "employees": 3})
    assert codec.dump_record(record) == codec.dump_record(codec.load_record(codec.dump_record(record)))
