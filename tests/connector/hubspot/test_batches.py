"""A batch, row by row: partial answers, whole refusals, silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import Later, Revoked
from connector.hubspot.answers import BadRows, Fault
from connector.hubspot.batches import MOST_CALLS, Batch, Done, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Call = Callable[[Sequence[Mapping[str, Any]]], Mapping[str, Any]]


class Portal:
    """Answers batches; refuses a batch whole when it holds one of `bad`, and is silent about `silent`."""

    def __init__(self, *, bad: Sequence[str] = (), silent: Sequence[str] = (), naming: bool = False) -> None:
        self.bad, self.silent, self.naming = set(bad), set(silent), naming
        self.sizes: list[int] = []
        self.accepted: list[str] = []

    def __call__(self, inputs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        self.sizes.append(len(inputs))
        bad = [item["id"] for item in inputs if item["id"] in self.bad]
        if bad:
            raise BadRows(Fault("VALIDATION_ERROR", named=frozenset(bad if self.naming else ())))
        self.accepted += [item["id"] for item in inputs]
        return {"results": [{"id": item["id"]} for item in inputs if item["id"] not in self.silent]}


def rows(count: int) -> list[Row]:
    return [Row(str(n), {"id": str(n)}, marks=frozenset({str(n)}), shared=frozenset({"company"})) for n in range(count)]


def batch(call: Call, *, repeatable: bool = True) -> Batch:
    return Batch(call, lambda result: result["id"], repeatable=repeatable)


def test_one_bad_row_does_not_take_the_others_down() -> None:
    portal = Portal(bad=["42"])
    verdicts = batch(portal).send(rows(100))
    assert isinstance(verdicts["42"], Fault)
    assert all(isinstance(verdict, Done) for key, verdict in verdicts.items() if key != "42")
    assert sorted(portal.accepted, key=int) == [str(n) for n in range(100) if n != 42]
    assert len(portal.sizes) <= 15


def test_rows_that_the_refusal_names_are_taken_out_at_once() -> None:
    portal = Portal(bad=["3", "7"], naming=True)
    verdicts = batch(portal).send(rows(100))
    assert portal.sizes == [100, 98]
    assert [key for key, verdict in verdicts.items() if isinstance(verdict, Fault)] == ["3", "7"]


def test_a_batch_of_nothing_but_bad_rows_costs_a_limited_number_of_calls() -> None:
    portal = Portal(bad=[str(n) for n in range(100)])
    verdicts = batch(portal).send(rows(100))
    assert len(portal.sizes) == MOST_CALLS
    assert {type(verdict) for verdict in verdicts.values()} == {Fault, Later}
    assert len(verdicts) == 100


def test_a_partial_answer_is_read_row_by_row() -> None:
    def answer(inputs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        return {
            "results": [{"id": "0"}],
            "errors": [
                {"category": "OBJECT_NOT_FOUND", "context": {"ids": ["1"]}},
                {"category": "VALIDATION_ERROR", "context": {"objectWriteTraceId": "2"}},
                {"category": "RATE_LIMITS", "context": {"ids": ["3"]}},
            ],
        }

    verdicts = batch(answer).send(rows(4))
    assert isinstance(verdicts["0"], Done)
    assert verdicts["1"] == Fault("OBJECT_NOT_FOUND", named=frozenset({"1"}))
    assert isinstance(verdicts["2"], Fault)
    assert isinstance(verdicts["3"], Later)


def test_an_error_that_names_a_shared_record_concerns_every_row_that_has_it() -> None:
    def answer(inputs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        return {"results": [{"id": "0"}], "errors": [{"category": "OBJECT_NOT_FOUND", "context": {"ids": ["company"]}}]}

    verdicts = batch(answer, repeatable=False).send(rows(3))
    assert [type(verdict) for verdict in verdicts.values()] == [Done, Fault, Fault]


def test_a_nameless_error_belongs_to_the_only_silent_row() -> None:
    def answer(inputs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        return {"results": [{"id": "0"}], "errors": [{"category": "VALIDATION_ERROR"}]}

    assert batch(answer, repeatable=False).send(rows(2))["1"] == Fault("VALIDATION_ERROR")


def test_silence_about_an_update_means_that_the_record_is_gone_once_it_was_asked_alone() -> None:
    portal = Portal(silent=["2"])
    verdicts = batch(portal).send(rows(4))
    assert portal.sizes == [4, 1]
    assert isinstance(gone := verdicts["2"], Fault)
    assert gone.gone


def test_silence_about_a_creation_is_never_repeated() -> None:
    portal = Portal(silent=["2"])
    verdicts = batch(portal, repeatable=False).send(rows(4))
    assert portal.sizes == [4]
    assert isinstance(verdicts["2"], Later)


def test_a_first_call_that_fails_is_raised_and_a_later_one_only_delays_its_rows() -> None:
    def down(inputs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        raise Later("down", seconds=9)

    with pytest.raises(Later):
        batch(down).send(rows(2))

    def half_down(inputs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        if len(inputs) == 2:
            raise BadRows(Fault("VALIDATION_ERROR"))
        if inputs[0]["id"] == "1":
            raise Later("down", seconds=9)
        return {"results": [{"id": "0"}]}

    verdicts = batch(half_down).send(rows(2))
    assert isinstance(verdicts["0"], Done)
    assert isinstance(wait := verdicts["1"], Later)
    assert wait.seconds == 9


def test_a_revoked_grant_is_always_raised() -> None:
    def revoked(inputs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        raise Revoked("gone")

    with pytest.raises(Revoked):
        batch(revoked).send(rows(2))


def test_no_rows_make_no_call() -> None:
    portal = Portal()
    assert batch(portal).send([]) == {}
    assert portal.sizes == []
