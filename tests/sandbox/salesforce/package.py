"""Reads the package metadata folder, and installs or uninstalls what it says in the org's schema."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from .ids import DIGITS, record_id
from .schema import Field, Sobject
from .standard import field_from_line

if TYPE_CHECKING:
    from .schema import Schema

MANIFEST = Path(__file__).resolve().parents[3] / "manifests" / "salesforce"
_NS = "{http://soap.sforce.com/2006/04/metadata}"
_TYPES = {
    "Text": "string",
    "LongTextArea": "textarea",
    "TextArea": "textarea",
    "Picklist": "picklist",
    "Lookup": "reference",
    "Number": "double",
    "Currency": "currency",
    "Percent": "percent",
    "Checkbox": "boolean",
    "Date": "date",
    "DateTime": "datetime",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
}
_DEFAULT_LENGTHS = {"reference": 18, "picklist": 255, "email": 80, "phone": 40, "url": 255, "textarea": 255}


@dataclass(frozen=True)
class Channel:
    """A custom channel: its members as entity name -> names of the fields that enrich its events."""

    name: str
    members: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class ObjectGrant:
    """What a packaged permission set allows on one of the package's own objects."""

    sobject: str
    permissions: dict[str, bool]


@dataclass
class Package:
    """What one package folder holds."""

    objects: list[Sobject] = field(default_factory=list)
    fields: dict[str, list[Field]] = field(default_factory=dict)
    channels: list[Channel] = field(default_factory=list)
    notification_types: list[dict[str, str | bool]] = field(default_factory=list)
    permission_sets: dict[str, tuple[str, list[ObjectGrant]]] = field(default_factory=dict)

    def install(self, schema: Schema) -> None:
        """Add the package's objects and fields to `schema`."""
        for sobject in self.objects:
            schema.add(sobject)
        for name, fields in self.fields.items():
            for item in fields:
                schema.get(name).add(item)
        schema.version += 1

    def uninstall(self, schema: Schema) -> None:
        """Take the package's objects and fields out of `schema`."""
        for sobject in self.objects:
            schema.remove(sobject.name)
        for name, fields in self.fields.items():
            for item in fields:
                schema.get(name).remove(item.name)
        schema.version += 1


def read_package(folder: Path) -> Package:
    """Read a source-format package folder (its ``force-app/main/default``)."""
    source = folder / "force-app" / "main" / "default"
    package = Package()
    for number, home in enumerate(sorted((source / "objects").iterdir())):
        fields = [_field(path) for path in sorted((home / "fields").glob("*.field-meta.xml"))]
        described = home / f"{home.name}.object-meta.xml"
        if described.exists():
            package.objects.append(_custom_object(described, home.name, number, fields))
        else:
            package.fields[home.name] = fields
    package.channels = _channels(source)
    for path in sorted((source / "notificationtypes").glob("*-meta.xml")):
        package.notification_types.append(_notification_type(path))
    for path in sorted((source / "permissionsets").glob("*-meta.xml")):
        label, grants = _permission_set(path)
        package.permission_sets[path.name.split(".")[0]] = (label, grants)
    return package


def _root(path: Path) -> ET.Element:
    return ET.parse(path).getroot()  # noqa: S314 - our own files


def _text(node: ET.Element, name: str, default: str = "") -> str:
    return node.findtext(f"{_NS}{name}", default)


def _flag(node: ET.Element, name: str) -> bool:
    return _text(node, name) == "true"


def _field(path: Path) -> Field:
    node = _root(path)
    kind = _TYPES[_text(node, "type")]
    name = _text(node, "fullName")
    values = [
        (_text(value, "fullName"), _text(value, "label"), _flag(value, "default")) for value in node.iter(f"{_NS}value")
    ]
    digest = int.from_bytes(hashlib.sha256(name.encode()).digest()[:5], "big")
    return Field(
        name=name,
        type=kind,
        label=_text(node, "label"),
        length=int(_text(node, "length") or _DEFAULT_LENGTHS.get(kind, 0)),
        precision=int(_text(node, "precision", "0")),
        scale=int(_text(node, "scale", "0")),
        required=_flag(node, "required"),
        default=False if kind == "boolean" else next((v for v, _, default in values if default), None),
        references=(_text(node, "referenceTo"),) if kind == "reference" else (),
        relationship=f"{name[:-3]}__r" if kind == "reference" else "",
        values=tuple((value, label) for value, label, _ in values),
        restricted=next((n.text == "true" for n in node.iter(f"{_NS}restricted")), False),
        unique=_flag(node, "unique"),
        external_id=_flag(node, "externalId"),
        case_sensitive=_flag(node, "caseSensitive"),
        custom=True,
        help=_text(node, "inlineHelpText"),
        id=record_id("00N", digest)[:15],
    )


