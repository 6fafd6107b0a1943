"""Decisions as bytes and back, by cattrs: typed both ways, dates kept as dates."""

from __future__ import annotations

import contextlib
import json
from dataclasses import is_dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

from cattrs import Converter
from cattrs.errors import StructureHandlerNotFoundError
from cattrs.strategies import configure_tagged_union

from connector.store import sentences
from connector.store.seal import LONE
from rules.model import Action, Decision, Record, Standing, Value
from rules.wording.retelling import with_sentences

T = TypeVar("T")

_converter = Converter(unstruct_collection_overrides={frozenset: sorted})
_converter.register_unstructure_hook(datetime, lambda value: value.isoformat())
_converter.register_structure_hook(datetime, lambda value, _type: datetime.fromisoformat(value))


def _plain(value: Value) -> Any:
    """A field's value in JSON: dates are tagged, everything else is itself."""
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return value


def _value(plain: Any, _type: Any) -> Value:
    if isinstance(plain, dict):
        if "datetime" in plain:
            return datetime.fromisoformat(plain["datetime"])
        return date.fromisoformat(plain["date"])
    return cast("Value", plain)


def _standing(plain: Any, _type: Any) -> Standing:
    """A pool's standing from JSON. The first version kept one number per member, which says too little: left out."""
    return {str(member): dict(counters) for member, counters in plain.items() if isinstance(counters, dict)}


_converter.register_structure_hook_func(lambda kind: kind == Standing, _standing)
_converter.register_unstructure_hook_func(lambda kind: kind == Value, _plain)
_converter.register_structure_hook_func(lambda kind: kind == Value, _value)
# Behind the hooks that it looks up at once: a merge has values.
configure_tagged_union(Action, _converter, tag_name="is")


def learn() -> None:
    """Have the converter write its code for decisions and records now: else it does so at the first of each process.

    A worker forks a process for each drain, and each lead that came alone waited for that.
    """
    for kind in _parts(Decision, set()):
        _converter.get_unstructure_hook(kind)
        with contextlib.suppress(StructureHandlerNotFoundError):  # None is nothing to be read alone
            _converter.get_structure_hook(kind)


def _parts(kind: Any, known: set[Any]) -> set[Any]:
    """Return a type with all that it is made of, added to what is `known`."""
    if kind not in known and kind is not ...:
        known.add(kind)
        inside = get_type_hints(kind).values() if is_dataclass(kind) else get_args(kind)
        inside = () if get_origin(kind) is Literal or kind in {Value, Standing} else inside
        for each in inside:
            _parts(each, known)
    return known


def dump(decision: Decision) -> bytes:
    """Return a decision as compact JSON bytes, with what its sentences were made of beside it."""
    texts: list[str] = []

    def noted(text: str, _families: tuple[str, ...]) -> str:
        texts.append(text)
        return text

    with_sentences(decision, noted)
    told = _converter.unstructure(decision) | {sentences.KEY: sentences.recipes(texts)}
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode(errors=LONE)


def load(data: bytes) -> Decision:
    """Return the decision that :func:`dump` wrote."""
    told = json.loads(data)
    found = _converter.structure(told, Decision)
    kept: sentences.Recipes = told.get(sentences.KEY) or {}
    return with_sentences(found, lambda text, _families: sentences.remembering(text, kept)) if kept else found


def plain(value: Any) -> Any:
    """Return a value that is made of dataclasses of ours as JSON values."""
    return _converter.unstructure(value)


def structured(told: Any, kind: type[T]) -> T:
    """Return the value of a kind of ours that :func:`plain` told."""
    return _converter.structure(told, kind)


def dump_record(record: Record) -> bytes:
    """Return a record as compact JSON bytes."""
    return json.dumps(_converter.unstructure(record), separators=(",", ":"), ensure_ascii=False).encode(errors=LONE)


def load_record(data: bytes) -> Record:
    """Return the record that :func:`dump_record` wrote."""
    return _converter.structure(json.loads(data), Record)
