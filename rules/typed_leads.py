"""Leads that people type in or hand over as a table: names of fields and values as the CRM would have them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rules.clauses import compare
from rules.faults import RuleFault
from rules.fields import ALIASES, LEAD, type_of
from rules.model import Record, Value
from rules.normalizing import numbers
from rules.times import moments

__all__ = ["Arrival", "TableFault", "canonical", "decoded", "fields_of", "spread", "table"]

MOST_ROWS = 200_000
_ENCODINGS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = ",;\t|"
_YES, _NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})
_OWNER = frozenset({"owner", "owner_id"})
_CAME = ("received_at", "created_at")


class TableFault(Exception):  # noqa: N818 - it is what the table has
    """The table cannot be read; the text says what is wrong, and in which line."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A lead and when it came (UTC); None when the table does not say."""

    lead: Record
    received_at: datetime | None


def canonical(name: str, api_names: Mapping[str, str]) -> str:
    """Return our name of a lead's field for a canonical name, another usual one, or an API name in any case.

    `api_names` are the CRM's, by ours. A name that nobody knows is taken for a custom field, as it is written.
    """
    told = name.strip().removeprefix("lead.")
    plain = told.casefold().replace(" ", "_")
    if plain in LEAD or plain in _CAME or plain in _OWNER:
        return "owner_id" if plain in _OWNER else plain
    if f"lead.{plain}" in ALIASES:
        return ALIASES[f"lead.{plain}"].removeprefix("lead.")
    ours = {api.casefold(): own for own, api in api_names.items()}
    return ours.get(told.casefold(), told)


def fields_of(told: Mapping[str, Any], api_names: Mapping[str, str]) -> dict[str, Value]:
    """Return a lead's fields under our names, with values of the right type; what is empty is left out."""
    found = {canonical(name, api_names): value for name, value in told.items()}
    values = {name: _value(f"lead.{name}", value) for name, value in found.items()}
    return _named({name: value for name, value in values.items() if not compare.is_empty(value)})


def _named(fields: dict[str, Value]) -> dict[str, Value]:
    """Return the fields with the whole name, which every CRM makes of its parts."""
    whole = " ".join(str(fields[part]) for part in ("first_name", "last_name") if part in fields)
    return {**fields, "name": whole} if whole and "name" not in fields else fields


def _value(field: str, told: Any) -> Value:
    if isinstance(told, list | tuple):
        return ";".join(map(str, told))  # as both CRMs store several
    if told is None or isinstance(told, bool | int | float):
        return told
    text = str(told).strip()
    kind = type_of(field)
    if kind == "number":
        return _number(field, text)
    if kind == "bool":
        return text.casefold() in _YES if text.casefold() in _YES | _NO else text
    if kind == "time":
        return _moment(text) or text
    return text


def _number(field: str, text: str) -> Value:
    """Return a number; a text such as ``51-200``, which CRMs have too, stays as it is."""
    try:
        found = numbers.written(text, money=True)
    except RuleFault:
        # 1.200 of people are more than a thousand; a sum of money may be either.
        return int(text.replace(".", "")) if field == "lead.employees" and text[-4:-3] == "." else text
    return text if found is None else found


def _moment(text: str) -> datetime | None:
    found = moments.moment(text)
    return found.at if found else None


def decoded(data: bytes) -> str:
    """Return the text of a file as spreadsheets write it: UTF-8 or UTF-16 with a mark, UTF-8, else Windows-1252."""
    for mark, encoding in _ENCODINGS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def table(text: str, api_names: Mapping[str, str]) -> list[Arrival]:
    """Return the leads of a CSV text: its first row names fields, cells are parted by comma, semicolon, tab or bar.

    A lead without a column ``id`` is called by its line. Raises TableFault.
    """
    # Not splitlines: it also parts at characters that stand within cells.
    plain = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = [f"{line}\n" for line in plain.split("\n")]
    rows = csv.reader(lines, delimiter=_delimiter(lines), strict=False)
    try:
        header = [cell.strip() for cell in next(rows, [])]
        names = _names(header, api_names)
        found = [_arrival(names, row, rows.line_num, api_names) for row in rows if any(map(str.strip, row))]
    except csv.Error as error:
        raise TableFault(f"Line {rows.line_num} cannot be read: {error}.") from None
    if not found:
        raise TableFault("There are no leads in the table, only its header.")
    if len(found) > MOST_ROWS:
        raise TableFault(f"The table has more than {MOST_ROWS:,} rows. Make several of it.")
    return _apart(found)


def _delimiter(lines: list[str]) -> str:
    head = lines[0] if lines else ""
    return max(_DELIMITERS, key=head.count)


def _names(header: list[str], api_names: Mapping[str, str]) -> list[str]:
    names = [canonical(cell, api_names) if cell else "" for cell in header]
    if not any(names):
        raise TableFault("The table is empty. Its first row must name fields, such as email,company,country.")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise TableFault(f"Two columns are called {twice[0]}. Keep one of them.")
    if not set(names) & set(LEAD):
        raise TableFault("No column has a name that we know, such as email, company or country. Is there a header?")
    return names


def _arrival(names: list[str], row: list[str], line: int, api_names: Mapping[str, str]) -> Arrival:
    if len(row) > len(names) and any(map(str.strip, row[len(names) :])):
        raise TableFault(f"Line {line} has {len(row)} cells, and the header {len(names)}.")
    told = dict(zip(names, row, strict=False))
    told.pop("", None)
    came = next((told[name].strip() for name in _CAME if told.get(name, "").strip()), "")
    received_at = _moment(came) if came else None
    if came and received_at is None:
        raise TableFault(f"Line {line}: “{came}” is no moment. Write it like 2026-11-23T10:00:00+01:00.")
    special = {name: told.pop(name, "").strip() for name in ("id", "owner_id", *_CAME)}
    lead = Record("lead", special["id"] or f"line {line}", fields_of(told, api_names), special["owner_id"] or None)
    return Arrival(lead, received_at.astimezone(UTC) if received_at else None)


def _apart(found: Iterable[Arrival]) -> list[Arrival]:
    """Return the leads; an id that stands there twice is a fault, as each lead counts once."""
    known: set[str] = set()
    for each in found:
        if each.lead.id in known:
            raise TableFault(f"The lead {each.lead.id} stands there twice. Each lead counts once.")
        known.add(each.lead.id)
    return list(found)


def spread(found: list[Arrival], until: datetime, over: timedelta) -> list[Arrival]:
    """Return the leads by when they came; those of which that is not known are spread evenly over the time before."""
    step = over / max(1, len(found))
    dated = [Arrival(each.lead, each.received_at or until - over + number * step) for number, each in enumerate(found)]
    return sorted(dated, key=lambda each: each.received_at or until)