_CUSTOM_LINES = (
    "Id id ro",
    "OwnerId reference ! ->Group|User/Owner",
    "IsDeleted boolean ro",
    "CreatedDate datetime ro",
    "CreatedById reference ro ->User/CreatedBy",
    "LastModifiedDate datetime ro",
    "LastModifiedById reference ro ->User/LastModifiedBy",
    "SystemModstamp datetime ro",
)


def _custom_object(path: Path, name: str, number: int, fields: list[Field]) -> Sobject:
    node = _root(path)
    name_node = node.find(f"{_NS}nameField")
    if name_node is None:
        message = f"{path.name} has no nameField"
        raise ValueError(message)
    auto = _text(name_node, "displayFormat") if _text(name_node, "type") == "AutoNumber" else ""
    standard = [field_from_line(line) for line in _CUSTOM_LINES]
    label = _text(name_node, "label")
    named = Field(
        "Name",
        "string",
        label,
        length=80,
        required=not auto,
        createable=not auto,
        updateable=not auto,
        auto_number=auto,
    )
    every = [standard[0], standard[1], standard[2], named, *standard[3:], *fields]
    order = ("OwnerId", "Name", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById")
    lookups = tuple(item.name for item in fields if item.type == "reference")
    return Sobject(
        name=name,
        label=_text(node, "label"),
        plural=_text(node, "pluralLabel"),
        prefix=f"a0{DIGITS[number]}",
        fields={item.name: item for item in every},
        event_order=order,
        custom=True,
        indexes=("OwnerId", "SystemModstamp", *lookups),
        id=record_id("01I", number)[:15],
    )


def _channels(source: Path) -> list[Channel]:
    members: dict[str, dict[str, tuple[str, ...]]] = {}
    for path in sorted((source / "platformEventChannelMembers").glob("*-meta.xml")):
        node = _root(path)
        entity = _text(node, "selectedEntity")
        # LeadChangeEvent stands for Lead, Routing_Rule__ChangeEvent for Routing_Rule__c.
        sobject = f"{entity[: -len('ChangeEvent')]}c" if "__" in entity else entity.removesuffix("ChangeEvent")
        enriched = tuple(_text(item, "name") for item in node.iter(f"{_NS}enrichedFields"))
        members.setdefault(_text(node, "eventChannel"), {})[sobject] = enriched
    names = [path.name.split(".")[0] for path in sorted((source / "platformEventChannels").glob("*-meta.xml"))]
    return [Channel(name, members.get(name, {})) for name in names]


def _notification_type(path: Path) -> dict[str, str | bool]:
    node = _root(path)
    return {
        "DeveloperName": path.name.split(".")[0],
        "CustomNotifTypeName": _text(node, "customNotifTypeName"),
        "MasterLabel": _text(node, "masterLabel"),
        "Description": _text(node, "description"),
        "Desktop": _flag(node, "desktop"),
        "Mobile": _flag(node, "mobile"),
    }


_GRANTS = {
    "allowCreate": "PermissionsCreate",
    "allowRead": "PermissionsRead",
    "allowEdit": "PermissionsEdit",
    "allowDelete": "PermissionsDelete",
    "viewAllRecords": "PermissionsViewAllRecords",
    "modifyAllRecords": "PermissionsModifyAllRecords",
}


def _permission_set(path: Path) -> tuple[str, list[ObjectGrant]]:
    node = _root(path)
    grants = [
        ObjectGrant(_text(item, "object"), {ours: _flag(item, theirs) for theirs, ours in _GRANTS.items()})
        for item in node.iter(f"{_NS}objectPermissions")
    ]
    return _text(node, "label"), grants
