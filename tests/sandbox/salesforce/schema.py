"""What the org's objects look like: fields, types and rules, from which tables, describes and events follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import SalesforceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NUMBER_TYPES = frozenset({"int", "double", "currency", "percent"})


@dataclass(frozen=True)
class Field:
    """One field. `type` is the type name of a describe; `compound` names the compound field it is a part of."""

    name: str
    type: str
    label: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    required: bool = False
    createable: bool = True
    updateable: bool = True
    default: Any = None
    references: tuple[str, ...] = ()
    relationship: str = ""
    values: tuple[tuple[str, str], ...] = ()
    restricted: bool = False
    unique: bool = False
    external_id: bool = False
    case_sensitive: bool = False
    auto_number: str = ""
    compound: str = ""
    custom: bool = False
    help: str = ""
    id: str = ""

    @property
    def long_text(self) -> bool:
        """Whether this is a text that Salesforce neither filters nor sorts by."""
        return self.type == "textarea" and self.length > 255

    @property
    def stored(self) -> bool:
        """Whether the field has a column of its own (a compound address is made from its parts)."""
        return self.type != "address"

    @property
    def column_type(self) -> str:
        """The SQLite type and collation of the column."""
        if self.type in {"boolean", "int"}:
            return "INTEGER"
        if self.type in NUMBER_TYPES:
            return "REAL"
        exact = self.case_sensitive or self.type in {"id", "reference", "date", "datetime"}
        return "TEXT" if exact else "TEXT COLLATE NOCASE"


@dataclass
class Sobject:
    """One object: its fields in describe order and, for change events, the order of its Avro schema."""

    name: str
    label: str
    plural: str
    prefix: str
    fields: dict[str, Field] = field(default_factory=dict)
    event_order: tuple[str, ...] = ()
    custom: bool = False
    tooling: bool = False
    read_only: bool = False
    indexes: tuple[str, ...] = ()
    id: str = ""
    _by_lower: dict[str, Field] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._by_lower = {name.lower(): item for name, item in self.fields.items()}

    def find(self, name: str) -> Field | None:
        """The field of this name in any case; None when there is none."""
        return self._by_lower.get(name.lower())

    def add(self, item: Field) -> None:
        """Add or replace a field."""
        self.fields[item.name] = item
        self._by_lower[item.name.lower()] = item

    def remove(self, name: str) -> None:
        """Take a field away."""
        self.fields.pop(name, None)
        self._by_lower.pop(name.lower(), None)

    def stored(self) -> Iterator[Field]:
        """The fields that have a column."""
        return (item for item in self.fields.values() if item.stored)

    def parts(self, compound: str) -> list[Field]:
        """The component fields of a compound field."""
        return [item for item in self.fields.values() if item.compound == compound]

    def parent(self, relationship: str) -> Field | None:
        """The reference field whose relationship name (``Owner``, ``Lead__r``) this is."""
        wanted = relationship.lower()
        return next((f for f in self.fields.values() if f.relationship and f.relationship.lower() == wanted), None)


class Schema:
    """All objects of the org, found by name in any case."""

    def __init__(self, sobjects: Iterable[Sobject]) -> None:
        self._objects = {item.name.lower(): item for item in sobjects}
        self.version = 0

    def __iter__(self) -> Iterator[Sobject]:
        return iter(list(self._objects.values()))

    def find(self, name: str) -> Sobject | None:
        """The object of this name; None when there is none."""
        return self._objects.get(name.lower())

    def get(self, name: str) -> Sobject:
        """The object of this name; NOT_FOUND as the REST resource would answer."""
        found = self.find(name)
        if found is None:
            raise SalesforceError("NOT_FOUND", "The requested resource does not exist")
        return found

    def by_prefix(self, record_id: str) -> Sobject | None:
        """The object that a record id belongs to, by its first three characters."""
        return next((item for item in self._objects.values() if item.prefix == record_id[:3]), None)

    def add(self, sobject: Sobject) -> None:
        """Add an object."""
        self._objects[sobject.name.lower()] = sobject
        self.version += 1

    def remove(self, name: str) -> None:
        """Take an object away."""
        self._objects.pop(name.lower(), None)
        self.version += 1
